package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what a child cost.
type usage struct {
	user, system time.Duration // CPU, its own children's included
	peakKB       int64         // most resident memory
	started      int64         // CLOCK_MONOTONIC before it was started, ns
}

// usableCores lists the cores that this process may run on.
func usableCores() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("reading which cores may be used: %w", err)
	}
	var cores []int
	for core := 0; len(cores) < set.Count(); core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores, nil
}

// ownGroup lets the child and what it starts be killed together, and never by
// a key that was meant for versus: versus then ends them itself.
func ownGroup(child *exec.Cmd) {
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child.Cancel = func() error { return syscall.Kill(-child.Process.Pid, syscall.SIGKILL) }
	child.WaitDelay = 2 * time.Second
}

// startOn starts the child on one core, on any if core is negative. A child
// inherits the mask of the thread that forks it, so it never runs anywhere
// else and sees one core from its first instruction on, as under taskset.
func startOn(child *exec.Cmd, core int) error {
	if core < 0 {
		return child.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("reading which cores may be used: %w", err)
	}
	one.Set(core)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("pinning to core %d: %w", core, err)
	}
	err := child.Start()
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}

// runChild runs the child on a core to its end and returns what it cost. The
// error is that of exec.Cmd.Wait.
func runChild(ctx context.Context, child *exec.Cmd, core int) (usage, error) {
	ownGroup(child)
	spent := usage{started: monotonic()}
	if err := startOn(child, core); err != nil {
		return spent, err
	}
	watching, done := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { spent.peakKB = watchPeak(watching, child.Process.Pid) })
	err := child.Wait()
	done()
	watch.Wait()
	if used, ok := child.ProcessState.SysUsage().(*syscall.Rusage); ok {
		spent.user, spent.system = time.Duration(used.Utime.Nano()), time.Duration(used.Stime.Nano())
	}
	return spent, err
}

// watchPeak reads the high-water mark of a process until ctx ends, and returns
// the last one, in KB. ru_maxrss would need no watching but is wrong for a
// small program: exec carries the mark of the process that forked over, so no
// child would ever show less than versus itself.
func watchPeak(ctx context.Context, pid int) (peak int64) {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		if err == nil {
			if kb, ok := highWater(string(status)); ok {
				peak = kb
			}
		}
		select {
		case <-ctx.Done():
			return peak
		case <-tick.C:
		}
	}
}

// highWater finds VmHWM in the text of /proc/PID/status, in KB; a process that
// has ended has none.
func highWater(status string) (kb int64, ok bool) {
	_, rest, found := strings.Cut(status, "VmHWM:")
	if !found {
		return 0, false
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, false
	}
	kb, err := strconv.ParseInt(fields[0], 10, 64)
	return kb, err == nil
}
