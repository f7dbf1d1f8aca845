package panel

import (
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

// column is a column of a [table].
type column struct {
	head string
	w    int  // of the widest thing that can stand in it
	left bool // words begin at the left; numbers end at the right
	flex bool // takes the room that is left over; w is its least
	rank int  // where there is no room, columns of the highest rank go first
}

// table places columns in a row of any width: as many as have room, spread
// evenly. A column is left out as a whole, never cut.
type table struct {
	cols []column
	x, w []int // where each begins and its width; width 0 is left out
}

const (
	tableGap  = 2 // the least between columns
	tableWide = 6 // and the most
)

// newTable places the columns in w cells, from cell 2 on: cell 0 is for the
// mark of the chosen row.
func newTable(w int, cols ...column) table {
	t := table{cols: cols, x: make([]int, len(cols)), w: make([]int, len(cols))}
	const margin = 2
	shown := make([]bool, len(cols))
	for i := range shown {
		shown[i] = cols[i].w > 0
	}
	need := func() (n, k, flex int) {
		n = margin + 1
		for i, c := range cols {
			if shown[i] {
				n += c.w
				if k > 0 {
					n += tableGap
				}
				k++
				if c.flex {
					flex++
				}
			}
		}
		return n, k, flex
	}
	n, k, flex := need()
	for n > w && k > 1 {
		drop := -1
		for i, c := range cols {
			if shown[i] && (drop < 0 || c.rank >= cols[drop].rank) {
				drop = i
			}
		}
		shown[drop] = false
		n, k, flex = need()
	}
	gap, more := tableGap, max(0, w-n)
	if k > 1 {
		spread := min(more/(k-1), tableWide-tableGap)
		if flex > 0 {
			spread = min(spread/4, 1)
		}
		gap += spread
		more -= spread * (k - 1)
	}
	x := margin
	for i, c := range cols {
		if !shown[i] {
			continue
		}
		t.x[i], t.w[i] = x, c.w
		if c.flex && flex > 0 {
			t.w[i] += more / flex
			more -= more / flex
			flex--
		}
		x += t.w[i] + gap
	}
	return t
}

// heads writes the names of the columns into row y.
func (t table) heads(r canvas.Region, y int) {
	for i, c := range t.cols {
		t.put(r, i, y, theme.Dim, c.head)
	}
}

// put writes a text into a column of row y: a number that has no room is left
// out, words are shortened where the column gives way.
func (t table) put(r canvas.Region, i, y int, role theme.Role, s string) {
	w := t.w[i]
	switch {
	case w == 0 || s == "":
	case t.cols[i].left && t.cols[i].flex:
		r.Text(t.x[i], y, role, canvas.Shorten(s, w))
	case t.cols[i].left:
		r.Text(t.x[i], y, role, canvas.Fit(w, s))
	default:
		r.Right(t.x[i]+w, y, role, canvas.Fit(w, s))
	}
}

// cell puts a number of a ladder, with a dagger behind it.
func (t table) cell(r canvas.Region, i, y int, c cell, dagger bool) {
	if t.w[i] > 0 {
		c.draw(r, t.x[i]+t.w[i], y, dagger)
	}
}

// has reports whether a column is shown.
func (t table) has(i int) bool { return t.w[i] > 0 }

// mark shows that a row is the chosen one: a sign before it, for those who see
// no colours.
func mark(r canvas.Region, y int, chosen bool) {
	if chosen {
		r.Text(0, y, theme.Key, ">")
	}
}

// window is the first of h rows of n that are shown so that the chosen one is
// among them; it stays in the middle where it can.
func window(n, h, chosen int) int {
	return max(0, min(chosen-h/2, n-h))
}

// clampRow is a chosen row that is there.
func clampRow(row, n int) int { return max(0, min(row, n-1)) }
