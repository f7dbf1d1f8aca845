package experiment

import (
	"fmt"
	"net"
	"strings"
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
		p := plan{concurrency: 200, timeout: 2 * time.Second, noKeepAlive: true,
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
			c := &e.Stats.Counts
			tried := c.Intended - c.Unsent() - c.Stopped
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
		idle := l.pick(50*time.Millisecond, 250*time.Millisecond, time.Second)
		// Each request comes long after the server closed what the last one used.
		gap := l.pick(4*idle, 2*idle, 2*idle)
		rate := fmt.Sprintf("%.6g", 1/gap.Seconds())
		t, err := l.try(r, plan{
			behaviour: Behaviour{IdleClose: idle}, concurrency: 1,
			phases: hold(rate, l.pick(3*time.Second, 10*time.Second, 10*time.Minute)),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		s := &t.last.View.Run
		r.count("answers and errors", s.OK+s.Error, s.Sent, 0)
		// A server that is late to close meets the next request.
		r.count("errors", s.Error, 0, 0).timed()
		r.count("reconnects", s.Reconnected, s.Sent-1, 0).timed()
		// After an error a connection is opened, not replaced.
		replaced := t.tally.Opened - 1
		r.add(s.Reconnected <= replaced && s.Reconnected >= replaced-s.Error, "connections that the server saw replaced",
			fmt.Sprintf("%d … %d", replaced-s.Error, replaced), fmt.Sprint(s.Reconnected))
		return nil
	},
}
