package engine

import (
	"time"

	"stoke/engine/measure"
	"stoke/engine/pace"
)

// Hooks are seams at which an experiment looks at what passes in a run, or puts
// a known fault into it, to prove that it would notice that fault. A nil hook
// does nothing; none is called for a request on its way. They belong to
// engine/experiment and to tests: a run that uses one measures the hook too.
// Faults of sending and of waiting need no hook, but a wire.Transport and a
// pace.Sleeper of their own.
type Hooks struct {
	// Schedule makes the schedule of the run; default [pace.New].
	Schedule func(a pace.Arrivals, seed uint64) Schedule
	// Samples stands between the requests that ended and the recorder, which
	// gets what it returns. The slice it gets is reused after the call. The
	// recorder's goroutine calls it.
	Samples func([]measure.Sample) []measure.Sample
	// Gauge may change what a scan found before the recorder sees it. The
	// recorder's goroutine calls it.
	Gauge func(*measure.Gauge)
	// KeepBacklog sends what waits into the next setting instead of dropping it.
	KeepBacklog bool
	// flow is called when a start takes a flow (true) and when it gives it back.
	// Any goroutine calls it.
	flow func(f *flow, taken bool)
}

// Schedule says when requests are due; see [pace.Schedule], which is the only
// one outside of experiments.
type Schedule interface {
	Next() (t0 int64, ok bool)
	Advance()
	Hold(at int64, rate float64)
	Ramp(at int64, from, to float64, over time.Duration)
	Wave(at int64, from, to float64, period, into time.Duration)
	Replay(at int64, r *pace.Recording, into time.Duration)
	SetArrivals(at int64, a pace.Arrivals)
}

// newSchedule makes the schedule of a run.
func (h *Hooks) newSchedule(a pace.Arrivals, seed uint64) Schedule {
	if h.Schedule != nil {
		return h.Schedule(a, seed)
	}
	return pace.New(a, seed)
}

// add gives requests that ended to the recorder.
func (c *recording) add(batch []measure.Sample) {
	if f := c.r.options.Hooks.Samples; f != nil {
		batch = f(batch)
	}
	c.m.Add(batch)
	c.limits.add(batch, c.r.guard)
	if c.split != nil {
		c.split.Add(batch)
	}
}
