package layout

import (
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

// prompt draws the line being typed over the last row; what is wrong with it,
// or what it would do, stands beside it or, where that is too narrow, above.
func prompt(all canvas.Region, p *Prompt) {
	r := all.Sub(0, all.H-1, all.W, 1)
	r.Clear()
	x := 0
	if label := p.Label; label != "" && canvas.Width(label)+6 < r.W {
		if label != ":" {
			label += ":"
		}
		x = r.Text(1, 0, theme.Key, label) + 1
	}
	note, role := p.Preview, theme.Dim
	if p.Error != "" {
		note, role = p.Error, theme.Warn
	}
	text := []rune(p.Text)
	cursor := min(max(p.Cursor, 0), len(text))
	need := canvas.Width(p.Text) + 1
	beside := note != "" && x+max(need, 12)+3+canvas.Width(note) < r.W
	room := r.W - x
	if beside {
		room -= canvas.Width(note) + 3
	}
	// The part of the text around the cursor that fits.
	from := 0
	for from < cursor && canvas.Width(string(text[from:cursor]))+1 > room {
		from++
	}
	shown := text[from:]
	for len(shown) > cursor-from && canvas.Width(string(shown))+1 > room {
		shown = shown[:len(shown)-1]
	}
	at := r.Text(x, 0, theme.Input, string(shown[:cursor-from]))
	if rest := string(shown[cursor-from:]); rest != "" {
		end := r.Text(at, 0, theme.Input, rest)
		one := string(shown[cursor-from : cursor-from+1])
		r.Text(at, 0, theme.Cursor, one)
		at = end
	} else {
		r.Rune(min(at, r.W-1), 0, theme.Cursor, ' ')
		at++
	}
	switch {
	case beside:
		r.Text(max(at, x+12)+3, 0, role, note)
	case note != "" && all.H > 1:
		lines := canvas.Wrap(note, all.W-2)
		for i, l := range lines {
			y := all.H - 1 - len(lines) + i
			if y < 0 {
				continue
			}
			above := all.Sub(0, y, all.W, 1)
			above.Clear()
			above.Text(1, 0, role, l)
		}
	}
}

// dialog draws a box over the middle of the picture. On a small screen the
// frame goes first, then lines from the top; the keys stay.
func dialog(all canvas.Region, d *Dialog) {
	inner := all.W - 6
	framed := all.W >= 30 && all.H >= 7
	if !framed {
		inner = all.W
	}
	var lines []string
	widest := canvas.Width(d.Title) + 4
	for _, l := range d.Lines {
		if canvas.Width(l) <= inner {
			lines = append(lines, l) // keeps its spaces: columns stay columns
		} else {
			lines = append(lines, canvas.Wrap(l, inner)...)
		}
	}
	keys := hintRows(d.Keys, inner)
	for _, l := range lines {
		widest = max(widest, canvas.Width(l))
	}
	for _, row := range keys {
		widest = max(widest, hintsWidth(row))
	}
	if !framed {
		plainDialog(all, d.Title, lines, keys)
		return
	}
	rows := all.H - 2 - len(keys)
	gap := 0
	if len(keys) > 0 && rows > len(lines) {
		gap = 1
	}
	lines = lines[:min(len(lines), max(0, rows-gap))]
	w, h := min(widest, inner)+6, min(len(lines)+gap+len(keys)+2, all.H)
	box := all.Sub((all.W-w)/2, (all.H-h)/2, w, h)
	box.Cutout()
	in := box.Box(canvas.Shorten(d.Title, w-6))
	for y, l := range lines {
		in.Text(2, y, theme.Text, l)
	}
	for i, row := range keys {
		hints(in, 2, in.H-len(keys)+i, row)
	}
}

func plainDialog(all canvas.Region, title string, lines []string, keys [][]Hint) {
	all.Clear()
	y := 0
	if all.H > len(keys)+1 {
		all.Text(0, y, theme.Title, canvas.Shorten(title, all.W))
		y++
	}
	for _, l := range lines {
		if y >= all.H-len(keys) {
			break
		}
		all.Text(0, y, theme.Text, l)
		y++
	}
	for i, row := range keys {
		hints(all, 0, max(all.H-len(keys), 0)+i, row)
	}
}

// hintRows spreads keys over rows of at most w cells; a key that is wider
// alone loses words from the end.
func hintRows(keys []Hint, w int) [][]Hint {
	var rows [][]Hint
	for _, k := range keys {
		if hintsWidth([]Hint{k}) > w {
			k.Does = canvas.Clip(k.Does, w-canvas.Width(k.Key)-1)
		}
		if n := len(rows); n > 0 && hintsWidth(append(rows[n-1][:len(rows[n-1]):len(rows[n-1])], k)) <= w {
			rows[n-1] = append(rows[n-1], k)
			continue
		}
		rows = append(rows, []Hint{k})
	}
	return rows
}

func hintsWidth(row []Hint) int {
	n := 0
	for i, k := range row {
		if i > 0 {
			n += 3
		}
		n += canvas.Width(k.Key)
		if k.Does != "" {
			n += 1 + canvas.Width(k.Does)
		}
	}
	return n
}

func hints(r canvas.Region, x, y int, row []Hint) {
	for _, k := range row {
		x = r.Text(x, y, theme.Key, k.Key)
		if k.Does != "" {
			x = r.Text(x+1, y, theme.Text, k.Does)
		}
		x += 3
	}
}
