package health

import (
	"math"
	"slices"
)

// sum sorts delays and sums them up. Percentiles are by nearest rank.
func sum(delays []int64) lag {
	if len(delays) == 0 {
		return lag{}
	}
	slices.Sort(delays)
	return lag{
		count: len(delays),
		p50:   delays[nearestRank(len(delays), 50)-1],
		p99:   delays[nearestRank(len(delays), 99)-1],
		max:   delays[len(delays)-1],
	}
}

// nearestRank is ⌈n·percentile/100⌉, from 1.
func nearestRank(n, percentile int) int { return max((n*percentile+99)/100, 1) }

// bucketP99 returns the count and p99 of a histogram of seconds since an
// earlier look at it. The p99 is the upper edge of its bucket, so it is not
// too good; in the last bucket, which has none, the lower.
func bucketP99(before, now []uint64, edges []float64) lag {
	var total uint64
	since := func(i int) uint64 { return came(before, now, i) }
	for i := range now {
		total += since(i)
	}
	if total == 0 {
		return lag{}
	}
	rank, seen := uint64(nearestRank(int(total), 99)), uint64(0)
	for i := range now {
		if seen += since(i); seen >= rank {
			edge := edges[i+1]
			if math.IsInf(edge, 1) {
				edge = edges[i]
			}
			return lag{count: int(total), p99: int64(edge * 1e9)}
		}
	}
	return lag{}
}

// came is how much bucket i of a histogram has grown since an earlier look.
func came(before, now []uint64, i int) uint64 {
	if i < len(before) {
		return now[i] - before[i]
	}
	return now[i]
}

// stillness is what pauses, in a histogram of seconds since an earlier look, did to
// a span of time in nanoseconds: p99 is how long the moment waits for the end of a
// pause that has 99 in a hundred moments of the span before it, so it is the wait
// that pauses add to the p99 of requests. Whatever is shorter than the pauses that
// fill a hundredth of the span is 0. A wait of x is met by Σ max(L−x, 0) of the
// span, over the lengths L, which are read at the upper edges of their buckets.
func stillness(before, now []uint64, edges []float64, span int64) lag {
	l := lag{}
	met, pauses := 0.0, 0.0 // length and number of those that are longer, in nanoseconds
	part := float64(span) / 100
	for i := len(now) - 1; i >= 0; i-- {
		n := came(before, now, i)
		if n == 0 {
			continue
		}
		edge := edges[i+1]
		if math.IsInf(edge, 1) {
			edge = edges[i]
		}
		length := edge * 1e9
		if met-pauses*length < part { // the wait is shorter than this pause
			met, pauses = met+float64(n)*length, pauses+float64(n)
		}
		l.count += int(n)
		l.max = max(l.max, int64(length))
	}
	if pauses > 0 {
		l.p99 = max(int64((met-part)/pauses), 0)
	}
	return l
}
