package measure

// serBatch is the length of the batches of MSER-5, and serLeast how many of them
// are needed to tell a warm-up from noise.
const (
	serBatch = 5
	serLeast = 4
)

// MSER5 returns how many values at the start of a series to leave out, a
// multiple of five: the warm-up by White's rule of the marginal standard error
// over means of five (White, Cobb and Spratt 2000). Of all cuts it is the one
// after which the squared standard error of what is left, Σ(y−ȳ)²/m², is the
// smallest. It is not ok for a series of fewer than 20 values, or if the cut
// would lie in its second half: then it has not come to rest. A rest of fewer
// than five at the end is left aside.
func MSER5(values []float64) (cut int, ok bool) {
	n := len(values) / serBatch
	if n < serLeast {
		return 0, false
	}
	mean := func(i int) float64 {
		sum := 0.0
		for _, v := range values[i*serBatch : (i+1)*serBatch] {
			sum += v
		}
		return sum / serBatch
	}
	// From the end, mean and squared deviations (Welford) of the batches from i on.
	best, least := 0, 0.0
	var average, squares float64
	for i := n - 1; i >= 0; i-- {
		m := float64(n - i)
		y := mean(i)
		off := y - average
		average += off / m
		squares += off * (y - average)
		if i > n-serLeast { // too few to have a spread
			continue
		}
		// The earliest of equal cuts: nothing is left out without need.
		if error := squares / (m * m); i == n-serLeast || error <= least {
			best, least = i, error
		}
	}
	return best * serBatch, 2*best <= n
}

// WarmUp is how long a segment took to come to rest, by [MSER5] over its
// seconds.
type WarmUp struct {
	Nanos int64 // since the start of the segment; 0 for none
	// Known is false for a segment that is too short to tell, has not come to
	// rest, or is none to be judged: a ramp, a pause.
	Known bool
}

// warmUp looks at the whole seconds of a segment in which something was
// answered. The median and the 90th percentile must both have come to rest: a
// cache that is filling slows some requests only.
func (r *Recorder) warmUp(st *segment) WarmUp {
	if !st.judged() {
		return WarmUp{}
	}
	var seconds []int64
	var p50s, p90s []float64
	for n := (st.from + secondNanos - 1) / secondNanos; n < min(st.to/secondNanos, r.second, int64(r.history.rows)); n++ {
		if row := &r.history.chunks[n/chunkRows][n%chunkRows]; row.P50 > 0 {
			seconds, p50s, p90s = append(seconds, n), append(p50s, float64(row.P50)), append(p90s, float64(row.P90))
		}
	}
	a, ok := MSER5(p50s)
	b, ok2 := MSER5(p90s)
	if !ok || !ok2 {
		return WarmUp{}
	}
	if cut := max(a, b); cut > 0 {
		return WarmUp{Nanos: seconds[cut]*secondNanos - st.from, Known: true}
	}
	return WarmUp{Known: true}
}
