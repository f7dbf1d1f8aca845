package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// The staleness rule: a kept connection that had been idle for staleIdle and
// is found closed within staleWithin of the send, or two round trips if these
// are longer, was being closed by the server before our request arrived.
const (
	staleIdle   = int64(100 * time.Millisecond)
	staleWithin = int64(time.Millisecond)
)

// fault ends the exchange with a fault and the words for it.
func (x *exchange) fault(f Fault, format string, args ...any) Fault {
	x.res.Detail = printable(fmt.Sprintf(format, args...))
	return f
}

// printable makes a text with words of the server's fit for a terminal.
func printable(text string) string {
	const most = 400
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\ufffd'
		}
		return r
	}, text)
}

// kind is how a connection ended.
type kind int

const (
	ended kind = iota // an orderly end of the stream
	reset
	stuck // the kernel gave up retransmitting
)

// brokenEarly classifies a new TLS connection on which the server spoke, or
// ended, after the handshake and before the request left.
func (x *exchange) brokenEarly() Fault {
	if x.src.err != nil {
		fault, detail := tlsFault(x.src.err)
		return x.fault(fault, "%s", detail)
	}
	b, _ := x.br.Peek(x.br.Buffered())
	return x.fault(TLSProtocol, "the server spoke before it was asked: %s", clean(b))
}

// broken classifies the failure to read (more of) an answer.
func (x *exchange) broken() Fault {
	s, res := x.c.sock, x.res
	if s.t4 == 0 {
		return None // nothing left; carry knows better
	}
	if x.phase() == 1 && x.bareLineFeeds() && Cause(x.c.cause.Load()) != Cancelled {
		return x.fault(HeadMalformed, "the header ends in a bare line feed instead of CR LF CR LF")
	}
	if x.c.killed() {
		return x.killed(None)
	}
	err := x.src.err
	how := kindOf(err)
	if res.T6 == 0 {
		if !s.join(0) {
			s.shut(false)
			s.join(time.Hour)
		}
		if fault := x.stale(how); fault != None {
			return fault
		}
		if s.t5 == 0 {
			return x.unwritten(how)
		}
	}
	phase := [3]struct {
		ended, reset, stuck Fault
		while               string
	}{
		{WaitEOF, WaitReset, WaitTimeout, "before the first byte of the answer"},
		{HeadEOF, HeadReset, HeadTimeout, "inside the header"},
		{BodyShort, BodyReset, BodyTimeout, "inside the body"},
	}[x.phase()]
	switch how {
	case reset:
		return x.fault(phase.reset, "connection reset %s%s", phase.while, because(err))
	case stuck:
		return x.fault(phase.stuck, "connection lost %s%s", phase.while, because(err))
	}
	return x.fault(phase.ended, "connection closed %s%s", phase.while, because(err))
}

// phase is 0 while waiting, 1 inside the header, 2 inside the body.
func (x *exchange) phase() int {
	switch {
	case x.res.T6 == 0:
		return 0
	case x.res.T7 == 0:
		return 1
	}
	return 2
}

// bareLineFeeds reports whether a header block has an empty line that the
// parser does not take for its end.
func (x *exchange) bareLineFeeds() bool {
	b, _ := x.br.Peek(x.br.Buffered())
	b = bytes.TrimLeft(b, "\r\n")
	return bytes.Contains(b, []byte("\n\n")) || bytes.Contains(b, []byte("\n\r\n"))
}

// kindOf reads the error that ended a connection, plain or under TLS.
func kindOf(err error) kind {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return ended
	case errors.Is(err, syscall.ETIMEDOUT):
		return stuck
	}
	return reset
}

// because adds an error to a sentence unless the sentence has said it.
func because(err error) string {
	if err == nil || err == io.EOF || err == syscall.ECONNRESET {
		return ""
	}
	if err == io.ErrUnexpectedEOF {
		return ", in the middle of a TLS record"
	}
	return ": " + err.Error()
}

// stale applies the staleness rule to a connection that ended before T6. Bytes
// of TLS, its farewell above all, are no answer; an interim answer is one.
func (x *exchange) stale(how kind) Fault {
	c, s := x.c, x.c.sock
	if !c.kept || x.res.Interim > 0 || how == stuck {
		return None
	}
	idle, after := s.t4-c.idleSince, s.last-s.t4
	if idle < staleIdle || after > max(staleWithin, 2*c.rtt) {
		return None
	}
	return x.fault(Stale, "the server closed the connection, idle for %s, as the request left",
		time.Duration(idle).Round(time.Millisecond))
}

// unwritten classifies the end of a connection before the request was wholly
// written.
func (x *exchange) unwritten(how kind) Fault {
	err := x.c.sock.writeErr
	switch {
	case how == reset, errors.Is(err, syscall.ECONNRESET):
		// A reset is told once, to the reader or to the writer.
		return x.fault(WriteReset, "connection reset while writing the request")
	case errors.Is(err, syscall.EPIPE):
		return x.fault(WritePipe, "the server stopped reading the request")
	}
	return x.fault(WritePipe, "connection closed while writing the request")
}

// killed is the fault of an exchange ended by Kill: opening says in which part
// of opening the connection, 0 if it was open.
func (x *exchange) killed(opening Fault) Fault {
	if Cause(x.c.cause.Load()) == Cancelled {
		return x.fault(Killed, "cancelled")
	}
	switch {
	case opening != None:
		return x.fault(opening, "timeout while connecting")
	case x.phase() == 2:
		return x.fault(BodyTimeout, "timeout after %d bytes of the body", x.res.Body)
	case x.phase() == 1:
		return x.fault(HeadTimeout, "timeout inside the header")
	}
	s := x.c.sock
	s.join(time.Hour) // its write has failed
	if s.t5 == 0 {
		return x.fault(WriteTimeout, "timeout while writing the request")
	}
	return x.fault(WaitTimeout, "timeout before the first byte of the answer")
}

// notHTTP names an answer that the parser refused.
func (x *exchange) notHTTP(err error) Fault {
	b, _ := x.br.Peek(min(x.br.Buffered(), 64))
	switch {
	case len(b) > 1 && (b[0] == 0x15 || b[0] == 0x16) && b[1] == 3:
		return x.fault(HeadMalformed, "the target speaks TLS on this port: write https://")
	case bytes.HasPrefix(b, []byte("HTTP/2")), bytes.HasPrefix(b, []byte("\x00\x00")) && len(b) > 3 && b[3] == 4:
		return x.fault(HeadMalformed, "the target speaks HTTP/2 only: %s", clean(b))
	case bytes.HasPrefix(b, []byte("HTTP/1.")) && err != nil:
		for e := errors.Unwrap(err); e != nil; e = errors.Unwrap(e) {
			err = e
		}
		return x.fault(HeadMalformed, "header not understood: %s", clean([]byte(err.Error())))
	}
	return x.fault(HeadMalformed, "the answer is not HTTP: it begins with %s", clean(b))
}

// clean quotes the beginning of bytes from the network for a terminal.
func clean(b []byte) string {
	const most = 48
	cut := ""
	if len(b) > most {
		b, cut = b[:most], "…"
	}
	return strconv.QuoteToASCII(string(b)) + cut
}
