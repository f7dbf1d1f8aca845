package health

import (
	"encoding/binary"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// canary is a goroutine that waits, like the readers of answers do, in the
// network poller, for something whose time is known to the nanosecond: a timer
// descriptor that the kernel makes readable every canaryPeriod. How late the
// goroutine reads it is how late a stamp of the first or last byte of an answer
// may be. The kernel counts what was missed, so a stop of the whole program
// shows as every delay that a reader would have had.
//
// It serves as the hiccup watch too: its worst delay. A thread of its own that
// sleeps, or that writes stamps into a socket, would see little more at a high
// price: its sleep is a blocking system call, and those make the runtime's
// monitor thread wake every few tens of microseconds. Such a thread at 1 ms cost
// about 9 % of the CPU at 100,000 reads a second, this timer about 1 %.
type canary struct {
	file    *os.File
	due     int64 // time of the first tick
	done    chan struct{}
	crashed func(v any, stack []byte) // may be nil

	mu      sync.Mutex
	ticks   int64 // read so far, from due on
	delays  []int64
	max     int64
	looks   []float64 // runnable goroutines for each CPU
	started int64     // of the second

	// Only second uses these: the buffers of the second before, and the delays of
	// the seconds that a p99 needs, with their numbers, oldest first.
	spareDelays []int64
	spareLooks  []float64
	recent      []int64
	recentLens  []int
}

const (
	canaryPeriod = 2 * time.Millisecond
	lookEvery    = 5 // ticks, between two looks at the run queues
	maxDelays    = 2048
	maxLooks     = 256
)

// startCanary returns nil if this system does not let it run.
func startCanary(crashed func(v any, stack []byte)) *canary {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	c := &canary{
		file:    os.NewFile(uintptr(fd), "canary"),
		done:    make(chan struct{}),
		due:     monotonic() + int64(canaryPeriod),
		crashed: crashed,
	}
	c.started = c.due
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(c.due), Interval: unix.NsecToTimespec(int64(canaryPeriod))}
	// Without the poller a read would not wait.
	if c.file.SetReadDeadline(time.Time{}) != nil || unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, &spec, nil) != nil {
		c.file.Close()
		return nil
	}
	go c.run()
	return c
}

func (c *canary) close() {
	c.file.Close() // wakes the read
	<-c.done
}

// guard hands a panic to whoever wants to know of it.
func (c *canary) guard() {
	if c.crashed == nil {
		return
	}
	if v := recover(); v != nil {
		c.crashed(v, debug.Stack())
	}
}

func (c *canary) run() {
	defer c.guard()
	defer close(c.done)
	var buf [8]byte
	runnable := []metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}}
	for look := 0; ; look++ {
		n, err := c.file.Read(buf[:])
		now := monotonic()
		if err != nil || n != len(buf) {
			return // closed
		}
		ticks := int64(binary.NativeEndian.Uint64(buf[:]))
		waiting := -1.0
		if look%lookEvery == 0 {
			metrics.Read(runnable)
			if v := runnable[0].Value; v.Kind() == metrics.KindUint64 {
				waiting = float64(v.Uint64()) / float64(runtime.GOMAXPROCS(0))
			}
		}
		c.take(now, ticks, waiting)
	}
}

// take books the delays of all ticks that one read brought.
func (c *canary) take(now, ticks int64, waiting float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.due + c.ticks*int64(canaryPeriod)
	c.ticks += ticks
	c.book(now, first)
	if waiting >= 0 && len(c.looks) < maxLooks {
		c.looks = append(c.looks, waiting)
	}
}

// book notes the delays of the ticks from first on that are due now.
func (c *canary) book(now, first int64) {
	for due := first; due <= now && len(c.delays) < maxDelays; due += int64(canaryPeriod) {
		c.delays = append(c.delays, now-due)
	}
	c.max = max(c.max, now-first)
}

// second hands over what was seen since the last call. Ticks that are due and
// not read yet count with their age: a poller that hangs is not overlooked.
func (c *canary) second(r *readings) {
	now := monotonic()
	c.mu.Lock()
	c.book(now, c.due+c.ticks*int64(canaryPeriod))
	delays, looks, worst, started := c.delays, c.looks, c.max, c.started
	c.delays, c.looks, c.max, c.started = c.spareDelays[:0], c.spareLooks[:0], 0, now
	c.mu.Unlock()

	r.canaryOK = true
	r.watched = now - started
	r.canaryRecent = c.remember(delays)
	r.canary = sum(delays)
	r.canary.max = max(r.canary.max, worst)
	if r.runnableLooks = len(looks); len(looks) > 0 {
		r.runnable = median(looks)
	}
	c.spareDelays, c.spareLooks = delays, looks
}

// remember returns the p99 of the delays of this second and of as many before it as
// a p99 needs, at most nine.
func (c *canary) remember(delays []int64) int64 {
	c.recent, c.recentLens = append(c.recent, delays...), append(c.recentLens, len(delays))
	for oldest := c.recentLens[0]; len(c.recent)-oldest >= enoughP99 || len(c.recentLens) > recentSeconds; oldest = c.recentLens[0] {
		c.recent, c.recentLens = slices.Delete(c.recent, 0, oldest), slices.Delete(c.recentLens, 0, 1)
	}
	return sum(slices.Clone(c.recent)).p99
}
