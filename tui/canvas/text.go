package canvas

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxCluster bounds the bytes of one cell: more are an attack on the line
// height, not a letter.
const maxCluster = 32

// single reports whether a rune is known to take one cell and to stand alone,
// which spares the search for clusters.
func single(r rune) bool {
	switch {
	case r >= 0x20 && r < 0x7f:
		return true
	case r >= 0x2190 && r <= 0x2193, // arrows
		r >= 0x2500 && r <= 0x259f, // lines and blocks
		r >= 0x2800 && r <= 0x28ff: // braille
		return true
	}
	switch r {
	case '▼', '≥', '×', '·', '±', '≈', 'µ', '†', '–', '…':
		return true
	}
	return false
}

// next cuts the first character off s: its cleaned text as one rune, or as a
// cluster of several (rune -1), and its width in cells, 0 for what is left
// out.
func next(s string) (r rune, cluster string, width int, rest string) {
	r, n := utf8.DecodeRuneInString(s)
	// A combining mark may follow; only then is a cluster more than a rune.
	if single(r) && (len(s) == n || s[n] < utf8.RuneSelf || singleAt(s[n:])) {
		return r, "", 1, s[n:]
	}
	text, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	rest = s[len(text):]
	if text == "" { // cannot happen; never loop on it
		return 0, "", 0, ""
	}
	text = clean(text)
	switch {
	case text == "":
		return 0, "", 0, rest
	case len(text) > maxCluster:
		return '?', "", 1, rest
	}
	width = ansi.StringWidth(text)
	if width < 1 || width > 2 {
		return '?', "", 1, rest
	}
	if r, n := utf8.DecodeRuneInString(text); n == len(text) {
		return r, "", width, rest
	}
	return -1, text, width, rest
}

func singleAt(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return single(r)
}

// clean leaves out what would act on the terminal or hide: control and format
// characters, line separators, private and broken runes.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r == utf8.RuneError, unicode.Is(unicode.C, r), unicode.In(r, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, s)
}

// Width is the number of cells that a text takes on a sheet.
func Width(s string) int {
	n := 0
	for s != "" {
		var w int
		_, _, w, s = next(s)
		n += w
	}
	return n
}

// Fit returns the first of the texts that is at most w cells wide, or nothing.
func Fit(w int, texts ...string) string {
	for _, t := range texts {
		if Width(t) <= w {
			return t
		}
	}
	return ""
}

// Shorten cuts a name to w cells and says so with an ellipsis. It is for names
// and messages; a number is shown whole or not at all.
func Shorten(s string, w int) string {
	if Width(s) <= w {
		return s
	}
	if w < 2 {
		return ""
	}
	var b strings.Builder
	for n := 0; s != ""; {
		_, _, cw, rest := next(s)
		if n+cw > w-1 {
			break
		}
		b.WriteString(s[:len(s)-len(rest)])
		n += cw
		s = rest
	}
	return strings.TrimRight(b.String(), " ") + "…"
}

// Clip shortens a sentence to w cells by leaving out words from the end, and
// says so with an ellipsis. A number in it stays whole.
func Clip(s string, w int) string {
	if Width(s) <= w {
		return s
	}
	if lines := Wrap(s, w-2); len(lines) > 0 && w > 2 {
		return lines[0] + " …"
	}
	return ""
}

// Wrap breaks a text into lines of at most w cells, at spaces where it can.
func Wrap(s string, w int) []string {
	if w < 1 {
		return nil
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for Width(word) > w { // a word wider than the line is broken
			if line != "" {
				lines, line = append(lines, line), ""
			}
			head, rest := split(word, w)
			lines, word = append(lines, head), rest
		}
		switch {
		case word == "":
		case line == "":
			line = word
		case Width(line)+1+Width(word) <= w:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// split cuts s after at most w cells, always after at least one character.
func split(s string, w int) (head, rest string) {
	n, at := 0, 0
	for at < len(s) {
		_, _, cw, rest := next(s[at:])
		if at > 0 && n+cw > w {
			break
		}
		n += cw
		at = len(s) - len(rest)
	}
	return s[:at], s[at:]
}
