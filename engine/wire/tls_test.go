package wire

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

func TestTLSFaults(t *testing.T) {
	good := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	expired := wiretest.NewCertificate(t, time.Now().Add(-time.Hour), "127.0.0.1")
	other := wiretest.NewCertificate(t, time.Time{}, "example.test")
	for _, c := range []struct {
		name     string
		cert     *wiretest.Certificate
		ca       []byte
		insecure bool
		play     func(*wiretest.Peer)
		fault    Fault
		detail   string
	}{
		{"trusted", &good, good.PEM, false, nil, None, ""},
		{"unknown authority", &good, nil, false, nil, TLSCertificate, "unknown authority"},
		{"expired", &expired, expired.PEM, false, nil, TLSCertificate, "expired"},
		{"other host", &other, other.PEM, false, nil, TLSHostname, "127.0.0.1"},
		{"insecure", &expired, nil, true, nil, None, ""},
		{"insecure, other host", &other, nil, true, nil, None, ""},
		{"plain http", nil, nil, false, func(p *wiretest.Peer) { p.Send("HTTP/1.1 400 Bad Request\r\n\r\n"); p.Hold() }, TLSProtocol, "http://"},
		{"not tls", nil, nil, false, func(p *wiretest.Peer) { p.Send("SSH-2.0-OpenSSH_9.6\r\n"); p.Hold() }, TLSProtocol, `"SSH-2"`},
		{"alert", nil, nil, false, func(p *wiretest.Peer) { p.Send("\x15\x03\x01\x00\x02\x02\x28"); p.Hold() }, TLSAlert, "handshake failure"},
		{"eof", nil, nil, false, func(p *wiretest.Peer) { p.HalfClose(); p.Hold() }, TLSProtocol, "closed in"},
		{"reset", nil, nil, false, func(p *wiretest.Peer) { _, _ = p.TCP.Read(make([]byte, 1)); p.Reset() }, TLSProtocol, "reset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plainly(t, func(t *testing.T, m manner) {
				play := c.play
				if play == nil {
					play = func(p *wiretest.Peer) { p.Request(); p.Send(hello); p.Hold() }
				}
				s := wiretest.NewScriptAt(t, "", c.cert, play)
				tr := transport(t, m, Config{Target: strings.Replace(s.URL(), "http:", "https:", 1), CA: c.ca, Insecure: c.insecure})
				res := get(t, tr)
				want(t, res, c.fault)
				if !strings.Contains(res.Detail, c.detail) {
					t.Errorf("detail %q has no %q", res.Detail, c.detail)
				}
				if res.TLS == 0 || res.Connect == 0 || !res.Opened {
					t.Errorf("TLS took %d, connect %d, opened %v", res.TLS, res.Connect, res.Opened)
				}
			})
		})
	}
}

// TestTLSState: what a handshake tells; T4 is the request's, not the
// handshake's, and no version of HTTP but 1.1 is offered.
func TestTLSState(t *testing.T) {
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	for _, noResume := range []bool{false, true} {
		plainly(t, func(t *testing.T, m manner) {
			offered := make(chan []string, 10)
			s := wiretest.NewScriptAt(t, "", &cert, func(p *wiretest.Peer) {
				for p.Request() != "" {
					offered <- []string{p.Conn.(*tls.Conn).ConnectionState().NegotiatedProtocol}
					p.Send(hello)
				}
			})
			tr := transport(t, m, Config{Target: s.URL(), CA: cert.PEM, NoResume: noResume})
			if p := tr.Protocol(); p != "HTTP/1.1" {
				t.Errorf("protocol before the handshake: %q", p)
			}
			c := connection(t, tr, nil)
			req := compile(t, tr, Spec{})
			first := do(t, c, req)
			c.Close()
			second := do(t, c, req)
			third := do(t, c, req)
			for _, res := range []Result{first, second, third} {
				want(t, res, None)
			}
			if first.Resumed || second.Resumed == noResume || third.Resumed {
				t.Errorf("resumed %v, %v, %v", first.Resumed, second.Resumed, third.Resumed)
			}
			if first.T4 < first.T3 || first.TLS == 0 || third.TLS != 0 || third.T3 != 0 {
				t.Errorf("first %+v, third %+v", first, third)
			}
			if p := tr.Protocol(); !strings.HasPrefix(p, "HTTP/1.1, TLS 1.3 TLS_") {
				t.Errorf("protocol %q", p)
			}
			if p := <-offered; p[0] != "" {
				t.Errorf("the server, who speaks no protocol by name, chose %q", p[0])
			}
		})
	}
}

