package experiment

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"stoke/engine/measure"
	"stoke/engine/pace"
)

// The distribution of services in T5.
const (
	lognormalMedian = 20 * time.Millisecond
	lognormalSigma  = 0.8
)

var lognormal = &Experiment{
	ID: "T5", Title: "Lognormal truth", Where: Anywhere,
	Proves:  "percentiles are those of the distribution that the server drew from, and each request's time is the server's own",
	Mutants: []Mutant{averaged, wholeMillis, outliers, doubled, realOnly(lateStamp)},
	run: func(l *Lab, r *Report) error {
		const seed = 20
		t, err := l.try(r, plan{
			behaviour:   Behaviour{Median: lognormalMedian, Sigma: lognormalSigma, Seed: 7},
			concurrency: 5000, arrivals: "poisson", seed: seed,
			phases: hold("1000", l.pick(l.slack(20*time.Second, 2*time.Second), 20*time.Second, 300*time.Second)),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		due := replay(seed, 1000, t.asked())
		t.onSchedule(r, func(k int64) int64 { return due[k] })

		got, n := t.ladder(), float64(t.last.View.Run.Response.Count)
		clients := t.each(measure.OK, response)
		median := float64(lognormalMedian)
		for i, p := range measure.Percentiles {
			if !got.Enough[i] {
				continue
			}
			// Three standard errors and what the loopback adds.
			tolerance := 3*lognormalError(median, lognormalSigma, p, n) + 0.001*median + float64(l.slack(0, ms(2)))
			r.time(fmt.Sprintf("p%g", p), got.P[i], time.Duration(lognormalAt(median, lognormalSigma, p)), time.Duration(tolerance))
			ratio := float64(got.P[i]) / float64(exact(clients, p))
			r.add(ratio >= 1 && ratio <= 1+1.0/1024, fmt.Sprintf("p%g over that of the recorded times", p), "1 … 1.001", fmt.Sprintf("%.5f", ratio))
		}
		mean := median * math.Exp(lognormalSigma*lognormalSigma/2)
		spread := mean * math.Sqrt(math.Exp(lognormalSigma*lognormalSigma)-1)
		r.time("mean", int64(got.Mean), time.Duration(mean), time.Duration(3*spread/math.Sqrt(n))+l.slack(0, ms(2)))
		floor, err := l.floor("1000")
		if err != nil {
			return err
		}
		t.againstTheLog(r, due, max(floor, l.slack(0, 300*time.Microsecond)))
		return nil
	},
}

// floor is the p99 of the service time at a rate against a server that answers
// at once: what this machine and its loopback add to every answer. No tolerance
// can be below it.
func (l *Lab) floor(rate string) (time.Duration, error) {
	clean := *l
	clean.fault = fault{}
	t, err := clean.try(&Report{}, plan{
		concurrency: 500, arrivals: "poisson",
		phases: hold(rate, l.pick(time.Second, 3*time.Second, 10*time.Second)),
	})
	if err != nil {
		return 0, err
	}
	return time.Duration(exact(t.each(measure.OK, service), 99)), nil
}

// replay is the Poisson schedule of a seed: the first n intended times.
func replay(seed uint64, rate float64, n int64) []int64 {
	s := pace.New(pace.Poisson, seed)
	s.Hold(0, rate)
	out := make([]int64, n)
	for i := range out {
		out[i], _ = s.Next()
		s.Advance()
	}
	return out
}

// againstTheLog joins requests with the target's log by their numbers: number k
// is the k-th of the schedule. Both sides tell time by one clock, so an answer
// cannot have come before it left. floor is what may lie between the two.
func (t *trial) againstTheLog(r *Report, due []int64, floor time.Duration) {
	byT0 := func(a, b measure.Sample) int { return cmp.Compare(a.T0, b.T0) }
	slices.SortFunc(t.samples, byT0)
	var excess []int64
	early, missing, round := int64(0), int64(0), 0
	for _, e := range t.log {
		if e.Seq < 1 || e.Seq > int64(len(due)) {
			missing++
			continue
		}
		i, found := slices.BinarySearchFunc(t.samples, measure.Sample{T0: due[e.Seq-1]}, byT0)
		if !found {
			missing++
			continue
		}
		s := &t.samples[i]
		if e.Departure == 0 || s.Class != measure.OK {
			continue
		}
		if s.T8%1e6 == 0 {
			round++
		}
		off := response(s) - (e.Departure - due[e.Seq-1])
		if excess = append(excess, off); off < -clockSkew || e.Arrival < s.T4-clockSkew {
			early++
		}
	}
	r.count("requests at the server that the client does not know", missing, 0, 0)
	r.count("answers before they left, or requests before they were sent", early, 0, 0)
	r.below("share of answers at a whole millisecond", float64(round)/float64(max(len(excess), 1)), 0.01)
	r.most("|R − (departure − T0)| p99", exact(excess, 99), floor)
}

// clockSkew is how far two processes may differ in telling one clock's time.
const clockSkew = int64(20 * time.Microsecond)

var coverage = &Experiment{
	ID: "T5b", Title: "Coverage of the confidence interval", Where: Arithmetic,
	Proves:  "the 95 % interval printed for a p99 holds the true value in at least 90 of 100 runs",
	Mutants: []Mutant{narrowInterval, normalInterval},
	run: func(l *Lab, r *Report) error {
		const runs, n = 100, 10_000
		truth := lognormalAt(float64(lognormalMedian), lognormalSigma, 99)
		covered := int64(0)
		draws := rand.New(rand.NewPCG(5, 5))
		values := make([]int64, n)
		for range runs {
			var h measure.Histogram
			for i := range values {
				values[i] = int64(float64(lognormalMedian) * math.Exp(lognormalSigma*draws.NormFloat64()))
				h.Add(values[i])
			}
			sure := h.Sure()[measure.P99]
			lo, hi := sure.Low, sure.High
			if l.fault.interval != nil {
				slices.Sort(values)
				lo, hi = l.fault.interval(values, 99)
			}
			if float64(lo) <= truth && truth <= float64(hi) {
				covered++
			}
		}
		r.add(covered >= 90, "intervals of 100 that hold the true p99", "≥ 90", fmt.Sprint(covered))
		return nil
	},
}

var narrowInterval = Mutant{
	Name: "half interval", Bug: "the interval is one standard error wide, not two",
	put: func(f *fault) {
		f.interval = func(v []int64, p float64) (int64, int64) {
			n := float64(len(v))
			half := 0.98 * math.Sqrt(n*p/100*(1-p/100))
			return v[int(n*p/100-half)], v[int(n*p/100+half)]
		}
	},
}

var normalInterval = Mutant{
	Name: "interval of the mean", Bug: "the interval is that of the mean, moved to the percentile",
	put: func(f *fault) {
		f.interval = func(v []int64, p float64) (int64, int64) {
			floats := make([]float64, len(v))
			for i := range v {
				floats[i] = float64(v[i])
			}
			_, variance := moments(floats)
			half := int64(1.96 * math.Sqrt(variance/float64(len(v))))
			at := exact(v, p)
			return at - half, at + half
		}
	},
}
