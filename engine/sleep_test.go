package engine

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/pace"
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
