package panel

import (
	"strings"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// BeforeHeight is the rows that the box needs with a note and wrapped lines.
const BeforeHeight = 20

// Before draws the screen before the start: what will be sent where, how far
// it can go, and what one request brought.
func Before(r canvas.Region, s *engine.Snapshot) {
	in := r.Box("BEFORE THE START", "no load yet")
	const at = 15
	y := 0
	gap := in.H >= 13
	row := func(label string, lines ...Line) {
		in.Text(2, y, theme.Dim, label)
		for _, l := range lines {
			l.Draw(in, at, y)
			y++
		}
	}
	text := func(role theme.Role, s string) []Line {
		var ls []Line
		for _, t := range canvas.Wrap(s, in.W-at-1) {
			ls = append(ls, Line{{role, t}})
		}
		return ls
	}
	row("target", text(theme.Strong, s.Target)...)
	addrs := strings.Join(s.Addrs, ", ")
	if addrs == "" {
		addrs = "not resolved yet"
	}
	row("addresses", text(theme.Text, addrs)...)
	row("begins with", text(theme.Text, first(s))...)
	row("ceiling", text(theme.Text, Counted(s, s.Ceiling.Rate)+" and "+units.Count(int64(s.Ceiling.Concurrency))+" at once: no key, command or phase passes it")...)
	row("arrivals", text(theme.Text, arrivals(s.Dial))...)
	if gap {
		y++
	}
	row("one request", probe(s.Probe, text)...)
	for _, n := range s.Notices {
		if gap {
			y++
		}
		row("note", text(theme.Text, n.Text)...)
	}
	y = min(y+1, in.H-1)
	if gap {
		y = min(y+1, in.H-1)
	}
	in.Sub(0, y, in.W, 1).Clear()
	x := in.Text(2, y, theme.Text, "press ")
	x = in.Text(x, y, theme.Key, "enter")
	in.Text(x, y, theme.Text, " to start")
}

// first says what is sent as soon as the run starts.
func first(s *engine.Snapshot) string {
	t := opening(s) + ", " + units.Count(int64(s.Dial.Concurrency)) + " at once"
	if p := s.Phases; p.Count > 0 {
		t += ": phase 1 of " + units.Count(int64(p.Count)) + ", " + grouped(p.Text)
	}
	return t
}

// opening is the rate with which the run begins: where the phases drive, that
// of the first one.
func opening(s *engine.Snapshot) string {
	c, err := grammar.Parse(s.Phases.Text)
	switch {
	case err != nil, !s.Phases.Driving:
	case c.Verb == grammar.Rate && c.Amount.Op == grammar.Max:
		return "max"
	case c.Verb == grammar.Wave && c.Into == 0, c.Verb == grammar.Step:
		return Counted(s, c.From)
	case c.Amount.Op == grammar.Set && c.Word == "" && c.Over == 0 && (c.Verb == grammar.Rate || c.Verb == grammar.Spike):
		return Counted(s, c.Amount.Value)
	}
	return RateOf(s)
}

func arrivals(d engine.Dial) string {
	t := d.Arrivals
	switch d.Arrivals {
	case "poisson":
		t = "at random, as users come (poisson)"
	case "uniform":
		t = "at equal distances (uniform)"
	}
	switch d.Late {
	case "queue":
		t += "; what finds no slot waits"
	case "shed":
		t += "; what finds no slot is not sent"
	}
	return t
}

func probe(p *engine.ProbeResult, text func(theme.Role, string) []Line) []Line {
	switch {
	case p == nil:
		return text(theme.Dim, "none was sent to look")
	case !p.Done:
		return text(theme.Wait, p.Request+" is under way …")
	case p.Err != "":
		return append(text(theme.Text, p.Request), text(theme.Warn, p.Err)...)
	}
	role := theme.OK
	if p.Status >= 300 {
		role = theme.Warn
	}
	kind := p.Type
	if kind == "" {
		kind = "no content type"
	}
	lines := text(role, p.Request+" brought "+units.Count(int64(p.Status)))
	lines = append(lines, text(theme.Text, units.Bytes(p.Bytes)+" in "+units.Latency(int64(p.Took))+", "+kind)...)
	if p.Redirect != "" {
		lines = append(lines, text(theme.Warn, "you would be testing the redirect to "+p.Redirect)...)
	}
	return lines
}
