package theme

import (
	"fmt"
	"image/color"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// What must not look alike has to differ on every kind of terminal, in every
// theme. With Text a theme without words for it in colour keeps bold apart.
func TestColoursSurviveFewerColours(t *testing.T) {
	for _, name := range Names() {
		d, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		if d.Name() != name {
			t.Errorf("theme %q calls itself %q", name, d.Name())
		}
		for _, p := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI} {
			show := func(r Role) string {
				var c color.Color = p.Convert(d.Style(r).GetForeground())
				return fmt.Sprint(c, d.Style(r).GetReverse(), d.Style(r).GetBold())
			}
			pairs := [][2]Role{{OK, Bad}, {Warn, Bad}, {Wait, Warn}, {Text, Failed}, {Key, Dim}, {Text, Chosen}}
			if name != "plain" { // there words and shapes alone tell them apart
				pairs = append(pairs, [][2]Role{{OK, Warn}, {High, Middle}, {Done, Missing}, {Heat1, Heat5}, {Heat1, Heat4}, {Heat2, Heat4}}...)
			}
			for _, pair := range pairs {
				if show(pair[0]) == show(pair[1]) {
					t.Errorf("%s, %v: roles %d and %d look alike: %s", name, p, pair[0], pair[1], show(pair[0]))
				}
			}
		}
	}
}

func TestNew(t *testing.T) {
	if d, err := New(""); err != nil || d.Name() != "dark" {
		t.Errorf("no name: %v, %v", d, err)
	}
	if d, err := New("ColorBlind"); err != nil || d.Name() != "colourblind" {
		t.Errorf("the other spelling: %v", err)
	}
	if _, err := New("solarized"); err == nil || !strings.Contains(err.Error(), "dark, light, contrast, 16, colourblind, plain") {
		t.Errorf("an unknown theme: %v", err)
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
