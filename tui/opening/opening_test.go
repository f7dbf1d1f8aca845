package opening

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"stoke/tui/theme"
)

func list(saved int) *List {
	l := New(func(url string) error {
		if !strings.Contains(url, "test") {
			return errors.New("the target has no host: write it out")
		}
		return nil
	})
	entries := []Entry{{Kind: Demo, Name: "the demo", About: "just look"}, {Kind: URL, Name: "a URL …"}, {Kind: Example, Name: "hello", About: "The smallest."}}
	for i := range saved {
		entries = append(entries, Entry{Kind: Saved, Name: fmt.Sprint("shop-", i), About: "A shop.", Details: []string{"target    http://h"}})
	}
	if saved > 1 {
		entries[4].Problem = "line 3:1: unknown key\nline 4:1: too"
	}
	l.Fill(entries, nil)
	return l
}

func picture(l *List, w, h int) string { return ansi.Strip(l.Frame(w, h, theme.Dark(), false)) }

func press(t *testing.T, l *List, names ...string) (Choice, bool) {
	t.Helper()
	for i, name := range names {
		text := ""
		if len([]rune(name)) == 1 {
			text = name
		}
		c, chosen, leave := l.Key(name, text)
		if (chosen || leave) && i < len(names)-1 {
			t.Fatalf("%s ended it", name)
		}
		if chosen {
			return c, true
		}
	}
	return Choice{}, false
}

func TestArrowsAndEnter(t *testing.T) {
	if c, ok := press(t, list(0), "enter"); !ok || c != (Choice{Demo, "the demo"}) {
		t.Errorf("without profiles enter opens %+v", c)
	}
	if c, ok := press(t, list(1), "enter"); !ok || c != (Choice{Saved, "shop-0"}) {
		t.Errorf("with profiles enter opens %+v", c)
	}
	if c, ok := press(t, list(3), "end", "enter"); !ok || c != (Choice{Example, "hello"}) {
		t.Errorf("the last one is %+v", c)
	}
	l := list(3)
	if c, ok := press(t, l, "down", "enter"); ok {
		t.Errorf("a broken profile was opened: %+v", c)
	}
	for _, want := range []string{"cannot be used: line 3:1: unknown key", "line 4:1: too"} {
		if p := picture(l, 80, 24); !strings.Contains(p, want) {
			t.Errorf("the picture does not say %q:\n%s", want, p)
		}
	}
	if _, _, leave := l.Key("q", "q"); !leave {
		t.Error("q does not leave")
	}
	empty := New(nil)
	press(t, empty, "down", "up", "enter")
	empty.Fill(nil, errors.New("the directory cannot be read"))
	if p := picture(empty, 80, 24); !strings.Contains(p, "the directory cannot be read") {
		t.Errorf("the picture does not say what is wrong:\n%s", p)
	}
}

func TestForm(t *testing.T) {
	l := list(1)
	press(t, l, "down", "enter")
	if !l.Typing() {
		t.Fatal("enter did not open the form")
	}
	press(t, l, "q", "enter") // text here
	if p := picture(l, 80, 24); !strings.Contains(p, "http://q") || !strings.Contains(p, "the target has no host") {
		t.Errorf("the form does not show what is wrong:\n%s", p)
	}
	press(t, l, "ctrl+w")
	l.Paste("https://a.test/x y\n")
	if c, ok := press(t, l, "enter"); !ok || c != (Choice{URL, "https://a.test/xy"}) {
		t.Errorf("chose %+v", c)
	}
	press(t, l, "esc")
	l.Paste("q")
	if l.Typing() || string(l.text) != "https://a.test/xy" {
		t.Errorf("a paste outside of the form changed it to %q", string(l.text))
	}
}

// TestEverySize: h lines of at most w cells, and the entry under the cursor is
// in sight wherever there are three lines.
func TestEverySize(t *testing.T) {
	for _, saved := range []int{0, 2, 40} {
		for steps := range saved + 3 {
			l := list(saved)
			for range steps {
				press(t, l, "down")
			}
			for h := 1; h <= 40; h += 1 + h/6 {
				for _, w := range []int{1, 2, 7, 20, 31, 60, 80, 120} {
					check(t, l, w, h)
				}
			}
			press(t, l, "enter")
			check(t, l, 60, 16)
			check(t, l, 20, 3)
		}
	}
	check(t, New(nil), 80, 24)
}

func check(t *testing.T, l *List, w, h int) {
	t.Helper()
	p := picture(l, w, h)
	lines := strings.Split(p, "\n")
	if len(lines) != h {
		t.Fatalf("%dx%d: %d lines", w, h, len(lines))
	}
	for _, line := range lines {
		if ansi.StringWidth(line) > w {
			t.Fatalf("%dx%d: %q is too wide", w, h, line)
		}
	}
	if !l.Typing() && len(l.entries) > 0 && w >= 31 && h >= 3 && !strings.Contains(p, "> "+l.entries[l.at].Name) {
		t.Fatalf("%dx%d: %s is out of sight:\n%s", w, h, l.entries[l.at].Name, p)
	}
}
