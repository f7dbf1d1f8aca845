package experiment

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tickOnEachCPU starts a thread on each CPU that this process may use, which
// reports every second from began on until done. It returns how many there are.
//
// A thread sleeps without telling the scheduler, whose ways would be watched
// instead of the system's: it keeps a P of its own.
func tickOnEachCPU(began time.Time, seconds chan<- sight, done <-chan struct{}) (int, error) {
	var cpus unix.CPUSet
	if err := unix.SchedGetaffinity(0, &cpus); err != nil {
		return 0, fmt.Errorf("asking for the CPUs: %w", err)
	}
	debug.SetGCPercent(-1) // nothing to collect that would be worth a stop
	runtime.GOMAXPROCS(cpus.Count() + 1)
	for cpu, left := 0, cpus.Count(); left > 0; cpu++ {
		if !cpus.IsSet(cpu) {
			continue
		}
		left--
		go func() {
			runtime.LockOSThread() // and never leaves it, so that no other goroutine is kept to the CPU
			var one unix.CPUSet
			one.Set(cpu)
			_ = unix.SchedSetaffinity(0, &one) // elsewhere it watches all the same
			tick(began, seconds, done)
		}()
	}
	return cpus.Count(), nil
}

func tick(began time.Time, seconds chan<- sight, done <-chan struct{}) {
	now := func() time.Duration {
		var ts unix.Timespec
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) != nil {
			return 0
		}
		return time.Duration(ts.Nano())
	}
	zero := now() - time.Since(began) // the moment of the beginning on that clock
	s := sight{Second: int64((now() - zero) / time.Second)}
	for due := now(); ; {
		due += watchTick
		at := unix.NsecToTimespec(int64(due))
		for now() < due { // a signal may end a sleep
			syscall.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&at)), 0, 0, 0)
		}
		woke := now()
		if second := int64((due - zero) / time.Second); second != s.Second {
			select {
			case seconds <- s:
			case <-done:
				return
			}
			s = sight{Second: second}
		}
		s.add(woke - due)
		due = max(due, woke-watchTick) // what was slept past was late once, by all of it
	}
}
