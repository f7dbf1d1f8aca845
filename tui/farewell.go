package tui

import (
	"fmt"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/measure"
	"stoke/tui/units"
)

const (
	maxFarewell = 20 // lines that EndLines may return
	maxRows     = 10 // of them, settings that were driven
)

// PlainLine sums a moment up in one line without control codes: where the run
// is, the dial, what came of it in the last ten seconds, the share of OK since
// the change, and how this machine does. For logs and screen readers; a line
// a second is meant.
func PlainLine(s *engine.Snapshot) string {
	w := &s.View.Last10
	c := &s.View.Since.Counts
	parts := []string{
		units.Clock(s.At), string(s.State),
		"rate " + dialRate(s.Dial), "concurrency " + number(float64(s.Dial.Concurrency)),
		"asked " + units.Rate(w.Rates.Intended), "sent " + units.Rate(w.Rates.Sent), "done " + units.Rate(w.Rates.Done),
		"p50 " + percentile(w.Response, measure.P50), "p99 " + percentile(w.Response, measure.P99),
		"ok " + units.Percent(c.OK, c.Intended-c.InFlight-c.Connecting-c.Backlog),
		"not sent " + units.Count(c.Unsent()),
		"in flight " + units.Count(s.InFlight+s.Connecting), "waiting " + units.Count(s.Backlog),
	}
	if s.Verdict.Text != "" {
		parts = append(parts, s.Verdict.Text)
	}
	return strings.Join(append(parts, "this machine "+machine(s)), "  ")
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
	lines := []string{heading(s)}
	if len(s.View.Segments) > 0 {
		lines = append(lines, "", "      began     rate               conc.       done         OK       p50       p99  verdict")
		lines = append(lines, driven(s)...)
	}
	run := &s.View.Run.Counts
	lines = append(lines, "", fmt.Sprintf("  %s asked = %s done + %s not sent + %s cut or stopped; OK %s, throttled %s, failed %s",
		units.Count(run.Intended), units.Count(run.Done()), units.Count(run.Unsent()), units.Count(run.Cut+run.Stopped),
		units.Count(run.OK), units.Count(run.Limited), units.Count(run.Failed())))
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

// driven lists the newest settings, oldest first.
func driven(s *engine.Snapshot) []string {
	segments := s.View.Segments
	var lines []string
	if n := len(segments) - maxRows; n > 0 {
		lines = append(lines, fmt.Sprintf("      … %d before", n))
		segments = segments[n:]
	}
	for _, g := range segments {
		lines = append(lines, drivenLine(g))
	}
	return lines
}

func drivenLine(g *measure.Segment) string {
	seconds := float64(g.To-g.From) / 1e9
	done := "-"
	if seconds > 0 {
		done = units.Rate(float64(g.Stats.Counts.Done()) / seconds)
	}
	c := &g.Stats.Counts
	ended := c.Intended - c.InFlight - c.Connecting - c.Backlog
	verdict := strings.ToLower(string(g.Verdict))
	switch {
	case g.Kind != measure.Hold:
		verdict = string(g.Kind) + ", not compared"
	case g.Verdict == measure.NoVerdict:
		verdict = "-"
	}
	if g.Detail != "" {
		verdict += ", " + oneLine(g.Detail, 40)
	}
	if g.Invalid {
		verdict += ", INVALID: this machine"
	}
	return strings.TrimRight(fmt.Sprintf("%4d  %-8s  %-17s %6s %10s  %9s %9s %9s  %s", g.ID, units.Clock(time.Duration(g.From)), settingText(g),
		units.Count(int64(g.Setting.Concurrency)), done, units.Percent(c.OK, ended),
		percentile(g.Stats.Response, measure.P50), percentile(g.Stats.Response, measure.P99), verdict), " ")
}

func settingText(g *measure.Segment) string {
	switch {
	case g.Kind == measure.Paused:
		return "pause"
	case g.Setting.Model == "closed":
		return "max"
	case g.Kind == measure.Ramp:
		return units.Setting(g.Setting.Rate) + " to " + units.Setting(g.Setting.RateTo) + "/s"
	}
	return perSecond(g.Setting.Rate)
}

func machineInTheRun(s *engine.Snapshot) string {
	verdict := s.HealthVerdict
	if verdict == "" {
		verdict = "unknown"
	}
	switch verdict {
	case "limiting":
		verdict = "IT WAS THE BOTTLENECK, the numbers are invalid"
	case "suspect":
		verdict = "suspect, look at it before you trust the numbers"
	}
	if s.InvalidSeconds > 0 {
		verdict += fmt.Sprintf("; %s of %s seconds invalid", units.Count(s.InvalidSeconds), units.Count(s.Seconds))
	}
	if len(s.HealthReasons) > 0 {
		verdict += ": " + oneLine(s.HealthReasons[0], 80)
	}
	return verdict
}
