package pace

import "time"

// Arrivals names the arrival process. The texts are part of the saved format.
type Arrivals string

// The arrival processes.
const (
	Uniform Arrivals = "uniform" // evenly spaced in integrated rate
	Poisson Arrivals = "poisson" // exponential gaps in integrated rate
)

// Schedule yields intended times, in nanoseconds since the start of the run.
// It is not safe for concurrent use; its owner serialises calls.
type Schedule struct{}

// New returns a schedule at rate 0. The seed makes Poisson gaps repeatable.
func New(arrivals Arrivals, seed uint64) *Schedule { panic("not written") }

// Next returns the pending intended time. It reports false when, at the rates
// known now, no further request is due (rate 0, or a ramp that ends at 0 first).
// It does not change the schedule.
func (s *Schedule) Next() (t0 int64, ok bool) { panic("not written") }

// Advance takes the pending intended time and draws the one after it.
func (s *Schedule) Advance() { panic("not written") }

// Hold sets a constant rate, in requests per second, from time at on. The
// caller has taken every intended time before at.
func (s *Schedule) Hold(at int64, rate float64) { panic("not written") }

// Ramp moves the rate in a straight line from from to to during over, starting
// at time at; afterwards the rate stays at to.
func (s *Schedule) Ramp(at int64, from, to float64, over time.Duration) { panic("not written") }

// SetArrivals changes the arrival process from time at on. The pending target
// is kept.
func (s *Schedule) SetArrivals(at int64, arrivals Arrivals) { panic("not written") }

// RateAt returns the rate at time t, in requests per second. t is not before
// the last change.
func (s *Schedule) RateAt(t int64) float64 { panic("not written") }
