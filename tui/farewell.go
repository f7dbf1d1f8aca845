package tui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/panel"
	"stoke/tui/units"
)

const (
	maxFarewell = 20 // lines that EndLines may return
	maxRows     = 10 // of them, settings that were driven and what goes beyond single requests
	maxTraffic  = 6  // of those, the latter

	wideFarewell = 118 // columns that the whole table takes
)

// PlainLine sums a moment up in one line without control codes: where the run
// is, the dial, what came of it in the last ten seconds, the share of OK since
// the change, and how this machine does. For logs and screen readers; a line
// a second is meant.
func PlainLine(s *engine.Snapshot) string {
	w := &s.View.Last10
	c := &s.View.Since.Counts
	parts := []string{
		units.Clock(s.At.Round(time.Second)), string(s.State),
		"rate " + panel.RateOf(s) + moves(s), "concurrency " + number(float64(s.Dial.Concurrency)),
		"asked " + units.Rate(w.Rates.Intended), "sent " + units.Rate(w.Rates.Sent), "done " + units.Rate(w.Rates.Done),
		"p50 " + percentile(w.Response, measure.P50), "p99 " + percentile(w.Response, measure.P99),
		"ok " + units.Percent(c.OK, c.Intended-c.InFlight-c.Connecting-c.Backlog),
		"not sent " + units.Count(c.Unsent()),
		"in flight " + units.Count(s.InFlight+s.Connecting), "waiting " + units.Count(s.Backlog),
	}
	parts = append(parts, beyondRequests(s)...)
	if s.Verdict.Text != "" {
		parts = append(parts, s.Verdict.Text)
	}
	return strings.Join(append(parts, "this machine "+machine(s)), "  ")
}

// ReadyLine says in one line what a run that has not begun will drive, and what
// nothing passes.
func ReadyLine(s *engine.Snapshot) string {
	return fmt.Sprintf("%s  %s  ceilings %s and concurrency %s", s.State, s.Target,
		panel.Counted(s, s.Ceiling.Rate), units.Count(int64(s.Ceiling.Concurrency)))
}

// moves says what moves the rate by itself, and until when: " (now 700/s,
// there in 20 s)", " (wave 5 to 20/s every 3s, 9 s left)".
func moves(s *engine.Snapshot) string {
	if words := panel.Moves(s); words != "" && s.State == engine.Running {
		return " (" + words + ")"
	}
	return ""
}

// beyondRequests says, in a moment's line, what scenarios, jobs, retries and a
// limiter add to single requests; nothing where there are none.
func beyondRequests(s *engine.Snapshot) []string {
	t := &s.Traffic
	var parts []string
	if len(t.Scenarios) > 0 {
		parts = append(parts, "starts "+units.Rate(t.Starts))
	}
	if len(t.Scenarios) > 0 || len(t.Jobs) > 0 || t.Retry.Policy != "" {
		parts = append(parts, "on the wire "+units.Rate(t.Requests))
	}
	for i := range t.Jobs {
		j := &t.Jobs[i]
		parts = append(parts, fmt.Sprintf("jobs of %s: accepted %s done %s backlog %s %s failed %s lost %s", oneLine(j.Name, 30),
			units.Rate(j.AcceptedRate), units.Rate(j.DoneRate), units.Count(j.Backlog), panel.Trend(j), units.Count(j.Failed), units.Count(j.Lost)))
	}
	for i := range t.Scenarios {
		f := &t.Scenarios[i]
		parts = append(parts, fmt.Sprintf("scenario %s: %s done %s failed %s dropped %s p99 %s", oneLine(f.Name, 30),
			units.Rate(f.Rate), units.Count(f.Done), units.Count(f.Failed), units.Count(f.Dropped), percentile(f.Since, measure.P99)))
	}
	if t.Retry.Policy != "" && t.Retry.PerStart > 0 {
		parts = append(parts, units.Three(t.Retry.PerStart)+" requests for each asked")
	}
	if words := panel.LimiterWords(t.Limiter); words != nil {
		parts = append(parts, words[0])
	}
	return parts
}

