package measure

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestMannKendall(t *testing.T) {
	for _, c := range []struct {
		name string
		v    []float64
		z    float64 // (S∓1)/√var by hand
	}{
		{"constant", []float64{3, 3, 3, 3}, 0},
		{"rising", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 44 / math.Sqrt(125)},
		{"falling", []float64{4, 3, 2, 1}, -5 / math.Sqrt(8.6666666666666667)},
		{"ties", []float64{1, 1, 2, 2}, 3 / math.Sqrt((4.*3*13-2*2*1*9)/18)},
		{"no trend", []float64{1, 3, 2, 1.5}, 0},
		{"none", nil, 0},
	} {
		if z := mannKendall(c.v); math.Abs(z-c.z) > 1e-9 {
			t.Errorf("%s: Z %g, want %g", c.name, z, c.z)
		}
	}
}

func TestTheilSen(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		want float64
	}{{nil, 0}, {[]float64{5}, 0}, {[]float64{1, 3, 5, 7}, 2}, {[]float64{0, 1, 2, 3, 400}, 1}, {[]float64{0, 90, 90, 90, 90, 90}, 0}} {
		if got := theilSen(c.v); got != c.want {
			t.Errorf("slope of %v is %g, want %g", c.v, got, c.want)
		}
	}
}

// dial is what a made-up target does in each second.
type dial func(second int64) (backlog int64, p50 int64, expired int64)

// drive runs a hold of so many seconds and returns its verdict after each.
func drive(t *testing.T, setting Setting, seconds int64, f dial) []Segment {
	s := newStage(t, setting)
	rng := rand.New(rand.NewPCG(1, 1))
	var out []Segment
	var backlog, expired int64
	for now := int64(0); now <= seconds*secondNanos+100*ms; now += 100 * ms {
		if now > 0 && now%secondNanos == 0 {
			n := now/secondNanos - 1
			var p50, lost int64
			backlog, p50, lost = f(n)
			for i := range int64(200) {
				took := int64(float64(p50) * math.Exp(0.05*rng.NormFloat64()))
				q := answer(1, n*secondNanos+i*5*ms-took, took) // ends in second n
				q.T0 = max(q.T0, 0)
				s.add(q)
			}
			s.Drop(Drop{Class: Expired, At: now - 1, Segment: 1, N: int64(lost)})
			expired += lost
		}
		v := s.tick(now, Gauge{Backlog: backlog, Intended: expired, Unsent: expired, Oldest: 1, OpenBySegment: map[int32]Counts{1: {Backlog: backlog}}})
		if v.Audit != "" {
			t.Fatal(v.Audit)
		}
		if now%secondNanos == 100*ms {
			out = append(out, *v.Segments[0])
		}
	}
	return out // [n] is after n seconds
}

func expect(t *testing.T, got []Segment, from, to int, want Verdict, detail string) {
	t.Helper()
	for n := from; n <= to; n++ {
		if got[n].Verdict != want || !strings.Contains(got[n].Detail, detail) {
			t.Errorf("after %d s: %s %q, want %s %q", n, got[n].Verdict, got[n].Detail, want, detail)
		}
	}
}

// 200/s against 100/s behind a cap, with a patience of 4 s: the backlog grows
// by 100/s until its head is 4 s old after 8 s; from then on requests expire.
func TestVerdictOfAnOverload(t *testing.T) {
	got := drive(t, Setting{Model: "open", Rate: 200, RateTo: 200}, 14, func(n int64) (int64, int64, int64) {
		if n >= 8 {
			return 800, 100 * ms, 100
		}
		return 100 * (n + 1), 100 * ms, 0
	})
	expect(t, got, 0, 4, Settling, "")
	expect(t, got, 5, 8, Diverging, "grow by 100/s")
	expect(t, got, 9, 14, Overloaded, "% not sent")
	if got[6].Slope != 100 || got[10].Slope != 0 {
		t.Errorf("slopes %g and %g", got[6].Slope, got[10].Slope)
	}
}

