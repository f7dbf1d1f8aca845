package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// Role says what a piece of text is. The zero Role is plain text.
type Role uint8

// The roles.
const (
	Text    Role = iota // what is read
	Dim                 // words that explain, units of an axis
	Border              // lines of the boxes
	Title               // the name of a box
	Strong              // the figure that matters most in its row
	OK                  // good, said in words beside
	Wait                // not known yet
	Warn                // needs attention
	Bad                 // wrong: reversed
	Failed              // a number that should be zero and is not: amber's stronger sibling
	Key                 // a key to press
	Stop                // the key that takes the load away
	High                // the line of the high percentile
	Middle              // the line of the median
	Done                // bars of what was done
	Missing             // bars of what was asked and not done
	Mark                // marks over the chart
	Input               // text being typed
	Cursor              // the cell under the cursor
	Chosen              // the row that is chosen: reversed
	Heat1               // few answers of a cell of the heat map …
	Heat2
	Heat3
	Heat4
	Heat5 // … to half of them and more
	NumRoles
)

// Tokens are the colours of a theme by their use. A nil colour leaves the
// terminal's own.
type Tokens struct {
	Text, Dim, Border, Title, Strong  color.Color
	OK, Wait, Warn, Bad, Key          color.Color
	High, Middle, Done, Missing, Mark color.Color
	Heat                              [5]color.Color
}

// Theme is a set of styles, one for each role. It is never changed after it
// is made and may be shared by goroutines. Get one with [New], or make
// one with [Make]; the zero Theme draws without any style.
type Theme struct {
	name  string
	style [NumRoles]lipgloss.Style
	open  [NumRoles]string // what switches the style on
	close [NumRoles]string // and off
}

// Make makes a theme of a name and its tokens.
func Make(name string, k Tokens) *Theme {
	fg := func(c color.Color) lipgloss.Style {
		s := lipgloss.NewStyle()
		if c != nil {
			s = s.Foreground(c)
		}
		return s
	}
	t := &Theme{name: name, style: [NumRoles]lipgloss.Style{
		Text:    fg(k.Text),
		Dim:     fg(k.Dim),
		Border:  fg(k.Border),
		Title:   fg(k.Title).Bold(true),
		Strong:  fg(k.Strong).Bold(true),
		OK:      fg(k.OK).Bold(true),
		Wait:    fg(k.Wait),
		Warn:    fg(k.Warn).Bold(true),
		Bad:     fg(k.Bad).Bold(true).Reverse(true),
		Failed:  fg(k.Warn).Bold(true),
		Key:     fg(k.Key).Bold(true),
		Stop:    fg(k.Key).Bold(true),
		High:    fg(k.High),
		Middle:  fg(k.Middle),
		Done:    fg(k.Done),
		Missing: fg(k.Missing),
		Mark:    fg(k.Mark),
		Input:   fg(k.Strong),
		Cursor:  fg(k.Strong).Reverse(true),
		Chosen:  fg(k.Strong).Bold(true).Reverse(true),
		Heat1:   fg(k.Heat[0]),
		Heat2:   fg(k.Heat[1]),
		Heat3:   fg(k.Heat[2]),
		Heat4:   fg(k.Heat[3]),
		Heat5:   fg(k.Heat[4]).Bold(true),
	}}
	for r, s := range t.style {
		// The sequences are taken once, so that a frame of thousands of
		// cells does not format colours thousands of times.
		t.open[r], t.close[r], _ = strings.Cut(s.Render("x"), "x")
	}
	return t
}

// Name is the name to choose the theme by.
func (t *Theme) Name() string { return t.name }

// Style returns the style of a role, for text outside the frame.
func (t *Theme) Style(r Role) lipgloss.Style { return t.style[r] }

// Sequences returns what switches a role's style on and off; both are empty
// where the style adds nothing.
func (t *Theme) Sequences(r Role) (on, off string) { return t.open[r], t.close[r] }

func ramp(colours ...string) (heat [5]color.Color) {
	for i, c := range colours {
		heat[i] = lipgloss.Color(c)
	}
	return heat
}
