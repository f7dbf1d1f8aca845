package panel

import (
	"math"
	"strings"
	"testing"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/theme"
)

func TestWhatWasDone(t *testing.T) {
	for _, c := range []struct {
		e    engine.Event
		want string
	}{
		{engine.Event{Do: "rate 1200", From: "rate 1000", To: "rate 1200"}, "rate 1,000 > 1,200/s"},
		{engine.Event{Do: "rate 2000 over 30s", From: "rate 1000", To: "rate 2000"}, "rate 1,000 > 2,000/s over 30s"},
		{engine.Event{Do: "rate max", From: "rate 1000", To: "rate max"}, "rate 1,000 > max"},
		{engine.Event{Do: "concurrency 1024", From: "concurrency 512", To: "concurrency 1024"}, "concurrency 512 > 1,024"},
		{engine.Event{Do: "rate 2k", From: "rate 220", To: "rate 2k"}, "rate 220 > 2,000/s"},
		{engine.Event{Do: "rate 1.5k over 30s", From: "rate 1k", To: "rate 1.5k"}, "rate 1,000 > 1,500/s over 30s"},
		{engine.Event{Do: "rate 1.2k", From: "rate 1.2k", To: "rate 1.2k"}, "rate 1,200/s"},
		{engine.Event{Do: "pause", From: "rate 1200", To: "pause"}, "pause at 1,200/s"},
		{engine.Event{Do: "pause", From: "rate 1.2k", To: "rate 0"}, "pause at 1,200/s"},
		{engine.Event{Do: "stop", From: "rate 2000", To: "rate 0"}, "stop at 2,000/s"},
		{engine.Event{Do: "stop now", From: "rate 0", To: "rate 0"}, "stop now"},
		{engine.Event{Do: "stop", From: "rate max", To: "rate 0"}, "stop at max"},
		{engine.Event{Do: "resume", From: "rate 0", To: "rate 1.2k"}, "resume: rate 0 > 1,200/s"},
		{engine.Event{Do: "undo", From: "rate 2k, concurrency 64", To: "rate 1k, concurrency 64"}, "undo: rate 2,000 > 1,000/s"},
		{engine.Event{Do: "phases on", From: "rate 2k, concurrency 64", To: "rate 1k, concurrency 128"}, "phases on: rate 2,000 > 1,000/s, concurrency 64 > 128"},
		{engine.Event{Do: "phases off", From: "rate 2k, concurrency 64", To: "rate 2k, concurrency 64"}, "phases off"},
		{engine.Event{Do: "rate 9k: above the ceiling", From: "rate 1k", To: "rate 1k"}, "rate 9k: above the ceiling"},
		{engine.Event{Do: "rate 1200"}, "rate 1,200"},
		{engine.Event{Do: "deploy v2", Mark: true}, "mark deploy v2"},
	} {
		if got := what(c.e); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.e, got, c.want)
		}
	}
}

func lognormal(n int64, p50, sigma float64) measure.Ladder {
	l := measure.Ladder{Count: n}
	q := func(p float64) int64 { return int64(p50 * math.Exp(sigma*math.Sqrt2*math.Erfinv(2*p-1))) }
	for i, p := range measure.Percentiles {
		l.P[i] = q(p / 100)
		l.Enough[i] = float64(n)*(100-p)/100 >= 10
	}
	l.Min, l.Max = q(1/float64(n+1)), q(float64(n)/float64(n+1))
	return l
}

// What is sure is said of a percentile that has a value, in both forms, and
// marked where slow answers come in bursts.
func TestSureWords(t *testing.T) {
	l := lognormal(10_000, 20e6, 0.8)
	l.P[measure.P99] = 130e6
	var within measure.Sure
	within.P[measure.P99] = measure.Interval{Low: 124e6, High: 139e6}
	for name, c := range map[string]struct {
		set         func(l *measure.Ladder, s *measure.Sure)
		long, short string
	}{
		"known":            {func(*measure.Ladder, *measure.Sure) {}, "124 – 139 ms", "±6.92 %"},
		"in bursts":        {func(_ *measure.Ladder, s *measure.Sure) { s.Clustered[measure.P99] = true }, "≈124 – 139 ms", "≈±6.92 %"},
		"stretched":        {func(l *measure.Ladder, _ *measure.Sure) { l.P[measure.P99] = 141e6 }, "124 – 141 ms", "±12.1 %"},
		"still open":       {func(l *measure.Ladder, _ *measure.Sure) { l.Open[measure.P99] = true }, "", ""},
		"of an old reader": {func(_ *measure.Ladder, s *measure.Sure) { *s = measure.Sure{} }, "", ""},
	} {
		l, within := l, within
		c.set(&l, &within)
		if long, short := sureWords(&l, &within, measure.P99); long != c.long || short != c.short {
			t.Errorf("%s: %q and %q, want %q and %q", name, long, short, c.long, c.short)
		}
	}
}

