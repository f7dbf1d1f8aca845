package experiment

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/profiles"
)

// wrapped is a transport whose connections do something after each exchange.
type wrapped struct {
	wire.Transport
	after func(again func(), res *wire.Result)
}

func (w *wrapped) Conn(g wire.Gate) wire.Conn {
	c := &wrappedConn{w: w}
	c.gate.Gate = g
	c.Conn = w.Transport.Conn(&c.gate)
	return c
}

type wrappedConn struct {
	wire.Conn
	w    *wrapped
	gate openGate
}

// openGate lets the repetitions of a request pass that was let out once.
type openGate struct {
	wire.Gate
	left bool
}

func (g *openGate) Depart(t4 int64) bool {
	if !g.left {
		g.left = g.Gate.Depart(t4)
	}
	return g.left
}

func (c *wrappedConn) Do(req *wire.Request, seq int64, res *wire.Result) {
	c.gate.left = false
	c.Conn.Do(req, seq, res)
	c.w.after(func() { c.Conn.Do(req, seq, res) }, res)
}

// afterwards makes a mutant that acts on the result of each exchange, and may
// repeat it.
func afterwards(after func(again func(), res *wire.Result)) func(f *fault) {
	return func(f *fault) {
		f.transport = func(t wire.Transport) wire.Transport { return &wrapped{t, after} }
	}
}

var hiddenRetry = Mutant{
	Name: "hidden retry", Bug: "a request whose connection ends is sent again, up to five times",
	put: afterwards(func(again func(), res *wire.Result) {
		for n := 1; n < 5 && (res.Fault == wire.WaitEOF || res.Fault == wire.WaitReset || res.Fault == wire.Stale); n++ {
			again()
		}
	}),
}

var maskedErrors = Mutant{
	Name: "errors masked", Bug: "every end of a connection before the body is an EOF",
	put: afterwards(func(_ func(), res *wire.Result) {
		switch res.Fault {
		case wire.WaitReset, wire.HeadReset, wire.HeadEOF:
			res.Fault = wire.WaitEOF
		}
	}),
}

