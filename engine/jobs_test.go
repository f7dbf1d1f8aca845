package engine

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/profiles"
)

// jobs answers work that takes its time: accepted at once, done after so long.
func jobs(took time.Duration) func(time.Duration, string, string, string) reply {
	began := map[string]time.Duration{}
	n := 0
	return func(at time.Duration, line, _, _ string) reply {
		if line == "POST /process" {
			n++
			id := fmt.Sprint(n)
			began[id] = at
			return reply{after: 10 * time.Millisecond, status: 202, head: "Location: jobs/" + id + "\r\n"}
		}
		id := strings.TrimPrefix(line, "GET /jobs/")
		state := "running"
		if from, ok := began[id]; !ok {
			return reply{status: 404}
		} else if at-from >= took {
			state = "done"
		}
		return reply{after: 5 * time.Millisecond, status: 200, body: `{"status":"` + state + `"}`}
	}
}

func process(t testing.TB) profiles.Request {
	return profiles.Request{Name: "process", Method: "POST", Path: "/process", Async: &profiles.Async{
		Poll: "${header.location}", Every: 500 * time.Millisecond, Within: 10 * time.Second, Done: condition(t, `json $.status == "done"`)}}
}

func TestJobsAreFollowedToTheirEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, jobs(1200*time.Millisecond))
		p := flowProfile(t, "rate 20", process(t))
		p.Concurrency = 3 // polls hold no slot while they wait
		r := begin(t, s, Options{Profile: p, Duration: 4 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		f := last.Traffic.Jobs[0]
		if f.Accepted != 80 || f.Done != 80 || f.Backlog != 0 || f.Lost != 0 {
			t.Errorf("%+v", f)
		}
		// Polls at 0.5, 1.005 and 1.51 s after the answer at 10 ms; 5 ms each.
		if got := time.Duration(f.Complete.Max); got != 1525*time.Millisecond {
			t.Errorf("completion took %v, want 1.525 s", got)
		}
		if f.Polls != 240 || s.count("GET /jobs/") != 240 {
			t.Errorf("%d polls counted, the target saw %d; want 240", f.Polls, s.count("GET /jobs/"))
		}
		if n := last.View.Run.Counts; n.Intended != 80 || n.OK != 80 {
			t.Errorf("polls are no requests of the load: intended %d, ok %d", n.Intended, n.OK)
		}
		if last.Wire.Requests != 320 {
			t.Errorf("%d on the wire, want 320", last.Wire.Requests)
		}
		// The last job began at 3.95 s, the load ended at 4.
		if f.Drained != 1475*time.Millisecond {
			t.Errorf("drained in %v, want 1.475 s", f.Drained)
		}
	})
}

// A poll shows who asks, as the request that began the job did: the headers of
// the profile and of async with their placeholders, and the user's cookies.
func TestPollsSayWhoAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := jobs(1200 * time.Millisecond)
		s := newShop(t, func(at time.Duration, line, head, body string) reply {
			said := work(at, line, head, body)
			said.head += "X-Ticket: blue\r\nSet-Cookie: user=" + fmt.Sprint(at.Milliseconds()) + "; Path=/api\r\n"
			return said
		})
		step := process(t)
		step.Name, step.Capture = "", []profiles.Capture{{Name: "at", Source: source(t, "header location")}}
		step.Async.Headers = []profiles.Header{{Name: "X-Job", Value: "${at} ${header.x-ticket}"}}
		p := flowProfile(t, "rate 1", profiles.Request{Name: "user", Steps: []profiles.Request{step}})
		p.Headers = []profiles.Header{{Name: "Authorization", Value: "Bearer ${seq}"}}
		r := begin(t, s, Options{Profile: p, Duration: 2100 * time.Millisecond})
		<-r.Done()
		sound(t, finish(t, r))
		cookie := map[string]string{}
		for _, a := range s.log {
			id := strings.TrimPrefix(a.line, "GET /jobs/")
			if a.line == "POST /process" {
				continue
			}
			for _, want := range []string{"Authorization: Bearer " + id, "X-Job: jobs/" + id + " blue", "Cookie: user="} {
				if !strings.Contains(a.head, want) {
					t.Errorf("%s does not say %s:\n%s", a.line, want, a.head)
				}
			}
			_, is, _ := strings.Cut(a.head, "Cookie: ")
			if is == cookie[id] {
				t.Errorf("%s: the poll did not keep the cookie that the one before it was given: %s", a.line, is)
			}
			cookie[id] = is
		}
		if len(cookie) != 3 {
			t.Errorf("%d jobs were asked for, want 3", len(cookie))
		}
	})
}

