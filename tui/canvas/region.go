package canvas

import "stoke/tui/theme"

// Region is a window of a sheet, W by H cells. Places are counted from its
// upper left corner; what falls outside is left out. The zero Region takes
// nothing.
type Region struct {
	c    *Canvas
	x, y int
	W, H int
}

// Sub is the part of r at x, y of at most w by h cells.
func (r Region) Sub(x, y, w, h int) Region {
	if x < 0 {
		w, x = w+x, 0
	}
	if y < 0 {
		h, y = h+y, 0
	}
	return Region{c: r.c, x: r.x + x, y: r.y + y, W: max(0, min(w, r.W-x)), H: max(0, min(h, r.H-y))}
}

// Text writes s from x on in row y and returns the place after it, whether or
// not everything found room. A wide character that would be halved is left
// out.
func (r Region) Text(x, y int, role theme.Role, s string) int {
	for s != "" {
		char, cluster, w, rest := next(s)
		s = rest
		if w == 0 {
			continue
		}
		if y >= 0 && y < r.H && x >= 0 && x+w <= r.W {
			if char < 0 {
				r.c.clusters = append(r.c.clusters, cluster)
				char = rune(-len(r.c.clusters))
			}
			r.c.set(r.x+x, r.y+y, char, w, role)
		}
		x += w
	}
	return x
}

// Right writes s so that it ends before x.
func (r Region) Right(x, y int, role theme.Role, s string) { r.Text(x-Width(s), y, role, s) }

// Rune writes one character that is one cell wide.
func (r Region) Rune(x, y int, role theme.Role, char rune) {
	if y >= 0 && y < r.H && x >= 0 && x < r.W {
		r.c.set(r.x+x, r.y+y, char, 1, role)
	}
}

// Blank reports whether the cell is empty or outside.
func (r Region) Blank(x, y int) bool {
	if y < 0 || y >= r.H || x < 0 || x >= r.W {
		return true
	}
	k := r.c.cells[(r.y+y)*r.c.w+r.x+x]
	return k.char == ' ' && !k.tail
}

// Cutout blanks the region, and beside it the words and numbers that it would
// cut in two: up to a line of a box or two blanks.
func (r Region) Cutout() {
	sheet := r.c.All()
	wipe := func(x, y, step int) {
		for ; x >= 0 && x < sheet.W; x += step {
			k := r.c.cells[y*sheet.W+x]
			line := k.char >= 0x2500 && k.char <= 0x257f
			if line || sheet.Blank(x, y) && sheet.Blank(x+step, y) {
				return
			}
			sheet.Rune(x, y, theme.Text, ' ')
		}
	}
	for y := r.y; y < r.y+r.H; y++ {
		wipe(r.x-1, y, -1)
		wipe(r.x+r.W, y, 1)
	}
	r.Clear()
}

// Clear blanks the region.
func (r Region) Clear() {
	for y := range r.H {
		for x := range r.W {
			r.c.set(r.x+x, r.y+y, ' ', 1, theme.Text)
		}
	}
}

// Box draws a frame along the edge with a title in its upper line and returns
// what is inside. The first text of the title is its name, the others explain;
// what does not fit is left out from the end, word by word.
func (r Region) Box(title string, words ...string) Region {
	if r.W < 2 || r.H < 2 {
		return Region{}
	}
	for x := 1; x < r.W-1; x++ {
		r.Rune(x, 0, theme.Border, '─')
		r.Rune(x, r.H-1, theme.Border, '─')
	}
	for y := 1; y < r.H-1; y++ {
		r.Rune(0, y, theme.Border, '│')
		r.Rune(r.W-1, y, theme.Border, '│')
	}
	r.Rune(0, 0, theme.Border, '┌')
	r.Rune(r.W-1, 0, theme.Border, '┐')
	r.Rune(0, r.H-1, theme.Border, '└')
	r.Rune(r.W-1, r.H-1, theme.Border, '┘')
	if n := Width(title); title != "" && n+4 <= r.W {
		x := r.Text(1, 0, theme.Title, " "+title+" ")
		for _, s := range words {
			if s == "" {
				continue
			}
			if x+Width(s)+1 > r.W-1 {
				break
			}
			x = r.Text(x, 0, theme.Dim, s+" ")
		}
	}
	return r.Sub(1, 1, r.W-2, r.H-2)
}

// Foot writes a note into the lower line of a frame drawn by Box, from the
// left, if it fits, and reports whether it did.
func (r Region) Foot(role theme.Role, s string) bool {
	if s == "" || Width(s)+4 > r.W || r.H < 2 {
		return false
	}
	r.Text(1, r.H-1, role, " "+s+" ")
	return true
}
