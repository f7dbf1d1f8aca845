package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
)

// typist feeds a lexer at chosen times and lets it expire like the keyboard
// does.
type typist struct {
	x    lexer
	now  time.Time
	owed bool
	out  []token
}

func (y *typist) after(gap time.Duration, p string) {
	until := y.now.Add(gap)
	for {
		due, ok := y.x.deadline(y.owed)
		if !ok || due.After(until) {
			break
		}
		y.now = due
		y.out = y.x.expire(y.out, y.now)
	}
	y.now = until
	y.out = y.x.feed(y.out, []byte(p), y.now)
}

// events names what came out.
func (y *typist) events() []string {
	var names []string
	var dec uv.EventDecoder
	for _, t := range y.out {
		if t.paste {
			names = append(names, "paste "+t.bytes)
			continue
		}
		n, ev := dec.Decode([]byte(t.bytes))
		if n != len(t.bytes) {
			names = append(names, "other") // the keyboard drops it
			continue
		}
		switch ev := ev.(type) {
		case uv.KeyPressEvent:
			names = append(names, ev.String())
		case uv.PrimaryDeviceAttributesEvent:
			names = append(names, "DA1")
		case uv.ModeReportEvent:
			names = append(names, "DECRPM")
		default:
			names = append(names, "other")
		}
	}
	return names
}

// replies are what terminals send without being typed on: every kind that
// contains characters which are keys of the cockpit.
var replies = map[string]string{
	"DA1":            "\x1b[?64;1;2;6;9;15;18;21;22c",
	"DA1 short":      "\x1b[?6c",
	"DA2":            "\x1b[>41;354;0c",
	"DA3":            "\x1bP!|7E565445\x1b\\",
	"DECRPM":         "\x1b[?2026;2$y",
	"kitty flags":    "\x1b[?1u",
	"cursor":         "\x1b[12;40R",
	"XTVERSION":      "\x1bP>|qtmux 3.4!up\x1b\\",
	"colour, BEL":    "\x1b]11;rgb:ffff/cccc/0000\x07",
	"colour, ST":     "\x1b]11;rgb:ffff/cccc/0000\x1b\\",
	"XTGETTCAP":      "\x1bP1+r5463=31\x1b\\",
	"clipboard":      "\x1b]52;c;cXEhIHVw\x1b\\",
	"kitty graphics": "\x1b_Gi=31;OK\x1b\\",
	"privacy":        "\x1b^q!up\x1b\\",
	"8-bit DA1":      "\x9b?64;1c",
	"SGR mouse":      "\x1b[<0;12;7M",
	"focus":          "\x1b[I",
}

// TestSplitRepliesAreNoKeys sends every reply in pieces, with pauses at every
// byte, also longer than a lone ESC is waited for.
func TestSplitRepliesAreNoKeys(t *testing.T) {
	for name, reply := range replies {
		for _, owed := range []bool{true, false} {
			for _, gap := range []time.Duration{0, 20 * time.Millisecond, 60 * time.Millisecond, 400 * time.Millisecond, 1900 * time.Millisecond} {
				y := &typist{now: time.Unix(1e9, 0), owed: owed}
				for i := range len(reply) {
					y.after(gap, reply[i:i+1])
				}
				y.after(0, "k") // the next key counts again
				got := y.events()
				if n := len(got) - 1; n < 0 || got[n] != "k" {
					t.Fatalf("%s, gap %v, owed %v: the key after it is lost: %q", name, gap, owed, got)
				}
				for i, ev := range got[:len(got)-1] {
					// Without a reply owed, an ESC that stays alone is the key.
					alone := i == 0 && ev == "esc" && (!owed && gap > escAlone || gap > escOwed)
					if !alone && ev != "DA1" && ev != "DECRPM" && ev != "other" {
						t.Fatalf("%s, gap %v, owed %v: acted as the key %q: %q", name, gap, owed, ev, got)
					}
				}
				if gap <= escAlone && strings.HasPrefix(name, "DA1") && got[0] != "DA1" {
					t.Fatalf("%s, gap %v: came out as %q", name, gap, got)
				}
			}
		}
	}
}

// TestRepliesCutAnywhere cuts each reply once, at every byte.
func TestRepliesCutAnywhere(t *testing.T) {
	for name, reply := range replies {
		for cut := 1; cut < len(reply); cut++ {
			y := &typist{now: time.Unix(1e9, 0), owed: true}
			y.after(0, reply[:cut])
			y.after(700*time.Millisecond, reply[cut:])
			if got := y.events(); len(got) != 1 || slices.Contains([]string{"esc", "q", "!", "u", "p", "c"}, got[0]) {
				t.Fatalf("%s cut at %d: %q", name, cut, got)
			}
		}
	}
}

