package layout_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/measure"
	"stoke/tui/layout"
	"stoke/tui/panel"
	"stoke/tui/theme"
	"stoke/tui/tuitest"
)

var update = flag.Bool("update", false, "write the golden frames anew")

var keys = []layout.Hint{
	{Key: "ctrl+c", Does: "LOAD TO ZERO"}, {Key: "↑↓", Does: "rate"}, {Key: "←→", Does: "concurrency"}, {Key: "r c", Does: "type"},
	{Key: "space", Does: "pause"}, {Key: ":", Does: "command"}, {Key: "?", Does: "help"}, {Key: "q", Does: "end"},
}

func state() layout.State { return layout.State{Now: tuitest.Now, Keys: keys} }

func frame(s *engine.Snapshot, ui layout.State, w, h int) string {
	return ansi.Strip(layout.Frame(s, ui, w, h, theme.Dark()))
}

func TestSnapshotsObeyTheLaws(t *testing.T) {
	for _, c := range tuitest.All() {
		if err := tuitest.Check(c.Snapshot); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	cases := tuitest.All()
	sizes := [][2]int{{120, 40}, {80, 24}, {60, 20}, {100, 30}, {200, 60}, {40, 12}, {20, 5}, {1, 1}}
	for _, size := range sizes {
		w, h := size[0], size[1]
		var b strings.Builder
		for _, c := range cases {
			fmt.Fprintf(&b, "== %s\n%s\n", c.Name, frame(c.Snapshot, state(), w, h))
		}
		golden(t, fmt.Sprintf("%dx%d.golden", w, h), b.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (write the golden frames with -update)", err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	title := ""
	for i := range min(len(g), len(w)) {
		if strings.HasPrefix(w[i], "== ") {
			title = w[i]
		}
		if g[i] != w[i] {
			t.Errorf("%s, line %d, %s\n got %s\nwant %s", name, i+1, title, g[i], w[i])
			return
		}
	}
	t.Errorf("%s: %d lines, want %d", name, len(g), len(w))
}

// overlays are what the cockpit can lay over the picture.
func overlays() map[string]layout.State {
	with := func(f func(*layout.State)) layout.State {
		ui := state()
		f(&ui)
		return ui
	}
	return map[string]layout.State{
		"plain":  state(),
		"nokeys": {Now: tuitest.Now},
		"message": with(func(ui *layout.State) {
			ui.Message, ui.Alert, ui.Link = "rate 12,000/s is above the ceiling of 5,000/s: raise limits.rate in the profile", true, "8 fps 9 kB/s"
		}),
		"prompt": with(func(ui *layout.State) {
			ui.Prompt = &layout.Prompt{Label: "rate", Text: "12000", Cursor: 3, Preview: "1,200 → 12,000 (×10)"}
		}),
		"error": with(func(ui *layout.State) {
			ui.Prompt = &layout.Prompt{Label: ":", Text: "rate 1,5k over 日本語 and a rather long line that has to scroll in its field", Cursor: 60, Error: "1,5k is not a number: 1,500 or 1.5k?"}
		}),
		"dialog": with(func(ui *layout.State) {
			ui.Dialog = &layout.Dialog{Title: "LOAD IS AT ZERO", Lines: []string{"44 requests are in flight and finish.", "", "The record is kept: nothing is lost by going on or by ending here, whatever you choose."},
				Keys: []layout.Hint{{Key: "enter", Does: "goes on at 1,200/s"}, {Key: "e", Does: "ends the run"}, {Key: "esc", Does: "stays at zero"}}}
		}),
		"frozen": with(func(ui *layout.State) { ui.Frozen, ui.Live = true, tuitest.Full() }),
		"ascii":  with(func(ui *layout.State) { ui.ASCII = true }),
	}
}

// Every state, at every size, with everything that can lie over it: the number
// and the width of the lines hold, and nothing acts on the terminal.
func TestEverySize(t *testing.T) {
	t.Parallel()
	cases, all := tuitest.All(), overlays()
	names := slices.Sorted(maps.Keys(all))
	check := func(c tuitest.Case, ui layout.State, name string, w, h int) {
		got := frame(c.Snapshot, ui, w, h)
		lines := strings.Split(got, "\n")
		if len(lines) != h {
			t.Fatalf("%s, %s, %dx%d: %d lines", c.Name, name, w, h, len(lines))
		}
		for _, l := range lines {
			if n := ansi.StringWidth(l); n > w {
				t.Fatalf("%s, %s, %dx%d: a line of %d cells: %q", c.Name, name, w, h, n, l)
			}
			for _, r := range l {
				if r < utf8.RuneSelf && unicode.IsPrint(r) {
					continue
				}
				if unicode.Is(unicode.C, r) || r == unicode.ReplacementChar || ui.ASCII && r > unicode.MaxASCII {
					t.Fatalf("%s, %s, %dx%d: %U in %q", c.Name, name, w, h, r, l)
				}
			}
		}
	}
	// States, overlays, views and heights take turns: every width is met, and
	// each pair of them meets every neighbourhood of sizes.
	i := 0
	for w := 1; w <= 140; w++ {
		for k := range 2 {
			c := cases[i%len(cases)]
			name := names[(i/len(cases))%len(names)]
			ui := all[name]
			ui.View, ui.Scroll = layout.View(i%8), i%9
			if i%11 == 0 {
				ui.Help = panel.Topic(i / 11 % 7)
			}
			check(c, ui, fmt.Sprintf("%s, view %d, help %d", name, ui.View, ui.Help), w, (w*7+k*23)%50+1)
			i++
		}
	}
	edges := [][2]int{{1, 1}, {2, 1}, {1, 2}, {3, 3}, {16, 5}, {29, 6}, {30, 7}, {79, 24}, {80, 15}, {80, 16}, {80, 19}, {119, 33}, {120, 32}, {120, 33}, {60, 20}, {59, 20}, {200, 60}, {300, 100}}
	for k, c := range cases {
		for n, name := range names {
			size := edges[(k*len(names)+n)%len(edges)]
			ui := all[name]
			ui.View = layout.View((k + n) % 8)
			check(c, ui, name, size[0], size[1])
		}
	}
}

// The labels stay where they are when the numbers beside them get more or
// fewer digits.
func TestNothingJumps(t *testing.T) {
	t.Parallel()
	change := []func(s *engine.Snapshot, f float64){
		func(s *engine.Snapshot, f float64) { s.View.Last10.Rates.Intended *= f },
		func(s *engine.Snapshot, f float64) { s.View.Last10.Rates.Sent *= f },
		func(s *engine.Snapshot, f float64) { s.View.Last10.Rates.Done *= f },
		func(s *engine.Snapshot, f float64) { s.InFlight = int64(float64(s.InFlight) * f) },
		func(s *engine.Snapshot, f float64) { s.Backlog = int64(100 * f) },
		func(s *engine.Snapshot, f float64) {
			for i := range s.View.Last10.Response.P {
				s.View.Last10.Response.P[i] = int64(float64(s.View.Last10.Response.P[i]) * f)
			}
			s.View.Last10.Response.Max = int64(float64(s.View.Last10.Response.Max) * f)
			s.View.Last10.Service = s.View.Last10.Response
		},
		func(s *engine.Snapshot, f float64) { s.Health.Busy = min(0.99, s.Health.Busy*f) },
	}
	labels := []string{"asked", "sent", "done", "not sent", "in use", "waiting", "ceiling", "CONCURRENCY", "p50", "p95", "p99", "max", "last", "since your", "this machine", "RUNNING", "you drive", "│", "┐"}
	places := func(s *engine.Snapshot, w, h int) string {
		var b strings.Builder
		for y, l := range strings.Split(frame(s, state(), w, h), "\n") {
			if y > 10 && w == 120 || y > 14 {
				break
			}
			for _, label := range labels {
				for x := 0; ; {
					i := strings.Index(l[x:], label)
					if i < 0 {
						break
					}
					fmt.Fprintf(&b, "%s at %d,%d\n", label, ansi.StringWidth(l[:x+i]), y)
					x += i + len(label)
				}
			}
		}
		return b.String()
	}
	for k, size := range [][2]int{{120, 40}, {80, 24}, {100, 30}, {200, 60}} {
		want := places(tuitest.Running(), size[0], size[1])
		for i, f := range change {
			factors := []float64{0.001, 0.01, 0.1, 0.5, 2, 10, 80}
			for n, factor := range factors {
				if (i+n+k)%2 > 0 { // sizes, numbers and factors take turns
					continue
				}
				s := tuitest.Running()
				f(s, factor)
				if got := places(s, size[0], size[1]); got != want {
					t.Errorf("%v, change %d ×%v: labels moved:\n%s", size, i, factor, diff(got, want))
				}
			}
		}
	}
}

func diff(got, want string) string {
	var b strings.Builder
	in := func(all, l string) bool { return strings.Contains("\n"+all, "\n"+l+"\n") }
	for _, l := range strings.Split(got, "\n") {
		if !in(want, l) {
			b.WriteString("+ " + l + "\n")
		}
	}
	for _, l := range strings.Split(want, "\n") {
		if !in(got, l) {
			b.WriteString("- " + l + "\n")
		}
	}
	return b.String()
}

// A number that has no room is left out: at no size is a part of one shown.
func TestNoNumberIsCut(t *testing.T) {
	t.Parallel()
	s := tuitest.Running()
	s.Dial.Rate, s.Dial.Now, s.Ceiling.Rate = 98765, 98765, 98765
	s.Dial.Concurrency, s.Ceiling.Concurrency = 345, 345
	for i := range s.View.Last10.Response.P {
		s.View.Last10.Response.P[i] = 6_780_000_000
	}
	s.Events = s.Events[:1]
	s.Events[0].Do, s.Events[0].To, s.Events[0].From = "rate 98765", "rate 98765", "rate 98765"
	s.View.Segments, s.View.Against, s.UndoText = nil, nil, "rate 98765"
	s.Verdict.Detail = "98,765/s asked with 345 at once, p99 6.78 s"
	whole := regexp.MustCompile(`(^|[^0-9.,:])(98[0-9.,]*|34[0-9.,]*|6\.[0-9]*)`)
	good := map[string]bool{"98,765": true, "98.8": true, "98765": true, "345": true, "6.78": true, "6.66": true, "98,765,": true, "345,": true}
	for name, ui := range overlays() {
		if name != "plain" && name != "message" && name != "dialog" {
			continue
		}
		ui.Message = strings.ReplaceAll(ui.Message, "12,000", "98,765")
		for w := 1; w <= 140; w++ {
			for k := range 2 {
				h := []int{1, 5, 8, 12, 18, 24, 40}[(w+3*k)%7]
				got := frame(s, ui, w, h)
				for _, m := range whole.FindAllStringSubmatch(got, -1) {
					if !good[m[2]] {
						t.Fatalf("%s, %dx%d: %q is a part of a number:\n%s", name, w, h, m[2], got)
					}
				}
			}
		}
	}
}

func TestFrozenKeepsHeaderAndDialsLive(t *testing.T) {
	old, live := tuitest.Running(), tuitest.Full()
	live.At, live.Dial.Rate, live.Dial.Now = old.At+5_000_000_000, 1300, 1300
	ui := state()
	ui.Frozen, ui.Live = true, live
	for _, size := range [][2]int{{120, 40}, {80, 24}, {60, 20}, {40, 12}} {
		got := frame(old, ui, size[0], size[1])
		for _, want := range []string{"FROZEN", "00:03:47", "1,300/s", "CONCURRENCY FULL", "124 ms"} {
			if !strings.Contains(got, want) {
				t.Errorf("%v: no %q in\n%s", size, want, got)
			}
		}
	}
}

func TestSmallestScreens(t *testing.T) {
	for _, c := range []struct {
		s    *engine.Snapshot
		w    int
		want string
	}{
		{tuitest.Running(), 38, "RUN 1.2k/s p99 124ms err 0.1% ^C=zero"},
		{tuitest.Running(), 37, "RUN 1.2k/s p99 124ms err 0.1% ^C=zero"},
		{tuitest.Running(), 36, "RUN 1.2k/s p99 124ms err 0.1%"},
		{tuitest.Running(), 20, "RUN 1.2k/s p99 124ms"},
		{tuitest.Running(), 19, "RUN 1.2k/s"},
		{tuitest.Running(), 4, "RUN"},
		{tuitest.Running(), 2, ""},
		{tuitest.Stalled(), 60, "RUN 1.2k/s p99 ≥2.96s err 0.1% OVERLOADED ^C=zero"},
		{tuitest.Invalid(), 60, "RUN 1.2k/s p99 124ms err 0.1% INVALID ^C=zero"},
		{tuitest.First(), 60, "RUN 40/s p90 18.9ms err 0% ^C=zero"},
		{tuitest.Closed(), 60, "RUN max p99 28.9ms err <0.1% ^C=zero"},
		{tuitest.Ready(), 60, "RDY 100/s enter=start"},
	} {
		if got := frame(c.s, state(), c.w, 1); got != c.want {
			t.Errorf("%d cells: got %q, want %q", c.w, got, c.want)
		}
	}
}

// What must be read in each state is there, at both sizes that matter most.
func TestWhatHasToBeSaid(t *testing.T) {
	for _, c := range []struct {
		s    *engine.Snapshot
		want []string
	}{
		{tuitest.Running(), []string{"TARGET KEEPS UP", "1,200/s", "ceiling 5,000", "CONCURRENCY", "124 ms", "99.60 %", "this machine: fine", "LOAD TO ZERO"}},
		{tuitest.Stalled(), []string{"[ X ]", "≥ 2.96 s", "grows", "≥p99"}},
		{tuitest.Full(), []string{"CONCURRENCY FULL", "waiting 1.8k", "†", "waiting to be sent", "expired", "5,251"}},
		{tuitest.Invalid(), []string{"THIS MACHINE IS THE BOTTLENECK", "xxx"}},
		{tuitest.Paused(), []string{"PAUSED", "0/s now", "resumes at 1,200/s"}},
		{tuitest.Limited(), []string{"THROTTLED", "429", "16.5 %"}},
		{tuitest.Draining(), []string{"STOPPING", "draining 44"}},
		{tuitest.Ended(), []string{"ENDED", "1,000/s", "500 to 1,000", "121 ms", "fine throughout"}},
		{tuitest.First(), []string{"SETTLING", "in 22 s", "p90", "unknown"}},
		{tuitest.Closed(), []string{"CLOSED MODEL", "max"}},
		{tuitest.Ramp(), []string{"to 2,000/s in 18 s", "1,540/s"}},
		{tuitest.Ready(), []string{"https://api.example.test", "192.0.2.17", "302", "you would be testing the redirect", "press enter to start", "5,000/s and 512 at once"}},
	} {
		for _, size := range [][2]int{{120, 40}, {80, 24}} {
			got := frame(c.s, state(), size[0], size[1])
			for _, want := range c.want {
				if want == "expired" && size[0] == 80 {
					continue // no room for the reason
				}
				if !strings.Contains(got, want) {
					t.Errorf("%v: no %q in\n%s", size, want, got)
				}
			}
		}
	}
}

// The window of ten seconds holds nine full ones and one that fills: its name,
// and what is promised of it, do not change with that.
func TestTheWindowIsNamedAlikeWhileASecondFills(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {80, 24}, {60, 20}} {
		var before string
		for _, long := range []float64{10, 9.1, 9.6} {
			s := tuitest.Running()
			s.View.Last10.Seconds = long
			s.View.Last10.Response.Enough[measure.P99] = false
			got := frame(s, state(), size[0], size[1])
			if before != "" && got != before {
				t.Errorf("%v: another picture at %v s:\n%s\nthan\n%s", size, long, got, before)
			}
			before = got
		}
	}
}

// A reason is said in full where the line has room for it.
func TestReasonsHaveTheRoomThereIs(t *testing.T) {
	s := tuitest.Running()
	s.Verdict = engine.VerdictLine{Level: engine.LevelWarn, Text: "CHECK THIS MACHINE"}
	s.Health = &health.Report{State: health.Warn, Reasons: []string{"idle CPU of this machine 8.59 %, other programs use 85.2 %"}}
	if got := frame(s, state(), 120, 40); !strings.Contains(got, "other programs use 85.2 %") {
		t.Errorf("cut:\n%s", got)
	}
	s.Health = nil
	s.HealthReasons = []string{"idle CPU of this machine: not ok in 11 of 42 s, worst 0 %", "read canary p99: not ok in 9 of 42 s, worst 8.41 ms", "hiccup max: not ok in 2 of 42 s, worst 50 ms"}
	if got := frame(s, viewed(layout.Machine), 120, 40); !strings.Contains(got, "in 11 of 42 s, worst 0 %; 2 more") {
		t.Errorf("cut:\n%s", got)
	}
}

// A ceiling that sets the pace of the closed model is not taken for the target.
func TestTheCeilingHoldsTheClosedModel(t *testing.T) {
	s := tuitest.Closed()
	for rate, want := range map[float64]string{4990: "held by the ceiling", 4000: "at the target's own pace"} {
		s.View.Last1.Rates.Sent = rate
		got := frame(s, state(), 120, 40)
		if !strings.Contains(got, want) || strings.Contains(got, "held at 5,000/s") != (rate == 4990) {
			t.Errorf("%v/s: no %q in\n%s", rate, want, got)
		}
	}
}

// What is to be done now is not pushed out by why this machine is to be looked at.
func TestTheDetailGoesBeforeTheReason(t *testing.T) {
	for _, c := range []struct {
		s    *engine.Snapshot
		want string
	}{{tuitest.Paused(), "enter resumes at 1,200/s"}, {tuitest.Draining(), "44 in flight finish"}, {tuitest.Limited(), "the target's limiter refuses"}} {
		c.s.Health = &health.Report{State: health.Warn, Reasons: []string{"idle CPU of this machine 8.59 %, other programs use 85.2 %"}}
		if got := frame(c.s, state(), 80, 24); !strings.Contains(got, c.want) || !strings.Contains(got, "this machine: CHECK") {
			t.Errorf("no %q in\n%s", c.want, got)
		}
	}
}

// Phases that are done hold the last setting only until somebody drives on.
func TestPhasesThatAreDone(t *testing.T) {
	s := tuitest.Running()
	s.Phases.Done = true
	for holder, want := range map[engine.By]string{engine.ByProfile: "phases done, the last setting holds", engine.ByKey: "phases done: you drive"} {
		s.Holder = holder
		if got := frame(s, state(), 120, 40); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", holder, want, got)
		}
	}
}

func TestOpenAndClosedAreNeverCompared(t *testing.T) {
	s := tuitest.Closed()
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		lines := strings.Split(frame(s, state(), size[0], size[1]), "\n")
		got := strings.Join(lines[2:15], "\n") // without the list of settings
		if strings.Contains(got, "84.2 ms") || strings.Contains(got, "setting 4") || !strings.Contains(got, "28.4 ms") {
			t.Errorf("a closed setting is compared with an open one:\n%s", got)
		}
	}
}

