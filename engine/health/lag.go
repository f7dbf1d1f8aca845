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
	since := func(i int) uint64 {
		if i < len(before) {
			return now[i] - before[i]
		}
		return now[i]
	}
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
