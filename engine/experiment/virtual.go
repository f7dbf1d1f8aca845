package experiment

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"stoke/engine/wire"
)

// Virtual is a world without sockets. Inside a testing/synctest bubble its time
// is simulated and every request leaves exactly when it was let go. It knows
// neither bodies, scripts, TLS nor idle connections.
type Virtual struct{}

// Virtual implements World.
func (Virtual) Virtual() bool { return true }

// Open implements World.
func (Virtual) Open(b Behaviour) (Target, error) {
	return &virtualTarget{conduct: conduct{Behaviour: b}, epoch: time.Now()}, nil
}

// virtualTarget is a target and the transport that leads to it.
type virtualTarget struct {
	conduct
	epoch time.Time

	mu    sync.Mutex
	log   []Entry
	tally Tally
}

func (v *virtualTarget) URL() string                 { return "http://127.0.0.1:1" }
func (v *virtualTarget) Transport() wire.Transport   { return v }
func (v *virtualTarget) Begin(epoch time.Time) error { v.epoch = epoch; return nil }
func (v *virtualTarget) Certificate() []byte         { return nil }
func (v *virtualTarget) Close() error                { return nil }

func (v *virtualTarget) Tally() (Tally, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tally, nil
}

func (v *virtualTarget) Log() ([]Entry, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.log), nil
}

func (v *virtualTarget) Compile(wire.Spec, string) (*wire.Request, error) {
	return &wire.Request{}, nil
}
func (v *virtualTarget) Start(time.Time)  {}
func (v *virtualTarget) Protocol() string { return "virtual" }
func (v *virtualTarget) Resolve(context.Context) ([]netip.AddrPort, error) {
	return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}, nil
}
func (v *virtualTarget) Conn(g wire.Gate) wire.Conn {
	return &virtualConn{v: v, gate: g, killed: make(chan wire.Cause, 1)}
}

// arrive logs a request and returns its place in the log.
func (v *virtualTarget) arrive(call Call) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tally.Arrived++
	v.log = append(v.log, Entry{Call: call})
	return len(v.log) - 1
}

func (v *virtualTarget) depart(at int, t int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tally.Departed++
	v.log[at].Departure = t
}

// dial opens a connection and returns its number.
func (v *virtualTarget) dial() int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tally.Open++
	v.tally.Opened++
	return v.tally.Opened - 1
}

// virtualConn is a slot's connection to a virtualTarget.
type virtualConn struct {
	v      *virtualTarget
	gate   wire.Gate
	nth    int64
	open   bool
	killed chan wire.Cause
}

func (c *virtualConn) now() int64 { return int64(time.Since(c.v.epoch)) }

// Do implements wire.Conn.
func (c *virtualConn) Do(_ *wire.Request, seq int64, res *wire.Result) {
	*res = wire.Result{RetryAfter: -1, Reused: c.open}
	select {
	case <-c.killed: // meant for the request before
	default:
	}
	if !c.open {
		c.nth, c.open, res.Opened = c.v.dial(), true, true
	}
	t := c.now()
	res.T3 = t
	if !c.gate.Depart(t) {
		res.Fault, res.T8 = wire.Withheld, t
		return
	}
	res.T4, res.T5 = t, t
	call := Call{Seq: seq, Conn: c.nth, Arrival: t}
	at := c.v.arrive(call)
	depart, drop := c.v.answer(call)
	if drop {
		c.Close()
		res.Fault, res.T8 = wire.WaitEOF, c.now()
		return
	}
	if cause, dead := c.wait(depart); dead {
		c.Close()
		res.Fault, res.T8 = wire.Killed, c.now()
		if cause == wire.Timeout {
			res.Fault = wire.WaitTimeout
		}
		return
	}
	t = c.now()
	c.v.depart(at, t)
	res.Status, res.T6, res.T7, res.T8 = 200, t, t, t
}

// wait waits until t, or for a kill.
func (c *virtualConn) wait(t int64) (wire.Cause, bool) {
	if t == never {
		return <-c.killed, true
	}
	timer := time.NewTimer(time.Duration(t - c.now()))
	defer timer.Stop()
	select {
	case cause := <-c.killed:
		return cause, true
	case <-timer.C:
		return 0, false
	}
}

// Kill implements wire.Conn.
func (c *virtualConn) Kill(cause wire.Cause, _ bool) {
	select {
	case c.killed <- cause:
	default:
	}
}

// Nudge implements wire.Conn.
func (c *virtualConn) Nudge() {}

// Open implements wire.Conn.
func (c *virtualConn) Open() bool { return c.open }

// Close implements wire.Conn.
func (c *virtualConn) Close() {
	if c.open {
		c.open = false
		c.v.mu.Lock()
		c.v.tally.Open--
		c.v.mu.Unlock()
	}
}
