package layout_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/layout"
	"stoke/tui/panel"
	"stoke/tui/theme"
	"stoke/tui/tuitest"
)

var views = []layout.View{layout.Latency, layout.Outcomes, layout.Endpoints, layout.Settings, layout.Machine}

func viewed(v layout.View) layout.State {
	ui := state()
	ui.View = v
	return ui
}

// Every view in every state at the two sizes that matter most, and in the usual
// state at the others.
func TestGoldenViews(t *testing.T) {
	t.Parallel()
	cases := tuitest.All()
	for _, size := range [][2]int{{120, 40}, {80, 24}, {100, 30}, {60, 20}, {200, 60}} {
		w, h := size[0], size[1]
		for _, v := range views {
			var b strings.Builder
			seen := map[string]string{}
			for _, c := range cases {
				if c.Name != "running" && (w != 120 && w != 80 || c.Name == "hostile" || c.Name == "closed" || c.Name == "ramp") {
					continue
				}
				fmt.Fprintf(&b, "== %s\n", c.Name)
				got := body(frame(c.Snapshot, viewed(v), w, h))
				if same := seen[got]; same != "" {
					fmt.Fprintf(&b, "as in %s\n", same)
					continue
				}
				seen[got] = c.Name
				b.WriteString(got)
			}
			golden(t, fmt.Sprintf("view-%s-%dx%d.golden", strings.ReplaceAll(v.String(), " ", "-"), w, h), b.String())
		}
	}
}

// body is a picture without the header and the verdict, which are the same in
// every view.
func body(frame string) string {
	lines := strings.SplitAfter(frame+"\n", "\n")
	return strings.Join(lines[2:len(lines)-1], "")
}

