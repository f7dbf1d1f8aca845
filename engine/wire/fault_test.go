package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// TestAnswers sends one request to a server that plays a part of an answer and
// then does something. Each must give its own fault and no other.
func TestAnswers(t *testing.T) {
	eof, rst := (*wiretest.Peer).HalfClose, (*wiretest.Peer).Reset
	hold := func(*wiretest.Peer) {}
	for _, c := range []struct {
		name   string
		answer string
		then   func(*wiretest.Peer)
		fault  Fault
		status int
		body   int64
		detail string // part of it
	}{
		{"eof before the head", "", eof, WaitEOF, 0, 0, "before the first byte"},
		{"rst before the head", "", rst, WaitReset, 0, 0, "before the first byte"},
		{"eof in the head", "HTTP/1.1 200 OK\r\nContent-Le", eof, HeadEOF, 0, 0, ""},
		{"rst in the head", "H", rst, HeadReset, 0, 0, ""},
		{"eof in the body", hello[:len(hello)-1], eof, BodyShort, 200, 4, ""},
		{"rst in the body", hello[:len(hello)-1], rst, BodyReset, 200, 4, ""},
		{"sized", hello, hold, None, 200, 5, ""},
		{"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", hold, None, 200, 0, ""},
		{"to the end", "HTTP/1.1 200 OK\r\n\r\nhello, world", eof, None, 200, 12, ""},
		{"to the end, 1.0", "HTTP/1.0 200 OK\r\n\r\nhello", eof, None, 200, 5, ""},
		{"rst instead of the end", "HTTP/1.1 200 OK\r\n\r\nhello", rst, BodyReset, 200, 5, ""},
		{"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", eof, HeadMalformed, 0, 0, "line feed"},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", hold, None, 204, 0, ""},
		{"not modified with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", hold, None, 304, 0, ""},
		{"switching", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x00\x01", hold, None, 101, 0, ""},
		{"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + hello, hold, None, 200, 5, ""},
		{"endless interim", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 17), hold, HeadMalformed, 0, 0, "16 interim"},
		{"eof after interim", "HTTP/1.1 100 Continue\r\n\r\n", eof, WaitEOF, 0, 0, ""},
		{"chunked", chunkedHead + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", hold, None, 200, 11, ""},
		{"chunked with trailer", chunkedHead + "5\r\nhello\r\n0\r\nDigest: x\r\n\r\n", hold, None, 200, 5, ""},
		{"chunked wins over a length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", hold, None, 200, 5, ""},
		{"bad chunk size", chunkedHead + "5\r\nhello\r\nxyz\r\n", hold, BodyChunk, 200, 5, `"xyz"`},
		{"chunk without its end", chunkedHead + "5\r\nhello, world\r\n", hold, BodyChunk, 200, 5, ""},
		{"chunk size too large", chunkedHead + "8000000000000000\r\n", hold, BodyChunk, 200, 0, ""},
		{"chunk line too long", chunkedHead + strings.Repeat("0", 5000) + "\r\n", hold, BodyChunk, 200, 0, ""},
		{"eof between chunks", chunkedHead + "5\r\nhello\r\n", eof, BodyShort, 200, 5, ""},
		{"eof before the trailer's end", chunkedHead + "0\r\n", eof, BodyShort, 200, 0, ""},
		{"endless trailer", chunkedHead + "0\r\n" + strings.Repeat("A: "+strings.Repeat("x", 1000)+"\r\n", 70), hold, BodyChunk, 200, 0, "trailer"},
		{"16 KB header", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 16<<10) + "\r\nContent-Length: 5\r\n\r\nhello", hold, None, 200, 5, ""},
		{"16 KB of header lines", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 16<<10/6) + "Content-Length: 5\r\n\r\nhello", hold, None, 200, 5, ""},
		{"100 KB header", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n", hold, HeadTooLarge, 0, 0, "65536"},
		{"declared body too large", "HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n", hold, BodyTooLarge, 200, 0, "1000000"},
		{"body too large", "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 1000001), eof, BodyTooLarge, 200, -1, ""},
		{"chunks too large", chunkedHead + "f4240\r\n" + strings.Repeat("x", 1000000) + "\r\n1\r\nx\r\n0\r\n\r\n", hold, BodyTooLarge, 200, 1000000, ""},
		{"body as large as allowed", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1000000), hold, None, 200, 1000000, ""},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", hold, HeadMalformed, 0, 0, ""},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", hold, HeadMalformed, 0, 0, ""},
		{"unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello", hold, HeadMalformed, 0, 0, ""},
		{"no status", "HTTP/1.1 OK\r\n\r\n", hold, HeadMalformed, 0, 0, ""},
		{"status below 100", "HTTP/1.1 099 X\r\n\r\n", hold, HeadMalformed, 0, 0, "099"},
		{"ssh", "SSH-2.0-OpenSSH_9.6\r\n", hold, HeadMalformed, 0, 0, `"SSH-2.0-OpenSSH_9.6`},
		{"smtp", "220 mail ESMTP\r\n", hold, HeadMalformed, 0, 0, `"220 mail`},
		{"binary without a line end", "J\x00\x00\x008.0.36\x1b[2J", hold, HeadMalformed, 0, 0, `\x1b[2J`},
		{"tls alert", "\x15\x03\x01\x00\x02\x02\x46", hold, HeadMalformed, 0, 0, "write https://"},
		{"http/2", "\x00\x00\x18\x04\x00\x00\x00\x00\x00", hold, HeadMalformed, 0, 0, "HTTP/2"},
		{"line ends, then eof", "\r\n\r\n", eof, HeadEOF, 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			everyWay(t, func(t *testing.T, m manner) {
				tr, _ := script(t, m, func(p *wiretest.Peer) {
					p.Request()
					p.Send(c.answer)
					c.then(p)
					p.Hold()
				})
				tr.cfg.MaxBody = 1000000
				res := get(t, tr)
				want(t, res, c.fault)
				if res.Status != c.status || c.body >= 0 && res.Body != c.body {
					t.Errorf("status %d, body %d, want %d, %d", res.Status, res.Body, c.status, c.body)
				}
				if !strings.Contains(res.Detail, c.detail) {
					t.Errorf("detail %q has no %q", res.Detail, c.detail)
				}
			})
		})
	}
}

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