func TestKeysComeThrough(t *testing.T) {
	for in, want := range map[string][]string{
		"q!5+-:?":                       {"q", "!", "5", "+", "-", ":", "?"},
		" \r\t\x7f":                     {"space", "enter", "tab", "backspace"},
		"\x03\x0c\x1a":                  {"ctrl+c", "ctrl+l", "ctrl+z"},
		"\x1b[A\x1b[B\x1bOC":            {"up", "down", "right"},
		"\x1b[1;2A\x1b[1;2D":            {"shift+up", "shift+left"},
		"\x1b[5~\x1b[3~":                {"pgup", "delete"},
		"\x1b[H\x1b[F\x1bOM":            {"home", "end", "enter"},
		"ä€😀":                           {"ä", "€", "😀"},
		"\xff\xfeq":                     {"q"},
		"\xe2\x82q":                     {"q"}, // a character cut short
		"\x1bu":                         {"alt+u"},
		"\x1b[[Aq":                      {"other", "q"}, // F1 of the Linux console is no A
		"\x1b\x1b[?6c":                  {"esc", "DA1"}, // the key, then a reply
		"\x1b[?64;1\x03":                {"ctrl+c"},     // stopping is never swallowed
		"\x1b]11;rgb:ff\x03":            {"ctrl+c"},
		"\x1b\x03":                      {"esc", "ctrl+c"},
		"\x1b[200~q!\r\x1b[A\x1b[201~q": {"paste q![A", "q"},
		"\x1b[200~ä\x03b\n\x1b[201~":    {"paste äb\n"},
	} {
		y := &typist{now: time.Unix(1e9, 0)}
		y.after(0, in)
		if got := y.events(); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestALoneEscapeIsTheKey(t *testing.T) {
	y := &typist{now: time.Unix(1e9, 0)}
	y.after(0, "\x1b")
	y.after(escAlone-1, "")
	if got := y.events(); len(got) != 0 {
		t.Fatalf("too early: %q", got)
	}
	y.after(1, "")
	y.after(10*time.Millisecond, "q")
	if got := y.events(); !slices.Equal(got, []string{"esc", "q"}) {
		t.Fatalf("got %q", got)
	}
	y = &typist{now: time.Unix(1e9, 0), owed: true}
	y.after(0, "\x1b")
	y.after(200*time.Millisecond, "\x1b[?6c") // the reply shows that it was the key
	if got := y.events(); !slices.Equal(got, []string{"esc", "DA1"}) {
		t.Fatalf("with a reply owed: %q", got)
	}
}

// TestNothingSwallowsForEver gives up what never completes.
func TestNothingSwallowsForEver(t *testing.T) {
	for _, begun := range []string{"\x1b[200~pasted", "\x1b[?64;", "\x1bP>|x", "\x1bO", "\xe2\x82", "\x1b]11;\x1b"} {
		y := &typist{now: time.Unix(1e9, 0)}
		y.after(0, begun)
		y.after(halfSequence+time.Millisecond, "!")
		if got := y.events(); len(got) == 0 || got[len(got)-1] != "!" {
			t.Errorf("after %q: %q", begun, got)
		}
	}
	y := &typist{now: time.Unix(1e9, 0)}
	y.after(0, "\x1b["+strings.Repeat("1;", 5000)+"A!\x1b[200~"+strings.Repeat("x", 10*maxPaste)+"\x1b[201~!")
	got := y.events()
	if len(got) != 3 || got[0] != "!" || len(got[1]) > maxPaste+10 || got[2] != "!" {
		t.Errorf("after too much of everything: %d tokens", len(got))
	}
	if c := cap(y.x.buf); c > 4*maxPaste {
		t.Errorf("the buffer grew to %d", c)
	}
}

// FuzzLexer holds for any input: a ctrl+c outside of a paste is never lost, and how the bytes were cut makes no difference.
func FuzzLexer(f *testing.F) {
	for _, r := range replies {
		f.Add([]byte(r), 3)
	}
	f.Add([]byte("\x1b[200~a\x03\x1b[201~\x03"), 1)
	f.Fuzz(func(t *testing.T, in []byte, at int) {
		whole, parts := &typist{}, &typist{}
		whole.after(0, string(in))
		for _, b := range in {
			parts.after(0, string([]byte{b}))
		}
		if !slices.Equal(whole.events(), parts.events()) {
			t.Fatalf("%q in one piece %q, byte by byte %q", in, whole.events(), parts.events())
		}
		if !strings.Contains(string(in), "\x1b[200~") && !strings.ContainsRune(string(in), 0x9b) {
			stops := 0
			for _, ev := range whole.events() {
				if ev == "ctrl+c" {
					stops++
				}
			}
			if want := strings.Count(string(in), "\x03"); stops != want {
				t.Fatalf("%q: %d of %d ctrl+c came through", in, stops, want)
			}
		}
	})
}
