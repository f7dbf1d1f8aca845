package theme

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
)

// made are the themes in the order in which they are offered.
var made = []struct {
	name string
	make func() *Theme
}{
	{"dark", Dark}, {"light", Light}, {"contrast", Contrast}, {"16", Sixteen}, {"colourblind", ColourBlind}, {"plain", Plain},
}

// Names lists the themes to choose from, the usual one first.
func Names() []string {
	var names []string
	for _, m := range made {
		names = append(names, m.name)
	}
	return names
}

// New returns the theme of a name; the empty name is the first of [Names]. The
// error of an unknown one lists them all.
func New(name string) (*Theme, error) {
	if name == "" {
		return made[0].make(), nil
	}
	for _, m := range made {
		if strings.EqualFold(name, m.name) || m.name == "colourblind" && strings.EqualFold(name, "colorblind") {
			return m.make(), nil
		}
	}
	return nil, fmt.Errorf("there is no theme %q: choose one of %s", name, strings.Join(Names(), ", "))
}

// Dark is the theme for a dark terminal. Its colours keep their meaning at
// 256 and at 16 colours.
func Dark() *Theme {
	return Make("dark", Tokens{
		Dim:     lipgloss.Color("#8a8a8a"),
		Border:  lipgloss.Color("#6c6c6c"),
		Title:   lipgloss.Color("#d0d0d0"),
		Strong:  lipgloss.Color("#ffffff"),
		OK:      lipgloss.Color("#5fafff"),
		Wait:    lipgloss.Color("#8a8a8a"),
		Warn:    lipgloss.Color("#ffaf00"),
		Bad:     lipgloss.Color("#d70000"),
		Key:     lipgloss.Color("#87d7ff"),
		High:    lipgloss.Color("#ffd75f"),
		Middle:  lipgloss.Color("#5fd7d7"),
		Done:    lipgloss.Color("#5f87d7"),
		Missing: lipgloss.Color("#ffaf00"),
		Mark:    lipgloss.Color("#d0d0d0"),
		Heat:    ramp("#5f87af", "#5fafd7", "#5fd7d7", "#afd787", "#ffd75f"),
	})
}

// Light is the theme for a light terminal.
func Light() *Theme {
	return Make("light", Tokens{
		Dim:     lipgloss.Color("#6c6c6c"),
		Border:  lipgloss.Color("#8a8a8a"),
		Title:   lipgloss.Color("#303030"),
		Strong:  lipgloss.Color("#000000"),
		OK:      lipgloss.Color("#005faf"),
		Wait:    lipgloss.Color("#6c6c6c"),
		Warn:    lipgloss.Color("#af5f00"),
		Bad:     lipgloss.Color("#af0000"),
		Key:     lipgloss.Color("#005f87"),
		High:    lipgloss.Color("#af5f00"),
		Middle:  lipgloss.Color("#00878a"),
		Done:    lipgloss.Color("#5f87d7"),
		Missing: lipgloss.Color("#d78700"),
		Mark:    lipgloss.Color("#303030"),
		Heat:    ramp("#87afd7", "#5f87d7", "#005faf", "#5f0087", "#000000"),
	})
}

// Contrast is for those who see little of a difference, and for projectors, on
// a black terminal: full white, yellow, cyan and red, no grey.
func Contrast() *Theme {
	return Make("contrast", Tokens{
		Text:    lipgloss.Color("#ffffff"),
		Dim:     lipgloss.Color("#ffffff"),
		Border:  lipgloss.Color("#ffffff"),
		Title:   lipgloss.Color("#ffffff"),
		Strong:  lipgloss.Color("#ffffff"),
		OK:      lipgloss.Color("#00ffff"),
		Wait:    lipgloss.Color("#ffffff"),
		Warn:    lipgloss.Color("#ffff00"),
		Bad:     lipgloss.Color("#ff0000"),
		Key:     lipgloss.Color("#00ffff"),
		High:    lipgloss.Color("#ffff00"),
		Middle:  lipgloss.Color("#00ffff"),
		Done:    lipgloss.Color("#ffffff"),
		Missing: lipgloss.Color("#ffff00"),
		Mark:    lipgloss.Color("#ffffff"),
		Heat:    ramp("#ffffff", "#ffffff", "#00ffff", "#ffff00", "#ffff00"),
	})
}

// Sixteen uses the terminal's own sixteen colours, so that it fits whatever
// palette the operator has set.
func Sixteen() *Theme {
	return Make("16", Tokens{
		Dim:     lipgloss.Color("8"),
		Border:  lipgloss.Color("8"),
		Title:   lipgloss.Color("7"),
		Strong:  lipgloss.Color("15"),
		OK:      lipgloss.Color("12"),
		Wait:    lipgloss.Color("8"),
		Warn:    lipgloss.Color("11"),
		Bad:     lipgloss.Color("9"),
		Key:     lipgloss.Color("14"),
		High:    lipgloss.Color("11"),
		Middle:  lipgloss.Color("14"),
		Done:    lipgloss.Color("12"),
		Missing: lipgloss.Color("11"),
		Mark:    lipgloss.Color("7"),
		Heat:    ramp("4", "12", "6", "14", "11"),
	})
}

// ColourBlind takes its colours from the palette of Okabe and Ito, which stays
// apart for the usual kinds of colour blindness; what is bad is told from what
// warns by its brightness too.
func ColourBlind() *Theme {
	return Make("colourblind", Tokens{
		Dim:     lipgloss.Color("#9e9e9e"),
		Border:  lipgloss.Color("#767676"),
		Title:   lipgloss.Color("#d0d0d0"),
		Strong:  lipgloss.Color("#ffffff"),
		OK:      lipgloss.Color("#56b4e9"),
		Wait:    lipgloss.Color("#9e9e9e"),
		Warn:    lipgloss.Color("#f0e442"),
		Bad:     lipgloss.Color("#d55e00"),
		Key:     lipgloss.Color("#56b4e9"),
		High:    lipgloss.Color("#e69f00"),
		Middle:  lipgloss.Color("#56b4e9"),
		Done:    lipgloss.Color("#0072b2"),
		Missing: lipgloss.Color("#f0e442"),
		Mark:    lipgloss.Color("#d0d0d0"),
		Heat:    ramp("#0072b2", "#56b4e9", "#9ad0f0", "#f0e442", "#e69f00"),
	})
}

// Plain is the theme without colours, for NO_COLOR: bold for what matters,
// reverse for what is wrong, for the cursor and for what is chosen.
func Plain() *Theme { return Make("plain", Tokens{}) }
