package engine

import (
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/measure"
	"stoke/profiles"
)

func TestRateDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 200, "rate 1000", "hold 2s", "rate 10", "hold 3s"), EndWithPhases: true})
		<-r.Done()
		log := f.log()
		last := 2 * time.Second
		for _, a := range log {
			if a < 2*time.Second {
				continue
			}
			if a-last > 101*time.Millisecond || a-last < 10*time.Millisecond && last > 2*time.Second {
				t.Errorf("gap of %v at %v", a-last, a)
			}
			last = a
		}
		finish(t, r)
	})
}

// What waits when the rate is set is dropped in its own segment, and nothing
// of it is sent in a burst into the new setting.
func TestBacklogIsSuperseded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Bool
		f := &fakeTransport{service: func(at time.Duration) (time.Duration, int) {
			if !open.Load() {
				return 2*time.Second - at, 200
			}
			return ms(1), 200
		}}
		r := begin(t, f, Options{Profile: testProfile(t, 50, "rate 1000", "hold 1h")})
		time.Sleep(2*time.Second - time.Nanosecond)
		open.Store(true)
		do(t, r, "rate 100")
		time.Sleep(2 * time.Second)
		s := finish(t, r)
		law(t, s)
		old, now := s.View.Segments[0], s.View.Segments[1]
		if n := old.Stats.Superseded; n < 1945 || n > 1955 {
			t.Errorf("superseded in the old segment: %d, want 1950", n)
		}
		if n := now.Stats.Superseded; n != 0 {
			t.Errorf("superseded in the new segment: %d", n)
		}
		if n := between(f.log(), 2*time.Second, 2100*time.Millisecond); n < 9 || n > 11 {
			t.Errorf("%d arrivals in the 100 ms after the change, want 10", n)
		}
		if n := old.Stats.Counts.OK; n != 50 {
			t.Errorf("%d requests in flight at the change ended in the old segment, want 50", n)
		}
	})
}

func TestConcurrencyDown(t *testing.T) {
	for _, c := range []struct{ cut, phase bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		synctest.Test(t, func(t *testing.T) {
			cut := c.cut
			// A hair under 500 ms, so that no request ends at the very moment of the cut.
			f := &fakeTransport{service: constant(500*time.Millisecond - time.Microsecond)}
			text, within := "concurrency 50", 600*time.Millisecond
			if cut {
				text, within = "concurrency 50 cut", 100*time.Millisecond
			}
			phases := []string{"rate 1000", "hold 1h"}
			if c.phase {
				phases = []string{"rate 1000", "hold 3s", text, "hold 1h"}
				within += 100 * time.Millisecond // for the next snapshot, which an order does not wait for
			}
			r := begin(t, f, Options{Profile: testProfile(t, 200, phases...)})
			time.Sleep(3 * time.Second)
			if !c.phase {
				do(t, r, text)
			}
			time.Sleep(within)
			s := r.Snapshot()
			law(t, s)
			if s.InFlight > 50 || s.Slots > 50 {
				t.Errorf("%s: %d in flight on %d slots after %v", text, s.InFlight, s.Slots, within)
			}
			if want := int64(150); cut && s.View.Run.Cut != want || !cut && s.View.Run.Cut != 0 {
				t.Errorf("%s: %d cut", text, s.View.Run.Cut)
			}
			if n := f.gone(); n != 150 {
				t.Errorf("%s: %d connections closed, want 150", text, n)
			}
			s = finish(t, r)
			law(t, s)
			if s.View.Run.Error != 0 {
				t.Errorf("%s: %d errors", text, s.View.Run.Error)
			}
			if cut && s.View.Run.Response.Max > int64(10*time.Second) {
				t.Errorf("a cut request is in a latency histogram")
			}
		})
	}
}

