package panel

import (
	"math"
	"slices"
	"time"

	"stoke/engine/measure"
)

// Interval is the 95 % interval of a percentile by order statistics: the values
// at the ranks n·p ± 1.96·√(n·p·(1−p)). A ladder holds seven ranks only, so the
// values between them are interpolated, the time's logarithm over the normal
// quantile of the rank: exact for a lognormal distribution, close for what
// servers do. Requests that influence each other make the true interval wider.
// The percentile must have enough samples; bounded is false where they are too
// few for an upper end.
func Interval(l *measure.Ladder, p int) (low, high int64, bounded bool) {
	n, q := float64(l.Count), measure.Percentiles[p]/100
	half := 1.96 * math.Sqrt(n*q*(1-q)) / n
	return min(l.P[p], at(l, q-half)), max(l.P[p], at(l, q+half)), q+half < 1
}

// at is the value of a ladder at rank q, 0 to 1.
func at(l *measure.Ladder, q float64) int64 {
	if q >= 1 {
		return l.Max
	}
	z := normal(q)
	z0, v0 := normal(1/(float64(l.Count)+1)), float64(max(l.Min, 1))
	for i, v := range l.P {
		z1, v1 := normal(measure.Percentiles[i]/100), float64(max(v, 1))
		if z <= z1 {
			return between(z, z0, z1, v0, v1)
		}
		z0, v0 = z1, v1
	}
	return l.Max
}

func between(z, z0, z1, v0, v1 float64) int64 {
	if z1 <= z0 || v1 <= v0 {
		return int64(v1)
	}
	f := math.Max(0, (z-z0)/(z1-z0))
	return int64(v0 * math.Pow(v1/v0, f))
}

// normal is the quantile function of the normal distribution.
func normal(q float64) float64 {
	q = math.Min(math.Max(q, 1e-9), 1-1e-9)
	return math.Sqrt2 * math.Erfinv(2*q-1)
}

// clustered reports whether slow answers of a segment come in bursts, so that
// intervals that take them for independent are too narrow: the counts of
// answers above the 90th percentile, second by second, correlate with those of
// the second before by more than 0.2.
func clustered(h measure.Heat, g *measure.Segment) bool {
	if g == nil || !g.Stats.Response.Enough[measure.P90] {
		return false
	}
	const most, least = 600, 10 // seconds
	first, last := (g.From+second-1)/second, g.To/second-1
	limit := g.Stats.Response.P[measure.P90]
	var counts []float64 // newest first
	for _, chunk := range slices.Backward(h.Chunks) {
		for _, row := range slices.Backward(chunk) {
			if row.Second > last {
				continue
			}
			if row.Second < first || len(counts) >= most {
				return len(counts) >= least && lag1(counts) > 0.2
			}
			n := 0.0
			for k, c := range row.N {
				if measure.HeatFrom(row.First+k) >= limit {
					n += float64(c)
				}
			}
			counts = append(counts, n)
		}
	}
	return len(counts) >= least && lag1(counts) > 0.2
}

const second = int64(time.Second)

// lag1 is the correlation of neighbours.
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
	if own <= 0 {
		return 0
	}
	return next / own
}
