package layout_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"stoke/engine"
	"stoke/engine/limiter"
	"stoke/tui/layout"
	"stoke/tui/theme"
	"stoke/tui/tuitest"
)

// What goes beyond single requests is on the screen that it is looked for on.
func TestWhatTrafficSays(t *testing.T) {
	for _, c := range []struct {
		name string
		s    *engine.Snapshot
		view layout.View
		wide []string // at 120x40
		both []string // there and at 80x24
		not  []string
	}{
		{"rate of starts", tuitest.Scenarios(), layout.Overview, []string{"= 1,200 requests/s, 1,521/s on the wire", "(per s, last 10 s)"},
			[]string{"840 starts/s", "ceiling 5,000", "1 start = 1.43 requests", "1,521"}, []string{"840/s   ↑"}},
		{"rate of requests", tuitest.Retries(), layout.Overview, []string{"RATE  1,200 requests/s", "= 840 starts/s, 1,580/s on the wire"}, []string{"1,200 req", "1,580"}, []string{"1,200 starts"}},
		{"jobs", tuitest.Scenarios(), layout.Overview, []string{"SCENARIOS AND JOBS", "growing 6.70/s", "5.31 s", "2.87 s", "5.24 s", "53/s"}, []string{"growing", "328", "60/s"}, nil},
		{"jobs without scenarios", tuitest.Jobs(), layout.Overview, []string{"┌ JOBS ", "1,498/s on the wire, with polls", "draining 4.70/s", "render-thumb"}, []string{"1,200/s", "steady", "979", "112"}, []string{"starts", "SCENARIO"}},
		{"drained", tuitest.Drained(), layout.Overview, nil, []string{"drained", " 1.40 s", "draining"}, []string{"growing"}},
		{"scenarios", tuitest.Scenarios(), layout.Overview, []string{"21,312", "3 steps", "141 ms", "dropped"}, []string{"181", "116", "402 ms"}, nil},
		{"steps", tuitest.Scenarios(), layout.Endpoints, []string{"POST /carts/${cart}/items", "THE WHOLE SCENARIO"},
			[]string{"> checkout ", "   POST /carts ", "402 ms", "21,480", "every step succeeded", "growing"}, nil},
		{"retries", tuitest.Retries(), layout.Overview, []string{"limiter: token bucket, 100/s, burst 20"}, []string{"in use 30 ", "1.31 requests for each asked", "token bucket, 100/s, burst 20"}, nil},
		{"refusals", tuitest.Retries(), layout.Outcomes, []string{"waiting 14", "policy: 3 attempts"}, []string{"1.31 requests for each asked", "limiter seen: token bucket", "burst 20 (sure 98 %)", "gave up 1,310", "5 s", "6,300"}, nil},
		{"why jobs were lost", tuitest.Drained(), layout.Endpoints, []string{"104 of render-thumbnails lost: not done within 60 s", "8 of render-thumbnails lost: the poll was answered 404"}, nil, nil},
		{"checks", tuitest.Retries(), layout.Outcomes, []string{"failed, in the whole run", `"body has no $.state == "paid""`}, []string{"check ", "31"}, nil},
		{"more than fits", tuitest.Crowded(), layout.Overview, []string{"22 more"}, nil, nil},
	} {
		for _, size := range [][2]int{{120, 40}, {80, 24}} {
			got := frame(c.s, viewed(c.view), size[0], size[1])
			want := c.both
			if size[0] == 120 {
				want = append(want, c.wide...)
			}
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("%s, %v: no %q in\n%s", c.name, size, w, got)
				}
			}
			for _, n := range c.not {
				if strings.Contains(got, n) {
					t.Errorf("%s, %v: %q in\n%s", c.name, size, n, got)
				}
			}
		}
	}
}

// A profile of single requests has the picture that it always had, whatever
// the engine fills in for it.
func TestSingleRequestsChangeNothing(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {80, 24}, {100, 30}, {60, 20}, {40, 12}, {20, 5}} {
		for v := layout.Overview; v <= layout.Machine; v++ {
			want := frame(tuitest.Running(), viewed(v), size[0], size[1])
			s := tuitest.Running()
			s.Traffic = engine.TrafficFacts{PerStart: 1, Starts: 1206, Requests: 1206, Limiter: &limiter.Estimate{Kind: limiter.None, Accepted: 12}}
			s.Traffic.Retry.PerStart = 1
			if got := frame(s, viewed(v), size[0], size[1]); got != want {
				t.Errorf("%v, %s: another picture:\n%s", size, v, diff(got, want))
			}
		}
	}
}

// Every size, the views too: boxes have both ends, and the key line and the
// outcomes are not pushed out.
func TestTrafficAtEverySize(t *testing.T) {
	t.Parallel()
	cases := tuitest.Traffic()
	for w := 1; w <= 170; w += 3 {
		for h := 1; h <= 60; h += 2 {
			c := cases[(w+h)%len(cases)]
			ui := state()
			ui.View = layout.View((w/3 + h/2) % 7)
			ui.Scroll = (w + h) % 9
			lines := strings.Split(frame(c.Snapshot, ui, w, h), "\n")
			if len(lines) != h {
				t.Fatalf("%s, view %d, %dx%d: %d lines", c.Name, ui.View, w, h, len(lines))
			}
			open := 0
			for _, l := range lines {
				if n := ansi.StringWidth(l); n > w {
					t.Fatalf("%s, view %d, %dx%d: a line of %d cells: %q", c.Name, ui.View, w, h, n, l)
				}
				open += strings.Count(l, "┌") - strings.Count(l, "└")
			}
			if open != 0 {
				t.Fatalf("%s, view %d, %dx%d: a box is cut off:\n%s", c.Name, ui.View, w, h, strings.Join(lines, "\n"))
			}
			if w >= 80 && h >= 24 {
				all := strings.Join(lines, "\n")
				if ui.View <= layout.Overview && (!strings.Contains(all, "OVER TIME") && !strings.Contains(all, "THROUGHPUT") || !strings.Contains(all, "asked")) || !strings.Contains(lines[h-1], "LOAD TO ZERO") {
					t.Fatalf("%s, view %d, %dx%d: something has no room:\n%s", c.Name, ui.View, w, h, all)
				}
			}
		}
	}
}