// A server of 100/s asked for 200/s.
func TestSlowServer(t *testing.T) {
	for _, late := range []string{"queue", "shed"} {
		synctest.Test(t, func(t *testing.T) {
			// A hair under 100 ms, so that a slot is not freed at the very moment of an arrival.
			f := &fakeTransport{service: constant(100*time.Millisecond - time.Microsecond)}
			p := testProfile(t, 10, "rate 200", "hold 1h")
			p.MaxLate, p.Late = 4*time.Second, late
			r := begin(t, f, Options{Profile: p})
			time.Sleep(7 * time.Second)
			s := r.Snapshot()
			if late == "queue" && s.View.Segments[0].Verdict != measure.Diverging {
				t.Errorf("at 7 s: %s, want DIVERGING", s.View.Segments[0].Verdict)
			}
			time.Sleep(23 * time.Second)
			s = r.Snapshot()
			law(t, s)
			if s.Verdict.Text != "OVERLOADED" {
				t.Errorf("%s: verdict %q", late, s.Verdict.Text)
			}
			sent := between(f.log(), 20*time.Second, 30*time.Second)
			if sent < 990 || sent > 1010 {
				t.Errorf("%s: %d sent in 10 s, want 1000", late, sent)
			}
			c := s.View.Last10.Counts
			switch late {
			case "queue":
				near(t, "service p50", s.View.Last10.Service.P[measure.P50], ms(100), ms(1))
				near(t, "age of the oldest", int64(s.Oldest), 4*time.Second, ms(120))
				if c.Expired < 980 || c.Expired > 1020 {
					t.Errorf("expired %d in 10 s, want 1000", c.Expired)
				}
			case "shed":
				if share := float64(c.Shed) / float64(c.Shed+c.OK); math.Abs(share-0.5) > 0.01 {
					t.Errorf("shed %.3f, want 0.5", share)
				}
				near(t, "response p50", s.View.Last10.Response.P[measure.P50], ms(100), ms(5))
			}
			finish(t, r)
		})
	}
}

// A recorder that loses or doubles one sample in a thousand has to be caught
// within two seconds.
func TestAuditSeesLostAndDoubledSamples(t *testing.T) {
	for name, copies := range map[string]int{"lost": 0, "doubled": 2} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: constant(ms(5))}
			n := 0
			sabotage := func(b []measure.Sample) []measure.Sample {
				var out []measure.Sample
				for i := range b {
					k := 1
					if n++; n%1000 == 0 {
						k = copies
					}
					for range k {
						out = append(out, b[i])
					}
				}
				return out
			}
			r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 1000", "hold 1h"), Hooks: Hooks{Samples: sabotage}})
			time.Sleep(900 * time.Millisecond)
			if s := r.Snapshot(); s.Audit != auditOK {
				t.Errorf("%s: red before anything was: %s", name, s.Audit)
			}
			time.Sleep(1200 * time.Millisecond)
			if s := r.Snapshot(); s.Audit == auditOK {
				t.Errorf("%s: the audit says ok", name)
			}
			finish(t, r)
		})
	}
}

// A key held down with one arrival pending: no burst, one gesture, few segments.
func TestHeldKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 1", "hold 1h")})
		time.Sleep(10*time.Second + 500*time.Millisecond)
		rate := 1.0
		for range 90 {
			rate *= 1.05
			if _, err := r.Apply(Order{Do: change(t, "rate "+formatRate(rate)), By: ByKey, Gesture: 7}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second / 30)
		}
		time.Sleep(3 * time.Second)
		s := r.Snapshot()
		law(t, s)
		if n := len(s.View.Segments); n > 3 {
			t.Errorf("%d segments, want at most 2 new ones", n)
		}
		// The integral of the dial over the three seconds bounds what may leave.
		want := 0.0
		for x, k := 1.0, 0; k < 90; k++ {
			x *= 1.05
			want += x / 30
		}
		from := 10*time.Second + 500*time.Millisecond
		if n := between(f.log(), from, from+3*time.Second); math.Abs(float64(n)-want) > 2 {
			t.Errorf("%d arrivals while the key was held, want %.0f", n, want)
		}
		do(t, r, "undo")
		if s := awaitRev(r); s.Dial.Rate != 1 || s.Holder != ByProfile || !s.Phases.Driving {
			t.Errorf("undo left rate %v, %s holding", s.Dial.Rate, s.Holder)
		}
		finish(t, r)
	})
}

// awaitRev waits for the snapshot that follows a change.
func awaitRev(r *Run) *Snapshot {
	time.Sleep(100 * time.Millisecond)
	return r.Snapshot()
}

