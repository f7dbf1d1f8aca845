package wiretest

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Options of a [Server]. The zero value answers every request at once with 200
// and two bytes.
type Options struct {
	// Epoch is the zero of the log's times; give the client the same one.
	// Default: when the server was made.
	Epoch time.Time
	// Addr is host:port to listen on, default any port of 127.0.0.1.
	Addr string
	// Certificate makes the server speak TLS.
	Certificate *Certificate
	// Reply decides the answer of each request. It is called on the
	// connection's goroutine, by many at once.
	Reply func(Call) Reply
	// Keep bounds the entries kept per connection; 0 keeps all of them, -1
	// none. The counters go on.
	Keep int
}

// Call is a request that has arrived.
type Call struct {
	Seq     int64 // of its X-Seq header, -1 without one
	Conn    int64 // the connection's number, from 0
	Nth     int64 // the request's number on its connection, from 0
	Arrival int64 // after the read that completed it, nanoseconds since Options.Epoch
	Method  string
	Path    string
	Body    int64 // bytes
}

// Reply is an answer. The zero value is 200 with two bytes, at once.
type Reply struct {
	Status int
	Header string // complete header lines: "Retry-After: 3\r\n"
	Body   int    // bytes; -1 for none, 0 for two
	Depart int64  // not before this time, nanoseconds since Options.Epoch
	Close  bool   // close the connection afterwards, and say so
	Drop   bool   // close the connection instead of answering
	Reset  bool   // reset the connection instead of answering
}

// Entry is what the log says about one request.
type Entry struct {
	Call
	Departure int64 // before the write of the answer; 0 if it was not answered
	In, Out   int64 // bytes of the request and the answer, without TLS
	Status    int
}

// Server is an HTTP/1.1 server that records what reached it. Its methods may
// be called from any goroutine.
type Server struct {
	o     Options
	l     *listener
	stall atomic.Pointer[chan struct{}] // closed when the stall is over, nil without one

	arrived, departed atomic.Int64

	mu   sync.Mutex
	logs []*connLog
}

// connLog is the log of one connection.
type connLog struct {
	mu      sync.Mutex
	entries []Entry
}

// NewServer starts a server that is closed at the end of the test.
func NewServer(tb testing.TB, o Options) *Server {
	tb.Helper()
	if o.Epoch.IsZero() {
		o.Epoch = time.Now()
	}
	s := &Server{o: o}
	var config *tls.Config
	if o.Certificate != nil {
		config = &tls.Config{Certificates: []tls.Certificate{o.Certificate.TLS}}
	}
	s.l = listen(tb, o.Addr, config, s.serve)
	tb.Cleanup(func() {
		s.Resume()
		s.l.stop()
	})
	return s
}

// URL is the base URL of the server.
func (s *Server) URL() string { return s.l.url() }

// Now is the server's clock.
func (s *Server) Now() int64 { return int64(time.Since(s.o.Epoch)) }

// Arrived is the number of complete requests that reached the server.
func (s *Server) Arrived() int64 { return s.arrived.Load() }

// Departed is the number of answers written.
func (s *Server) Departed() int64 { return s.departed.Load() }

// Connections returns how many connections were accepted so far and how many
// of them are open.
func (s *Server) Connections() (opened, open int64) { return s.l.counts() }

// CloseConnections closes the connections that are open now.
func (s *Server) CloseConnections() { s.l.closeConnections(false) }

// Stall holds back every answer from now on, until Resume.
func (s *Server) Stall() {
	gate := make(chan struct{})
	s.stall.CompareAndSwap(nil, &gate)
}

// Resume ends a stall: the answers held back leave.
func (s *Server) Resume() {
	if gate := s.stall.Swap(nil); gate != nil {
		close(*gate)
	}
}

// Log returns the entries of all connections by arrival. A request whose
// answer has not left yet is not in it.
func (s *Server) Log() []Entry {
	s.mu.Lock()
	logs := slices.Clone(s.logs)
	s.mu.Unlock()
	var all []Entry
	for _, l := range logs {
		l.mu.Lock()
		all = append(all, l.entries...)
		l.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Arrival, b.Arrival) })
	return all
}

func (s *Server) serve(tcp *net.TCPConn, c net.Conn, nth int64) {
	log := &connLog{}
	s.mu.Lock()
	s.logs = append(s.logs, log)
	s.mu.Unlock()

	r := bufio.NewReaderSize(c, 8<<10)
	var answer []byte
	e := Entry{Call: Call{Conn: nth}}
	for ; ; e.Nth++ {
		closes, err := e.read(r)
		if err != nil {
			return
		}
		e.Arrival = s.Now()
		s.arrived.Add(1)

		var reply Reply
		if s.o.Reply != nil {
			reply = s.o.Reply(e.Call)
		}
		if wait := time.Duration(reply.Depart - s.Now()); reply.Depart > 0 && wait > 0 {
			time.Sleep(wait)
		}
		if gate := s.stall.Load(); gate != nil {
			<-*gate
		}
		reply.Close = reply.Close || closes
		e.Departure, e.Out, e.Status = 0, 0, 0
		if !reply.Drop && !reply.Reset {
			answer = reply.append(answer[:0], e.Method == "HEAD")
			e.Departure, e.Out, e.Status = s.Now(), int64(len(answer)), cmp.Or(reply.Status, 200)
			s.departed.Add(1)
		}
		if s.o.Keep == 0 || len(log.entries) < s.o.Keep {
			log.mu.Lock()
			log.entries = append(log.entries, e)
			log.mu.Unlock()
		}
		if reply.Reset {
			_ = tcp.SetLinger(0)
		}
		if reply.Drop || reply.Reset {
			return
		}
		if _, err := c.Write(answer); err != nil || reply.Close {
			return
		}
	}
}

// append writes the answer behind dst.
func (r Reply) append(dst []byte, headOnly bool) []byte {
	status := cmp.Or(r.Status, 200)
	body := max(cmp.Or(r.Body, 2), 0)
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, " Status\r\n"...)
	dst = append(dst, r.Header...)
	if r.Close {
		dst = append(dst, "Connection: close\r\n"...)
	}
	if status == 204 || status == 304 {
		return append(dst, "\r\n"...)
	}
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(body), 10)
	dst = append(dst, "\r\n\r\n"...)
	if headOnly {
		return dst
	}
	head := len(dst)
	dst = slices.Grow(dst, body)[:head+body]
	for i := range dst[head:] {
		dst[head+i] = 'x'
	}
	return dst
}

// read reads one request into e and reports whether it asks for the
// connection to be closed.
func (e *Entry) read(r *bufio.Reader) (closes bool, err error) {
	e.Seq, e.In, e.Body = -1, 0, 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return false, err
		}
		e.In += int64(len(line))
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if first {
			method, rest, _ := bytes.Cut(line, []byte(" "))
			path, _, _ := bytes.Cut(rest, []byte(" "))
			e.Method, e.Path = same(e.Method, method), same(e.Path, path)
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("X-Seq")):
			e.Seq, _ = strconv.ParseInt(string(value), 10, 64)
		case bytes.EqualFold(name, []byte("Content-Length")):
			e.Body, _ = strconv.ParseInt(string(value), 10, 64)
		case bytes.EqualFold(name, []byte("Connection")):
			closes = bytes.EqualFold(value, []byte("close"))
		}
	}
	e.In += e.Body
	_, err = r.Discard(int(e.Body))
	return closes, err
}

// same is b as a string, without a new one if it is s again.
func same(s string, b []byte) string {
	if s == string(b) {
		return s
	}
	return string(b)
}
