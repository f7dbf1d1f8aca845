package theme

import (
	"fmt"
	"image/color"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// What must not look alike has to differ on every kind of terminal.
func TestColoursSurviveFewerColours(t *testing.T) {
	d := Dark()
	for _, p := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI} {
		show := func(r Role) string {
			var c color.Color = p.Convert(d.Style(r).GetForeground())
			return fmt.Sprint(c, d.Style(r).GetReverse(), d.Style(r).GetBold())
		}
		for _, pair := range [][2]Role{{OK, Warn}, {OK, Bad}, {Warn, Bad}, {Wait, Warn}, {High, Middle}, {Done, Missing}, {Text, Failed}, {Key, Dim}} {
			if show(pair[0]) == show(pair[1]) {
				t.Errorf("%v: roles %d and %d look alike: %s", p, pair[0], pair[1], show(pair[0]))
			}
		}
	}
}

func TestPlainHasNoColours(t *testing.T) {
	p := Plain()
	for r := range NumRoles {
		on, _ := p.Sequences(r)
		for _, code := range []string{"38;", "48;", "[3", "[4", "[9"} {
			if strings.Contains(on, code) {
				t.Errorf("role %d: %q", r, on)
			}
		}
	}
	if on, _ := p.Sequences(Bad); !strings.Contains(on, "7") {
		t.Errorf("what is wrong is not reversed: %q", on)
	}
}

func TestEveryRoleOfDarkIsSet(t *testing.T) {
	d := Dark()
	for r := Dim; r < NumRoles; r++ {
		if on, off := d.Sequences(r); on == "" || off == "" {
			t.Errorf("role %d has no style", r)
		}
	}
	if on, off := d.Sequences(Text); on != "" || off != "" {
		t.Errorf("plain text is styled: %q", on)
	}
}