func TestHead(t *testing.T) {
	for _, c := range []struct {
		answer string
		keeps  bool
	}{
		{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", true},
		{"HTTP/1.1 200 OK\r\n\r\n", true},
		{"\r\nHTTP/1.1 200 OK\r\n\r\n", true},
		{"HTTP/1.1 200 OK\r\nconnection: Close\r\n\r\n", false},
		{"HTTP/1.0 200 OK\r\n\r\n", false},
		{"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 16<<10) + "\r\n\r\n", true},
	} {
		plainly(t, func(t *testing.T, m manner) {
			tr, _ := script(t, m, func(p *wiretest.Peer) {
				for p.Request() != "" {
					p.Send(c.answer)
				}
			})
			conn := connection(t, tr, nil)
			req := compile(t, tr, Spec{Method: "HEAD"})
			for range 2 {
				res := do(t, conn, req)
				want(t, res, None)
				if res.Body != 0 || res.Closed == c.keeps {
					t.Errorf("%.40q: body %d, closed %v", c.answer, res.Body, res.Closed)
				}
			}
		})
	}
}

// TestKeepAliveWords: who says what about keeping a connection.
func TestKeepAliveWords(t *testing.T) {
	for _, c := range []struct {
		answer string
		keeps  bool
	}{
		{hello, true},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", false},
		{"HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 5\r\n\r\nhello", false},
		{"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
		{"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello", true},
		{"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", true},
		{hello + "and more that nobody asked for", false},
	} {
		plainly(t, func(t *testing.T, m manner) {
			tr, _ := script(t, m, func(p *wiretest.Peer) {
				for p.Request() != "" {
					p.Send(c.answer)
				}
			})
			conn := connection(t, tr, nil)
			res := do(t, conn, compile(t, tr, Spec{}))
			want(t, res, None)
			if res.Closed == c.keeps || conn.Open() != c.keeps {
				t.Errorf("%q: closed %v, open %v", c.answer, res.Closed, conn.Open())
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	later := time.Now().Add(90 * time.Second)
	for _, c := range []struct {
		status   int
		header   string
		min, max int32
		keep     Keep
	}{
		{429, "Retry-After: 120\r\n", 120, 120, 0},
		{503, "retry-after: 0\r\n", 0, 0, 0},
		{429, "", -1, -1, 0},
		{429, "Retry-After: soon\r\n", -1, -1, 0},
		{429, "Retry-After: -5\r\n", -1, -1, 0},
		{200, "Retry-After: 7\r\n", -1, -1, 0},
		{200, "Retry-After: 7\r\n", 7, 7, KeepWait},
		{202, "", -1, -1, KeepWait},
		{503, "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:29:30 GMT\r\n", 90, 90, 0},
		{503, "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:27:00 GMT\r\n", 0, 0, 0},
		{503, "Retry-After: " + later.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\n", 80, 90, 0},
	} {
		tr, _ := script(t, manner{portable: !canFuse}, func(p *wiretest.Peer) {
			p.Request()
			p.Send("HTTP/1.1 " + strconv.Itoa(c.status) + " X\r\n" + c.header + "Content-Length: 0\r\n\r\n")
			p.Hold()
		})
		res := do(t, connection(t, tr, nil), compile(t, tr, Spec{Keep: c.keep}))
		want(t, res, None)
		if res.RetryAfter < c.min || res.RetryAfter > c.max {
			t.Errorf("%d %q: retry after %d, want %d to %d", c.status, c.header, res.RetryAfter, c.min, c.max)
		}
	}
}

func TestDialFaults(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	res := get(t, transport(t, manner{}, Config{Target: "http://" + ln.Addr().String()}))
	want(t, res, DialRefused)
	if res.Remote.String() != ln.Addr().String() || res.Connect == 0 {
		t.Errorf("refused by %v after %d ns", res.Remote, res.Connect)
	}

	for errno, fault := range map[syscall.Errno]Fault{
		syscall.ECONNREFUSED:  DialRefused,
		syscall.ECONNRESET:    DialRefused, // accepted, and reset before connect(2) was over
		syscall.ENETUNREACH:   DialUnreachable,
		syscall.EHOSTUNREACH:  DialUnreachable,
		syscall.ETIMEDOUT:     DialTimeout,
		syscall.EADDRNOTAVAIL: DialNoPort,
		syscall.EMFILE:        DialNoFile,
		syscall.ENFILE:        DialNoFile,
		syscall.EPERM:         DialOther,
	} {
		err := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
		if got := dialFault(err); got != fault {
			t.Errorf("%v: %v, want %v", errno, got, fault)
		}
	}
}

func TestDNSFaults(t *testing.T) {
	for _, c := range []struct {
		err   error
		fault Fault
	}{
		{&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, DNSNotFound},
		{&net.DNSError{Err: "server misbehaving", Name: "x", IsTemporary: true}, DNSFailed},
		{&net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}, DNSTimeout},
		{errors.New("anything"), DNSFailed},
		{nil, DNSNotFound},
	} {
		tr := transport(t, manner{}, Config{Target: "http://x.test", Resolve: func(context.Context, string) ([]netip.Addr, error) {
			return nil, c.err
		}})
		res := get(t, tr)
		want(t, res, c.fault)
		if res.DNS == 0 {
			t.Error("no duration of the look-up")
		}
		if _, err := tr.Resolve(context.Background()); err == nil {
			t.Error("Resolve reports no error")
		}
	}
}

// TestStaleRule: the four conditions of the rule, one at a time.
func TestStaleRule(t *testing.T) {
	const ms = int64(time.Millisecond)
	for _, c := range []struct {
		name        string
		kept        bool
		idle, after int64
		rtt         int64
		interim     int
		how         kind
		stale       bool
	}{
		{"eof", true, 100 * ms, ms, 0, 0, ended, true},
		{"rst", true, 100 * ms, ms, 0, 0, reset, true},
		{"new connection", false, 100 * ms, ms, 0, 0, ended, false},
		{"busy connection", true, 99 * ms, ms, 0, 0, ended, false},
		{"too late", true, 100 * ms, ms + 1, 0, 0, ended, false},
		{"within two round trips", true, 100 * ms, 40 * ms, 20 * ms, 0, ended, true},
		{"after two round trips", true, 100 * ms, 41 * ms, 20 * ms, 0, ended, false},
		{"after an interim answer", true, 100 * ms, ms, 0, 1, ended, false},
		{"lost", true, 100 * ms, ms, 0, 0, stuck, false},
	} {
		start := int64(time.Second)
		x := &exchange{res: &Result{Interim: c.interim}, c: &conn{
			kept: c.kept, idleSince: start, rtt: c.rtt,
			sock: &socket{t4: start + c.idle, last: start + c.idle + c.after},
		}}
		if got := x.stale(c.how) == Stale; got != c.stale {
			t.Errorf("%s: stale %v", c.name, got)
		}
	}
}
