package wire

import (
	"net"
	"strings"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// TestKernelStampIsTrue: a read that is kept waiting is as late, behind the
// kernel's stamp, as the time between the send and the read allows.
func TestKernelStampIsTrue(t *testing.T) {
	send, sent := make(chan bool), make(chan bool)
	server := wiretest.NewScript(t, func(p *wiretest.Peer) {
		for {
			if _, ok := take(p, send); !ok {
				return
			}
			p.Send(hello)
			give(p, sent, true)
		}
	})
	tcp, err := net.Dial("tcp", strings.TrimPrefix(server.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSocket(tcp.(*net.TCPConn), time.Now(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.shut(true)
	if s.stamps = newKernelStamps(s.raw); s.stamps == nil {
		t.Fatal("this kernel does not stamp")
	}
	into := make([]byte, 1000)
	stamped := 0
	for i := range 100 {
		from := s.now()
		send <- true
		<-sent
		until(t, "the answer to arrive", func() bool { return received(s) == (i+1)*len(hello) })
		arrived := s.now()
		until(t, "time to pass", func() bool { return s.now() > arrived+int64(i)*int64(50*time.Microsecond) })
		if n, err := s.Read(into); err != nil || string(into[:n]) != hello {
			t.Fatalf("read %q, %v", into[:n], err)
		}
		if s.late == 0 {
			continue // the kernel needs a moment before it stamps
		}
		stamped++
		// The two clocks run alike but for the kernel's discipline of one.
		const slack = int64(20 * time.Microsecond)
		if least, most := s.last-arrived, s.last-from; s.late < least-slack || s.late > most+slack {
			t.Errorf("read %d is %d ns late, want between %d and %d", i, s.late, least, most)
		}
	}
	if stamped < 50 {
		t.Errorf("%d of 100 reads had a stamp", stamped)
	}
}

// TestKernelStamps: the share of connections that is asked for is sampled, the
// first among them, and what they tell lies within the exchange.
func TestKernelStamps(t *testing.T) {
	for _, m := range []manner{{}, {secure: true}, {portable: true}} {
		t.Run(m.String(), func(t *testing.T) {
			for _, c := range []struct {
				share float64
				want  string
			}{{0, "--------"}, {0.25, "k---k---"}, {0.01, "k-------"}, {1, "kkkkkkkk"}} {
				tr, _ := server(t, m, wiretest.Options{Keep: -1})
				tr.cfg.KernelStamps = c.share
				if m.portable {
					c.want = "--------"
				}
				got := ""
				for i := range 8 {
					conn := connection(t, tr, nil)
					known := 0
					// The kernel needs a moment before it stamps.
					for n, end := 0, time.Now().Add(patience); n < 20 || c.want[i] == 'k' && known == 0 && time.Now().Before(end); n++ {
						res := do(t, conn, compile(t, tr, Spec{}))
						want(t, res, None)
						if res.Kernel < 0 || res.Kernel > res.T6-res.T4 {
							t.Errorf("%d ns late, and T4 %d, T6 %d", res.Kernel, res.T4, res.T6)
						}
						if res.Kernel > 0 {
							known++
						}
					}
					got += map[bool]string{false: "-", true: "k"}[known > 0]
				}
				if got != c.want {
					t.Errorf("a share of %v: sampled %s, want %s", c.share, got, c.want)
				}
			}
		})
	}
}

// TestKernelStampsOfRepeatedAnswers: an answer that need not be parsed again is
// stamped as any other.
func TestKernelStampsOfRepeatedAnswers(t *testing.T) {
	server := wiretest.NewScript(t, func(p *wiretest.Peer) {
		for p.Head() != "" {
			p.Send(hello)
		}
	})
	tr := transport(t, manner{}, Config{Target: server.URL()})
	tr.cfg.KernelStamps = 1
	c, req := connection(t, tr, nil), compile(t, tr, Spec{})
	known := 0
	until(t, "the kernel to stamp ten answers", func() bool {
		res := do(t, c, req)
		want(t, res, None)
		if res.Reused && res.Kernel > 0 {
			known++
		}
		return known == 10
	})
}

// TestKernelStampAndSetClock: a wall clock that was set does not make an answer
// early or late.
func TestKernelStampAndSetClock(t *testing.T) {
	for _, c := range []struct{ late, sinceSend, want int64 }{{5, 10, 5}, {10, 10, 10}, {11, 10, 0}, {-1, 10, 0}, {0, 10, 0}, {int64(time.Hour), 1000, 0}} {
		if got := credible(c.late, c.sinceSend); got != c.want {
			t.Errorf("%d ns late, %d after the send: %d, want %d", c.late, c.sinceSend, got, c.want)
		}
	}
}

// BenchmarkKernelStamp is BenchmarkDo on a connection that is sampled.
func BenchmarkKernelStamp(b *testing.B) {
	tr, _ := server(b, manner{}, wiretest.Options{Keep: -1})
	tr.cfg.KernelStamps = 1
	c, req := connection(b, tr, nil), compile(b, tr, Spec{})
	var res Result
	sum, known := int64(0), 0
	b.ReportAllocs()
	for b.Loop() {
		c.Do(req, 0, &res)
		if res.Fault != None {
			b.Fatal(res.Fault, res.Detail)
		}
		if res.Kernel > 0 {
			sum += res.Kernel
			known++
		}
	}
	b.ReportMetric(float64(sum)/float64(max(known, 1)), "late-ns")
}
