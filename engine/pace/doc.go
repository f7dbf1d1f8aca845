// Package pace decides when a request starts.
//
// A [Schedule] is arithmetic: it has no clock, no sleep and no goroutine. It
// holds the next target in integrated rate, which every change of the rate
// carries on, so that neither a burst nor a gap nor a catch-up can follow from
// a change, a pause or a resume. A [Sleeper] is the seam to real time.
package pace
