package experiment

import (
	"time"

	"stoke/engine"
	"stoke/engine/pace"
)

// The schedules of this file are wrong on purpose.

var wrongArrivals = Mutant{
	Name: "even arrivals", Bug: "requests asked to come at random come evenly",
	put: func(f *fault) {
		f.hooks.Schedule = func(_ pace.Arrivals, seed uint64) engine.Schedule { return pace.New(pace.Uniform, seed) }
	},
}

var truncated = Mutant{
	Name: "truncated interval", Bug: "the gap between requests is cut to whole nanoseconds and summed up",
	put: func(f *fault) {
		f.hooks.Schedule = func(pace.Arrivals, uint64) engine.Schedule { return &summing{} }
	},
}

// summing adds up a truncated interval.
type summing struct {
	next, gap int64
}

func (s *summing) Next() (int64, bool) { return s.next, s.gap > 0 }
func (s *summing) Advance()            { s.next += s.gap }
func (s *summing) Hold(at int64, rate float64) {
	s.next = max(s.next, at)
	if s.gap = 0; rate > 0 {
		s.gap = int64(1e9 / rate)
	}
}
func (s *summing) Ramp(at int64, _, to float64, _ time.Duration) { s.Hold(at, to) }
func (s *summing) SetArrivals(int64, pace.Arrivals)              {}
func (s *summing) Wave(at int64, from, to float64, _, _ time.Duration) {
	s.Hold(at, (from+to)/2)
}
func (s *summing) Replay(at int64, _ *pace.Recording, _ time.Duration) { s.Hold(at, 0) }

var lostPhase = Mutant{
	Name: "phase lost", Bug: "the request that is due next keeps its old time when the rate changes",
	put: func(f *fault) {
		f.hooks.Schedule = func(pace.Arrivals, uint64) engine.Schedule { return &summing{} }
	},
}

var catchUp = Mutant{
	Name: "catch-up after a pause", Bug: "what was not sent during a pause is sent when it ends",
	put: func(f *fault) {
		f.hooks.Schedule = func(a pace.Arrivals, seed uint64) engine.Schedule {
			return &catching{Schedule: pace.New(a, seed)}
		}
	},
}

// catching makes up for pauses: the requests that a pause kept back are due at
// its end.
type catching struct {
	*pace.Schedule
	rate   float64
	since  int64 // of the pause
	owed   int64
	resume int64
}

func (c *catching) Next() (int64, bool) {
	if c.owed > 0 {
		return c.resume, true
	}
	return c.Schedule.Next()
}

func (c *catching) Advance() {
	if c.owed > 0 {
		c.owed--
		return
	}
	c.Schedule.Advance()
}

func (c *catching) Hold(at int64, rate float64) {
	switch {
	case rate == 0:
		c.since = at
	case c.since > 0:
		c.owed, c.resume, c.since = int64(c.rate*float64(at-c.since)/1e9), at, 0
	}
	if rate > 0 {
		c.rate = rate
	}
	c.Schedule.Hold(at, rate)
}
