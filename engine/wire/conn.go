package wire

import (
	"context"
	"crypto/tls"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// peekAfter is how long a kept connection may have been idle without
	// being looked at before it is used again.
	peekAfter = int64(time.Millisecond)
	// largeRequest is the size above which a helper writes the request.
	largeRequest = 16 << 10
	// lastWords is how long a complete answer waits for an upload that has
	// not ended yet: long enough for a write that has merely not returned.
	lastWords = 20 * time.Millisecond
)

// conn is the connection of one slot.
type conn struct {
	t    *HTTP1
	gate Gate

	epoch time.Time

	mu     sync.Mutex
	busy   bool               // a Do is under way
	sock   *socket            // nil if closed; written by the owner only
	cancel context.CancelFunc // of the dial under way
	cause  atomic.Uint32      // Cause of the present exchange's death; written with mu held

	// The owner's.
	tls       *tls.Conn // on sock, nil for http
	remote    netip.AddrPort
	address   uint8    // index of remote among the transport's
	kept      bool     // sock has carried a request
	carried   int      // how many
	born      int64    // T3 of the first
	idleSince int64    // T8 of the request before
	rtt       int64    // of the connect, the best estimate there is
	keep      *capture // Fetch's
	held      *capture // what the answer before was kept in, nil if it was not
}

// spent reports whether the connection is to be closed at time t for its age or
// for what it has carried.
func (c *conn) spent(t int64) bool {
	l := &c.t.cfg
	return l.MaxRequests > 0 && c.carried >= l.MaxRequests || l.MaxAge > 0 && t-c.born >= int64(l.MaxAge)
}

// now is a stamp.
func (c *conn) now() int64 { return int64(time.Since(c.epoch)) }

func (c *conn) killed() bool { return c.cause.Load() != 0 }

// Do is described at [Conn].
func (c *conn) Do(req *Request, seq int64, res *Result) {
	*res = Result{RetryAfter: -1}
	res.Retired = c.begin()
	x := c.t.exchanges.Get().(*exchange)
	x.c, x.req, x.seq, x.res, x.keep = c, req, seq, res, c.keep
	if req.keep != 0 || c.held != nil {
		if kept := c.hold(req.keep); x.keep == nil {
			x.keep = kept
		}
	}
	res.Fault = x.run()
	if req.keep != 0 {
		res.Head, res.Content = x.keep.block, x.keep.data
	}
	if res.T8 == 0 {
		res.T8 = c.now()
	}
	x.release()
	c.t.exchanges.Put(x)
}

// begin makes the connection busy. It reports whether it was killed between two
// exchanges, and is therefore closed already.
func (c *conn) begin() (killed bool) {
	c.mu.Lock()
	if c.cause.Load() != 0 {
		killed = c.sock != nil
		c.sock, c.tls = nil, nil
	}
	c.busy = true
	c.cause.Store(0)
	c.mu.Unlock()
	return killed
}

// end makes the connection idle, or drops it if the exchange was killed
// meanwhile. It reports whether the connection is still there.
func (c *conn) end() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	if c.cause.Load() != 0 {
		c.sock, c.tls = nil, nil
		c.cause.Store(0)
	}
	return c.sock != nil
}

// Kill is described at [Conn].
func (c *conn) Kill(cause Cause, abort bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cause.CompareAndSwap(0, uint32(cause))
	if c.cancel != nil {
		c.cancel()
	}
	if c.sock != nil {
		c.sock.shut(abort)
	}
}

// Nudge is described at [Conn].
func (c *conn) Nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy && c.sock != nil && !c.sock.alive() {
		c.sock.wake()
	}
}

// Close is described at [Conn].
func (c *conn) Close() {
	c.begin()
	c.hangUp()
	c.end()
	c.held = nil // not given back: its reader may not be done
}

// Open is described at [Conn].
func (c *conn) Open() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sock != nil && c.cause.Load() == 0
}

// hangUp closes the connection as a client should. It does not block: the
// farewell of TLS is written only if there is room for it.
func (c *conn) hangUp() {
	if c.sock == nil {
		return
	}
	if c.tls != nil {
		_ = c.tls.CloseWrite()
		c.sock.farewell()
	}
	c.drop(false)
}

// drop closes the TCP connection and forgets it.
func (c *conn) drop(abort bool) {
	if c.sock == nil {
		return
	}
	c.sock.shut(abort)
	c.mu.Lock()
	c.sock, c.tls = nil, nil
	c.mu.Unlock()
}
