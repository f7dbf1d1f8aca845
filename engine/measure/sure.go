package measure

import (
	"cmp"
	"math"
	"slices"
)

// Interval is where the true percentile lies with 95 % confidence, in
// nanoseconds. The zero value says that there are too few values for it.
type Interval struct{ Low, High int64 }

// Sure holds the intervals of the [Percentiles] of one distribution. They take
// its values for independent of each other; Clustered says where they are not,
// which makes the true interval wider.
type Sure struct {
	P         [NumPercentiles]Interval
	Clustered [NumPercentiles]bool
}

// Sure returns the 95 % confidence intervals of the [Percentiles] by order
// statistics: the values at the ranks n·p ± 1.96·√(n·p·(1−p)). Those of
// percentiles that n is too small to print are zero.
func (h *Histogram) Sure() [NumPercentiles]Interval { return sureOf([]*Histogram{h}) }

// sureOf is [Histogram.Sure] of a sum of histograms. The lower end is read at
// the lower edge of its bucket and the upper one at the upper, so that neither is
// too near.
func sureOf(done []*Histogram) (out [NumPercentiles]Interval) {
	var n, least, most int64
	for _, h := range done {
		if h.count == 0 {
			continue
		}
		if n == 0 || h.min < least {
			least = h.min
		}
		n, most = n+h.count, max(most, h.max)
	}
	type end struct {
		rank  int64
		p     int
		upper bool
	}
	var buf [2 * NumPercentiles]end
	ends := buf[:0]
	for j, part := range perMyriad {
		if n*(10000-part) < 10*10000 {
			break
		}
		q := float64(part) / 10000
		middle, half := float64(n)*q, 1.96*math.Sqrt(float64(n)*q*(1-q))
		ends = append(ends,
			end{max(int64(math.Floor(middle-half)), 1), j, false},
			end{min(int64(math.Ceil(middle+half)), n), j, true})
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Compare(a.rank, b.rank) })

	wanted := func() int64 {
		if len(ends) == 0 {
			return 0
		}
		return ends[0].rank
	}
	walk(done, nil, wanted(), func(bucket int, seen, _ int64) int64 {
		for ; len(ends) > 0 && ends[0].rank <= seen; ends = ends[1:] {
			if ends[0].upper {
				out[ends[0].p].High = min(highest(bucket), most)
			} else {
				out[ends[0].p].Low = max(lowest(bucket), least)
			}
		}
		return wanted()
	})
	for _, e := range ends { // above the range of the buckets
		if e.upper {
			out[e.p].High = most
		} else {
			out[e.p].Low = min(MaxValue, most)
		}
	}
	return out
}

const (
	clusterSeconds = 120 // newest seconds that are searched for bursts
	clusterLeast   = 10
	clusterLimit   = 0.2
)

// seconds are the response times of the newest seconds of a segment, oldest
// first. A second without an answer is not among them.
type seconds struct{ list []block }

func (s *seconds) add(b block) {
	if len(s.list) == clusterSeconds {
		copy(s.list, s.list[1:])
		s.list = s.list[:clusterSeconds-1]
	}
	s.list = append(s.list, b)
}

// clustered says for each percentile of a ladder whether values above it come in
// bursts: their numbers, second by second, correlate with those of the second
// before by more than 0.2.
func (s *seconds) clustered(l *Ladder) (out [NumPercentiles]bool) {
	if len(s.list) < clusterLeast {
		return out
	}
	var buf [clusterSeconds]float64
	counts := buf[:len(s.list)]
	for j, v := range l.P {
		if !l.Enough[j] {
			break
		}
		limit := uint16(coarseCount - 1)
		if v <= MaxValue {
			limit = uint16(bucketOf(v) >> coarseBits)
		}
		for i := range s.list {
			n := uint32(0)
			for k := len(s.list[i].buckets) - 1; k >= 0 && s.list[i].buckets[k].bucket > limit; k-- {
				n += s.list[i].buckets[k].n
			}
			counts[i] = float64(n)
		}
		out[j] = lag1(counts) > clusterLimit
	}
	return out
}

// lag1 is the correlation of a series with itself, one step later; 0 for a
// series that does not change.
func lag1(v []float64) float64 {
	mean := 0.0
	for _, x := range v {
		mean += x / float64(len(v))
	}
	var own, next float64
	for i, x := range v {
		own += (x - mean) * (x - mean)
		if i > 0 {
			next += (x - mean) * (v[i-1] - mean)
		}
	}
	if own <= 1e-12*mean*mean { // nothing but rounding
		return 0
	}
	return next / own
}
