package canvas

import "stoke/tui/theme"

// heat are the shades of a heat map, from few to many.
var heat = [...]string{".", ":", "+", "#", "@"}

// ascii is the character that stands for a cell on a terminal without braille
// and box drawing.
func (c *Canvas) ascii(k cell) string {
	r := k.char
	switch {
	case r >= 0x20 && r < 0x7f:
		return string(r)
	case k.role >= theme.Heat1 && k.role <= theme.Heat5:
		return heat[k.role-theme.Heat1]
	case r == '─':
		return "-"
	case r == '│':
		return "|"
	case r >= 0x2500 && r <= 0x257f:
		return "+"
	case r == '░':
		return ":"
	case r >= 0x2581 && r <= 0x2583:
		return "_"
	case r >= 0x2580 && r <= 0x259f:
		return "#"
	case r >= 0x2800 && r <= 0x28ff:
		if k.role == theme.High {
			return "*"
		}
		return "-"
	}
	switch r {
	case '←':
		return "<"
	case '→', '≥':
		return ">"
	case '↑':
		return "^"
	case '↓', '▼':
		return "v"
	case '×':
		return "x"
	case 'µ':
		return "u"
	case '†':
		return "!"
	case '…':
		return "~"
	case '–':
		return "-"
	case '·':
		return "."
	case '±', '≈':
		return "~"
	}
	if r >= 0 && Width(string(r)) == 2 || r < 0 && Width(c.clusters[-r-1]) == 2 {
		return "??"
	}
	return "?"
}
