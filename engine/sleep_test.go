package engine

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/measure"
	"stoke/engine/pace"
	"stoke/profiles"
)

// napper is a pacer's sleeper that once sleeps much too long, as under a closed
// lid.
type napper struct {
	pace.Sleeper
	epoch time.Time
	at    time.Duration
	nap   time.Duration
}

func (n *napper) SleepUntil(t int64) {
	n.Sleeper.SleepUntil(t)
	if n.nap > 0 && time.Since(n.epoch) > n.at {
		time.Sleep(n.nap)
		n.nap = 0
	}
}

func TestALongSleepCostsNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(time.Millisecond)}
		r, err := New(context.Background(), Options{Profile: testProfile(t, 10, "rate 20k"), Transport: f, NoHealth: true, Seed: 1,
			Sleeper: func(epoch time.Time) pace.Sleeper {
				return &napper{pace.NewTimerSleeper(epoch), epoch, 100 * time.Millisecond, 10 * time.Minute}
			}})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*time.Minute + 200*time.Millisecond)
		last := finish(t, r)
		runtime.ReadMemStats(&after)
		if got, want := last.View.Run.Counts.Generator, int64(20_000*(600-0.2)); got < want || got > want+10_000 {
			t.Errorf("%d arrivals were slept past, want about %d", got, want)
		}
		if last.Audit != auditOK {
			t.Errorf("audit: %s", last.Audit)
		}
		// A sample each would be 1.4 GB.
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 200 {
			t.Errorf("%d MB were allocated", got)
		}
	})
}

// drowsy is a pacer's sleeper that wakes every 50 ms only, as a timer on a grid.
type drowsy struct{ pace.Sleeper }

const grid = int64(50e6)

func (d drowsy) SleepUntil(t int64) { d.Sleeper.SleepUntil((t + grid - 1) / grid * grid) }

// drowse runs a profile with a pacer that wakes late, and returns the last
// snapshot and every request.
func drowse(t *testing.T, f *fakeTransport, p *profiles.Profile) (*Snapshot, []measure.Sample) {
	t.Helper()
	var all []measure.Sample
	r, err := New(context.Background(), Options{Profile: p, Transport: f, NoHealth: true, Seed: 1, EndWithPhases: true,
		Sleeper: func(epoch time.Time) pace.Sleeper { return drowsy{pace.NewTimerSleeper(epoch)} },
		Hooks: Hooks{Samples: func(batch []measure.Sample) []measure.Sample {
			all = append(all, batch...)
			return batch
		}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	<-r.Done()
	s := finish(t, r)
	law(t, s)
	return s, all
}

// A request is due at its time, whenever the pacer finds it. What it is late by
// is in its response time, and told apart as this machine's.
func TestLatePacerIsInTheResponseTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A hair under 1 ms: a slot that finished when a request falls due would find it.
		const service = int64(999e3)
		f := &fakeTransport{service: constant(time.Duration(service))}
		s, all := drowse(t, f, testProfile(t, 1000, "rate 1000", "hold 2s"))
		slices.SortFunc(all, func(a, b measure.Sample) int { return cmp.Compare(a.T0, b.T0) })
		late := 0
		for i := range all {
			// The pacer lets go at the end of a step of what fell due in it.
			q := &all[i]
			if q.T1 == (q.T0+grid-1)/grid*grid {
				late++
			}
			if q.T0 != int64(i)*1e6 || q.T1 < q.T0 || q.T4 != q.T1 {
				t.Fatalf("request %d: due at %v, found at %v, left at %v", i, time.Duration(q.T0), time.Duration(q.T1), time.Duration(q.T4))
			}
		}
		run := &s.View.Run
		if len(all) != 2000 || late != 2000 || math.Abs(run.PacerLag.Mean-24.5e6) > 1 || run.PacerLag.Max != 49e6 {
			t.Errorf("%d requests, %d let go by the late pacer; held back by %g ns on average, at most %d", len(all), late, run.PacerLag.Mean, run.PacerLag.Max)
		}
		if got, want := run.Response.Mean, run.PacerLag.Mean+run.Service.Mean; math.Abs(got-want) > 1 || run.Service.Max != service {
			t.Errorf("response time %g ns on average, want %g; service at most %d ns", got, want, run.Service.Max)
		}
	})
}

// The patience of a request begins when it was due, not when it was found.
func TestPatienceBeginsWhenDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(130 * time.Millisecond)}
		p := testProfile(t, 1, "rate 100", "hold 3s")
		p.MaxLate = 200 * time.Millisecond
		s, all := drowse(t, f, p)
		longest := int64(0)
		for i := range all {
			q := &all[i]
			switch q.Class {
			case measure.OK:
				longest = max(longest, q.T2-q.T0)
			case measure.Expired:
				if q.T8-q.T0 < int64(p.MaxLate) {
					t.Errorf("given up after %v", time.Duration(q.T8-q.T0))
				}
			}
		}
		if longest < int64(150*time.Millisecond) || longest >= int64(p.MaxLate) || s.View.Run.Expired == 0 {
			t.Errorf("a request that was sent waited %v; %d expired", time.Duration(longest), s.View.Run.Expired)
		}
	})
}
