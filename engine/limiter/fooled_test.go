package limiter

import (
	"fmt"
	"testing"
)

// What refuses without being a limiter of a rate is not called one.
func TestNotFooled(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{20, 100, 500} {
		for seed := range uint64(8) {
			w := load{legs: []leg{{rate, 30}}, uniform: seed&1 != 0, jitter: float64(seed>>1&1) * 1e6, lost: float64(seed>>2&1) * 0.005, seed: seed}
			for name, limit := range map[string]truth{
				"one in ten":           atRandom(0.1, seed),
				"half":                 atRandom(0.5, seed),
				"nine in ten":          atRandom(0.9, seed),
				"at once, various":     atOnce(int(rate/20)+1, 1e8, seed, false),
				"at once, even":        atOnce(int(rate/20)+1, 1e8, seed, true),
				"one at once, various": atOnce(1, 2e9/rate, seed, false),
				"one at once, even":    atOnce(1, 4e9/rate, seed, true),
				"5 buckets":            perKey(5, seed, func() truth { return tokens(rate/10, 5) }),
				"20 spacings":          perKey(20, seed, func() truth { return tokens(rate/40, 1) }),
				"3 windows":            perKey(3, seed, func() truth { return counter(int(rate/6), 1e9, 0) }),
				"5 of nginx":           perKey(5, seed, func() truth { return limitReq(int64(rate/10), 10, true) }),
				"all":                  atRandom(1, seed),
				"none":                 atRandom(0, seed),
			} {
				o := NewObserver()
				drive(o, limit, w)
				e := o.Estimate()
				if name == "3 windows" && e.Confidence < 0.85 {
					continue // as good as one, if their clients are as busy
				}
				if e.Kind != None || e.Rate != 0 {
					t.Errorf("%s of %g/s, %+v: %+v", name, rate, w, e)
				}
			}
		}
	}
}

// A server that refuses at random when it has too much to do has no rate either,
// though it refuses nothing below some.
func TestShedding(t *testing.T) {
	for seed := range uint64(5) {
		coin := atRandom(0.3, seed)
		o := NewObserver()
		drive(o, func(at int64) (bool, int64) {
			if at < 15e9 {
				return false, 0
			}
			return coin(at)
		}, load{legs: []leg{{50, 15}, {200, 15}}, seed: seed})
		if e := o.Estimate(); e.Kind != None {
			t.Errorf("%+v", e)
		}
	}
}

// Nothing is claimed from a handful.
func TestTooLittle(t *testing.T) {
	for _, l := range targets {
		o := NewObserver()
		if e := o.Estimate(); e != (Estimate{Kind: None}) {
			t.Errorf("nothing seen: %+v", e)
		}
		drive(o, l.make(), load{legs: []leg{{l.rate * 2, 15 / l.rate}}})
		if e := o.Estimate(); e.Kind != None || e.Accepted+e.Refused < 10 {
			t.Errorf("%s: %+v", l.name, e)
		}
	}
}

// Loads that change while it is watched, some below the limit, and long ones of
// which only the end is kept.
func TestChangingLoad(t *testing.T) {
	for _, l := range targets {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			for i, legs := range [][]leg{
				{{0.5, 10}, {1.5, 10}, {3, 15}},
				{{3, 10}, {0.5, 10}, {3, 10}},
				{{1.2, 8}, {4, 8}, {0.3, 8}, {10, 8}},
				{{1.5, 10}, {0.05, 20}, {2.5, 20}},
			} {
				for seed := range uint64(8) {
					w := load{seed: seed, uniform: seed&1 != 0, jitter: float64(seed>>1&1) * 2e6, lost: float64(seed>>2&1) * 0.005}
					for _, leg := range legs {
						leg.rate *= l.rate
						leg.seconds *= max(1, l.ms/1000) // enough windows
						w.legs = append(w.legs, leg)
					}
					if w.uniform && (l.burst == 1 || l.burst == 2) {
						continue
					}
					o := NewObserver()
					drive(o, l.make(), w)
					if err := l.check(o.Estimate()); err != nil {
						t.Errorf("legs %d, even %v, jitter %v, lost %v: %v (%+v)", i, w.uniform, w.jitter/1e6, w.lost, err, o.Estimate())
					}
				}
			}
		})
	}
}

