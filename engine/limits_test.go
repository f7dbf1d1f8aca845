package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/limiter"
	"stoke/engine/measure"
)

// tokensOf refuses with 429 what a bucket of that rate per second and size has
// no token for. Only for requests that come one after the other.
func tokensOf(rate, size float64) func(time.Duration) (time.Duration, int) {
	have, last := size, time.Duration(0)
	return func(at time.Duration) (time.Duration, int) {
		have = min(size, have+rate*(at-last).Seconds())
		if last = at; have < 1 {
			return ms(1), 429
		}
		have--
		return ms(1), 200
	}
}

// The limiter is inferred while the run goes on, from what was decided up to the
// second before, and at its end from all of it; in virtual time each run tells
// the same.
func TestLimiterIsInferred(t *testing.T) {
	watched := func() (told []string, last *Snapshot) {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: tokensOf(50, 30)}
			r := begin(t, f, Options{Profile: testProfile(t, 20, "rate 40", "hold 3s", "rate 200", "hold 6350ms"), EndWithPhases: true})
			time.Sleep(ms(10)) // between two snapshots
			for s := r.Snapshot(); ; s = r.Snapshot() {
				text := fmt.Sprint(s.At)
				if e := s.Traffic.Limiter; e != nil {
					text = fmt.Sprintf("%s %+v", text, *e)
					if n := e.Accepted + e.Refused; n > s.View.Run.Counts.Done() {
						t.Errorf("at %v: made out from %d of %d", s.At, n, s.View.Run.Counts.Done())
					}
				}
				told = append(told, text)
				select {
				case <-r.Done():
					last = finish(t, r)
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		})
		return told, last
	}
	first, last := watched()
	if again, _ := watched(); !slices.Equal(first, again) {
		t.Errorf("another run of the same tells something else: %d and %d snapshots", len(first), len(again))
	}
	changes := 0
	for i, text := range first {
		_, now, _ := strings.Cut(text, " ")
		if i > 0 && !strings.HasSuffix(first[i-1], now) {
			changes++
		}
		if at, _, _ := strings.Cut(text, " "); now != "" && slices.Contains([]string{"1s", "2s", "3s"}, at) {
			t.Errorf("before a refusal: %s", text)
		}
	}
	if changes < 5 || changes > 8 {
		t.Errorf("told %d times in 6.3 s of refusals", changes)
	}
	e, c := last.Traffic.Limiter, last.View.Run.Counts
	if e == nil || e.Kind != limiter.TokenBucket || math.Abs(e.Rate-50) > 1 || math.Abs(e.Burst-30) > 1 {
		t.Fatalf("%+v", e)
	}
	if e.Accepted != c.OK || e.Refused != c.Limited || c.Limited == 0 {
		t.Errorf("made out from %d and %d; accepted %d, limited %d", e.Accepted, e.Refused, c.OK, c.Limited)
	}
}

// Without a refusal nothing is handed to anybody.
func TestNoLimiterWithoutRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begin(t, &fakeTransport{service: constant(ms(1))}, Options{Profile: testProfile(t, 20, "rate 100", "hold 3s"), EndWithPhases: true})
		<-r.Done()
		if s := finish(t, r); s.Traffic.Limiter != nil || r.rec.limits.to != nil {
			t.Errorf("%+v", s.Traffic.Limiter)
		}
	})
}

// A panic in the inference is handed to Crashed, and the end of the run does not
// wait for ever.
func TestInferenceCrashed(t *testing.T) {
	var value any
	var where string
	r := &Run{options: Options{Crashed: func(v any, stack []byte) { value, where = v, string(stack) }}}
	l := limits{to: infer(nil, r.guard), tried: []bool{false}} // no observer: broken
	l.add([]measure.Sample{{Class: measure.Limited}}, r.guard)
	l.end()
	if value == nil || !strings.Contains(where, "(*inference).work") {
		t.Errorf("crashed with %v at %s", value, where)
	}
	if l.estimate != nil {
		t.Errorf("%+v", l.estimate)
	}
}

// What the recorder's goroutine pays for an answer, while nothing was refused
// and from then on.
func BenchmarkLimits(b *testing.B) {
	for name, l := range map[string]*limits{
		"calm":    {observer: limiter.NewObserver(), tried: []bool{false}},
		"limited": {to: &inference{wake: make(chan struct{}, 1)}, tried: []bool{false}}, // that infers nothing: it is another goroutine's time
	} {
		b.Run(name, func(b *testing.B) {
			batch := make([]measure.Sample, batchLen)
			now := int64(0)
			for n := 0; b.Loop(); n++ {
				for i := range batch {
					now += 25_000
					batch[i].T4, batch[i].T8 = now, now+1e6
				}
				l.add(batch, nil)
				if n%100 == 0 {
					if l.second(now); l.to != nil {
						l.to.handed = l.to.handed[:0]
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batchLen, "ns/answer")
		})
	}
}
