package wire

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// handshakes listens for TLS and answers one request on each connection. What
// each handshake agreed on is sent to the channel.
func handshakes(t *testing.T, config *tls.Config) (url string, agreed <-chan tls.ConnectionState) {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan tls.ConnectionState, 100)
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			server := c.(*tls.Conn)
			if _, err := server.Read(make([]byte, 4096)); err == nil {
				seen <- server.ConnectionState()
				_, _ = server.Write([]byte(hello))
			}
			_ = server.Close()
		}
	})
	t.Cleanup(func() { ln.Close(); wait.Wait() })
	return "https://" + ln.Addr().String(), seen
}

// TestTLSSettings: what is set is what the server sees.
func TestTLSSettings(t *testing.T) {
	cert := wiretest.NewCertificate(t, time.Time{}, "other.test", "127.0.0.1")
	own := wiretest.NewCertificate(t, time.Time{}, "client.test")
	der, err := x509.MarshalPKCS8PrivateKey(own.TLS.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, c := range []struct {
		name   string
		cfg    Config
		server *tls.Config
		fault  Fault
		look   func(*testing.T, tls.ConnectionState)
	}{
		{"newest", Config{}, &tls.Config{}, None, func(t *testing.T, s tls.ConnectionState) {
			if s.Version != tls.VersionTLS13 || len(s.PeerCertificates) != 0 {
				t.Errorf("version %x, %d certificates", s.Version, len(s.PeerCertificates))
			}
		}},
		{"highest", Config{MaxTLS: tls.VersionTLS12}, &tls.Config{}, None, func(t *testing.T, s tls.ConnectionState) {
			if s.Version != tls.VersionTLS12 {
				t.Errorf("version %x", s.Version)
			}
		}},
		{"lowest", Config{MinTLS: tls.VersionTLS13}, &tls.Config{MaxVersion: tls.VersionTLS12}, TLSAlert, nil},
		{"server name", Config{ServerName: "other.test"}, &tls.Config{}, None, func(t *testing.T, s tls.ConnectionState) {
			if s.ServerName != "other.test" {
				t.Errorf("server name %q", s.ServerName)
			}
		}},
		{"wrong server name", Config{ServerName: "third.test"}, &tls.Config{}, TLSHostname, nil},
		{"certificate", Config{Cert: own.PEM, Key: key}, &tls.Config{ClientAuth: tls.RequireAnyClientCert}, None, func(t *testing.T, s tls.ConnectionState) {
			if len(s.PeerCertificates) != 1 || s.PeerCertificates[0].DNSNames[0] != "client.test" {
				t.Errorf("certificates: %v", s.PeerCertificates)
			}
		}},
		{"certificate missing", Config{MaxTLS: tls.VersionTLS12}, &tls.Config{ClientAuth: tls.RequireAnyClientCert}, TLSAlert, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.server.Certificates = []tls.Certificate{cert.TLS}
			url, agreed := handshakes(t, c.server)
			c.cfg.Target, c.cfg.CA = url, cert.PEM
			res := get(t, transport(t, manner{portable: !canFuse}, c.cfg))
			want(t, res, c.fault)
			if c.look != nil {
				c.look(t, <-agreed)
			}
		})
	}
}

// TestHandshakesCounted: full and resumed ones apart, from the start on.
func TestHandshakesCounted(t *testing.T) {
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	for _, c := range []struct {
		noResume      bool
		full, resumed int64
	}{{false, 0, 3}, {true, 3, 0}} {
		url, _ := handshakes(t, &tls.Config{Certificates: []tls.Certificate{cert.TLS}})
		tr := transport(t, manner{portable: !canFuse}, Config{Target: url, CA: cert.PEM, NoResume: c.noResume})
		want(t, get(t, tr), None) // before the start: a full one, not counted
		tr.Start(time.Now())
		for range 3 {
			want(t, get(t, tr), None)
		}
		if f := tr.Facts(); f.Full != c.full || f.Resumed != c.resumed {
			t.Errorf("no resumption %v: %d full, %d resumed", c.noResume, f.Full, f.Resumed)
		}
	}
}