// A client and a target that share a busy machine: a tenth is held up for
// some milliseconds on either way.
func TestStalls(t *testing.T) {
	t.Parallel()
	for _, l := range targets {
		if l.rate > 100 {
			continue // held up for longer than several at the limit's rate
		}
		for seed := range uint64(4) {
			o := NewObserver()
			drive(o, l.make(), load{legs: []leg{{l.rate * 1.5, 10}, {l.rate * 4, 20}}, jitter: 2e5, stalls: 0.1, seed: seed})
			if err := l.check(o.Estimate()); err != nil {
				t.Errorf("%s: %v", l.name, err)
			}
		}
	}
}

// A burst at the start is remembered when it is no longer among what is kept,
// whether or not somebody asked in time.
func TestRemembersTheBurst(t *testing.T) {
	t.Parallel()
	for _, asked := range []bool{false, true} {
		for _, l := range []target{targets[0], targets[6], targets[7]} {
			all, o := NewObserver(), NewObserver()
			drive(all, l.make(), load{legs: []leg{{250, 120}, {400, 200}}, jitter: 1e6})
			all.merge()
			if all.whole || all.calm {
				t.Fatal("all of it is kept")
			}
			drive(o, l.make(), load{legs: []leg{{250, 120}}, jitter: 1e6})
			for asked && o.Estimate().Kind == None {
				t.Fatal("nothing seen yet")
			}
			for _, d := range all.sorted {
				if d.at > 120e9 {
					o.Add(0, d.at, int64(d.took)*1000, d.refused)
				}
			}
			for _, o := range []*Observer{all, o} {
				if err := l.check(o.Estimate()); err != nil {
					t.Errorf("%s, asked %v: %v", l.name, asked, err)
				}
			}
		}
	}
}

// What comes late is put where it belongs, and an estimate stays as it is while
// hardly anything is new.
func TestOrder(t *testing.T) {
	sorted, mixed := NewObserver(), NewObserver()
	drive(sorted, tokens(100, 20), load{legs: []leg{{300, 40}}, seed: 1})
	sorted.merge()
	ds := sorted.sorted
	// Each second half of two seconds comes before the first one.
	for i := 0; i < len(ds); i += 600 {
		middle, end := min(i+300, len(ds)), min(i+600, len(ds))
		for _, part := range [][]decision{ds[middle:end], ds[i:middle]} {
			for _, d := range part {
				mixed.Add(0, d.at, int64(d.took)*1000, d.refused)
			}
		}
		mixed.Estimate()
	}
	mixed.fresh = kept
	if a, b := fmt.Sprint(mixed.Estimate()), fmt.Sprint(sorted.Estimate()); a != b {
		t.Errorf("%s\n%s in order", a, b)
	}
	before := mixed.Estimate()
	mixed.Add(0, 41e9, 1e6, true)
	after := mixed.Estimate()
	if before.Refused++; before != after {
		t.Errorf("%+v after one more, %+v before", after, before)
	}
}

// However much is added, the memory is bounded.
func TestBounded(t *testing.T) {
	o := NewObserver()
	for i := range int64(10 * kept) {
		o.Add(0, i*1e6, 1e6, i%3 == 0)
	}
	if n := cap(o.sorted) + cap(o.pending); n > 4*kept {
		t.Errorf("%d decisions", n)
	}
	if e := o.Estimate(); e.Accepted+e.Refused != 10*kept {
		t.Errorf("%+v", e)
	}
	if a := testing.AllocsPerRun(10*kept, func() { o.Add(0, 1e12, 1e6, true) }); a != 0 {
		t.Errorf("%v allocations for each", a)
	}
}

// Whatever is given, nothing breaks.
func FuzzObserver(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8}, int64(1), int64(1_000_000))
	f.Add(make([]byte, 200), int64(-5), int64(0))
	f.Fuzz(func(t *testing.T, steps []byte, start, unit int64) {
		o := NewObserver()
		at := start
		for _, s := range steps {
			at += int64(int8(s)) * unit
			o.Add(0, at, int64(s)*unit, s&4 == 0)
		}
		e := o.Estimate()
		if e.Confidence < 0 || e.Confidence > 1 || e.Kind != None && !(e.Rate > 0) || e.Kind == None && e.Rate != 0 {
			t.Errorf("%+v", e)
		}
	})
}