// endsOfTraffic sums up what scenarios, jobs and retries did in the whole run
// and which limiter was seen, in at most maxTraffic lines.
func endsOfTraffic(s *engine.Snapshot) []string {
	t := &s.Traffic
	var flows, lines []string
	for i := range t.Scenarios {
		f := &t.Scenarios[i]
		flows = append(flows, fmt.Sprintf("  scenario %s: %s started = %s done + %s failed + %s dropped%s; whole p50 %s, p99 %s", oneLine(f.Name, 30),
			units.Count(f.Started), units.Count(f.Done), units.Count(f.Failed), units.Count(f.Dropped), more(f.Open, "open"),
			percentile(f.Total, measure.P50), percentile(f.Total, measure.P99)))
	}
	for i := range t.Jobs {
		j := &t.Jobs[i]
		line := fmt.Sprintf("  jobs of %s: %s accepted = %s done + %s failed + %s lost%s; done p50 %s, p99 %s", oneLine(j.Name, 30),
			units.Count(j.Accepted), units.Count(j.Done), units.Count(j.Failed), units.Count(j.Lost), more(j.Backlog, "in the backlog"),
			percentile(j.Complete, measure.P50), percentile(j.Complete, measure.P99))
		if j.Drained > 0 {
			line += "; " + panel.Trend(j)
		}
		flows = append(flows, line)
	}
	if r := &t.Retry; r.Policy != "" || r.Retries > 0 {
		line := fmt.Sprintf("  retries: %s, rescued %s, gave up %s", units.Count(r.Retries), units.Count(r.Rescued), units.Count(r.GaveUp))
		if r.Denied > 0 {
			line += ", not allowed " + units.Count(r.Denied)
		}
		if r.Policy != "" {
			line += " (" + oneLine(r.Policy, 60) + ")"
		}
		lines = append(lines, line)
	}
	if words := panel.LimiterWords(t.Limiter); words != nil {
		lines = append(lines, "  "+words[0])
	}
	if n := maxTraffic - len(lines); len(flows) > n {
		hidden := len(flows) - n + 1
		flows = append(flows[:n-1], fmt.Sprintf("  … and %d scenarios and jobs more", hidden))
	}
	return append(flows, lines...)
}

// more is a part of a sum that is named only if it is not zero.
func more(n int64, word string) string {
	if n == 0 {
		return ""
	}
	return " + " + units.Count(n) + " " + word
}

// machine is the state of this machine in a word or two.
func machine(s *engine.Snapshot) string {
	switch h := s.Health; {
	case h == nil:
		return "unknown"
	case h.State == health.OK:
		return "fine"
	case len(h.Reasons) > 0:
		return string(h.State) + ": " + oneLine(h.Reasons[0], 60)
	default:
		return string(h.State)
	}
}

// EndLines sums a run up for the normal screen, after the cockpit or a
// headless run: at most 20 plain lines with the settings that were driven and
// their figures, what became of all requests, and how this machine did. next
// are the caller's lines at the end: where the record lies, what can be done.
func EndLines(s *engine.Snapshot, next ...string) []string {
	return EndLinesIn(0, s, next...)
}

// EndLinesIn is [EndLines] for a terminal of w columns; 0 is any. In a narrow
// one the table has fewer columns; longer lines are cut between words.
func EndLinesIn(w int, s *engine.Snapshot, next ...string) []string {
	lines := endLines(s, w > 0 && w < wideFarewell, next)
	if w <= 0 {
		return lines
	}
	var out []string
	for _, l := range lines {
		out = append(out, wrapped(l, w-1)...)
	}
	return out[:min(len(out), maxFarewell)]
}

// wrapped is a line in pieces of at most w cells, cut between words, the later
// ones set in. The blanks within a piece stay: a table keeps its columns.
func wrapped(line string, w int) []string {
	const in = "      "
	var out []string
	for w >= 40 && canvas.Width(line) > w {
		cut, width := 0, 0
		for i, r := range line {
			if width > w {
				break
			}
			if r == ' ' && strings.TrimSpace(line[:i]) != "" {
				cut = i
			}
			width += canvas.Width(string(r))
		}
		if cut == 0 {
			break // a word that is longer than the line
		}
		out = append(out, strings.TrimRight(line[:cut], " "))
		line = in + strings.TrimLeft(line[cut:], " ")
	}
	return append(out, line)
}