// TestConnectTo: the connection goes elsewhere, the request does not know.
func TestConnectTo(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		cfg := Config{Target: "http://shop.test:8080"}
		var cert *wiretest.Certificate
		if m.secure {
			c := wiretest.NewCertificate(t, time.Time{}, "shop.test")
			cert, cfg.CA, cfg.Target = &c, c.PEM, "https://shop.test:8080"
		}
		host := make(chan string, 1)
		s := wiretest.NewScriptAt(t, "", cert, func(p *wiretest.Peer) {
			host <- header(p.Request(), "Host")
			p.Send(hello)
		})
		_, cfg.ConnectTo, _ = strings.Cut(s.URL(), "://")
		res := get(t, transport(t, m, cfg))
		want(t, res, None)
		if got := <-host; got != "shop.test:8080" || res.Remote.String() != cfg.ConnectTo {
			t.Errorf("host %q at %v", got, res.Remote)
		}
	})
}

// TestUnixSocket: requests, faults and kills over a unix socket.
func TestUnixSocket(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		path := filepath.Join(t.TempDir(), "s")
		ln, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{Target: "http://app.test", UnixSocket: path}
		var config *tls.Config
		if m.secure {
			cert := wiretest.NewCertificate(t, time.Time{}, "app.test")
			config = &tls.Config{Certificates: []tls.Certificate{cert.TLS}}
			cfg.Target, cfg.CA = "https://app.test", cert.PEM
		}
		silent := make(chan struct{})
		var wait sync.WaitGroup
		wait.Go(func() {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			if config != nil {
				c = tls.Server(c, config)
			}
			for range 2 {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = c.Write([]byte(hello))
			}
			_, _ = c.Read(make([]byte, 4096))
			close(silent)
			_, _ = c.Read(make([]byte, 4096))
		})
		t.Cleanup(func() { ln.Close(); wait.Wait() })
		tr := transport(t, m, cfg)
		c, req := connection(t, tr, nil), compile(t, tr, Spec{})
		first, second := do(t, c, req), do(t, c, req)
		want(t, first, None)
		want(t, second, None)
		if !first.Opened || !second.Reused || second.In == 0 || !m.secure && second.In != int64(len(hello)) || second.Remote.IsValid() {
			t.Errorf("first %+v, second %+v", first, second)
		}
		go func() { <-silent; c.Kill(Timeout, true) }()
		want(t, do(t, c, req), WaitTimeout)
		c.Close()
		ln.Close()
		res := do(t, c, req)
		if res.Fault != DialRefused || !strings.Contains(res.Detail, path) {
			t.Errorf("nobody listens: %v, %q", res.Fault, res.Detail)
		}
		if addrs, err := tr.Resolve(t.Context()); len(addrs) != 0 || err != nil {
			t.Errorf("resolved %v, %v", addrs, err)
		}
	})
}

// TestSource: connections leave from the given addresses in turn, and only
// from those of the family dialled.
func TestSource(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux, where all of 127.0.0.0/8 is this machine")
	}
	from := make(chan string, 10)
	s := wiretest.NewScript(t, func(p *wiretest.Peer) {
		host, _, _ := net.SplitHostPort(p.TCP.RemoteAddr().String())
		from <- host
		p.Request()
		p.Send(hello)
	})
	source := []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.3")}
	tr := transport(t, manner{portable: !canFuse}, Config{Target: s.URL(), Source: source})
	seen := map[string]int{}
	for range 6 {
		want(t, get(t, tr), None)
		seen[<-from]++
	}
	if seen["127.0.0.2"] < 2 || seen["127.0.0.3"] < 2 || len(seen) != 2 {
		t.Errorf("connections came from %v", seen)
	}
	tr = transport(t, manner{portable: !canFuse}, Config{Target: s.URL(), Source: source[1:2]})
	want(t, get(t, tr), DialUnreachable)
	_, err := NewHTTP1(Config{Target: s.URL(), Source: []netip.Addr{netip.MustParseAddr("192.0.2.1")}})
	if err == nil || !strings.Contains(err.Error(), "192.0.2.1 is no address of this machine") {
		t.Errorf("a foreign source: %v", err)
	}
}

