package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// stream is a connection of the system: TCP, or a unix socket.
type stream interface {
	net.Conn
	syscall.Conn
}

// socket is a stream that holds back what is written until it is read
// from. crypto/tls and bufio sit on top of it and need not know.
//
// Write corks. Read sends what is corked, waits and reads; where the system
// allows it (canFuse) in one visit to the poller, which saves the read that
// only learns that there is nothing to read yet. The first bytes corked after
// arm are a request: the gate is asked directly before they leave.
//
// One goroutine owns a socket. Only shut, wake and alive may be called by
// others.
type socket struct {
	stream
	raw      syscall.RawConn
	epoch    time.Time
	portable bool
	step     func(fd uintptr) bool // s.fused, made once

	out    []byte    // corked
	into   []byte    // where the step reads to
	lender *exchange // gives room to read to, when there is something to read; nil if there is room
	n      int
	err    error // what the step ended with

	armed  *conn // whose gate is to be asked before the next write
	quiet  bool  // nothing has arrived since the last exchange, as far as we know: the step may wait before it reads
	mute   bool  // Read only says errMute
	direct bool  // a helper is writing: Write does not cork

	stamps  *kernelStamps // nil but on a connection of [Config.KernelStamps]
	late    int64         // the latest read, behind the kernel's stamp of it; of use with stamps
	crashed func(v any, stack []byte)

	helper func()    // s.upload, made at the first use
	to     io.Writer // the helper writes parts to it: this socket or the TLS above
	parts  [2][]byte
	helped chan struct{} // the helper is done

	// Of the present exchange.
	t4, t5, last int64 // last: after the latest read
	in, sent     int64
	refused      error // why the request did not leave: errGone, errWithheld or errKilled
	writeErr     error // of sending the request
	lastWrite    int64 // when the helper's latest write began
	helping      bool  // a helper was started and not yet waited for
}

var (
	errGone     = errors.New("the server closed the kept connection")
	errWithheld = errors.New("withheld by the gate")
	errKilled   = errors.New("killed before the send")
)

// errMute is the error of a mute socket: one that TLS takes for passing.
var errMute net.Error = mute{}

type mute struct{}

func (mute) Error() string   { return "not reading now" }
func (mute) Timeout() bool   { return true }
func (mute) Temporary() bool { return true }

func newSocket(under stream, epoch time.Time, portable bool) (*socket, error) {
	s := &socket{stream: under, epoch: epoch, portable: portable}
	s.step = s.fused
	var err error
	s.raw, err = under.SyscallConn()
	return s, err
}

func (s *socket) now() int64 { return int64(time.Since(s.epoch)) }

// begin forgets the exchange before.
func (s *socket) begin() {
	s.t4, s.t5, s.last, s.in, s.sent, s.late = 0, 0, 0, 0, 0, 0
	s.refused, s.writeErr, s.lastWrite = nil, nil, 0
}

// Write corks p, or writes it at once while a helper is writing.
func (s *socket) Write(p []byte) (int, error) {
	if s.direct {
		return s.writeNow(p)
	}
	s.out = append(s.out, p...)
	return len(p), nil
}

// writeNow writes p in pieces, so that lastWrite tells how far a slow upload
// had come at a given time.
func (s *socket) writeNow(p []byte) (n int, err error) {
	const piece = 64 << 10
	for n < len(p) && err == nil {
		var m int
		s.lastWrite = s.now()
		m, err = s.stream.Write(p[n:min(n+piece, len(p))])
		n += m
		s.sent += int64(m)
	}
	return n, err
}

// flush sends what is corked without reading: the end of a handshake.
func (s *socket) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	_, err := s.writeNow(s.out)
	s.out = s.out[:0]
	return err
}

// farewell tries to send what is corked and does not wait for room.
func (s *socket) farewell() {
	if len(s.out) == 0 || s.SetWriteDeadline(time.Now().Add(time.Millisecond)) != nil {
		return
	}
	n, _ := s.stream.Write(s.out)
	s.sent += int64(n)
	s.out = s.out[:0]
}

