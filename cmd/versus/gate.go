package main

import "time"

// A gate is when the server holds its answers: for length from offset on, in
// each period since the first request. The zero gate is always open.
type gate struct {
	period, offset, length time.Duration
}

// stalls is the gate of the stall experiment (measurement.md T1). The stall
// lies in the middle of a period, so that a tool has connected before it comes
// and has caught up before the run ends.
var stalls = gate{period: 10 * time.Second, offset: 5 * time.Second, length: time.Second}

// shutFor is how long the gate stays shut, at a time counted from the first
// request; 0 if it is open.
func (g gate) shutFor(since time.Duration) time.Duration {
	if g.period <= 0 {
		return 0
	}
	phase := since % g.period
	if phase < g.offset || phase >= g.offset+g.length {
		return 0
	}
	return g.offset + g.length - phase
}

// truth is the response time at or below which a share p (0–1) of the requests
// lies that come evenly over whole periods: those that come while the gate is
// shut wait for the rest of the stall, the others not at all.
func (g gate) truth(p float64) time.Duration {
	held := g.length.Seconds() / g.period.Seconds()
	if p <= 1-held {
		return 0
	}
	return time.Duration((p - (1 - held)) / held * float64(g.length))
}