// What the operator's pause adds to a job or a scenario is not the target's
// time: they count as done, and nothing is known of how long they took.
func TestPausesAreNotTheTargetsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, jobs(1200*time.Millisecond))
		user := profiles.Request{Name: "user", Steps: []profiles.Request{
			{Name: "in", Method: "POST", Path: "/process"},
			{Name: "out", Method: "POST", Path: "/process", Think: profiles.Think{From: time.Second, To: time.Second}}}}
		p := flowProfile(t, "rate 20", process(t), user)
		r := begin(t, s, Options{Profile: p, Duration: 20 * time.Second})
		time.Sleep(5 * time.Second)
		do(t, r, "pause")
		time.Sleep(7 * time.Second)
		do(t, r, "resume")
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		for name, x := range map[string]struct {
			done  int64
			times measure.Ladder
			most  time.Duration
		}{
			"jobs":      {last.Traffic.Jobs[0].Done, last.Traffic.Jobs[0].Complete, 1525 * time.Millisecond},
			"scenarios": {last.Traffic.Scenarios[0].Done, last.Traffic.Scenarios[0].Total, 1020 * time.Millisecond},
		} {
			if n := x.done - int64(x.times.Count); n < 3 || n > 40 || time.Duration(x.times.Max) != x.most {
				t.Errorf("%s: %d done, %d times, the longest %v; want %v", name, x.done, x.times.Count, time.Duration(x.times.Max), x.most)
			}
		}
	})
}

func TestLostJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, jobs(time.Hour))
		q := process(t)
		q.Async.Within = 2 * time.Second
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", q), Duration: time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		if f := last.Traffic.Jobs[0]; f.Accepted != 10 || f.Lost != 10 || len(f.LostFor) != 1 || f.LostFor[0].Name != "not done within 2s" {
			t.Errorf("%+v", f)
		}
	})
}

// A job that the target does not know, or does not let us ask for, is lost like
// one that takes too long; the reason tells them apart.
func TestLostJobsSayWhatTheLastPollCameTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(_ time.Duration, line, _, _ string) reply {
			if line == "POST /process" {
				return reply{status: 202, head: "Location: jobs/1\r\n"}
			}
			return reply{status: 401}
		})
		q := process(t)
		q.Async.Within = 2 * time.Second
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", q), Duration: time.Second})
		<-r.Done()
		f := finish(t, r).Traffic.Jobs[0]
		if len(f.LostFor) != 1 || f.LostFor[0].Name != "not done within 2s; the last poll was answered with 401" {
			t.Errorf("%+v", f.LostFor)
		}
	})
}

func TestStopNowLeavesJobsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, jobs(time.Hour))
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", process(t))})
		time.Sleep(2250 * time.Millisecond)
		do(t, r, "stop now")
		<-r.Done()
		at := len(s.log)
		time.Sleep(5 * time.Second)
		last := finish(t, r)
		sound(t, last)
		if f := last.Traffic.Jobs[0]; f.Backlog != f.Accepted || f.Accepted != 23 {
			t.Errorf("%+v", f)
		}
		if len(s.log) != at {
			t.Errorf("%d requests after the stop", len(s.log)-at)
		}
	})
}

func TestPollsGoOnlyToTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(time.Duration, string, string, string) reply {
			return reply{status: 202, head: "Location: http://169.254.169.254/latest\r\n"}
		})
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", process(t)), Duration: time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		f := last.Traffic.Jobs[0]
		if f.Lost != 10 || f.Polls != 0 || !strings.Contains(f.LostFor[0].Name, "169.254.169.254") {
			t.Errorf("%+v", f)
		}
	})
}

// The target is the same with its port and without where that is the usual one.
func TestAPortMayGoWithoutSaying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(_ time.Duration, line, _, _ string) reply {
			if line == "POST /process" {
				return reply{status: 202, head: "Location: http://SHOP.test:80/api/jobs/1\r\n"}
			}
			return reply{status: 200, body: `{"status":"done"}`}
		})
		p := flowProfile(t, "rate 10", process(t))
		p.Target = "http://shop.test/api"
		r := begin(t, s, Options{Profile: p, Duration: time.Second})
		<-r.Done()
		if f := finish(t, r).Traffic.Jobs[0]; f.Done != 10 {
			t.Errorf("%+v", f)
		}
	})
}

// The answer that accepts a job says when to ask for it first, as those of polls
// say when to ask again.
func TestFirstPollHeedsRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := jobs(time.Second)
		s := newShop(t, func(at time.Duration, line, head, body string) reply {
			said := work(at, line, head, body)
			if said.status == 202 {
				said.wait = 3
			}
			return said
		})
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", process(t)), Duration: time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		if f := last.Traffic.Jobs[0]; f.Done != 10 || f.Polls != 10 || time.Duration(f.Complete.Max) != 3015*time.Millisecond {
			t.Errorf("%d done by %d polls, the longest after %v", f.Done, f.Polls, time.Duration(f.Complete.Max))
		}
		for _, spec := range s.specs { // the shop tells it to everyone, a connection to who keeps it
			if spec.Keep&wire.KeepWait == 0 {
				t.Errorf("%s %q does not keep Retry-After", spec.Method, spec.Path)
			}
		}
	})
}

func TestCeilingCountsPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, jobs(time.Hour))
		q := process(t)
		q.Async.Every, q.Async.Within = 100*time.Millisecond, time.Minute
		p := flowProfile(t, "rate 20", q)
		p.Limits.Rate = 60
		r := begin(t, s, Options{Profile: p})
		time.Sleep(9990 * time.Millisecond)
		do(t, r, "stop now")
		last := finish(t, r)
		sound(t, last)
		for second := range 10 {
			n := 0
			for _, a := range s.log {
				if a.at/time.Second == time.Duration(second) {
					n++
				}
			}
			if n > 62 {
				t.Errorf("%d requests in second %d, above the ceiling of 60", n, second)
			}
		}
		if n := last.View.Run.Counts.Intended; n != 200 {
			t.Errorf("the load itself came to %d, want 200", n)
		}
	})
}

// A pause is no setting: what was learned since the change stays to be read. It
// holds the jobs, which do not drain.
func TestJobsOfTheLastSettingStayThroughAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begin(t, newShop(t, jobs(1200*time.Millisecond)), Options{Profile: flowProfile(t, "rate 20", process(t))})
		time.Sleep(4 * time.Second)
		do(t, r, "pause")
		time.Sleep(4 * time.Second)
		f := r.Snapshot().Traffic.Jobs[0]
		if f.Done < 40 || f.Since.Count != f.Done || f.Backlog < 20 || !f.Held {
			t.Errorf("%d of %d jobs are of the last setting; %d open, held %v; want all, and those of more than a second held", f.Since.Count, f.Done, f.Backlog, f.Held)
		}
		do(t, r, "rate 10")
		do(t, r, "resume")
		time.Sleep(300 * time.Millisecond)
		if f := r.Snapshot().Traffic.Jobs[0]; f.Since.Count != 0 || f.Held {
			t.Errorf("%d jobs of the setting before count for the new one", f.Since.Count)
		}
		finish(t, r)
	})
}