// TestALPN: a server that speaks HTTP/2 as well is spoken to in HTTP/1.1.
func TestALPN(t *testing.T) {
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert.TLS}, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	chosen := make(chan string, 1)
	over := make(chan bool)
	go func() {
		defer close(over)
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = c.Read(make([]byte, 1024))
		chosen <- c.(*tls.Conn).ConnectionState().NegotiatedProtocol
		_, _ = c.Write([]byte(hello))
	}()
	t.Cleanup(func() { ln.Close(); <-over })
	tr := transport(t, manner{portable: !canFuse}, Config{Target: "https://" + ln.Addr().String(), CA: cert.PEM})
	want(t, get(t, tr), None)
	if p := <-chosen; p != "http/1.1" {
		t.Errorf("chosen: %q", p)
	}
}

// TestTLS12: a server that speaks TLS 1.2, with its other order of
// messages at the end of a handshake.
func TestTLS12(t *testing.T) {
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert.TLS}, MaxVersion: tls.VersionTLS12}
	over := make(chan bool)
	go func() {
		defer close(over)
		for {
			tcp, err := ln.Accept()
			if err != nil {
				return
			}
			c := tls.Server(tcp, config)
			_, _ = c.Read(make([]byte, 1024))
			_, _ = c.Write([]byte(hello))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { ln.Close(); <-over })
	plainly(t, func(t *testing.T, m manner) {
		tr := transport(t, m, Config{Target: "https://" + ln.Addr().String(), CA: cert.PEM})
		for _, resumed := range []bool{false, true} {
			res := get(t, tr)
			want(t, res, None)
			if res.Resumed != resumed {
				t.Errorf("resumed %v", res.Resumed)
			}
		}
		if p := tr.Protocol(); !strings.Contains(p, "TLS 1.2") {
			t.Errorf("protocol %q", p)
		}
	})
}

// corked holds back what is written until it is read from, or flushed.
type corked struct {
	net.Conn
	out []byte
}

func (c *corked) Write(p []byte) (int, error) {
	c.out = append(c.out, p...)
	return len(p), nil
}

func (c *corked) flush() {
	_, _ = c.Conn.Write(c.out)
	c.out = nil
}

func (c *corked) Read(p []byte) (int, error) {
	c.flush()
	return c.Conn.Read(p)
}

// TestTLSSpeaksFirst: the end of the handshake and an answer nobody asked for
// arrive in one piece. The request stays at home.
func TestTLSSpeaksFirst(t *testing.T) {
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	for name, c := range map[string]struct {
		say    func(*tls.Conn)
		fault  Fault
		detail string
	}{
		"answer":   {func(c *tls.Conn) { _, _ = c.Write([]byte(hello)) }, TLSProtocol, "spoke before it was asked"},
		"farewell": {func(c *tls.Conn) { _ = c.CloseWrite() }, TLSProtocol, "closed in the handshake"},
	} {
		plainly(t, func(t *testing.T, m manner) {
			s := wiretest.NewScript(t, func(p *wiretest.Peer) {
				under := &corked{Conn: p.TCP}
				server := tls.Server(under, &tls.Config{Certificates: []tls.Certificate{cert.TLS}, MaxVersion: tls.VersionTLS12})
				_ = server.Handshake()
				c.say(server)
				_ = p.TCP.SetWriteDeadline(time.Time{}) // CloseWrite leaves one
				under.flush()
				p.Hold()
			})
			tr := transport(t, m, Config{Target: strings.Replace(s.URL(), "http:", "https:", 1), CA: cert.PEM})
			res := get(t, tr)
			want(t, res, c.fault)
			if !strings.Contains(res.Detail, c.detail) || !res.Closed {
				t.Errorf("%s: detail %q, closed %v", name, res.Detail, res.Closed)
			}
		})
	}
}

// TestPrintable: what a server can put into a detail does not reach a terminal
// as anything but text.
func TestPrintable(t *testing.T) {
	got := printable("cert for \x1b[2J\u202ex\xff\n" + strings.Repeat("é", 1000))
	if strings.ContainsAny(got, "\x1b\n\u202e") || len(got) > 420 || !strings.HasPrefix(got, "cert for \ufffd[2J") {
		t.Errorf("%q", got)
	}
}
