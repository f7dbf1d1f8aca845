package engine

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/answer"
	"stoke/profiles/feeder"
)

// shop is a target in virtual time that answers by what it is asked.
type shop struct {
	fakeTransport
	codec  *wire.HTTP1
	specs  []wire.Spec // that were compiled
	answer func(at time.Duration, line string, head, body string) reply

	mu  sync.Mutex
	log []asked
}

// asked is one request that arrived.
type asked struct {
	at         time.Duration
	line       string // "GET /carts/7"
	head, body string
}

// reply is what a shop says.
type reply struct {
	after  time.Duration
	status int
	head   string // header lines
	body   string
	wait   int32 // Retry-After; 0 is none
	broken wire.Fault
	hangUp bool // the connection is closed behind the answer
}

func newShop(t testing.TB, answer func(at time.Duration, line, head, body string) reply) *shop {
	codec, err := wire.NewHTTP1(wire.Config{Target: "http://127.0.0.1:1/api"})
	if err != nil {
		t.Fatal(err)
	}
	return &shop{codec: codec, answer: answer}
}

func (s *shop) Compile(spec wire.Spec, seq string) (*wire.Request, error) {
	s.specs = append(s.specs, spec)
	return s.codec.Compile(spec, seq)
}

func (s *shop) Conn(g wire.Gate) wire.Conn {
	return &shopConn{fakeConn: fakeConn{f: &s.fakeTransport, gate: g, killed: make(chan wire.Cause, 1)}, s: s}
}

// count is how many requests arrived that begin with line.
func (s *shop) count(line string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.log {
		if strings.HasPrefix(a.line, line) {
			n++
		}
	}
	return n
}

type shopConn struct {
	fakeConn
	s *shop
}

func (c *shopConn) Do(req *wire.Request, _ int64, res *wire.Result) {
	head, body, _ := strings.Cut(string(req.Bytes()), "\r\n\r\n")
	line, head, _ := strings.Cut(head, "\r\n")
	line, _, _ = strings.Cut(strings.ReplaceAll(line, "/api", ""), " HTTP/")
	var said reply
	c.serve = func(at time.Duration) (time.Duration, int) {
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		said = c.s.answer(at, line, head, body)
		c.s.log = append(c.s.log, asked{at, line, head, body})
		return said.after, said.status
	}
	c.fakeConn.Do(req, 0, res)
	if res.Fault == wire.None && (said.hangUp || said.broken != wire.None) {
		c.Close()
		res.Closed = true
	}
	if res.Fault != wire.None {
		return
	}
	if said.broken != wire.None {
		res.Status, res.Fault = 0, said.broken
		return
	}
	if said.wait > 0 {
		res.RetryAfter = said.wait
	}
	res.Head, res.Content = []byte("HTTP/1.1 200 OK\r\n"+said.head+"\r\n"), []byte(said.body)
	res.Body = int64(len(said.body))
}

// flowProfile is a uniform profile of these requests.
func flowProfile(t testing.TB, rate string, requests ...profiles.Request) *profiles.Profile {
	p := testProfile(t, 50, rate)
	p.Target = "http://127.0.0.1:1/api"
	p.Requests = requests
	for i := range p.Requests {
		if p.Requests[i].Weight == 0 {
			p.Requests[i].Weight = 1
		}
	}
	return p
}

