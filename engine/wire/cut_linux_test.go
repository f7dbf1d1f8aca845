package wire

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"stoke/engine/wire/wiretest"
)

// until waits for a condition nobody signals, yielding meanwhile.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// drained waits until at least n bytes have arrived on the connection of the
// exchange under way on c, and all that has arrived has been read.
func drained(t testing.TB, c *conn, n int) {
	t.Helper()
	until(t, "the client to have read", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.sock != nil && received(c.sock) >= n && c.sock.alive()
	})
}

// awaitRead waits until the exchange under way on c has something to read, and
// has read it.
func awaitRead(t testing.TB, c *conn) { t.Helper(); drained(t, c, 1) }

// blackhole is an address that does not answer a connect: a listener whose
// queue is full.
func blackhole(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*unix.SockaddrInet4).Port)).String()
	filler, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { filler.Close() })
	return addr
}

// tcpClose is the state of a socket without a connection.
const tcpClose = 7

// info is what the kernel knows of a socket.
func info(s *socket) (info unix.TCPInfo) {
	_ = s.raw.Control(func(fd uintptr) {
		if i, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			info = *i
		}
	})
	return info
}

// received is the number of bytes the kernel has received on a socket.
func received(s *socket) int { return int(info(s).Bytes_received) }

// TestInterim: interim answers are counted and do not set T6.
func TestInterim(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		second := make(chan struct{})
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			p.Request()
			p.Send("HTTP/1.1 100 Continue\r\n\r\n")
			<-second
			p.Send(hello)
			p.Hold()
		})
		c := connection(t, tr, nil)
		done := make(chan Result)
		go func() { done <- do(t, c, compile(t, tr, Spec{})) }()
		drained(t, c, len("HTTP/1.1 100 Continue\r\n\r\n"))
		released := c.now()
		close(second)
		res := <-done
		want(t, res, None)
		if res.Interim != 1 || res.T6 < released {
			t.Errorf("interim %d, T6 %d, the final answer was not sent before %d", res.Interim, res.T6, released)
		}
	})
}

// cuts are answers of each framing.
var cuts = []struct {
	head, rest string // the head with interim answers
	body       string
	untilEOF   bool
}{
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello", "hello", false},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n3;x\r\nabc\r\n0\r\nA: b\r\n\r\n", "helloabc", false},
	{"HTTP/1.0 200 OK\r\nA: b\r\n\r\n", "hello", "hello", true},
}

// finalBlock is what is kept of a head with interim answers.
func finalBlock(head string) string {
	return strings.TrimSuffix(strings.TrimPrefix(head, "HTTP/1.1 100 Continue\r\n\r\n"), "\r\n")
}

// give hands v to a script, and take gets from one; both end with the test, and
// report whether they got through.
func give[T any](p *wiretest.Peer, c chan<- T, v T) bool {
	select {
	case c <- v:
		return true
	case <-p.Gone():
		return false
	}
}

func take[T any](p *wiretest.Peer, c <-chan T) (v T, ok bool) {
	select {
	case v = <-c:
		return v, true
	case <-p.Gone():
		return v, false
	}
}

// launch runs one exchange beside the test. A test that ends before it kills it,
// and waits for it.
func launch(t *testing.T, c *conn, req *Request) <-chan Result {
	done, ended := make(chan Result, 1), make(chan struct{})
	go func() {
		defer close(ended)
		done <- do(t, c, req)
	}()
	t.Cleanup(func() {
		select {
		case <-ended:
		default:
			c.Kill(Cancelled, true)
			<-ended
		}
	})
	return done
}

// tell hands v to the script, and hear gets from it. The end of the exchange
// before that fails the test: a script that nobody asks never hears.
func tell[T any](t *testing.T, done <-chan Result, c chan<- T, v T) {
	t.Helper()
	select {
	case c <- v:
	case res := <-done:
		t.Fatalf("the exchange ended while the script had more to do: %+v", res)
	}
}

func hear[T any](t *testing.T, done <-chan Result, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case res := <-done:
		t.Fatalf("the exchange ended before the script was asked: %+v", res)
	}
	return v
}

// TestCutAnywhere sends answers in two pieces, cut at every byte. The second
// piece leaves when the client has read the first.
func TestCutAnywhere(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		for _, a := range cuts {
			answer := a.head + a.rest
			cut := make(chan int, 1)
			second := make(chan struct{})
			tr, _ := script(t, m, func(p *wiretest.Peer) {
				for p.Request() != "" {
					at, _ := take(p, cut)
					p.Send(answer[:at])
					if _, ok := take(p, second); !ok {
						return
					}
					p.Send(answer[at:])
					if a.untilEOF {
						return
					}
				}
			})
			c := connection(t, tr, nil)
			req := compile(t, tr, Spec{Keep: keepBoth})
			total := 0
			for at := range len(answer) {
				done := launch(t, c, req)
				tell(t, done, cut, at)
				if a.untilEOF {
					total = 0
				}
				drained(t, c, total+at)
				released := c.now()
				tell(t, done, second, struct{}{})
				total += len(answer)
				res := <-done
				want(t, res, None)
				kept(t, res, finalBlock(a.head), a.body)
				if res.Body != int64(len(a.body)) || res.In != int64(len(answer)) || res.Closed != a.untilEOF {
					t.Fatalf("cut at %d of %q: body %d, in %d, closed %v", at, answer, res.Body, res.In, res.Closed)
				}
				if at > 0 && res.T8 < released {
					t.Fatalf("cut at %d: T8 before the last byte left", at)
				}
				if at < len(a.head) && res.T7 < released || at >= len(a.head) && res.T7 == res.T8 {
					t.Fatalf("cut at %d: T7 %d, the second piece left at %d, T8 %d", at, res.T7, released, res.T8)
				}
			}
		}
	})
}

