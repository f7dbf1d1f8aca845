package experiment

import (
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/engine/pace"
	"stoke/engine/wire"
	"stoke/profiles"
)

// Mutant is a fault that load generators have, put into ours at run time.
type Mutant struct {
	Name string
	Bug  string // what it does wrong
	// Timed says that on sockets only timed findings can show it; Real that only
	// sockets can, because in virtual time nothing lags.
	Timed, Real bool
	put         func(f *fault)
}

// fault is what a mutant changes. The zero value changes nothing.
type fault struct {
	hooks     engine.Hooks
	profile   func(*profiles.Profile)
	transport func(wire.Transport) wire.Transport
	sleeper   func(s pace.Sleeper, epoch time.Time) pace.Sleeper
	read      func(t *trial, l *measure.Ladder) // how percentiles are read
	sketch    func() sketch                     // what counts values
	merge     func(parts []sketch, p float64) int64
	interval  func(sorted []int64, p float64) (lo, hi int64)
	name      string   // for the process of a load, which puts it in by itself
	blind     []string // metrics of health that are not measured
	wolf      bool     // health warns without a reason
}

// realOnly is a mutant that virtual time does not show.
func realOnly(m Mutant) Mutant { m.Real = true; return m }

// timedOnly is a mutant that timed findings alone show.
func timedOnly(m Mutant) Mutant { m.Timed = true; return m }

// eachSample makes a hook that changes samples one by one.
func eachSample(change func(s *measure.Sample)) func([]measure.Sample) []measure.Sample {
	return func(b []measure.Sample) []measure.Sample {
		for i := range b {
			change(&b[i])
		}
		return b
	}
}

// copies makes a hook that keeps as many copies of each sample as f says.
func copies(f func(s *measure.Sample) int) func([]measure.Sample) []measure.Sample {
	return func(b []measure.Sample) []measure.Sample {
		out := make([]measure.Sample, 0, len(b))
		for i := range b {
			for range f(&b[i]) {
				out = append(out, b[i])
			}
		}
		return out
	}
}

var lateStamp = Mutant{
	Name: "late stamp", Bug: "the clock of a request starts when it is sent, not when it should have been",
	put: func(f *fault) {
		f.hooks.Samples = eachSample(func(s *measure.Sample) {
			if s.T4 > 0 {
				s.T0 = s.T4
			}
		})
	},
}

var forgottenWait = Mutant{
	Name: "slot wait forgotten", Bug: "the wait for a free connection is in no figure",
	put: func(f *fault) {
		f.hooks.Samples = eachSample(func(s *measure.Sample) {
			if s.T2 > 0 {
				s.T0, s.T1 = s.T2, s.T2
			}
		})
	},
}

var omission = Mutant{
	Name: "coordinated omission", Bug: "ten connections, each of which waits for its answer and is timed from its own send",
	put: func(f *fault) {
		lateStamp.put(f)
		f.profile = func(p *profiles.Profile) { p.Concurrency = 10 }
	},
}

var averaged = Mutant{
	Name: "averaged percentiles", Bug: "percentiles of the run are means of those of its seconds",
	put: func(f *fault) {
		f.read = func(t *trial, l *measure.Ladder) {
			cells := map[int64][]int64{}
			for i := range t.samples {
				if s := &t.samples[i]; s.Class == measure.OK {
					cells[s.T8/1e9] = append(cells[s.T8/1e9], response(s))
				}
			}
			for i, p := range measure.Percentiles {
				sum := int64(0)
				for _, v := range cells {
					sum += exact(v, p)
				}
				l.P[i] = sum / int64(max(len(cells), 1))
			}
		}
	},
}

// everyThousandth changes how often one sample in a thousand is recorded.
func everyThousandth(times int) func(f *fault) {
	return func(f *fault) {
		n := 0
		f.hooks.Samples = copies(func(*measure.Sample) int {
			if n++; n%1000 == 0 {
				return times
			}
			return 1
		})
	}
}

var (
	lost    = Mutant{Name: "lost samples", Bug: "one outcome in a thousand is lost on its way", put: everyThousandth(0)}
	doubled = Mutant{Name: "doubled samples", Bug: "one outcome in a thousand is recorded twice", put: everyThousandth(2)}
)

// forget makes a mutant that keeps a class of outcome from every count, so that
// its books agree.
func forget(class measure.Class) func(f *fault) {
	return func(f *fault) {
		gone := int64(0)
		f.hooks.Samples = copies(func(s *measure.Sample) int {
			if s.Class == class {
				gone++
				return 0
			}
			return 1
		})
		f.hooks.Gauge = func(g *measure.Gauge) {
			g.Intended -= gone
			g.Unsent -= gone
			g.IntendedBySegment = nil
		}
	}
}

var (
	unsentForgotten = Mutant{Name: "unsent forgotten", Bug: "requests that found no free slot are in no count", put: forget(measure.Shed)}
	expiryForgotten = Mutant{
		Name: "nothing expires", Bug: "what waits is kept for ever",
		put: func(f *fault) { f.profile = func(p *profiles.Profile) { p.MaxLate = time.Hour } },
	}
)

var openForgotten = Mutant{
	Name: "open requests ignored", Bug: "live percentiles are over answers only, so a server that stops answering looks well",
	put: func(f *fault) { f.hooks.Gauge = func(g *measure.Gauge) { g.Open = g.Open[:0] } },
}

var outliers = Mutant{
	Name: "outliers dropped", Bug: "values above the histogram's range, here 100 ms, are left out",
	put: func(f *fault) {
		f.hooks.Samples = copies(func(s *measure.Sample) int {
			if s.Class == measure.OK && response(s) > 100e6 {
				return 0
			}
			return 1
		})
	},
}

var wholeMillis = Mutant{
	Name: "whole milliseconds", Bug: "stamps are cut to milliseconds",
	put: func(f *fault) {
		f.hooks.Samples = eachSample(func(s *measure.Sample) { s.T8 -= s.T8 % 1e6 })
	},
}

// coarse makes the pacer wake on a grid only, like a runtime whose timers have
// a grain.
func coarse(grain int64) func(f *fault) {
	return func(f *fault) {
		f.sleeper = func(s pace.Sleeper, _ time.Time) pace.Sleeper { return gridSleeper{s, grain} }
	}
}

type gridSleeper struct {
	pace.Sleeper
	grain int64
}

func (g gridSleeper) SleepUntil(t int64) {
	if t < never-g.grain {
		t = (t + g.grain - 1) / g.grain * g.grain
	}
	g.Sleeper.SleepUntil(t)
}

var coarseSleeper = Mutant{Name: "1-ms sleeper", Bug: "requests leave on a grid of a millisecond", Timed: true, put: coarse(1e6)}

var sentBacklog = Mutant{
	Name: "backlog sent", Bug: "what waits when the rate is set is sent into the new setting",
	put: func(f *fault) { f.hooks.KeepBacklog = true },
}
