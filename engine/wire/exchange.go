package wire

import (
	"bufio"
	"io"
	"time"

	"github.com/valyala/fasthttp"
)

// exchange is what one request and its answer need only while they are under
// way. It is borrowed for the time of a Do, so that an idle connection is
// small.
type exchange struct {
	c    *conn
	req  *Request
	seq  int64
	res  *Result
	keep *capture

	src     source
	*parser                    // nil until there is something to read
	cork    []byte             // lent to the socket
	scratch *[scratchSize]byte // what large bodies are read into, nil before
	text    []byte             // a request with its running number, before TLS
}

// parser is what an answer is read with. It is borrowed when the answer comes and
// not when the request leaves: who waits, as thousands may, holds none, and the
// few that are in use stay in the processor's cache.
type parser struct {
	br    *bufio.Reader // small, or a larger one from HTTP1.readers
	small *bufio.Reader
	first []byte // room for the first read
	head  fasthttp.ResponseHeader
	known []byte // the block that head was parsed from; empty if it is not at hand
	block []byte // the header block as received; for HEAD and captures only
}

func newParser(size int) *parser {
	p := &parser{small: bufio.NewReaderSize(nil, size), first: make([]byte, size)}
	p.br = p.small
	p.head.DisableNormalizing()
	return p
}

// lend gives the socket room for the first bytes of an answer.
func (x *exchange) lend() []byte {
	if x.parser == nil {
		x.parser = x.c.t.parsers.Get().(*parser)
	}
	return x.first
}

// unlend takes it back: there is nothing to read yet.
func (x *exchange) unlend() {
	x.c.t.parsers.Put(x.parser)
	x.parser = nil
}

// listen makes the parser read the connection.
func (x *exchange) listen() {
	x.lend()
	x.br.Reset(&x.src)
}

// await sends what is corked and waits for the first bytes of the answer.
func (x *exchange) await() {
	s := x.c.sock
	s.lender = x
	n, err := s.Read(nil)
	s.lender = nil
	x.src.err = err
	x.lend()
	x.src.begun = x.first[:n]
}

// source is the connection as the reader sees it. It remembers the error that
// ended it, which parsers above disguise.
type source struct {
	r     io.Reader
	begun []byte // read already, to be given out first
	err   error
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.begun) > 0 {
		n := copy(p, s.begun)
		s.begun = s.begun[n:]
		return n, nil
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != nil {
		s.err = err
	}
	return n, err
}

// run carries the request to the target and reads the answer, opening or
// replacing the connection if needed, and settles the connection's future.
func (x *exchange) run() Fault {
	c := x.c
	if c.sock != nil {
		c.sock.begin()
		c.sock.out = x.cork[:0]
		if c.t.cfg.MaxAge > 0 && c.spent(c.now()) {
			x.outgrow()
		}
	}
	for {
		if c.sock == nil {
			if fault := x.open(); fault != None {
				return x.settle(fault)
			}
		}
		x.res.Reused = c.kept
		fault, gone := x.carry()
		if !gone {
			return x.settle(fault)
		}
		x.reclaim()
		c.drop(false)
		x.res.Reused, x.res.Reconnected = false, true
	}
}

// outgrow closes a connection that became too old while it was idle.
func (x *exchange) outgrow() {
	s := x.c.sock
	x.c.hangUp()
	x.reclaimFrom(s)
	x.res.Out += s.sent
	x.res.Retired = true
}

// carry sends the request on an open connection and reads the answer. It
// reports gone if the connection was found dead before anything left.
func (x *exchange) carry() (fault Fault, gone bool) {
	c, s := x.c, x.c.sock
	x.src = source{r: s}
	if c.tls != nil {
		x.src.r = c.tls
	}
	err := x.send()
	if err == nil {
		if c.tls == nil && !s.portable {
			x.await()
			if x.whole() {
				return None, false
			}
		}
		x.listen()
		fault = x.answer()
	}
	if s.t4 != 0 {
		return fault, false
	}
	// Nothing left.
	switch {
	case s.refused == errWithheld:
		x.res.Detail = s.refused.Error()
		return Withheld, false
	case s.refused == errUnfilled:
		x.res.Detail = s.refused.Error()
		return Unfilled, false
	case c.killed():
		return x.killed(DialTimeout), false
	case c.kept:
		return None, true
	}
	return x.brokenEarly(), false
}

