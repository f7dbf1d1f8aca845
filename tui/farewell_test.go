package tui

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/limiter"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/tuitest"
)

func ladderOf(p50, p99 time.Duration) measure.Ladder {
	l := measure.Ladder{Count: 1000}
	l.P[measure.P50], l.P[measure.P99] = int64(p50), int64(p99)
	l.Enough[measure.P50], l.Enough[measure.P99] = true, true
	return l
}

func drivenRun(settings int) *engine.Snapshot {
	s := &engine.Snapshot{Profile: "checkout-peak", Target: "https://api.example.test", State: engine.Ended, Ending: "stop",
		At: 222 * time.Second, Dial: engine.Dial{Rate: 1200, Concurrency: 128}, HealthVerdict: "ok", Seconds: 222, Audit: "ok",
		Health: &health.Report{State: health.OK}, Verdict: engine.VerdictLine{Text: "TARGET KEEPS UP"}, InFlight: 44}
	s.View.Last10 = measure.Window{Rates: measure.Rates{Intended: 1206, Sent: 1206, Done: 1205}, Response: ladderOf(31_200*time.Microsecond, 124*time.Millisecond)}
	s.View.Since.Counts = measure.Counts{Intended: 38456, OK: 38259, Limited: 112, Error: 41, InFlight: 44}
	s.View.Run.Counts = measure.Counts{Intended: 100, OK: 90, Limited: 4, Error: 3, Superseded: 2, Stopped: 1}
	for i := range settings {
		g := &measure.Segment{ID: i + 1, Kind: measure.Hold, From: int64(i) * 1e10, To: int64(i+1) * 1e10, Verdict: measure.Steady,
			Setting: measure.Setting{Model: "open", Rate: 500, RateTo: 500, Concurrency: 128}}
		g.Stats.Counts = measure.Counts{Intended: 5000, OK: 4980, Error: 20}
		g.Stats.Response = ladderOf(26_800*time.Microsecond, 61*time.Millisecond)
		s.View.Segments = append(s.View.Segments, g)
	}
	return s
}

func TestPlainLine(t *testing.T) {
	want := "00:03:42  ENDED  rate 1,200/s  concurrency 128  asked 1,206/s  sent 1,206/s  done 1,205/s  p50 31.2 ms  p99 124 ms  " +
		"ok 99.60 %  not sent 0  in flight 44  waiting 0  TARGET KEEPS UP  this machine fine"
	if got := PlainLine(drivenRun(1)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := PlainLine(&engine.Snapshot{State: engine.Ready}); !strings.Contains(got, "p99 -") || !strings.Contains(got, "this machine unknown") {
		t.Errorf("before the start: %s", got)
	}
	// A line a second, of snapshots that are up to a tenth of a second old: no
	// second comes twice, and none is passed over.
	for at, want := range map[time.Duration]string{1960 * time.Millisecond: "00:00:02  ", 3 * time.Second: "00:00:03  ", 3990 * time.Millisecond: "00:00:04  "} {
		if got := PlainLine(&engine.Snapshot{At: at}); !strings.HasPrefix(got, want) {
			t.Errorf("after %v: %s", at, got)
		}
	}
}

func TestEndLines(t *testing.T) {
	s := drivenRun(30)
	s.View.Segments[29].Kind, s.View.Segments[29].Verdict = measure.Ramp, measure.NoVerdict
	s.View.Segments[29].Setting.RateTo = 1000
	s.Profile, s.Ending = "ev\x1b[31mil\n", "sig\x07nal"
	lines := EndLines(s, "again: stoke run x")
	if len(lines) > maxFarewell {
		t.Errorf("%d lines", len(lines))
	}
	all := strings.Join(lines, "\n")
	for _, part := range []string{"ev?[31mil? > https://api.example.test   ENDED after 00:03:42 (sig?nal)", "… 20 before",
		"  29  00:04:40  500/s                128      500/s    99.60 %   26.8 ms   61.0 ms  steady",
		"500 to 1,000/s", "ramp, not compared", "100 asked = 97 done + 2 not sent + 1 cut or stopped; OK 90, throttled 4, failed 3",
		"this machine: ok", "again: stoke run x"} {
		if !strings.Contains(all, part) {
			t.Errorf("missing %q in\n%s", part, all)
		}
	}
	for _, r := range all {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("a control character %q", r)
		}
	}
	s.Audit, s.HealthVerdict, s.InvalidSeconds = "sent 5, recorded 4", "limiting", 3
	all = strings.Join(EndLines(s), "\n")
	for _, part := range []string{"THE BOOKS DO NOT BALANCE: sent 5, recorded 4", "IT WAS THE BOTTLENECK in 3 of 222 seconds, which are invalid"} {
		if !strings.Contains(all, part) {
			t.Errorf("missing %q in\n%s", part, all)
		}
	}
}

