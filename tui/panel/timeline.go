package panel

import (
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/chart"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// TimelineHeight is the least rows of the box.
const TimelineHeight = 5

// Timeline draws latency and throughput over time. With less than 11 rows
// inside there is latency only; the width of a column is chosen so that at
// least the span is seen.
func Timeline(r canvas.Region, s *engine.Snapshot, look Look) {
	const left = 9 // for the labels of the axes
	right := 5
	bars := 0
	if r.H-2 >= 8 {
		bars = max(2, (r.H-2)/4+1)
	}
	if r.W >= wide || bars > 0 {
		right = 6
	}
	n := r.W - 2 - left - right
	step := chart.Step(max(n, 1), look.Span.seconds(s))
	title := "LATENCY OVER TIME"
	if bars > 0 {
		title = "LATENCY AND THROUGHPUT"
	}
	in := r.Box(title, look.words(step)...)
	if n < 8 || in.H < 3 {
		return
	}
	t := chart.Fold(s.View.History, n, step)
	t.Marks(in.Sub(left, 0, n+right-1, 1), marks(s))

	rows := in.H - 1 - bars
	if bars > 0 {
		rows--
	}
	axis := t.Range(rows, look.Linear)
	for _, k := range axis.Ticks() {
		in.Right(left-1, 1+k.Row, theme.Dim, k.Text)
	}
	t.Lines(in.Sub(left, 1, n, rows), axis)
	high, middle := t.EndRows(axis)
	if high >= 0 {
		label := " p99"
		if t.Columns[n-1].Bound {
			label = "≥p99"
		}
		in.Text(left+n, 1+high, theme.High, label)
	}
	if middle >= 0 {
		in.Text(left+n, 1+middle, theme.Middle, " p50")
	}
	if axis.Empty() {
		in.Text(left, 1+rows/2, theme.Dim, "no answer yet")
	}
	if bars == 0 {
		t.Invalid(r.Sub(left+1, 0, n, r.H), r.H-1)
		return
	}
	scale := chart.NewScale(t.Top(), bars)
	if t.Top() > 0 {
		for _, k := range scale.Ticks() {
			in.Right(left-1, 1+rows+k.Row, theme.Dim, k.Text)
		}
	}
	t.Bars(in.Sub(left, 1+rows, n, bars), scale)
	in.Text(left+n, rows+bars, theme.Done, " done")
	under := in.Sub(left, 0, n, in.H)
	t.Invalid(under, in.H-1)
	t.Times(under, in.H-1)
}

// marks are what was changed and marked, in order of time.
func marks(s *engine.Snapshot) []chart.Mark {
	var ms []chart.Mark
	var before *measure.Segment
	for _, g := range s.View.Segments {
		if text := markText(before, g); text != "" && g.ID > 1 {
			ms = append(ms, chart.Mark{Second: g.From / int64(time.Second), Text: text})
		}
		before = g
	}
	for _, e := range s.Events {
		if !e.Mark {
			continue
		}
		m := chart.Mark{Second: int64(e.At / time.Second), Text: canvas.Shorten(e.Do, 20)}
		i := len(ms)
		for i > 0 && ms[i-1].Second > m.Second {
			i--
		}
		ms = append(ms, chart.Mark{})
		copy(ms[i+1:], ms[i:])
		ms[i] = m
	}
	return ms
}

// markText is what a segment changed; nothing for the rest after a ramp.
func markText(before, g *measure.Segment) string {
	x := g.Setting
	switch {
	case g.Kind == measure.Transit:
		return ""
	case g.Kind == measure.Paused:
		return "pause"
	case g.Kind == measure.Wave, g.Kind == measure.Spike, g.Kind == measure.Replay:
		return string(g.Kind)
	case x.Rate != x.RateTo:
		return shortRate(x.RateTo, 9) + " in " + units.Countdown(time.Duration(g.To-g.From))
	case before == nil:
		return ""
	case x.Model == "closed" && before.Setting.Model != "closed":
		return "rate max"
	case before.Setting.Model == "closed" && x.Model != "closed", before.Kind == measure.Paused, x.Rate != before.Setting.RateTo:
		return shortRate(x.Rate, 9)
	case x.Concurrency != before.Setting.Concurrency:
		return "concurrency " + units.Count(int64(x.Concurrency))
	case x.Arrivals != before.Setting.Arrivals:
		return x.Arrivals
	case x.Late != before.Setting.Late:
		return x.Late
	}
	return canvas.Shorten(g.Label, 20) // a weight
}
