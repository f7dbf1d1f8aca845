package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
)

// TestSample: a request's stamps are those of the ticket and of the exchange,
// and what a killer ended is the killer's.
func TestSample(t *testing.T) {
	f := &fakeTransport{service: constant(0)}
	synctest.Test(t, func(t *testing.T) {
		r := begin(t, f, Options{Profile: testProfile(t, 1, "rate 1")})
		defer finish(t, r)
		tk := ticket{t0: 10, t1: 20, t2: 30, segment: 1}
		kept := wire.Result{T4: 50, T5: 60, T6: 70, T7: 80, T8: 90, Status: 200, Reused: true, RetryAfter: -1}
		fresh := kept
		fresh.T3, fresh.Opened, fresh.Reused = 40, true, false
		for _, c := range []struct {
			name  string
			res   wire.Result
			who   killer
			left  bool
			class measure.Class
			fault wire.Fault
			t3    int64
		}{
			{"kept connection", kept, 0, true, measure.OK, wire.None, 30}, // no connect, 20 of dispatch lag
			{"new connection", fresh, 0, true, measure.OK, wire.None, 40},
			{"complete when the time was over", kept, byTimeout, true, measure.Error, wire.BodyTimeout, 30},
			{"timeout", wire.Result{T4: 50, T8: 90, Fault: wire.WaitTimeout}, byTimeout, true, measure.Error, wire.WaitTimeout, 30},
			{"timeout in a handshake", wire.Result{T8: 90, Fault: wire.TLSProtocol}, byTimeout, false, measure.Error, wire.TLSTimeout, 0},
			{"malformed until the end", wire.Result{T4: 50, T8: 90, Fault: wire.HeadMalformed}, byTimeout, true, measure.Error, wire.HeadMalformed, 30},
			{"cut", wire.Result{T4: 50, T8: 90, Fault: wire.Killed}, byCut, true, measure.Cut, wire.None, 30},
			{"cut while connecting", wire.Result{T8: 90, Fault: wire.Killed}, byCut, false, measure.Superseded, wire.None, 0},
			{"stopped", wire.Result{T4: 50, T8: 90, Fault: wire.Killed}, byStop, true, measure.Stopped, wire.None, 30},
			{"withheld", wire.Result{T3: 40, T8: 90, Fault: wire.Withheld}, 0, false, measure.Superseded, wire.None, 40},
		} {
			var got measure.Sample
			r.sample(&got, &tk, &c.res, c.who, c.left)
			if got.Class != c.class || got.Fault != uint8(c.fault) || got.T0 != 10 || got.T1 != 20 || got.T2 != 30 || got.T3 != c.t3 || got.T4 != c.res.T4 || got.T8 != 90 {
				t.Errorf("%s: %+v", c.name, got)
			}
		}
	})
}

// The timeout begins when a request leaves: what its connection took to open is
// not the target's answer.
func TestTimeoutBeginsWithTheSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(800 * time.Millisecond), dial: 700 * time.Millisecond}
		p := testProfile(t, 1000, "rate 100", "hold 1s")
		p.Timeout, p.ConnectTimeout = time.Second, 2*time.Second
		r := begin(t, f, Options{Profile: p, EndWithPhases: true, Grace: 5 * time.Second})
		<-r.Done()
		s := finish(t, r)
		law(t, s)
		if c := s.View.Run.Counts; c.OK != 100 || c.Error != 0 {
			t.Errorf("%d OK, %d errors %+v, want 100 and none", c.OK, c.Error, s.View.Run.ByFault)
		}
	})
}

// turnCounter counts the requests of each connection of a fake target.
type turnCounter struct {
	*fakeTransport
	uses []*int
}

func (c *turnCounter) Conn(g wire.Gate) wire.Conn {
	conn, n := c.fakeTransport.Conn(g).(*fakeConn), new(int)
	c.uses = append(c.uses, n)
	conn.serve = func(at time.Duration) (time.Duration, int) {
		if at < time.Second {
			return 50 * time.Millisecond, 200 // so that several are opened
		}
		*n++
		return time.Millisecond, 200
	}
	return conn
}

// Slots take turns, so that connections are used evenly however few would do.
func TestSlotsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &turnCounter{fakeTransport: &fakeTransport{}}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 100", "hold 5s"), EndWithPhases: true})
		<-r.Done()
		law(t, finish(t, r))
		if len(f.uses) < 5 {
			t.Fatalf("%d connections only", len(f.uses))
		}
		for i, n := range f.uses {
			if even := 400 / len(f.uses); *n < even-1 || *n > even+2 {
				t.Errorf("connection %d of %d carried %d of 400 requests", i, len(f.uses), *n)
			}
		}
	})
}

// Slots open for the first time at most at a pace, so that a burst is no storm
// of connections.
func TestSlotsOpenAtAPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(time.Second)}
		r := begin(t, f, Options{Profile: testProfile(t, 4000, "rate 20k", "hold 500ms"), EndWithPhases: true})
		<-r.Done()
		law(t, finish(t, r))
		// max(1000, C/2) a second, and 64 at once after a quiet moment.
		if n := between(f.log(), 0, 100*time.Millisecond); n < 250 || n > 265 {
			t.Errorf("%d connections in the first 100 ms, want 64 + 200", n)
		}
	})
}
