package wire

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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
		answer := strings.Replace(tooLarge413, "Connection: close\r\n", "", 1)
		asked := make(chan bool, 1)
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			<-asked
			p.Send(answer)
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

// TestNoRoom: a request into a socket without room for it, or without room for
// all of it. The helper writes what did not fit; nothing is lost or doubled.
func TestNoRoom(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		noRoom(t, m, strings.Repeat("0123456789", 1000), true)
		noRoom(t, m, strings.Repeat("0123456789", 2<<20), false)
	})
}

func noRoom(t *testing.T, m manner, request string, fill bool) {
	filled, got := make(chan int64), make(chan string, 1)
	_, server := script(t, m, func(p *wiretest.Peer) {
		_, _ = io.CopyN(io.Discard, p.TCP, <-filled)
		b := make([]byte, len(request))
		_, _ = io.ReadFull(p.TCP, b)
		got <- string(b)
		p.Send(hello)
		p.Hold()
	})
	tcp, err := net.Dial("tcp", strings.TrimPrefix(server.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSocket(tcp.(*net.TCPConn), time.Now(), m.portable)
	if err != nil {
		t.Fatal(err)
	}
	defer s.shut(true)
	var before int64
	if fill {
		block := make([]byte, 64<<10)
		_ = s.raw.Write(func(fd uintptr) bool {
			for {
				n, err := unix.Write(int(fd), block)
				if err != nil {
					return true
				}
				before += int64(n)
			}
		})
	}
	departed := make(chan bool, 1)
	s.out, s.armed = []byte(request), &conn{gate: gateFunc(func(int64) bool { departed <- true; return true })}
	watchdog := time.AfterFunc(patience, func() { s.shut(true) })
	defer watchdog.Stop()
	read := make(chan string)
	go func() {
		buf := make([]byte, 100)
		n, _ := s.Read(buf)
		read <- string(buf[:n])
	}()
	<-departed
	filled <- before
	if b := <-got; b != request {
		t.Errorf("the server got %d bytes, %.40q", len(b), b)
	}
	if a := <-read; a != hello {
		t.Errorf("read %q", a)
	}
	if !s.join(patience) || s.sent != int64(len(request)) || s.t5 == 0 || s.t5 < s.t4 {
		t.Errorf("sent %d, T4 %d, T5 %d", s.sent, s.t4, s.t5)
	}
}
