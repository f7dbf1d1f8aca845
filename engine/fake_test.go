package engine

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"stoke/engine/pace"
	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// fakeTransport is a target in virtual time: it logs when requests leave and
// answers after as long as service says.
type fakeTransport struct {
	epoch   time.Time
	service func(arrival time.Duration) (time.Duration, int) // time until the answer and its status; negative: never

	mu       sync.Mutex
	arrivals []time.Duration
	opened   int
	closed   int
	dial     time.Duration // how long a connection takes to open
	refuse   bool
	refused  func(at time.Duration) bool // connections refused at times, if set
}

func (f *fakeTransport) Compile(wire.Spec, string) (*wire.Request, error) {
	return &wire.Request{}, nil
}
func (f *fakeTransport) Start(epoch time.Time) { f.epoch = epoch }
func (f *fakeTransport) Resolve(context.Context) ([]netip.AddrPort, error) {
	return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}, nil
}
func (f *fakeTransport) Protocol() string { return "fake" }
func (f *fakeTransport) Close() error     { return nil }
func (f *fakeTransport) Conn(g wire.Gate) wire.Conn {
	return &fakeConn{f: f, gate: g, killed: make(chan wire.Cause, 1)}
}

// log returns the arrivals so far.
func (f *fakeTransport) log() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.arrivals...)
}

// gone is the number of connections closed so far.
func (f *fakeTransport) gone() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

type fakeConn struct {
	f      *fakeTransport
	gate   wire.Gate
	open   bool
	killed chan wire.Cause
	serve  func(arrival time.Duration) (time.Duration, int) // in place of the transport's, if set
}

func (c *fakeConn) now() int64 { return int64(time.Since(c.f.epoch)) }

func (c *fakeConn) wait(d time.Duration) (wire.Cause, bool) {
	if d < 0 {
		return <-c.killed, true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case cause := <-c.killed:
		return cause, true
	case <-t.C:
		return 0, false
	}
}

func (c *fakeConn) Do(_ *wire.Request, _ int64, res *wire.Result) {
	*res = wire.Result{RetryAfter: -1}
	select {
	case <-c.killed: // of the request before
	default:
	}
	end := func(f wire.Fault) { res.Fault, res.T8 = f, c.now() }
	if !c.open {
		if cause, dead := c.wait(c.f.dial); dead {
			if cause == wire.Timeout {
				end(wire.DialTimeout)
			} else {
				end(wire.Killed)
			}
			return
		}
		if c.f.refuse || c.f.refused != nil && c.f.refused(time.Duration(c.now())) {
			end(wire.DialRefused)
			return
		}
		c.open, res.Opened = true, true
		c.f.mu.Lock()
		c.f.opened++
		c.f.mu.Unlock()
		res.T3 = c.now()
	} else {
		res.Reused = true // without a T3: the connection was there
	}
	t4 := c.now()
	if !c.gate.Depart(t4) {
		end(wire.Withheld)
		return
	}
	res.T4, res.T5 = t4, t4
	c.f.mu.Lock()
	c.f.arrivals = append(c.f.arrivals, time.Duration(t4))
	c.f.mu.Unlock()
	serve := c.f.service
	if c.serve != nil {
		serve = c.serve
	}
	d, status := serve(time.Duration(t4))
	if cause, dead := c.wait(d); dead {
		c.Close()
		if end(wire.Killed); cause == wire.Timeout {
			res.Fault = wire.WaitTimeout
		}
		return
	}
	res.Status = status
	res.T8 = c.now()
	res.T6, res.T7 = res.T8, res.T8
}

func (c *fakeConn) Kill(cause wire.Cause, _ bool) {
	select {
	case c.killed <- cause:
	default:
	}
}
func (c *fakeConn) Nudge() {}
func (c *fakeConn) Close() {
	if c.open {
		c.open = false
		c.f.mu.Lock()
		c.f.closed++
		c.f.mu.Unlock()
	}
}
func (c *fakeConn) Open() bool { return c.open }

// constant answers everything after d.
func constant(d time.Duration) func(time.Duration) (time.Duration, int) {
	return func(time.Duration) (time.Duration, int) { return d, 200 }
}

// stalling blocks every answer during the first stall of each period.
func stalling(d, stall, period time.Duration) func(time.Duration) (time.Duration, int) {
	return func(at time.Duration) (time.Duration, int) {
		if in := at % period; in < stall {
			return stall - in + d, 200
		}
		return d, 200
	}
}

// testProfile is a uniform profile with the given phases.
func testProfile(t testing.TB, concurrency int, phases ...string) *profiles.Profile {
	t.Helper()
	p := &profiles.Profile{
		Name: "test", Target: "http://127.0.0.1:1", Concurrency: concurrency,
		Timeout: 10 * time.Second, ConnectTimeout: 10 * time.Second, MaxLate: 10 * time.Second,
		Arrivals: "uniform", Late: "queue", Limits: profiles.Limits{Rate: 100_000, Concurrency: 10_000},
		Requests: []profiles.Request{{Name: "one", Weight: 1, Method: "GET", Path: "/"}},
	}
	for _, text := range phases {
		p.Phases = append(p.Phases, profiles.Phase{Change: change(t, text), Text: text})
	}
	return p
}

func change(t testing.TB, text string) grammar.Change {
	t.Helper()
	c, err := grammar.Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return c
}

// begin starts a run against a fake target in virtual time.
func begin(t testing.TB, f wire.Transport, o Options) *Run {
	t.Helper()
	o.Transport, o.Sleeper, o.NoHealth = f, pace.NewTimerSleeper, true
	if o.Seed == 0 {
		o.Seed = 1
	}
	r, err := New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// do applies a change as the operator's line would.
func do(t testing.TB, r *Run, text string) Applied {
	t.Helper()
	a, err := r.Apply(Order{Do: change(t, text), By: ByLine})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return a
}

// finish stops a run and returns its last snapshot.
func finish(t testing.TB, r *Run) *Snapshot {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return r.Snapshot()
}

// between counts arrivals in [from, to).
func between(log []time.Duration, from, to time.Duration) int {
	n := 0
	for _, a := range log {
		if a >= from && a < to {
			n++
		}
	}
	return n
}
