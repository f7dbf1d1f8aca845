package measure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The interval for p99 covers the truth in about 95 of 100 samples of 10,000.
func TestSureCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	truth := 20e6 * math.Exp(0.8*2.3263478740408408)
	covered := 0
	for range 200 {
		var h Histogram
		for range 10000 {
			h.Add(int64(20e6 * math.Exp(0.8*rng.NormFloat64())))
		}
		if s := h.Sure()[P99]; float64(s.Low) <= truth && truth <= float64(s.High) {
			covered++
		}
	}
	if covered < 183 || covered > 199 {
		t.Errorf("%d of 200 intervals cover the truth, want about 190", covered)
	}
}

// The ends are those of the sorted values, in whatever parts they come: at most
// a bucket further out, never nearer.
func TestSureIsThatOfTheSortedValues(t *testing.T) {
	for _, n := range []int{19, 20, 999, 1000, 20_000, 150_000} {
		values := logUniform(n, 1e3, 5e9, uint64(n))
		if n == 20_000 {
			values[7] = MaxValue + 5 // above the buckets
		}
		parts := make([]*Histogram, 3)
		for i := range parts {
			parts[i] = new(Histogram)
		}
		for i, v := range values {
			parts[i%3].Add(v)
		}
		got := sureOf(parts)
		slices.Sort(values)
		for j, part := range perMyriad {
			q := float64(part) / 10000
			if float64(n)*(1-q) < 10-1e-9 {
				if got[j] != (Interval{}) {
					t.Errorf("n = %d, p%g: %+v of too few values", n, Percentiles[j], got[j])
				}
				continue
			}
			half := 1.96 * math.Sqrt(float64(n)*q*(1-q))
			low := values[max(int(math.Floor(float64(n)*q-half)), 1)-1]
			high := values[int(math.Ceil(float64(n)*q+half))-1]
			if g := got[j]; g.Low > low || float64(g.Low) < float64(low)*(1-1.0/1024) || g.High < high || float64(g.High) > float64(high)*(1+1.0/1024) {
				t.Errorf("n = %d, p%g: %+v, want %d to %d", n, Percentiles[j], g, low, high)
			}
		}
	}
}

// Counters beyond 32 bits, and of values above the range.
func TestSureAtTheEdges(t *testing.T) {
	var h Histogram
	h.AddN(1000, 1<<33)
	h.AddN(5000, 1<<33)
	if s := h.Sure()[P50]; s.Low != 1000 || s.High < 5000 || s.High > 5005 {
		t.Errorf("half at 1000 and half at 5000: %+v", s)
	}
	var far Histogram
	far.AddN(2*MaxValue, 100)
	if s := far.Sure()[P50]; s.Low != MaxValue || s.High != 2*MaxValue {
		t.Errorf("above the range: %+v", s)
	}
	if s := new(Histogram).Sure(); s != [NumPercentiles]Interval{} {
		t.Errorf("of nothing: %+v", s)
	}
}

// Slow answers in bursts are told from slow answers spread at random.
func TestClustered(t *testing.T) {
	series := func(seconds int, slow func(i int) int64) (c [NumPercentiles]bool) {
		var all Histogram
		var s segment
		for i := range seconds {
			var h Histogram
			h.AddN(10e6, 900)
			h.AddN(400e6, slow(i))
			all.Merge(&h)
			s.seconds.add(coarseBlock(&h))
		}
		// The percentiles are read so that the slow ones lie above the 90th.
		l := summarize([]*Histogram{&all}, nil, 0)
		l.P[P90] = 20e6
		return s.seconds.clustered(&l)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for name, c := range map[string]struct {
		seconds int
		slow    func(i int) int64
		want    bool
	}{
		"bursts of ten seconds":   {300, func(i int) int64 { return int64(i / 10 % 2 * 40) }, true},
		"at random":               {300, func(int) int64 { return rng.Int64N(40) }, false},
		"every other second":      {300, func(i int) int64 { return int64(i % 2 * 40) }, false},
		"the same in each second": {300, func(int) int64 { return 20 }, false},
		"bursts, but few seconds": {9, func(i int) int64 { return int64(i / 3 % 2 * 40) }, false},
	} {
		if got := series(c.seconds, c.slow); got[P90] != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A segment carries the intervals of its own answers, while it is open and after
// its end.
func TestSegmentIsSure(t *testing.T) {
	r, _, now := loaded(1)
	v := r.View()
	g := v.Segments[0]
	for j, p := range g.Stats.Response.P {
		if s := g.Sure.P[j]; g.Stats.Response.Enough[j] && !(s.Low > 0 && s.Low <= p && p <= s.High && float64(s.High) < 1.2*float64(s.Low)) {
			t.Errorf("p%g is %d, sure within %+v", Percentiles[j], p, s)
		}
	}
	r.Open(Segment{ID: 2, From: now, Kind: Hold, Setting: g.Setting})
	for range 4 {
		now += secondNanos
		r.Tick(now, Gauge{Intended: g.Stats.Intended.Count})
	}
	if old := r.View().Segments[0]; old.Open || old.Sure.P != g.Sure.P {
		t.Errorf("after its end: %+v, was %+v", old.Sure, g.Sure)
	}
}
