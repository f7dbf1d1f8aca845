package panel

import (
	"math"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// wide is the width from which a line is said in full.
const wide = 116

// Header draws the first line: what runs against what, the state and the
// clock, who drives, and the local time.
func Header(r canvas.Region, s *engine.Snapshot, now time.Time, frozen bool) {
	full := r.W >= wide
	long, short := holder(s)
	clock, who, gap := now.Format("15:04:05 -07:00"), units.Left(long, 19), 3
	if !full {
		clock, who = now.Format("15:04:05-07:00"), units.Left(short, 9)
		clock = strings.TrimSuffix(clock, ":00")
	}
	state := units.Clock(s.At)
	// From the right, each in a field of its own; what does not fit is left
	// out, the state last.
	x := r.W - 1
	need := 8 + 1 + len(state)
	put := func(role theme.Role, text string) {
		if n := canvas.Width(text); x-n-gap >= need {
			r.Right(x, 0, role, text)
			x -= n + gap
		}
	}
	put(theme.Dim, clock)
	put(theme.Text, who)
	r.Right(x, 0, theme.Strong, state)
	x -= len(state) + 1
	r.Right(x, 0, stateRole(s.State), string(s.State))
	x -= 8
	if frozen {
		r.Right(x-1, 0, theme.Warn, "FROZEN")
		x -= 8
	}
	name(r.Sub(0, 0, x-1, 1), s, full)
}

func stateRole(s engine.State) theme.Role {
	switch s {
	case engine.Running:
		return theme.OK
	case engine.Paused, engine.Stopping:
		return theme.Warn
	}
	return theme.Strong
}

func name(r canvas.Region, s *engine.Snapshot, full bool) {
	line := Line{{theme.Strong, s.Profile}}
	with := func(target string) Line { return append(line[:1:1], Span{theme.Dim, " > "}, Span{theme.Text, target}) }
	var l Line
	if full {
		brand := Line{{theme.Dim, "stoke   "}}
		l = Pick(r.W-1, append(brand, with(s.Target)...), append(brand, with(s.Host)...))
	}
	if l == nil {
		l = Pick(r.W-1, with(s.Host), line)
	}
	if l == nil {
		l = Line{{theme.Strong, canvas.Shorten(s.Profile, r.W-1)}}
	}
	l.Draw(r, 1, 0)
}

// Level is the mark of a verdict, always 6 cells wide, and its role.
func Level(l engine.VerdictLevel) (string, theme.Role) {
	switch l {
	case engine.LevelOK:
		return "[ OK ]", theme.OK
	case engine.LevelWait:
		return "[ .. ]", theme.Wait
	case engine.LevelWarn:
		return "[ ! ] ", theme.Warn
	case engine.LevelBad:
		return "[ X ] ", theme.Bad
	}
	return "", theme.Strong
}

// Verdict draws the second line: how things are, and how this machine is.
func Verdict(r canvas.Region, s *engine.Snapshot) {
	mark, role := Level(s.Verdict.Level)
	x := 1
	if mark != "" {
		r.Text(x, 0, role, strings.TrimRight(mark, " "))
		x = 9
	}
	text, detail := verdictText(s)
	space := r.W - 1
	room := space - x - canvas.Width(text) - 3
	// The detail goes before the reasons of this machine, which have a view of
	// their own. In steps, so that a digit more does not choose other words.
	detailed := 0
	if n := canvas.Width(detail); n > 0 {
		detailed = (n + 3 + 7) / 8 * 8
	}
	machine, machineRole := machineWords(s, room-detailed, r.W >= wide)
	if machine == "" {
		machine, machineRole = machineWords(s, room, r.W >= wide)
	}
	if machine != "" {
		r.Right(space, 0, machineRole, machine)
		space -= canvas.Width(machine) + 3
	}
	if canvas.Width(text) > space-x {
		text = canvas.Clip(text, space-x)
	}
	if role == theme.Bad {
		role = theme.Strong // the mark is reversed; the words are to be read
	}
	x = r.Text(x, 0, role, text)
	if s.Dial.Closed && !strings.Contains(text+detail, "CLOSED MODEL") && x+3+12 <= space {
		x = r.Text(x+3, 0, theme.Warn, "CLOSED MODEL")
	}
	r.Text(x+3, 0, theme.Text, fitDetail(detail, space-x-3))
}

// verdictText is the verdict and its detail, with the key that goes on after a
// pause.
func verdictText(s *engine.Snapshot) (text, detail string) {
	detail = s.Verdict.Detail
	if s.State == engine.Paused {
		zero, rest, more := strings.Cut(detail, ", ")
		detail = zero + ", enter resumes at " + RateOf(s)
		if more {
			detail += ", " + rest
		}
	}
	return s.Verdict.Text, detail
}

// fitDetail shortens a detail by what is said elsewhere, then by whole parts;
// it never cuts one.
func fitDetail(s string, w int) string {
	for {
		if canvas.Width(s) <= w {
			return s
		}
		if t := strings.TrimSuffix(s, " since this change"); t != s {
			s = strings.Replace(t, "steady for ", "steady ", 1)
			continue
		}
		i := max(strings.LastIndex(s, ", "), strings.LastIndex(s, ": "))
		if i < 0 {
			return ""
		}
		s = s[:i]
	}
}

// machineWords says how this machine is, in at most w cells.
func machineWords(s *engine.Snapshot, w int, full bool) (string, theme.Role) {
	const us = "this machine: "
	h := s.Health
	if s.State == engine.Ended {
		return wholeRun(s, w)
	}
	if h == nil {
		return canvas.Fit(w, us+"unknown"), theme.Dim
	}
	reason, brief := "", ""
	if len(h.Reasons) > 0 {
		// Padded, so that a digit more does not move the words.
		pad := func(s string) string { return s + strings.Repeat(" ", (8-canvas.Width(s)%8)%8) }
		reason, brief = pad(" "+h.Reasons[0]), pad(" "+canvas.Shorten(h.Reasons[0], 40))
	}
	switch h.State {
	case health.OK:
		busy := us + "fine"
		if h.Busy >= 0 {
			busy += ", " + units.Right(units.Setting(math.Floor(h.Busy*100)), 2) + " % busy"
		}
		if !full { // a narrow line has no room for the figure beside a detail
			busy = us + "fine"
		}
		return canvas.Fit(w, busy, us+"fine"), theme.Dim
	case health.Warn:
		return canvas.Fit(w, us+"CHECK"+reason, us+"CHECK"+brief, us+"CHECK"), theme.Warn
	case health.Invalid:
		return canvas.Fit(w, us+"TOO SLOW"+reason, us+"TOO SLOW"+brief, us+"TOO SLOW"), theme.Warn
	}
	return canvas.Fit(w, us+"unknown"), theme.Dim
}

// wholeRun says how this machine was from the start to the end.
func wholeRun(s *engine.Snapshot, w int) (string, theme.Role) {
	reason := ""
	if len(s.HealthReasons) > 0 {
		reason = ": " + s.HealthReasons[0]
	}
	switch s.HealthVerdict {
	case "ok":
		return canvas.Fit(w, "this machine: fine throughout", "this machine: fine"), theme.Dim
	case "suspect":
		return canvas.Fit(w, "this machine: suspect"+reason, "this machine: suspect"), theme.Warn
	case "limiting":
		n := units.Count(s.InvalidSeconds) + " of " + units.Count(s.Seconds) + " s"
		return canvas.Fit(w, "this machine: TOO SLOW in "+n+reason, "this machine: TOO SLOW in "+n, "this machine: TOO SLOW"), theme.Warn
	}
	return canvas.Fit(w, "this machine: unknown"), theme.Dim
}
