package target

import (
	"sync"
	"time"
)

// limiter is a token bucket, kept as the one time at which it would be full
// again (the generic cell rate algorithm of ITU-T I.371).
type limiter struct {
	every time.Duration // one token
	depth time.Duration // the whole bucket, less the token that is taken

	mu   sync.Mutex
	full time.Duration // since the start of the target
}

// newLimiter returns a bucket that holds max(burst, 1) tokens and gains rate of
// them a second.
func newLimiter(rate float64, burst int) *limiter {
	every := time.Duration(float64(time.Second) / rate)
	return &limiter{every: every, depth: every * time.Duration(max(burst, 1)-1)}
}

// take takes a token at time now. If there is none it says how long until there
// is one, and takes nothing.
func (l *limiter) take(now time.Duration) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := max(l.full, now)
	if wait := full - now - l.depth; wait > 0 {
		return wait, false
	}
	l.full = full + l.every
	return 0, true
}