// The colours of each theme, for one picture.
func TestGoldenThemes(t *testing.T) {
	var b strings.Builder
	for _, name := range theme.Names() {
		th, err := theme.New(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []layout.View{layout.Overview, layout.Latency} {
			ui := viewed(v)
			ui.Scroll = 1 // the heat map
			fmt.Fprintf(&b, "== %s, %s\n%s\n", name, v, layout.Frame(tuitest.Limited(), ui, 80, 24, th))
		}
	}
	golden(t, "themes-80x24.golden", strings.ReplaceAll(b.String(), "\x1b", "^"))
}

// The same frame without colours and with them differs in nothing but colours:
// no theme carries a meaning of its own.
func TestNoMeaningByColourAlone(t *testing.T) {
	for _, v := range append([]layout.View{layout.Overview}, views...) {
		plain := ansi.Strip(layout.Frame(tuitest.Invalid(), viewed(v), 120, 40, theme.Plain()))
		for _, name := range theme.Names() {
			th, _ := theme.New(name)
			if got := ansi.Strip(layout.Frame(tuitest.Invalid(), viewed(v), 120, 40, th)); got != plain {
				t.Errorf("%s, %s: another text than without colours", v, name)
			}
		}
		// What is chosen, and what is wrong, is said by a sign or a word.
		if v == layout.Machine && !strings.Contains(plain, "> ok") || v == layout.Machine && !strings.Contains(plain, "INVALID") {
			t.Errorf("%s:\n%s", v, plain)
		}
	}
}

func TestHelpIsShownInPlaceOfThePicture(t *testing.T) {
	ui := state()
	ui.Help, ui.HelpKeys = panel.HelpKeys, []panel.KeyDoc{{Keys: "space", Does: "load to zero at once", Group: "stopping"}}
	for _, size := range [][2]int{{120, 40}, {80, 24}, {60, 20}, {40, 12}} {
		got := frame(tuitest.Running(), ui, size[0], size[1])
		for _, want := range []string{"RUNNING", "[keys]", "load to zero at once", "LOAD TO ZERO"} {
			if !strings.Contains(got, want) {
				t.Errorf("%v: no %q in\n%s", size, want, got)
			}
		}
	}
}

// What each view is for is in it, in the states that it is for.
func TestWhatViewsSay(t *testing.T) {
	scrolled := func(v layout.View, n int) layout.State {
		ui := viewed(v)
		ui.Scroll = n
		return ui
	}
	filtered := viewed(layout.Endpoints)
	filtered.Filter = "CHE"
	sorted := viewed(layout.Endpoints)
	sorted.SortBy = panel.ByDone
	pair := viewed(layout.Settings)
	pair.Compare = panel.Pair{2, 4}
	for _, c := range []struct {
		name string
		s    *engine.Snapshot
		ui   layout.State
		want []string
		not  []string
	}{
		{"latency", tuitest.Running(), viewed(layout.Latency), []string{"[2 latency]", "p99.99", "mean", "first byte", "service", "slot wait", "±"}, nil},
		{"latency wide", tuitest.Running(), viewed(layout.Latency), []string{"p50", "p99.9", "held here"}, nil},
		{"heat", tuitest.Limited(), scrolled(layout.Latency, 1), []string{"HEAT MAP", "any", "40 %", "▒"}, nil},
		{"slowest", tuitest.Running(), scrolled(layout.Latency, 9), []string{"SLOWEST", "412 ms", "timeout", "ended"}, nil},
		{"stall", tuitest.Stalled(), viewed(layout.Latency), []string{"≥ 3.04 s", "grows"}, nil},
		{"outcomes", tuitest.Full(), viewed(layout.Outcomes), []string{"throttled", "5,251", "too late", "1,877", "timeout", "429"}, nil},
		{"samples", tuitest.Running(), viewed(layout.Outcomes), []string{`"upstream timed out"`, "RETRY-AFTER", "2 s"}, nil},
		{"retry", tuitest.Limited(), viewed(layout.Outcomes), []string{"5 s", "6,300"}, nil},
		{"filter", tuitest.Running(), filtered, []string{"1 of 5", "checkout", `"CHE"`}, []string{"search", "browse"}},
		{"sorted", tuitest.Running(), sorted, []string{"↓done", "most done first", "> browse"}, nil},
		{"settings", tuitest.Running(), pair, []string{"A  setting 2", "B  setting 4", "26.8 ms", "28.4 ms", ">B  4", " A  2"}, nil},
		{"open and closed", tuitest.Closed(), viewed(layout.Settings), []string{"no earlier setting"}, nil},
		{"machine", tuitest.Invalid(), scrolled(layout.Machine, 1), []string{"TOO SLOW", "9 of 222", "12.1 ms", "free CPU", "INVALID"}, nil},
		{"local", tuitest.Invalid(), scrolled(layout.Machine, 99), []string{"target on this machine", "shares CPUs"}, nil},
	} {
		for _, size := range [][2]int{{120, 40}, {80, 24}} {
			ui := c.ui
			if c.name == "heat" && size[0] == 120 {
				ui.Scroll = 0 // all but the slowest is on one page
			}
			got := frame(c.s, ui, size[0], size[1])
			for _, want := range c.want {
				if size[0] == 120 && want == "±" {
					want = "95 % sure"
				}
				if !strings.Contains(got, want) {
					t.Errorf("%s, %v: no %q in\n%s", c.name, size, want, got)
				}
			}
			for _, not := range c.not {
				if strings.Contains(got, not) {
					t.Errorf("%s, %v: %q in\n%s", c.name, size, not, got)
				}
			}
		}
	}
}

// TestConnectionsAreShown: what is spoken, how, and what each address did.
func TestConnectionsAreShown(t *testing.T) {
	s := tuitest.Running()
	s.Protocol = "HTTP/1.1, TLS 1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
	for _, size := range [][2]int{{100, 30}, {120, 40}, {200, 60}} {
		got := frame(s, viewed(layout.Outcomes), size[0], size[1])
		for _, want := range []string{"HTTP/1.1, TLS 1.2", "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "3 full, 61 resumed", "64; reused 149,555 times", "192.0.2.17:443", "192.0.2.18:443", "44.1 ms"} {
			if !strings.Contains(got, want) {
				t.Errorf("%v: no %q in\n%s", size, want, got)
			}
		}
	}
	s.Protocol, s.Wire.Addresses = "HTTP/1.1", nil
	if got := frame(s, viewed(layout.Outcomes), 120, 40); !strings.Contains(got, "protocol   HTTP/1.1 ") || strings.Contains(got, "handshakes") {
		t.Errorf("of plain HTTP:\n%s", got)
	}
}

// The chosen row stays on the screen, and where there is nothing more to choose
// it stays on the last.
func TestScrollStaysWithin(t *testing.T) {
	s := tuitest.Running()
	for i := range 90 {
		g := *s.View.Segments[3]
		g.ID = 6 + i
		s.View.Segments = append(s.View.Segments, &g)
		e := s.View.Segments[4].Endpoints[0]
		e.Name = fmt.Sprintf("request-%02d", i)
		g.Endpoints = append(g.Endpoints, e)
	}
	last := s.View.Segments[len(s.View.Segments)-1]
	last.Endpoints = nil
	for i := range 90 {
		e := s.View.Segments[4].Endpoints[0]
		e.Name = fmt.Sprintf("request-%02d", i)
		last.Endpoints = append(last.Endpoints, e)
	}
	for _, v := range views {
		for _, size := range [][2]int{{120, 40}, {80, 24}, {60, 20}} {
			ui := viewed(v)
			n := layout.Rows(s, ui, size[0], size[1])
			if n < 1 {
				t.Fatalf("%s, %v: %d rows", v, size, n)
			}
			for _, at := range []int{-5, 0, 1, n / 2, n - 1, n + 100} {
				ui.Scroll = at
				got := frame(s, ui, size[0], size[1])
				if v != layout.Latency && strings.Count(got, "│>") != 1 {
					t.Errorf("%s, %v: row %d of %d is not shown as chosen:\n%s", v, size, at, n, got)
				}
				ui.Scroll = max(0, min(at, n-1))
				if put := frame(s, ui, size[0], size[1]); put != got {
					t.Errorf("%s, %v: row %d is not put right to %d", v, size, at, ui.Scroll)
				}
			}
		}
	}
	if n := layout.Rows(s, viewed(layout.Settings), 59, 20); n != 0 {
		t.Errorf("a screen without views has %d rows", n)
	}
}

// What happens to the numbers of a view, its words and lines stay.
func TestViewsDoNotJump(t *testing.T) {
	t.Parallel()
	numbers := regexp.MustCompile(`[0-9≥±<–†+×][0-9.,≥±–†+×]*( ?(ns|µs|ms|s|%|k|M|min)\b)?(/s)?|too few|in [0-9]+ s|grows|same|not yet`)
	shape := func(s *engine.Snapshot, v layout.View, w, h int) string {
		ui := viewed(v)
		ui.Endpoints = []string{"checkout", "search", "process", "cart", "browse"}
		if v == layout.Latency { // the maps draw numbers
			ui.Scroll = 0
		}
		var b strings.Builder
		for y, l := range strings.Split(frame(s, ui, w, h), "\n") {
			if v == layout.Latency && y > 24 || y < 3 || y > h-3 {
				continue
			}
			// Only borders and words remain, at their places.
			cells := []rune(numbers.ReplaceAllStringFunc(l, func(n string) string { return strings.Repeat(" ", ansi.StringWidth(n)) }))
			for x, c := range cells {
				if c == '│' || c == '┐' || c >= 'a' && c <= 'z' && y < 6 {
					fmt.Fprintf(&b, "%d,%d %c\n", x, y, c)
				}
			}
		}
		return b.String()
	}
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		for _, v := range views {
			want := shape(tuitest.Running(), v, size[0], size[1])
			for _, f := range []float64{0.01, 0.3, 7, 100} {
				s := tuitest.Running()
				for _, g := range s.View.Segments {
					grow(&g.Stats, f)
					for i := range g.Endpoints {
						grow(&g.Endpoints[i].Stats, f)
					}
				}
				grow(&s.View.Run, f)
				for _, l := range []*measure.Ladder{&s.View.Since.Response, &s.View.Since.Service} {
					stretch(l, f)
				}
				s.InvalidSeconds = int64(2 * f)
				if got := shape(s, v, size[0], size[1]); got != want {
					t.Errorf("%s, %v, ×%v: words moved:\n%s", v, size, f, diff(got, want))
				}
			}
		}
	}
}

