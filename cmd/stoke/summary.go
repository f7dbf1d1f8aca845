package main

import (
	"fmt"
	"strings"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui"
	"stoke/tui/units"
)

// summary is how a run went, for people: what was driven, as the cockpit says
// it at its end, and for a script, which showed no picture, the figures too.
func (s *session) summary(last *engine.Snapshot, r *engine.Result) []string {
	lines := tui.EndLines(last)
	if s.flags.headless {
		lines = append(lines, figures(&last.View.Run)...)
	}
	line := fmt.Sprintf("  verdict: %s (exit %d)", r.Verdict, r.Exit)
	if s.result != nil {
		line += "    result: " + s.result.path
	}
	return append(lines, line)
}

// figures are the percentiles, statuses and faults of a whole run.
func figures(run *measure.Stats) []string {
	lines := []string{
		"  response time of OK, from when each was due:  " + ladder(&run.Response),
		"  service time of OK, from the first byte sent: " + ladder(&run.Service),
	}
	if len(run.ByStatus) > 0 {
		lines = append(lines, "  statuses: "+tallies(run.ByStatus))
	}
	if len(run.ByFault) > 0 {
		lines = append(lines, "  errors: "+tallies(run.ByFault))
	}
	return lines
}

// ladder is the percentiles that have enough samples, and the maximum.
func ladder(l *measure.Ladder) string {
	if l.Count == 0 {
		return "nothing measured"
	}
	var parts []string
	for i, p := range measure.Percentiles {
		if l.Enough[i] {
			parts = append(parts, fmt.Sprintf("p%v %s", p, units.Latency(l.P[i])))
		}
	}
	return strings.Join(append(parts, "max "+units.Latency(l.Max)), "  ")
}

// tallies is "200 x1,204, 429 x12", the most frequent five.
func tallies(list []measure.Tally) string {
	var parts []string
	for _, t := range list[:min(5, len(list))] {
		parts = append(parts, t.Name+" x"+units.Count(t.Count))
	}
	return strings.Join(parts, ", ")
}
