package wiretest

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
)

// Script is a server that does on each connection what a function says.
type Script struct{ l *listener }

// NewScript listens on 127.0.0.1 and runs play on each accepted connection, in
// a goroutine of its own. When play returns the connection is closed. The
// server is closed, with its connections, at the end of the test.
func NewScript(tb testing.TB, play func(p *Peer)) *Script {
	return newScript(tb, "", nil, play)
}

// NewScriptAt is NewScript listening on addr ("[::1]:0"); with a certificate it
// speaks TLS.
func NewScriptAt(tb testing.TB, addr string, cert *Certificate, play func(p *Peer)) *Script {
	var config *tls.Config
	if cert != nil {
		config = &tls.Config{Certificates: []tls.Certificate{cert.TLS}}
	}
	return newScript(tb, addr, config, play)
}

func newScript(tb testing.TB, addr string, config *tls.Config, play func(p *Peer)) *Script {
	tb.Helper()
	s := &Script{}
	gone := make(chan struct{})
	s.l = listen(tb, addr, config, func(tcp *net.TCPConn, c net.Conn, nth int64) {
		play(&Peer{Nth: nth, TCP: tcp, Conn: c, gone: gone, r: bufio.NewReader(c)})
	})
	tb.Cleanup(func() {
		close(gone)
		s.l.stop()
	})
	return s
}

// URL is the base URL of the server.
func (s *Script) URL() string { return s.l.url() }

// Opened is the number of connections accepted so far.
func (s *Script) Opened() int64 { n, _ := s.l.counts(); return n }

// Peer is the server's end of one connection. Its methods do not report
// errors: a client that goes away is part of many scripts.
type Peer struct {
	Nth  int64           // the connection's number, from 0
	TCP  *net.TCPConn    // the socket
	Conn net.Conn        // what the answer is written to: TCP, or TLS on it
	gone <-chan struct{} // closed when the test ends
	r    *bufio.Reader
}

// Head reads the next request up to the end of its header and returns it. It
// returns "" when the connection has ended.
func (p *Peer) Head() string {
	var head strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		head.WriteString(line)
		if err != nil {
			return ""
		}
		if line == "\r\n" {
			return head.String()
		}
	}
}

// Request reads the next request with its body and returns the header.
func (p *Peer) Request() string {
	head := p.Head()
	_, _ = io.CopyN(io.Discard, p.r, contentLength(head))
	return head
}

// Whole reads the next request and returns its header and its body.
func (p *Peer) Whole() (head, body string) {
	head = p.Head()
	var b strings.Builder
	_, _ = io.CopyN(&b, p.r, contentLength(head))
	return head, b.String()
}

func contentLength(head string) int64 {
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Content-Length") {
			n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n
		}
	}
	return 0
}

// Send writes text.
func (p *Peer) Send(text string) { _, _ = io.WriteString(p.Conn, text) }

// HalfClose sends a FIN and leaves the other direction open. Under TLS no
// close notification is sent.
func (p *Peer) HalfClose() { _ = p.TCP.CloseWrite() }

// Reset closes the connection with a RST.
func (p *Peer) Reset() {
	_ = p.TCP.SetLinger(0)
	_ = p.TCP.Close()
}

// Hold waits until the client closes the connection or the test ends.
func (p *Peer) Hold() { _, _ = io.Copy(io.Discard, p.r) }

// Stay does nothing, not even read, until the test ends.
func (p *Peer) Stay() { <-p.gone }

// Gone is closed when the test ends: a script that waits for the test must end
// its wait then too, or a test that fails never ends.
func (p *Peer) Gone() <-chan struct{} { return p.gone }
