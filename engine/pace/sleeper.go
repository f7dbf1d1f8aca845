package pace

import "time"

// Sleeper blocks one goroutine until a point in time. Times are nanoseconds
// since the epoch given at construction.
type Sleeper interface {
	// SleepUntil returns when the time has come, or earlier after Wake or Close.
	SleepUntil(t int64)
	// Wake makes the present or the next SleepUntil return at once. Any
	// goroutine may call it.
	Wake()
	// Close releases what the sleeper holds and wakes a sleeper for good.
	Close() error
}

// NewSleeper returns the most precise sleeper of this system: a timerfd read
// through the network poller on Linux, an ordinary timer elsewhere.
func NewSleeper(epoch time.Time) Sleeper { panic("not written") }

// NewTimerSleeper returns a sleeper on ordinary timers, which follow virtual
// time in tests.
func NewTimerSleeper(epoch time.Time) Sleeper { panic("not written") }
