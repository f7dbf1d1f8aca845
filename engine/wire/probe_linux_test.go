package wire

import (
	"net"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"stoke/engine/wire/wiretest"
)

// TestProbe: what arrived and was not read is seen to the byte, whoever asks.
func TestProbe(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		more := make(chan struct{})
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			p.Request()
			p.Send(hello)
			<-more
			p.Send("unasked")
			p.Hold()
		})
		c := connection(t, tr, nil)
		if _, _, ok := c.Probe(); ok {
			t.Error("a probe of no connection")
		}
		want(t, do(t, c, compile(t, tr, Spec{})), None)
		if retrans, unread, ok := c.Probe(); !ok || retrans != 0 || unread != 0 {
			t.Errorf("at rest: %d sent again, %d unread, %v", retrans, unread, ok)
		}
		close(more)
		until(t, "seven bytes unread", func() bool { _, unread, ok := c.Probe(); return ok && unread == len("unasked") })
		if n := testing.AllocsPerRun(100, func() { c.Probe() }); n > 3 {
			t.Errorf("a probe allocates %v times", n)
		}
		c.Close()
		if _, _, ok := c.Probe(); ok {
			t.Error("a probe of a closed connection")
		}
	})
}

// TestProbeLayout: the place of the count in struct tcp_info.
func TestProbeLayout(t *testing.T) {
	if at := unsafe.Offsetof(unix.TCPInfo{}.Total_retrans); at != infoRetrans || infoSize != at+4 {
		t.Errorf("total_retrans stands at %d", at)
	}
}

// TestProbeUnix: a unix socket knows what is unread, and sends nothing again.
func TestProbeUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		peer, err := ln.Accept()
		if err != nil {
			return
		}
		_, _ = peer.Read(make([]byte, 4096))
		_, _ = peer.Write([]byte(hello))
		_, _ = peer.Read(make([]byte, 1))
		_ = peer.Close()
	}()
	tr := transport(t, manner{portable: !canFuse}, Config{Target: "http://app.test", UnixSocket: path})
	c := connection(t, tr, nil)
	t.Cleanup(func() { ln.Close(); c.Close(); <-over })
	want(t, do(t, c, compile(t, tr, Spec{})), None)
	if retrans, unread, ok := c.Probe(); !ok || retrans != 0 || unread != 0 {
		t.Errorf("%d sent again, %d unread, %v", retrans, unread, ok)
	}
}
