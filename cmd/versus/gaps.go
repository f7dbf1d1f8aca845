package main

import (
	"math"
	"slices"
	"time"
)

// leadIn is what is left out of the arrivals at the front: connections are
// opened, interpreters warm up.
const leadIn = 500 * time.Millisecond

// A pacing says how evenly requests came.
type pacing struct {
	rate        float64       // requests per second that came
	evenGaps    float64       // share of the gaps within a quarter of the ideal, 0–1
	deviation   time.Duration // median distance from the schedule
	deviation99 time.Duration // 99th percentile of it
}

// pacingOf judges arrivals (ns, ascending) against an even schedule of the
// asked rate, per second. ok is false if too few are left after the lead-in.
//
// The schedule is the constant one that fits best: arrival k belongs at
// offset + k/rate. The rate is the one that was asked for and is not fitted, so
// that a tool which is 1 % too slow is off by more and more, as a schedule is.
// Only the offset is free, since nobody but the tool knows when it began: it is
// the median of arrival − k/rate, which makes the sum of absolute deviations
// the least and lets a few stragglers not move it.
func pacingOf(arrivals []int64, rate int) (p pacing, ok bool) {
	if len(arrivals) == 0 {
		return pacing{}, false
	}
	from, _ := slices.BinarySearch(arrivals, arrivals[0]+int64(leadIn))
	arrivals = arrivals[from:]
	if len(arrivals) < 10 || arrivals[len(arrivals)-1] == arrivals[0] {
		return pacing{}, false
	}
	ideal := 1e9 / float64(rate)
	even := 0
	residuals := make([]float64, len(arrivals))
	for k, at := range arrivals {
		residuals[k] = float64(at-arrivals[0]) - float64(k)*ideal
		if k > 0 && math.Abs(float64(at-arrivals[k-1])-ideal) <= ideal/4 {
			even++
		}
	}
	offset := medianOf(residuals)
	for k := range residuals {
		residuals[k] = math.Abs(residuals[k] - offset)
	}
	slices.Sort(residuals)
	gaps := len(arrivals) - 1
	return pacing{
		rate:        float64(gaps) / (float64(arrivals[gaps]-arrivals[0]) / 1e9),
		evenGaps:    float64(even) / float64(gaps),
		deviation:   time.Duration(nearestRank(residuals, 0.5)),
		deviation99: time.Duration(nearestRank(residuals, 0.99)),
	}, true
}

// nearestRank is the smallest of the ascending values that has a share p of
// them at or below it.
func nearestRank(ascending []float64, p float64) float64 {
	rank := int(math.Ceil(p*float64(len(ascending)))) - 1
	return ascending[min(max(rank, 0), len(ascending)-1)]
}

// medianOf is the median, the mean of the middle two if there are two; NaN of
// nothing. It leaves values as they are.
func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