var classes = &Experiment{
	ID: "T15", Title: "Errors, one by one", Where: OnSockets,
	Proves:  "each way to fail has its own class: all of its requests are in it, and no other",
	Mutants: []Mutant{maskedErrors, hiddenRetry},
	run: func(l *Lab, r *Report) error {
		date := time.Now().Add(30 * time.Second).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
		cases := []struct {
			want string // the fault, or the outcome after a "="
			Script
		}{
			{"wait:eof", Script{"", Finish}},
			{"wait:reset", Script{"", Reset}},
			{"wait:timeout", Script{"", Hang}},
			{"head:reset", Script{"HTTP/1.1 2", Reset}},
			{"head:eof", Script{"HTTP/1.1 200 OK\r\nContent-", Finish}},
			{"head:malformed", Script{"GARBAGE\r\n\r\n", Finish}},
			{"head:too-large", Script{"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100_000) + "\r\n\r\n", Finish}},
			{"head:timeout", Script{"HTTP/1.1 200 OK\r\nContent-", Hang}},
			{"body:short", Script{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Finish}},
			{"body:reset", Script{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Reset}},
			{"body:timeout", Script{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Hang}},
			{"body:chunk-malformed", Script{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno\r\n", Finish}},
			{"=limited", Script{"HTTP/1.1 429 Slow\r\nRetry-After: " + date + "\r\nContent-Length: 0\r\n\r\n", Finish}},
			{"=ok", Script{"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Finish}},
			{"=status", Script{"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", Finish}},
		}
		b := Behaviour{Scripts: map[string]Script{}}
		p := plan{concurrency: 200, timeout: time.Second, noKeepAlive: true,
			phases: hold("150", l.pick(1500*time.Millisecond, 3*time.Second, 10*time.Second))}
		for i, c := range cases {
			path := fmt.Sprintf("/%d", i)
			b.Scripts[path] = c.Script
			p.requests = append(p.requests, profiles.Request{Name: c.want, Weight: 1, Method: "GET", Path: path})
		}
		p.behaviour = b
		t, err := l.try(r, p)
		if err != nil {
			return err
		}
		t.sound(r)
		for i := range t.last.View.Endpoints {
			e := &t.last.View.Endpoints[i]
			tried := e.Stats.Counts.Intended - e.Stats.Unsent()
			if n := outcomes(&e.Stats, e.Name); n != tried {
				r.count(fmt.Sprintf("%s (instead: %v)", e.Name, e.Stats.ByFault), n, tried, 0)
				continue
			}
			r.count(e.Name, tried, tried, 0)
		}
		s := &t.last.View.Run
		r.count("Retry-After as a date, read", told(s), s.Limited, 0)
		return l.unreachable(r)
	},
}

// outcomes counts the requests with an outcome: a fault, or a class after "=".
func outcomes(s *measure.Stats, want string) int64 {
	switch want {
	case "=limited":
		return s.Limited
	case "=ok":
		return s.OK
	case "=status":
		return s.Status
	}
	for _, tally := range s.ByFault {
		if tally.Name == want {
			return tally.Count
		}
	}
	return 0
}

// told counts the refusals that said when to come back.
func told(s *measure.Stats) int64 {
	n := int64(0)
	for _, tally := range s.RetryAfter {
		n += tally.Count
	}
	return n
}

// unreachable holds the classes of targets that no request reaches.
func (l *Lab) unreachable(r *Report) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	closed := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		return err
	}
	short := plan{concurrency: 10, phases: hold("100", 300*time.Millisecond)}
	for _, c := range []struct {
		want  string
		world World
		b     Behaviour
	}{
		{"dial:refused", elsewhere{l.World, closed}, Behaviour{}},
		{"tls:cert", elsewhere{l.World, ""}, Behaviour{TLS: true}},
	} {
		lab, p := *l, short
		lab.World, p.behaviour = c.world, c.b
		t, err := lab.try(r, p)
		if err != nil {
			return err
		}
		s := &t.last.View.Run
		r.count(c.want, outcomes(s, c.want), s.Counts.Intended-s.Unsent(), 0)
		r.count(c.want+": sent", s.Sent, 0, 0)
	}
	return nil
}

// elsewhere is a world whose targets are not where they say, or cannot be
// trusted.
type elsewhere struct {
	World
	url string
}

func (e elsewhere) Open(b Behaviour) (Target, error) {
	t, err := e.World.Open(b)
	if err != nil {
		return nil, err
	}
	if e.url == "" {
		return wrongTarget{t, t.URL()}, nil
	}
	return wrongTarget{t, e.url}, nil
}

type wrongTarget struct {
	Target
	url string
}

func (w wrongTarget) URL() string         { return w.url }
func (w wrongTarget) Certificate() []byte { return nil }

var retries = &Experiment{
	ID: "T16", Title: "Retry truth", Where: OnSockets,
	Proves:  "a request that is not answered is one request on the wire and one error, never silently another try",
	Mutants: []Mutant{hiddenRetry, lost},
	run: func(l *Lab, r *Report) error {
		length := l.pick(800*time.Millisecond, 4*time.Second, 30*time.Second)
		for _, every := range []int64{100, 10, 5} {
			// Few connections, or some would idle for long enough that their end
			// could be a race with the server's idle timeout.
			t, err := l.try(r, plan{behaviour: Behaviour{DropEvery: every}, concurrency: 8, phases: hold("500", length)})
			if err != nil {
				return err
			}
			t.sound(r)
			at := fmt.Sprintf("one of %d dropped: ", every)
			s, due := &t.last.View.Run, t.divisible(every)
			r.count(at+"errors", s.Error, due, 0)
			r.count(at+"wait:eof", outcomes(s, "wait:eof"), due, 0).timed()
			r.count(at+"ok", s.OK, int64(len(t.log))-due, 0)
		}
		t, err := l.try(r, plan{
			behaviour: Behaviour{HangEvery: 20}, concurrency: 100, timeout: 500 * time.Millisecond, phases: hold("200", length),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		r.count("one of 20 never answered: wait:timeout", outcomes(&t.last.View.Run, "wait:timeout"), t.divisible(20), 0).timed()
		return nil
	},
}

// divisible counts the different requests at the target whose number a divisor
// divides.
func (t *trial) divisible(by int64) int64 {
	seen := map[int64]bool{}
	for _, e := range t.log {
		if e.Seq%by == 0 {
			seen[e.Seq] = true
		}
	}
	return int64(len(seen))
}

var (
	reconnectsHidden = Mutant{
		Name: "reconnects hidden", Bug: "connections that the server closed are replaced and not counted",
		put: afterwards(func(_ func(), res *wire.Result) { res.Reconnected = false }),
	}
	resent = Mutant{
		Name: "sent again after a reconnect", Bug: "a request on a replaced connection is sent once more, to be sure",
		put: afterwards(func(again func(), res *wire.Result) {
			if res.Reconnected {
				again()
				res.Reconnected = true
			}
		}),
	}
)

var stale = &Experiment{
	ID: "T17", Title: "Stale keep-alive", Where: OnSockets,
	Proves:  "connections that the server closes while they idle are replaced before the send: no error, no second try",
	Mutants: []Mutant{reconnectsHidden, resent},
	run: func(l *Lab, r *Report) error {
		idle := l.pick(30*time.Millisecond, 250*time.Millisecond, time.Second)
		// Each request comes twice the idle time after the one before.
		rate := fmt.Sprintf("%.6g", 1/(2*idle).Seconds())
		t, err := l.try(r, plan{
			behaviour: Behaviour{IdleClose: idle}, concurrency: 1,
			phases: hold(rate, l.pick(2*time.Second, 10*time.Second, 10*time.Minute)),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		s := &t.last.View.Run
		r.count("answered", s.OK, s.Sent, 0)
		r.count("errors", s.Error, 0, 0)
		r.count("reconnects", s.Reconnected, s.Sent-1, 0).timed()
		r.count("connections that the server replaced", s.Reconnected, t.tally.Opened-1, 0)
		return nil
	},
}

var (
	bodiesOnly = Mutant{
		Name: "bodies only", Bug: "bytes received are those of the bodies",
		put: afterwards(func(_ func(), res *wire.Result) { res.In = res.Body }),
	}
	bytesLost = Mutant{
		Name: "last read forgotten", Bug: "one byte of a chunked answer is not counted",
		put: afterwards(func(_ func(), res *wire.Result) {
			if res.Body == 1<<16 {
				res.In--
			}
		}),
	}
)

var traffic = &Experiment{
	ID: "T18", Title: "Bytes", Where: OnSockets,
	Proves:  "bytes in and out equal the server's to the byte, whatever size and framing; under TLS those of the wire",
	Mutants: []Mutant{bodiesOnly, bytesLost},
	run: func(l *Lab, r *Report) error {
		for _, secret := range []bool{false, true} {
			t, err := l.try(r, plan{
				behaviour: Behaviour{Bodies: true, TLS: secret}, concurrency: 8,
				requests: []profiles.Request{
					{Name: "get", Weight: 1, Method: "GET", Path: "/"},
					{Name: "put", Weight: 1, Method: "PUT", Path: "/", Body: strings.Repeat("y", 30_000)},
				},
				phases: hold("200", l.pick(time.Second, 5*time.Second, 50*time.Second)),
			})
			if err != nil {
				return err
			}
			t.sound(r)
			in, out, kind := int64(0), int64(0), "plain: "
			for _, e := range t.log {
				in, out = in+e.In, out+e.Out
			}
			if secret {
				in, out, kind = t.tally.WireIn, t.tally.WireOut, "TLS: "
			}
			s := &t.last.View.Run
			r.count(kind+"answered", s.OK, s.Sent, 0)
			r.count(kind+"bytes received", s.BytesIn, out, 0)
			if !secret {
				r.count(kind+"bytes sent", s.BytesOut, in, 0)
				continue
			}
			// A connection ends with a notice of 24 bytes, which belongs to no
			// request; the server may have gone before it came.
			const notice = 24
			rest := in - s.BytesOut
			r.add(rest >= 0 && rest%notice == 0 && rest <= notice*s.Opened, kind+"bytes sent",
				fmt.Sprintf("%d less up to %d notices of %d", in, s.Opened, notice), fmt.Sprint(s.BytesOut))
		}
		return nil
	},
}

// lifo makes a transport that takes the connection used last, whichever slot
// asks.
var lifo = Mutant{
	Name: "last in, first out", Bug: "the connection that was used last is used next, so a few carry the load",
	put: func(f *fault) {
		f.transport = func(t wire.Transport) wire.Transport { return &stack{Transport: t} }
	},
}

type stack struct {
	wire.Transport
	mu   sync.Mutex
	free []*stacked
}

// stacked is a connection that slots share.
type stacked struct {
	wire.Conn
	gate wire.Gate // of the slot that uses it
}

func (s *stacked) Depart(t4 int64) bool { return s.gate.Depart(t4) }

func (s *stack) Conn(g wire.Gate) wire.Conn { return &stackConn{s: s, gate: g} }

type stackConn struct {
	s    *stack
	gate wire.Gate
}

func (c *stackConn) Do(req *wire.Request, seq int64, res *wire.Result) {
	s := c.s
	s.mu.Lock()
	var top *stacked
	if n := len(s.free); n > 0 {
		top, s.free = s.free[n-1], s.free[:n-1]
	} else {
		top = &stacked{}
		top.Conn = s.Transport.Conn(top)
	}
	s.mu.Unlock()
	top.gate = c.gate
	top.Do(req, seq, res)
	s.mu.Lock()
	s.free = append(s.free, top)
	s.mu.Unlock()
}

func (c *stackConn) Kill(wire.Cause, bool) {}
func (c *stackConn) Nudge()                {}
func (c *stackConn) Close()                {}
func (c *stackConn) Open() bool            { return false }

var opensForgotten = Mutant{
	Name: "connections not counted", Bug: "a connection opened in place of a lost one is not counted",
	put: afterwards(func(_ func(), res *wire.Result) { res.Opened = res.Opened && res.T4%2 == 0 }),
}

var connections = &Experiment{
	ID: "T19", Title: "Connections", Where: OnSockets,
	Proves:  "connections opened are those that the server saw, and slots take turns",
	Mutants: []Mutant{lifo, opensForgotten},
	run: func(l *Lab, r *Report) error {
		// The stall at the start opens every slot; afterwards few are needed.
		const settle = time.Second
		length := l.pick(2*time.Second, 5*time.Second, 30*time.Second)
		t, err := l.try(r, plan{
			behaviour: Behaviour{Stall: settle / 2}, concurrency: 20, phases: hold("500", length),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		carried := map[int64]int64{}
		for _, e := range t.log {
			if n := carried[e.Conn]; e.Arrival >= int64(settle) {
				carried[e.Conn] = n + 1
			} else {
				carried[e.Conn] = n
			}
		}
		least, most := int64(never), int64(0)
		for _, n := range carried {
			least, most = min(least, n), max(most, n)
		}
		c := &t.last.View.Run
		r.count("kept: connections", c.Opened, int64(len(carried)), 0)
		r.count("kept: connections that the server accepted", c.Opened, t.tally.Opened, 0)
		// What waits goes to whoever is free first, so a pause of this machine
		// shifts a few.
		uneven := float64(most) / float64(max(least, 1))
		r.below("kept: requests of the busiest connection over the least busy", uneven, 2)
		r.below("kept: the same on a machine in order", uneven, 1.1).timed()

		t, err = l.try(r, plan{concurrency: 20, noKeepAlive: true, phases: hold("200", length/2)})
		if err != nil {
			return err
		}
		t.sound(r)
		c = &t.last.View.Run
		r.count("not kept: connections", c.Opened, c.Sent, 0)
		r.count("not kept: connections that the server accepted", c.Opened, t.tally.Opened, 0)
		return nil
	},
}