func formatRate(v float64) string { return (&dials{course: course{rate: v}}).rateText() }

func TestCeilings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		p := testProfile(t, 8, "rate 10", "hold 1h")
		p.Limits = profiles.Limits{Rate: 50, Concurrency: 16}
		r := begin(t, f, Options{Profile: p, Ceiling: Ceiling{Rate: 40}})
		for _, text := range []string{"rate 41", "rate x10", "rate +1000%", "concurrency 17", "concurrency x9", "concurrency -8"} {
			a, err := r.Apply(Order{Do: change(t, text), By: ByLine})
			if err == nil {
				t.Errorf("%s was done: %+v", text, a)
			} else if !strings.Contains(err.Error(), "ceiling") && !strings.Contains(err.Error(), "at least 1") {
				t.Errorf("%s: the error does not name the ceiling: %v", text, err)
			}
		}
		a, err := r.Apply(Order{Do: change(t, "rate 400"), By: ByKey})
		if err != nil || !a.Clamped || awaitRev(r).Dial.Rate != 40 {
			t.Errorf("a key above the ceiling: %+v, %v, rate %v", a, err, awaitRev(r).Dial.Rate)
		}
		finish(t, r)
	})
}

func TestWhoHoldsTheDials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 100", "hold 10s", "rate 300 over 10s", "hold 10s")})
		time.Sleep(15 * time.Second) // halfway up the ramp
		if s := r.Snapshot(); math.Abs(s.Dial.Now-200) > 3 || !s.Phases.Driving || s.Phases.Index != 3 {
			t.Errorf("halfway up: %+v %+v", s.Dial, s.Phases)
		}
		do(t, r, "rate 50")
		time.Sleep(20 * time.Second)
		if s := r.Snapshot(); s.Dial.Now != 50 || s.Phases.Driving || s.Holder != ByLine || math.Abs(s.Phases.Wants.Now-200) > 3 {
			t.Errorf("after a touch: %+v, wants %+v, %s", s.Dial, s.Phases.Wants, s.Holder)
		}
		do(t, r, "phases on")
		time.Sleep(2500 * time.Millisecond)
		if s := r.Snapshot(); math.Abs(s.Dial.Now-250) > 4 || !s.Phases.Driving {
			t.Errorf("given back: %+v", s.Dial)
		}
		do(t, r, "pause")
		time.Sleep(30 * time.Second)
		do(t, r, "resume")
		time.Sleep(2700 * time.Millisecond)
		if s := r.Snapshot(); math.Abs(s.Dial.Now-300) > 1 || s.Phases.Index != 4 {
			t.Errorf("after pause and resume: %+v %+v", s.Dial, s.Phases)
		}
		time.Sleep(20 * time.Second)
		s := r.Snapshot()
		if s.State != Running || !s.Phases.Done || s.Dial.Now != 300 {
			t.Errorf("after the last phase: %s %+v %+v", s.State, s.Phases, s.Dial)
		}
		law(t, finish(t, r))
	})
}

func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(-1)}
		p := testProfile(t, 500, "rate 100", "hold 1h")
		p.Timeout = time.Second
		r := begin(t, f, Options{Profile: p})
		time.Sleep(5 * time.Second)
		s := r.Snapshot()
		law(t, s)
		if got := s.View.Run.ByFault; len(got) != 1 || got[0].Name != "wait:timeout" || got[0].Count < 385 || got[0].Count > 402 {
			t.Errorf("faults %+v", got)
		}
		if s.InFlight < 99 || s.InFlight > 103 {
			t.Errorf("%d in flight, want 100", s.InFlight)
		}
		law(t, finish(t, r))
	})
}