func TestVerdictSteady(t *testing.T) {
	got := drive(t, Setting{Model: "open", Rate: 200, RateTo: 200}, 40, func(n int64) (int64, int64, int64) {
		return []int64{20, 31, 12, 25}[n%4], 100 * ms, 0 // noise, no growth
	})
	expect(t, got, 0, 9, Settling, "")
	expect(t, got, 9, 9, Settling, "9 of 10 s")
	expect(t, got, 10, 40, Steady, "")
	expect(t, got, 40, 40, Steady, "for 40 s")
}

// OVERLOADED from one in a thousand that the target left no room for. What the
// operator took back or this machine slept through is not the target's doing.
func TestOverloadedFrom(t *testing.T) {
	for _, c := range []struct {
		counts Counts
		bad    bool
	}{
		{Counts{Intended: 10000, Expired: 9}, false},
		{Counts{Intended: 10000, Expired: 10}, true},
		{Counts{Intended: 10000, Shed: 10}, true},
		{Counts{Intended: 10000, Shed: 5, Expired: 5}, true},
		{Counts{Intended: 10000, Superseded: 5000}, false},
		{Counts{Intended: 10000, Generator: 5000}, false},
		{Counts{Intended: 10000, Cut: 5000, Stopped: 5000}, false},
		{Counts{}, false},
	} {
		if share, bad := overloaded(&c.counts); bad != c.bad {
			t.Errorf("%+v: overloaded is %v, share %g", c.counts, bad, share)
		}
	}
}

// A level that rises all the time, and by less than chance explains, is none
// that diverges, however low the rate.
func TestDivergingNeedsMoreThanChance(t *testing.T) {
	for _, c := range []struct {
		levels []float64
		bad    bool
	}{
		{[]float64{0, 1, 3, 5, 7, 9}, false},
		{[]float64{0, 2, 4, 6, 8, 10}, true},
		{[]float64{100, 108, 116, 124, 132, 139}, false}, // 10 and three times the root of 100
		{[]float64{100, 108, 116, 124, 132, 140}, true},
	} {
		if slope, bad := diverging(c.levels, 10); bad != c.bad {
			t.Errorf("%v: diverging is %v, slope %g", c.levels, bad, slope)
		}
	}
}

// A level that jumps with the change and stays is no divergence.
func TestVerdictAfterAStep(t *testing.T) {
	got := drive(t, Setting{Model: "open", Rate: 200, RateTo: 200}, 12, func(int64) (int64, int64, int64) { return 150, 100 * ms, 0 })
	expect(t, got, 5, 9, Settling, "")
	expect(t, got, 10, 12, Steady, "")
}

func TestVerdictDrifting(t *testing.T) {
	got := drive(t, Setting{Model: "open", Rate: 200, RateTo: 200}, 60, func(n int64) (int64, int64, int64) {
		return 10, 100*ms + min(n, 25)*2*ms, 0 // rises for 25 s, then stands
	})
	expect(t, got, 20, 30, Drifting, "rises")
	expect(t, got, 59, 60, Steady, "")
	settlingAgain := false
	for _, s := range got[30:] {
		settlingAgain = settlingAgain || s.Verdict == Settling
	}
	if !settlingAgain {
		t.Error("STEADY at once after a drift, want 10 calm seconds before")
	}
	if s := got[25]; !strings.HasPrefix(s.Detail, "p50") {
		t.Errorf("detail %q", s.Detail)
	}
}

// The closed model cannot diverge, and what is no hold has no verdict.
func TestVerdictOfOthers(t *testing.T) {
	grow := func(n int64) (int64, int64, int64) { return 100 * (n + 1), 100 * ms, 0 }
	expect(t, drive(t, Setting{Model: "closed"}, 12, grow), 10, 12, Steady, "")
	expect(t, drive(t, Setting{Model: "open"}, 7, grow), 0, 7, NoVerdict, "")
	s := New(Config{})
	s.Open(Segment{ID: 1, Kind: Ramp, Setting: open1000})
	for now := int64(0); now < 12*secondNanos; now += 100 * ms {
		s.Tick(now, Gauge{Backlog: now / ms})
	}
	if v := s.View().Segments[0].Verdict; v != NoVerdict {
		t.Errorf("a ramp is %s", v)
	}
}