func source(t testing.TB, text string) answer.Source {
	t.Helper()
	s, err := answer.ParseSource(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func condition(t testing.TB, text string) answer.Test {
	t.Helper()
	c, err := answer.ParseTest(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sound checks what holds in every run: the audit, and the laws of scenarios
// and jobs.
func sound(t testing.TB, s *Snapshot) {
	t.Helper()
	if s.Audit != auditOK {
		t.Errorf("audit: %s", s.Audit)
	}
	for _, f := range s.Traffic.Scenarios {
		if f.Started != f.Done+f.Failed+f.Dropped+f.Open || f.Open != 0 && s.State == Ended {
			t.Errorf("scenario %s does not add up: %+v", f.Name, f)
		}
	}
	for _, f := range s.Traffic.Jobs {
		if f.Accepted != f.Done+f.Failed+f.Lost+f.Backlog {
			t.Errorf("jobs of %s do not add up: %+v", f.Name, f)
		}
	}
}

// checkout is a scenario of three steps: make a cart, wait, pay with what the
// cart's answer said.
func checkout(t testing.TB) profiles.Request {
	return profiles.Request{Name: "checkout", Steps: []profiles.Request{
		{Name: "cart", Method: "POST", Path: "/carts", JSON: `{"n":"${seq}"}`, Capture: []profiles.Capture{{Name: "cart", Source: source(t, "json $.id")}}},
		{Name: "look", Method: "GET", Path: "/carts/${cart}", Think: profiles.Think{From: time.Second, To: time.Second}},
		{Name: "pay", Method: "POST", Path: "/carts/${cart}/pay"},
	}}
}

// carts answers a checkout: each cart has the number of its start.
func carts(_ time.Duration, line, head, body string) reply {
	if line == "POST /carts" {
		return reply{after: 10 * time.Millisecond, status: 201, head: "Set-Cookie: session=" + strings.Trim(body[5:], `"}`) + "; Path=/\r\n",
			body: `{"id":` + body[5:len(body)-1] + `}`}
	}
	if !strings.Contains(head, "Cookie: session=") {
		return reply{after: time.Millisecond, status: 403}
	}
	return reply{after: 10 * time.Millisecond, status: 200}
}

func TestScenarioStepsFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, carts)
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", checkout(t)), Duration: 5 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		f := last.Traffic.Scenarios[0]
		// A start at 3.98 s is past its think time when the run ends at 5 s.
		if f.Started != 50 || f.Done != 40 || f.Dropped != 10 || f.Failed != 0 {
			t.Errorf("started %d, done %d, dropped %d, failed %d; want 50, 40, 10, 0", f.Started, f.Done, f.Dropped, f.Failed)
		}
		if got := time.Duration(f.Total.Max); got != 1030*time.Millisecond {
			t.Errorf("the whole took %v, want 10 ms + 1 s + 10 ms + 10 ms", got)
		}
		if n := last.View.Run.Counts; n.Intended != 50+40+40 || n.OK != n.Intended {
			t.Errorf("intended %d, ok %d; want 130 of both", n.Intended, n.OK)
		}
		// Every user went on with its own cart and its own session.
		for _, a := range s.log {
			if path, ok := strings.CutPrefix(a.line, "GET /carts/"); ok && !strings.Contains(a.head, "session="+path+"\r\n") && !strings.HasSuffix(a.head, "session="+path) {
				t.Errorf("%s went out with %q", a.line, a.head)
			}
		}
		if r := last.View.Run.Response; time.Duration(r.Max) != 10*time.Millisecond {
			t.Errorf("the slowest request took %v: a step is due when its user has thought, not before", time.Duration(r.Max))
		}
	})
}

func TestThinkingHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, carts)
		p := flowProfile(t, "rate 10", checkout(t))
		p.Concurrency = 2 // 10/s × 30 ms of work fit, 10/s × 1 s of thought would not
		r := begin(t, s, Options{Profile: p, Duration: 5 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		if f := last.Traffic.Scenarios[0]; f.Done != 40 {
			t.Errorf("done %d of %d, want 40", f.Done, f.Started)
		}
		if wait := last.View.Run.SlotWait.Max; wait > int64(20*time.Millisecond) {
			t.Errorf("a request waited %v for a slot", time.Duration(wait))
		}
	})
}

