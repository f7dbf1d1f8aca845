package canvas

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"stoke/tui/theme"
)

func plain(c *Canvas) string { return ansi.Strip(c.String(theme.Plain(), false)) }

func TestTextStaysInItsRegion(t *testing.T) {
	c := New(10, 3)
	r := c.All().Sub(2, 1, 4, 1)
	r.Text(-2, 0, theme.Text, "abcdefghijk")
	r.Text(0, 1, theme.Text, "below")
	if got, want := plain(c), "\n  cdef\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWideCharactersAreNeverHalved(t *testing.T) {
	c := New(5, 1)
	c.All().Text(0, 0, theme.Text, "日本語") // the third has no room for its second half
	if got := plain(c); got != "日本" {
		t.Errorf("got %q", got)
	}
	c.All().Text(1, 0, theme.Text, "x") // on the right half of the first
	if got := plain(c); got != " x本" {
		t.Errorf("got %q", got)
	}
	c.All().Text(2, 0, theme.Text, "y") // on the left half of the second
	if got := plain(c); got != " xy" {
		t.Errorf("got %q", got)
	}
}

func TestNothingActsOnTheTerminal(t *testing.T) {
	c := New(40, 1)
	c.All().Text(0, 0, theme.Text, "a\x1b[2Jb\x07\u009b31m\u202ec\u2028d\u200be\rf\ng\x7f\xff")
	got := plain(c)
	for _, r := range got {
		if unicode.Is(unicode.C, r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			t.Errorf("%U got onto the sheet: %q", r, got)
		}
	}
	if !strings.HasPrefix(got, "a[2Jb") {
		t.Errorf("readable text was lost: %q", got)
	}
	for _, s := range []string{"e\u0301", "👩‍👩‍👧", "☃️", strings.Repeat("\u0301", 200), "a" + strings.Repeat("\u0301", 200)} {
		c := New(4, 1)
		c.All().Text(0, 0, theme.Text, s)
		if w := ansi.StringWidth(plain(c)); w > 4 || w != min(Width(s), 4) && w > Width(s) {
			t.Errorf("%q takes %d cells", s, w)
		}
	}
}

func TestStylesEndWithTheirText(t *testing.T) {
	c := New(12, 1)
	c.All().Text(0, 0, theme.Bad, "bad")
	c.All().Text(4, 0, theme.Text, "text")
	got := c.String(theme.Dark(), false)
	on, off := theme.Dark().Sequences(theme.Bad)
	if want := on + "bad" + off + " text"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestASCII(t *testing.T) {
	c := New(30, 2)
	r := c.All().Box("A")
	_ = r
	c.All().Text(5, 0, theme.Text, "▁█░≥×µ日…⣀")
	for _, r := range c.String(theme.Plain(), true) {
		if r > unicode.MaxASCII {
			t.Errorf("%q is not ASCII", r)
		}
	}
	lines := strings.Split(ansi.Strip(c.String(theme.Plain(), true)), "\n")
	if ansi.StringWidth(lines[0]) != 30 {
		t.Errorf("replacing changed the width: %q", lines[0])
	}
}

func TestShortenClipWrap(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Shorten("checkout", 8), "checkout"}, {Shorten("checkout", 6), "check…"}, {Shorten("日本語", 4), "日…"}, {Shorten("ab", 1), ""},
		{Clip("rate 12,000 is above", 20), "rate 12,000 is above"}, {Clip("rate 12,000 is above", 14), "rate 12,000 …"}, {Clip("ab", 1), ""},
		{strings.Join(Wrap("one two three", 7), "|"), "one two|three"}, {strings.Join(Wrap("abcdefgh", 3), "|"), "abc|def|gh"},
		{Fit(3, "four", "two", "x"), "two"}, {Fit(0, "a"), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestBoxTitleIsNeverCut(t *testing.T) {
	for w := range 40 {
		c := New(w, 3)
		c.All().Box("LOAD", "1 column = 3 s")
		got := plain(c)
		if strings.Contains(got, "LO") && !strings.Contains(got, "LOAD") || strings.Contains(got, "1 c") && !strings.Contains(got, "= 3 s") {
			t.Errorf("width %d: %q", w, got)
		}
	}
}