// The words stay where they are while the figures of jobs and scenarios move.
func TestTrafficDoesNotJump(t *testing.T) {
	labels := []string{"backlog", "accepted", "failed", "lost", "oldest", "dropped", "starts", "open", "on the wire", "ceiling", "↑ ↓", "SCENARIO", "JOBS", "scenario", "job ", "│", "┐", "requests for each"}
	places := func(s *engine.Snapshot, size [2]int, v layout.View) string {
		ui := viewed(v)
		ui.Endpoints = []string{"browse", "process", "checkout / POST /carts", "checkout / POST /carts/${cart}/items", "checkout / POST /carts/${cart}/checkout"}
		var b strings.Builder
		for y, l := range strings.Split(frame(s, ui, size[0], size[1]), "\n") {
			for _, label := range labels {
				for x := 0; ; {
					i := strings.Index(l[x:], label)
					if i < 0 {
						break
					}
					if label != "on the wire" { // follows the number before it
						fmt.Fprintf(&b, "%s at %d,%d\n", label, ansi.StringWidth(l[:x+i]), y)
					}
					x += i + len(label)
				}
			}
		}
		return b.String()
	}
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		for _, v := range []layout.View{layout.Overview, layout.Endpoints} {
			want := places(tuitest.Scenarios(), size, v)
			for _, f := range []float64{0.001, 0.1, 3, 90} {
				s := tuitest.Scenarios()
				n := func(v *int64) { *v = int64(float64(*v) * f) }
				j, c := &s.Traffic.Jobs[0], &s.Traffic.Scenarios[0]
				for _, v := range []*int64{&j.Backlog, &j.Failed, &j.Lost, &c.Done, &c.Failed, &c.Dropped, &c.Open} {
					n(v)
				}
				j.Oldest = time.Duration(float64(j.Oldest) * f)
				j.AcceptedRate, j.DoneRate, c.Rate, s.Traffic.Requests = j.AcceptedRate*f, j.DoneRate*f, c.Rate*f, s.Traffic.Requests*f
				j.Slope = 6.7 - 5*f
				if got := places(s, size, v); got != want {
					t.Errorf("%v, %s, ×%v: words moved:\n%s", size, v, f, diff(got, want))
				}
			}
		}
	}
}

// Amber begins where more than one request in twenty is a retry.
func TestAmplificationIsAmberFromOneInTwenty(t *testing.T) {
	th := theme.Dark()
	for factor, amber := range map[float64]bool{1: false, 1.05: false, 1.06: true, 1.31: true} {
		s := tuitest.Retries()
		s.Traffic.Retry.PerStart = factor
		number := fmt.Sprintf("%.2f", factor)
		got := layout.Frame(s, state(), 120, 40, th)
		if on, _ := th.Sequences(theme.Warn); strings.Contains(got, on+number) != amber {
			t.Errorf("%s: amber is not %v", number, amber)
		}
	}
}

// TestKeyLineKeepsTheHelp: where not all keys fit, the spare ones make room for
// the others, and the one that takes the load away stays.
func TestKeyLineKeepsTheHelp(t *testing.T) {
	ui := state()
	ui.Keys = []layout.Hint{{Key: "ctrl+c", Does: "LOAD TO ZERO"}, {Key: "↑↓", Does: "rate"}, {Key: "←→", Does: "concurrency"}, {Key: "space", Does: "pause"},
		{Key: "r c", Does: "type", Spare: 1}, {Key: "1-6", Does: "views", Spare: 3}, {Key: ":", Does: "command", Spare: 2}, {Key: "?", Does: "help"}, {Key: "q", Does: "end", Spare: 4}}
	for _, c := range []struct {
		w, h int
		want string
	}{
		{120, 40, " ↑↓ rate   ←→ concurrency   space pause   r c type   1-6 views   : command   ? help   q end         ctrl+c LOAD TO ZERO "},
		{80, 24, " ↑↓ rate ←→ conc  space pause  r c type  : command  ? help  ctrl+c LOAD TO ZERO "},
		{60, 15, " ↑↓ rate ←→ conc  space pause  ? help   ctrl+c LOAD TO ZERO "},
		{40, 10, " ↑↓ rate ←→ conc    ctrl+c LOAD TO ZERO "},
	} {
		lines := strings.Split(frame(tuitest.Running(), ui, c.w, c.h), "\n")
		if got := lines[len(lines)-1]; strings.TrimRight(got, " ") != strings.TrimRight(c.want, " ") {
			t.Errorf("%dx%d: %q, want %q", c.w, c.h, got, c.want)
		}
	}
}

// TestRefusalsWithoutARule: a target that refuses has a limiter, also while
// nothing can be said of it.
func TestRefusalsWithoutARule(t *testing.T) {
	s := tuitest.Retries()
	s.Traffic.Limiter = &limiter.Estimate{Kind: limiter.None, Refused: 723}
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		got := strings.Join(strings.Fields(strings.ReplaceAll(frame(s, viewed(layout.Outcomes), size[0], size[1]), "│", " ")), " ")
		if strings.Contains(got, "no limiter seen") || !strings.Contains(got, "refused 723 times") {
			t.Errorf("%v:\n%s", size, got)
		}
	}
}
