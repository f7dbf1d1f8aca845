package panel

import (
	"strings"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// LoadHeight and LoadCompactHeight are the rows that the box needs.
const (
	LoadHeight        = 8
	LoadCompactHeight = 5
)

// LoadRows is the rows of the box for a run: one more than [LoadHeight] where
// what is on the wire is not what the rate says.
func LoadRows(s *engine.Snapshot) int {
	if beyond(s) {
		return LoadHeight + 1
	}
	return LoadHeight
}

// Load draws the box of the dials: settings and ceilings, what is asked, sent
// and done, the slots in use, the phases. live is the newest snapshot; the
// dials are its. From 46 by 8 cells.
func Load(r canvas.Region, live *engine.Snapshot) {
	in := r.Box("LOAD", perStart(live))
	in.Text(1, 0, theme.Strong, "RATE")
	if unit, _ := rateUnit(live); unit == "" {
		in.Text(14, 0, theme.Strong, dialNow(live, 9))
	} else {
		in.Text(7, 0, theme.Strong, countedRate(live, 16))
	}
	ceiling := ceilings(live)
	if note, role := rateNote(live, in.W-25); note != "" {
		in.Text(24, 0, role, note)
	} else {
		in.Text(24, 0, theme.Key, "↑ ↓")
		in.Right(in.W-1, 0, theme.Dim, "ceiling "+ceiling[0])
	}
	if beyond(live) && in.H >= LoadHeight-1 {
		onTheWire(live, in.W-2).Draw(in, 1, 1)
		in = in.Sub(0, 1, in.W, in.H-1)
	}
	w := live.View.Last10
	field := func(x, y int, word, number string, role theme.Role) {
		in.Text(in.Text(x, y, theme.Dim, word+" "), y, role, number)
	}
	field(1, 1, "asked", units.NumberIn(w.Rates.Intended, 7), theme.Text)
	field(15, 1, "sent", units.NumberIn(w.Rates.Sent, 7), theme.Text)
	field(28, 1, "done", units.NumberIn(w.Rates.Done, 7), theme.Text)
	field(1, 2, "not sent", units.NumberIn(w.Rates.Unsent, 7), unsentRole(w.Rates.Unsent))
	in.Right(in.W-1, 2, theme.Dim, lastSeconds(live, "(per s, last ", ")"))

	in.Text(1, 3, theme.Strong, "CONCURRENCY")
	in.Text(14, 3, theme.Strong, units.Count(int64(live.Dial.Concurrency)))
	if note := slotNote(live); note != "" {
		in.Text(24, 3, theme.Warn, note)
	} else {
		in.Text(24, 3, theme.Key, "← →")
		in.Right(in.W-1, 3, theme.Dim, "ceiling "+ceiling[1])
	}
	inUse(in, 1, 4, in.W-2, live, 2)
	phases(in, 5, live)
}

// LoadCompact draws the same in two halves side by side. From 80 by 5 cells.
func LoadCompact(r canvas.Region, live *engine.Snapshot) {
	var words []string
	if beyond(live) {
		words = []string{lastSeconds(live, "per s, last ", "")}
		if per := perStart(live); per != "" {
			words = append([]string{per + ";"}, words...)
		}
	}
	in := r.Box("LOAD", words...)
	half := 40 + (in.W-78)/2
	for y := range in.H {
		in.Rune(half, y, theme.Border, '│')
	}
	r.Rune(half+1, r.H-1, theme.Border, '┴')
	left, right := in.Sub(0, 0, half, in.H), in.Sub(half+1, 0, in.W-half-1, in.H)

	ceiling := ceilings(live)
	left.Text(1, 0, theme.Strong, "RATE")
	keys := 19
	if unit, _ := rateUnit(live); unit == "" {
		left.Text(10, 0, theme.Strong, dialNow(live, 8))
	} else {
		left.Text(6, 0, theme.Strong, countedRate(live, 14))
		keys = 21
	}
	if note, role := rateNote(live, left.W-keys-1); note != "" {
		left.Text(keys, 0, role, note)
	} else {
		left.Text(keys, 0, theme.Key, "↑ ↓")
		left.Right(left.W-1, 0, theme.Dim, canvas.Fit(left.W-keys-5, "ceiling "+ceiling[0]))
	}
	w := live.View.Last10
	x := 1
	for _, f := range [3]struct {
		word string
		rate float64
	}{{"asked", w.Rates.Intended}, {"sent", w.Rates.Sent}, {"done", w.Rates.Done}} {
		x = left.Text(x, 1, theme.Dim, f.word+" ")
		left.Text(x, 1, theme.Text, units.NumberIn(f.rate, 5))
		x += 6
	}
	left.Text(left.Text(1, 2, theme.Dim, "not sent "), 2, unsentRole(w.Rates.Unsent), units.NumberIn(w.Rates.Unsent, 7))
	if beyond(live) {
		left.Text(left.Text(21, 2, theme.Dim, "on the wire "), 2, theme.Text, units.NumberIn(live.Traffic.Requests, 6))
	} else {
		left.Text(21, 2, theme.Dim, lastSeconds(live, "per s, last ", ""))
	}

	right.Text(1, 0, theme.Strong, "CONCURRENCY")
	right.Text(14, 0, theme.Strong, units.Count(int64(live.Dial.Concurrency)))
	ceil := strings.TrimLeft(ceiling[1], " ")
	x = 16 + len(ceil)
	if note := slotNote(live); note != "" {
		right.Text(x, 0, theme.Warn, canvas.Fit(right.W-x, note))
	} else {
		right.Text(x, 0, theme.Key, "← →")
		right.Text(x+5, 0, theme.Dim, canvas.Fit(right.W-x-5, "ceiling "+ceil))
	}
	inUse(right, 1, 1, right.W-2, live, 1)
	phases(right, 2, live)
}

// dialNow is the rate as it is at this moment, in at most w cells.
func dialNow(s *engine.Snapshot, w int) string {
	switch {
	case s.Dial.Closed:
		return "max"
	case (s.Dial.RampLeft > 0 || s.Dial.Now != s.Dial.Rate) && s.State == engine.Running:
		if t := units.Rate(s.Dial.Now); len(t) <= w {
			return t
		}
		return units.Short(s.Dial.Now) + "/s"
	}
	return shortRate(s.Dial.Rate, w)
}

// rateNote is what stands beside the rate instead of its keys, in at most w
// cells.
func rateNote(s *engine.Snapshot, w int) (string, theme.Role) {
	switch {
	case s.State == engine.Paused:
		return canvas.Fit(w, "PAUSED, 0/s now"), theme.Warn
	case s.State == engine.Stopping:
		return canvas.Fit(w, "stopping, 0/s now"), theme.Warn
	case s.State == engine.Ended:
		return canvas.Fit(w, "ended"), theme.Dim
	case s.Dial.RampLeft > 0:
		to := "to " + RateOf(s)
		return canvas.Fit(w, to+" in "+units.Countdown(s.Dial.RampLeft), to), theme.Wait
	case s.Dial.Shape.Kind != "":
		return shapeNote(s.Dial.Shape, w), theme.Wait
	case held(s):
		return canvas.Fit(w, "held at "+units.Setting(s.Ceiling.Rate)+"/s", "at the ceiling"), theme.Warn
	case s.Dial.Closed:
		return canvas.Fit(w, "CLOSED MODEL"), theme.Warn
	}
	return "", theme.Dim
}

// held reports whether the ceiling, and not the target, sets the pace of the
// closed model.
func held(s *engine.Snapshot) bool {
	const nearly = 0.97
	return s.Dial.Closed && s.State == engine.Running && s.Ceiling.Rate > 0 && s.View.Last1.Rates.Sent >= nearly*s.Ceiling.Rate
}

// Moves says what moves the rate by itself, in full; "" for a rate that stays.
func Moves(s *engine.Snapshot) string {
	const wide = 100
	switch d := s.Dial; {
	case d.RampLeft > 0:
		return "now " + units.Rate(d.Now) + ", there in " + units.Countdown(d.RampLeft)
	case d.Shape.Kind != "":
		return shapeNote(d.Shape, wide)
	}
	return ""
}

// shapeNote says what moves the rate, and for how long: in full, or shorter.
func shapeNote(x engine.Shape, w int) string {
	kind := x.Kind
	forms := []string{grouped(x.Text)}
	switch do, err := grammar.Parse(x.Text); {
	case err != nil:
	case do.Verb == grammar.Wave:
		forms = append(forms, kind+" "+swings(grammar.FormatRate(do.From)+".."+grammar.FormatRate(do.To)))
	case do.Verb == grammar.Step:
		to := "to " + number(grammar.FormatRate(do.To))
		forms = append(forms, kind+" "+to, to)
	}
	left, most := "", 0
	if x.Left > 0 {
		left = ", " + units.Countdown(x.Left) + " left"
		most = len(", 59 min left") // the digits of the time do not choose the words
	}
	for _, f := range append(forms, kind) {
		if canvas.Width(f)+most <= w {
			return f + left
		}
	}
	return canvas.Fit(w, kind+left, kind)
}

// slotNote is what stands beside the concurrency instead of its keys.
func slotNote(s *engine.Snapshot) string {
	switch {
	case s.Draining > 0:
		return "draining " + units.Count(int64(s.Draining))
	case s.Connecting > 2 && s.Connecting*10 >= int64(s.Dial.Concurrency):
		return "connecting " + units.Count(s.Connecting)
	}
	return ""
}

// ceilings are both ceilings, filled up to the same width.
func ceilings(s *engine.Snapshot) [2]string {
	a, b := units.Setting(s.Ceiling.Rate), units.Count(int64(s.Ceiling.Concurrency))
	return [2]string{a, units.Right(b, len(a))}
}

func unsentRole(rate float64) theme.Role {
	if rate > 0 {
		return theme.Failed
	}
	return theme.Text
}

// lastTen is how long the sliding window is. Once it is full its newest second
// is not over, so that it is rounded up: the words stay while that second fills.
func lastTen(s *engine.Snapshot) string {
	long := seconds(s.View.Last10.Seconds)
	if filling(s) {
		return units.Span(long)
	}
	return units.Countdown(long)
}

// filling reports whether the sliding window is still to get longer.
func filling(s *engine.Snapshot) bool { return s.View.Last10.Seconds <= 9 }

// lastSeconds says over how long the rates are.
func lastSeconds(s *engine.Snapshot, before, after string) string {
	return before + lastTen(s) + after
}

// slotsUsed is how many slots are taken: what waits for its next attempt is in
// flight and holds none.
func slotsUsed(s *engine.Snapshot) int64 {
	return max(s.InFlight+s.Connecting-s.Traffic.Retry.Waiting, 0)
}

// inUse draws the slots in use as a number and a bar, and what waits.
func inUse(r canvas.Region, x, y, w int, s *engine.Snapshot, gap int) {
	used := slotsUsed(s)
	digits := len(units.Count(int64(max(s.Ceiling.Concurrency, s.Dial.Concurrency))))
	const waiting = len("waiting ") + 4
	r.Text(r.Text(x, y, theme.Dim, "in use "), y, theme.Text, units.Count(used))
	bar := x + len("in use ") + digits + 1
	end := x + w - waiting - gap
	Gauge(r, bar, y, end-bar, float64(used), float64(s.Dial.Concurrency))
	role := theme.Text
	if s.Backlog > 0 {
		role = theme.Failed
	}
	r.Text(r.Text(end+gap, y, theme.Dim, "waiting "), y, role, units.Tiny(s.Backlog))
}

var eighths = []rune(" ▏▎▍▌▋▊▉")

// Gauge draws a bar of w cells on a ground, filled to part of whole in eighths
// of a cell.
func Gauge(r canvas.Region, x, y, w int, part, whole float64) {
	for i := range w {
		r.Rune(x+i, y, theme.Border, '░')
	}
	Bar(r, x, y, w, part, whole)
}

// Bar draws a bar without a ground.
func Bar(r canvas.Region, x, y, w int, part, whole float64) {
	if w < 1 {
		return
	}
	n := 0
	if whole > 0 && part > 0 {
		n = int(min(1, part/whole)*float64(8*w) + 0.5)
	}
	for i := range w {
		switch left := n - 8*i; {
		case left >= 8:
			r.Rune(x+i, y, theme.Done, '█')
		case left > 0:
			r.Rune(x+i, y, theme.Done, eighths[left])
		}
	}
}

// phases draws where the profile's plan is.
func phases(r canvas.Region, y int, s *engine.Snapshot) {
	p := s.Phases
	n := units.Count(int64(p.Index)) + " of " + units.Count(int64(p.Count))
	switch {
	case p.Count == 0:
		r.Text(1, y, theme.Dim, "no phases: you drive")
	case (p.Done || p.Index > p.Count) && s.Holder.Operator():
		r.Text(1, y, theme.Dim, canvas.Fit(r.W-2, "all phases done: you drive", "phases done"))
	case p.Done || p.Index > p.Count:
		r.Text(1, y, theme.Dim, canvas.Fit(r.W-2, "all phases done, the last setting holds", "phases done, last setting holds", "phases done"))
	case p.Driving:
		x := r.Text(1, y, theme.Text, "phase "+n)
		left := ""
		if p.Left > 0 {
			left = units.Countdown(p.Left) + " left"
			r.Right(r.W-1, y, theme.Text, left)
		}
		r.Text(x+2, y, theme.Dim, canvas.Shorten(grouped(p.Text), r.W-x-4-len(left)))
	case r.W < 40:
		x := r.Text(1, y, theme.Text, "phases wait at "+n)
		x = r.Text(x, y, theme.Text, ", ")
		x = r.Text(x, y, theme.Key, "p")
		r.Text(x, y, theme.Dim, " hands back")
	default:
		r.Text(1, y, theme.Text, "phases wait at "+n)
		x := r.Text(28, y, theme.Key, "p")
		r.Text(x, y, theme.Dim, " hands back")
	}
}

// Dials is the setting in one line of at most w cells, for where its box is not
// shown.
func Dials(s *engine.Snapshot, w int) Line {
	rate, at := dialNow(s, 9), units.Count(int64(s.Dial.Concurrency))
	if unit, _ := rateUnit(s); unit != "" {
		long := countedRate(s, 16)
		if l := (Line{{theme.Dim, "rate "}, {theme.Strong, units.Left(long, 16)}, {theme.Dim, "  concurrency "}, {theme.Strong, units.Left(at, 6)}}); l.Width() <= w {
			return l
		}
		return Pick(w, Line{{theme.Strong, units.Right(long, 16)}, {theme.Dim, "  at once "}, {theme.Strong, units.Left(at, 6)}}, Line{{theme.Strong, units.Right(long, 16)}}, Line{{theme.Strong, units.Right(countedRate(s, 11), 11)}}, Line{{theme.Strong, units.Right(rate, 9)}})
	}
	return Pick(w,
		Line{{theme.Dim, "rate "}, {theme.Strong, units.Left(rate, 9)}, {theme.Dim, "  concurrency "}, {theme.Strong, units.Left(at, 6)}},
		Line{{theme.Strong, units.Right(rate, 9)}, {theme.Dim, "  at once "}, {theme.Strong, units.Left(at, 6)}},
		Line{{theme.Strong, units.Right(rate, 9)}})
}
