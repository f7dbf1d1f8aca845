package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/measure"
	"stoke/profiles"
)

// rates are the arrivals of each second of a log.
func rates(log []time.Duration, seconds int) []int {
	n := make([]int, seconds)
	for _, a := range log {
		if k := int(a / time.Second); k < seconds {
			n[k]++
		}
	}
	return n
}

// waved is how many requests a wave 100..500 every 10s asks for between two
// moments of it, in seconds.
func waved(from, to float64) float64 {
	integral := func(x float64) float64 { return 300*x - 200*10/(2*math.Pi)*math.Sin(2*math.Pi*x/10) }
	return integral(to) - integral(from)
}

func TestWave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "wave 100..500 every 10s for 25s", "hold 5s"), EndWithPhases: true})
		time.Sleep(12550 * time.Millisecond) // the newest snapshot is of 12.5 s
		s := r.Snapshot()
		if d := s.Dial; math.Abs(d.Now-300) > 13 || d.Shape.Kind != "wave" || d.Shape.Text != "wave 100..500 every 10s" ||
			d.Shape.Left < 12400*time.Millisecond || d.Shape.Left > 12610*time.Millisecond || d.RampLeft != 0 || s.Phases.Left != d.Shape.Left {
			t.Errorf("at 12.5 s: %+v, phase left %v", d, s.Phases.Left)
		}
		<-r.Done()
		for k, n := range rates(f.log(), 25) {
			if want := waved(float64(k), float64(k+1)); math.Abs(float64(n)-want) > 1.5 {
				t.Errorf("second %d: %d requests, want %.1f", k, n, want)
			}
		}
		// It ends at its crest, and the rate stays there.
		if n := between(f.log(), 25*time.Second, 30*time.Second); n < 2499 || n > 2501 {
			t.Errorf("%d requests in the 5 s after it, want 2500", n)
		}
		s = r.Snapshot()
		law(t, s)
		seg := s.View.Segments
		if len(seg) != 2 || seg[0].Kind != measure.Wave || seg[0].Setting.Rate != 100 || seg[0].Setting.RateTo != 500 ||
			seg[0].Label != "wave 100..500 every 10s" || seg[0].Verdict == measure.Steady || seg[1].Kind != measure.Hold || seg[1].Setting.Rate != 500 {
			t.Errorf("segments %+v, %+v", seg[0], seg[len(seg)-1])
		}
	})
}

// A wave that is handed back, paused, interrupted by a spike or whose undo is
// asked for goes on in its phase, not at its beginning.
func TestWaveGoesOn(t *testing.T) {
	for name, c := range map[string]struct{ leave, back string }{
		"handed back": {"rate 50", "phases on"}, "paused": {"pause", "resume"}, "undone": {"rate 50", "undo"},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: constant(ms(1))}
			r := begin(t, f, Options{Profile: testProfile(t, 64, "mark", "wave 100..500 every 10s", "hold 1h")})
			time.Sleep(13 * time.Second)
			do(t, r, c.leave)
			time.Sleep(4 * time.Second)
			if w := r.Snapshot().Phases.Wants; name == "handed back" && math.Abs(w.Now-361.8) > 1 {
				t.Errorf("the phases want %v, want 361.8", w.Now)
			}
			do(t, r, c.back)
			time.Sleep(3 * time.Second)
			want := waved(3, 6)
			if n := between(f.log(), 17*time.Second, 20*time.Second); math.Abs(float64(n)-want) > 2 {
				t.Errorf("%s: %d requests in the 3 s after it, want %.0f", name, n, want)
			}
			law(t, finish(t, r))
		})
	}
}

func TestSpike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 100", "hold 1h")})
		time.Sleep(3 * time.Second)
		do(t, r, "spike x5 for 2s")
		time.Sleep(time.Second)
		s := r.Snapshot()
		if d := s.Dial; d.Now != 500 || d.Rate != 500 || d.Shape.Kind != "spike" || d.Shape.Text != "spike 500 for 2s" || d.Shape.Left < 900*time.Millisecond || d.Shape.Left > 1100*time.Millisecond {
			t.Errorf("in the spike: %+v", d)
		}
		time.Sleep(5 * time.Second)
		if got, want := rates(f.log(), 9), []int{100, 100, 100, 500, 500, 100, 100, 100, 100}; !close1(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		s = r.Snapshot()
		seg := s.View.Segments
		if len(seg) != 3 || seg[1].Kind != measure.Spike || seg[1].Label != "spike 500 for 2s" || seg[1].Verdict == measure.Steady || seg[2].Kind != measure.Hold || seg[2].Setting.Rate != 100 {
			t.Errorf("%d segments: %+v", len(seg), seg[1])
		}
		if e := s.Events[len(s.Events)-1]; e.From != "spike 500 for 2s" || e.To != "rate 100" || e.By != ByLine {
			t.Errorf("its end is the event %+v", e)
		}
		if s.UndoText != "spike 500 for 2s back to rate 100" {
			t.Errorf("undo says %q", s.UndoText)
		}
		finish(t, r)
	})
}

