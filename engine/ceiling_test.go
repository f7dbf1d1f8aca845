package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"stoke/profiles"
)

// Polls that wait for the ceiling while every slot is taken find one that parks:
// nothing else wakes the pacer once the load has stopped.
func TestPollsUnderALowCeilingComeToTheirEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, jobs(2*time.Second))
		q := process(t)
		q.Async.Every, q.Async.Within = 300*time.Millisecond, 4*time.Second
		p := flowProfile(t, "rate 10", q)
		p.Concurrency, p.Limits.Rate = 1, 12
		r := begin(t, s, Options{Profile: p, Duration: 2 * time.Second})
		select {
		case <-r.Done():
		case <-time.After(time.Minute):
			t.Errorf("the run goes on with %d open jobs", r.openJobs.Load())
		}
		last := finish(t, r)
		sound(t, last)
		if f := last.Traffic.Jobs[0]; f.Backlog != 0 || f.Accepted != 20 {
			t.Errorf("%+v", f)
		}
	})
}

// The closed model and what it leaves to be asked for share one ceiling.
func TestCeilingOfTheClosedModelCountsPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, jobs(time.Second))
		q := process(t)
		plain := profiles.Request{Name: "plain", Method: "GET", Path: "/plain", Expect: []profiles.StatusRange{{From: 404, To: 404}}}
		q.Async.Every, q.Async.Within = 2*time.Second, time.Minute
		p := flowProfile(t, "rate max", q, plain)
		p.Limits.Rate = 100
		r := begin(t, s, Options{Profile: p})
		time.Sleep(5 * time.Second)
		do(t, r, "stop now")
		sound(t, finish(t, r))
		if n := len(s.log); n > 510 || n < 450 {
			t.Errorf("%d requests in 5 s, with a ceiling of 100/s", n)
		}
	})
}

// A flow that a worker has in hand when the run is stopped at once is not asked
// for again.
func TestStopNowForgetsJobsInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(time.Duration, string, string, string) reply {
			return reply{after: time.Millisecond, status: 202, head: "Location: jobs/1\r\n", hangUp: true}
		})
		s.refused = func(at time.Duration) bool { return at > 500*time.Millisecond }
		q := process(t)
		q.Async.Every = 10 * time.Millisecond
		p := flowProfile(t, "rate max", q)
		p.Concurrency, p.Limits.Rate = 5, 100
		r := begin(t, s, Options{Profile: p})
		time.Sleep(1050 * time.Millisecond) // every slot rests after a refused dial
		do(t, r, "stop now")
		select {
		case <-r.Done():
		case <-time.After(time.Second):
			t.Errorf("the run goes on with %d open jobs", r.openJobs.Load())
		}
		sound(t, finish(t, r))
	})
}

// Steps that starts of an earlier mix still have before them count, too.
func TestCeilingHoldsAfterTheMixChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := checkout(t)
		q.Steps[1].Think = profiles.Think{From: 2 * time.Second, To: 2 * time.Second}
		q.Weight = 9
		s := newShop(t, func(at time.Duration, line, head, body string) reply {
			if line == "GET /plain" {
				return reply{after: time.Millisecond, status: 200}
			}
			return carts(at, line, head, body)
		})
		p := flowProfile(t, "rate 30", q, profiles.Request{Name: "plain", Method: "GET", Path: "/plain"})
		p.Limits.Rate = 90
		r := begin(t, s, Options{Profile: p})
		time.Sleep(4 * time.Second)
		do(t, r, "weight plain 100%")
		do(t, r, "rate 85")
		time.Sleep(4 * time.Second)
		sound(t, finish(t, r))
		log := s.fakeTransport.log()
		for second := range 8 {
			// Beside its share of arrivals a second holds at most what they left.
			if n := between(log, time.Duration(second)*time.Second, time.Duration(second+1)*time.Second); n > 95 {
				t.Errorf("%d requests in second %d, above the ceiling of 90", n, second)
			}
		}
	})
}

// Without a plan only the pause of a slot paces dials that are refused, whether
// or not the request is tried again.
func TestRefusedRetriesOfTheClosedModelAreNoStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(time.Duration, string, string, string) reply { return reply{status: 200} })
		dials := 0
		s.refused = func(time.Duration) bool {
			s.fakeTransport.mu.Lock()
			defer s.fakeTransport.mu.Unlock()
			dials++
			return true
		}
		p := flowProfile(t, "rate max", profiles.Request{Name: "one", Method: "GET", Path: "/${seq}"})
		p.Concurrency = 3
		p.Retry = &profiles.Retry{Attempts: 3, On: []string{"error"}, Backoff: 10 * time.Millisecond}
		r := begin(t, s, Options{Profile: p})
		time.Sleep(2 * time.Second)
		sound(t, finish(t, r))
		if dials > 3*21 {
			t.Errorf("%d dials in 2 s of 3 slots that pause 100 ms", dials)
		}
	})
}

// A request that could not be filled in has no bytes to be sent again.
func TestUnfilledRequestsAreNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := checkout(t)
		q.Failed = "continue"
		s := newShop(t, func(time.Duration, string, string, string) reply { return reply{status: 500} })
		p := flowProfile(t, "rate 10", q)
		p.Retry = &profiles.Retry{Attempts: 3, On: []string{"error"}, Backoff: 10 * time.Millisecond}
		r := begin(t, s, Options{Profile: p, Duration: 2 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		if n := s.count(""); n != s.count("POST /carts") || n != 20 {
			t.Errorf("%d requests went out, %d of them as they should; want 20", n, s.count("POST /carts"))
		}
		if n := last.Traffic.Retry.Retries; n != 0 {
			t.Errorf("%d retries", n)
		}
	})
}
