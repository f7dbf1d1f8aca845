package wire

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"stoke/engine/wire/wiretest"
)

func mallocs() (m runtime.MemStats) {
	runtime.ReadMemStats(&m)
	return m
}

// header is the value of a header line of a request.
func header(head, name string) string {
	for line := range strings.Lines(head) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// TestAllocations: real requests on a kept connection allocate nothing, but
// for what crypto/tls allocates to read a record.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Log("the race detector allocates; only the requests are made")
	}
	for _, c := range []struct {
		m     manner
		most  float64 // of a request, server included
		reply wiretest.Reply
		spec  Spec
	}{
		{manner{}, 0.01, wiretest.Reply{}, Spec{}},
		{manner{portable: true}, 0.01, wiretest.Reply{}, Spec{}},
		{manner{}, 0.01, wiretest.Reply{Status: 429, Header: "Retry-After: 3\r\n"}, Spec{}},
		{manner{}, 0.01, wiretest.Reply{Body: 20000}, Spec{Method: "POST", Body: make([]byte, 2000)}},
		{manner{}, 0.01, wiretest.Reply{}, Spec{Method: "HEAD"}},
		{manner{}, 0.01, wiretest.Reply{Body: 500}, Spec{Keep: keepBoth}},
		{manner{}, 0.01, wiretest.Reply{Body: 300_000}, Spec{Keep: KeepBody}},
		{manner{portable: true}, 0.01, wiretest.Reply{Header: "Location: /x\r\n"}, Spec{Keep: KeepHead}},
		// Both sides read one record each: two readers of 24 bytes.
		{manner{secure: true}, 2.01, wiretest.Reply{}, Spec{}},
	} {
		if !c.m.portable && !canFuse {
			continue
		}
		tr, _ := server(t, c.m, wiretest.Options{Keep: -1, Reply: func(wiretest.Call) wiretest.Reply { return c.reply }})
		conn := connection(t, tr, nil)
		req, err := tr.Compile(c.spec, "X-Seq")
		if err != nil {
			t.Fatal(err)
		}
		n := 20000
		if c.reply.Body > 100_000 {
			n = 2000
		}
		if raceDetector {
			n = 500
		}
		var res Result
		run := func(n int64) {
			for seq := range n {
				conn.Do(req, seq, &res)
				if res.Fault != None {
					t.Fatal(res.Fault, res.Detail)
				}
			}
		}
		run(100)
		before := mallocs().Mallocs
		run(int64(n))
		if per := float64(mallocs().Mallocs-before) / float64(n); per > c.most && !raceDetector {
			t.Errorf("%v, %d %v: %.4f allocations a request, want at most %v", c.m, c.reply.Status, c.spec.Method, per, c.most)
		}
	}
}

// TestWaitingIsSmall: requests that wait for their answers hold nothing to read
// them with.
func TestWaitingIsSmall(t *testing.T) {
	if !canFuse {
		t.Log("where the read must have its room before it waits, each holds its own; only the requests are made")
	}
	const n = 100
	tr, s := server(t, manner{portable: !canFuse}, wiretest.Options{Keep: -1})
	var parsers atomic.Int64
	plain := tr.parsers.New
	tr.parsers.New = func() any { parsers.Add(1); return plain() }
	req := compile(t, tr, Spec{})
	var conns []*conn
	for range n {
		conns = append(conns, connection(t, tr, nil))
	}
	for round := range int64(2) { // on new connections, and on kept ones
		s.Stall()
		var all sync.WaitGroup
		for _, c := range conns {
			all.Go(func() { want(t, do(t, c, req), None) })
		}
		for s.Arrived() < (round+1)*n {
			runtime.Gosched()
		}
		s.Resume()
		all.Wait()
	}
	// The pool of the race detector loses some.
	if made := parsers.Load(); made > n/2 && canFuse && !raceDetector {
		t.Errorf("%d parsers for %d requests that wait", made, n)
	}
}

// BenchmarkDo is one connection in a closed loop against the truth server,
// whose time is in the figure.
func BenchmarkDo(b *testing.B) {
	for _, a := range []struct {
		m    manner
		name string
		spec Spec
	}{
		{manner{}, "", Spec{}}, {manner{portable: true}, "", Spec{}}, {manner{secure: true}, "", Spec{}},
		{manner{}, " kept", Spec{Keep: keepBoth}}, {manner{}, " filled", Spec{Path: "/" + Hole(0)}},
	} {
		if !a.m.portable && !canFuse {
			continue
		}
		b.Run(a.m.String()+a.name, func(b *testing.B) {
			tr, _ := server(b, a.m, wiretest.Options{Keep: -1})
			c := connection(b, tr, nil)
			req := compile(b, tr, a.spec)
			if req.Holes() {
				into := &Request{}
				req.Fill(into, values("x"))
				req = into
			}
			var res Result
			c.Do(req, 0, &res)
			b.ReportAllocs()
			for b.Loop() {
				c.Do(req, 0, &res)
				if res.Fault != None {
					b.Fatal(res.Fault, res.Detail)
				}
			}
		})
	}
}
