package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/measure"
)

// law checks that every intended request is in exactly one state.
func law(t *testing.T, s *Snapshot) {
	t.Helper()
	c := s.View.Run.Counts
	sum := c.Done() + c.Unsent() + c.Cut + c.Stopped + c.Backlog + c.Connecting + c.InFlight
	if c.Intended != sum || s.Audit != "ok" {
		t.Fatalf("at %v: intended %d, states add up to %d, audit %q", s.At, c.Intended, sum, s.Audit)
	}
}

func ms(n float64) time.Duration { return time.Duration(n * 1e6) }

func near(t *testing.T, what string, got int64, want, tolerance time.Duration) {
	t.Helper()
	if d := time.Duration(got) - want; d < -tolerance || d > tolerance {
		t.Errorf("%s = %v, want %v ± %v", what, time.Duration(got), want, tolerance)
	}
}

func TestStepOfRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 200, "rate 100", "hold 2005ms", "rate 1000", "hold 2s"), EndWithPhases: true})
		<-r.Done()
		log := f.log()
		at := 2005 * time.Millisecond
		first := time.Duration(0)
		for _, a := range log {
			if a >= at {
				first = a
				break
			}
		}
		if first-at > 2*time.Millisecond {
			t.Errorf("first arrival %v after the change", first-at)
		}
		if n := between(log, at, at+time.Second); n < 999 || n > 1001 {
			t.Errorf("%d arrivals in the second after the change", n)
		}
		for b := at; b < at+time.Second; b += 10 * time.Millisecond {
			if n := between(log, b, b+10*time.Millisecond); n < 9 || n > 11 {
				t.Errorf("%d arrivals in the 10 ms from %v", n, b-at)
			}
		}
		s := r.Snapshot()
		law(t, s)
		if s.State != Ended || s.Ending != "plan" || s.CutShort || s.Halted != 4005*time.Millisecond {
			t.Errorf("state %s, ending %q, halted at %v", s.State, s.Ending, s.Halted)
		}
		if n := len(s.View.Segments); n != 2 {
			t.Fatalf("%d segments, want 2", n)
		}
		if n := s.View.Segments[1].Stats.Counts.Intended; n < 1999 || n > 2001 {
			t.Errorf("second segment holds %d requests", n)
		}
		finish(t, r)
	})
}

// Phases of which none takes time are a setting that holds until the end of the
// run's own time; a stop among them ends it.
func TestPhasesWithoutTimeHold(t *testing.T) {
	for _, c := range []struct {
		phases []string
		ending string
		sent   int
	}{
		{[]string{"rate 100", "concurrency 8"}, "duration", 300},
		{[]string{"rate 100", "hold 1s"}, "plan", 100},
		{[]string{"hold 1s", "rate 100"}, "plan", 10},
		{[]string{"rate 100", "stop"}, "plan", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: constant(ms(1))}
			r := begin(t, f, Options{Profile: testProfile(t, 200, c.phases...), EndWithPhases: true, Duration: 3 * time.Second})
			<-r.Done()
			if s := r.Snapshot(); s.Ending != c.ending || s.CutShort {
				t.Errorf("%q: ended by %q, cut short %t", c.phases, s.Ending, s.CutShort)
			}
			if n := len(f.log()); n < c.sent-1 || n > c.sent+1 {
				t.Errorf("%q: %d requests, want %d", c.phases, n, c.sent)
			}
			finish(t, r)
		})
	}
}

func TestPauseLeavesNothingToCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 200, "rate 1000", "hold 1h")})
		time.Sleep(2 * time.Second)
		do(t, r, "pause")
		time.Sleep(10 * time.Second)
		resumed := time.Since(r.epoch)
		do(t, r, "resume")
		time.Sleep(3 * time.Second)
		log := f.log()
		if n := between(log, 2*time.Second+1, resumed); n != 0 {
			t.Errorf("%d requests left during the pause", n)
		}
		if n := between(log, resumed, resumed+100*time.Millisecond); n < 98 || n > 102 {
			t.Errorf("%d arrivals in the 100 ms after the resume, want 100", n)
		}
		s := finish(t, r)
		law(t, s)
		if s.Holder != ByProfile {
			t.Errorf("a pause took the dials: %s holds them", s.Holder)
		}
	})
}

// The server blocks for the first second of every ten: response time has to
// show it in full, whatever the concurrency, and service time must not when the
// slots are few.
func TestStall(t *testing.T) {
	for _, concurrency := range []int{2000, 100} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: stalling(ms(1), time.Second, 10*time.Second)}
			r := begin(t, f, Options{Profile: testProfile(t, concurrency, "rate 1000", "hold 60s"), EndWithPhases: true})
			for range 60 {
				time.Sleep(time.Second)
				law(t, r.Snapshot())
			}
			<-r.Done()
			s := r.Snapshot()
			law(t, s)
			l := s.View.Run.Response
			near(t, "p50", l.P[measure.P50], ms(1), ms(2))
			near(t, "p95", l.P[measure.P95], ms(500.5), ms(15))
			near(t, "p99", l.P[measure.P99], ms(900.5), ms(15))
			near(t, "max", l.Max, ms(1001), ms(15))
			if s.View.Run.Counts.Intended != 60_000 || s.View.Run.Unsent() != 0 {
				t.Errorf("intended %d, unsent %d", s.View.Run.Counts.Intended, s.View.Run.Unsent())
			}
			if concurrency == 100 {
				near(t, "service p95", s.View.Run.Service.P[measure.P95], ms(1), ms(4))
			}
			finish(t, r)
		})
	}
}
