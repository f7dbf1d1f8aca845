package engine

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/limiter"
	"stoke/profiles"
)

func TestRetriesAreOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := map[string]int{}
		s := newShop(t, func(_ time.Duration, line, _, _ string) reply {
			tries[line]++
			if tries[line] < 3 {
				return reply{after: 10 * time.Millisecond, status: 503}
			}
			return reply{after: 10 * time.Millisecond, status: 200}
		})
		p := flowProfile(t, "rate 10", profiles.Request{Name: "one", Method: "GET", Path: "/${seq}"})
		p.Retry = &profiles.Retry{Attempts: 3, On: []string{"5xx"}, Backoff: 100 * time.Millisecond}
		r := begin(t, s, Options{Profile: p, Duration: 3 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		n := last.View.Run.Counts
		if n.Intended != 30 || n.OK < 26 || n.OK+n.Status != 30 {
			t.Errorf("intended %d, ok %d, status %d", n.Intended, n.OK, n.Status)
		}
		// 10 + 100 + 10 + 200 + 10 ms, from the intended time to the last answer.
		if got := time.Duration(last.View.Run.Response.Max); got != 330*time.Millisecond {
			t.Errorf("the response time is %v, want 330 ms", got)
		}
		f := last.Traffic.Retry
		if int(f.Retries)+30 != len(s.log) || last.Wire.Requests != int64(len(s.log)) {
			t.Errorf("%d retries, %d on the wire; the target saw %d", f.Retries, last.Wire.Requests, len(s.log))
		}
		if f.Rescued != n.OK || f.Waiting != 0 || f.Policy != "3 attempts on 5xx" {
			t.Errorf("%+v", f)
		}
		// Each attempt carries the very same bytes.
		for line, k := range tries {
			if k > 3 {
				t.Errorf("%s went out %d times", line, k)
			}
		}
	})
}

// The pause before an attempt on a kept connection is no lag of this machine:
// nothing of the request had left before it.
func TestRetryAfterRefusedDialIsNoLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(at time.Duration, _, _, _ string) reply {
			return reply{after: time.Millisecond, status: 200, hangUp: at == 300*time.Millisecond}
		})
		s.refused = func(at time.Duration) bool { return at == 350*time.Millisecond }
		p := flowProfile(t, "rate 20", profiles.Request{Name: "one", Method: "GET", Path: "/"})
		p.Concurrency = 1
		p.Retry = &profiles.Retry{Attempts: 2, On: []string{"error"}, Backoff: 75 * time.Millisecond}
		r := begin(t, s, Options{Profile: p, Duration: time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		n := &last.View.Run
		if last.Traffic.Retry.Rescued != 1 || n.Counts.OK != 20 {
			t.Fatalf("%+v, %+v", last.Traffic.Retry, n.Counts)
		}
		if lag, connect := time.Duration(n.DispatchLag.Max), time.Duration(n.Connect.Max); lag != 0 || connect != 75*time.Millisecond {
			t.Errorf("dispatch lag %v, connect %v; want none, and the 75 ms until there was a connection", lag, connect)
		}
	})
}

func TestLimiterIsSeenThroughRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A bucket of 20 requests that gets 50 more each second.
		tokens, filled := 20.0, time.Duration(0)
		s := newShop(t, func(at time.Duration, _, _, _ string) reply {
			tokens = min(20, tokens+50*(at-filled).Seconds())
			if filled = at; tokens < 1 {
				return reply{status: 429}
			}
			tokens--
			return reply{status: 200}
		})
		p := flowProfile(t, "rate 80", profiles.Request{Name: "one", Method: "GET", Path: "/"})
		p.Arrivals = "poisson"
		p.Retry = &profiles.Retry{Attempts: 3, On: []string{"limited"}, Backoff: 200 * time.Millisecond, Jitter: 0.5}
		r := begin(t, s, Options{Profile: p, Duration: 30 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		e := last.Traffic.Limiter
		if e == nil || e.Kind != limiter.TokenBucket || math.Abs(e.Rate-50) > 2.5 {
			t.Fatalf("inferred %+v, want a token bucket of 50/s", e)
		}
		if got, want := e.Accepted+e.Refused, int64(len(s.log)); got != want {
			t.Errorf("it looked at %d decisions, the target took %d", got, want)
		}
	})
}

func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(time.Duration, string, string, string) reply { return reply{after: time.Millisecond, status: 503} })
		p := flowProfile(t, "rate 100", profiles.Request{Name: "one", Method: "GET", Path: "/"})
		p.Retry = &profiles.Retry{Attempts: 4, On: []string{"503"}, Backoff: 10 * time.Millisecond, Budget: 0.2}
		r := begin(t, s, Options{Profile: p, Duration: 20 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		f := last.Traffic.Retry
		if f.Retries < 380 || f.Retries > 420 || f.Denied == 0 {
			t.Errorf("%d retries of 2000 requests with a budget of 20 %%, %d denied", f.Retries, f.Denied)
		}
		if got := last.View.Run.Counts.Status; got != 2000 {
			t.Errorf("%d ended with their status, want 2000", got)
		}
	})
}

func TestLimitedClientsMayObey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(at time.Duration, _, _, _ string) reply {
			if at < 5*time.Second {
				return reply{status: 429, wait: 2}
			}
			return reply{status: 200}
		})
		p := flowProfile(t, "rate 1", profiles.Request{Name: "one", Method: "GET", Path: "/"})
		p.OnLimited = "obey"
		r := begin(t, s, Options{Profile: p, Duration: 8 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		if n := last.View.Run.Counts; n.OK != 8 || n.Limited != 0 {
			t.Errorf("ok %d, limited %d of %d", n.OK, n.Limited, n.Intended)
		}
		// The first is asked to wait at 0, 2 and 4 s and is let in at 6 s.
		if got := time.Duration(last.View.Run.Response.Max); got != 6*time.Second {
			t.Errorf("the slowest took %v, want 6 s", got)
		}
	})
}
