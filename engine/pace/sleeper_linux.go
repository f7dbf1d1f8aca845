package pace

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// timerfdSleeper waits in the network poller for a timerfd to become readable.
// The poller's own timers have a grain of a millisecond; a timerfd fires on the
// kernel's high-resolution clock, and the wait holds no thread.
type timerfdSleeper struct {
	epoch time.Time
	file  *os.File
	buf   [8]byte // what a read of a timerfd brings; only the sleeper uses it

	mu     sync.Mutex
	fd     int  // of file; valid while not closed
	woken  bool // a wake that nobody has spent yet
	closed bool
}

func newSleeper(epoch time.Time) Sleeper {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return NewTimerSleeper(epoch) // some sandboxes have no timerfd
	}
	file := os.NewFile(uintptr(fd), "timerfd")
	if file.SetReadDeadline(time.Time{}) != nil { // not in the poller: reads would not wait
		file.Close()
		return NewTimerSleeper(epoch)
	}
	return &timerfdSleeper{epoch: epoch, file: file, fd: fd}
}

func (s *timerfdSleeper) SleepUntil(t int64) {
	if s.begin(t) {
		// An error means closed, which ends the sleep as it should.
		_, _ = s.file.Read(s.buf[:])
		s.mu.Lock()
		s.woken = false // the wake, if there was one, ended this sleep
		s.mu.Unlock()
	}
}

// begin arms the timer and reports true, unless there is no need to sleep.
func (s *timerfdSleeper) begin(t int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.woken {
		s.woken = false
		return false
	}
	left := t - int64(time.Since(s.epoch))
	if left <= 0 {
		return false
	}
	s.arm(left)
	return true
}

// Wake fires the timer. Setting a timerfd also takes back an expiry that nobody
// has read, but then the new one follows at once, and makes a new edge for the
// poller. A sleeper that has not armed yet finds woken instead. Wakes that come
// faster than the sleeper leave the timer alone, or they could keep the expiry
// from it for long.
func (s *timerfdSleeper) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.woken { // an unspent wake has set the timer already
		return
	}
	s.woken = true
	s.arm(1)
}

// arm lets the timer fire after left nanoseconds, at least 1. The time is
// relative, so it cannot fire before its time whatever happens between reading
// the clock and setting the timer. The caller holds mu.
func (s *timerfdSleeper) arm(left int64) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(left)}
	// It fails only for a bad descriptor or a negative time.
	_ = unix.TimerfdSettime(s.fd, 0, &spec, nil)
}

func (s *timerfdSleeper) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.file.Close() // does not wait for the reader, it wakes it
}