// Read sends what is corked, waits until something arrives and reads it, into p
// or, with a lender, into what it lends. It stamps the end of the read and counts.
func (s *socket) Read(p []byte) (int, error) {
	if s.mute {
		return 0, errMute
	}
	for {
		var n int
		var err error
		if s.portable {
			n, err = s.plain(p)
		} else {
			n, err = s.fuse(p)
		}
		if err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
			// Someone nudged: look again. The corked bytes are either still
			// corked or gone, so nothing is sent twice.
			if err = s.SetReadDeadline(time.Time{}); err == nil {
				continue
			}
		}
		if err != nil {
			s.last = s.now()
		}
		return n, err
	}
}

// fuse is Read by way of step.
func (s *socket) fuse(p []byte) (int, error) {
	s.into, s.n, s.err = p, 0, nil
	err := s.raw.Read(s.step)
	s.into = nil
	if err == nil {
		err = s.err
	}
	if err == nil && s.n == 0 && (len(p) > 0 || s.lender != nil) {
		err = io.EOF
	}
	return s.n, err
}

// plain is Read in ordinary calls.
func (s *socket) plain(p []byte) (int, error) {
	if len(s.out) > 0 {
		request := s.armed != nil
		if request {
			if err := s.depart(s.alive); err != nil {
				return 0, err
			}
		}
		_, err := s.writeNow(s.out)
		s.out = s.out[:0]
		if request {
			s.written(err)
		}
	}
	n, err := s.stream.Read(p)
	if n > 0 {
		s.last = s.now()
		s.in += int64(n)
	}
	return n, err
}

// depart decides whether the request may leave now, and stamps T4. alive looks
// whether a kept connection still stands.
func (s *socket) depart(alive func() bool) error {
	c := s.armed
	s.armed = nil
	now := s.now()
	if c.kept && now-c.idleSince > peekAfter {
		if !alive() {
			s.refused = errGone
			return errGone
		}
		now = s.now()
	}
	switch {
	case c.killed():
		s.refused = errKilled
	case c.gate != nil && !c.gate.Depart(now):
		s.refused = errWithheld
	default:
		s.t4 = now
	}
	return s.refused
}

// help has a goroutine write parts to w, so that an answer that comes before
// the end is seen. The caller calls join before the end of the exchange.
func (s *socket) help(w io.Writer, parts ...[]byte) {
	if s.helper == nil {
		s.helper, s.helped = s.upload, make(chan struct{}, 1)
	}
	s.parts = [2][]byte{}
	copy(s.parts[:], parts)
	s.to, s.helping, s.direct = w, true, true
	go s.helper()
}

func (s *socket) upload() {
	err := errCrashed
	defer func() {
		if err == errCrashed {
			s.shut(false) // or the reader would wait for the answer to half a request
		}
		s.written(err)
		s.helped <- struct{}{}
	}()
	defer guard(s.crashed)
	var failed error
	for _, p := range s.parts {
		if len(p) > 0 && failed == nil {
			_, failed = s.to.Write(p)
		}
	}
	err = failed
}

// join waits for the helper, at most for patience, and reports whether it is
// done. Until then what it notes must not be looked at.
func (s *socket) join(patience time.Duration) bool {
	if !s.helping {
		return true
	}
	select {
	case <-s.helped:
	default:
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-s.helped:
		case <-timer.C:
			return false
		}
	}
	s.helping, s.direct, s.to, s.parts = false, false, nil, [2][]byte{}
	return true
}

// written notes the end of sending the request.
func (s *socket) written(err error) {
	if err != nil {
		s.writeErr = err
		return
	}
	s.t5 = s.now()
}

// alive looks, without reading, whether the connection stands and is silent.
func (s *socket) alive() bool {
	state := true
	err := s.raw.Control(func(fd uintptr) { state = silent(fd) })
	return err == nil && state
}

// wake makes a waiting Read look at the socket.
func (s *socket) wake() { _ = s.SetReadDeadline(time.Unix(1, 0)) }

// shut closes the connection at once, from any goroutine; with abort by a
// reset, which a unix socket does not have. Whoever waits on it is woken.
func (s *socket) shut(abort bool) {
	if tcp, ok := s.stream.(*net.TCPConn); ok && abort {
		_ = tcp.SetLinger(0)
	}
	_ = s.stream.Close()
}
