package measure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// serBrute is the rule as it is written: every cut, every sum anew.
func serBrute(values []float64) (cut int, ok bool) {
	var y []float64
	for i := 0; i+5 <= len(values); i += 5 {
		y = append(y, (values[i]+values[i+1]+values[i+2]+values[i+3]+values[i+4])/5)
	}
	if len(y) < 4 {
		return 0, false
	}
	least := math.Inf(1)
	for d := 0; d <= len(y)-4; d++ {
		rest := y[d:]
		mean, sum := 0.0, 0.0
		for _, v := range rest {
			mean += v / float64(len(rest))
		}
		for _, v := range rest {
			sum += (v - mean) * (v - mean)
		}
		if e := sum / float64(len(rest)*len(rest)); e < least*(1-1e-9) {
			least, cut = e, d
		}
	}
	return cut * 5, 2*cut <= len(y)
}

func TestMSER5(t *testing.T) {
	level := func(n int, v float64) []float64 { return slices.Repeat([]float64{v - 1, v + 1}, n/2) }
	for name, c := range map[string]struct {
		values []float64
		cut    int
		ok     bool
	}{
		"a warm-up of ten":        {append(level(10, 100), level(40, 10)...), 10, true},
		"a warm-up of eleven":     {append(append(level(10, 100), 100), level(40, 10)...), 15, true},
		"none":                    {level(50, 10), 0, true},
		"the same all the time":   {slices.Repeat([]float64{7}, 50), 0, true},
		"a rest of four is aside": {append(level(20, 10), 1e6, 1e6, 1e6, 1e6), 0, true},
		"too short":               {level(18, 10), 0, false},
		"not at rest":             {append(level(40, 100), level(20, 10)...), 40, false},
	} {
		if cut, ok := MSER5(c.values); cut != c.cut || ok != c.ok {
			t.Errorf("%s: %d, %v, want %d, %v", name, cut, ok, c.cut, c.ok)
		}
	}
	rng := rand.New(rand.NewPCG(6, 6))
	for range 300 {
		values := make([]float64, 20+rng.IntN(120))
		decay := 1 + 30*rng.Float64()
		for i := range values {
			values[i] = 20 + 40*math.Exp(-float64(i)/decay) + rng.NormFloat64()
		}
		cut, ok := MSER5(values)
		if want, wantOK := serBrute(values); cut != want || ok != wantOK {
			t.Fatalf("%d values: %d, %v, want %d, %v", len(values), cut, ok, want, wantOK)
		}
	}
}

// A segment tells how long its cache took to fill.
func TestWarmUpOfASegment(t *testing.T) {
	r := New(Config{Endpoints: names(1)})
	r.Open(Segment{ID: 1, From: 500e6, Kind: Hold, Setting: Setting{Model: "open", Rate: 100, RateTo: 100}})
	n := int64(0)
	second := func(i int64, service int64) {
		var batch []Sample
		for k := range int64(100) {
			t0 := i*secondNanos + k*5e6
			batch = append(batch, Sample{T0: t0, T1: t0, T2: t0, T3: t0, T4: t0, T5: t0, T6: t0 + service, T7: t0 + service,
				T8: t0 + service + k%7*1e5, Segment: 1, Status: 200, Flags: Departed})
		}
		n += 100
		r.Add(batch)
		r.Tick((i+1)*secondNanos, Gauge{Intended: n, Sent: n})
	}
	for i := range int64(15) {
		second(i, 80e6-i*2e6)
	}
	if w := r.View().Segments[0].WarmUp; w.Known {
		t.Errorf("after 14 whole seconds: %+v", w)
	}
	for i := int64(15); i < 61; i++ {
		second(i, 20e6+i%3*1e6)
	}
	// Seconds 1 to 14 are of the warm-up; what is cut are whole fives from 1 on.
	if w := r.View().Segments[0].WarmUp; !w.Known || w.Nanos != 16e9-500e6 {
		t.Errorf("after a minute: %+v", w)
	}
	if w := r.warmUp(&segment{kind: Ramp, to: 60e9}); w.Known {
		t.Errorf("a ramp: %+v", w)
	}
}
