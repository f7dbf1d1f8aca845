package experiment

import (
	"fmt"
	"math"
	"runtime"
	"time"

	"stoke/engine"
	"stoke/engine/pace"
)

var poisson = &Experiment{
	ID: "T7", Title: "Arrival process", Where: Anywhere,
	Proves:  "gaps at the server are exponential at the rate of the dial, neither batched nor on a grid",
	Mutants: []Mutant{coarseSleeper, wrongArrivals, lost},
	run: func(l *Lab, r *Report) error {
		type leg struct {
			rate float64
			d    time.Duration
		}
		legs := []leg{{100, 100 * time.Second}, {1000, l.pick(20*time.Second, 20*time.Second, time.Minute)}, {10_000, time.Second}}
		if !l.virtual() && l.Length != Full {
			legs = []leg{{100, 10 * time.Second}, {1000, 10 * time.Second}}
		}
		for i, g := range legs {
			t, err := l.try(r, plan{
				behaviour: Behaviour{}, concurrency: 500, arrivals: "poisson", seed: uint64(i + 1),
				phases: hold(fmt.Sprint(g.rate), g.d),
			})
			if err != nil {
				return err
			}
			t.sound(r)
			intended := gaps(t.intended())
			r.below(fmt.Sprintf("%g/s, intended: Kolmogorov–Smirnov D", g.rate), kolmogorov(intended, g.rate),
				0.0163*math.Sqrt(10_000/float64(len(intended)))+0.005)
			judgeArrivals(r, t.arrivals(), g.rate, g.d)
		}
		t, err := l.try(r, plan{concurrency: 500, phases: hold("1000", l.pick(5*time.Second, 5*time.Second, 30*time.Second))})
		if err != nil {
			return err
		}
		f := r.below("uniform 1000/s: coefficient of variation of the gaps", variation(gaps(t.arrivals())), 0.05)
		f.timed()
		// 0.05 is 50 µs: two processors that carry both sides, and whatever else
		// runs, have no such grain, though they are in order.
		if !l.virtual() && runtime.NumCPU() < 4 && f.Unjudged == "" {
			f.Unjudged = "fewer than 4 processors"
		}
		return nil
	},
}

// judgeArrivals holds arrivals against a Poisson process of a given rate. The
// limits are those for 10,000 gaps, wider for fewer.
func judgeArrivals(r *Report, times []int64, rate float64, d time.Duration) {
	at := fmt.Sprintf("%g/s: ", rate)
	if len(times) < 100 {
		r.count(at+"arrivals", int64(len(times)), int64(rate*d.Seconds()), 0)
		return
	}
	g := gaps(times)
	if len(g) > 10_000 {
		g = g[:10_000]
	}
	wide := math.Sqrt(10_000 / float64(len(g)))
	r.below(at+"Kolmogorov–Smirnov D", kolmogorov(g, rate), 0.0163*wide+0.005).timed()
	r.figure(at+"coefficient of variation of the gaps", variation(g), 1, 0.03*wide).timed()
	r.figure(at+"correlation of neighbouring gaps", lagOne(g), 0, 0.03*wide).timed()
	bins := d.Seconds() * 10
	r.figure(at+"dispersion of the counts in 100 ms", dispersion(times, 1e8, int64(d)), 1, 3*math.Sqrt(2/(bins-1))).timed()
}

var exactSchedule = &Experiment{
	ID: "T8b", Title: "Intended times", Where: Arithmetic,
	Proves:  "a schedule neither drifts nor likes round rates: the k-th request is due at ⌊k/λ⌋, and 30,000/s for 100 s are 3,000,000",
	Mutants: []Mutant{truncated},
	run: func(l *Lab, r *Report) error {
		make := l.fault.hooks.Schedule
		if make == nil {
			make = func(a pace.Arrivals, seed uint64) engine.Schedule { return pace.New(a, seed) }
		}
		for _, c := range []struct{ millis, seconds int64 }{{7_000, 1000}, {999_999, 100}, {30_000_000, 100}} {
			s, want := make(pace.Uniform, 1), evenly(c.millis)
			s.Hold(0, float64(c.millis)/1000)
			n, off := int64(0), int64(0)
			for t0, ok := s.Next(); ok && t0 < c.seconds*1e9; t0, ok = s.Next() {
				if t0 != want(n) {
					off++
				}
				n++
				s.Advance()
			}
			rate := fmt.Sprintf("%g/s for %d s: ", float64(c.millis)/1000, c.seconds)
			r.count(rate+"requests", n, (c.millis*c.seconds+999)/1000, 0)
			r.count(rate+"off the exact time", off, 0, 0)
		}
		return nil
	},
}
