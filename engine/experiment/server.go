package experiment

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"errors"
	"math/bits"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"stoke/engine/wire"
)

// Server is the truth server: HTTP/1.1 on loopback, plain Go on sockets, so
// that it shares no parser with the client. It logs each request on the run's
// clock. Its methods may be called from any goroutine.
type Server struct {
	conduct
	listener net.Listener
	pem      []byte
	secrets  *tls.Config // nil for plain HTTP
	epoch    atomic.Pointer[time.Time]
	ended    chan struct{}
	serving  sync.WaitGroup

	arrived, departed, opened, open atomic.Int64
	wireIn, wireOut                 atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]bool
	logs  []*connLog
}

// connLog is the log of one connection, so that connections do not wait for
// each other.
type connLog struct {
	mu      sync.Mutex
	entries []Entry
}

// NewServer starts a server on any port of 127.0.0.1.
func NewServer(b Behaviour) (*Server, error) {
	s := &Server{conduct: conduct{Behaviour: b}, ended: make(chan struct{}), conns: map[net.Conn]bool{}}
	if b.TLS {
		cert, err := newCertificate()
		if err != nil {
			return nil, err
		}
		s.pem = cert.pem
		s.secrets = &tls.Config{Certificates: []tls.Certificate{cert.pair}}
	}
	epoch := time.Now()
	s.epoch.Store(&epoch)
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	s.serving.Add(1)
	go s.accept()
	return s, nil
}

// URL is where the server listens.
func (s *Server) URL() string {
	if s.secrets != nil {
		return "https://" + s.listener.Addr().String()
	}
	return "http://" + s.listener.Addr().String()
}

// Begin sets the zero of its times and empties the log.
func (s *Server) Begin(epoch time.Time) {
	s.epoch.Store(&epoch)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.logs {
		l.mu.Lock()
		l.entries = nil
		l.mu.Unlock()
	}
}

// Tally is what reached it so far.
func (s *Server) Tally() Tally {
	return Tally{
		Arrived: s.arrived.Load(), Departed: s.departed.Load(), Opened: s.opened.Load(), Open: s.open.Load(),
		WireIn: s.wireIn.Load(), WireOut: s.wireOut.Load(),
	}
}

// Log returns the requests by arrival.
func (s *Server) Log() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Entry
	for _, l := range s.logs {
		l.mu.Lock()
		all = append(all, l.entries...)
		l.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Arrival, b.Arrival) })
	return all
}

// Close ends the server and waits for its goroutines.
func (s *Server) Close() error {
	close(s.ended)
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close() // its reader ends by it
	}
	s.mu.Unlock()
	s.serving.Wait()
	return err
}

func (s *Server) now() int64 { return int64(time.Since(*s.epoch.Load())) }

func (s *Server) accept() {
	defer s.serving.Done()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		nth := s.opened.Add(1) - 1
		s.open.Add(1)
		log := &connLog{}
		s.mu.Lock()
		s.conns[c] = true
		s.logs = append(s.logs, log)
		s.mu.Unlock()
		s.serving.Add(1)
		go func() {
			defer s.serving.Done()
			s.serve(c, nth, log)
			_ = c.Close() // what had to be sent was
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
			s.open.Add(-1)
		}()
	}
}

// serve answers the requests of one connection.
func (s *Server) serve(tcp net.Conn, nth int64, log *connLog) {
	var c net.Conn = &counted{tcp, s}
	if s.secrets != nil {
		c = tls.Server(c, s.secrets)
	}
	r := bufio.NewReaderSize(c, 16<<10)
	var out []byte
	for {
		if s.IdleClose > 0 {
			_ = tcp.SetReadDeadline(time.Now().Add(s.IdleClose))
		}
		q, err := readRequest(r)
		if err != nil {
			return
		}
		q.Conn, q.Arrival = nth, s.now()
		s.arrived.Add(1)
		log.mu.Lock()
		at := len(log.entries)
		log.entries = append(log.entries, Entry{Call: q.Call})
		log.mu.Unlock()

		depart, drop := s.answer(q.Call)
		if drop || !s.wait(depart) {
			return
		}
		var end End
		if script, ok := s.Scripts[q.path]; ok {
			out, end = append(out[:0], script.Text...), script.Then
		} else {
			size, chunked := int64(2), false
			if s.Bodies {
				size, chunked = bodyOf(q.Seq)
			}
			out = appendAnswer(out[:0], size, chunked)
		}
		log.mu.Lock()
		if at < len(log.entries) { // else the log was emptied meanwhile
			log.entries[at].Departure, log.entries[at].Out = s.now(), int64(len(out))
		}
		log.mu.Unlock()
		if len(out) > 0 {
			s.departed.Add(1)
			if _, err := c.Write(out); err != nil {
				return
			}
		}
		switch end {
		case Finish:
			return
		case Reset:
			_ = tcp.(*net.TCPConn).SetLinger(0)
			return
		case Hang:
			<-s.ended
			return
		}
	}
}