// A change that can no longer be judged does not promise that it will be.
func TestChangesThatMayBeJudged(t *testing.T) {
	hold := func(v measure.Verdict, open bool) *measure.Segment {
		return &measure.Segment{Kind: measure.Hold, Verdict: v, Open: open}
	}
	for _, c := range []struct {
		name string
		a, b *measure.Segment
		want bool
	}{
		{"settling", hold(measure.Steady, false), hold(measure.Settling, true), true},
		{"too short", hold(measure.Steady, false), hold(measure.Steady, true), true},
		{"the earlier one never was steady", hold(measure.Settling, false), hold(measure.Steady, true), false},
		{"a wave", hold(measure.Steady, false), &measure.Segment{Kind: measure.Wave, Open: true}, false},
		{"invalid", hold(measure.Steady, false), &measure.Segment{Kind: measure.Hold, Verdict: measure.Steady, Open: true, Invalid: true}, false},
		{"both over", hold(measure.Steady, false), hold(measure.Steady, false), false},
	} {
		if got := mayBeJudged(&engine.Snapshot{State: engine.Running}, c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if mayBeJudged(&engine.Snapshot{State: engine.Ended}, hold(measure.Steady, false), hold(measure.Settling, true)) {
		t.Error("after the end nothing becomes steady")
	}
	if text, _ := changeWords(measure.Change{Percent: 40, Valid: true}, false); text != "–" {
		t.Errorf("never: %q", text)
	}
}

// What nobody can tell is not told: a change has words only where the
// comparison has judged it.
func TestChangeWords(t *testing.T) {
	for _, c := range []struct {
		change measure.Change
		want   string
		bold   bool
	}{
		{measure.Change{}, "", false},
		{measure.Change{Percent: 40, Valid: true}, "not yet", false},
		{measure.Change{Percent: 40, Valid: true, Judged: true}, "same", false},
		{measure.Change{Percent: 43.7, Valid: true, Judged: true, Different: true}, "+44 %", true},
		{measure.Change{Percent: -32.2, Valid: true, Judged: true, Different: true}, "-32 %", true},
		{measure.Change{Percent: 1100, Valid: true, Judged: true, Different: true}, "×12", true},
	} {
		text, role := changeWords(c.change, true)
		if text != c.want || (role == theme.Strong) != c.bold {
			t.Errorf("%+v: %q in role %d, want %q", c.change, text, role, c.want)
		}
	}
}

func TestSummaryNamesThePercentileThatIsAllowed(t *testing.T) {
	l := lognormal(340, 12e6, 0)
	l.Max = l.P[0]
	value, later := Summary(&l, 10)
	if value != "p95 12.0 ms" || later != "(p99 in 66 s)" {
		t.Errorf("got %q %q", value, later)
	}
	l = lognormal(5000, 12e6, 0)
	if value, later = Summary(&l, 10); value != "p99 12.0 ms" || later != "" {
		t.Errorf("got %q %q", value, later)
	}
	l.Open[measure.P99] = true
	if value, _ = Summary(&l, 10); value != "p99 ≥ 12.0 ms" {
		t.Errorf("a bound is not said: %q", value)
	}
	l = measure.Ladder{}
	if value, later = Summary(&l, 10); value != "" || later != "" {
		t.Errorf("nothing measured: %q %q", value, later)
	}
	l = lognormal(340, 12e6, 0)
	if _, later = Summary(&l, 0); later != "" {
		t.Errorf("no samples come, yet %q", later)
	}
}

func TestSumNamesEveryPart(t *testing.T) {
	c := measure.Counts{Intended: 100, OK: 40, Status: 1, Limited: 2, Assert: 3, Error: 4, Expired: 5, Shed: 6, Superseded: 7, Generator: 8, Cut: 9, Stopped: 1, Backlog: 10, Connecting: 1, InFlight: 3}
	want := "100 asked = 50 done + 4 in flight + 10 waiting + 26 not sent + 10 cut"
	if got := strings.Join(Sum(&c), " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := strings.Join(Sum(&measure.Counts{Intended: 3, OK: 3}), " "); got != "3 asked = 3 done" {
		t.Errorf("got %q", got)
	}
}

func TestDagger(t *testing.T) {
	c := measure.Counts{Intended: 1100, OK: 980, Status: 20, InFlight: 100}
	if !dagger(&c, measure.P99) || dagger(&c, measure.P95) || dagger(&c, -1) || dagger(&measure.Counts{}, measure.P99) {
		t.Error("98 % succeeded: p99 needs a mark, p95 does not")
	}
}

func TestWaitedSaysWhoseDoing(t *testing.T) {
	s := &engine.Snapshot{}
	s.View.Last10.Response, s.View.Last10.Service = lognormal(5000, 200e6, 0), lognormal(5000, 100e6, 0)
	g := &measure.Segment{}
	g.Stats.SlotWait.Mean, g.Stats.PacerLag.Mean = 97, 3
	s.View.Segments = []*measure.Segment{g}
	if long, _ := waited(s); long != "100 ms of p99 waiting to be sent (3 % this machine)" {
		t.Errorf("got %q", long)
	}
	g.Stats.PacerLag.Mean = 0
	if long, _ := waited(s); long != "100 ms of p99 waiting to be sent (concurrency)" {
		t.Errorf("got %q", long)
	}
	s.View.Last10.Service = lognormal(5000, 190e6, 0)
	if long, _ := waited(s); long != "" {
		t.Errorf("less than a tenth is not worth a word: %q", long)
	}
	s.View.Last10.Service, s.Dial.Closed = lognormal(5000, 100e6, 0), true
	if long, _ := waited(s); long != "" {
		t.Errorf("there is no plan to wait for in the closed model: %q", long)
	}
}

func TestWorstFirst(t *testing.T) {
	e := func(name string, ok, failed, p99 int64) measure.Endpoint {
		x := measure.Endpoint{Name: name, Stats: measure.Stats{Counts: measure.Counts{Intended: ok + failed, OK: ok, Status: failed}}}
		x.Stats.Response.P[measure.P99] = p99
		return x
	}
	in := []measure.Endpoint{e("b", 100, 0, 5), e("a", 100, 0, 5), e("slow", 100, 0, 9), e("bad", 90, 10, 1)}
	if got := strings.Join(WorstFirst(in), " "); got != "bad slow a b" {
		t.Errorf("got %q", got)
	}
	if in[0].Name != "b" {
		t.Error("the snapshot was changed")
	}
}

func TestMarks(t *testing.T) {
	seg := func(id int, from int64, kind measure.Kind, rate, to float64, c int) *measure.Segment {
		return &measure.Segment{ID: id, Kind: kind, From: from * 1e9, To: (from + 7) * 1e9, Setting: measure.Setting{Model: "open", Rate: rate, RateTo: to, Concurrency: c}}
	}
	s := &engine.Snapshot{Events: []engine.Event{{At: 17 * time.Second, Do: "deploy", Mark: true}}}
	s.View.Segments = []*measure.Segment{
		seg(1, 0, measure.Hold, 100, 100, 64), seg(2, 10, measure.Ramp, 100, 500, 64), seg(3, 17, measure.Hold, 500, 500, 64),
		seg(4, 20, measure.Hold, 500, 500, 128), seg(5, 30, measure.Paused, 0, 0, 128), seg(6, 40, measure.Hold, 500, 500, 128),
	}
	var got []string
	for _, m := range marks(s) {
		got = append(got, m.Text)
	}
	if want := "500/s in 7 s, deploy, concurrency 128, pause, 500/s"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, ", "), want)
	}
}