// close1 reports whether counts differ by at most one.
func close1(a, b []int) bool {
	return len(a) == len(b) && !slices.ContainsFunc(slices.Collect(func(yield func(int) bool) {
		for i := range a {
			if !yield(a[i] - b[i]) {
				return
			}
		}
	}), func(d int) bool { return d < -1 || d > 1 })
}

// A spike above a wave and above rate max goes back to them; the wave goes on
// where it was left. A spike in a spike goes back behind both.
func TestSpikeGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(10))}
		r := begin(t, f, Options{Profile: testProfile(t, 5, "rate max", "hold 1h")})
		time.Sleep(2 * time.Second)
		do(t, r, "spike 50 for 2s")
		time.Sleep(time.Second)
		do(t, r, "spike 60 for 2s")
		time.Sleep(500 * time.Millisecond)
		do(t, r, "concurrency 6")
		time.Sleep(2500 * time.Millisecond)
		if s := r.Snapshot(); s.Model != "closed" || s.InFlight != 6 {
			t.Errorf("after it: %s with %d in flight", s.Model, s.InFlight)
		}
		if n := between(f.log(), 2100*time.Millisecond, 3*time.Second); n < 44 || n > 46 {
			t.Errorf("%d in 0.9 s of the first spike, want 45", n)
		}
		if n := between(f.log(), 3*time.Second, 5*time.Second); n < 119 || n > 121 {
			t.Errorf("%d in the second spike, want 120", n)
		}
		do(t, r, "wave 100..500 every 10s")
		time.Sleep(5 * time.Second)
		do(t, r, "spike 10 for 4s")
		time.Sleep(4 * time.Second)
		at := time.Since(r.epoch)
		time.Sleep(2 * time.Second)
		if n, want := between(f.log(), at, at+2*time.Second), waved(5, 7); math.Abs(float64(n)-want) > 2 {
			t.Errorf("%d requests of the wave after the spike, want %.0f", n, want)
		}
		law(t, finish(t, r))
	})
}

func TestStaircase(t *testing.T) {
	for _, live := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: constant(ms(1))}
			order, after := "step 100 by 150 every 2s to 500", "hold 1h"
			p := testProfile(t, 64, order, after)
			if live {
				p = testProfile(t, 64, "rate 1", after)
			}
			r := begin(t, f, Options{Profile: p})
			if live {
				do(t, r, order)
			}
			time.Sleep(10 * time.Second)
			want := []int{100, 100, 250, 250, 400, 400, 500, 500, 500, 500}
			if got := rates(f.log(), 10); !close1(got, want) {
				t.Errorf("live %v: %v, want %v", live, got, want)
			}
			s := r.Snapshot()
			var steps []string
			for _, seg := range s.View.Segments[len(s.View.Segments)-4:] {
				steps = append(steps, fmt.Sprint(seg.Kind, seg.Setting.Rate, seg.Setting.RateTo))
			}
			if got := strings.Join(steps, " "); got != "hold100 100 hold250 250 hold400 400 hold500 500" {
				t.Errorf("live %v: segments %s", live, got)
			}
			if s.Dial.Shape != (Shape{}) || s.Dial.Rate != 500 {
				t.Errorf("live %v: it ends as %+v", live, s.Dial)
			}
			if !live && s.Phases.Index != 2 {
				t.Errorf("phase %d, want 2: the last step lasts as long as the others", s.Phases.Index)
			}
			if live {
				do(t, r, "undo")
				if s := awaitRev(r); s.Dial.Rate != 1 {
					t.Errorf("undo leads to %v", s.Dial.Rate)
				}
			}
			law(t, finish(t, r))
		})
	}
}

// Handed back in the middle of a staircase, the phases are on the same step,
// with as much of it to come.
func TestStaircaseHandedBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "step 100 by 100 every 4s to 300", "rate 50", "hold 1h")})
		time.Sleep(5 * time.Second)
		do(t, r, "rate 10")
		time.Sleep(10 * time.Second)
		do(t, r, "phases on")
		time.Sleep(10 * time.Second)
		want := []int{200, 200, 200, 300, 300, 300, 300, 50, 50, 50}
		if got := rates(f.log(), 25)[15:]; !close1(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		law(t, finish(t, r))
	})
}

func TestReplayedFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		p := testProfile(t, 64, "rate 10", "hold 1s", "rate file a.csv x2 speed x2", "rate 5", "hold 1s")
		files := profiles.Files{Arrivals: map[string][]byte{"a.csv": []byte("time\n0.5\n0.5\n2.25\n4\n")}}
		r := begin(t, f, Options{Profile: p, Files: files, EndWithPhases: true})
		time.Sleep(1700 * time.Millisecond)
		if s := r.Snapshot(); s.Dial.Shape.Kind != "replay" || s.Phases.Left > 1410*time.Millisecond || s.Phases.Left < 1200*time.Millisecond {
			t.Errorf("in the file: %+v, left %v", s.Dial, s.Phases.Left)
		}
		<-r.Done()
		want := []time.Duration{1250, 1250, 1250, 1250, 2125, 2125, 3000, 3000}
		var got []time.Duration
		for _, a := range f.log()[10:18] {
			got = append(got, a/time.Millisecond)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		// 5/s from 3.001 s on, for a second.
		if n := len(f.log()); n != 18+5 {
			t.Errorf("%d requests, want 23", n)
		}
		s := r.Snapshot()
		law(t, s)
		if seg := s.View.Segments[1]; seg.Kind != measure.Replay || seg.Label != "rate file a.csv x2 speed x2" {
			t.Errorf("%+v", seg)
		}
	})
}

func TestReplayAboveTheCeiling(t *testing.T) {
	p := testProfile(t, 64, "rate file a.csv x3")
	p.Limits.Rate = 5
	files := profiles.Files{Arrivals: map[string][]byte{"a.csv": []byte("0.9\n1.1\n3\n")}}
	_, err := New(t.Context(), Options{Profile: p, Files: files, Transport: &fakeTransport{}})
	if err == nil || !strings.Contains(err.Error(), "asks for 6 in one second, above the ceiling of 5/s") {
		t.Errorf("%v", err)
	}
	if _, err := New(t.Context(), Options{Profile: p, Transport: &fakeTransport{}}); err == nil {
		t.Error("a file that was not read is replayed")
	}
}

func TestShapesAboveTheCeiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		p := testProfile(t, 64, "rate 100", "hold 1h")
		p.Limits.Rate = 1000
		r := begin(t, f, Options{Profile: p})
		time.Sleep(time.Second)
		for _, text := range []string{"wave 100..1001 every 10s", "wave 2k..10 every 10s", "spike 1001 for 1s", "spike x11 for 1s", "step 100 by 100 every 1s to 1100", "step 2k by -100 every 1s to 100"} {
			if a, err := r.Apply(Order{Do: change(t, text), By: ByLine}); err == nil || !strings.Contains(err.Error(), "ceiling") {
				t.Errorf("%s: %+v, %v", text, a, err)
			}
		}
		if _, err := r.Apply(Order{Do: change(t, "rate file a.csv"), By: ByLine}); err == nil || !strings.Contains(err.Error(), "only in phases") {
			t.Errorf("a file on the line: %v", err)
		}
		if s := awaitRev(r); len(s.Events) != 1 || s.Dial.Rate != 100 {
			t.Errorf("%d events, rate %v", len(s.Events), s.Dial.Rate)
		}
		finish(t, r)
	})
}

// A ramp, a wave or a spike that is undone leaves a rate that a person would
// write.
func TestUndoOfARampIsRounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 10", "hold 1h")})
		time.Sleep(time.Second)
		do(t, r, "rate 1000 over 7s")
		time.Sleep(3333 * time.Millisecond)
		do(t, r, "rate 20")
		do(t, r, "undo")
		if s := awaitRev(r); s.Dial.Rate != 481 || s.Dial.RampLeft != 0 {
			t.Errorf("undo leads to %+v", s.Dial)
		}
		finish(t, r)
	})
}

// weights is a profile of three requests with shares of 70, 20 and 10 %.
func weights(t *testing.T, phases ...string) *profiles.Profile {
	p := testProfile(t, 64, phases...)
	p.Requests = []profiles.Request{
		{Name: "browse", Weight: 70, Method: "GET", Path: "/"},
		{Name: "check out", Weight: 20, Method: "GET", Path: "/"},
		{Name: "admin", Weight: 10, Method: "GET", Path: "/"},
	}
	return p
}

// drawn is the share of each endpoint in a segment, in percent.
func drawn(s *Snapshot, segment int) []float64 {
	g := s.View.Segments[segment]
	var out []float64
	for _, e := range g.Endpoints {
		out = append(out, 100*float64(e.Stats.Counts.Intended)/float64(g.Stats.Counts.Intended))
	}
	return out
}

