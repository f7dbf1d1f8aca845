package engine

import (
	"math"
	"time"

	"stoke/profiles/grammar"
)

// perStart is how many requests a start asks for by plan, over the mix of this
// moment: 1 without scenarios. Any goroutine may call it.
func (r *Run) perStart() float64 { return r.perStartIn(r.disp.mix.shares.Load()) }

// perStartIn is the same for a mix.
func (r *Run) perStartIn(x *shares) float64 {
	if !r.extras {
		return 1
	}
	steps := 0.0
	for i, share := range x.of {
		steps += share * float64(r.scripts[i].steps)
	}
	return steps
}

// countsRequests reports whether the rate dial counts requests; otherwise it
// counts starts.
func (r *Run) countsRequests() bool { return r.profile.RateCounts == "requests" }

// perDial is how many requests a rate of 1 asks for by plan.
func (r *Run) perDial() float64 {
	if r.countsRequests() {
		return 1
	}
	return r.perStart()
}

// dialCeiling is the ceiling in what the rate dial counts.
func (r *Run) dialCeiling() Ceiling {
	c := r.ceiling
	if n := r.perDial(); n != 1 {
		c.Rate = roundDown(c.Rate / n)
	}
	return c
}

// roundDown leaves a rate three digits, or its whole part if that has more: a
// ceiling is to be read, and may be a little low.
func roundDown(rate float64) float64 {
	unit := math.Min(1, math.Pow(10, math.Floor(math.Log10(rate))-2))
	return math.Floor(rate/unit*(1+1e-12)) * unit
}

// inRequests is a schedule of starts whose rates are told in requests.
type inRequests struct {
	Schedule
	r *Run
}

// Hold implements Schedule.
func (s inRequests) Hold(at int64, rate float64) { s.Schedule.Hold(at, rate/s.r.perStart()) }

// Ramp implements Schedule.
func (s inRequests) Ramp(at int64, from, to float64, over time.Duration) {
	n := s.r.perStart()
	s.Schedule.Ramp(at, from/n, to/n, over)
}

// Wave implements Schedule.
func (s inRequests) Wave(at int64, from, to float64, period, into time.Duration) {
	n := s.r.perStart()
	s.Schedule.Wave(at, from/n, to/n, period, into)
}

// mixed brings what depends on the mix up to date after it changed: the ceiling
// of the dial, and the schedule of a dial that counts requests.
func (v *driver) mixed() {
	r := v.d.r
	v.bounds.Ceiling = r.dialCeiling()
	if r.countsRequests() && r.extras && v.state == Running {
		v.flow(r.now())
	}
}

// tooHeavy refuses a mix whose starts ask for so many more requests that the
// rate of this moment would pass the ceiling.
func (v *driver) tooHeavy(x *shares) error {
	r := v.d.r
	if asks := v.top() * r.perStartIn(x); !r.countsRequests() && !v.closed && asks > r.ceiling.Rate*(1+1e-9) {
		return refuse("lower the rate first", "%s starts/s would then be %s requests/s, above the ceiling of %s",
			grammar.FormatRate(v.top()), grammar.FormatRate(asks), grammar.FormatRate(r.ceiling.Rate))
	}
	return nil
}

// inUnit gives an absolute rate in the unit that the dial counts, if it names
// the other one.
func (r *Run) inUnit(c grammar.Change) grammar.Change {
	if c.Verb != grammar.Rate || c.Amount.Op != grammar.Set {
		return c
	}
	switch {
	case c.Word == "requests" && !r.countsRequests():
		c.Amount.Value /= r.perStart()
	case c.Word == "starts" && r.countsRequests():
		c.Amount.Value *= r.perStart()
	}
	return c
}