// A segment settles only when everything older has ended, and calm seconds
// count from then on.
func TestVerdictWaitsForOlderRequests(t *testing.T) {
	s := newStage(t, open1000)
	s.tick(3000*ms, Gauge{})
	s.Open(Segment{ID: 2, Kind: Hold, Setting: open1000, From: 3000 * ms})
	for now := 3100 * ms; now <= 30000*ms; now += 100 * ms {
		g := Gauge{InFlight: 1, Oldest: 1, OpenBySegment: map[int32]Counts{1: {InFlight: 1}}}
		if now > 10*secondNanos {
			g = Gauge{}
		}
		if now == 10100*ms {
			s.add(answer(1, 2*secondNanos, 8*secondNanos))
		}
		v := s.tick(now, g)
		want := Settling
		if now >= 21100*ms {
			want = Steady
		}
		if two := v.Segments[1]; now < 20000*ms && two.Verdict != Settling || now > 21100*ms && two.Verdict != want {
			t.Fatalf("at %d ms: %s %s", now/ms, two.Verdict, two.Detail)
		}
	}
}

// Three INVALID seconds in a row, or more than 5 % of them and at least two.
func TestInvalidSegment(t *testing.T) {
	for _, c := range []struct {
		name    string
		invalid map[int64]bool
		want    bool
	}{
		{"one", map[int64]bool{3: true}, false},
		{"three in a row", map[int64]bool{3: true, 4: true, 5: true}, true},
		{"two of 30", map[int64]bool{3: true, 14: true}, true},
		{"two of 59", map[int64]bool{30: true, 58: true}, false},
	} {
		s := newStage(t, open1000)
		seconds := int64(30)
		if c.name == "two of 59" {
			seconds = 59
		}
		for n := int64(0); n < seconds; n++ {
			s.tick((n+1)*secondNanos+50*ms, Gauge{})
			s.Mark(n, false, c.invalid[n])
		}
		v := s.View()
		if v.Segments[0].Invalid != c.want {
			t.Errorf("%s: invalid is %v", c.name, !c.want)
		}
		if !v.History.At(3).Invalid && c.invalid[3] {
			t.Errorf("%s: row 3 is not marked", c.name)
		}
	}
}

// Growth under noise is found over ten seconds, noise alone is not.
func TestDivergingUnderNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	found, alarms := 0, 0
	for range 1000 {
		up, flat := []float64{200}, []float64{0}
		for i := range 10 {
			up = append(up, 200+60*float64(i+1)+30*rng.NormFloat64())
			flat = append(flat, 200+30*rng.NormFloat64())
		}
		if slope, bad := diverging(up, 1000); bad && slope > 30 && slope < 90 {
			found++
		}
		if _, bad := diverging(flat, 1000); bad {
			alarms++
		}
	}
	if found < 990 || alarms > 10 {
		t.Errorf("of 1000: %d found, %d false alarms", found, alarms)
	}
}

func TestWordsOfFigures(t *testing.T) {
	for share, want := range map[float64]string{0: "0.00 %", 0.0029: "0.29 %", 0.015: "1.50 %", 0.09994: "9.99 %", 0.09996: "10.0 %", 0.36: "36.0 %", 1: "100.0 %"} {
		if got := Percent(share); got != want {
			t.Errorf("share %v: %q, want %q", share, got, want)
		}
	}
	for v, want := range map[float64]string{1198: "1,200", 12.34: "12.3", 0.25: "0.25", 2e6: "2,000,000", 0: "0"} {
		if got := Three(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0 s", 119 * time.Second: "119 s", 2 * time.Minute: "2 min", 3 * time.Hour: "3 h"} {
		if got := Span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
