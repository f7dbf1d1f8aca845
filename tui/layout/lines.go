package layout

import (
	"slices"

	"stoke/engine"
	"stoke/tui/canvas"
	"stoke/tui/panel"
	"stoke/tui/theme"
)

// lines is the picture without boxes, for any size down to one cell.
func (f *frame) lines(r canvas.Region) {
	margin := 0
	if r.W >= 24 {
		margin = 1
	}
	w := r.W - margin
	keys := 0
	if r.H >= 6 {
		keys = 1
	}
	if r.H == 1 {
		if f.ui.Message != "" && f.ui.Alert {
			message(r, f.ui, r.W-1)
			return
		}
		panel.One(f.live, r.W).Draw(r, 0, 0)
		return
	}
	rows := panel.Small(f.s, f.live, w, f.ui.Frozen)
	room := r.H - keys
	if f.s.State == engine.Ready && r.W >= 50 && r.H >= 18 {
		rows[0].Line.Draw(r, margin, 0)
		box := r.Sub(0, 1, r.W, min(r.H-3, panel.BeforeHeight))
		panel.Before(box, f.s)
		f.link(box)
		f.event(r.Sub(0, r.H-2, r.W, 1))
		f.keys(r.Sub(0, r.H-1, r.W, 1), 2, true)
		return
	}
	event := room > len(rows) && keys == 1
	if event {
		room--
	}
	if f.ui.Message != "" && !event && keys == 0 && room > 2 {
		room-- // the message takes the last line
	}
	kept := keep(rows, room)
	for y, l := range kept {
		l.Draw(r, margin, y)
	}
	over := room - len(kept)
	if over >= panel.TimelineHeight && r.W >= 40 && f.s.State != engine.Ready {
		box := r.Sub(0, len(kept), r.W, over)
		panel.Timeline(box, f.s, f.ui.Look)
		f.link(box)
	}
	switch {
	case event:
		f.event(r.Sub(0, r.H-2, r.W, 1))
	case f.ui.Message != "" && keys == 0:
		message(r.Sub(0, r.H-1, r.W, 1), f.ui, r.W-2)
	}
	if keys == 1 {
		f.keys(r.Sub(0, r.H-1, r.W, 1), 2, event)
	}
}

// keep returns the n lines of the best rank, in their order.
func keep(rows []panel.SmallLine, n int) []panel.Line {
	ranks := make([]int, len(rows))
	for i, l := range rows {
		ranks[i] = l.Rank
	}
	slices.Sort(ranks)
	limit := -1
	if n > 0 && len(ranks) > 0 {
		limit = ranks[min(n, len(ranks))-1]
	}
	var out []panel.Line
	for _, l := range rows {
		if l.Rank <= limit && len(out) < n {
			out = append(out, l.Line)
		}
	}
	return out
}

// keys is the last line: keys from the left, as many as fit, and at the right
// edge the one that takes the load away. Without a line of its own a message
// stands in place of the keys.
func (f *frame) keys(r canvas.Region, gap int, event bool) {
	end := r.W - 1
	for _, k := range f.ui.Keys {
		if k.Key != "ctrl+c" {
			continue
		}
		if n := canvas.Width(k.Key) + 1 + canvas.Width(k.Does); n < r.W {
			x := r.Text(end-n, 0, theme.Stop, k.Key)
			r.Text(x+1, 0, theme.Stop, k.Does)
			end -= n + gap
		}
		break
	}
	if f.ui.Message != "" && !event {
		message(r, f.ui, end-1)
		return
	}
	x := 1
	for _, k := range fitting(f.ui.Keys, end-x, gap) {
		if x+k.width() > end {
			break
		}
		r.Text(r.Text(x, 0, theme.Key, k.Key)+1, 0, theme.Dim, k.Does)
		x += k.width() + gap
		if gap < 3 && k.Key == "↑↓" {
			x-- // the two pairs of arrows belong together
		}
	}
}

// fitting are the keys of the line but the one at its right edge: without the
// spare ones as far as the room asks for it.
func fitting(keys []Hint, room, gap int) []Hint {
	var list []Hint
	room += gap
	for _, k := range keys {
		if k.Key == "ctrl+c" {
			continue
		}
		if gap < 3 && k.Does == "concurrency" {
			k.Does = "conc"
		}
		if gap < 3 && k.Key == "↑↓" {
			room++
		}
		list = append(list, k)
		room -= k.width() + gap
	}
	for room < 0 && len(list) > 0 {
		i := 0
		for n, k := range list {
			if k.Spare > list[i].Spare {
				i = n
			}
		}
		if list[i].Spare == 0 {
			break
		}
		room += list[i].width() + gap
		list = slices.Delete(list, i, i+1)
	}
	return list
}

func (k Hint) width() int { return canvas.Width(k.Key) + 1 + canvas.Width(k.Does) }