// flowing is a run with scenarios, jobs, retries and a limiter.
func flowing(settings, jobs int) *engine.Snapshot {
	s := drivenRun(settings)
	s.Traffic = engine.TrafficFacts{
		PerStart: 1.43, Starts: 843, Requests: 1521,
		Scenarios: []engine.ScenarioFacts{{Name: "checkout", Started: 21480, Done: 21312, Failed: 116, Open: 52, Rate: 181, Total: ladderOf(132*time.Millisecond, 355*time.Millisecond)}},
		Retry:     engine.RetryFacts{Policy: "3 attempts on 503", Retries: 11922, Rescued: 9208, GaveUp: 1310, PerStart: 1.31},
		Limiter:   &limiter.Estimate{Kind: limiter.TokenBucket, Rate: 100, Burst: 20, Confidence: 0.984},
	}
	for range jobs {
		s.Traffic.Jobs = append(s.Traffic.Jobs, engine.JobFacts{Name: "pro\x1bcess", Accepted: 7140, Done: 6801, Failed: 9, Lost: 2, Backlog: 328,
			AcceptedRate: 60.1, DoneRate: 53.4, Slope: 6.7, Complete: ladderOf(1420*time.Millisecond, 5100*time.Millisecond)})
	}
	return s
}

// A ceiling of requests is told in what the dial counts, and says so.
func TestReadyLineSaysWhatTheCeilingCounts(t *testing.T) {
	s := flowing(1, 1)
	s.State, s.Target, s.Ceiling = engine.Ready, "http://127.0.0.1:1", engine.Ceiling{Rate: 333, Concurrency: 64}
	if got, want := ReadyLine(s), "READY  http://127.0.0.1:1  ceilings 333 starts/s and concurrency 64"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.Traffic = engine.TrafficFacts{}
	if got := ReadyLine(s); !strings.Contains(got, "ceilings 333/s and") {
		t.Errorf("without scenarios: %s", got)
	}
}

