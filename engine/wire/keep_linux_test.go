package wire

import (
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// heard waits until something, or the end, has arrived on an idle connection.
func heard(t testing.TB, c *conn) {
	t.Helper()
	until(t, "the server's word", func() bool { return !c.sock.alive() })
}

// idle makes a connection look as if its last answer were so long ago.
func idle(c *conn, d time.Duration) { c.idleSince = c.now() - int64(d) }

const notice = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlate"

// TestFoundDead: a kept connection that the server has ended is replaced
// before the send. That is no error, and the request is sent once.
func TestFoundDead(t *testing.T) {
	for name, end := range map[string]func(*wiretest.Peer){
		"close":           func(p *wiretest.Peer) { p.TCP.Close() },
		"half-close":      (*wiretest.Peer).HalfClose,
		"reset":           (*wiretest.Peer).Reset,
		"408":             func(p *wiretest.Peer) { p.Send(notice) },
		"408, half-close": func(p *wiretest.Peer) { p.Send(notice); p.HalfClose() },
		"farewell":        func(p *wiretest.Peer) { p.Conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			everyWay(t, func(t *testing.T, m manner) {
				for _, size := range []int{0, 100 << 10} {
					var requests atomic.Int64
					tr, s := script(t, m, func(p *wiretest.Peer) {
						for p.Request() != "" {
							requests.Add(1)
							p.Send(hello)
							if requests.Load() == 2 {
								end(p)
							}
						}
					})
					c := connection(t, tr, nil)
					req := compile(t, tr, Spec{Method: "POST", Body: make([]byte, size)})
					want(t, do(t, c, req), None)
					all := received(c.sock) + len(hello) + len(notice)
					second := do(t, c, req)
					want(t, second, None)
					if second.Closed {
						continue // the end was read together with the answer
					}
					// What has arrived may have been read already, by TLS.
					until(t, "the server's word", func() bool { return !c.sock.alive() || received(c.sock) > all })
					idle(c, 2*time.Millisecond)
					res := do(t, c, req)
					want(t, res, None)
					if !res.Reconnected || !res.Opened || res.Reused || res.T3 == 0 || res.Status != 200 || res.Body != 5 {
						t.Errorf("reconnected %v, opened %v, reused %v, T3 %d, status %d, body %d",
							res.Reconnected, res.Opened, res.Reused, res.T3, res.Status, res.Body)
					}
					if requests.Load() != 3 || s.Opened() != 2 {
						t.Errorf("%d requests on %d connections", requests.Load(), s.Opened())
					}
				}
			})
		})
	}
}

// TestSpentEdge: the end of the stream came before the poller was told to
// watch for it and the connection was not idle long enough to be looked at.
// Only a nudge wakes the exchange.
func TestSpentEdge(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			p.Request()
			p.Send(hello)
			p.HalfClose()
			p.Hold()
		})
		c := connection(t, tr, nil)
		req := compile(t, tr, Spec{})
		want(t, do(t, c, req), None)
		heard(t, c)
		idle(c, -time.Hour)
		done := make(chan Result, 1)
		go func() { done <- do(t, c, req) }()
		var res Result
		for over := false; !over; {
			c.Nudge()
			select {
			case res = <-done:
				over = true
			case <-time.After(time.Millisecond):
			}
		}
		want(t, res, WaitEOF)
	})
}

// TestSpeaksFirst: what a new connection said before the poller was told to
// watch for it is read all the same.
func TestSpeaksFirst(t *testing.T) {
	const banner = "SSH-2.0-OpenSSH_9.6\r\n"
	plainly(t, func(t *testing.T, m manner) {
		_, server := script(t, m, func(p *wiretest.Peer) {
			p.Send(banner)
			p.Stay()
		})
		tcp, err := net.Dial("tcp", strings.TrimPrefix(server.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := newSocket(tcp.(*net.TCPConn), time.Now(), m.portable)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the banner", func() bool { return !s.alive() })
		s.out, s.armed = []byte("GET / HTTP/1.1\r\n\r\n"), &conn{}
		watchdog := time.AfterFunc(patience, func() { s.shut(true) })
		buf := make([]byte, 100)
		n, err := s.Read(buf)
		watchdog.Stop()
		if string(buf[:n]) != banner || err != nil || s.t4 == 0 || s.sent == 0 {
			t.Errorf("read %q, %v; T4 %d, %d bytes sent", buf[:n], err, s.t4, s.sent)
		}
		s.shut(false)
	})
}

// TestNudge disturbs exchanges that are doing well.
func TestNudge(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, s := server(t, m, wiretest.Options{Reply: func(call wiretest.Call) wiretest.Reply {
			return wiretest.Reply{Body: 100 << 10}
		}})
		c := connection(t, tr, nil)
		req := compile(t, tr, Spec{})
		stop, stopped := make(chan bool), make(chan bool)
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					c.Nudge()
					c.mu.Lock()
					if c.sock != nil {
						c.sock.wake()
					}
					c.mu.Unlock()
					runtime.Gosched()
				}
			}
		}()
		const n = 100
		for range n {
			want(t, do(t, c, req), None)
		}
		close(stop)
		<-stopped
		if opened, _ := s.Connections(); opened != 1 || s.Arrived() != n {
			t.Errorf("%d requests on %d connections", s.Arrived(), opened)
		}
	})
}

