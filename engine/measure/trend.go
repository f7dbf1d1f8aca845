package measure

import (
	"math"
	"slices"
)

// mannKendall is the Z of the Mann–Kendall test for a trend, with the variance
// corrected for ties; 0 for a constant series.
func mannKendall(v []float64) float64 {
	s := 0
	for i := range v {
		for _, later := range v[i+1:] {
			switch {
			case later > v[i]:
				s++
			case later < v[i]:
				s--
			}
		}
	}
	if s == 0 {
		return 0
	}
	n := float64(len(v))
	variance := n * (n - 1) * (2*n + 5)
	sorted := slices.Clone(v)
	slices.Sort(sorted)
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		t := float64(j - i)
		variance -= t * (t - 1) * (2*t + 5)
		i = j
	}
	sign := math.Copysign(1, float64(s))
	return (float64(s) - sign) / math.Sqrt(variance/18)
}

// theilSen is the median of the slopes between all pairs of a series with
// steps of 1; 0 for less than two values.
func theilSen(v []float64) float64 {
	slopes := make([]float64, 0, len(v)*len(v)/2)
	for i := range v {
		for j := i + 1; j < len(v); j++ {
			slopes = append(slopes, (v[j]-v[i])/float64(j-i))
		}
	}
	return median(slopes)
}

// median does not change v; it is 0 for none.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Clone(v)
	slices.Sort(s)
	m := len(s) / 2
	if len(s)%2 == 1 {
		return s[m]
	}
	return (s[m-1] + s[m]) / 2
}
