package panel

import (
	"math"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// Pair is the two settings that are compared, by the IDs of their segments: 0
// as second one is the chosen row, 0 as first one what was driven before it.
type Pair [2]int

// SettingRows is the number of settings in the list.
func SettingRows(s *engine.Snapshot) int { return len(s.View.Segments) }

// SettingAt is the ID of the setting in a row of the list, the newest in row 0;
// 0 if there is none.
func SettingAt(s *engine.Snapshot, row int) int {
	if n := len(s.View.Segments); n > 0 {
		return s.View.Segments[n-1-clampRow(row, n)].ID
	}
	return 0
}

// Row is the chosen row: that of the second setting if one is named.
func (p Pair) Row(s *engine.Snapshot, chosen int) int {
	all := s.View.Segments
	for i, g := range all {
		if g.ID == p[1] {
			return len(all) - 1 - i
		}
	}
	return clampRow(chosen, len(all))
}

// Segments finds both settings of a pair; nil where there is none.
func (p Pair) Segments(s *engine.Snapshot, chosen int) (then, now *measure.Segment) {
	all := s.View.Segments
	find := func(id int) int {
		for i, g := range all {
			if g.ID == id {
				return i
			}
		}
		return -1
	}
	at := find(p[1])
	if at < 0 {
		at = len(all) - 1 - clampRow(chosen, len(all))
	}
	if at < 0 || at >= len(all) {
		return nil, nil
	}
	now = all[at]
	if i := find(p[0]); i >= 0 {
		return all[i], now
	}
	for i := at - 1; i >= 0; i-- {
		if g := all[i]; g.Kind == measure.Hold && g.Setting.Model == now.Setting.Model && g.Stats.Counts.Intended > 0 {
			return g, now
		}
	}
	return nil, now
}

// Settings draws every setting that was driven, the newest first; A and B stand
// before those that are compared.
func Settings(r canvas.Region, s *engine.Snapshot, pair Pair, chosen int) {
	all := s.View.Segments
	title := units.Count(int64(len(all))) + " settings, newest first"
	if len(all) < 2 {
		title = "newest first"
	}
	in := r.Box("WHAT YOU DROVE", title)
	if len(all) == 0 {
		in.Text(2, 0, theme.Dim, "nothing was driven yet")
		return
	}
	t := newTable(in.W,
		column{head: "", w: 3},
		column{head: "began", w: 8, left: true, rank: 6},
		column{head: "lasted", w: 6, rank: 7},
		column{head: RateHead(s), w: 14, left: true},
		column{head: "at once", w: 7, rank: 2},
		column{head: "asked", w: 9, rank: 9},
		column{head: "done", w: 9, rank: 4},
		column{head: "OK", w: 7, rank: 1},
		column{head: "p50", w: 9, rank: 5},
		column{head: "p99", w: 9},
		column{head: "max", w: 9, rank: 8},
		column{head: "verdict", w: 12, left: true, flex: true},
	)
	t.heads(in, 0)
	chosen = clampRow(chosen, len(all))
	then, now := pair.Segments(s, chosen)
	h := in.H - 1
	from := window(len(all), h, chosen)
	for i := from; i < min(from+h, len(all)); i++ {
		g, y := all[len(all)-1-i], 1+i-from
		mark(in, y, i == chosen)
		settingRow(in, t, y, s, g, i == chosen)
		letter := ""
		switch g {
		case then:
			letter = "A"
		case now:
			letter = "B"
		}
		in.Text(1, y, theme.Key, letter)
	}
	more(r, len(all), h, from)
}

func settingRow(in canvas.Region, t table, y int, s *engine.Snapshot, g *measure.Segment, chosen bool) {
	open := g.Open && s.State != engine.Ended
	role := theme.Text
	switch {
	case chosen:
		role = theme.Chosen
	case open:
		role = theme.Strong
	}
	t.put(in, 0, y, theme.Dim, units.CountIn(int64(g.ID), 5))
	t.put(in, 1, y, theme.Dim, units.Clock(time.Duration(g.From)))
	t.put(in, 2, y, theme.Dim, units.Span(time.Duration(g.To-g.From)))
	t.put(in, 3, y, role, settingRate(g))
	t.put(in, 4, y, theme.Text, units.Count(int64(g.Setting.Concurrency)))
	word, short, wordRole := verdictWord(g)
	if open {
		word, short = word+", now", short+", now"
	}
	if t.w[11] < canvas.Width(word) {
		word = short
	}
	t.put(in, 11, y, wordRole, word)
	c := &g.Stats.Counts
	if c.Intended == 0 {
		return
	}
	t.put(in, 5, y, theme.Text, units.CountIn(c.Intended, 9))
	if long := time.Duration(g.To - g.From).Seconds(); long > 0 {
		t.put(in, 6, y, theme.Text, units.NumberIn(float64(c.Done())/long, 7)+"/s")
	}
	ok, of := success(c)
	t.put(in, 7, y, theme.Text, units.Percent(ok, of))
	for k, p := range [3]int{measure.P50, measure.P99, -1} {
		v := cellOf(&g.Stats.Response, p, 0, false, theme.Text)
		if g.Verdict == measure.Diverging && p == measure.P99 {
			v = cell{"grows", theme.Warn}
		}
		t.cell(in, 8+k, y, v, dagger(c, p))
	}
}

// Comparison is how the second setting of a pair differs from the first. To
// make one costs some milliseconds: keep it for a second.
type Comparison struct {
	Then, Now int // IDs
	Changes   [measure.NumPercentiles]measure.Change
	Max       measure.Change
}

// Compare compares the pair that a view would show.
func Compare(s *engine.Snapshot, p Pair, chosen int) Comparison {
	then, now := p.Segments(s, chosen)
	if then == nil || now == nil {
		return Comparison{}
	}
	c := Comparison{Then: then.ID, Now: now.ID}
	if then == s.View.Against && now == current(s) {
		c.Changes, c.Max = s.View.Changes, s.View.ChangeMax
		return c
	}
	c.Changes, c.Max = measure.Compare(then, now)
	return c
}

// fact is a row of the comparison.
type fact struct {
	name string
	rank int // 0 is kept longest
	of   func(g *measure.Segment) cell
	p    int  // percentile whose change is judged, if judged
	has  bool // p counts
}

func facts() []fact {
	text := func(f func(g *measure.Segment) string) func(*measure.Segment) cell {
		return func(g *measure.Segment) cell { return cell{f(g), theme.Text} }
	}
	share := func(f func(c *measure.Counts) int64) func(*measure.Segment) cell {
		return func(g *measure.Segment) cell {
			n := f(&g.Stats.Counts)
			_, of := success(&g.Stats.Counts)
			return cell{units.Percent(n, of), alarm(n)}
		}
	}
	rungOf := func(l func(g *measure.Segment) *measure.Ladder, p int) func(*measure.Segment) cell {
		return func(g *measure.Segment) cell { return meanOr(l(g), p, 0, false, theme.Text) }
	}
	response := func(g *measure.Segment) *measure.Ladder { return &g.Stats.Response }
	return []fact{
		{name: "rate", rank: 2, of: text(settingRate)},
		{name: "concurrency", rank: 3, of: text(func(g *measure.Segment) string { return units.Count(int64(g.Setting.Concurrency)) })},
		{name: "arrivals", rank: 17, of: text(func(g *measure.Segment) string { return g.Setting.Arrivals })},
		{name: "lasted", rank: 8, of: text(func(g *measure.Segment) string { return units.Span(time.Duration(g.To - g.From)) })},
		{name: "asked", rank: 15, of: text(func(g *measure.Segment) string { return units.CountIn(g.Stats.Counts.Intended, 13) })},
		{name: "done", rank: 5, of: text(func(g *measure.Segment) string {
			if g.To <= g.From {
				return "–"
			}
			return units.Rate(float64(g.Stats.Done()) / time.Duration(g.To-g.From).Seconds())
		})},
		{name: "OK", rank: 4, of: text(func(g *measure.Segment) string { return units.Percent(success(&g.Stats.Counts)) })},
		{name: "throttled", rank: 10, of: share(func(c *measure.Counts) int64 { return c.Limited })},
		{name: "failed", rank: 9, of: share((*measure.Counts).Failed)},
		{name: "not sent", rank: 11, of: share((*measure.Counts).Unsent)},
		{name: "p50", rank: 1, of: rungOf(response, measure.P50), p: measure.P50, has: true},
		{name: "p90", rank: 12, of: rungOf(response, measure.P90), p: measure.P90, has: true},
		{name: "p95", rank: 7, of: rungOf(response, measure.P95), p: measure.P95, has: true},
		{name: "p99", rank: 0, of: rungOf(response, measure.P99), p: measure.P99, has: true},
		{name: "p99.9", rank: 13, of: rungOf(response, measure.P999), p: measure.P999, has: true},
		{name: "max", rank: 14, of: rungOf(response, -1)},
		{name: "mean", rank: 18, of: rungOf(response, -2)},
		{name: "service p99", rank: 16, of: rungOf(func(g *measure.Segment) *measure.Ladder { return &g.Stats.Service }, measure.P99)},
		{name: "slot wait p99", rank: 19, of: rungOf(func(g *measure.Segment) *measure.Ladder { return &g.Stats.SlotWait }, measure.P99)},
		{name: "verdict", rank: 6, of: func(g *measure.Segment) cell {
			_, short, role := verdictWord(g)
			return cell{short, role}
		}},
	}
}

// ComparedHeight is the rows of the box with every row.
const ComparedHeight = 23

// Compared draws two settings side by side.
func Compared(r canvas.Region, s *engine.Snapshot, pair Pair, chosen int, made *Comparison) {
	then, now := pair.Segments(s, chosen)
	switch {
	case now == nil:
		r.Box("COMPARED")
		return
	case then == nil:
		in := r.Box("COMPARED")
		for i, l := range canvas.Wrap("there is no earlier setting to compare setting "+units.Count(int64(now.ID))+" with: change the rate or the concurrency", in.W-4) {
			in.Text(2, i, theme.Dim, l)
		}
		return
	}
	in := r.Box("COMPARED", canvas.Fit(r.W-16, "A setting "+units.Count(int64(then.ID))+" with B setting "+units.Count(int64(now.ID)), "A with B"))
	t := newTable(in.W,
		column{head: "", w: 13, left: true},
		column{head: "A  setting " + units.Count(int64(then.ID)), w: 14},
		column{head: "B  setting " + units.Count(int64(now.ID)), w: 14},
		column{head: "change", w: 8, rank: 1},
		column{head: "", w: 24, left: true, flex: true, rank: 2},
	)
	t.heads(in, 0)
	scale := scaleOf(then, now)
	if t.has(4) {
		scale.head(in.Sub(t.x[4], 0, t.w[4], 1))
	}
	apart := then.Setting.Model != now.Setting.Model
	c := made
	if c == nil || c.Then != then.ID || c.Now != now.ID {
		fresh := Compare(s, pair, chosen)
		c = &fresh
	}
	all := facts()
	room := in.H - 1
	note := ""
	switch {
	case then == now:
		note = "the same setting twice"
	case apart:
		note = "open and closed model are not compared"
	case !judged(c):
		note = whyNot(s, then, now)
	}
	if note != "" {
		room--
	}
	y := 1
	for _, f := range all {
		if f.rank >= room {
			continue
		}
		t.put(in, 0, y, theme.Dim, f.name)
		a, b := f.of(then), f.of(now)
		main := f.has && f.p == measure.P99
		if main && a.role == theme.Text {
			a.role = theme.Strong
		}
		if main && b.role == theme.Text {
			b.role = theme.Strong
		}
		t.cell(in, 1, y, a, f.has && dagger(&then.Stats.Counts, f.p))
		t.cell(in, 2, y, b, f.has && dagger(&now.Stats.Counts, f.p))
		if f.has && !apart && then != now {
			text, role := changeWords(c.Changes[f.p], mayBeJudged(s, then, now))
			t.put(in, 3, y, role, text)
		}
		if f.has && t.has(4) && !apart {
			scale.draw(in.Sub(t.x[4], y, t.w[4], 1), &then.Stats.Response, &now.Stats.Response, f.p)
		}
		y++
	}
	if note != "" && in.H > 2 {
		in.Text(2, in.H-1, theme.Dim, canvas.Clip(note, in.W-3))
	}
}

// scale places percentiles of both settings on one logarithmic line.
type scale struct{ low, high float64 }

func scaleOf(then, now *measure.Segment) scale {
	var s scale
	for _, g := range [2]*measure.Segment{then, now} {
		l := &g.Stats.Response
		for p, v := range l.P {
			if !l.Enough[p] || v <= 0 {
				continue
			}
			if s.low == 0 || float64(v) < s.low {
				s.low = float64(v)
			}
			s.high = max(s.high, float64(v))
		}
	}
	return s
}

func (s scale) at(v int64, w int) int {
	if s.high <= s.low || v <= 0 {
		return 0
	}
	f := math.Log(float64(v)/s.low) / math.Log(s.high/s.low)
	return max(0, min(int(math.Round(f*float64(w-1))), w-1))
}

// head writes what the ends of the line are.
func (s scale) head(r canvas.Region) {
	if s.high <= s.low {
		return
	}
	low, high := units.Latency(int64(s.low)), units.Latency(int64(s.high))
	if len(low)+len(high)+8 <= r.W {
		r.Text(0, 0, theme.Dim, low)
		r.Right(r.W, 0, theme.Dim, high)
	}
}

// draw draws how far apart both are: A, a line, B.
func (s scale) draw(r canvas.Region, then, now *measure.Ladder, p int) {
	if !then.Enough[p] || !now.Enough[p] || s.high <= s.low {
		return
	}
	a, b := s.at(then.P[p], r.W), s.at(now.P[p], r.W)
	for x := min(a, b) + 1; x < max(a, b); x++ {
		r.Rune(x, 0, theme.Border, '─')
	}
	r.Rune(a, 0, theme.Middle, 'A')
	r.Rune(b, 0, theme.High, 'B')
	if a == b {
		r.Rune(a, 0, theme.Text, '=')
	}
}

func judged(c *Comparison) bool {
	for _, x := range c.Changes {
		if x.Judged {
			return true
		}
	}
	return false
}

// whyNot says why a change is not judged.
func whyNot(s *engine.Snapshot, then, now *measure.Segment) string {
	for _, g := range [2]*measure.Segment{then, now} {
		id := "setting " + units.Count(int64(g.ID))
		switch {
		case g.Invalid:
			return id + " does not count: this machine was too slow"
		case g.Kind != measure.Hold:
			return id + " is no steady setting: a ramp or a pause is not compared"
		case g.Verdict != measure.Steady:
			_, short, _ := verdictWord(g)
			if g.Open && s.State != engine.Ended {
				return id + " is not steady yet (" + short + "): changes are not judged"
			}
			return id + " did not become steady (" + short + "): changes are not judged"
		}
	}
	return "too short to tell a change from chance"
}
