package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/tui"
	"stoke/tui/units"
)

// summary is how a run went, for people: what was driven, as the cockpit says
// it at its end, and for a script, which showed no picture, the figures too.
func (s *session) summary(last *engine.Snapshot, r *engine.Result) []string {
	lines := tui.EndLinesIn(columns(s.app.out), last)
	if s.flags.headless {
		lines = append(lines, figures(last, r)...)
	}
	line := fmt.Sprintf("  verdict: %s (exit %d)", r.Verdict, r.Exit)
	if s.result != nil {
		line += "    result: " + s.result.path
	}
	return append(lines, line)
}

// figures are the percentiles of a whole run, and why answers were no success:
// statuses, faults, expectations, and what became of jobs.
func figures(last *engine.Snapshot, r *engine.Result) []string {
	run, traffic := &last.View.Run, &last.Traffic
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
	if slices.ContainsFunc(run.ByFault, func(t measure.Tally) bool { return t.Name == wire.Unfilled.String() }) {
		lines = append(lines, "    request:value: not sent, since the answer before did not hold what was to be captured")
	}
	if len(traffic.Unmet) > 0 {
		lines = append(lines, "  not as expected: "+tallies(mostFirst(traffic.Unmet)))
	}
	for i := range traffic.Jobs {
		if j := &traffic.Jobs[i]; len(j.LostFor) > 0 {
			lines = append(lines, "  lost jobs of "+oneLine(j.Name)+": "+tallies(mostFirst(j.LostFor)))
		}
	}
	if n := r.Wire.PerIntended; n != nil && (traffic.Retry.Policy != "" || len(traffic.Jobs) > 0) {
		lines = append(lines, fmt.Sprintf("  on the wire: %s requests, %.2f for each asked", units.Count(r.Wire.Requests), *n))
	}
	return append(lines, connections(r)...)
}

// connections are what was spoken and on how many connections, and for a target
// of several addresses what each of them did.
func connections(r *engine.Result) []string {
	line := fmt.Sprintf("  connections: %s; %s opened, reused %s times", r.Wire.Protocol, units.Count(r.Connections.Opened), units.Count(r.Connections.Reused))
	if h := r.Wire.Handshakes; h.Full+h.Resumed > 0 {
		line += fmt.Sprintf("; handshakes %s full, %s resumed", units.Count(h.Full), units.Count(h.Resumed))
	}
	lines := []string{line}
	if len(r.Addresses) < 2 {
		return lines
	}
	for i := range r.Addresses {
		a := &r.Addresses[i]
		line := fmt.Sprintf("    %s: OK %s, throttled %s, failed %s", a.Address, units.Count(a.OK), units.Count(a.Limited), units.Count(a.Failed))
		if p50 := a.Service.P50; p50 != nil {
			line += "; service time p50 " + units.Latency(int64(*p50*1e6))
		}
		lines = append(lines, line)
	}
	return lines
}

// mostFirst is a list with the most frequent first.
func mostFirst(list []measure.Tally) []measure.Tally {
	return slices.SortedStableFunc(slices.Values(list), func(a, b measure.Tally) int { return cmp.Compare(b.Count, a.Count) })
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
		parts = append(parts, oneLine(strings.TrimPrefix(t.Name, "not so: "))+" x"+units.Count(t.Count))
	}
	if more := len(list) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}
