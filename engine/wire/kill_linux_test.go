package wire

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// TestKill ends an exchange in each of its phases, for each cause, with and
// without a reset. The fault names the phase, and Do returns at once.
func TestKill(t *testing.T) {
	for _, c := range []struct {
		name    string
		timeout Fault
		secure  bool // only over TLS
		body    int
		play    func(p *wiretest.Peer, reached chan<- bool)
	}{
		{"wait", WaitTimeout, false, 0, func(p *wiretest.Peer, reached chan<- bool) {
			p.Request()
			reached <- true
		}},
		{"head", HeadTimeout, false, 0, func(p *wiretest.Peer, reached chan<- bool) {
			p.Request()
			p.Send("HTTP/1.1 200 OK\r\nContent-")
			reached <- true
		}},
		{"body", BodyTimeout, false, 0, func(p *wiretest.Peer, reached chan<- bool) {
			p.Request()
			p.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
			reached <- true
		}},
		{"body to the end", BodyTimeout, false, 0, func(p *wiretest.Peer, reached chan<- bool) {
			p.Request()
			p.Send("HTTP/1.1 200 OK\r\n\r\nhel")
			reached <- true
		}},
		{"chunk", BodyTimeout, false, 0, func(p *wiretest.Peer, reached chan<- bool) {
			p.Request()
			p.Send(chunkedHead + "5\r\nhel")
			reached <- true
		}},
		{"write", WriteTimeout, false, 24 << 20, func(p *wiretest.Peer, reached chan<- bool) {
			p.Head()
			reached <- true
			p.Stay()
		}},
		{"handshake", TLSTimeout, true, 0, func(p *wiretest.Peer, reached chan<- bool) {
			_, _ = p.TCP.Read(make([]byte, 1)) // of the client's first flight
			reached <- true
			p.Stay()
		}},
	} {
		everyWay(t, func(t *testing.T, m manner) {
			if c.secure && !m.secure {
				return
			}
			body := make([]byte, c.body)
			for _, cause := range []Cause{Timeout, Cancelled} {
				for _, abort := range []bool{false, true} {
					reached := make(chan bool, 1)
					tr, _ := script(t, m, func(p *wiretest.Peer) {
						c.play(p, reached)
						p.Hold()
					})
					conn := connection(t, tr, nil)
					req := compile(t, tr, Spec{Method: "POST", Body: body})
					var res Result
					done := make(chan bool)
					go func() {
						conn.Do(req, 0, &res)
						done <- true
					}()
					<-reached
					if c.name == "head" || c.name == "body" || c.name == "chunk" || c.name == "body to the end" {
						awaitRead(t, conn)
					}
					killed := conn.now()
					conn.Kill(cause, abort)
					select {
					case <-done:
					case <-time.After(patience):
						t.Fatalf("%s: still there", c.name)
					}
					expect := c.timeout
					if cause == Cancelled {
						expect = Killed
					}
					want(t, res, expect)
					if c.secure && res.T4 != 0 {
						t.Error("sent")
					}
					if took := time.Duration(res.T8 - killed); took > 100*time.Millisecond {
						t.Errorf("%s: ended %v after the kill", c.name, took)
					}
					if !res.Closed || conn.Open() {
						t.Errorf("%s: closed %v, open %v", c.name, res.Closed, conn.Open())
					}
				}
			}
		})
	}
}

