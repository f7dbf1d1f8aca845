package wire

import (
	"context"
	"strings"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

func TestFetch(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		long := strings.Repeat("x", 6000)
		answers := map[string]string{
			"/sized":   "HTTP/1.1 404 Not Found\r\nx-b: 1\r\nX-A:2\r\nX-Long: " + long + "\r\nContent-Length: 11\r\n\r\nhello world",
			"/chunked": "HTTP/1.1 100 Continue\r\nNot: this\r\n\r\nHTTP/1.1 404 Not Found\r\nx-b: 1\r\nX-A:2\r\nX-Long: " + long + "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n8\r\nlo world\r\n0\r\n\r\n",
			"/large":   "HTTP/1.1 404 Not Found\r\nx-b: 1\r\nX-A:2\r\nX-Long: " + long + "\r\nContent-Length: 200005\r\n\r\nhello" + strings.Repeat("y", 200000),
		}
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			_, rest, _ := strings.Cut(p.Request(), " ")
			path, _, _ := strings.Cut(rest, " ")
			p.Send(answers[path])
			p.Hold()
		})
		for path := range answers {
			a := Fetch(context.Background(), tr, compile(t, tr, Spec{Path: path}), 5)
			want(t, a.Result, None)
			if a.StatusLine != "HTTP/1.1 404 Not Found" || a.Status != 404 || string(a.BodyStart) != "hello" {
				t.Errorf("%s: %q, body %q", path, a.StatusLine, a.BodyStart)
			}
			if len(a.Header) != 4 || a.Header[0] != (Header{"x-b", "1"}) || a.Header[1] != (Header{"X-A", "2"}) || a.Get("x-long") != long || a.Get("Not") != "" {
				t.Errorf("%s: header %.100v", path, a.Header)
			}
			if path == "/large" && a.Body != 200005 {
				t.Errorf("body of %d bytes", a.Body)
			}
		}
	})
}

func TestFetchEnds(t *testing.T) {
	tr, _ := script(t, manner{portable: !canFuse}, func(p *wiretest.Peer) { p.Hold() })
	req := compile(t, tr, Spec{})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	want(t, Fetch(ctx, tr, req, 5).Result, WaitTimeout)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	want(t, Fetch(cancelled, tr, req, 5).Result, Killed)
}

// TestManyAtOnce: connections of one transport share its pools.
func TestManyAtOnce(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, s := server(t, m, wiretest.Options{Reply: func(call wiretest.Call) wiretest.Reply {
			return wiretest.Reply{Body: int(call.Seq % 9000), Status: 200 + int(call.Seq%2)*229, Close: call.Seq%10 == 9}
		}})
		req, err := tr.Compile(Spec{Method: "POST", Body: make([]byte, 3000)}, "X-Seq")
		if err != nil {
			t.Fatal(err)
		}
		const conns, each = 16, 100
		failed := make(chan string, conns)
		for i := range int64(conns) {
			go func() {
				c := tr.Conn(nil)
				defer c.Close()
				for n := range int64(each) {
					var res Result
					seq := i*each + n
					c.Do(req, seq, &res)
					body := seq % 9000
					if body == 0 {
						body = 2
					}
					if res.Fault != None || res.Body != body || res.Status != 200+int(seq%2)*229 || res.Closed != (seq%10 == 9) {
						failed <- res.Fault.String() + res.Detail
						return
					}
				}
				failed <- ""
			}()
		}
		for range conns {
			if f := <-failed; f != "" {
				t.Error(f)
			}
		}
		seen := map[int64]bool{}
		for _, e := range s.Log() {
			seen[e.Seq] = true
		}
		if opened, _ := s.Connections(); len(seen) != conns*each || s.Arrived() != conns*each || opened != conns*each/10 {
			t.Errorf("%d of %d requests are different, on %d connections", len(seen), s.Arrived(), opened)
		}
	})
}

// TestStart: stamps count from the epoch that was set last before the
// connection was made.
func TestStart(t *testing.T) {
	tr, _ := server(t, manner{portable: !canFuse}, wiretest.Options{})
	before := connection(t, tr, nil)
	tr.Start(time.Now().Add(-time.Hour))
	after := connection(t, tr, nil)
	req := compile(t, tr, Spec{})
	if res := do(t, before, req); res.T4 > int64(time.Minute) {
		t.Errorf("made before: T4 %v", time.Duration(res.T4))
	}
	if res := do(t, after, req); res.T4 < int64(time.Hour) || res.T8 < res.T4 {
		t.Errorf("made after: T4 %v", time.Duration(res.T4))
	}
}