// wait sleeps until a moment of the run. It is false when the server ended
// before.
func (s *Server) wait(until int64) bool {
	left := until - s.now()
	if left <= 0 {
		return true
	}
	var due <-chan time.Time // for ever, if there is no such moment
	if until != never {
		timer := time.NewTimer(time.Duration(left))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
		return true
	case <-s.ended:
		return false
	}
}

// counted counts the bytes on a socket.
type counted struct {
	net.Conn
	s *Server
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.s.wireIn.Add(int64(n))
	return n, err
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.s.wireOut.Add(int64(n))
	return n, err
}

// request is a request as it was read.
type request struct {
	Call
	path string
}

// readRequest reads a request with its body.
func readRequest(r *bufio.Reader) (request, error) {
	q := request{Call: Call{Seq: -1}}
	body := int64(0)
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return q, err
		}
		q.In += int64(len(line))
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if first {
			_, rest, _ := bytes.Cut(line, []byte(" "))
			path, _, _ := bytes.Cut(rest, []byte(" "))
			q.path = string(path)
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		number, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
		switch {
		case bytes.EqualFold(name, []byte("X-Seq")) && err == nil:
			q.Seq = number
		case bytes.EqualFold(name, []byte("Content-Length")) && err == nil:
			body = number
		}
	}
	if body < 0 {
		return q, errors.New("negative content length")
	}
	q.In += body
	for left := body; left > 0; {
		n, err := r.Discard(int(min(left, 1<<20)))
		if left -= int64(n); err != nil {
			return q, err
		}
	}
	return q, nil
}

// bodyOf is the size of an answer by the number of its request, 0 B to 1 MB with
// few of the large ones, 10 KB in the mean, and whether it is sent in chunks.
func bodyOf(seq int64) (size int64, chunked bool) {
	chunked = bits.OnesCount64(uint64(seq))%2 == 1 // of every size some are
	switch {
	case seq%1000 == 0:
		return 1 << 20, chunked
	case seq%100 == 1:
		return 300_000, chunked
	case seq%20 == 2:
		return 1 << 16, chunked
	case seq%20 == 3:
		return 20_000, chunked
	}
	sizes := [...]int64{0, 1, 100, 1 << 10, 4095, 4096}
	return sizes[seq%int64(len(sizes))], chunked
}

// chunkSize is the length of a chunk.
const chunkSize = 10_000

// appendAnswer writes a whole answer behind dst.
func appendAnswer(dst []byte, size int64, chunked bool) []byte {
	dst = append(dst, "HTTP/1.1 200 OK\r\n"...)
	if !chunked {
		dst = append(dst, "Content-Length: "...)
		dst = strconv.AppendInt(dst, size, 10)
		dst = append(dst, "\r\n\r\n"...)
		return appendBody(dst, size)
	}
	dst = append(dst, "Transfer-Encoding: chunked\r\n\r\n"...)
	for size > 0 {
		n := min(size, chunkSize)
		dst = strconv.AppendInt(dst, n, 16)
		dst = append(dst, "\r\n"...)
		dst = appendBody(dst, n)
		dst = append(dst, "\r\n"...)
		size -= n
	}
	return append(dst, "0\r\n\r\n"...)
}

func appendBody(dst []byte, size int64) []byte {
	from := len(dst)
	dst = slices.Grow(dst, int(size))[:from+int(size)]
	for i := range dst[from:] {
		dst[from+i] = 'x'
	}
	return dst
}

// Sockets is a world with the truth server in this process: simple, and not
// quite honest, since both sides share its scheduler.
type Sockets struct{}

// Virtual implements World.
func (Sockets) Virtual() bool { return false }

// Open implements World.
func (Sockets) Open(b Behaviour) (Target, error) {
	s, err := NewServer(b)
	if err != nil {
		return nil, err
	}
	return ownServer{s}, nil
}

// ownServer is a server of this process as a target.
type ownServer struct{ s *Server }

func (o ownServer) URL() string                 { return o.s.URL() }
func (o ownServer) Transport() wire.Transport   { return nil }
func (o ownServer) Begin(epoch time.Time) error { o.s.Begin(epoch); return nil }
func (o ownServer) Tally() (Tally, error)       { return o.s.Tally(), nil }
func (o ownServer) Log() ([]Entry, error)       { return o.s.Log(), nil }
func (o ownServer) Certificate() []byte         { return o.s.pem }
func (o ownServer) Close() error                { return o.s.Close() }