func TestOverlays(t *testing.T) {
	for _, name := range []string{"message", "prompt", "error", "dialog"} {
		for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 12}, {20, 5}} {
			got := frame(tuitest.Running(), overlays()[name], size[0], size[1])
			golden(t, fmt.Sprintf("%s-%dx%d.golden", name, size[0], size[1]), got+"\n")
		}
	}
	got := frame(tuitest.Running(), overlays()["prompt"], 80, 24)
	if !strings.Contains(got, "rate: 12000") || !strings.Contains(got, "1,200 → 12,000 (×10)") {
		t.Errorf("the prompt does not say what it would do:\n%s", got)
	}
}

// Drawing changes nothing: the same snapshot drawn twice is the same picture.
func TestFrameChangesNothing(t *testing.T) {
	for _, c := range tuitest.All() {
		before := fmt.Sprintf("%+v", *c.Snapshot)
		a := layout.Frame(c.Snapshot, state(), 120, 40, theme.Dark())
		b := layout.Frame(c.Snapshot, state(), 120, 40, theme.Dark())
		if a != b || before != fmt.Sprintf("%+v", *c.Snapshot) {
			t.Errorf("%s: drawing changed the snapshot or the picture", c.Name)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	s, ui, t := tuitest.Running(), state(), theme.Dark()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {300, 100}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				layout.Frame(s, ui, size[0], size[1], t)
			}
		})
	}
}
