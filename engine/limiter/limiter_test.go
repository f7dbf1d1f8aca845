package limiter

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// target is a limiter and what there is to find out about it.
type target struct {
	name  string
	make  func() truth
	kind  Kind
	rate  float64
	burst float64
	ms    float64 // the window
}

var targets = []target{
	{"bucket 100/20", func() truth { return tokens(100, 20) }, TokenBucket, 100, 20, 0},
	{"bucket 37/100", func() truth { return tokens(37, 100) }, TokenBucket, 37, 100, 0},
	{"bucket 1000/50", func() truth { return tokens(1000, 50) }, TokenBucket, 1000, 50, 0},
	{"bucket 100/2", func() truth { return tokens(100, 2) }, TokenBucket, 100, 2, 0},
	{"bucket 100/1", func() truth { return tokens(100, 1) }, TokenBucket, 100, 1, 0},
	{"nginx 100", func() truth { return limitReq(100, 0, false) }, TokenBucket, 100, 1, 0},
	{"nginx 100 burst 20 nodelay", func() truth { return limitReq(100, 20, false) }, TokenBucket, 100, 21, 0},
	{"nginx 100 burst 20", func() truth { return limitReq(100, 20, true) }, LeakyBucket, 100, 20, 0},
	{"nginx 30 burst 5", func() truth { return limitReq(30, 5, true) }, LeakyBucket, 30, 5, 0},
	{"window 100/s", func() truth { return counter(100, 1e9, 3e8) }, FixedWindow, 100, 0, 1000},
	{"window 50/5s", func() truth { return counter(50, 5e9, 3e8) }, FixedWindow, 10, 0, 5000},
	{"window 10/100ms", func() truth { return counter(10, 1e8, 3e7) }, FixedWindow, 100, 0, 100},
	{"expiring 100/s", func() truth { return expiring(100, 1e9) }, FixedWindow, 100, 0, 1000},
}

// check holds an estimate against the truth.
func (l target) check(e Estimate) error {
	switch {
	case e.Kind != l.kind:
		return fmt.Errorf("a %s", e.Kind)
	case math.Abs(e.Rate-l.rate) > 0.05*l.rate:
		return fmt.Errorf("rate %.4g instead of %.4g", e.Rate, l.rate)
	case math.Abs(e.Burst-l.burst) > max(1, 0.1*l.burst):
		return fmt.Errorf("burst %.4g instead of %.4g", e.Burst, l.burst)
	case math.Abs(float64(e.Window)/1e6-l.ms) > 0.05*l.ms:
		return fmt.Errorf("window %v", e.Window)
	case e.Confidence < convincing || e.Confidence > 1:
		return fmt.Errorf("confidence %v", e.Confidence)
	}
	return nil
}

// Thirty seconds of too much load, or fifteen windows, tell the limiter: with any arrivals, with a
// way that takes now longer and now shorter, and with some answers missing.
func TestTold(t *testing.T) {
	for _, l := range targets {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			for _, ratio := range []float64{1.2, 1.5, 2.5, 5, 10} {
				if l.rate*ratio > 5000 {
					continue // takes long to make up, and tells no more
				}
				for seed := range uint64(8) {
					w := load{
						legs: []leg{{l.rate * ratio, max(30, 15*l.ms/1000)}}, seed: seed,
						uniform: seed&1 != 0, jitter: float64(seed>>1&1) * 2e6, lost: float64(seed>>2&1) * 0.005,
					}
					o := NewObserver()
					drive(o, l.make(), w)
					e := o.Estimate()
					seen := l
					if w.uniform && l.burst == 1 && ratio < 2 {
						// Every second one passes, whatever the rate within a range of
						// two; half of the load is what such a load sees sustained.
						seen.rate, seen.burst = l.rate*ratio/2, e.Burst
					}
					if unclear := seen.rate != l.rate || w.uniform && l.burst == 2; unclear && e.Kind == None {
						continue
					}
					if err := seen.check(e); err != nil {
						t.Errorf("× %g, even %v, jitter %v, lost %v: %v (%+v)", ratio, w.uniform, w.jitter/1e6, w.lost, err, e)
					}
				}
			}
		})
	}
}

// A limiter before one path of several is made out from what it decided alone.
func TestOfAPart(t *testing.T) {
	for _, l := range []target{targets[0], targets[6], targets[7]} {
		behind, o := NewObserver(), NewObserver()
		drive(behind, l.make(), load{legs: []leg{{250, 60}}, jitter: 1e6, seed: 1})
		behind.merge()
		free := rand.New(rand.NewPCG(2, 2))
		at := 0.0
		for _, d := range behind.sorted {
			for ; int64(at) < d.at; at += 1e9 / 400 * free.ExpFloat64() {
				o.Add(0, int64(at), 300_000, false)
			}
			o.Add(3, d.at, int64(d.took)*1000, d.refused)
		}
		if err := l.check(o.Estimate()); err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
	}
}

// A limiter before all of many paths is not taken for one before those few that
// were refused so far.
func TestOfManyParts(t *testing.T) {
	l := targets[0]
	for _, seconds := range []float64{5, 10, 20, 60} {
		for seed := range uint64(5) {
			all, o := NewObserver(), NewObserver()
			drive(all, l.make(), load{legs: []leg{{1.05 * l.rate, seconds}}, jitter: 1e6, seed: seed})
			all.merge()
			path := rand.New(rand.NewPCG(seed, 3))
			for _, d := range all.sorted {
				o.Add(uint16(path.IntN(200)), d.at, int64(d.took)*1000, d.refused)
			}
			if e := o.Estimate(); e.Kind != None && off(e.Rate, l.rate) > 0.05 {
				t.Errorf("%v s, seed %d: %+v", seconds, seed, e)
			}
		}
	}
}
