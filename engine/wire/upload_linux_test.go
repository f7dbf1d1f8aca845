package wire

import (
	"strings"
	"testing"

	"stoke/engine/wire/wiretest"
)

const tooLarge413 = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlong"

// TestEarlyAnswer: a server that refuses a large body without reading it. The
// answer is seen, also where the write has failed first.
func TestEarlyAnswer(t *testing.T) {
	const size = 24 << 20
	body := make([]byte, size)
	for name, c := range map[string]struct {
		answer string
		then   func(*wiretest.Peer)
	}{
		"holds": {tooLarge413, (*wiretest.Peer).Stay},
		"ends":  {tooLarge413, func(p *wiretest.Peer) { p.HalfClose(); p.Stay() }},
		"keeps": {strings.Replace(tooLarge413, "Connection: close\r\n", "", 1), (*wiretest.Peer).Stay},
	} {
		t.Run(name, func(t *testing.T) {
			everyWay(t, func(t *testing.T, m manner) {
				tr, _ := script(t, m, func(p *wiretest.Peer) {
					p.Head()
					p.Send(c.answer)
					c.then(p)
				})
				conn := connection(t, tr, nil)
				res := do(t, conn, compile(t, tr, Spec{Method: "POST", Body: body}))
				want(t, res, None)
				if res.Status != 413 || res.Body != 4 || !res.Early || !res.Closed || res.T5 != 0 {
					t.Errorf("status %d, body %d, early %v, closed %v, T5 %d", res.Status, res.Body, res.Early, res.Closed, res.T5)
				}
				if res.Out == 0 || res.Out > size {
					t.Errorf("%d bytes out", res.Out)
				}
			})
		})
	}
}

// TestAnswerBehindReset: the server answers and resets, so that the write
// fails before the answer is read. Linux keeps what had arrived.
func TestAnswerBehindReset(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		asked := make(chan bool, 1)
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			<-asked
			p.Send(tooLarge413)
			p.Reset()
		})
		c := connection(t, tr, nil)
		c.gate = gateFunc(func(int64) bool {
			asked <- true
			until(t, "the reset", func() bool { return info(c.sock).State == tcpClose })
			return true
		})
		res := do(t, c, compile(t, tr, Spec{}))
		want(t, res, None)
		if res.Status != 413 || !res.Early || !res.Closed || res.Out != 0 {
			t.Errorf("status %d, early %v, closed %v, out %d", res.Status, res.Early, res.Closed, res.Out)
		}
	})
}

// TestWriteFaults: the server goes away without an answer while the request is
// being written.
func TestWriteFaults(t *testing.T) {
	body := make([]byte, 24<<20)
	everyWay(t, func(t *testing.T, m manner) {
		for _, rst := range []bool{false, true} {
			tr, _ := script(t, m, func(p *wiretest.Peer) {
				p.Head()
				if rst {
					p.Reset()
					return
				}
				p.HalfClose()
				p.Stay()
			})
			req := compile(t, tr, Spec{Method: "POST", Body: body})
			res := do(t, connection(t, tr, nil), req)
			want(t, res, map[bool]Fault{false: WritePipe, true: WriteReset}[rst])
			if res.T4 == 0 || res.T5 != 0 || res.Early {
				t.Errorf("T4 %d, T5 %d, early %v", res.T4, res.T5, res.Early)
			}
		}
	})
}

// TestSmallBuffer: a small request into a socket without room for it. The rest
// is written by the helper; nothing is lost or doubled.
func TestSmallBuffer(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, s := server(t, m, wiretest.Options{})
		c := connection(t, tr, nil)
		want(t, do(t, c, compile(t, tr, Spec{})), None)
		if err := c.sock.SetWriteBuffer(1); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{10 << 10, 12 << 10, 15 << 10, 500 << 10} {
			res := do(t, c, compile(t, tr, Spec{Method: "POST", Body: make([]byte, size)}))
			want(t, res, None)
			if res.Closed || res.Early || res.T5 == 0 || !m.secure && res.Out < int64(size) {
				t.Errorf("closed %v, early %v, T5 %d, out %d", res.Closed, res.Early, res.T5, res.Out)
			}
		}
		log := s.Log()
		if len(log) != 5 || log[4].Body != 500<<10 || log[3].Body != 15<<10 {
			t.Errorf("log: %+v", log)
		}
	})
}
