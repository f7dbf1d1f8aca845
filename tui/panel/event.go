package panel

import (
	"stoke/engine"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// Event draws the newest thing that was done or is to be known, and whether it
// can be taken back.
func Event(r canvas.Region, s *engine.Snapshot) {
	at, text, role, free := newest(s)
	if text == "" || r.W < 20 {
		return
	}
	x := 1 + len(at) + 2
	hint := ""
	if s.UndoText != "" && (s.State == engine.Running || s.State == engine.Paused) {
		hint = "u takes it back"
	}
	room := r.W - 1 - x
	if canvas.Width(text)+3+len(hint) > room && !free {
		hint = "" // what was done is worth more than how to undo it
	}
	if hint != "" {
		u := r.W - 1 - len(hint)
		r.Text(r.Text(u, 0, theme.Key, hint[:1]), 0, theme.Dim, hint[1:])
		room -= len(hint) + 3
	}
	if text = canvas.Clip(text, room); text != "" {
		r.Text(1, 0, theme.Dim, at)
		r.Text(x, 0, role, text)
	}
}

// newest is the last thing that was done or is to be known, and when; free
// says that it is a text of somebody else's, of any length.
func newest(s *engine.Snapshot) (at, text string, role theme.Role, free bool) {
	n, k := len(s.Events), len(s.Notices)
	if k > 0 && (n == 0 || s.Notices[k-1].At >= s.Events[n-1].At) {
		return units.Clock(s.Notices[k-1].At), s.Notices[k-1].Text, theme.Text, true
	}
	if n == 0 {
		return "", "", theme.Text, false
	}
	e := s.Events[n-1]
	if e.By == engine.ByGuard {
		role = theme.Warn
	}
	return units.Clock(e.At), actor(e.By) + ": " + what(e), role, e.Mark
}
