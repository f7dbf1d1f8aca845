package engine

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
	"stoke/profiles"
)

// These tests drive real connections on loopback with a real clock; what they
// assert holds on a slow machine too.

// start begins a run of p against url.
func start(t *testing.T, p *profiles.Profile, url string, o Options) *Run {
	t.Helper()
	p.Target = url
	o.Profile, o.Seed, o.SeqHeader = p, 1, "X-Seq"
	r, err := New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// until waits for a snapshot that satisfies ok.
func until(t *testing.T, r *Run, what string, ok func(*Snapshot) bool) *Snapshot {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if s := r.Snapshot(); ok(s) {
			return s
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatalf("never: %s; last: %+v", what, r.Snapshot().View.Run.Counts)
	return nil
}

func TestServerAgrees(t *testing.T) {
	var failed, limited, dropped atomic.Int64
	srv := wiretest.NewServer(t, wiretest.Options{Reply: func(c wiretest.Call) wiretest.Reply {
		switch c.Seq % 10 {
		case 0:
			failed.Add(1)
			return wiretest.Reply{Status: 500}
		case 1:
			limited.Add(1)
			return wiretest.Reply{Status: 429, Header: "Retry-After: 2\r\n"}
		case 2:
			dropped.Add(1)
			return wiretest.Reply{Drop: true}
		}
		return wiretest.Reply{}
	}})
	// Few connections, so that none idles long enough for its loss to look like
	// the server's idle timeout.
	p := testProfile(t, 16)
	p.Arrivals = "poisson"
	p.Requests = append(p.Requests, profiles.Request{Name: "two", Weight: 3, Method: "POST", Path: "/two", JSON: `{"a":1}`})
	p.Phases = []profiles.Phase{{Change: change(t, "rate 1000"), Text: "rate 1000"}, {Change: change(t, "hold 2s"), Text: "hold 2s"}}
	r := start(t, p, srv.URL(), Options{EndWithPhases: true})
	<-r.Done()
	s := r.Snapshot()
	law(t, s)
	c := s.View.Run.Counts
	if got := srv.Arrived(); got != c.Sent {
		t.Errorf("the server saw %d requests, %d were sent", got, c.Sent)
	}
	seen := map[int64]bool{}
	posts := 0
	for _, e := range srv.Log() {
		if seen[e.Seq] {
			t.Errorf("request %d arrived twice", e.Seq)
		}
		seen[e.Seq] = true
		if e.Path == "/two" {
			posts++
		}
	}
	if c.Status != failed.Load() || c.Limited != limited.Load() || c.Error != dropped.Load() || c.Limited == 0 {
		t.Errorf("%+v; the server failed %d, limited %d, dropped %d", c, failed.Load(), limited.Load(), dropped.Load())
	}
	for _, f := range s.View.Run.ByFault {
		// A connection that idled on a busy machine may be lost like one that timed out.
		if f.Name != "wait:eof" && f.Name != "stale" {
			t.Errorf("fault %+v", f)
		}
	}
	if share := float64(posts) / float64(len(seen)); share < 0.65 || share > 0.85 {
		t.Errorf("%.2f of the requests went to the endpoint with three quarters of the weight", share)
	}
	if a := s.View.Run.RetryAfter; len(a) != 1 || a[0].Name != "2 s" || a[0].Count != c.Limited {
		t.Errorf("Retry-After %+v", a)
	}
}

// A stop at once ends uploads too: nothing reaches the server later.
func TestStopNowDuringUploads(t *testing.T) {
	var last atomic.Int64
	srv := wiretest.NewScript(t, func(p *wiretest.Peer) {
		buf := make([]byte, 4096)
		for {
			n, err := io.ReadFull(p.Conn, buf)
			if n > 0 {
				last.Store(time.Now().UnixNano())
			}
			if err != nil {
				return
			}
			<-time.After(time.Millisecond) // a slow reader
		}
	})
	p := testProfile(t, 8, "rate 50", "hold 1h")
	p.Requests[0].Method, p.Requests[0].Body = "PUT", string(make([]byte, 64<<20))
	r := start(t, p, srv.URL(), Options{})
	until(t, r, "uploads in flight", func(s *Snapshot) bool { return s.InFlight == 8 })
	at := time.Now()
	do(t, r, "stop now")
	<-r.Done()
	<-time.After(300 * time.Millisecond)
	if late := time.Duration(last.Load() - at.UnixNano()); late > 100*time.Millisecond {
		t.Errorf("the server read bytes %v after the stop", late)
	}
	if s := r.Snapshot(); s.View.Run.Stopped != 8 {
		t.Errorf("%+v", s.View.Run.Counts)
	}
}

func TestDrainOnSockets(t *testing.T) {
	began := time.Now()
	srv := wiretest.NewServer(t, wiretest.Options{Epoch: began, Reply: func(c wiretest.Call) wiretest.Reply {
		return wiretest.Reply{Depart: c.Arrival + int64(300*time.Millisecond)}
	}})
	r := start(t, testProfile(t, 200, "rate 1000", "hold 1h"), srv.URL(), Options{})
	until(t, r, "200 in flight", func(s *Snapshot) bool { return s.InFlight == 200 })
	do(t, r, "concurrency 50")
	until(t, r, "50 slots", func(s *Snapshot) bool { return s.Slots == 50 && s.InFlight <= 50 })
	for end := time.Now().Add(5 * time.Second); ; <-time.After(5 * time.Millisecond) {
		if _, open := srv.Connections(); open == 50 {
			break
		}
		if time.Now().After(end) {
			_, open := srv.Connections()
			t.Fatalf("%d connections are open at the server, want 50", open)
		}
	}
	s := r.Snapshot()
	law(t, s)
	if s.View.Run.Error != 0 || s.View.Run.Cut != 0 {
		t.Errorf("%+v %+v", s.View.Run.Counts, s.View.Run.ByFault)
	}
}

// Answers that come within the timeout are no timeouts, however many slots
// share the scanner.
func TestTimeoutsOnSockets(t *testing.T) {
	var slow atomic.Int64
	srv := wiretest.NewServer(t, wiretest.Options{Reply: func(c wiretest.Call) wiretest.Reply {
		if c.Seq%50 == 0 {
			slow.Add(1)
			return wiretest.Reply{Depart: c.Arrival + int64(3*time.Second)}
		}
		return wiretest.Reply{}
	}})
	p := testProfile(t, 500, "rate 1000", "hold 2s")
	p.Timeout = time.Second
	r := start(t, p, srv.URL(), Options{EndWithPhases: true})
	<-r.Done()
	s := r.Snapshot()
	law(t, s)
	c := s.View.Run.Counts
	if want := slow.Load(); c.Error != want || want == 0 || c.OK != c.Sent-c.Error {
		t.Errorf("%d errors of %d, the server was slow with %d: %+v", c.Error, c.Sent, want, s.View.Run.ByFault)
	}
	if m := s.View.Run.Response.Max; m > int64(time.Second) {
		t.Errorf("a timeout of %v is among the latencies", time.Duration(m))
	}
}

// A header that never ends as it must, on a connection that stays open, is
// found out when the time is over. It is the header that is wrong, not the time.
func TestMalformedHeaderIsNoTimeout(t *testing.T) {
	srv := wiretest.NewScript(t, func(p *wiretest.Peer) {
		p.Request()
		p.Send("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi")
		p.Hold()
	})
	p := testProfile(t, 16, "rate 50", "hold 200ms")
	p.Timeout = 100 * time.Millisecond
	r := start(t, p, srv.URL(), Options{EndWithPhases: true})
	<-r.Done()
	s := r.Snapshot()
	law(t, s)
	f := s.View.Run.ByFault
	if len(f) != 1 || f[0].Name != "head:malformed" || f[0].Count != s.View.Run.Sent || !strings.Contains(f[0].Sample, "line feed") {
		t.Errorf("%+v of %d sent", f, s.View.Run.Sent)
	}
}

func TestRefusedPort(t *testing.T) {
	p := testProfile(t, 4, "rate 100", "hold 1s")
	r := start(t, p, "http://127.0.0.1:1", Options{EndWithPhases: true})
	<-r.Done()
	s := r.Snapshot()
	law(t, s)
	if f := s.View.Run.ByFault; len(f) != 1 || f[0].Name != "dial:refused" || f[0].Count != 100 || s.View.Run.Sent != 0 {
		t.Errorf("%+v, %d sent", f, s.View.Run.Sent)
	}
	if f := s.View.Run.ByFault; len(f) == 1 && f[0].Sample == "" {
		t.Error("no sample message")
	}
}