func TestWeight(t *testing.T) {
	for _, rate := range []string{"rate 2k", "rate max"} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeTransport{service: constant(ms(20))}
			r := begin(t, f, Options{Profile: weights(t, rate, "hold 1h")})
			time.Sleep(10 * time.Second)
			do(t, r, `weight "check out" 60%`)
			time.Sleep(10 * time.Second)
			s := r.Snapshot()
			if !s.Phases.Driving || s.Holder != ByProfile {
				t.Errorf("%s: a weight took the dials", rate)
			}
			e := s.Events[len(s.Events)-1]
			if e.From != `weight "check out" 20%` || e.To != `weight "check out" 60%` || len(e.Shares) != 3 || math.Abs(e.Shares[0]-35) > 1e-9 || math.Abs(e.Shares[2]-5) > 1e-9 {
				t.Errorf("%s: event %+v", rate, e)
			}
			do(t, r, `weight "check out" 0%`)
			time.Sleep(5 * time.Second)
			do(t, r, "undo")
			do(t, r, "undo")
			time.Sleep(10 * time.Second)
			s = finish(t, r)
			law(t, s)
			n := len(s.View.Segments)
			for k, want := range map[int][]float64{0: {70, 20, 10}, 1: {35, 60, 5}, 2: {87.5, 0, 12.5}, n - 1: {70, 20, 10}} {
				got := drawn(s, k)
				for i := range want {
					if i >= len(got) || math.Abs(got[i]-want[i]) > 2 || want[i] == 0 && got[i] != 0 {
						t.Errorf("%s, segment %d: %.1f, want %v", rate, k, got, want)
						break
					}
				}
			}
			if g := s.View.Segments[1]; g.Label != `weight "check out" 60%` || g.Kind != measure.Hold {
				t.Errorf("%s: segment %q, %s", rate, g.Label, g.Kind)
			}
			if last := s.Events[len(s.Events)-2]; last.Shares != nil && math.Abs(last.Shares[0]-70) > 1e-9 {
				t.Errorf("after the undo: %+v", last)
			}
		})
	}
}

// A weight drops nothing that waits, and a change of a dial after it keeps it.
func TestWeightKeepsTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(500 * time.Millisecond)}
		r := begin(t, f, Options{Profile: weights(t, "rate 200", "hold 1h")})
		time.Sleep(3 * time.Second)
		do(t, r, "weight admin 50%")
		s := awaitRev(r)
		if s.Backlog < 100 || s.View.Run.Superseded != 0 {
			t.Errorf("%d wait, %d were dropped", s.Backlog, s.View.Run.Superseded)
		}
		do(t, r, "rate 100")
		do(t, r, "undo")
		if s := awaitRev(r); len(s.Events[len(s.Events)-1].Shares) != 3 {
			t.Error("the undo of a rate took the weights back")
		}
		for text, want := range map[string]string{"weight admni 5%": "did you mean admin?", "weight x 5%": `no request is called "x": there are browse, check out, admin`, "weight admin 100%": ""} {
			if _, err := r.Apply(Order{Do: change(t, text), By: ByLine}); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: %v", text, err)
			}
		}
		for _, text := range []string{"weight admin 0%", "weight admin 50%"} {
			if _, err := r.Apply(Order{Do: change(t, text), By: ByLine}); err == nil {
				t.Errorf("%s was done", text)
			}
		}
		finish(t, r)
	})
}

// The draws of the mix are the same for the same seed, also after the shares
// were changed and changed back.
func TestMixIsReproducible(t *testing.T) {
	p := weights(t)
	a, b := newMix(p.Requests, 7), newMix(p.Requests, 7)
	changed := newShares([]float64{0, 1, 0})
	for i := range 1000 {
		if i == 100 {
			b.shares.Store(changed)
		}
		if i == 200 {
			b.shares.Store(sharesOf(p.Requests))
		}
		x, y := a.next(), b.next()
		if in := i >= 100 && i < 200; in && y != 1 || !in && x != y {
			t.Fatalf("draw %d: %d and %d", i, x, y)
		}
	}
}

// What is ordered during a pause waits for its end.
func TestShapesInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 100", "hold 1h")})
		time.Sleep(2 * time.Second)
		do(t, r, "pause")
		time.Sleep(time.Second)
		if e := do(t, r, "spike 300 for 2s").Event; e.From != "rate 100" || e.To != "spike 300 for 2s" {
			t.Errorf("%+v", e)
		}
		time.Sleep(3 * time.Second)
		do(t, r, "resume")
		time.Sleep(4 * time.Second)
		want := []int{100, 100, 0, 0, 0, 0, 300, 300, 100, 100}
		if got := rates(f.log(), 10); !close1(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		law(t, finish(t, r))
	})
}
