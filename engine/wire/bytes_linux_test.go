package wire

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// tap counts what passes a connection.
type tap struct {
	net.Conn
	in, out *atomic.Int64
}

func (c tap) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.in.Add(int64(n))
	return n, err
}

func (c tap) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.out.Add(int64(n))
	return n, err
}

// framings answers requests with bodies as long as their header Want says, by
// length, in chunks, or, if ends is set, also up to the end of the connection.
func framings(c net.Conn, ends bool) {
	defer c.Close()
	r := bufio.NewReader(c)
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 0; ; n++ {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		var size int
		_, _ = fmt.Sscan(req.Header.Get("Want"), &size)
		body := make([]byte, size)
		switch how := n % 3; {
		case how == 1:
			_, _ = io.WriteString(c, chunkedHead)
			for len(body) > 0 {
				m := min(len(body), 1+rng.IntN(40_000))
				_, _ = fmt.Fprintf(c, "%x\r\n%s\r\n", m, body[:m])
				body = body[m:]
			}
			_, _ = io.WriteString(c, "0\r\nA: b\r\n\r\n")
		case how == 2 && ends:
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			_, _ = c.Write(body)
			return
		default:
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size)
			_, _ = c.Write(body)
		}
	}
}

// TestBytesTruth: bodies from nothing to 1 MB each way in every framing. What
// is counted is what the other end of the sockets counted and what the kernel
// did, to the byte, under TLS with its records and handshakes.
func TestBytesTruth(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{Target: "http://" + ln.Addr().String()}
		var config *tls.Config
		if m.secure {
			cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
			config = &tls.Config{Certificates: []tls.Certificate{cert.TLS}}
			cfg.Target, cfg.CA = "https://"+ln.Addr().String(), cert.PEM
		}
		var in, out atomic.Int64
		var wait sync.WaitGroup
		wait.Go(func() {
			for {
				tcp, err := ln.Accept()
				if err != nil {
					return
				}
				wait.Go(func() {
					var c net.Conn = tap{tcp, &in, &out}
					if config != nil {
						c = tls.Server(c, config)
					}
					framings(c, !m.secure) // an end under TLS has farewells that cross
				})
			}
		})
		tr := transport(t, m, cfg)
		c := connection(t, tr, nil)
		t.Cleanup(func() { ln.Close(); c.Close(); wait.Wait() })
		rng := rand.New(rand.NewPCG(3, 4))
		size := func() int { return min(1<<rng.IntN(21)-1+rng.IntN(10), 1<<20) }
		var gotIn, gotOut, kernelIn, kernelOut int64 // all, and of the present connection
		for range 150 {
			want1, send := size(), size()
			req := compile(t, tr, Spec{Method: "POST", Headers: []Header{{"Want", fmt.Sprint(want1)}}, Body: make([]byte, send)})
			res := do(t, c, req)
			want(t, res, None)
			if res.Body != int64(want1) {
				t.Fatalf("a body of %d was %d", want1, res.Body)
			}
			if res.Opened {
				kernelIn, kernelOut = 0, 0
			}
			gotIn, gotOut = gotIn+res.In, gotOut+res.Out
			kernelIn, kernelOut = kernelIn+res.In, kernelOut+res.Out
			if !c.Open() {
				continue
			}
			if n := int64(info(c.sock).Bytes_received); n != kernelIn {
				t.Fatalf("counted %d bytes in, the kernel %d", kernelIn, n)
			}
			until(t, "the last bytes to be acknowledged", func() bool { return int64(info(c.sock).Bytes_acked)-1 >= kernelOut })
			if n := int64(info(c.sock).Bytes_acked) - 1; n != kernelOut {
				t.Fatalf("counted %d bytes out, the kernel %d", kernelOut, n)
			}
		}
		// The server counts a write when it returns, which may be after its bytes came.
		until(t, "the server's own counts", func() bool { return out.Load() >= gotIn && in.Load() >= gotOut })
		if gotIn != out.Load() || gotOut != in.Load() {
			t.Errorf("counted %d in, %d out; the server %d out, %d in", gotIn, gotOut, out.Load(), in.Load())
		}
	})
}
