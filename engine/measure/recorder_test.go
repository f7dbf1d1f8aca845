package measure

import (
	"strings"
	"testing"
)

const ms = int64(1e6)

func answer(seg int32, t0, took int64) Sample {
	return Sample{T0: t0, T1: t0, T2: t0, T3: t0, T4: t0, T5: t0, T6: t0 + took, T7: t0 + took, T8: t0 + took, Segment: seg, Status: 200, Flags: Departed}
}

// A server answers in 1 ms and stops for good at 10 s; 1,000 a second go on.
// The live percentiles must show the age of what is open.
func TestInFlightBound(t *testing.T) {
	r := New(Config{Endpoints: []string{"a"}})
	r.Open(Segment{ID: 1, Kind: Hold, Setting: Setting{Model: "open", Rate: 1000, RateTo: 1000}})
	sent, done := int64(0), int64(0)
	var v View
	at := map[int64]View{}
	for now := int64(0); now <= 12000*ms; now += 100 * ms {
		for ; sent*ms < now; sent++ {
		}
		for ; done < min(sent, 10000-1); done++ {
			r.Add([]Sample{answer(1, done*ms, ms)})
		}
		g := Gauge{Intended: sent, Sent: sent, InFlight: sent - done, Oldest: 1, OpenBySegment: map[int32]Counts{1: {InFlight: sent - done}}}
		for i := done; i < sent; i++ {
			g.Open = append(g.Open, Age{now - i*ms, 1})
		}
		r.Tick(now, g)
		v = r.View()
		if v.Audit != "" {
			t.Fatalf("at %d ms: %s", now/ms, v.Audit)
		}
		at[now/ms] = v
	}
	// So must the chart: the row of the second that was all stall is a bound.
	if row := at[12000].History.At(10); !row.Bound || row.P99 < 900*ms || row.Max < row.P99 {
		t.Errorf("the row of the stall: %+v", row)
	}
	for _, c := range []struct{ when, last1, last10 int64 }{{11000, 900, 850}, {12000, 1800, 1800}} {
		v := at[c.when]
		for name, w := range map[string]struct {
			w    Window
			want int64
		}{"last second": {v.Last1, c.last1}, "ten seconds": {v.Last10, c.last10}} {
			if l := w.w.Response; l.P[P99] < w.want*ms || !l.Open[P99] || !l.MaxOpen {
				t.Errorf("at %d ms, %s: p99 %d ms open %v max open %v, want at least %d", c.when, name, l.P[P99]/ms, l.Open[P99], l.MaxOpen, w.want)
			}
		}
	}
}

// Each total of the gauge is held against what was recorded: one request too
// many or too few is told by its name.
func TestAuditNamesWhatDisagrees(t *testing.T) {
	whole := Gauge{Intended: 5, Sent: 3, Unsent: 1, Backlog: 1, InFlight: 1, OpenBySegment: map[int32]Counts{1: {Backlog: 1, InFlight: 1}}}
	audit := func(spoil func(*Gauge)) string {
		r := New(Config{})
		r.Open(Segment{ID: 1, Kind: Hold, Setting: open1000})
		r.Add([]Sample{answer(1, 0, ms), answer(1, ms, ms)})
		r.Drop(Drop{Class: Expired, At: 2 * ms, Segment: 1, N: 1})
		g := whole
		g.OpenBySegment = map[int32]Counts{1: whole.OpenBySegment[1]}
		spoil(&g)
		r.Tick(3*ms, g)
		return r.View().Audit
	}
	if got := audit(func(*Gauge) {}); got != "" {
		t.Errorf("nothing is wrong: %s", got)
	}
	for word, spoil := range map[string]func(*Gauge){
		"intended 6": func(g *Gauge) { g.Intended++ },
		"intended 4": func(g *Gauge) { g.Intended-- },
		"unsent 2":   func(g *Gauge) { g.Unsent++ },
		"unsent 0":   func(g *Gauge) { g.Unsent-- },
		"sent 4":     func(g *Gauge) { g.Sent++ },
		"sent 2":     func(g *Gauge) { g.Sent-- },
		"open":       func(g *Gauge) { g.OpenBySegment = map[int32]Counts{1: {InFlight: 1}} },
	} {
		if got := audit(spoil); !strings.HasPrefix(got, word) {
			t.Errorf("%s: the audit says %q", word, got)
		}
	}
}
