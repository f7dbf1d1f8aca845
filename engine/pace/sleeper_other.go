//go:build !linux

package pace

import "time"

func newSleeper(epoch time.Time) Sleeper { return NewTimerSleeper(epoch) }