// send corks the request, or has a helper write it if it is large. An error
// says that nothing left; others come up when the answer is read.
func (x *exchange) send() error {
	c, s, r := x.c, x.c.sock, x.req
	s.armed, s.quiet = c, c.kept
	if r.form != nil {
		s.refused = errUnfilled
		return errUnfilled
	}
	if r.size() > largeRequest {
		if c.kept && c.tls != nil && x.leftOver() {
			s.refused = errGone
			return errGone
		}
		if err := s.depart(s.alive); err != nil {
			return err
		}
		var top io.Writer = s
		if c.tls != nil {
			top = c.tls
		}
		if r.counts {
			x.text = r.appendHead(x.text[:0], x.seq)
			s.help(top, x.text, r.after)
		} else {
			s.help(top, r.before, r.after)
		}
		return nil
	}
	if c.tls == nil {
		s.out = r.appendTo(s.out, x.seq)
		return nil
	}
	text := r.before
	if len(r.after) > 0 {
		x.text = r.appendTo(x.text[:0], x.seq)
		text = x.text
	}
	_, err := c.tls.Write(text)
	return err
}

// leftOver reports whether TLS holds something that came behind the answer
// before. A small request need not ask: it stays corked if there is an answer
// without a read of the socket.
func (x *exchange) leftOver() bool {
	s := x.c.sock
	x.listen()
	s.mute = true
	_, err := x.br.Peek(1)
	s.mute = false
	x.src.err = nil
	return err != errMute
}

// settle decides what becomes of the connection and completes the result.
func (x *exchange) settle(fault Fault) Fault {
	c, s, res := x.c, x.c.sock, x.res
	if fault != None {
		res.T8 = c.now()
	}
	if s == nil {
		c.end()
		return fault
	}
	res.T4 = s.t4
	c.carried++
	again := fault == None && !x.req.closes && x.reusable() && !c.spent(res.T8)
	if !s.join(0) && (!again || !s.join(lastWords)) {
		again = false
		s.shut(false)
		s.join(time.Hour) // its write fails at once
		res.Early = res.T6 != 0
		s.t5 = 0
	}
	res.T5 = s.t5
	if res.T6 != 0 && s.lastWrite < res.T6 {
		// The answer came after the last write began: if the helper's stamp
		// is the later one, it is the helper that was late.
		res.T5 = min(s.t5, res.T6)
	}
	res.Early = res.Early || res.T6 != 0 && (s.t5 == 0 || s.lastWrite > res.T6)
	again = again && s.writeErr == nil
	switch {
	case again:
		c.kept, c.idleSince = true, res.T8
	case fault == None:
		c.hangUp()
	default:
		c.drop(false)
	}
	res.Closed = !again
	x.reclaimFrom(s)
	res.In, res.Out = res.In+s.in, res.Out+s.sent
	res.Remote, res.Address = c.remote, c.address
	if !c.end() {
		res.Closed = true
	}
	return fault
}

// reusable reports whether the complete answer leaves the connection usable.
func (x *exchange) reusable() bool {
	return x.br.Buffered() == 0 && !x.saysClose()
}

// reclaim takes the cork buffer back from the connection's socket.
func (x *exchange) reclaim() {
	if s := x.c.sock; s != nil {
		x.res.In, x.res.Out = x.res.In+s.in, x.res.Out+s.sent
		x.reclaimFrom(s)
	}
}

func (x *exchange) reclaimFrom(s *socket) {
	if cap(s.out) > cap(x.cork) {
		x.cork = s.out[:0]
	}
	s.out = nil
}

// release forgets everything the next exchange must not see.
func (x *exchange) release() {
	if x.parser != nil {
		if x.br != x.small {
			x.br.Reset(nil)
			x.c.t.readers.Put(x.br)
			x.br = x.small
		}
		x.br.Reset(nil)
		x.unlend()
	}
	if x.scratch != nil {
		x.c.t.scratches.Put(x.scratch)
		x.scratch = nil
	}
	x.src = source{}
	x.c, x.req, x.res, x.keep = nil, nil, nil, nil
}