func TestPlainLineSaysWhatGoesBeyondRequests(t *testing.T) {
	got := PlainLine(flowing(1, 1))
	for _, want := range []string{"rate 1,200 starts/s", "starts 843/s", "on the wire 1,521/s",
		"jobs of pro?cess: accepted 60/s done 53/s backlog 328 growing 6.70/s failed 9 lost 2",
		"scenario checkout: 181/s done 21,312 failed 116 dropped 0 p99 -",
		"1.31 requests for each asked", "limiter seen: token bucket, 100/s, burst 20 (sure 98 %)"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestEndLinesSumUpScenariosAndJobs(t *testing.T) {
	s := flowing(30, 1)
	s.Traffic.Jobs[0].Backlog, s.Traffic.Jobs[0].Done, s.Traffic.Jobs[0].Drained = 0, 7129, 12*time.Second
	all := strings.Join(EndLines(s, "the record: x", "again: stoke run x"), "\n")
	for _, want := range []string{
		"began     starts             conc.",
		"scenario checkout: 21,480 started = 21,312 done + 116 failed + 0 dropped + 52 open; whole p50 132 ms, p99 355 ms",
		"jobs of pro?cess: 7,140 accepted = 7,129 done + 9 failed + 2 lost; done p50 1.42 s, p99 5.10 s; drained in 12.0 s",
		"retries: 11,922, rescued 9,208, gave up 1,310 (3 attempts on 503)",
		"limiter seen: token bucket, 100/s, burst 20 (sure 98 %)",
		"again: stoke run x",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	for _, jobs := range []int{0, 3, 4, 9} {
		lines := EndLines(flowing(30, jobs), "the record: x", "again: stoke run x")
		if last := lines[len(lines)-1]; len(lines) > maxFarewell || !strings.Contains(last, "again") {
			t.Errorf("%d jobs: %d lines, the last %q", jobs, len(lines), last)
		}
		want := 1 + jobs
		if want > 4 {
			want = 3 // and a line for the rest
		}
		text := strings.Join(lines, "\n")
		if got := strings.Count(text, "scenario checkout") + strings.Count(text, "jobs of"); got != want || (jobs > 3) != strings.Contains(text, "more") {
			t.Errorf("%d jobs: %d flows, want %d:\n%s", jobs, got, want, text)
		}
	}
}

// Wherever the rate is named, a rate of starts is not taken for one of
// requests.
func TestARateOfStartsIsNamed(t *testing.T) {
	run := newFakeRun(engine.Running, 840, 64)
	run.change(func(s *engine.Snapshot) {
		s.Traffic.Scenarios = []engine.ScenarioFacts{{Name: "checkout", Steps: []string{"a", "b"}}}
		s.Ceiling.Rate = 5000
	})
	h := byHand(t, run, Options{})
	h.slowly("r")
	h.wantShown("preview: now 840 starts/s, ceiling 5,000 starts/s")
	h.slowly("esc", "space")
	h.wantShown("message: load to zero; enter resumes at 840 starts/s")
}

// TestFarewellFitsTheTerminal: nothing wraps by itself, and a setting is one
// row of the table.
func TestFarewellFitsTheTerminal(t *testing.T) {
	for _, s := range []*engine.Snapshot{tuitest.Running(), tuitest.Scenarios(), tuitest.Retries(), tuitest.Limited(), tuitest.Ended()} {
		for _, g := range s.View.Segments {
			g.Invalid = g.ID == 2
		}
		for _, w := range []int{80, 100, 120, 200} {
			lines := EndLinesIn(w, s, "again: stoke run x")
			for _, l := range lines {
				if canvas.Width(l) >= w {
					t.Errorf("%d columns: %q", w, l)
				}
			}
			all := strings.Join(lines, "\n")
			for _, want := range []string{"  2  ", "INVALID", "steady", "again: stoke run x"} {
				if !strings.Contains(all, want) {
					t.Errorf("%d columns: no %q in\n%s", w, want, all)
				}
			}
			if strings.Count(all, "INVALID") != 1 || len(lines) > maxFarewell {
				t.Errorf("%d columns:\n%s", w, all)
			}
		}
	}
}

// TestPlainLineNamesWhatMovesTheRate.
func TestPlainLineNamesWhatMovesTheRate(t *testing.T) {
	for _, c := range []struct {
		d    engine.Dial
		want string
	}{
		{engine.Dial{Rate: 147, Now: 147, Shape: engine.Shape{Kind: "wave", Text: "wave 40..160 every 20s", Left: 9 * time.Second}}, "rate 147/s (wave 40 to 160/s every 20s, 9 s left)  "},
		{engine.Dial{Rate: 2000, Now: 700, RampLeft: 20 * time.Second}, "rate 2,000/s (now 700/s, there in 20 s)  "},
		{engine.Dial{Rate: 300, Now: 300, Shape: engine.Shape{Kind: "steps", Text: "step 250 by 50 every 3s to 2k", Left: time.Minute}}, "rate 300/s (step 250 by 50 every 3s to 2,000, 60 s left)  "},
		{engine.Dial{Rate: 300, Now: 300}, "rate 300/s  "},
	} {
		s := tuitest.Running()
		s.Dial = c.d
		if got := PlainLine(s); !strings.Contains(got, c.want) {
			t.Errorf("%q is not in %q", c.want, got)
		}
		s.State = engine.Paused
		if got := PlainLine(s); strings.Contains(got, "(") {
			t.Errorf("paused: %q", got)
		}
	}
}

// A row that is too long goes on in the next line, its columns where they were.
func TestLongRowsKeepTheirColumns(t *testing.T) {
	s := drivenRun(2)
	s.View.Segments[1].Verdict, s.View.Segments[1].Detail = measure.Diverging, "unanswered requests grow by 12.3/s"
	row := func(w int) (first, next string) {
		lines := EndLinesIn(w, s)
		for i, l := range lines {
			if strings.Contains(l, "diverging") {
				return l, lines[i+1]
			}
		}
		t.Fatalf("no row in\n%s", strings.Join(lines, "\n"))
		return "", ""
	}
	whole, _ := row(0)
	first, next := row(wideFarewell)
	if !strings.HasPrefix(whole, first) || len(first) >= wideFarewell || strings.TrimSpace(next) == "" || first+" "+strings.TrimSpace(next) != whole {
		t.Errorf("%q goes on as %q, of %q", first, next, whole)
	}
}