// proxy is an HTTP proxy that opens tunnels to anywhere; it keeps the heads of
// its requests.
func proxy(t *testing.T, answer string) (url string, heads <-chan string) {
	seen := make(chan string, 10)
	s := wiretest.NewScript(t, func(p *wiretest.Peer) {
		head := p.Request()
		seen <- head
		p.Send(answer)
		method, rest, _ := strings.Cut(head, " ")
		to, _, _ := strings.Cut(rest, " ")
		if method != "CONNECT" {
			return
		}
		target, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		done := make(chan struct{})
		go func() {
			_, _ = io.Copy(p.TCP, target)
			_ = p.TCP.CloseWrite()
			close(done)
		}()
		_, _ = io.Copy(target, p.TCP)
		_ = target.Close()
		<-done
	})
	return s.URL(), seen
}

// TestProxy: an https target by CONNECT, an http target by whole URLs. The
// bytes to and from the proxy are counted; the password is in no message.
func TestProxy(t *testing.T) {
	const secret = "Basic dXNlcjpwYXNz" // user:pass
	withUser := func(url string) string { return strings.Replace(url, "http://", "http://user:pass@", 1) }
	t.Run("tunnel", func(t *testing.T) {
		tr, s := script(t, manner{portable: !canFuse, secure: true}, func(p *wiretest.Peer) {
			for p.Request() != "" {
				p.Send(hello)
			}
		})
		url, heads := proxy(t, "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
		cfg := tr.cfg
		cfg.Proxy = withUser(url)
		tr = transport(t, manner{portable: !canFuse}, cfg)
		c, req := connection(t, tr, nil), compile(t, tr, Spec{})
		first := do(t, c, req)
		want(t, first, None)
		second := do(t, c, req)
		want(t, second, None)
		head := <-heads
		to := strings.TrimPrefix(s.URL(), "https://")
		if !strings.HasPrefix(head, "CONNECT "+to+" HTTP/1.1\r\n") || header(head, "Host") != to || header(head, "Proxy-Authorization") != secret {
			t.Errorf("asked %q", head)
		}
		if first.Out < second.Out+int64(len(head)) || first.TLS == 0 || first.Connect == 0 || second.Opened {
			t.Errorf("first %+v, second %+v", first, second)
		}
		if strings.Contains(string(req.Bytes()), secret) {
			t.Error("the target gets the proxy's password")
		}
	})
	t.Run("absolute", func(t *testing.T) {
		url, heads := proxy(t, hello)
		tr := transport(t, manner{portable: !canFuse}, Config{Target: "http://shop.test/v1", Proxy: withUser(url)})
		res := do(t, connection(t, tr, nil), compile(t, tr, Spec{Path: "/a?b"}))
		want(t, res, None)
		if head := <-heads; !strings.HasPrefix(head, "GET http://shop.test/v1/a?b HTTP/1.1\r\n") || header(head, "Host") != "shop.test" ||
			header(head, "Proxy-Authorization") != secret {
			t.Errorf("asked %q", head)
		}
	})
	for answer, detail := range map[string]string{
		"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n": "407 Proxy Auth",
		"SSH-2.0-OpenSSH\r\n\r\n":                            "does not speak HTTP",
		"HTTP/1.1 200 OK\r\n\r\nmore":                        "spoke before",
		"HTTP/1.1 200 OK\r\n":                                "did not answer",
		"HTTP/1.1 200 " + strings.Repeat("x", 10_000):        "larger than",
	} {
		s := wiretest.NewScript(t, func(p *wiretest.Peer) { p.Request(); p.Send(answer) })
		tr := transport(t, manner{portable: !canFuse}, Config{Target: "https://shop.test", Proxy: withUser(s.URL())})
		res := get(t, tr)
		want(t, res, DialProxy)
		if !strings.Contains(res.Detail, detail) || strings.Contains(res.Detail, "pass") {
			t.Errorf("%q: detail %q", answer, res.Detail)
		}
	}
}

// TestWayErrors: what contradicts itself is refused, and a proxy's password is
// not in the refusal.
func TestWayErrors(t *testing.T) {
	for text, cfg := range map[string]Config{
		"exclude each other":      {ConnectTo: "a:1", UnixSocket: "/s"},
		"no source address":       {UnixSocket: "/s", Source: []netip.Addr{netip.MustParseAddr("127.0.0.1")}},
		"write it as host:port":   {ConnectTo: "a"},
		"between 1 and 65535":     {ConnectTo: "a:0"},
		"write it as http://host": {Proxy: "socks5://user:hunter2@x:1"},
		"proxy: write it as http": {Proxy: "http://user:hunter2@x:y\x00z"},
		"above the highest":       {Target: "https://x.test", MinTLS: tls.VersionTLS13, MaxTLS: tls.VersionTLS12},
		"TLS 1.2, is above":       {Target: "https://x.test", MaxTLS: tls.VersionTLS11}, // the lowest unless it is said
		"client certificate":      {Target: "https://x.test", Cert: []byte("x"), Key: []byte("x")},
		"belong together":         {Target: "https://x.test", Cert: []byte("x")},
	} {
		if cfg.Target == "" {
			cfg.Target = "http://x.test"
		}
		_, err := NewHTTP1(cfg)
		if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v, want %q", cfg, err, text)
		}
	}
}

