package experiment

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"stoke/engine/wire"
	"stoke/profiles"
)

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
		length := l.pick(2*time.Second, 5*time.Second, 10*time.Second)
		if l.fault.transport != nil { // a fault of every tenth answer shows soon
			length /= 10
		}
		for _, secret := range []bool{false, true} {
			t, err := l.try(r, plan{
				behaviour: Behaviour{Bodies: true, TLS: secret}, concurrency: 32,
				requests: []profiles.Request{
					{Name: "get", Weight: 90, Method: "GET", Path: "/"},
					{Name: "put nothing", Weight: 5, Method: "PUT", Path: "/"},
					{Name: "put", Weight: 5, Method: "PUT", Path: "/", Body: strings.Repeat("y", 30_000)},
					{Name: "put much", Weight: 0.1, Method: "PUT", Path: "/", Body: strings.Repeat("y", 1<<20)},
				},
				// Ten thousand in two seconds; who is late with them sends them still.
				phases: hold("5000", length),
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
			if l.fault.transport == nil {
				r.atLeast(kind+"requests that were due", float64(s.Counts.Intended), 10_000)
				r.atLeast(kind+"requests", float64(s.Sent), 10_000).timed()
			}
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
	Proves:  "connections opened are those that the server saw: one for each slot if they are kept, one for each request if not",
	Mutants: []Mutant{opensForgotten},
	run: func(l *Lab, r *Report) error {
		length := l.pick(1500*time.Millisecond, 5*time.Second, 30*time.Second)
		for _, drop := range []bool{false, true} {
			p := plan{behaviour: Behaviour{Service: ms(10)}, concurrency: 20, noKeepAlive: drop, phases: hold("300", length)}
			t, err := l.try(r, p)
			if err != nil {
				return err
			}
			t.sound(r)
			used, c, kind := map[int64]bool{}, &t.last.View.Run, "kept: "
			for _, e := range t.log {
				used[e.Conn] = true
			}
			if drop {
				kind = "not kept: "
				r.count(kind+"requests of one connection", c.Sent/max(int64(len(used)), 1), 1, 0)
			}
			r.count(kind+"connections", c.Opened, int64(len(used)), 0)
			r.count(kind+"connections that the server accepted", c.Opened, t.tally.Opened, 0)
		}
		return nil
	},
}

var turns = &Experiment{
	ID: "T19 turns", Title: "Use of connections", Where: Anywhere,
	Proves:  "slots take turns, so that connections are used evenly however few would do",
	Mutants: []Mutant{timedOnly(lifo)},
	run: func(l *Lab, r *Report) error {
		// The stall at the start opens every slot; afterwards few are needed.
		const settle = time.Second
		t, err := l.try(r, plan{
			behaviour: Behaviour{Stall: settle / 2}, concurrency: 20,
			phases: hold("500", l.pick(3*time.Second, 5*time.Second, 30*time.Second)),
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
		r.count("connections", int64(len(carried)), 20, 0).timed()
		r.below("requests of the busiest over the least busy", float64(most)/float64(max(least, 1)), 1.1).timed()
		return nil
	},
}
