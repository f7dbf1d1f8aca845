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
	hint := ""
	if s.UndoText != "" && (s.State == engine.Running || s.State == engine.Paused) {
		hint = "u takes it back"
		x := r.W - 1 - len(hint)
		r.Text(r.Text(x, 0, theme.Key, "u"), 0, theme.Dim, hint[1:])
	}
	var at, text string
	role := theme.Text
	if n := len(s.Events); n > 0 {
		e := s.Events[n-1]
		at, text = units.Clock(e.At), actor(e.By)+": "+what(e)
		if e.By == engine.ByGuard {
			role = theme.Warn
		}
		if k := len(s.Notices); k > 0 && s.Notices[k-1].At > e.At {
			at, text, role = units.Clock(s.Notices[k-1].At), s.Notices[k-1].Text, theme.Warn
		}
	} else if k := len(s.Notices); k > 0 {
		at, text = units.Clock(s.Notices[k-1].At), s.Notices[k-1].Text
	}
	if at == "" || r.W < 20 {
		return
	}
	x := r.Text(1, 0, theme.Dim, at) + 2
	r.Text(x, 0, role, canvas.Shorten(text, r.W-2-len(hint)-x))
}