// TestKillLookUp ends an exchange that waits for the resolver.
func TestKillLookUp(t *testing.T) {
	asked := make(chan bool, 1)
	tr := transport(t, manner{}, Config{Target: "http://x.test", Resolve: func(ctx context.Context, _ string) ([]netip.Addr, error) {
		asked <- true
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	// The second waits for the look-up of the first.
	conns := []*conn{connection(t, tr, nil), connection(t, tr, nil)}
	done := make(chan Result)
	for _, c := range conns {
		go func() {
			var res Result
			c.Do(compile(t, tr, Spec{}), 0, &res)
			done <- res
		}()
	}
	<-asked
	for i := range conns {
		// A kill before Do has begun would not last.
		for {
			conns[i].Kill(Timeout, false)
			select {
			case res := <-done:
				want(t, res, DNSTimeout)
			case <-time.After(time.Millisecond):
				continue
			}
			break
		}
	}
}

// TestKillIdle: between two exchanges a kill closes the connection, and the
// next exchange is not its victim.
func TestKillIdle(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, s := server(t, m, wiretest.Options{})
		c := connection(t, tr, nil)
		req := compile(t, tr, Spec{})
		want(t, do(t, c, req), None)
		if !c.Open() {
			t.Fatal("not kept")
		}
		c.Kill(Cancelled, true)
		if c.Open() {
			t.Error("open after the kill")
		}
		res := do(t, c, req)
		want(t, res, None)
		if !res.Opened || res.Reused || res.Reconnected || !res.Retired {
			t.Errorf("opened %v, reused %v, reconnected %v", res.Opened, res.Reused, res.Reconnected)
		}
		if n := s.Arrived(); n != 2 {
			t.Errorf("%d requests arrived", n)
		}
	})
}

// gateFunc is a Gate.
type gateFunc func(t4 int64) bool

func (f gateFunc) Depart(t4 int64) bool { return f(t4) }

// TestGate: the gate is asked once for each exchange, hears the T4 that is
// recorded, and its no keeps the request from leaving.
func TestGate(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		for _, size := range []int{0, 100 << 10} {
			tr, s := server(t, m, wiretest.Options{})
			var yes atomic.Bool
			var asked []int64
			yes.Store(true)
			c := connection(t, tr, gateFunc(func(t4 int64) bool {
				asked = append(asked, t4)
				return yes.Load()
			}))
			req := compile(t, tr, Spec{Method: "POST", Body: make([]byte, size)})
			for i := range 3 {
				res := do(t, c, req)
				want(t, res, None)
				if len(asked) != i+1 || asked[i] != res.T4 {
					t.Fatalf("asked %v, T4 %d", asked, res.T4)
				}
			}
			yes.Store(false)
			res := do(t, c, req)
			want(t, res, Withheld)
			if res.Out != 0 {
				t.Errorf("%d bytes left", res.Out)
			}
			yes.Store(true)
			want(t, do(t, c, req), None)
			if len(asked) != 5 || s.Arrived() != 4 {
				t.Errorf("asked %d times, %d arrived", len(asked), s.Arrived())
			}
		}
	})
}

// TestKillBeforeSend: a kill that comes before T4 keeps the request at home,
// on a new connection and on a kept one.
func TestKillBeforeSend(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		for _, size := range []int{0, 100 << 10} {
			tr, s := server(t, m, wiretest.Options{})
			c := connection(t, tr, nil)
			req := compile(t, tr, Spec{Method: "POST", Body: make([]byte, size)})
			want(t, do(t, c, req), None)

			res := killedAtOnce(c, req)
			if fault := res.Fault; fault != DialTimeout || res.T4 != 0 || res.Out != 0 {
				t.Errorf("fault %v, T4 %d, %d bytes out", fault, res.T4, res.Out)
			}
			if c.Open() || s.Arrived() != 1 {
				t.Errorf("open %v, %d arrived", c.Open(), s.Arrived())
			}
		}
	})
}

// killedAtOnce is a Do that is killed when it has just begun.
func killedAtOnce(c *conn, req *Request) (res Result) {
	c.begin()
	c.cause.Store(uint32(Timeout))
	x := c.t.exchanges.Get().(*exchange)
	x.c, x.req, x.res = c, req, &res
	res.Fault = x.run()
	return res
}

// TestAbortResets: with abort the server sees a reset, without it an end.
func TestAbortResets(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		for _, abort := range []bool{false, true} {
			arrived, seen := make(chan bool), make(chan error, 1)
			tr, _ := script(t, m, func(p *wiretest.Peer) {
				p.Request()
				arrived <- true
				var b [1]byte
				_, err := p.TCP.Read(b[:])
				seen <- err
			})
			c := connection(t, tr, nil)
			done := make(chan Result)
			go func() { done <- do(t, c, compile(t, tr, Spec{})) }()
			<-arrived
			c.Kill(Timeout, abort)
			<-done
			err := <-seen
			if kind := kindOf(err); (kind == reset) != abort {
				t.Errorf("abort %v: the server saw %v", abort, err)
			}
		}
	})
}

// TestKillDial ends a connect that nobody answers.
func TestKillDial(t *testing.T) {
	addr := blackhole(t)
	tr := transport(t, manner{}, Config{Target: "http://" + addr})
	c := connection(t, tr, nil)
	done, atOnce := make(chan bool), make(chan Result)
	req := compile(t, tr, Spec{})
	go func() { atOnce <- killedAtOnce(c, req) }()
	select {
	case res := <-atOnce:
		want(t, res, DialTimeout)
	case <-time.After(patience):
		t.Fatal("a kill before the dial is forgotten")
	}
	for _, cause := range []Cause{Timeout, Cancelled} {
		var res Result
		go func() {
			c.Do(req, 0, &res)
			done <- true
		}()
		// Dialling begins when the address is known; Do shows it no earlier.
		for over := false; !over; {
			c.mu.Lock()
			dialling := c.cancel != nil
			c.mu.Unlock()
			if dialling {
				c.Kill(cause, false)
			}
			select {
			case <-done:
				over = true
			case <-time.After(time.Millisecond):
			}
		}
		want(t, res, map[Cause]Fault{Timeout: DialTimeout, Cancelled: Killed}[cause])
		if res.T4 != 0 {
			t.Error("sent")
		}
	}
}