// TestCutAnywhereTLS is TestCutAnywhere under TLS, cut within the text, so that
// each piece is a record, and within the records themselves.
func TestCutAnywhereTLS(t *testing.T) {
	const overhead = 22 // of a record of TLS 1.3: header 5, type 1, tag 16
	for _, inRecord := range []bool{false, true} {
		for _, portable := range ways() {
			m := manner{portable: portable, secure: true}
			t.Run(fmt.Sprintf("%v, in the record %v", m, inRecord), func(t *testing.T) {
				for _, a := range cuts[:2] {
					cutTLS(t, m, a.head, a.rest, a.body, inRecord, overhead)
				}
			})
		}
	}
}

func cutTLS(t *testing.T, m manner, head, rest, body string, inRecord bool, overhead int) {
	answer := head + rest
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	config := &tls.Config{Certificates: []tls.Certificate{cert.TLS}}
	asked, cut, second := make(chan struct{}), make(chan int), make(chan struct{})
	s := wiretest.NewScript(t, func(p *wiretest.Peer) {
		under := &corked{Conn: p.TCP}
		c := tls.Server(under, config)
		for {
			if _, err := c.Read(make([]byte, 4096)); err != nil {
				return
			}
			under.flush()
			if !give(p, asked, struct{}{}) {
				return
			}
			at, _ := take(p, cut)
			if inRecord {
				_, _ = c.Write([]byte(answer)) // corked: one record
				record := under.out
				_, _ = p.TCP.Write(record[:at])
				if _, ok := take(p, second); !ok {
					return
				}
				_, _ = p.TCP.Write(record[at:])
				under.out = nil
				continue
			}
			if at > 0 {
				_, _ = c.Write([]byte(answer[:at]))
				under.flush()
			}
			if _, ok := take(p, second); !ok {
				return
			}
			_, _ = c.Write([]byte(answer[at:]))
			under.flush()
		}
	})
	tr := transport(t, m, Config{Target: strings.Replace(s.URL(), "http:", "https:", 1), CA: cert.PEM})
	c := connection(t, tr, nil)
	req := compile(t, tr, Spec{Keep: keepBoth})
	most := len(answer)
	if inRecord {
		most += overhead
	}
	for at := range most {
		done := launch(t, c, req)
		hear(t, done, asked)
		c.mu.Lock()
		had := received(c.sock)
		c.mu.Unlock()
		tell(t, done, cut, at)
		switch {
		case inRecord:
			had += at
		case at > 0:
			had += at + overhead
		}
		drained(t, c, had)
		released := c.now()
		tell(t, done, second, struct{}{})
		res := <-done
		want(t, res, None)
		kept(t, res, finalBlock(head), body)
		if res.Body != int64(len(body)) || res.Closed || res.T8 < released {
			t.Fatalf("cut at %d of %q: body %d, closed %v, T8 %d, released at %d", at, answer, res.Body, res.Closed, res.T8, released)
		}
	}
}

// TestEndAnywhere ends answers at every byte, by FIN and by RST.
func TestEndAnywhere(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		for _, a := range cuts[1:] {
			answer := a.head + a.rest
			for _, rst := range []bool{false, true} {
				step := 1
				if m.secure {
					step = 7
				}
				for at := 0; at < len(answer); at += step {
					read := make(chan struct{})
					tr, _ := script(t, m, func(p *wiretest.Peer) {
						p.Request()
						p.Send(answer[:at])
						if rst {
							<-read
							p.Reset()
							return
						}
						p.HalfClose()
						p.Hold()
					})
					c := connection(t, tr, nil)
					done := make(chan Result, 1)
					go func() { done <- do(t, c, compile(t, tr, Spec{})) }()
					if rst {
						if !m.secure {
							drained(t, c, at)
						}
						close(read)
					}
					res := <-done
					var expect Fault
					switch {
					case at == 0:
						expect = map[bool]Fault{false: WaitEOF, true: WaitReset}[rst]
					case at < len(a.head):
						expect = map[bool]Fault{false: HeadEOF, true: HeadReset}[rst]
					case rst:
						expect = BodyReset
					case a.untilEOF:
						expect = None
					default:
						expect = BodyShort
					}
					want(t, res, expect)
				}
			}
		}
	})
}
