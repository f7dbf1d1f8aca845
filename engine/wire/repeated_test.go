package wire

import (
	"fmt"
	"testing"

	"stoke/engine/wire/wiretest"
)

// Answers that repeat their header block, nearly repeat it, or begin like it
// must all be read for what they say.
func TestRepeatedHeads(t *testing.T) {
	heads := []struct {
		text   string
		status int
		body   int
	}{
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 200, 2},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 200, 2},
		{"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n", 404, 2},     // as long
		{"HTTP/1.1 404 No\r\nContent-Length: 20\r\n\r\n", 404, 20},   // begins alike
		{"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n", 404, 2},     // shorter again
		{"\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 200, 2}, // an empty line before it
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 200, 2},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 200, 2},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 200, 2},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, -1},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, -1},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n", 200, 2},
	}
	everyWay(t, func(t *testing.T, m manner) {
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			for _, h := range heads {
				if p.Head() == "" {
					return
				}
				if h.body < 0 {
					p.Send(h.text + "3\r\nabc\r\n0\r\n\r\n")
					continue
				}
				// A body that looks like the head before must not be taken for one.
				p.Send(h.text + fmt.Sprintf("%-*.*s", h.body, h.body, heads[0].text))
			}
		})
		c := connection(t, tr, nil)
		req := compile(t, tr, Spec{Path: "/"})
		for i, h := range heads {
			res := do(t, c, req)
			want(t, res, None)
			body := int64(h.body)
			if h.body < 0 {
				body = 3
			}
			if res.Status != h.status || res.Body != body || res.Reused != (i > 0) || res.Closed != (i == len(heads)-1) {
				t.Errorf("answer %d: %+v", i, res)
			}
		}
	})
}

// Answers that repeat their header block and come in one piece are taken as a
// whole; each of these looks like one, and says something else.
func TestRepeatedAnswersThatAreNotWhole(t *testing.T) {
	for name, c := range map[string]struct {
		method, text string
		maxBody      int64
		fault        Fault
		status       int
		body         int64
		wait         int32
		closed, ends bool // ends: the server does, after each answer
	}{
		"as they should be":  {text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", status: 200, body: 2, wait: -1},
		"empty":              {text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, wait: -1},
		"with more behind":   {text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", status: 200, body: 2, wait: -1, closed: true},
		"that end the way":   {text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab", status: 200, body: 2, wait: -1, closed: true},
		"without a body":     {text: "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nab", status: 204, wait: -1, closed: true},
		"to HEAD":            {method: "HEAD", text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", status: 200, wait: -1, closed: true},
		"that ask to wait":   {text: "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nab", status: 429, body: 2, wait: 7},
		"to be continued":    {text: "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", ends: true, fault: WaitEOF, wait: -1, closed: true},
		"that are too large": {text: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef", maxBody: 5, fault: BodyTooLarge, status: 200, wait: -1, closed: true},
	} {
		t.Run(name, func(t *testing.T) {
			plainly(t, func(t *testing.T, m manner) {
				s := wiretest.NewScript(t, func(p *wiretest.Peer) {
					for p.Head() != "" {
						if p.Send(c.text); c.ends {
							return
						}
					}
				})
				tr := transport(t, m, Config{Target: s.URL(), MaxBody: c.maxBody})
				conn := connection(t, tr, nil)
				req := compile(t, tr, Spec{Method: c.method, Path: "/"})
				for range 4 {
					res := do(t, conn, req)
					want(t, res, c.fault)
					if res.Status != c.status || res.Body != c.body || res.RetryAfter != c.wait || res.Closed != c.closed {
						t.Errorf("%+v", res)
					}
				}
			})
		})
	}
}
