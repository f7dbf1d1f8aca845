package pace

import (
	"sync"
	"time"
)

// Sleeper blocks one goroutine until a point in time. Times are nanoseconds
// since the epoch given at construction.
type Sleeper interface {
	// SleepUntil returns when the time has come, or earlier after Wake or Close.
	// A wake that came before it is spent by it. One goroutine calls it.
	SleepUntil(t int64)
	// Wake makes the present or the next SleepUntil return at once. Any
	// goroutine may call it. Several wakes may be spent as one.
	Wake()
	// Close releases what the sleeper holds and wakes a sleeper for good: every
	// later SleepUntil returns at once. It may be called more than once.
	Close() error
}

// NewSleeper returns the most precise sleeper of this system: a timerfd read
// through the network poller on Linux, an ordinary timer elsewhere. It starts
// no goroutine.
func NewSleeper(epoch time.Time) Sleeper { return newSleeper(epoch) }

// NewTimerSleeper returns a sleeper on ordinary timers, which follow virtual
// time in tests. In real time they may be a millisecond late.
func NewTimerSleeper(epoch time.Time) Sleeper {
	timer := time.NewTimer(0)
	timer.Stop()
	return &timerSleeper{
		epoch:  epoch,
		timer:  timer,
		wake:   make(chan struct{}, 1),
		closed: make(chan struct{}),
	}
}

type timerSleeper struct {
	epoch  time.Time
	timer  *time.Timer
	wake   chan struct{} // holds the wake that nobody has spent yet
	closed chan struct{}
	once   sync.Once
}

func (s *timerSleeper) SleepUntil(t int64) {
	left := t - int64(time.Since(s.epoch))
	if left <= 0 {
		select {
		case <-s.wake:
		default:
		}
		return
	}
	s.timer.Reset(time.Duration(left))
	select {
	case <-s.timer.C:
	case <-s.wake:
	case <-s.closed:
	}
	s.timer.Stop()
}

func (s *timerSleeper) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *timerSleeper) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}