func endLines(s *engine.Snapshot, narrow bool, next []string) []string {
	lines, traffic := []string{heading(s)}, endsOfTraffic(s)
	if len(s.View.Segments) > 0 {
		head := fmt.Sprintf("      began     %-17s  conc.       done         OK       p50       p99  verdict", panel.RateHead(s))
		if narrow {
			head = fmt.Sprintf("     %-16s  conc.      done       OK      p50      p99  verdict", panel.RateHead(s))
		}
		lines = append(lines, "", head)
		lines = append(lines, driven(s, maxRows-len(traffic), narrow)...)
	}
	run := &s.View.Run.Counts
	lines = append(lines, "", fmt.Sprintf("  %s asked = %s done + %s not sent + %s cut or stopped; OK %s, throttled %s, failed %s",
		units.Count(run.Intended), units.Count(run.Done()), units.Count(run.Unsent()), units.Count(run.Cut+run.Stopped),
		units.Count(run.OK), units.Count(run.Limited), units.Count(run.Failed())))
	lines = append(lines, traffic...)
	if s.Audit != "" && s.Audit != "ok" {
		lines = append(lines, "  THE BOOKS DO NOT BALANCE: "+oneLine(s.Audit, 100))
	}
	lines = append(lines, "  this machine: "+machineInTheRun(s))
	if len(next) > 0 {
		lines = append(lines, "")
	}
	for _, n := range next {
		lines = append(lines, "  "+n)
	}
	return lines[:min(len(lines), maxFarewell)]
}

func heading(s *engine.Snapshot) string {
	name := oneLine(s.Profile, 40)
	if name == "" {
		name = "run"
	}
	line := fmt.Sprintf("%s > %s   %s after %s", name, oneLine(s.Target, 60), s.State, units.Clock(s.At))
	if s.Ending != "" {
		line += " (" + oneLine(s.Ending, 40) + ")"
	}
	return line
}

// driven lists the newest settings, at most most of them, oldest first.
func driven(s *engine.Snapshot, most int, narrow bool) []string {
	segments := s.View.Segments
	var lines []string
	if n := len(segments) - most; n > 0 {
		lines = append(lines, fmt.Sprintf("      … %d before", n))
		segments = segments[n:]
	}
	for _, g := range segments {
		lines = append(lines, drivenLine(g, narrow))
	}
	return lines
}

func drivenLine(g *measure.Segment, narrow bool) string {
	seconds := float64(g.To-g.From) / 1e9
	done := "-"
	if seconds > 0 {
		done = units.Rate(float64(g.Stats.Counts.Done()) / seconds)
	}
	c := &g.Stats.Counts
	ended := c.Intended - c.InFlight - c.Connecting - c.Backlog
	verdict, detail := strings.ToLower(string(g.Verdict)), ""
	switch {
	case g.Kind == measure.Transit:
		verdict, detail = "passed through", ""
	case g.Kind != measure.Hold:
		verdict, detail = string(g.Kind), ", not compared"
	case g.Verdict == measure.NoVerdict:
		verdict = "-"
	}
	switch {
	case g.Invalid: // what else there is to say of it does not count
		detail = ", INVALID: this machine"
	case g.Detail != "":
		detail += ", " + oneLine(g.Detail, 40)
	}
	if narrow {
		if g.Invalid {
			verdict = "INVALID"
		}
		return strings.TrimRight(fmt.Sprintf("%3d  %-16s %6s %9s %8s %8s %8s  %s", g.ID, settingText(g),
			units.Count(int64(g.Setting.Concurrency)), done, units.Percent(c.OK, ended),
			percentile(g.Stats.Response, measure.P50), percentile(g.Stats.Response, measure.P99), verdict), " ")
	}
	verdict += detail
	return strings.TrimRight(fmt.Sprintf("%4d  %-8s  %-17s %6s %10s  %9s %9s %9s  %s", g.ID, units.Clock(time.Duration(g.From)), settingText(g),
		units.Count(int64(g.Setting.Concurrency)), done, units.Percent(c.OK, ended),
		percentile(g.Stats.Response, measure.P50), percentile(g.Stats.Response, measure.P99), verdict), " ")
}

func settingText(g *measure.Segment) string {
	switch {
	case g.Kind == measure.Paused:
		return "pause"
	case g.Kind == measure.Transit:
		return "several"
	case g.Setting.Model == "closed":
		return "max"
	case g.Kind == measure.Ramp, g.Kind == measure.Wave:
		return units.Setting(g.Setting.Rate) + " to " + units.Setting(g.Setting.RateTo) + "/s"
	}
	return perSecond(g.Setting.Rate)
}

func machineInTheRun(s *engine.Snapshot) string {
	invalid := units.Count(s.InvalidSeconds) + " of " + units.Count(s.Seconds) + " seconds"
	verdict := cmp.Or(s.HealthVerdict, "unknown")
	switch verdict {
	case "limiting":
		verdict = "IT WAS THE BOTTLENECK in " + invalid + ", which are invalid"
	case "suspect":
		verdict = "suspect, look at it before you trust the numbers"
		if s.InvalidSeconds > 0 {
			verdict += "; " + invalid + " invalid"
		}
	}
	if len(s.HealthReasons) > 0 {
		verdict += ": " + oneLine(s.HealthReasons[0], 80)
	}
	return verdict
}
