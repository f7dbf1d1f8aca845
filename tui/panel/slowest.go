package panel

import (
	"strconv"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// SlowestHeight is the least rows of the box.
const SlowestHeight = 7

// Slowest draws the requests of the whole run that took longest and where each
// spent its time, as many as have room.
func Slowest(r canvas.Region, s *engine.Snapshot) {
	in := r.Box("SLOWEST", "of the whole run, and where each spent its time")
	list := s.View.Slowest
	if len(list) == 0 {
		in.Text(2, 0, theme.Dim, "nothing has ended yet")
		return
	}
	t := newTable(in.W,
		column{head: "due at", w: 8, left: true, rank: 5},
		column{head: "request", w: 8, left: true, flex: true, rank: 2},
		column{head: "response", w: 9},
		column{head: "held here", w: 9, rank: 6},
		column{head: "slot wait", w: 9, rank: 3},
		column{head: "connect", w: 9, rank: 4},
		column{head: "send lag", w: 9, rank: 7},
		column{head: "service", w: 9, rank: 1},
		column{head: "ended", w: 12, left: true},
	)
	t.heads(in, 0)
	for i := range list[:min(len(list), in.H-1)] {
		x, y := &list[i], i+1
		p := x.Parts()
		t.put(in, 0, y, theme.Dim, units.Clock(time.Duration(x.T0)))
		t.put(in, 1, y, theme.Text, x.Name)
		t.put(in, 2, y, theme.Strong, units.Latency(x.Response()))
		for k, part := range [...]int64{p.Pacer, p.Slot, p.Connect, p.Dispatch, p.Service} {
			role := theme.Dim
			if 2*part > x.Response() { // where most of it went
				role = theme.Text
			}
			t.put(in, 3+k, y, role, units.Latency(part))
		}
		word, role := endOf(x)
		t.put(in, 8, y, role, word)
	}
	if more := len(list) - (in.H - 1); more > 0 {
		r.Foot(theme.Dim, "and "+units.Count(int64(more))+" more")
	}
}

// endOf says how a request ended in at most 12 cells.
func endOf(x *measure.Slow) (string, theme.Role) {
	switch x.Class {
	case measure.OK:
		return strconv.Itoa(int(x.Status)), theme.Text
	case measure.Assert:
		return strconv.Itoa(int(x.Status)) + " check", theme.Warn
	case measure.Error:
		return canvas.Shorten(faultWord(x.Cause), 12), theme.Bad
	}
	return strconv.Itoa(int(x.Status)), theme.Warn
}
