package chart

import (
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

// dotBit is the bit of a dot in a braille character: row, then column.
var dotBit = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// Lines draws the two latency lines. The region is as wide as the timeline
// has columns and as high as the axis has rows. Where both lines share a cell
// the high one is on top. A bound is drawn as ≥.
func (t Timeline) Lines(r canvas.Region, a Axis) {
	if a.Empty() {
		return
	}
	trace(r, t, a, theme.Middle, func(d Dots) int64 { return d.Middle })
	trace(r, t, a, theme.High, func(d Dots) int64 { return d.High })
	for x, c := range t.Columns {
		if v := max(c.Half[0].High, c.Half[1].High); c.Bound && v > 0 {
			r.Rune(x, a.dot(v)/4, theme.High, '≥')
		}
	}
}

// trace draws one line: a dot for each half column, joined to the one before
// it unless there is a gap.
func trace(r canvas.Region, t Timeline, a Axis, role theme.Role, value func(Dots) int64) {
	cells := make([]rune, a.rows) // of the present column
	before := -1                  // row of dots of the half column before, -1 at a gap
	for x, c := range t.Columns {
		clear(cells)
		for half, d := range c.Half {
			v := value(d)
			if v <= 0 {
				before = -1
				continue
			}
			at := a.dot(v)
			from, to := at, at
			if before >= 0 {
				// The step is drawn up to next to the earlier dot.
				from, to = min(at, before+1), max(at, before-1)
				if at > before {
					from = before + 1
				} else if at < before {
					to = before - 1
				} else {
					from, to = at, at
				}
			}
			for y := from; y <= to; y++ {
				cells[y/4] |= dotBit[y%4][half]
			}
			before = at
		}
		for y, bits := range cells {
			if bits != 0 {
				r.Rune(x, y, role, 0x2800+bits)
			}
		}
	}
}

// LastRow is the row, from the top, at which a line ends, for its label:
// false without one.
func (t Timeline) LastRow(a Axis, value func(Dots) int64) (row int, ok bool) {
	if a.Empty() {
		return 0, false
	}
	for x := len(t.Columns) - 1; x >= 0 && x >= len(t.Columns)-3; x-- {
		for half := 1; half >= 0; half-- {
			if v := value(t.Columns[x].Half[half]); v > 0 {
				return a.dot(v) / 4, true
			}
		}
	}
	return 0, false
}

// EndRows are the rows for the labels of the high and of the median line, kept
// apart; -1 where a line has no end.
func (t Timeline) EndRows(a Axis) (high, middle int) {
	high, middle = -1, -1
	if row, ok := t.LastRow(a, func(d Dots) int64 { return d.High }); ok {
		high = row
	}
	if row, ok := t.LastRow(a, func(d Dots) int64 { return d.Middle }); ok {
		middle = row
	}
	if high >= 0 && high == middle {
		if middle+1 < a.rows {
			middle++
		} else {
			high--
		}
	}
	return high, middle
}

var blocks = []rune(" ▁▂▃▄▅▆▇█")

// missingFrom is the share of what was asked below which a difference to what
// was done is noise: requests on their way.
const missingFrom = 0.02

// Bars draws what was done as solid bars, and ░ above for what was asked and
// not done. The region is as high as the scale has rows.
func (t Timeline) Bars(r canvas.Region, s Scale) {
	for x, c := range t.Columns {
		if c.Seconds == 0 {
			continue
		}
		done, asked := s.eighths(c.Done), 0
		if c.Asked-c.Done > missingFrom*c.Asked {
			asked = s.eighths(c.Asked)
		}
		for row := range s.rows {
			base := (s.rows - 1 - row) * 8 // eighths below this cell
			switch {
			case done > base:
				r.Rune(x, row, theme.Done, blocks[min(done-base, 8)])
			case asked >= base+4: // at least half a cell of it
				r.Rune(x, row, theme.Missing, '░')
			}
		}
	}
}

// Mark is a text at a moment of the run.
type Mark struct {
	Second int64
	Text   string
}

// Marks writes marks into the first row of the region, each beginning at its
// column with ▼. The newest have the first claim on the room: an older one
// that would run into a newer one loses its text, then its sign.
func (t Timeline) Marks(r canvas.Region, marks []Mark) {
	free := r.W // the first cell that is taken
	for i := len(marks) - 1; i >= 0; i-- {
		m := marks[i]
		x := int(m.Second/t.Step - t.First)
		if m.Second < 0 || x < 0 {
			continue
		}
		w := 1 + canvas.Width(m.Text)
		switch {
		case x+w <= free:
			r.Text(x, 0, theme.Mark, "▼"+m.Text)
		case free == r.W && w <= r.W && i == len(marks)-1 && x < r.W:
			// The newest one at the right edge: its text turns to the left.
			r.Right(x, 0, theme.Mark, m.Text)
			r.Rune(x, 0, theme.Mark, '▼')
			free = x - w
			continue
		case x < free:
			r.Rune(x, 0, theme.Mark, '▼')
		default:
			continue
		}
		free = x - 1
	}
}

// Invalid writes an x under every column that does not count.
func (t Timeline) Invalid(r canvas.Region, y int) {
	for x, c := range t.Columns {
		if c.Invalid {
			r.Rune(x, y, theme.Bad, 'x')
		}
	}
}

// Times writes the time axis into row y: "-2 min" at its column, "now" at the
// right edge. A label that would touch an x of an invalid column is left out.
func (t Timeline) Times(r canvas.Region, y int) {
	n := len(t.Columns)
	write := func(x int, s string) {
		for i := x - 1; i <= x+len(s); i++ {
			if !r.Blank(i, y) {
				return
			}
		}
		r.Text(x, y, theme.Dim, s)
	}
	write(n-len("now"), "now")
	every := int64(60)
	for every/t.Step < 12 {
		every *= 5
	}
	for s := every; s <= int64(n)*t.Step; s += every {
		if x := n - int(s/t.Step); x+len(ago(s)) < n-len("now")-1 {
			write(x, ago(s))
		}
	}
}
