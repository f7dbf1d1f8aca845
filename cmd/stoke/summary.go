package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/units"
)

// shownSegments bounds the settings in a summary, which fits on a screen with
// all else: 20 lines.
const shownSegments = 8

// summary is how a run went, for people: what was driven and what came of it.
// At most 20 lines.
func summary(s *engine.Snapshot, r *engine.Result) []string {
	lines := []string{fmt.Sprintf("%s > %s   %.1f s, ended by %s", s.Profile, s.Target, r.Seconds, s.Ending)}
	lines = append(lines, driven(s.View.Segments)...)
	run := &s.View.Run
	lines = append(lines,
		"response  "+ladderLine(&run.Response)+"   (of what succeeded, from the moment each was due)",
		"service   "+ladderLine(&run.Service)+"   (from the first byte sent)",
		"outcomes  "+outcomes(run))
	for i, t := range run.ByFault {
		if i == 3 {
			break
		}
		lines = append(lines, fmt.Sprintf("          %s x%s  %s", t.Name, units.Count(t.Count), oneLine(t.Sample)))
	}
	lines = append(lines, balance(run), "this machine  "+machine(s))
	return append(lines, fmt.Sprintf("verdict   %s (exit %d)", strings.ToUpper(r.Verdict), r.Exit))
}

// driven is the table of the settings, the newest ones last.
func driven(segments []*measure.Segment) []string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tbegan\trate\tconcurrency\tdone\tOK\tp50\tp99\tverdict\t")
	first := max(0, len(segments)-shownSegments)
	for _, g := range segments[first:] {
		st := &g.Stats
		seconds := float64(g.To-g.From) / 1e9
		done := 0.0
		if seconds > 0 {
			done = float64(st.Done()) / seconds
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t\n", g.ID, units.Clock(time.Duration(g.From)), rateOf(g), g.Setting.Concurrency,
			units.Rate(done), units.Percent(st.OK, st.Done()), rank(&st.Response, measure.P50), rank(&st.Response, measure.P99), verdictOf(g))
	}
	table.Flush()
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if first > 0 {
		lines[0] += fmt.Sprintf("   (%d earlier ones are in the JSON)", first)
	}
	return lines
}

// rateOf is what the rate dial said.
func rateOf(g *measure.Segment) string {
	switch {
	case g.Kind == measure.Paused:
		return "paused"
	case g.Setting.Model == "closed":
		return "max"
	case g.Setting.Rate != g.Setting.RateTo:
		return units.Setting(g.Setting.Rate) + " to " + units.Setting(g.Setting.RateTo)
	}
	return units.Setting(g.Setting.Rate) + "/s"
}

func verdictOf(g *measure.Segment) string {
	switch {
	case g.Invalid:
		return "INVALID"
	case g.Kind != measure.Hold:
		return string(g.Kind) + ", not compared"
	case g.Verdict == measure.NoVerdict:
		return "-"
	}
	return strings.ToLower(string(g.Verdict))
}

// rank is one percentile, "-" without enough samples.
func rank(l *measure.Ladder, i int) string {
	switch {
	case !l.Enough[i] || l.Fail[i]:
		return "-"
	case l.Open[i]:
		return "≥ " + units.Latency(l.P[i])
	}
	return units.Latency(l.P[i])
}

// ladderLine is the percentiles that have enough samples.
func ladderLine(l *measure.Ladder) string {
	if l.Count == 0 {
		return "nothing measured"
	}
	var parts []string
	for i, p := range measure.Percentiles {
		if l.Enough[i] {
			parts = append(parts, fmt.Sprintf("p%v %s", p, rank(l, i)))
		}
	}
	return strings.Join(append(parts, "max "+units.Latency(l.Max)), "  ")
}

func outcomes(n *measure.Stats) string {
	done := n.Done()
	text := fmt.Sprintf("OK %s %s   throttled %s %s   failed %s %s   not sent %s", units.Count(n.OK), units.Percent(n.OK, done),
		units.Count(n.Limited), units.Percent(n.Limited, done), units.Count(n.Failed()), units.Percent(n.Failed(), done), units.Count(n.Unsent()))
	var statuses []string
	for _, t := range n.ByStatus {
		statuses = append(statuses, t.Name+" x"+units.Count(t.Count))
	}
	if len(statuses) > 0 {
		text += "   (" + strings.Join(statuses[:min(5, len(statuses))], ", ") + ")"
	}
	return text
}

// balance is the law of the counts with this run's numbers.
func balance(n *measure.Stats) string {
	parts := []string{units.Count(n.Done()) + " done"}
	for _, p := range []struct {
		n    int64
		what string
	}{{n.InFlight + n.Connecting, "in flight"}, {n.Backlog, "waiting"}, {n.Unsent(), "not sent"}, {n.Cut + n.Stopped, "cut by the stop"}} {
		if p.n > 0 {
			parts = append(parts, units.Count(p.n)+" "+p.what)
		}
	}
	return fmt.Sprintf("counts    %s asked = %s", units.Count(n.Counts.Intended), strings.Join(parts, " + "))
}

// machine is what is known about this machine's part in the numbers.
func machine(s *engine.Snapshot) string {
	text := s.HealthVerdict
	if len(s.HealthReasons) > 0 {
		text += ": " + strings.Join(s.HealthReasons[:min(3, len(s.HealthReasons))], ", ")
	}
	if s.InvalidSeconds > 0 {
		text += fmt.Sprintf("; %d of %d seconds INVALID", s.InvalidSeconds, s.Seconds)
	}
	return text + "; audit " + s.Audit
}
