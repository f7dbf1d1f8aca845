package limiter

import (
	"math"
	"testing"
)

// A clean minute tells the numbers well: what only looks a little like the
// limiter, a rolling window for one of the clock or a rate that was not
// refined, is further off.
func TestPrecise(t *testing.T) {
	t.Parallel()
	for _, l := range targets {
		if l.burst == 1 {
			continue // told as the roundest number
		}
		for seed := range uint64(8) {
			o := NewObserver()
			drive(o, l.make(), load{legs: []leg{{l.rate * 1.5, max(60, 30*l.ms/1000)}}, seed: seed})
			e := o.Estimate()
			if err := l.check(e); err != nil || off(e.Rate, l.rate) > 0.015 || e.Confidence < 0.9 {
				t.Errorf("%s, seed %d: %+v (%v)", l.name, seed, e, err)
			}
		}
	}
}

// Windows of the clock that few use: some have no opening, and in some nobody
// came at first.
func TestSparseWindows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		o := NewObserver()
		drive(o, counter(10, 1e8, 3e7), load{legs: []leg{{120, 30}}, seed: seed})
		if e := o.Estimate(); e.Kind != FixedWindow || math.Abs(e.Window.Seconds()-0.1) > 1e-3 {
			t.Errorf("seed %d: %+v", seed, e)
		}
	}
}

// A server that does one request at a time and refuses the others decides like
// a bucket of one; that the accepted ones take as long as it waits between two
// gives it away.
func TestBusyServer(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{200, 300, 600} {
		for _, service := range []float64{4e6, 8e6} {
			for seed := range uint64(6) {
				w := load{legs: []leg{{rate, 30}}, jitter: float64(seed%3) * 1e6, seed: seed}
				o := NewObserver()
				drive(o, atOnce(1, service, seed, true), w)
				if e := o.Estimate(); e.Kind != None {
					t.Errorf("%g/s, %g ms, jitter %g ms: %+v", rate, service/1e6, w.jitter/1e6, e)
				}
			}
		}
	}
}

// A bucket of one before a server that takes shorter or longer than its spacing
// is not such a server.
func TestSpacingBeforeAServer(t *testing.T) {
	for _, service := range []float64{0, 2e6, 5e6, 16e6, 40e6} {
		for seed := range uint64(4) {
			o := NewObserver()
			drive(o, tokens(100, 1), load{legs: []leg{{300, 30}}, jitter: float64(seed&1) * 2e6, service: service, seed: seed})
			if e := o.Estimate(); e.Kind != TokenBucket || off(e.Rate, 100) > 0.05 || e.Burst != 1 {
				t.Errorf("%g ms: %+v", service/1e6, e)
			}
		}
	}
}

// A load that was long below the limit still tells the burst when it climbs
// above it, and costs no sorting until then.
func TestCalmBefore(t *testing.T) {
	t.Parallel()
	for _, l := range []target{targets[0], targets[2], targets[7]} {
		for _, calm := range []float64{0.7, 1.6, 3.5} { // of what is kept
			limit, seconds := l.make(), calm*kept/(l.rate/2)
			o := NewObserver()
			limited := false
			drive(o, func(at int64) (bool, int64) {
				refused, wait := limit(at)
				limited = limited || refused
				return refused, wait
			}, load{legs: []leg{{l.rate / 2, seconds}}, uniform: true})
			if limited || len(o.sorted) > 0 || cap(o.pending) > 3*kept {
				t.Fatalf("refused %v, %d in order, %d waiting", limited, len(o.sorted), cap(o.pending))
			}
			if o.whole != (calm < 2) {
				t.Errorf("whole: %v", o.whole)
			}
			if e := o.Estimate(); len(o.sorted) > 0 || e.Kind != None || e.Accepted != o.accepted {
				t.Errorf("%d in order: %+v", len(o.sorted), e)
			}
			driveFrom(o, int64(seconds*1e9), limit, load{legs: []leg{{l.rate * 3, 20}}, jitter: 1e6})
			if err := l.check(o.Estimate()); err != nil {
				t.Errorf("%s after %.0f s: %v (%+v)", l.name, seconds, err, o.Estimate())
			}
		}
	}
}

// Half a window, of which every second one lets nothing in, is no window: what is
// claimed is never more than was let in. So many clients with a window each look
// like that.
func TestNotHalfAWindow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		o := NewObserver()
		w := load{legs: []leg{{500, 30}}, uniform: seed&1 != 0, jitter: float64(seed>>1&1) * 1e6, lost: float64(seed>>2&1) * 0.005, seed: seed}
		drive(o, perKey(3, seed, func() truth { return counter(83, 1e9, 0) }), w)
		if e := o.Estimate(); e.Rate > 275 {
			t.Errorf("seed %d: of 249/s: %+v", seed, e)
		}
	}
}

// A few decisions tell less than many that agree as well.
func TestFewTellLess(t *testing.T) {
	for _, seconds := range []float64{1, 30} {
		o := NewObserver()
		drive(o, tokens(30, 5), load{legs: []leg{{60, seconds}}, uniform: true})
		few := float64(min(o.accepted, o.refused))
		if e := o.Estimate(); e.Kind != TokenBucket || e.Confidence > few/(few+4) {
			t.Errorf("%+v", e)
		}
	}
}

// So many at once, of which each takes the same, let in like a window as long as
// an answer takes; a lost answer hides how many there are.
func TestSoManyAtOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		o := NewObserver()
		drive(o, atOnce(26, 1e8, seed, true), load{legs: []leg{{500, 30}}, uniform: true, lost: 0.005, seed: seed})
		if e := o.Estimate(); e.Kind != None {
			t.Errorf("seed %d: %+v", seed, e)
		}
	}
}
