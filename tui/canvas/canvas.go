package canvas

import (
	"strings"
	"unicode/utf8"

	"stoke/tui/theme"
)

// cell is one place on the sheet. A negative char is the index, counted from
// -1, of a cluster of several runes; tail marks the right half of a wide one.
type cell struct {
	char rune
	role theme.Role
	tail bool
}

// Canvas is a sheet of w by h cells, blank at first. It is not safe for
// concurrent use.
type Canvas struct {
	w, h     int
	cells    []cell
	clusters []string
}

// New returns a blank sheet; sizes below 0 count as 0.
func New(w, h int) *Canvas {
	w, h = max(w, 0), max(h, 0)
	c := &Canvas{w: w, h: h, cells: make([]cell, w*h)}
	for i := range c.cells {
		c.cells[i].char = ' '
	}
	return c
}

// All is the whole sheet.
func (c *Canvas) All() Region { return Region{c: c, W: c.w, H: c.h} }

// set writes one character of the given width at a place on the sheet. What
// it covers of a wide character is blanked.
func (c *Canvas) set(x, y int, char rune, width int, role theme.Role) {
	i := y*c.w + x
	if c.cells[i].tail {
		c.cells[i-1].char = ' '
	}
	if end := i + width; end < len(c.cells) && x+width < c.w && c.cells[end].tail {
		c.cells[end] = cell{char: ' ', role: c.cells[end].role}
	}
	c.cells[i] = cell{char: char, role: role}
	if width == 2 {
		c.cells[i+1] = cell{char: ' ', role: role, tail: true}
	}
}

// String is the sheet as text in a theme: its lines joined by newlines, blank
// ends left out, without a final newline. With ascii every character is
// replaced by one of the same width that any terminal has.
func (c *Canvas) String(t *theme.Theme, ascii bool) string {
	var b strings.Builder
	b.Grow(c.w*c.h*2 + c.h*64)
	for y := range c.h {
		if y > 0 {
			b.WriteByte('\n')
		}
		c.line(&b, c.cells[y*c.w:(y+1)*c.w], t, ascii)
	}
	return b.String()
}

func (c *Canvas) line(b *strings.Builder, row []cell, t *theme.Theme, ascii bool) {
	end := len(row)
	for end > 0 && blank(row[end-1]) {
		end--
	}
	var off string
	last := theme.NumRoles // of no cell
	for _, k := range row[:end] {
		if k.tail {
			continue
		}
		// A space looks the same in every role that is not reversed, so it
		// need not break a run.
		if k.role != last && (k.char != ' ' || reversed(k.role) || reversed(last)) {
			b.WriteString(off)
			var on string
			on, off = t.Sequences(k.role)
			b.WriteString(on)
			last = k.role
		}
		switch {
		case ascii:
			b.WriteString(c.ascii(k))
		case k.char < 0:
			b.WriteString(c.clusters[-k.char-1])
		case k.char < utf8.RuneSelf:
			b.WriteByte(byte(k.char))
		default:
			b.WriteRune(k.char)
		}
	}
	b.WriteString(off)
}

func blank(k cell) bool { return k.char == ' ' && !k.tail && !reversed(k.role) }

// reversed reports whether a role shows on a blank cell.
func reversed(r theme.Role) bool { return r == theme.Bad || r == theme.Cursor || r == theme.Chosen }
