package engine

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClosedModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(10))}
		r := begin(t, f, Options{Profile: testProfile(t, 20, "rate 100", "hold 1h")})
		time.Sleep(2 * time.Second)
		do(t, r, "rate max")
		time.Sleep(5 * time.Second)
		s := r.Snapshot()
		law(t, s)
		if s.Model != "closed" || s.InFlight != 20 {
			t.Errorf("model %s with %d in flight", s.Model, s.InFlight)
		}
		if n := between(f.log(), 4*time.Second, 5*time.Second); n < 1980 || n > 2020 {
			t.Errorf("%d/s from 20 slots of 10 ms, want 2000", n)
		}
		do(t, r, "concurrency 5")
		time.Sleep(2 * time.Second)
		if s := r.Snapshot(); s.InFlight != 5 {
			t.Errorf("%d in flight at concurrency 5", s.InFlight)
		}
		time.Sleep(time.Millisecond) // into the middle of the requests
		at := time.Since(r.epoch)
		do(t, r, "rate 100")
		time.Sleep(2 * time.Second)
		if n := between(f.log(), at, at+time.Second); n < 99 || n > 101 {
			t.Errorf("%d/s after rate 100", n)
		}
		law(t, finish(t, r))
	})
}

func TestPhasePauseStopsTheClosedModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(10))}
		r := begin(t, f, Options{Profile: testProfile(t, 20, "rate max", "hold 1s", "pause", "hold 2s", "resume", "hold 1s"), EndWithPhases: true})
		<-r.Done()
		log := f.log()
		if n := between(log, time.Second+ms(1), 3*time.Second); n != 0 {
			t.Errorf("%d requests left in the pause", n)
		}
		if n := between(log, 3*time.Second, 4*time.Second); n < 1900 {
			t.Errorf("%d requests after the resume, want 2000", n)
		}
		law(t, r.Snapshot())
	})
}

func TestClosedModelKeepsTheRateCeiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		p := testProfile(t, 32, "rate max", "hold 1h")
		p.Limits.Rate = 500
		r := begin(t, f, Options{Profile: p})
		time.Sleep(10 * time.Second)
		if n := between(f.log(), time.Second, 10*time.Second); n < 4300 || n > 4600 {
			t.Errorf("%d requests in 9 s under a ceiling of 500/s", n)
		}
		law(t, finish(t, r))
	})
}

func TestClosedModelAgainstARefusedPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1)), refuse: true}
		r := begin(t, f, Options{Profile: testProfile(t, 10, "rate max", "hold 1h")})
		time.Sleep(5 * time.Second)
		s := finish(t, r)
		law(t, s)
		if n := s.View.Run.Error; n < 400 || n > 600 {
			t.Errorf("%d failed dials of 10 slots in 5 s, want about 500", n)
		}
	})
}
