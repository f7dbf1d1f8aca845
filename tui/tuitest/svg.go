package tuitest

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Palette are the colours of the terminal that a picture shows.
type Palette struct{ Ground, Text string } // "#rrggbb"

// The palettes of the pictures.
var (
	DarkTerminal  = Palette{Ground: "#14161b", Text: "#d0d0d0"}
	LightTerminal = Palette{Ground: "#fbfbf9", Text: "#262626"}
)

// The size of a cell, in pixels of the picture.
const (
	cellW, cellH = 8, 17
	margin       = 14
)

// ink is how a cell is drawn.
type ink struct {
	colour  string // "" is the terminal's own
	bold    bool
	reverse bool
}

// SVG is a frame of w by h cells as a picture. Letters are text; lines, blocks
// and dots are shapes, so that they meet whatever font the reader has.
func SVG(frame string, w, h int, p Palette) string {
	var b strings.Builder
	width, height := w*cellW+2*margin, h*cellH+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="the cockpit of stoke">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", width, height, p.Ground)
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13.2" fill="%s" xml:space="preserve">`+"\n", p.Text)
	shapes := map[string]*strings.Builder{} // of each colour
	var colours []string
	for y, line := range strings.Split(frame, "\n") {
		drawLine(&b, y, line, p, func(colour, path string) {
			if shapes[colour] == nil {
				shapes[colour] = new(strings.Builder)
				colours = append(colours, colour)
			}
			shapes[colour].WriteString(path)
		})
	}
	for _, c := range colours {
		fmt.Fprintf(&b, `<path fill="%s" d="%s"/>`+"\n", c, shapes[c].String())
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// run is text of one ink that is written at once.
type run struct {
	x, w int
	text strings.Builder
	ink  ink
}

// drawLine draws a line of a frame; shape takes the parts that are no letters.
func drawLine(b *strings.Builder, y int, line string, p Palette, shape func(colour, path string)) {
	var now ink
	var r *run
	flush := func() {
		if r == nil {
			return
		}
		r.write(b, y, p)
		r = nil
	}
	x := 0
	state := byte(0)
	for line != "" {
		seq, width, n, next := ansi.DecodeSequence(line, state, nil)
		state, line = next, line[n:]
		if width == 0 {
			if strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m") {
				now.apply(strings.TrimSuffix(seq[2:], "m"))
			}
			continue
		}
		colour := now.colour
		if colour == "" {
			colour = p.Text
		}
		c := []rune(seq)[0]
		path, soft := cellPath(c, x, y)
		switch {
		case path != "" && !now.reverse:
			flush()
			if soft < 1 {
				colour = blend(p.Ground, colour, soft)
			}
			shape(colour, path)
		case c == ' ' && !now.reverse:
			if r != nil && r.ink == now && len(line) > 0 && line[0] != ' ' && line[0] != 0x1b {
				r.text.WriteByte(' ')
				r.w++
			} else {
				flush()
			}
		default:
			if r != nil && (r.ink != now || r.x+r.w != x) {
				flush()
			}
			if r == nil {
				r = &run{x: x, ink: now}
			}
			r.text.WriteString(seq)
			r.w += width
		}
		x += width
	}
	flush()
}

func (r *run) write(b *strings.Builder, y int, p Palette) {
	left, top := margin+r.x*cellW, margin+y*cellH
	fill := r.ink.colour
	if r.ink.reverse {
		ground := fill
		if ground == "" {
			ground = p.Text
		}
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`, left, top, r.w*cellW, cellH, ground)
		fill = p.Ground
	}
	text := strings.TrimRight(r.text.String(), " ")
	if text == "" {
		b.WriteByte('\n')
		return
	}
	lead := len(text) - len(strings.TrimLeft(text, " "))
	left += lead * cellW
	text = text[lead:]
	fmt.Fprintf(b, `<text x="%d" y="%d" textLength="%d"`, left, top+13, ansi.StringWidth(text)*cellW)
	if fill != "" {
		fmt.Fprintf(b, ` fill="%s"`, fill)
	}
	if r.ink.bold {
		b.WriteString(` font-weight="bold"`)
	}
	b.WriteString(">" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text) + "</text>\n")
}

// apply reads the parameters of a style sequence.
func (k *ink) apply(params string) {
	codes := strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ':' })
	if len(codes) == 0 {
		*k = ink{}
	}
	for i := 0; i < len(codes); i++ {
		n, _ := strconv.Atoi(codes[i])
		switch {
		case n == 0:
			*k = ink{}
		case n == 1:
			k.bold = true
		case n == 7:
			k.reverse = true
		case n == 22:
			k.bold = false
		case n == 27:
			k.reverse = false
		case n == 39:
			k.colour = ""
		case n == 38 && i+4 < len(codes) && codes[i+1] == "2":
			var c color.RGBA
			for j, v := range []*uint8{&c.R, &c.G, &c.B} {
				part, _ := strconv.Atoi(codes[i+2+j])
				*v = uint8(part)
			}
			k.colour = fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
			i += 4
		}
	}
}

// cellPath is the shape of a character that is drawn, empty for a letter, and
// how strong its colour is.
func cellPath(c rune, x, y int) (path string, strength float64) {
	left, top := float64(margin+x*cellW), float64(margin+y*cellH)
	rect := func(x, y, w, h float64) string {
		return fmt.Sprintf("M%s %sh%sv%sh-%sz", short(left+x), short(top+y), short(w), short(h), short(w))
	}
	const midX, midY, thin = cellW/2.0 - 0.5, cellH/2.0 - 0.5, 1.0
	switch {
	case c >= 0x2801 && c <= 0x28ff:
		for i, at := range [8][2]float64{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}} {
			if c&(1<<i) != 0 {
				path += rect(1+at[0]*4, 1.2+at[1]*4.25, 2.2, 2.2)
			}
		}
		return path, 1
	case c >= 0x2581 && c <= 0x2588: // from below
		h := float64(cellH) * float64(c-0x2580) / 8
		return rect(0, cellH-h, cellW, h), 1
	case c >= 0x2589 && c <= 0x258f: // from the left
		return rect(0, 0, cellW*float64(0x2590-c)/8, cellH), 1
	case c >= 0x2591 && c <= 0x2593: // shades
		return rect(0, 0, cellW, cellH), [...]float64{0.25, 0.5, 0.75}[c-0x2591]
	}
	arms := map[rune][4]bool{ // left, right, up, down
		'─': {true, true}, '│': {2: true, 3: true}, '┌': {1: true, 3: true}, '┐': {0: true, 3: true},
		'└': {1: true, 2: true}, '┘': {0: true, 2: true}, '┴': {true, true, true, false},
	}[c]
	if arms[0] {
		path += rect(0, midY, midX+thin, thin)
	}
	if arms[1] {
		path += rect(midX, midY, cellW-midX, thin)
	}
	if arms[2] {
		path += rect(midX, 0, thin, midY+thin)
	}
	if arms[3] {
		path += rect(midX, midY, thin, cellH-midY)
	}
	return path, 1
}

func short(v float64) string { return strconv.FormatFloat(v, 'f', -1, 32) }

// blend is a part of a colour over another.
func blend(under, over string, part float64) string {
	mix := func(i int) int64 {
		a, _ := strconv.ParseInt(under[i:i+2], 16, 32)
		b, _ := strconv.ParseInt(over[i:i+2], 16, 32)
		return a + int64(part*float64(b-a))
	}
	return fmt.Sprintf("#%02x%02x%02x", mix(1), mix(3), mix(5))
}
