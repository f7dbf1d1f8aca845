package panel

import (
	"math"
	"strings"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// LatencyHeight is the rows of the box with its four usual percentiles; each
// row more shows one more.
const LatencyHeight = 8

// rung is a row of the table; p is an index into measure.Percentiles, -1 the
// maximum.
type rung struct {
	p           int
	name, words string
}

var (
	rungs = []rung{
		{measure.P50, "p50", "half within"}, {measure.P75, "p75", "75 of 100 within"}, {measure.P90, "p90", "90 of 100 within"},
		{measure.P95, "p95", "95 of 100 within"}, {measure.P99, "p99", "99 of 100 within"},
		{measure.P999, "p99.9", "999 of 1,000"}, {measure.P9999, "p99.99", "9,999 of 10,000"}, {-1, "max", "the slowest"},
	}
	// wanted is the order in which rows are given to rungs.
	wanted = []int{measure.P99, measure.P50, measure.P95, -1, measure.P90, measure.P999, measure.P75, measure.P9999}
)

// ladderRows are the rungs for n rows, in rising order. While there are too few
// samples for p95, its row shows the highest percentile that has enough.
func ladderRows(n int, s *engine.Snapshot, sub *subject) []rung {
	show := make(map[int]bool, len(wanted))
	for _, p := range wanted[:min(n, len(wanted))] {
		show[p] = true
	}
	enough := func(p int) bool { return s.View.Last10.Response.Enough[p] || sub.response.Enough[p] }
	if show[measure.P95] && !show[measure.P90] && !enough(measure.P95) {
		for _, p := range []int{measure.P90, measure.P75} {
			if enough(p) && !show[p] {
				delete(show, measure.P95)
				show[p] = true
				break
			}
		}
	}
	var rows []rung
	for _, g := range rungs {
		if show[g.p] {
			rows = append(rows, g)
		}
	}
	return rows
}

// Latency draws the table of response times: the last seconds, since the
// change, an earlier setting, and how much the two differ. From 46 columns;
// words and the change appear where there is room.
func Latency(r canvas.Region, s *engine.Snapshot) {
	sub := subjectOf(s)
	in := r.Box("LATENCY", latencyTitle(s, sub, r.W-12)...)
	cols := columns(in.W)
	g := sub.segment
	diverging := g != nil && g.Verdict == measure.Diverging
	against := againstOf(s, sub)
	latencyHead(in, s, sub, against, cols)
	for i, row := range ladderRows(in.H-2, s, &sub) {
		y := i + 2
		in.Text(cols.name, y, theme.Strong, row.name)
		if cols.words > 0 {
			in.Text(cols.words, y, theme.Dim, row.words)
		}
		main := theme.Text
		if row.p == measure.P99 {
			main = theme.Strong
		}
		c := cellOf(&s.View.Last10.Response, row.p, s.View.Last10.Rates.OK, filling(s), main)
		c.draw(in, cols.last, y, dagger(&s.View.Last10.Counts, row.p))
		if diverging && row.p > measure.P50 {
			c = cell{"grows", theme.Warn}
		} else {
			c = cellOf(&sub.response, row.p, s.View.Last10.Rates.OK, s.State == engine.Running, main)
		}
		c.draw(in, cols.since, y, dagger(&sub.counts, row.p))
		if against != nil {
			c = cellOf(&against.Stats.Response, row.p, 0, false, theme.Dim)
			c.draw(in, cols.against, y, dagger(&against.Stats.Counts, row.p))
			if cols.change > 0 && g != nil && !sub.past {
				text, role := changeWords(changeOf(s, row.p), mayBeJudged(s, against, g))
				in.Right(cols.change, y, role, text)
			}
		}
	}
	notes(r, s, sub)
}

// latencyTitle says of which requests the numbers are.
func latencyTitle(s *engine.Snapshot, sub subject, w int) []string {
	ok, of := success(&sub.counts)
	if closed := "CLOSED MODEL"; s.Dial.Closed {
		if of > 0 {
			closed += ", " + units.Success(ok, of) + " succeeded"
		}
		pace := ", at the target's own pace"
		if held(s) {
			pace = ", held by the ceiling"
		}
		return []string{canvas.Fit(w, closed+pace, closed, "CLOSED MODEL")}
	}
	if of <= 0 {
		return []string{"from the moment each was due"}
	}
	share := "of the " + units.Success(ok, of) + " that succeeded"
	if t := share + ", from the moment each was due"; canvas.Width(t) <= w {
		return []string{t}
	}
	return []string{share}
}

// places are the columns of the table: where names and words begin, where
// numbers end; 0 is a column that is left out.
type places struct{ name, words, last, since, against, change int }

func columns(w int) places {
	switch {
	case w >= 72:
		more := (w - 72) / 5
		return places{2, 8, 34 + more, 47 + 2*more, 60 + 3*more, 70 + 4*more}
	case w >= 54:
		more := (w - 54) / 4
		return places{1, 0, 15 + more, 28 + 2*more, 40 + 3*more, 51 + 4*more}
	}
	more := max(0, (w-45)/3)
	return places{1, 0, 15 + more, 28 + 2*more, 40 + 3*more, 0}
}

func latencyHead(in canvas.Region, s *engine.Snapshot, sub subject, against *measure.Segment, c places) {
	x := c.last - 5
	if c.words > 0 {
		x--
	}
	in.Text(x, 0, theme.Dim, "last")
	in.Text(x, 1, theme.Dim, lastTen(s))
	who, what := sub.who, sub.what
	if !sub.past && c.words > 0 {
		what += " (" + units.Span(sub.long) + ")"
	} else if !sub.past {
		what += ", " + units.Span(sub.long)
	}
	x = c.since - 10
	in.Text(x, 1, theme.Dim, what)
	if c.words == 0 {
		x++
	}
	in.Text(x, 0, theme.Dim, who)
	if a := against; a != nil {
		in.Text(c.against-8, 0, theme.Dim, "setting "+units.Count(int64(a.ID)))
		in.Text(c.against-8, 1, theme.Dim, canvas.Fit(in.W-c.against+8, settingRate(a)))
		if c.change > 0 {
			in.Right(c.change+1, 0, theme.Dim, "change")
		}
	}
}

// cell is a number of the table.
type cell struct {
	text string
	role theme.Role
}

// draw writes the number so that it ends before x, a dagger behind it.
func (c cell) draw(in canvas.Region, x, y int, dagger bool) {
	in.Right(x, y, c.role, c.text)
	if dagger && (strings.HasSuffix(c.text, "s") && !strings.HasPrefix(c.text, "in ") && c.text != "grows") {
		in.Text(x, y, theme.Warn, "†")
	}
}

// cellOf is one percentile of a ladder: its value, its lower bound, or when it
// will have enough samples at okRate more of them a second; growing says
// whether the ladder gets more at all.
func cellOf(l *measure.Ladder, p int, okRate float64, growing bool, role theme.Role) cell {
	if l.Count == 0 {
		return cell{"–", theme.Dim}
	}
	if p < 0 {
		if l.MaxOpen {
			return cell{"≥ " + units.Latency(l.Max), theme.Warn}
		}
		return cell{units.Latency(l.Max), theme.Text}
	}
	switch {
	case l.Fail[p]:
		return cell{"fail", theme.Warn}
	case !l.Enough[p]:
		if wait, ok := until(l, p, okRate); ok && growing {
			return cell{"in " + wait, theme.Dim}
		}
		return cell{"too few", theme.Dim}
	case l.Open[p]:
		return cell{"≥ " + units.Latency(l.P[p]), theme.Warn}
	}
	return cell{units.Latency(l.P[p]), role}
}

// until is how long it takes until a percentile has enough samples: a
// percentile is printed from count·(1−p) ≥ 10 on.
func until(l *measure.Ladder, p int, okRate float64) (string, bool) {
	need := 10/(1-measure.Percentiles[p]/100) - float64(l.Count)
	if okRate <= 0 || need/okRate > 3600 {
		return "", false
	}
	return units.Countdown(seconds(math.Max(1, need/okRate))), true
}

// dagger reports whether fewer than p of what was asked succeeded, so that a
// percentile of the successful ones says less than it seems.
func dagger(c *measure.Counts, p int) bool {
	ok, of := success(c)
	return p >= 0 && of > 0 && float64(ok)/float64(of)*100 < measure.Percentiles[p]
}

// changeOf is how a percentile, or the maximum for -1, differs from that of
// the earlier setting.
func changeOf(s *engine.Snapshot, p int) measure.Change {
	if p < 0 {
		return measure.Change{} // one request: nothing to compare
	}
	return s.View.Changes[p]
}

// changeWords says a change: bold if the difference is more than chance,
// "same" if it is not, "not yet" while nobody can tell, "–" if nobody ever will.
func changeWords(c measure.Change, may bool) (string, theme.Role) {
	switch {
	case !c.Valid:
		return "", theme.Dim
	case !c.Judged && !may:
		return "–", theme.Dim
	case !c.Judged:
		return "not yet", theme.Dim
	case !c.Different:
		return "same", theme.Dim
	}
	return units.Percentage(c.Percent), theme.Strong
}

// mayBeJudged reports whether a change between two settings can still be told
// from chance: each is steady, or is on and may become so.
func mayBeJudged(s *engine.Snapshot, a, b *measure.Segment) bool {
	for _, g := range [2]*measure.Segment{a, b} {
		over := !g.Open || s.State == engine.Ended
		if g.Invalid || g.Kind != measure.Hold || over && g.Verdict != measure.Steady {
			return false
		}
	}
	return a.Open || b.Open
}

// notes writes into the lower line of the box what the numbers need beside
// them: how much of p99 was waiting to be sent, and what † means.
func notes(r canvas.Region, s *engine.Snapshot, sub subject) {
	long, short := waited(s)
	mark := ""
	if dagger(&sub.counts, measure.P99) || dagger(&s.View.Last10.Counts, measure.P99) {
		mark = "† fewer than that succeeded"
	}
	both := func(a, b string) string {
		if a == "" || b == "" {
			return a + b
		}
		return a + "   " + b
	}
	for _, t := range []string{both(long, mark), both(short, mark), short, mark} {
		if r.Foot(theme.Warn, t) {
			return
		}
	}
}

// waited says how much of p99 passed before the request was sent, where that
// is more than a tenth of the service time, and whose doing it was.
func waited(s *engine.Snapshot) (long, short string) {
	win := &s.View.Last10
	if !win.Response.Enough[measure.P99] || !win.Service.Enough[measure.P99] {
		win = &s.View.Since
	}
	if s.Dial.Closed || !win.Response.Enough[measure.P99] || !win.Service.Enough[measure.P99] || win.Response.Open[measure.P99] {
		return "", ""
	}
	all, service := win.Response.P[measure.P99], win.Service.P[measure.P99]
	if float64(all) <= 1.1*float64(service) {
		return "", ""
	}
	short = units.Latency(all-service) + " of p99 waiting to be sent"
	g := current(s)
	if g == nil {
		return short, short
	}
	slot, own := g.Stats.SlotWait.Mean, g.Stats.PacerLag.Mean+g.Stats.DispatchLag.Mean
	switch share := math.Round(100 * own / (slot + own)); {
	case slot+own <= 0:
		return short, short
	case share == 0:
		return short + " (concurrency)", short
	case share == 100:
		return short + " (this machine)", short
	default:
		return short + " (" + units.Setting(share) + " % this machine)", short
	}
}

// Summary is the shortest honest account of a ladder's tail: "p99 124 ms", or
// the highest percentile that has enough samples and when p99 will have them:
// "p90 12 ms (p99 in 66 s)".
func Summary(l *measure.Ladder, okRate float64) (value, later string) {
	for p := measure.P99; p >= measure.P50; p-- {
		if !l.Enough[p] {
			continue
		}
		bound := ""
		if l.Open[p] {
			bound = "≥ "
		}
		value = rungs[p].name + " " + bound + units.Latency(l.P[p])
		break
	}
	if !l.Enough[measure.P99] && l.Count > 0 {
		if wait, ok := until(l, measure.P99, okRate); ok {
			later = "(p99 in " + wait + ")"
		}
	}
	return value, later
}
