package panel

import (
	"math"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// LadderHeight is the rows of the box with the whole ladder.
const LadderHeight = 12

// Ladder draws every percentile since the change: response time with what it is
// sure within, service time, time to the first byte, the ladder of all that was
// asked, and an earlier setting.
func Ladder(r canvas.Region, s *engine.Snapshot) {
	sub := subjectOf(s)
	title := sub.title()
	if !sub.past {
		title += " (" + units.Span(sub.long) + ")"
	}
	words := title
	if more := latencyTitle(s, sub, r.W-15-canvas.Width(title)); more[0] != "" && canvas.Width(title+more[0])+15 <= r.W {
		words += ", " + more[0]
	}
	in := r.Box("LATENCY", words)
	against := againstOf(s, sub)
	// The columns stay when there is nothing to compare with yet.
	head, change := "", ""
	if against != nil {
		head = canvas.Fit(10, "setting "+units.Count(int64(against.ID)), "before")
		if !sub.past {
			change = "change"
		}
	}
	const (
		name = iota
		meaning
		response
		sure
		about
		service
		first
		asked
		before
		moved
	)
	cols := []column{
		{head: "", w: 6, left: true},
		{head: "", w: 16, left: true, rank: 9},
		{head: "response", w: 9},
		{head: "95 % sure within", w: 17, rank: 8},
		{head: "sure to", rank: 3},
		{head: "service", w: 9, rank: 1},
		{head: "first byte", w: 10, rank: 2},
		{head: "all asked", w: 9, rank: 7},
		{head: head, w: 10, rank: 5},
		{head: change, w: 7, rank: 6},
	}
	t := newTable(in.W, cols...)
	if !t.has(sure) { // the short form, then
		cols[sure].w, cols[about].w = 0, 8
		t = newTable(in.W, cols...)
	}
	g := sub.segment
	t.heads(in, 0)
	var stats measure.Stats
	var within measure.Sure
	if g != nil {
		stats, within = g.Stats, g.Sure
	}
	growing := s.State == engine.Running && !sub.past
	diverging := g != nil && g.Verdict == measure.Diverging
	for i, row := range append(rungs[:len(rungs):len(rungs)], rung{-2, "mean", "the average"}) {
		y := i + 1
		main := theme.Text
		if row.p == measure.P99 {
			main = theme.Strong
		}
		t.put(in, name, y, theme.Strong, row.name)
		t.put(in, meaning, y, theme.Dim, row.words)
		c := meanOr(&sub.response, row.p, s.View.Last10.Rates.OK, growing, main)
		if diverging && row.p > measure.P50 {
			c = cell{"grows", theme.Warn}
		}
		t.cell(in, response, y, c, dagger(&sub.counts, row.p))
		if row.p >= 0 && !diverging {
			long, short := sureWords(&sub.response, &within, row.p)
			t.put(in, sure, y, theme.Dim, long)
			t.put(in, about, y, theme.Dim, short)
		}
		t.cell(in, service, y, meanOr(&stats.Service, row.p, 0, false, theme.Text), false)
		t.cell(in, first, y, meanOr(&stats.TTFB, row.p, 0, false, theme.Text), false)
		if row.p >= 0 { // what never came has no mean and no maximum
			t.cell(in, asked, y, meanOr(&stats.Intended, row.p, 0, false, theme.Text), false)
		}
		if against != nil {
			t.cell(in, before, y, meanOr(&against.Stats.Response, row.p, 0, false, theme.Dim), dagger(&against.Stats.Counts, row.p))
			if row.p >= 0 && !sub.past {
				text, role := changeWords(changeOf(s, row.p), mayBeJudged(s, against, sub.segment))
				t.put(in, moved, y, role, text)
			}
		}
	}
	notes(r, s, sub)
}

// meanOr is a rung of a ladder, or its mean for -2.
func meanOr(l *measure.Ladder, p int, okRate float64, growing bool, role theme.Role) cell {
	if p > -2 {
		return cellOf(l, p, okRate, growing, role)
	}
	if l.Count == 0 {
		return cell{"–", theme.Dim}
	}
	return cell{units.Latency(int64(math.Round(l.Mean))), role}
}

// sureWords is the 95 % interval of a percentile: "30.8 – 31.2 ms", and as the
// larger distance from it: "±0.6 %". With "≈" in front it is wider in truth:
// slow answers come in bursts. What is still open counts in the percentile and
// not in the interval, which is stretched to hold it.
func sureWords(l *measure.Ladder, within *measure.Sure, p int) (long, short string) {
	i := within.P[p]
	if l.Count == 0 || !l.Enough[p] || l.Open[p] || l.Fail[p] || l.P[p] <= 0 || i.High <= 0 {
		return "", ""
	}
	low, high := min(i.Low, l.P[p]), max(i.High, l.P[p])
	mark := ""
	if within.Clustered[p] {
		mark = "≈"
	}
	v := float64(l.P[p])
	off := max(float64(high)-v, v-float64(low)) / v * 100
	if off < 100 {
		short = mark + "±" + units.Three(off) + " %"
	}
	return mark + units.Between(low, high), short
}

// StagesHeight is the rows of the box of stages.
const StagesHeight = 10

// stage is a part of a response time and what it means.
type stage struct {
	letter, name, words string
	ladder              *measure.Ladder
	part                bool // of the sum
}

func stagesOf(t *measure.Stats) []stage {
	return []stage{
		{"P", "held here", "let go late by this machine", &t.PacerLag, true},
		{"Q", "slot wait", "for the concurrency to allow", &t.SlotWait, true},
		{"C", "connect", "name, TCP and TLS, if new", &t.Connect, true},
		{"X", "send lag", "begun late by this machine", &t.DispatchLag, true},
		{"S", "service", "THE TARGET, to the last byte", &t.Service, true},
		{"", "first byte", "of it, to the first byte", &t.TTFB, false},
		{"R", "response", "all, from when it was due", &t.Response, false},
	}
}

// Stages draws where the time of a request goes: R = P + Q + C + X + S.
func Stages(r canvas.Region, s *engine.Snapshot) {
	sub := subjectOf(s)
	in := r.Box("WHERE THE TIME GOES", "response = held here + slot wait + connect + send lag + service")
	var stats measure.Stats
	if sub.segment != nil {
		stats = sub.segment.Stats
	}
	t := newTable(in.W,
		column{head: "", w: 1, left: true, rank: 6},
		column{head: "part", w: 10, left: true},
		column{head: "p50", w: 9},
		column{head: "p99", w: 9},
		column{head: "mean", w: 9, rank: 4},
		column{head: "of mean", w: 7, rank: 1},
		column{head: "", w: 20, left: true, rank: 5},
		column{head: "what it is", w: 28, left: true, rank: 3},
	)
	t.heads(in, 0)
	stages := stagesOf(&stats)
	total := 0.0
	for _, p := range stages {
		if p.part && p.ladder.Count > 0 {
			total += p.ladder.Mean
		}
	}
	for i, p := range stages {
		y := i + 1
		role := theme.Text
		if !p.part {
			role = theme.Dim
		}
		t.put(in, 0, y, theme.Key, p.letter)
		t.put(in, 1, y, role, p.name)
		t.cell(in, 2, y, meanOr(p.ladder, measure.P50, 0, false, role), false)
		t.cell(in, 3, y, meanOr(p.ladder, measure.P99, 0, false, role), false)
		t.cell(in, 4, y, meanOr(p.ladder, -2, 0, false, role), false)
		if p.part && total > 0 && p.ladder.Count > 0 {
			share := p.ladder.Mean / total
			t.put(in, 5, y, theme.Text, wholePercent(share))
			if t.has(6) {
				Bar(in, t.x[6], y, t.w[6], share, 1)
			}
		}
		t.put(in, 7, y, theme.Dim, p.words)
	}
	r.Foot(theme.Dim, canvas.Fit(r.W-4, "held here to send lag: of all that was sent; service and response: of what succeeded", "service and response: of what succeeded"))
}

// wholePercent writes a share from 0 to 1: "97 %", "<1 %".
func wholePercent(f float64) string {
	switch p := math.Round(f * 100); {
	case p == 0 && f > 0:
		return "<1 %"
	default:
		return units.Count(int64(p)) + " %"
	}
}
