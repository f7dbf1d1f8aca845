package experiment

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"stoke/engine/measure"
	"stoke/engine/pace"
)

// sketch counts values and tells their percentiles (0 to 100).
type sketch interface {
	Add(v int64)
	Percentile(p float64) int64
	Count() int64
}

// foreign is the well-known library as a sketch, with its own unit and rank.
type foreign struct{ h *hdrhistogram.Histogram }

func (f foreign) Add(v int64)                { _ = f.h.RecordValue(v) } // what is out of range is dropped, as is usual
func (f foreign) Percentile(p float64) int64 { return f.h.ValueAtPercentile(p) }
func (f foreign) Count() int64               { return f.h.TotalCount() }

func library(lowest int64) func(f *fault) {
	return func(f *fault) {
		f.sketch = func() sketch { return foreign{hdrhistogram.New(lowest, measure.MaxValue, 3)} }
	}
}

var (
	coarseUnit = Mutant{Name: "unit of 1 µs", Bug: "the histogram's lowest value is 1 µs, which makes its unit 512 ns", put: library(1000)}
	otherRank  = Mutant{Name: "other rank", Bug: "the library's rank and its silent drop of what is out of range", put: library(1)}
)

func (l *Lab) newSketch() sketch {
	if f := l.fault.sketch; f != nil {
		return f()
	}
	return &measure.Histogram{}
}

// bounded holds a percentile of a sketch: never below the exact one and at most
// 1/1024 above it.
func bounded(r *Report, what string, got, want int64) {
	over := float64(got-want) / float64(want)
	r.add(over >= 0 && over <= 1.0/1024, what, fmt.Sprintf("%d to + 0.098 %%", want), fmt.Sprintf("%d (%+.4f %%)", got, 100*over))
}

var histogram = &Experiment{
	ID: "T20", Title: "Histogram", Where: Arithmetic,
	Proves:  "a percentile is the nearest rank ⌈p·n⌉, never below the exact value and at most 1/1024 above; nothing is dropped",
	Mutants: []Mutant{coarseUnit, otherRank},
	run: func(l *Lab, r *Report) error {
		n := [...]int{200_000, 1_000_000, 1_000_000}[l.Length]
		draws := rand.New(rand.NewPCG(20, 20))
		h, values := l.newSketch(), make([]int64, n)
		for i := range values {
			// Log-uniform from 1 µs to 60 s.
			values[i] = int64(1e3 * math.Pow(6e7, draws.Float64()))
			h.Add(values[i])
		}
		slices.Sort(values)
		for _, p := range []float64{0.01, 0.1, 1, 10, 50, 75, 90, 95, 99, 99.9, 99.99, 100} {
			bounded(r, fmt.Sprintf("p%g of %d values", p, n), h.Percentile(p), exact(values, p))
		}
		small := l.newSketch()
		for v := range int64(160) {
			small.Add(v + 1)
		}
		r.count("p99 of 1 … 160", small.Percentile(99), 159, 0)
		small.Add(int64(2 * time.Hour))
		r.count("values counted, one out of range", small.Count(), 161, 0)

		own, ok := h.(*measure.Histogram)
		if !ok {
			return nil
		}
		payload, err := own.Encode()
		if err != nil {
			return err
		}
		back, err := hdrhistogram.Decode(payload)
		if err != nil {
			return err
		}
		r.count("values in the exchange format, as others read it", back.TotalCount(), int64(n), 0)
		off := int64(0)
		for _, bar := range back.Distribution() {
			off += bar.Count - (atMost(values, bar.To) - atMost(values, bar.From-1))
		}
		r.count("values in a wrong bucket there", off, 0, 0)
		return nil
	},
}

// atMost counts the values of a sorted slice that are not above v.
func atMost(sorted []int64, v int64) int64 {
	n, _ := slices.BinarySearch(sorted, v+1)
	return int64(n)
}

var (
	mergedByMean = Mutant{
		Name: "mean of percentiles", Bug: "the percentile of four generators is the mean of theirs",
		put: func(f *fault) {
			f.merge = func(parts []sketch, p float64) int64 {
				sum := int64(0)
				for _, s := range parts {
					sum += s.Percentile(p)
				}
				return sum / int64(len(parts))
			}
		},
	}
	mergedByMax = Mutant{
		Name: "largest percentile", Bug: "the percentile of four generators is the largest of theirs",
		put: func(f *fault) {
			f.merge = func(parts []sketch, p float64) int64 {
				most := int64(0)
				for _, s := range parts {
					most = max(most, s.Percentile(p))
				}
				return most
			}
		},
	}
)

var merging = &Experiment{
	ID: "T21", Title: "Merge", Where: Arithmetic,
	Proves:  "histograms of several generators add up without loss, through the exchange format too, and their arrivals superpose",
	Mutants: []Mutant{mergedByMean, mergedByMax},
	run: func(l *Lab, r *Report) error {
		const each = 100_000
		// Three generators see a median of 20 ms, one of 200 ms.
		medians := []float64{20e6, 20e6, 20e6, 200e6}
		draws := rand.New(rand.NewPCG(21, 21))
		var parts []sketch
		var all []int64
		for _, median := range medians {
			h := &measure.Histogram{}
			for range each {
				v := int64(median * math.Exp(lognormalSigma*draws.NormFloat64()))
				h.Add(v)
				all = append(all, v)
			}
			payload, err := h.Encode()
			if err != nil {
				return err
			}
			back, err := measure.Decode(payload)
			if err != nil {
				return err
			}
			parts = append(parts, back)
		}
		read := l.fault.merge
		if read == nil {
			sum := &measure.Histogram{}
			for _, s := range parts {
				sum.Merge(s.(*measure.Histogram))
			}
			read = func(_ []sketch, p float64) int64 { return sum.Percentile(p) }
			r.count("values", sum.Count(), int64(len(all)), 0)
		}
		for _, p := range measure.Percentiles {
			bounded(r, fmt.Sprintf("p%g of the union", p), read(parts, p), exact(all, p))
		}
		// Theory, within sampling error; the mean of the p99 is 418 ms, the
		// largest 1,286 ms, the mean of the medians 65 ms.
		r.figure("p99 of the union, ms", float64(read(parts, 99))/1e6, 811.5, 15)
		r.figure("p50 of the union, ms", float64(read(parts, 50))/1e6, 28.1, 0.3)

		var times []int64
		for seed := range uint64(4) {
			s := pace.New(pace.Poisson, seed+1)
			s.Hold(0, 250)
			for t0, _ := s.Next(); t0 < 1e10; t0, _ = s.Next() {
				times = append(times, t0)
				s.Advance()
			}
		}
		slices.Sort(times)
		g := gaps(times)
		r.below("four Poisson streams of λ/4 against λ: Kolmogorov–Smirnov D", kolmogorov(g, 1000), 0.0163*math.Sqrt(10_000/float64(len(g)))+0.005)
		return nil
	},
}
