package panel

import (
	"math"
	"strings"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// MachineRows is the number of figures that can be chosen.
func MachineRows(s *engine.Snapshot) int {
	if s.Health == nil {
		return 0
	}
	return len(s.Health.Metrics)
}

// HeadlineHeight is the rows of the box; on a wide screen one less, since its
// first line takes in the second.
const HeadlineHeight = 5

// Headline says whether this machine, and not the target, is the bottleneck.
func Headline(r canvas.Region, s *engine.Snapshot) {
	in := r.Box("THIS MACHINE", "is it me, or the target?")
	if in.H < 2 {
		return
	}
	word, role, words := stateWords(s)
	x := in.Text(2, 0, role, word)
	x = in.Text(x+2, 0, theme.Text, canvas.Clip(words, in.W-x-3))
	all := units.Count(s.Seconds)
	invalid := Span{alarm(s.InvalidSeconds), units.Right(units.Count(s.InvalidSeconds), len(all))}
	short := Line{{theme.Dim, "invalid so far "}, invalid, {theme.Dim, " of " + all + " seconds"}}
	if in.H == 2 {
		if at := in.W - 2 - short.Width(); at > x+2 {
			short.Draw(in, at, 0)
		}
	} else {
		long := short
		if h := s.Health; h != nil && h.Busy >= 0 {
			long = Line{short[0], invalid, {theme.Dim, " of " + units.Left(all+" seconds", 20) + "this program uses "},
				{theme.Text, units.Right(units.Count(int64(math.Floor(h.Busy*100))), 3) + " %"}, {theme.Dim, " of its CPU"}}
		}
		Pick(in.W-3, long, short).Draw(in, 2, 1)
	}
	why, role := reasonWords(s, in.W-3)
	in.Text(2, in.H-1, role, why)
}

// reasonWords says, in at most w cells, what limits were passed.
func reasonWords(s *engine.Snapshot, w int) (string, theme.Role) {
	h := s.Health
	switch {
	case s.State == engine.Ended:
		return wholeRun(s, w)
	case h != nil && len(h.Reasons) > 0:
		return reasons("now: ", h.Reasons, w), theme.Warn
	case len(s.HealthReasons) > 0:
		return reasons("over the whole run: ", s.HealthReasons, w), theme.Warn
	case h != nil && h.State == health.OK:
		return canvas.Fit(w, "no limit was passed in the last second: latencies are the target's", "no limit was passed"), theme.Dim
	}
	return "", theme.Dim
}

// reasons lists as many reasons as have room in w cells, and how many have not.
func reasons(before string, all []string, w int) string {
	for n := len(all); n > 0; n-- {
		t := before + strings.Join(all[:n], "; ")
		if n < len(all) {
			t += "; " + units.Count(int64(len(all)-n)) + " more"
		}
		if canvas.Width(t) <= w {
			return t
		}
	}
	return canvas.Shorten(before+all[0], w)
}

// stateWords says how this machine is and what follows for the numbers.
func stateWords(s *engine.Snapshot) (word string, role theme.Role, words string) {
	if s.Health == nil {
		return "UNKNOWN", theme.Wait, "nothing was seen yet"
	}
	switch s.Health.State {
	case health.OK:
		return "FINE", theme.OK, "the numbers are the target's"
	case health.Warn:
		return "CHECK", theme.Warn, "the numbers may hold some of this machine's own delay"
	case health.Invalid:
		return "TOO SLOW", theme.Bad, "this second does not count: the target may be faster"
	}
	return "UNKNOWN", theme.Wait, "too little was seen to judge"
}

// metricState is a state in a word of at most 7 cells.
func metricState(m health.State) (string, theme.Role) {
	switch m {
	case health.OK:
		return "ok", theme.OK
	case health.Warn:
		return "CHECK", theme.Warn
	case health.Invalid:
		return "INVALID", theme.Bad
	}
	return "?", theme.Wait
}

// MetricsHeight is the rows of the box with every figure.
const MetricsHeight = 27

// Metrics draws every figure of this machine with its limits.
func Metrics(r canvas.Region, s *engine.Snapshot, chosen int) {
	in := r.Box("EACH FIGURE", "of the last second, with its limits")
	if s.Health == nil || len(s.Health.Metrics) == 0 {
		in.Text(2, 0, theme.Dim, "nothing was seen yet")
		return
	}
	all := s.Health.Metrics
	t := newTable(in.W,
		column{head: "state", w: 7, left: true},
		column{head: "figure", w: 26, left: true},
		column{head: "value", w: 15},
		column{head: "check", w: 9, rank: 1},
		column{head: "invalid", w: 9, rank: 2},
		column{head: "more", w: 24, left: true, flex: true, rank: 3},
	)
	t.heads(in, 0)
	chosen = clampRow(chosen, len(all))
	h := in.H - 1
	from := window(len(all), h, chosen)
	for i := from; i < min(from+h, len(all)); i++ {
		m, y := &all[i], 1+i-from
		word, role := metricState(m.State)
		value, name := theme.Text, theme.Text
		switch m.State {
		case health.Warn, health.Invalid:
			value = theme.Warn
		case health.Unknown:
			value = theme.Dim
		}
		if i == chosen {
			name = theme.Chosen
		}
		mark(in, y, i == chosen)
		t.put(in, 0, y, role, word)
		t.put(in, 1, y, name, canvas.Shorten(strings.TrimPrefix(m.Name, "connections with "), 26))
		t.put(in, 2, y, value, canvas.Shorten(m.Value, 15))
		t.put(in, 3, y, theme.Dim, m.Warn)
		t.put(in, 4, y, theme.Dim, m.Invalid)
		t.put(in, 5, y, theme.Dim, m.Detail)
	}
	more(r, len(all), h, from)
}

// NoteHeight is the rows of the box on a screen of 80 columns.
const NoteHeight = 5

// Note says what the chosen figure means, or how to mend it.
func Note(r canvas.Region, s *engine.Snapshot, chosen int) {
	if s.Health == nil || len(s.Health.Metrics) == 0 {
		r.Box("WHAT IT MEANS")
		return
	}
	m := &s.Health.Metrics[clampRow(chosen, len(s.Health.Metrics))]
	in := r.Box("WHAT IT MEANS", m.Name)
	words := m.Note
	if words == "" {
		words = meaning(m.Name)
	}
	if m.Detail != "" {
		words += " (" + m.Detail + ")"
	}
	for i, l := range canvas.Wrap(words, in.W-4) {
		in.Text(2, i, theme.Text, l)
	}
}

// meaning says what a figure is while it is fine. The names are those of
// package health.
func meaning(name string) string {
	return figures[name]
}

var figures = map[string]string{
	"send lag p99":                    "how late requests left this machine: from the moment each was due, without the wait for a slot or a connection",
	"read canary p99":                 "how long an answer waits here before it is read: a byte is sent to ourselves a hundred times a second and timed",
	"hiccup max":                      "the longest time for which this machine did not let the program run at all",
	"scheduler latency p99":           "how long work of this program that is ready waits for a CPU",
	"tasks waiting for each CPU":      "how much work of this program is ready and does not run yet",
	"GC pause p99":                    "how long this program stands still to collect garbage, as one moment in a hundred meets it",
	"GC share of CPU":                 "how much of this program's CPU goes into collecting garbage",
	"GC cycles a second":              "how often garbage is collected",
	"own CPU":                         "how much of the CPU that it may use this program uses",
	"own CPU at the asked rate":       "what the CPU share would be if everything asked for were sent",
	"idle CPU of this machine":        "how much of all CPUs nobody uses",
	"stolen CPU":                      "how much CPU time the host of this virtual machine gave to others",
	"CPU quota stops":                 "how often the quota of the container or service stopped this program",
	"suspended":                       "whether this machine was asleep: clocks that stop and clocks that do not have drifted apart",
	"clock source":                    "how the kernel reads the time: a slow clock costs at each stamp",
	"requests slept past":             "requests that were due while this machine slept: they were not sent, and the second does not count",
	"open files":                      "connections and files of this program, of those that the system allows it",
	"local ports":                     "ports in use for connections to the target, of those that this machine may use",
	"packets sent again":              "how much the network between here and the target loses",
	"connections with unread answers": "answers that have come and were not read yet: this machine is too busy to take them",
	"packets dropped here":            "what this machine's kernel received and threw away",
	"in-flight audit":                 "requests in flight by our count, against the sum of their times (Little's law): both must agree",
	"count audit":                     "all that was asked must be the sum of what became of it",
	"target on this machine":          "whether the target shares this machine: what one uses the other lacks",
}
