package wire

import (
	"fmt"
	"strings"
	"testing"

	"stoke/engine/wire/wiretest"
)

const keepBoth = KeepHead | KeepBody

// kept checks what an exchange kept.
func kept(t testing.TB, res Result, head, content string) {
	t.Helper()
	if string(res.Head) != head || string(res.Content) != content {
		t.Errorf("kept %q and %.60q (%d bytes), want %q and %.60q (%d)", res.Head, res.Content, len(res.Content), head, content, len(content))
	}
}

// TestKept: answers of every kind, one after the other on connections that keep
// all, one part or nothing of them.
func TestKept(t *testing.T) {
	big := strings.Repeat("0123456789", 20_000)
	answers := []struct {
		method, before, head, body, content string
		last                                bool // the connection ends with it
	}{
		{"GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "hello", "hello", false},
		{"GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "world", "world", false}, // the head is known
		{"GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "", "", false},
		{"HEAD", "", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX-A:  b \r\n", "", "", false},
		{"HEAD", "", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX-A:  b \r\n", "", "", false},
		{"HEAD", "", "HTTP/1.1 200 OK\r\n", "", "", false},
		{"HEAD", "", "HTTP/1.1 200 OK\r\n", "", "", false},
		{"GET", "", "HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n", "", "", false},
		{"GET", "", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 7\r\n", "", "", false},
		{"GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", "HTTP/1.1 202 Accepted\r\nLocation: /jobs/1\r\nContent-Length: 2\r\n", "ok", "ok", false},
		{"GET", "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "third", "third", false},
		{"GET", "", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n3;x=\"y\"\r\n, w\r\n4\r\norld\r\n0\r\nTrailer: x\r\n\r\n", "hello, world", false},
		{"GET", "", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "30d40\r\n" + big + "\r\n1\r\nX\r\n0\r\n\r\n", big + "X", false},
		{"GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n", big, big, false},
		{"GET", "", "HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 10_000) + "\r\nContent-Length: 1\r\n", "y", "y", false},
		{"GET", "", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n", "\x1f\x8b\x00\xff", "\x1f\x8b\x00\xff", false},
		{"GET", "", "HTTP/1.0 200 OK\r\nX: y\r\n", big + "end", big + "end", true},
	}
	everyWay(t, func(t *testing.T, m manner) {
		for _, most := range []int{0, 7, 150_000} {
			tr, _ := script(t, m, func(p *wiretest.Peer) {
				for _, a := range answers {
					for range 4 {
						if p.Head() == "" {
							return
						}
						p.Send(a.before + a.head + "\r\n" + a.body)
						if a.last {
							return
						}
					}
				}
			})
			tr.cfg.KeepMost = most
			if most == 0 {
				tr.cfg = tr.cfg.withDefaults()
			}
			c := connection(t, tr, nil)
			for _, a := range answers {
				for _, keep := range []Keep{keepBoth, KeepBody, 0, KeepHead} {
					if a.last && keep != keepBoth {
						continue
					}
					res := do(t, c, compile(t, tr, Spec{Method: a.method, Keep: keep}))
					want(t, res, None)
					head, content := a.head, a.content
					if keep&KeepHead == 0 {
						head = ""
					}
					if keep&KeepBody == 0 {
						content = ""
					}
					content = content[:min(len(content), tr.cfg.KeepMost)]
					kept(t, res, head, content)
					if res.Body != int64(len(a.content)) || res.Closed != a.last {
						t.Errorf("body %d of %d, closed %v", res.Body, len(a.content), res.Closed)
					}
				}
			}
		}
	})
}

// TestKeptOfBroken: an answer that ends too soon leaves what came of it.
func TestKeptOfBroken(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			p.Request()
			if p.Nth == 0 {
				p.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
				return
			}
			p.Send("HTTP/1.1 200 OK\r\nContent-Le")
		})
		c := connection(t, tr, nil)
		req := compile(t, tr, Spec{Keep: keepBoth})
		res := do(t, c, req)
		want(t, res, BodyShort)
		kept(t, res, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n", "hello")
		res = do(t, c, req)
		want(t, res, HeadEOF)
		kept(t, res, "", "")
	})
}

// TestKeptUntilNext: what was kept is of this connection alone, and stands
// until its next exchange, whatever other connections do and after a Close.
func TestKeptUntilNext(t *testing.T) {
	tr, _ := script(t, manner{portable: !canFuse}, func(p *wiretest.Peer) {
		for p.Request() != "" {
			p.Send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: %05d\r\n\r\n%05d", p.Nth, p.Nth))
		}
	})
	req, plain := compile(t, tr, Spec{Keep: keepBoth}), compile(t, tr, Spec{})
	var conns []*conn
	var results []Result
	for range 20 {
		c := connection(t, tr, nil)
		conns, results = append(conns, c), append(results, do(t, c, req))
	}
	check := func(from int) {
		t.Helper()
		for i := from; i < len(results); i++ {
			kept(t, results[i], fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: %05d\r\n", i), fmt.Sprintf("%05d", i))
		}
	}
	check(0)
	conns[10].Close()
	for range 10 {
		do(t, connection(t, tr, nil), req)
	}
	check(0)
	// An exchange that keeps nothing gives back what the one before it kept in.
	for _, c := range conns[:10] {
		if res := do(t, c, plain); res.Head != nil || res.Content != nil || c.held != nil {
			t.Errorf("an exchange that keeps nothing holds %q %q", res.Head, res.Content)
		}
	}
	check(10)
	// And two that keep again do not keep in one place.
	for i, c := range conns[:10] {
		results[i] = do(t, c, req)
	}
	check(0)
}

// TestCaptureShrinks: one large answer does not cost its size for ever, and
// answers of changing size do not cost an allocation each.
func TestCaptureShrinks(t *testing.T) {
	k := &capture{}
	keep := func(n int) {
		k.begin(KeepBody, 1<<20)
		k.body(make([]byte, n))
	}
	keep(1 << 20)
	grown := cap(k.data)
	for i := range 10 * patientCapture {
		keep(100 + i%7/6*(grown/2))
	}
	if cap(k.data) != grown {
		t.Errorf("a buffer used now and then was given up: %d of %d bytes", cap(k.data), grown)
	}
	for range patientCapture + 2 {
		keep(100)
	}
	if cap(k.data) > 1000 {
		t.Errorf("%d bytes are held for answers of 100", cap(k.data))
	}
}
