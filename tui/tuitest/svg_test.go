package tuitest_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stoke/tui/layout"
	"stoke/tui/theme"
	"stoke/tui/tuitest"
)

var update = flag.Bool("update", false, "draw the pictures anew")

// The pictures of the README are drawn from real frames and cannot go stale.
func TestPictures(t *testing.T) {
	for _, c := range []struct {
		file   string
		view   layout.View
		theme  *theme.Theme
		colour tuitest.Palette
	}{
		{"cockpit-dark", layout.Overview, theme.Dark(), tuitest.DarkTerminal},
		{"cockpit-light", layout.Overview, theme.Light(), tuitest.LightTerminal},
		{"latency-dark", layout.Latency, theme.Dark(), tuitest.DarkTerminal},
		{"latency-light", layout.Latency, theme.Light(), tuitest.LightTerminal},
	} {
		const w, h = 120, 40
		ui := layout.State{Now: tuitest.Now, View: c.view, Keys: []layout.Hint{
			{Key: "ctrl+c", Does: "LOAD TO ZERO"}, {Key: "↑↓", Does: "rate"}, {Key: "←→", Does: "concurrency"}, {Key: "r c", Does: "type"},
			{Key: "space", Does: "pause"}, {Key: "1-6", Does: "views"}, {Key: ":", Does: "command"}, {Key: "?", Does: "help"}, {Key: "q", Does: "end"},
		}}
		if c.view != layout.Overview {
			ui.Keys = []layout.Hint{{Key: "ctrl+c", Does: "LOAD TO ZERO"}, {Key: "↑↓", Does: "move"}, {Key: "space", Does: "pause"}, {Key: "1-6", Does: "views"}, {Key: "esc", Does: "back"}, {Key: "?", Does: "help"}}
		}
		got := tuitest.SVG(layout.Frame(tuitest.Running(), ui, w, h, c.theme), w, h, c.colour)
		file := filepath.Join("testdata", c.file+".svg")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v (draw the pictures with -update)", err)
		}
		if got != string(want) {
			t.Errorf("%s is stale: draw it anew with go test ./tui/tuitest -update", file)
		}
		for d := xml.NewDecoder(strings.NewReader(got)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
		for _, word := range []string{"TARGET KEEPS UP", "checkout-peak", "ctrl+c LOAD TO ZERO"} {
			if !strings.Contains(got, word) {
				t.Errorf("%s: no %q in the picture", file, word)
			}
		}
	}
}

// What the frame says is in the picture, at its place and in its colour.
func TestSVG(t *testing.T) {
	p := tuitest.Palette{Ground: "#000000", Text: "#ffffff"}
	got := tuitest.SVG("a \x1b[1;38;2;255;0;16mb<c\x1b[m│\x1b[7m x\x1b[m\n ░⣿", 8, 2, p)
	for _, want := range []string{
		`>a</text>`, `fill="#ff0010" font-weight="bold">b&lt;c</text>`, // letters, their colour and weight
		`<rect x="62" y="14" width="16" height="17" fill="#ffffff"/>`, // what is reversed has a ground
		`fill="#3f3f3f"`, // a shade is a part of its colour
		`M57.5 22`,       // the lower arm of the line
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "h2.2"); n != 8 {
		t.Errorf("%d dots, want 8", n)
	}
}