func TestFailedStepEndsItsScenario(t *testing.T) {
	for _, goesOn := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			q := checkout(t)
			if goesOn {
				q.Failed = "continue"
			}
			s := newShop(t, func(at time.Duration, line, head, body string) reply {
				if strings.HasPrefix(line, "GET") {
					return reply{status: 500}
				}
				return carts(at, line, head, body)
			})
			r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", q), Duration: 5 * time.Second})
			<-r.Done()
			last := finish(t, r)
			sound(t, last)
			f := last.Traffic.Scenarios[0]
			if f.Done != 0 || f.Failed != 40 || f.Dropped != 10 {
				t.Errorf("goes on %v: done %d, failed %d, dropped %d; want 0, 40, 10", goesOn, f.Done, f.Failed, f.Dropped)
			}
			if paid := s.count("POST /carts/"); paid != map[bool]int{false: 0, true: 40}[goesOn] {
				t.Errorf("goes on %v: %d paid", goesOn, paid)
			}
		})
	}
}

func TestPauseStopsThought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, carts)
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 10", checkout(t))})
		time.Sleep(1450 * time.Millisecond)
		do(t, r, "pause")
		time.Sleep(10 * time.Second)
		before := len(s.log)
		do(t, r, "rate 0")
		do(t, r, "resume")
		time.Sleep(3 * time.Second)
		last := finish(t, r)
		sound(t, last)
		if n := last.View.Run.Counts; n.Generator != 0 || n.Superseded != 0 {
			t.Errorf("%d steps were held up, %d dropped", n.Generator, n.Superseded)
		}
		var burst int
		for _, a := range s.log[before:] {
			if a.at < 11600*time.Millisecond {
				burst++
			}
		}
		// In 100 ms one user came to look and one to pay, before the pause as after it.
		if burst > 3 {
			t.Errorf("%d requests in the 100 ms after the pause", burst)
		}
		if f := last.Traffic.Scenarios[0]; f.Done != f.Started || f.Started != 15 {
			t.Errorf("done %d of %d, want all of 15", f.Done, f.Started)
		}
	})
}

func TestPauseKeepsTheUserWhoseStepEndsInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begin(t, newShop(t, carts), Options{Profile: flowProfile(t, "rate 10", checkout(t))})
		time.Sleep(505 * time.Millisecond) // a cart is being made
		do(t, r, "pause")
		time.Sleep(3 * time.Second)
		do(t, r, "rate 0")
		do(t, r, "resume")
		time.Sleep(2 * time.Second)
		last := finish(t, r)
		sound(t, last)
		if f := last.Traffic.Scenarios[0]; f.Done != 6 || f.Dropped != 0 {
			t.Errorf("done %d of %d, %d dropped; want all of 6", f.Done, f.Started, f.Dropped)
		}
	})
}

func TestScenariosInTheClosedModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(at time.Duration, line, head, body string) reply {
			if strings.Contains(line, "process") || strings.Contains(line, "jobs") {
				return jobsForClosed(at, line, head, body)
			}
			return carts(at, line, head, body)
		})
		p := flowProfile(t, "rate max", checkout(t), process(t), profiles.Request{Name: "plain", Method: "GET", Path: "/plain"})
		p.Concurrency = 4
		r := begin(t, s, Options{Profile: p, Duration: 5 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		f, j := last.Traffic.Scenarios[0], last.Traffic.Jobs[0]
		if f.Done < 50 || j.Done < 50 || j.Backlog != 0 {
			t.Errorf("done: %d scenarios, %d jobs (backlog %d)", f.Done, j.Done, j.Backlog)
		}
	})
}

func jobsForClosed(_ time.Duration, line, _, _ string) reply {
	if line == "POST /process" {
		return reply{after: 10 * time.Millisecond, status: 202, head: "Location: /api/jobs/1\r\n"}
	}
	return reply{after: 5 * time.Millisecond, status: 200, body: `{"status":"done"}`}
}

func TestChecksOnAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		s := newShop(t, func(time.Duration, string, string, string) reply {
			n++
			return reply{status: 200, body: fmt.Sprintf(`{"n":%d}`, n%4)}
		})
		q := profiles.Request{Name: "one", Method: "GET", Path: "/", Checks: []answer.Test{condition(t, "json $.n != 0")}}
		r := begin(t, s, Options{Profile: flowProfile(t, "rate 20", q), Duration: 2 * time.Second})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		if c := last.View.Run.Counts; c.Assert != 10 || c.OK != 30 {
			t.Errorf("assert %d, ok %d; want 10, 30", c.Assert, c.OK)
		}
		if u := last.Traffic.Unmet; len(u) != 1 || u[0].Count != 10 {
			t.Errorf("%+v", u)
		}
	})
}

func TestUniqueDataEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(time.Duration, string, string, string) reply { return reply{status: 200} })
		p := flowProfile(t, "rate 10", profiles.Request{Name: "one", Method: "POST", Path: "/?u=${users.name}", Body: "${users.name}=${seq}"})
		p.Data = []profiles.Data{{Name: "users", File: "users.csv", Order: feeder.Unique}}
		table, err := feeder.Read("users.csv", bytes.NewReader([]byte("name\nann\nbob\ncy d\n")))
		if err != nil {
			t.Fatal(err)
		}
		r := begin(t, s, Options{Profile: p, Files: profiles.Files{Tables: map[string]*feeder.Table{"users": table}}, Duration: time.Minute})
		<-r.Done()
		last := finish(t, r)
		sound(t, last)
		if len(s.log) != 3 || s.log[2].line != "POST /?u=cy%20d" || s.log[2].body != "cy d=3" {
			t.Errorf("%+v", s.log)
		}
		if last.Ending != "data" || last.CutShort || last.Verdict.Detail != "its data is used up" {
			t.Errorf("it ended by %q, cut short %v: %+v", last.Ending, last.CutShort, last.Verdict)
		}
		if n := last.View.Run.Counts; n.OK != 3 || n.Superseded != 1 {
			t.Errorf("%+v", n)
		}
	})
}

func TestRateMayCountRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, func(at time.Duration, line, head, body string) reply {
			if line == "GET /plain" {
				return reply{status: 200}
			}
			return carts(at, line, head, body)
		})
		q := checkout(t)
		q.Steps[1].Think = profiles.Think{}
		p := flowProfile(t, "rate 90", q, profiles.Request{Name: "plain", Method: "GET", Path: "/plain", Weight: 3})
		p.RateCounts, p.Limits.Rate = "requests", 100
		r := begin(t, s, Options{Profile: p})
		time.Sleep(20*time.Second + time.Millisecond)
		if got := r.Snapshot().Traffic; got.PerStart != 1.5 || got.Starts < 58 || got.Starts > 62 || got.Requests < 85 || got.Requests > 95 {
			t.Errorf("per start %v, %v starts/s, %v requests/s; want 1.5, 60, 90", got.PerStart, got.Starts, got.Requests)
		}
		if _, err := r.Apply(Order{Do: change(t, "rate 120"), By: ByLine}); err == nil {
			t.Error("120 requests/s are above the ceiling of 100")
		}
		do(t, r, "rate 30 starts")
		time.Sleep(time.Second)
		if got := r.Snapshot().Dial.Rate; got != 45 {
			t.Errorf("30 starts/s are %v requests/s, want 45", got)
		}
		last := finish(t, r)
		sound(t, last)
	})
}

func TestCeilingCountsSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := flowProfile(t, "rate 10", checkout(t))
		p.Limits.Rate = 90
		r := begin(t, newShop(t, carts), Options{Profile: p})
		time.Sleep(time.Second)
		if got := r.Snapshot().Ceiling.Rate; got != 30 {
			t.Errorf("the ceiling of the dial is %v starts/s, want 90 requests/s ÷ 3", got)
		}
		// 31 starts/s ask for 93 requests/s.
		if _, err := r.Apply(Order{Do: change(t, "rate 31"), By: ByLine}); err == nil ||
			!strings.Contains(err.Error(), "rate 31 is above the ceiling of 30 starts/s, which ask for 90 requests/s") {
			t.Errorf("rate 31: %v", err)
		}
		do(t, r, "rate 30")
		sound(t, finish(t, r))
	})
}