// TestAgeing: a connection is closed by us between two requests, after so many
// of them or so long a time, and that is no fault of the server's.
func TestAgeing(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, s := script(t, m, func(p *wiretest.Peer) {
			for p.Request() != "" {
				p.Send(hello)
			}
		})
		tr.cfg.MaxRequests = 3
		c, req := connection(t, tr, nil), compile(t, tr, Spec{})
		for i := range 9 {
			res := do(t, c, req)
			want(t, res, None)
			if res.Opened != (i%3 == 0) || res.Reused != (i%3 != 0) || res.Closed != (i%3 == 2) || res.Reconnected || res.Retired {
				t.Errorf("request %d: %+v", i, res)
			}
		}
		if s.Opened() != 3 {
			t.Errorf("%d connections for 9 requests of 3 each", s.Opened())
		}

		tr.cfg.MaxRequests, tr.cfg.MaxAge = 0, time.Hour
		want(t, do(t, c, req), None)
		c.born -= int64(time.Hour) // it was opened an hour ago, and is idle
		res := do(t, c, req)
		want(t, res, None)
		if !res.Retired || !res.Opened || res.Reused || res.Reconnected || res.Closed {
			t.Errorf("an old idle connection: %+v", res)
		}
		c.gate = depart(func() { c.born -= int64(time.Hour) }) // it grows old in the request
		if res = do(t, c, req); res.Fault != None || !res.Reused || !res.Closed || res.Retired {
			t.Errorf("grown old on its way: %+v", res)
		}
	})
}

// depart is a gate that agrees, after a function.
type depart func()

func (f depart) Depart(int64) bool { f(); return true }

// TestAddressNumbers: the addresses dialled have numbers from 1, those beyond
// the last number have none.
func TestAddressNumbers(t *testing.T) {
	var n numbering
	ap := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 80)
	}
	for range 2 {
		for i := range MaxAddresses {
			if got := n.of(ap(i)); int(got) != i+1 {
				t.Fatalf("address %d has number %d", i, got)
			}
		}
	}
	if n.of(ap(MaxAddresses)) != 0 || n.of(netip.AddrPort{}) != 0 {
		t.Error("a number too many")
	}
	if list := n.list(); len(list) != MaxAddresses+1 || list[0].IsValid() || list[1] != ap(0) {
		t.Errorf("listed %v", list)
	}
}
