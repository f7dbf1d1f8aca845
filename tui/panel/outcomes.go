package panel

import (
	"strings"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// OutcomesHeight is the rows of the box.
const OutcomesHeight = 8

// OutcomesRows is the rows of the box for a run: one more than
// [OutcomesHeight] where the profile sends again what failed.
func OutcomesRows(s *engine.Snapshot) int {
	if s.Traffic.Retry.Policy != "" {
		return OutcomesHeight + 1
	}
	return OutcomesHeight
}

// Outcomes draws what became of everything that was asked since the change,
// and the sum that proves that nothing is missing. From 33 columns.
func Outcomes(r canvas.Region, s *engine.Snapshot) {
	sub := subjectOf(s)
	c, stats, title := &sub.counts, &s.View.Run, sub.title()
	if sub.segment != nil {
		stats = &sub.segment.Stats
	}
	if s.State == engine.Ended {
		c, stats, title = &s.View.Run.Counts, &s.View.Run, "of the whole run"
	}
	in := r.Box("OUTCOMES", title)
	if words := LimiterWords(s.Traffic.Limiter); words != nil {
		r.Foot(theme.Dim, canvas.Fit(r.W-4, words...))
	}
	_, of := success(c)
	full := in.W >= 42
	codes := codesOf(stats)
	row := func(y int, word string, n int64, role, wordRole theme.Role, note string) {
		in.Text(1, y, wordRole, word)
		x := 18
		if full {
			x = 19
		}
		in.Right(x, y, role, units.Percent(n, of))
		in.Right(x+8, y, role, units.CountIn(n, 7))
		x++
		if full {
			x++
		}
		in.Text(x+8, y, theme.Dim, note)
	}
	space := in.W - 27
	if full {
		space = in.W - 30
	}
	row(0, "OK", c.OK, theme.Text, theme.OK, join(space, codes.ok))
	row(1, "throttled", c.Limited, alarm(c.Limited), theme.Text, join(space, codes.limited))
	row(2, "failed", c.Failed(), alarm(c.Failed()), theme.Text, join(space, codes.failed))
	law := Sum(c)
	if full {
		row(3, "not sent", c.Unsent(), alarm(c.Unsent()), theme.Text, join(space, unsentWords(c)))
		// Each kind of failure has a row of its own where the box is high.
		first := 4
		if l := amplification(s, in.W-2); l != nil && in.H >= OutcomesHeight-1 {
			l.Draw(in, 1, first)
			first++
		}
		for y := first; y < in.H-1; y++ {
			rest := codes.samples[min(y-first, len(codes.samples)):]
			if y < in.H-2 {
				rest = rest[:min(1, len(rest))]
			}
			in.Text(3, y, theme.Dim, join(in.W-4, rest))
		}
		sum(in, in.H-1, s, law)
		return
	}
	in.Text(1, 3, theme.Dim, join(in.W-2, codes.short))
	row(4, "not sent", c.Unsent(), alarm(c.Unsent()), theme.Text, join(space, unsentWords(c)))
	open := c.InFlight + c.Connecting
	short := units.Count(c.Intended) + " asked, " + units.Count(open) + " in flight"
	if c.Backlog > 0 {
		short = canvas.Fit(in.W-2, short+", "+units.Count(c.Backlog)+" waiting",
			units.Count(c.Intended)+" asked, "+units.Count(open+c.Backlog)+" open", units.Count(c.Intended)+" asked")
	}
	sum(in, 5, s, []string{canvas.Fit(in.W-2, short, units.Count(c.Intended)+" asked")})
}

// Sum is the law of the counts in words: all that was asked is the sum of what
// became of it. Only parts that are not zero are named, except done.
func Sum(c *measure.Counts) []string {
	parts := []string{units.Count(c.Intended) + " asked = " + units.Count(c.Done()) + " done"}
	for _, p := range [4]struct {
		n    int64
		word string
	}{
		{c.InFlight + c.Connecting, "in flight"}, {c.Backlog, "waiting"}, {c.Unsent(), "not sent"}, {c.Cut + c.Stopped, "cut"},
	} {
		if p.n > 0 {
			parts = append(parts, "+ "+units.Count(p.n)+" "+p.word)
		}
	}
	return parts
}

// sum draws the law into row y, and into the row above what does not fit; an
// audit that failed is said instead, in reverse.
func sum(in canvas.Region, y int, s *engine.Snapshot, parts []string) {
	if s.Audit != "" && s.Audit != "ok" {
		in.Text(1, y, theme.Bad, canvas.Shorten("DOES NOT ADD UP: "+s.Audit, in.W-2))
		return
	}
	line := parts[0]
	var above string
	for _, p := range parts[1:] {
		if canvas.Width(line)+1+canvas.Width(p) > in.W-2 && above == "" {
			above, line = line, " "+p
			continue
		}
		line += " " + p
	}
	if above != "" {
		in.Sub(0, y-1, in.W, 1).Clear()
		in.Text(1, y-1, theme.Text, above)
	}
	in.Text(1, y, theme.Text, canvas.Fit(in.W-2, line))
}

// codes are what stands beside the counts. The class of an answer is not kept
// with its status, so what the profile expects besides 2xx and 3xx is taken
// for a failure as soon as there is one.
type codes struct{ ok, limited, failed, samples, short []string }

func codesOf(t *measure.Stats) codes {
	var c codes
	for _, k := range t.ByStatus {
		switch {
		case k.Name == "429" || k.Name == "503" && t.Limited > 0 && k.Count <= t.Limited:
			c.limited = append(c.limited, k.Name)
		case strings.HasPrefix(k.Name, "2") || strings.HasPrefix(k.Name, "3") || t.Status == 0:
			c.ok = append(c.ok, k.Name)
		default:
			c.failed = append(c.failed, k.Name)
			sample := k.Name + " x" + units.Count(k.Count)
			if k.Sample != "" {
				sample += ` "` + canvas.Shorten(k.Sample, 24) + `"`
			}
			c.samples = append(c.samples, sample)
			c.short = append(c.short, k.Name+" "+units.Count(k.Count))
		}
	}
	for _, k := range t.RetryAfter {
		c.limited = append(c.limited, "wait "+k.Name)
	}
	for _, k := range t.ByFault {
		w := faultWord(k.Name)
		c.failed = append(c.failed, w)
		c.samples = append(c.samples, w+" x"+units.Count(k.Count))
		c.short = append(c.short, w+" "+units.Count(k.Count))
	}
	if t.Assert > 0 {
		c.failed = append(c.failed, "checks")
		c.samples = append(c.samples, "checks x"+units.Count(t.Assert))
	}
	return c
}

// unsentWords names why requests were not sent.
func unsentWords(c *measure.Counts) []string {
	var w []string
	for _, p := range [4]struct {
		n    int64
		word string
	}{{c.Expired, "waited too long"}, {c.Shed, "shed"}, {c.Superseded, "by your change"}, {c.Generator, "this machine"}} {
		if p.n > 0 {
			w = append(w, p.word)
		}
	}
	if len(w) > 0 && c.Expired > 0 {
		return append(w, "expired")
	}
	return w
}

// join is as many of the texts, from the first, as fit into w cells.
func join(w int, texts []string) string {
	s := ""
	for _, t := range texts {
		next := t
		if s != "" {
			next = s + ", " + t
		}
		if canvas.Width(next) > w {
			continue
		}
		s = next
	}
	return s
}
