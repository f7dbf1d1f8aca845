package panel

import (
	"fmt"
	"slices"
	"strings"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// Small is the run in single lines for a screen without room for boxes, each
// at most w cells wide. They are in the order in which they are read; Rank
// says which to keep.
func Small(s, live *engine.Snapshot, w int, frozen bool) []SmallLine {
	var out []SmallLine
	add := func(rank int, l Line) {
		if l != nil {
			out = append(out, SmallLine{rank, l})
		}
	}
	add(0, smallState(live, w, frozen))
	verdict := 7
	if live.Verdict.Level == engine.LevelBad {
		verdict = 5 // the words for it; its sign stays with the state
	}
	add(verdict, smallVerdict(live, w))
	if s.State == engine.Ready {
		add(1, Pick(w, Line{{theme.Dim, "target "}, {theme.Strong, s.Target}}, Line{{theme.Dim, "target "}, {theme.Strong, s.Host}}, Line{{theme.Strong, canvas.Shorten(s.Host, w)}}))
		add(3, Pick(w, Line{{theme.Dim, "begins with "}, {theme.Text, first(s)}}, Line{{theme.Dim, "begins with "}, {theme.Text, opening(s)}}))
		add(4, smallProbe(s.Probe, w))
	}
	add(1, smallRate(live, w))
	add(2, smallConcurrency(live, w))
	if s.State != engine.Ready {
		add(8, smallFlow(s, w))
		add(3, smallTail(s, w))
		add(9, smallLadder(s, w))
		add(4, smallErrors(s, w))
		add(10, smallOpen(s, w))
		for i, l := range FlowLines(s, w) {
			add(11+i, l)
		}
	}
	add(6, smallMachine(live, w))
	if s.State == engine.Ready {
		add(2, Pick(w, Line{{theme.Text, "press "}, {theme.Key, "enter"}, {theme.Text, " to start"}}, Line{{theme.Key, "enter"}, {theme.Text, " starts"}}, Line{{theme.Key, "enter"}}))
	}
	return out
}

// SmallLine is a line and its rank: 0 is kept longest.
type SmallLine struct {
	Rank int
	Line Line
}

func smallState(s *engine.Snapshot, w int, frozen bool) Line {
	mark, role := Level(s.Verdict.Level)
	mark = strings.TrimRight(mark, " ")
	state := Span{stateRole(s.State), string(s.State)}
	clock := Span{theme.Strong, " " + units.Clock(s.At)}
	_, short := holder(s)
	sign := Line{{theme.Text, "  "}, {role, mark}}
	if mark == "" {
		sign = nil
	}
	join := func(parts ...Line) Line { return slices.Concat(parts...) }
	line, little := Line{state, clock}, Line{{state.Role, stateShort(s.State)}, clock}
	var flags Line // what must not be overlooked
	if s.Dial.Closed {
		flags = append(flags, Span{theme.Warn, "  CLOSED MODEL"})
	}
	if frozen {
		flags = append(flags, Span{theme.Warn, "  FROZEN"})
	}
	who, name := Line{{theme.Text, "  " + short}}, Line{{theme.Dim, "  " + s.Profile}}
	return Pick(w, join(line, flags, who, name), join(line, flags, who), join(line, sign, flags), join(little, sign, flags), join(line, sign), join(little, sign), line, little,
		Line{state}, Line{{state.Role, stateShort(s.State)}}, Line{{state.Role, stateShort(s.State)[:min(w, 3)]}})
}

// stateShort is a state in three letters.
func stateShort(s engine.State) string {
	switch s {
	case engine.Ready:
		return "RDY"
	case engine.Running:
		return "RUN"
	case engine.Paused:
		return "PSD"
	case engine.Stopping:
		return "STP"
	case engine.Ended:
		return "END"
	}
	return "???"
}

func smallVerdict(s *engine.Snapshot, w int) Line {
	mark, role := Level(s.Verdict.Level)
	text, detail := verdictText(s)
	mark = strings.TrimRight(mark, " ")
	words := role
	if role == theme.Bad {
		words = theme.Strong
	}
	var l Line
	if mark != "" {
		l = Line{{role, mark}, {theme.Text, "  "}}
	}
	l = append(l, Span{words, text})
	room := w - l.Width() - 3
	if d := fitDetail(detail, room); room > 0 && d != "" {
		return append(l, Span{theme.Text, "   " + d})
	}
	if l.Width() <= w {
		return l
	}
	if mark != "" && w >= len(mark)+6 {
		return Line{{role, mark}, {theme.Text, " "}, {words, canvas.Clip(text, w-len(mark)-1)}}
	}
	return Pick(w, Line{{role, mark}})
}

func smallRate(s *engine.Snapshot, w int) Line {
	v := units.Left(dialNow(s, 9), 9)
	name := Line{{theme.Strong, "RATE         "}, {theme.Strong, v}}
	if unit, _ := rateUnit(s); unit != "" {
		name = Line{{theme.Strong, "RATE  "}, {theme.Strong, units.Left(countedRate(s, 16), 16)}}
	}
	ceiling := Line{{theme.Dim, "  ceiling " + ceilings(s)[0]}}
	if note, role := rateNote(s, 24); note != "" {
		if short, _ := rateNote(s, min(24, w-name.Width()-2)); short != "" {
			note = short
		}
		ceiling = Line{{role, "  " + note}}
	}
	tight := strings.TrimRight(v, " ")
	if unit, _ := rateUnit(s); unit != "" {
		tight = countedRate(s, max(9, min(w-5, 16)))
	}
	return Pick(w, append(name[:2:2], ceiling...), name, Line{{theme.Strong, "RATE " + tight}}, Line{{theme.Strong, tight}}, Line{{theme.Strong, oneRate(s)}})
}

func smallConcurrency(s *engine.Snapshot, w int) Line {
	n := units.Count(int64(s.Dial.Concurrency))
	name := Line{{theme.Strong, "CONCURRENCY  "}, {theme.Strong, units.Left(n, 9)}}
	ceiling := Span{theme.Dim, "  ceiling " + ceilings(s)[1]}
	used := Span{theme.Text, "  in use " + units.Count(slotsUsed(s))}
	waits := Span{theme.Text, ""}
	if s.Backlog > 0 {
		waits = Span{theme.Failed, "  waiting " + units.Tiny(s.Backlog)}
	}
	if note := slotNote(s); note != "" {
		ceiling = Span{theme.Warn, "  " + note}
	}
	return Pick(w, append(name[:2:2], ceiling, used, waits), append(name[:2:2], used, waits), append(name[:2:2], ceiling), name,
		Line{{theme.Strong, "CONCURRENCY " + n}}, Line{{theme.Strong, "at once " + n}}, Line{{theme.Strong, "c " + n}})
}

func smallFlow(s *engine.Snapshot, w int) Line {
	r := s.View.Last10.Rates
	f := func(word string, v float64, role theme.Role) Line {
		return Line{{theme.Dim, word + " "}, {role, units.Left(units.NumberIn(v, 6), 6)}, {theme.Text, " "}}
	}
	a, b, c, d := f("asked", r.Intended, theme.Text), f("sent", r.Sent, theme.Text), f("done", r.Done, theme.Text), f("not sent", r.Unsent, unsentRole(r.Unsent))
	all := append(append(append(a[:3:3], b...), c...), d...)
	return Pick(w, append(all[:12:12], Span{theme.Dim, "per s"}), all, append(append(a[:3:3], c...), d...), append(a[:3:3], c...), c)
}

// smallTail is the tail of latency over the last seconds.
func smallTail(s *engine.Snapshot, w int) Line {
	l, rate := &s.View.Last10.Response, s.View.Last10.Rates.OK
	value, later := Summary(l, rate)
	if value == "" {
		if l.Count == 0 {
			return Pick(w, Line{{theme.Dim, "p99 –"}})
		}
		return Pick(w, Line{{theme.Dim, strings.Trim(later, "()")}}, Line{{theme.Dim, "p99 too few"}}, Line{{theme.Dim, "p99 –"}})
	}
	role := theme.Strong
	if strings.Contains(value, "≥") {
		role = theme.Warn
	}
	v := Span{role, units.Left(value, 12)}
	longest := Span{theme.Text, "  max " + units.Latency(l.Max)}
	if l.MaxOpen {
		longest.Text = "  max ≥ " + units.Latency(l.Max)
	}
	if later != "" {
		return Pick(w, Line{v, {theme.Dim, " " + later}}, Line{{role, value}})
	}
	over := Span{theme.Dim, "  last " + lastTen(s)}
	return Pick(w, Line{v, over, longest}, Line{v, over}, Line{{role, value}}, Line{{role, strings.TrimPrefix(value, "p99 ")}})
}

func smallLadder(s *engine.Snapshot, w int) Line {
	l := &s.View.Last10.Response
	var out Line
	for _, p := range []int{measure.P50, measure.P90, measure.P95} {
		if c := cellOf(l, p, 0, false, theme.Text); l.Enough[p] {
			next := append(out[:len(out):len(out)], Span{theme.Dim, rungs[p].name + " "}, Span{c.role, units.Left(c.text, 10)})
			if next.Width() > w {
				break
			}
			out = next
		}
	}
	return out
}

func smallErrors(s *engine.Snapshot, w int) Line {
	sub := subjectOf(s)
	c := &sub.counts
	failed, done := errorShare(c)
	_, of := success(c)
	e := Line{{theme.Dim, "failed "}, {alarm(failed), units.Right(units.Percent(failed, done), 7)}}
	t := Line{{theme.Dim, "  throttled "}, {alarm(c.Limited), units.Right(units.Percent(c.Limited, of), 7)}}
	u := Line{{theme.Dim, "  not sent "}, {alarm(c.Unsent()), units.Right(units.Percent(c.Unsent(), of), 7)}}
	et := append(e[:2:2], t...)
	return Pick(w, append(et[:4:4], u...), et, e, Line{{theme.Dim, "err "}, {alarm(failed), units.Percent(failed, done)}})
}

func smallOpen(s *engine.Snapshot, w int) Line {
	sub := subjectOf(s)
	return Pick(w, Line{{theme.Dim, strings.Join(Sum(&sub.counts), " ")}})
}

func smallMachine(s *engine.Snapshot, w int) Line {
	text, role := machineWords(s, w, true)
	if text == "" && s.Health != nil && s.Health.State != health.OK {
		text = canvas.Fit(w, strings.ToUpper(string(s.Health.State)))
	}
	if text == "" {
		return nil
	}
	return Line{{role, strings.TrimRight(text, " ")}}
}

func smallProbe(p *engine.ProbeResult, w int) Line {
	switch {
	case p == nil || !p.Done:
		return nil
	case p.Err != "":
		return Line{{theme.Warn, canvas.Clip(p.Err, w)}}
	case p.Redirect != "":
		return Line{{theme.Warn, canvas.Shorten("redirect to "+p.Redirect, w)}}
	}
	return Pick(w, Line{{theme.Text, fmt.Sprintf("%s brought %d in %s", p.Request, p.Status, units.Latency(int64(p.Took)))}})
}

func oneRate(s *engine.Snapshot) string {
	if s.Dial.Closed {
		return "max"
	}
	return units.Short(s.Dial.Rate) + "/s"
}

// One is the whole run in one line of at most w cells: state, rate, p99, error
// share, this machine if it is in trouble, and the key that takes the load
// away. What does not fit is left out from the right.
func One(s *engine.Snapshot, w int) Line {
	l := &s.View.Last10.Response
	tail := "p99 –"
	for p := measure.P99; p >= measure.P50; p-- {
		if l.Enough[p] {
			tail = rungs[p].name + " "
			if l.Open[p] {
				tail += "≥"
			}
			tail += units.Tight(l.P[p])
			break
		}
	}
	sub := subjectOf(s)
	failed, done := errorShare(&sub.counts)
	rate := oneRate(s)
	if w >= 46 { // a rate of starts is not taken for one of requests
		if unit, _ := rateUnit(s); unit != "" {
			rate = countedRate(s, 13)
		}
	}
	items := Line{{stateRole(s.State), stateShort(s.State)}, {theme.Strong, rate}}
	if s.State != engine.Ready {
		items = append(items, Span{theme.Strong, tail}, Span{alarm(failed), "err " + tightShare(failed, done)})
	}
	if h := s.Health; h != nil && (h.State == health.Invalid || h.State == health.Warn) {
		items = append(items, Span{theme.Warn, strings.ToUpper(string(h.State))})
	}
	if s.Verdict.Level == engine.LevelBad && (s.Health == nil || s.Health.State != health.Invalid) {
		items = append(items, Span{theme.Bad, s.Verdict.Text})
	}
	switch s.State {
	case engine.Ready:
		items = append(items, Span{theme.Key, "enter=start"})
	case engine.Ended:
	default:
		items = append(items, Span{theme.Stop, "^C=zero"})
	}
	var out Line
	for i, it := range items {
		next := append(out[:len(out):len(out)], it)
		if i > 0 {
			next = append(out[:len(out):len(out)], Span{theme.Text, " "}, it)
		}
		if next.Width() > w {
			break
		}
		out = next
	}
	return out
}

// tightShare is a share in few cells: "0.1%", "<0.1%", "12%".
func tightShare(part, whole int64) string {
	if whole <= 0 || part <= 0 {
		return "0%"
	}
	v := float64(part) / float64(whole) * 100
	switch {
	case v < 0.1:
		return "<0.1%"
	case v < 9.95:
		return fmt.Sprintf("%.1f%%", v)
	case part < whole && v > 99:
		return "99%"
	}
	return fmt.Sprintf("%.0f%%", v)
}
