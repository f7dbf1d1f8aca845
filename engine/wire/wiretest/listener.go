package wiretest

import (
	"crypto/tls"
	"net"
	"sync"
	"testing"
)

// listener accepts connections and runs serve on each until the test ends.
type listener struct {
	ln    net.Listener
	tls   *tls.Config
	serve func(tcp *net.TCPConn, c net.Conn, nth int64)

	wait   sync.WaitGroup
	mu     sync.Mutex
	open   map[*net.TCPConn]bool
	opened int64
	closed bool
}

// listen starts accepting on addr, host:port; an empty one means any port of
// 127.0.0.1.
func listen(tb testing.TB, addr string, config *tls.Config, serve func(*net.TCPConn, net.Conn, int64)) *listener {
	tb.Helper()
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	l := &listener{ln: ln, tls: config, serve: serve, open: map[*net.TCPConn]bool{}}
	l.wait.Add(1)
	go l.accept()
	return l
}

func (l *listener) accept() {
	defer l.wait.Done()
	for {
		c, err := l.ln.Accept()
		if err != nil {
			return
		}
		tcp := c.(*net.TCPConn)
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			_ = tcp.Close()
			return
		}
		nth := l.opened
		l.opened++
		l.open[tcp] = true
		l.wait.Add(1)
		l.mu.Unlock()
		go func() {
			defer l.wait.Done()
			if l.tls != nil {
				c = tls.Server(tcp, l.tls)
			}
			l.serve(tcp, c, nth)
			_ = tcp.Close()
			l.mu.Lock()
			delete(l.open, tcp)
			l.mu.Unlock()
		}()
	}
}

// stop closes everything and waits for the goroutines.
func (l *listener) stop() {
	_ = l.ln.Close()
	l.closeConnections(true)
	l.wait.Wait()
}

// closeConnections closes those that are open now.
func (l *listener) closeConnections(forGood bool) {
	l.mu.Lock()
	l.closed = l.closed || forGood
	for c := range l.open {
		_ = c.Close()
	}
	l.mu.Unlock()
}

func (l *listener) counts() (opened, open int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened, int64(len(l.open))
}

func (l *listener) url() string {
	scheme := "http://"
	if l.tls != nil {
		scheme = "https://"
	}
	return scheme + l.ln.Addr().String()
}
