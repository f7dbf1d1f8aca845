package experiment

import (
	"math"
	"slices"
)

// exact is the percentile p (0 to 100) of values by nearest rank ⌈p·n⌉; it
// sorts them. It is 0 for none.
func exact(values []int64, p float64) int64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	// In whole millionths of a percent: p/100·n in floats is above the whole
	// number where it should be that number.
	const whole = 100_000_000
	rank := (int64(math.Round(p*1e6))*int64(len(values)) + whole - 1) / whole
	return values[min(max(rank, 1), int64(len(values)))-1]
}

// normal is the quantile of the standard normal distribution.
func normal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// lognormalAt is percentile p (0 to 100) of a lognormal distribution.
func lognormalAt(median, sigma, p float64) float64 {
	return median * math.Exp(sigma*normal(p/100))
}

// lognormalError is the standard error of that percentile read from n values:
// √(p(1−p)/n) / f(x), with f the density at it.
func lognormalError(median, sigma, p, n float64) float64 {
	x, q := lognormalAt(median, sigma, p), p/100
	z := normal(q)
	density := math.Exp(-z*z/2) / (x * sigma * math.Sqrt(2*math.Pi))
	return math.Sqrt(q*(1-q)/n) / density
}

// gaps are the differences of ascending times.
func gaps(times []int64) []float64 {
	out := make([]float64, 0, len(times))
	for i := 1; i < len(times); i++ {
		out = append(out, float64(times[i]-times[i-1]))
	}
	return out
}

// kolmogorov is the largest distance between the distribution of gaps in
// nanoseconds and the exponential one of the given rate per second.
func kolmogorov(gaps []float64, rate float64) float64 {
	sorted := slices.Sorted(slices.Values(gaps))
	n, d := float64(len(sorted)), 0.0
	for i, x := range sorted {
		f := 1 - math.Exp(-rate*x/1e9)
		d = max(d, f-float64(i)/n, float64(i+1)/n-f)
	}
	return d
}

// moments returns mean and variance.
func moments(v []float64) (mean, variance float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for _, x := range v {
		variance += (x - mean) * (x - mean)
	}
	return mean, variance / float64(len(v)-1)
}

// variation is the coefficient of variation.
func variation(v []float64) float64 {
	mean, variance := moments(v)
	return math.Sqrt(variance) / mean
}

// lagOne is the correlation of each value with the next.
func lagOne(v []float64) float64 {
	mean, variance := moments(v)
	sum := 0.0
	for i := 1; i < len(v); i++ {
		sum += (v[i] - mean) * (v[i-1] - mean)
	}
	return sum / (variance * float64(len(v)-1))
}

// dispersion is variance over mean of the counts in bins of width nanoseconds
// from 0 to end; 1 for a Poisson process.
func dispersion(times []int64, width, end int64) float64 {
	counts := make([]float64, end/width)
	for _, t := range times {
		if b := t / width; t >= 0 && b < int64(len(counts)) {
			counts[b]++
		}
	}
	mean, variance := moments(counts)
	return variance / mean
}

// within counts the times in [from, to).
func within(times []int64, from, to int64) int64 {
	n := int64(0)
	for _, t := range times {
		if t >= from && t < to {
			n++
		}
	}
	return n
}
