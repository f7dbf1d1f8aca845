package main

import "time"

// gateShutFor is how long the gate of stallGate stays shut, at a time counted
// from the first arrival; 0 if it is open.
func gateShutFor(since time.Duration) time.Duration {
	phase := since % stallPeriod
	if phase < stallOffset || phase >= stallOffset+stallLength {
		return 0
	}
	return stallOffset + stallLength - phase
}

// stallTruth is the response time below which a share p (0–1) of the requests
// lies that come evenly: those that come while the gate is shut, one in ten,
// wait for the rest of the stall, the others not at all (measurement.md T1,
// there with 1 ms of service).
func stallTruth(p float64) time.Duration {
	open := 1 - stallLength.Seconds()/stallPeriod.Seconds()
	if p <= open {
		return 0
	}
	return time.Duration((p - open) / (1 - open) * float64(stallLength))
}
