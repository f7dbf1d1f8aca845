package panel

import (
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

// Span is a piece of text in one role.
type Span struct {
	Role theme.Role
	Text string
}

// Line is a row of text in several roles.
type Line []Span

// Width is the number of cells of a line.
func (l Line) Width() int {
	n := 0
	for _, s := range l {
		n += canvas.Width(s.Text)
	}
	return n
}

// Draw writes the line from x on in row y and returns the place after it.
func (l Line) Draw(r canvas.Region, x, y int) int {
	for _, s := range l {
		x = r.Text(x, y, s.Role, s.Text)
	}
	return x
}

// Pick returns the first of the lines that is at most w cells wide, or nil.
func Pick(w int, lines ...Line) Line {
	for _, l := range lines {
		if l.Width() <= w {
			return l
		}
	}
	return nil
}