// TestStale: the whole way to the fault, with a server that ends a connection
// because a request comes.
func TestStale(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		for end, busy := range map[string]Fault{"eof": WaitEOF, "farewell": WaitEOF, "reset": WaitReset} {
			tr, s := script(t, m, func(p *wiretest.Peer) {
				p.Request()
				p.Send(hello)
				_, _ = p.TCP.Read(make([]byte, 4<<10))
				switch end {
				case "farewell":
					p.Conn.Close()
				case "reset":
					p.Reset()
				}
			})
			c := connection(t, tr, nil)
			req := compile(t, tr, Spec{})
			want(t, do(t, c, req), None)
			idle(c, time.Second)
			c.rtt = int64(time.Second) // the rule allows two round trips: do not race with this machine
			res := do(t, c, req)
			want(t, res, Stale)
			if s.Opened() != 1 {
				t.Error("sent again")
			}
			want(t, do(t, c, req), None)

			// The same on a busy connection is the server's doing.
			c.rtt = int64(time.Second)
			want(t, do(t, c, req), busy)
		}
	})
}

// TestRetryTruth: a server that ends the connection instead of answering some
// requests sees every request once, and each is an error.
func TestRetryTruth(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, s := server(t, m, wiretest.Options{Reply: func(call wiretest.Call) wiretest.Reply {
			return wiretest.Reply{Drop: call.Seq%5 == 0, Reset: call.Seq%7 == 0}
		}})
		c := connection(t, tr, nil)
		req, err := tr.Compile(Spec{}, "X-Seq")
		if err != nil {
			t.Fatal(err)
		}
		for seq := range int64(105) {
			var res Result
			c.Do(req, seq, &res)
			switch {
			case seq%7 == 0:
				want(t, res, WaitReset)
			case seq%5 == 0:
				want(t, res, WaitEOF)
			default:
				want(t, res, None)
			}
		}
		log := s.Log()
		for i, e := range log {
			if e.Seq != int64(i) {
				t.Fatalf("request %d arrived as number %d of %d", e.Seq, i, len(log))
			}
		}
		if len(log) != 105 {
			t.Errorf("%d requests arrived", len(log))
		}
	})
}

// TestNoKeepAlive: one connection for each request, closed by us.
func TestNoKeepAlive(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		var said atomic.Int64
		s := wiretest.NewScript(t, func(p *wiretest.Peer) {
			if hasToken(header(p.Request(), "Connection"), "close") {
				said.Add(1)
			}
			p.Send(hello)
			p.Hold() // until the client closes
		})
		tr := transport(t, m, Config{Target: s.URL(), NoKeepAlive: true})
		c := connection(t, tr, nil)
		req := compile(t, tr, Spec{})
		for range 5 {
			res := do(t, c, req)
			want(t, res, None)
			if !res.Opened || res.Reused || !res.Closed || c.Open() {
				t.Errorf("opened %v, reused %v, closed %v", res.Opened, res.Reused, res.Closed)
			}
		}
		if s.Opened() != 5 || said.Load() != 5 {
			t.Errorf("%d connections, %d asked to close", s.Opened(), said.Load())
		}
	})
}

// TestBytes: the client's counts are the server's, and the stamps enclose the
// server's.
func TestBytes(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		tr, s := server(t, m, wiretest.Options{Reply: func(call wiretest.Call) wiretest.Reply {
			return wiretest.Reply{Body: int(call.Seq * 997 % 50000)}
		}})
		c := connection(t, tr, nil)
		var in, out int64
		var results []Result
		for seq := range int64(300) {
			req, err := tr.Compile(Spec{Method: "POST", Body: make([]byte, seq*101)}, "X-Seq")
			if err != nil {
				t.Fatal(err)
			}
			var res Result
			c.Do(req, seq, &res)
			want(t, res, None)
			in, out = in+res.In, out+res.Out
			results = append(results, res)
		}
		for i, e := range s.Log() {
			in, out = in-e.Out, out-e.In
			res := results[i]
			if e.Seq != int64(i) || res.T4 > e.Arrival || res.T8 < e.Departure {
				t.Errorf("request %d: T4 %d, arrival %d, departure %d, T8 %d", e.Seq, res.T4, e.Arrival, e.Departure, res.T8)
			}
		}
		if in != 0 || out != 0 {
			t.Errorf("client and server differ by %d bytes in, %d out", in, out)
		}
	})
}

// TestBytesTLS: under TLS the counts are those of the socket.
func TestBytesTLS(t *testing.T) {
	for _, portable := range ways() {
		tr, _ := server(t, manner{portable, true}, wiretest.Options{Reply: func(call wiretest.Call) wiretest.Reply {
			return wiretest.Reply{Body: 30000}
		}})
		c := connection(t, tr, nil)
		var in int64
		for _, size := range []int{0, 100, 100000} {
			res := do(t, c, compile(t, tr, Spec{Method: "POST", Body: make([]byte, size)}))
			want(t, res, None)
			in += res.In
			if res.Out < int64(size) || res.Out > int64(size)+4000 {
				t.Errorf("%d bytes out for a body of %d", res.Out, size)
			}
		}
		if got := int64(received(c.sock)); got != in {
			t.Errorf("counted %d bytes in, the kernel %d", in, got)
		}
	}
}

// TestLargeBody: a large body is counted, not kept, whatever its size.
func TestLargeBody(t *testing.T) {
	const size = 100 << 20
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"
	everyWay(t, func(t *testing.T, m manner) {
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			p.Request()
			p.Send(head)
			chunk := make([]byte, 1<<20)
			for range size / len(chunk) {
				_, _ = p.Conn.Write(chunk)
			}
			p.Hold()
		})
		before := mallocs().TotalAlloc
		res := get(t, tr)
		want(t, res, None)
		if res.Body != size || !m.secure && res.In != size+int64(len(head)) {
			t.Errorf("body %d, in %d", res.Body, res.In)
		}
		if grown := mallocs().TotalAlloc - before; !m.secure && grown > 4<<20 {
			t.Errorf("%d bytes allocated for a body of %d", grown, size)
		}
	})
}