func grow(s *measure.Stats, f float64) {
	n := func(v *int64) { *v = int64(float64(*v) * f) }
	c := &s.Counts
	for _, v := range []*int64{&c.OK, &c.Status, &c.Limited, &c.Error, &c.InFlight} {
		n(v)
	}
	c.Intended = c.OK + c.Status + c.Limited + c.Error + c.InFlight
	for _, l := range []*measure.Ladder{&s.Response, &s.Intended, &s.Service, &s.TTFB, &s.PacerLag, &s.SlotWait, &s.Connect, &s.DispatchLag} {
		stretch(l, f)
	}
	for _, list := range [][]measure.Tally{s.ByStatus, s.ByFault, s.RetryAfter} {
		for i := range list {
			n(&list[i].Count)
		}
	}
}

func stretch(l *measure.Ladder, f float64) {
	for i := range l.P {
		l.P[i] = int64(float64(l.P[i]) * f)
	}
	l.Max, l.Min, l.Mean = int64(float64(l.Max)*f), int64(float64(l.Min)*f), l.Mean*f
}

// In the views, too, a number is whole or not there.
func TestNoNumberIsCutInViews(t *testing.T) {
	t.Parallel()
	s := tuitest.Running()
	for _, g := range s.View.Segments {
		g.ID, g.Setting.Rate, g.Setting.RateTo, g.Setting.Concurrency, g.Label, g.Kind = g.ID+340, 98765, 98765, 345, "", measure.Hold
		same := func(st *measure.Stats) {
			st.Counts = measure.Counts{Intended: 98765, Sent: 98765, OK: 98765}
			for _, l := range []*measure.Ladder{&st.Response, &st.Intended, &st.Service, &st.TTFB, &st.PacerLag, &st.SlotWait, &st.Connect, &st.DispatchLag} {
				l.Max, l.Min, l.Mean = 6_780_000_000, 6_780_000_000, 6_780_000_000
				for i := range l.P {
					l.P[i] = 6_780_000_000
				}
			}
			for _, list := range [][]measure.Tally{st.ByStatus, st.ByFault, st.RetryAfter} {
				for i := range list {
					list[i].Name, list[i].Count, list[i].Sample = "x", 98765, ""
				}
			}
		}
		same(&g.Stats)
		for i := range g.Sure.P {
			g.Sure.P[i] = measure.Interval{Low: 6_780_000_000, High: 6_780_000_000}
		}
		for i := range g.Endpoints {
			same(&g.Endpoints[i].Stats)
			g.Endpoints[i].Rates = measure.Rates{Done: 98765}
		}
	}
	s.View.Since.Counts, s.View.Since.Response = s.View.Segments[4].Stats.Counts, s.View.Segments[4].Stats.Response
	s.Dial = engine.Dial{Rate: 98765, Now: 98765, Concurrency: 345}
	part := regexp.MustCompile(`(^|[^0-9.,:])(98[0-9.,]*|6\.[0-9]*)( ?[a-zµ%]*)`)
	good := map[string]bool{"98,765": true, "98.8k": true, "6.78": true, "98,765,": true, "6.78 s": true, "98,765 asked": true, "98,765 done": true, "98,765 at": true}
	for _, v := range views {
		for w := layout.ViewWidth; w <= 170; w += 5 {
			ui := viewed(v)
			got := frame(s, ui, w, 40-w%17)
			lines := strings.Split(got, "\n")
			for _, m := range part.FindAllStringSubmatch(strings.Join(lines[2:len(lines)-2], "\n"), -1) {
				n, unit := strings.TrimSuffix(m[2], ","), strings.TrimSpace(m[3])
				if !good[n] && !good[n+unit] && !good[n+" "+unit] || strings.HasPrefix(n, "6.") && unit != "s" && unit != "" {
					t.Fatalf("%s, width %d: %q is a part of a number:\n%s", v, w, m[0], got)
				}
			}
		}
	}
}

func TestASCIIViewsHaveNoOtherCharacters(t *testing.T) {
	for i, v := range append([]layout.View{layout.Overview}, views...) {
		for k, c := range tuitest.All() {
			if (i+k)%3 > 0 { // views and states take turns
				continue
			}
			ui := viewed(v)
			ui.ASCII = true
			for _, r := range frame(c.Snapshot, ui, 120, 40) {
				if r > 0x7e {
					t.Fatalf("%s, %s: %q", v, c.Name, r)
				}
			}
		}
	}
	ui := viewed(layout.Latency)
	ui.ASCII = true
	got := frame(tuitest.Running(), ui, 120, 40)
	if strings.Contains(strings.ReplaceAll(got, "? help", ""), "?") {
		t.Errorf("a sign has no stand-in:\n%s", got)
	}
	if !strings.Contains(got, ". any  : 1 %  + 5 %  # 20 %  @ 40 %") {
		t.Errorf("the shades are not told apart:\n%s", got)
	}
}
