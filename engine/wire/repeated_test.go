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
