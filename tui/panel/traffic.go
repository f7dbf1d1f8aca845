package panel

import (
	"slices"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/limiter"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// beyond reports whether the profile does more than send single requests, so
// that what is on the wire is not what the rate says.
func beyond(s *engine.Snapshot) bool {
	t := &s.Traffic
	return len(t.Scenarios) > 0 || len(t.Jobs) > 0 || t.Retry.Policy != ""
}

// rateUnit is what the rate counts, in full and short, where a start is not a
// request; else empty.
func rateUnit(s *engine.Snapshot) (long, short string) {
	switch {
	case len(s.Traffic.Scenarios) == 0:
		return "", ""
	case s.Traffic.CountsRequests:
		return "requests", "req"
	}
	return "starts", "starts"
}

// RateUnit is what the rate counts, "starts" or "requests", where a start is
// not a request; else empty.
func RateUnit(s *engine.Snapshot) string {
	long, _ := rateUnit(s)
	return long
}

// countedRate is the rate as it is at this moment with what it counts, in at
// most w cells, w ≥ 9: "840 starts/s", "1.2k req/s".
func countedRate(s *engine.Snapshot, w int) string {
	plain := dialNow(s, 9)
	long, short := rateUnit(s)
	if long == "" || s.Dial.Closed {
		return plain
	}
	v := s.Dial.Rate
	if s.Dial.RampLeft > 0 && s.State == engine.Running {
		v = s.Dial.Now
	}
	whole, brief := strings.TrimSuffix(plain, "/s"), units.Short(v)
	return canvas.Fit(w, whole+" "+long+"/s", brief+" "+long+"/s", whole+" "+short+"/s", brief+" "+short+"/s", plain)
}

// RateOf writes the rate of the dial as it was set with what it counts:
// "1,200/s", "840 starts/s", "max".
func RateOf(s *engine.Snapshot) string {
	if s.Dial.Closed {
		return DialRate(s.Dial)
	}
	return Counted(s, s.Dial.Rate)
}

// Counted writes a rate with what the dial counts: "840 starts/s".
func Counted(s *engine.Snapshot, rate float64) string {
	unit := RateUnit(s)
	if unit != "" {
		unit = " " + unit
	}
	return units.Setting(rate) + unit + "/s"
}

// onTheWire says in at most w cells what the rate comes to: what it asks for by
// plan, and the requests that were measured on the wire.
func onTheWire(s *engine.Snapshot, w int) Line {
	t := &s.Traffic
	wire := Span{theme.Text, units.NumberIn(t.Requests, 7) + "/s"}
	tail := Span{theme.Dim, " on the wire"}
	var plan Line
	is := "= "
	if moving(s) { // what is on the wire is that of some seconds
		is = "now "
	}
	switch per := t.PerStart; {
	case len(t.Scenarios) == 0:
		with := ", with polls"
		if len(t.Jobs) == 0 {
			with = ", with retries"
		} else if t.Retry.Policy != "" {
			with = ", with polls and retries"
		}
		return Pick(w, Line{wire, tail, {theme.Dim, with}}, Line{wire, tail}, Line{wire})
	case s.Dial.Closed:
		plan = Line{{theme.Text, units.NumberIn(t.Starts, 7)}, {theme.Dim, " starts/s, "}}
	case t.CountsRequests && per > 0:
		plan = Line{{theme.Dim, is}, {theme.Text, units.NumberIn(dialled(s)/per, 7)}, {theme.Dim, " starts/s, "}}
	case per > 0:
		plan = Line{{theme.Dim, is}, {theme.Text, units.NumberIn(dialled(s)*per, 7)}, {theme.Dim, " requests/s, "}}
	}
	return Pick(w, append(plan[:len(plan):len(plan)], wire, tail), Line{wire, tail}, Line{wire})
}

// dialled is the rate of this moment in what it counts.
func dialled(s *engine.Snapshot) float64 {
	if s.Dial.RampLeft > 0 && s.State == engine.Running {
		return s.Dial.Now
	}
	return s.Dial.Rate
}

// moving reports whether the rate changes by itself.
func moving(s *engine.Snapshot) bool {
	return s.State == engine.Running && (s.Dial.RampLeft > 0 || s.Dial.Shape.Kind != "")
}

// perStart is how many requests a start asks for, where that is not one.
func perStart(s *engine.Snapshot) string {
	if len(s.Traffic.Scenarios) == 0 || s.Traffic.PerStart <= 0 {
		return ""
	}
	n := units.Three(s.Traffic.PerStart)
	if strings.Contains(n, ".") {
		n = strings.TrimRight(strings.TrimRight(n, "0"), ".")
	}
	return "1 start = " + n + " requests by plan"
}

// amplified is the amplification from which it is amber: more than one request
// in twenty is a retry.
const amplified = 1.05

// amplification says in at most w cells how many requests there are for each
// that was meant; nil without a policy for retries.
func amplification(s *engine.Snapshot, w int) Line {
	t := &s.Traffic.Retry
	if t.Policy == "" && t.Retries == 0 {
		return nil
	}
	role := theme.Text
	if t.PerStart > amplified {
		role = theme.Warn
	}
	n := "–"
	if t.PerStart > 0 {
		n = units.Three(t.PerStart)
	}
	value, words := Span{role, n}, Span{theme.Dim, " requests for each asked"}
	retries := Span{theme.Dim, ", " + units.CountIn(t.Retries, 7) + " retries"}
	return Pick(w, Line{value, words, retries}, Line{value, words}, Line{value, {theme.Dim, " for each asked"}}, Line{value})
}

// retryCounts are the ends of retries that are not zero, and the two that
// always matter.
func retryCounts(t *engine.RetryFacts) []string {
	parts := []string{"rescued " + units.Count(t.Rescued), "gave up " + units.Count(t.GaveUp)}
	if t.Denied > 0 {
		parts = append(parts, "not allowed "+units.Count(t.Denied))
	}
	if t.Waiting > 0 {
		parts = append(parts, "waiting "+units.Count(t.Waiting))
	}
	return parts
}

// LimiterWords describes what was inferred of the target's limiter, longest
// first; nil where there is nothing to say.
func LimiterWords(e *limiter.Estimate) []string {
	if e == nil || e.Kind == limiter.None || e.Kind == "" {
		return nil
	}
	rate := units.Rate(e.Rate)
	size := ""
	switch {
	case e.Kind == limiter.FixedWindow && e.Window > 0:
		each := units.Latency(int64(e.Window))
		if e.Window%time.Second == 0 {
			each = units.Span(e.Window)
		}
		size = ", " + units.Count(int64(e.Rate*e.Window.Seconds()+0.5)) + " each " + each
	case e.Burst > 0:
		size = ", burst " + units.Count(int64(e.Burst+0.5))
	}
	sure := units.Percent(int64(e.Confidence*1e4+0.5), 1e4)
	if n, _, ok := strings.Cut(sure, "."); ok { // the decimals promise too much
		sure = n + " %"
	}
	kind := string(e.Kind)
	return slices.Compact([]string{
		"limiter seen: " + kind + ", " + rate + size + " (sure " + sure + ")",
		"limiter: " + kind + ", " + rate + size + " (sure " + sure + ")",
		"limiter: " + kind + ", " + rate + size,
		kind + ", " + rate + size,
		kind + ", " + rate,
		"limiter " + rate,
	})
}

// RetriesHeight is the least rows of the box.
const RetriesHeight = 6

// Retries draws what the retries did and which limiter was seen. From 38
// columns.
func Retries(r canvas.Region, s *engine.Snapshot) {
	t := &s.Traffic
	in := r.Box("RETRIES AND LIMITER", canvas.Fit(r.W-24, "of the whole run", "whole run"))
	y, w := 0, in.W-3
	// put writes a text in as many lines as it needs; where the rows end it is
	// shortened, not cut off.
	put := func(role theme.Role, text string) {
		for lines := canvas.Wrap(text, w); len(lines) > 0 && y < in.H; lines = lines[1:] {
			l := lines[0]
			if y == in.H-1 && len(lines) > 1 {
				l = canvas.Shorten(strings.Join(lines, " "), w)
			}
			in.Text(2, y, role, l)
			y++
		}
	}
	retries := t.Retry.Policy != "" || t.Retry.Retries > 0
	if retries {
		amplification(s, w).Draw(in, 2, y)
		y++
	} else {
		put(theme.Dim, "the profile has no retries")
	}
	if words := LimiterWords(t.Limiter); words != nil {
		put(theme.Strong, words[0])
	} else if t.Limiter != nil && t.Limiter.Refused > 0 {
		put(theme.Text, "refused "+units.Count(t.Limiter.Refused)+" times, by what rule is not clear yet")
	} else {
		put(theme.Dim, "no limiter seen")
	}
	if retries {
		put(theme.Text, strings.Join(retryCounts(&t.Retry), ", "))
	}
	if t.Retry.Policy != "" {
		put(theme.Dim, "policy: "+t.Retry.Policy)
	}
}

// HasRetries reports whether [Retries] has something to show.
func HasRetries(s *engine.Snapshot) bool {
	l := s.Traffic.Limiter
	return s.Traffic.Retry.Policy != "" || s.Traffic.Retry.Retries > 0 || l != nil && l.Refused > 0 || LimiterWords(l) != nil
}

// step is the name of a scenario's endpoint within it.
func step(f *engine.ScenarioFacts, endpoint string) string {
	if rest, ok := strings.CutPrefix(endpoint, f.Name+" / "); ok {
		return rest
	}
	return endpoint
}

// scenarioOf finds the scenario that an endpoint is a step of; nil for a
// request of its own.
func scenarioOf(s *engine.Snapshot, endpoint string) *engine.ScenarioFacts {
	for i := range s.Traffic.Scenarios {
		if f := &s.Traffic.Scenarios[i]; slices.Contains(f.Steps, endpoint) {
			return f
		}
	}
	return nil
}

// middle cuts a name to w cells in its middle: the steps of a scenario begin
// alike.
func middle(name string, w int) string {
	if canvas.Width(name) <= w || w < 8 {
		return canvas.Shorten(name, w)
	}
	head := strings.TrimSuffix(canvas.Shorten(name, w/3+1), "…")
	tail := []rune(name)
	for canvas.Width(string(tail)) > w-1-canvas.Width(head) {
		tail = tail[1:]
	}
	return head + "…" + string(tail)
}