func TestStopNow(t *testing.T) {
	for _, dial := range []time.Duration{0, 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: constant(20 * time.Second), dial: dial}
			p := testProfile(t, 2000, "rate 200", "hold 1h")
			p.Timeout = time.Minute
			r := begin(t, f, Options{Profile: p})
			time.Sleep(4 * time.Second)
			at := time.Since(r.epoch)
			do(t, r, "stop now")
			<-r.Done()
			if took := time.Since(r.epoch) - at; took > 200*time.Millisecond {
				t.Errorf("dial %v: the end took %v", dial, took)
			}
			time.Sleep(10 * time.Second)
			if n := between(f.log(), at+1, time.Hour); n != 0 {
				t.Errorf("dial %v: %d requests left after the stop", dial, n)
			}
			s := r.Snapshot()
			law(t, s)
			c := s.View.Run.Counts
			if c.InFlight+c.Connecting+c.Backlog != 0 || c.Stopped == 0 || !s.CutShort {
				t.Errorf("dial %v: %+v, cut short %v", dial, c, s.CutShort)
			}
			if dial > 0 && c.Superseded < 590 {
				t.Errorf("%d superseded while connecting, want about 600", c.Superseded)
			}
		})
	}
}

// A pause while connections open: what had not left must not leave later.
func TestPauseWithSlowDials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1)), dial: 2 * time.Second}
		r := begin(t, f, Options{Profile: testProfile(t, 1000, "rate 200", "hold 1h")})
		time.Sleep(time.Second)
		do(t, r, "pause")
		time.Sleep(5 * time.Second)
		if n := len(f.log()); n != 0 {
			t.Errorf("%d requests left during the pause", n)
		}
		law(t, finish(t, r))
	})
}

// The gate itself is shut by a pause: on a real clock a connection may open
// before anybody closes it.
func TestPauseShutsTheGate(t *testing.T) {
	for _, paused := range []bool{false, true} {
		s := &slot{r: &Run{}}
		s.word.Store(sequence | connecting)
		if paused {
			s.r.halts.Add(1)
		}
		if left := s.Depart(1); left == paused || s.word.Load()&phaseMask == inflight == paused {
			t.Errorf("paused %v: left %v", paused, left)
		}
	}
}

// A stop waits for what is in flight as long as it was told, and no longer.
func TestStopWaitsForItsGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(-1)}
		r := begin(t, f, Options{Profile: testProfile(t, 1000, "rate 100", "hold 1h"), Grace: 2 * time.Second}) // the timeout is 10 s
		time.Sleep(time.Second)
		at := time.Since(r.epoch)
		do(t, r, "stop")
		<-r.Done()
		if took := time.Since(r.epoch) - at; took < 2*time.Second || took > 2*time.Second+ms(300) {
			t.Errorf("the end took %v", took)
		}
		s := r.Snapshot()
		law(t, s)
		if c := s.View.Run.Counts; c.Stopped != c.Sent || c.Error != 0 {
			t.Errorf("%+v", c)
		}
	})
}

func TestDurationEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(30))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 500", "hold 1h"), Duration: 20 * time.Second})
		<-r.Done()
		res := r.Result()
		if res.Counts.Intended != 10_000 || res.Seconds != 20 || res.Exit != ExitMet || res.Verdict != "met" {
			t.Errorf("%+v after %v s, exit %d", res.Counts, res.Seconds, res.Exit)
		}
		if res.Counts.OK < 9_999 {
			t.Errorf("%d ok", res.Counts.OK)
		}
		finish(t, r)
	})
}

// The dispatcher's own account of its slots agrees with the stamps of the
// requests, also through a stall, a cut and a change of model.
func TestLittlesLaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: stalling(ms(7), time.Second, 4*time.Second)}
		r := begin(t, f, Options{Profile: testProfile(t, 50, "rate 1000", "hold 1h")})
		time.Sleep(2500 * time.Millisecond)
		do(t, r, "concurrency 20 cut")
		time.Sleep(3 * time.Second)
		do(t, r, "rate max")
		time.Sleep(time.Second)
		do(t, r, "rate 100")
		time.Sleep(3 * time.Second)
		finish(t, r)
		if h := r.disp.held; h.n != 0 || h.since != 0 {
			t.Errorf("slots never came back: %+v", h)
		}
		facts := r.rec.m.LastSecond()
		if d := facts.LittleMeasured - facts.LittleExpected; facts.LittleMeasured < 0.5 || math.Abs(d) > 0.01*facts.LittleExpected {
			t.Errorf("in flight by the dispatcher %.3f, by the stamps %.3f", facts.LittleMeasured, facts.LittleExpected)
		}
	})
}
