package panel

import (
	"slices"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// ending is a way in which what was asked can end, and what it means.
type ending struct {
	name   string
	n      func(c *measure.Counts) int64
	words  string
	indent bool // a part of the row above it
	bad    bool // should be 0
	open   bool // not over yet: no share
}

var endings = []ending{
	{name: "OK", n: func(c *measure.Counts) int64 { return c.OK }, words: "answered as the profile expects"},
	{name: "throttled", n: func(c *measure.Counts) int64 { return c.Limited }, words: "refused by the target's limiter, 429 or 503: not a failure", bad: true},
	{name: "failed", n: (*measure.Counts).Failed, words: "the target's errors: the three rows below", bad: true},
	{name: "status", n: func(c *measure.Counts) int64 { return c.Status }, words: "a whole answer with a code that was not expected", indent: true, bad: true},
	{name: "check", n: func(c *measure.Counts) int64 { return c.Assert }, words: "the code was right, but a check of the profile failed", indent: true, bad: true},
	{name: "no answer", n: func(c *measure.Counts) int64 { return c.Error }, words: "no whole answer: refused, cut off or too slow", indent: true, bad: true},
	{name: "not sent", n: (*measure.Counts).Unsent, words: "no byte left this machine: the four rows below say why", bad: true},
	{name: "too late", n: func(c *measure.Counts) int64 { return c.Expired }, words: "no slot became free in time: the concurrency binds", indent: true, bad: true},
	{name: "shed", n: func(c *measure.Counts) int64 { return c.Shed }, words: "no slot was free, and late is shed: dropped at once", indent: true, bad: true},
	{name: "replaced", n: func(c *measure.Counts) int64 { return c.Superseded }, words: "still waiting when you changed the rate or stopped", indent: true},
	{name: "overslept", n: func(c *measure.Counts) int64 { return c.Generator }, words: "this machine slept past its time: INVALID second", indent: true, bad: true},
	{name: "cut", n: func(c *measure.Counts) int64 { return c.Cut + c.Stopped }, words: "cut by you or by the stop: neither success nor failure"},
	{name: "waiting", n: func(c *measure.Counts) int64 { return c.Backlog }, words: "due, and waiting here for a free slot", open: true},
	{name: "in flight", n: func(c *measure.Counts) int64 { return c.InFlight + c.Connecting }, words: "sent, connecting or between two attempts: not answered yet", open: true},
}

// OutcomeRows is the number of rows of the box that can be chosen.
func OutcomeRows() int { return len(endings) }

// EndingsHeight is the rows of the box with all the endings.
const EndingsHeight = 18

// Endings draws every way in which what was asked can end, what it means, and
// the sum. The words stand in the row where there is room, else for the chosen
// row below.
func Endings(r canvas.Region, s *engine.Snapshot, chosen int) {
	c, _, title, long := outcomeOf(s)
	in := r.Box("OUTCOMES", title)
	t := newTable(in.W,
		column{head: "", w: 12, left: true},
		column{head: "share", w: 7, rank: 1},
		column{head: "count", w: 11},
		column{head: "per s", w: 8, rank: 2},
		column{head: "what it means", w: 40, left: true, flex: true, rank: 3},
	)
	t.heads(in, 0)
	_, of := success(c)
	chosen = clampRow(chosen, len(endings))
	n := in.H - 2
	words := t.has(4)
	if !words {
		n -= 2
	}
	from := window(len(endings), n, chosen)
	for i := from; i < min(from+n, len(endings)); i++ {
		e, y := endings[i], 1+i-from
		count := e.n(c)
		role, name := theme.Text, theme.Text
		if e.bad {
			role = alarm(count)
		}
		if count == 0 && !e.open || e.indent {
			name = theme.Dim
		}
		if i == chosen {
			name = theme.Chosen
		}
		mark(in, y, i == chosen)
		label := e.name
		x := t.x[0]
		if e.indent {
			x += 2
		}
		in.Text(x, y, name, label)
		if !e.open {
			t.put(in, 1, y, role, units.Percent(count, of))
		}
		t.put(in, 2, y, role, units.CountIn(count, 11))
		if long > 0 && !e.open {
			t.put(in, 3, y, theme.Dim, units.NumberIn(float64(count)/long.Seconds(), 7))
		}
		t.put(in, 4, y, theme.Dim, e.words)
	}
	if !words && in.H > 4 {
		for i, l := range canvas.Wrap(endings[chosen].words, in.W-4) {
			if i < 2 {
				in.Text(2, in.H-3+i, theme.Dim, l)
			}
		}
	}
	sum(in, in.H-1, s, Sum(c))
}

// outcomeOf is what the view of outcomes counts: the present setting, and the
// whole run when it has ended.
func outcomeOf(s *engine.Snapshot) (c *measure.Counts, t *measure.Stats, title string, long time.Duration) {
	if s.State == engine.Ended {
		return &s.View.Run.Counts, &s.View.Run, "of the whole run", s.At
	}
	sub := subjectOf(s)
	t = &s.View.Run
	if sub.segment != nil {
		t = &sub.segment.Stats
	}
	return &sub.counts, t, sub.title() + " (" + units.Span(sub.long) + ")", sub.long
}

// CodesHeight is the least rows of the box of codes.
const CodesHeight = 6

// Codes draws the answers by their code and the faults by their kind, each with
// the newest message.
func Codes(r canvas.Region, s *engine.Snapshot) {
	_, stats, title, _ := outcomeOf(s)
	in := r.Box("ANSWERS AND FAULTS", title)
	tallies(in, stats, s.Traffic.Unmet)
}

// tallies draws codes and faults; their newest messages stand in lines of their
// own where there are rows for all, else behind the meaning. unmet are the
// checks that answers failed.
func tallies(in canvas.Region, stats *measure.Stats, unmet []measure.Tally) {
	t := newTable(in.W,
		column{head: "code", w: 14, left: true},
		column{head: "count", w: 9},
		column{head: "share", w: 7, rank: 1},
		column{head: "what it is", w: 28, left: true, flex: true, rank: 2},
	)
	t.heads(in, 0)
	all, lines := int64(0), 1+2*len(unmet)
	for _, k := range slices.Concat(stats.ByStatus, stats.ByFault) {
		all += k.Count
		if lines++; k.Sample != "" {
			lines++
		}
	}
	own := lines <= in.H || !t.has(3)
	y := 1
	row := func(name, words string, k measure.Tally, role theme.Role) {
		sample := `"` + k.Sample + `"`
		if k.Sample != "" && !own {
			words = strings.TrimPrefix(words+": "+sample, ": ")
		}
		t.put(in, 0, y, theme.Text, canvas.Shorten(name, 14))
		t.put(in, 1, y, role, units.CountIn(k.Count, 9))
		if k.Count <= all {
			t.put(in, 2, y, theme.Dim, units.Percent(k.Count, all))
		}
		t.put(in, 3, y, theme.Dim, words)
		if y++; k.Sample != "" && own {
			in.Text(4, y, theme.Text, canvas.Shorten(sample, in.W-5))
			y++
		}
	}
	for _, k := range stats.ByStatus {
		role := theme.Text
		if (k.Name[:min(1, len(k.Name))] > "3") && stats.Failed()+stats.Limited > 0 {
			role = theme.Failed
		}
		row(k.Name, statusWords[k.Name], k, role)
	}
	for _, k := range stats.ByFault {
		row(faultWord(k.Name), faultMeaning(k.Name), k, theme.Failed)
	}
	for _, k := range unmet {
		row("check", "failed, in the whole run", measure.Tally{Count: k.Count, Sample: k.Name}, theme.Failed)
	}
	if y == 1 {
		in.Text(2, 1, theme.Dim, "no answer yet")
	}
}

// statusWords are the codes that a load test meets.
var statusWords = map[string]string{
	"200": "OK", "201": "created", "202": "accepted, not done yet", "204": "no content", "301": "moved", "302": "found elsewhere", "304": "not modified",
	"307": "go elsewhere for now", "308": "moved", "400": "bad request", "401": "not signed in", "403": "not allowed", "404": "not found", "405": "method not allowed",
	"408": "the request took too long", "409": "conflict", "413": "request too large", "415": "wrong kind of body", "422": "cannot be processed", "429": "too many requests",
	"499": "the proxy's client left", "500": "internal error", "501": "not implemented", "502": "bad gateway: the proxy's backend failed", "503": "not available",
	"504": "the proxy's backend took too long", "520": "unknown error of the edge", "521": "the edge found the origin down", "522": "the edge could not connect",
}

// RetryHeight is the least rows of the box.
const RetryHeight = 5

// Retry draws how long the target asked to wait.
func Retry(r canvas.Region, s *engine.Snapshot) {
	c, stats, _, _ := outcomeOf(s)
	obeyed := "not obeyed"
	if strings.Contains(s.Traffic.Retry.Policy, "obey") {
		obeyed = "obeyed"
	}
	in := r.Box("RETRY-AFTER", canvas.Fit(r.W-18, "how long throttled ones should wait; "+obeyed, obeyed))
	waits, limited := stats.RetryAfter, c.Limited
	if len(waits) == 0 {
		waits, limited = waitsOfRun(s)
	}
	t := newTable(in.W,
		column{head: "wait", w: 8, left: true},
		column{head: "count", w: 9},
		column{head: "share", w: 7, rank: 1},
		column{head: "", w: 6, left: true, flex: true, rank: 2},
	)
	t.heads(in, 0)
	if len(waits) == 0 {
		words := "nothing was throttled"
		if c.Limited > 0 {
			words = canvas.Fit(in.W-3, "none of the throttled answers says how long", "no throttled answer says how long", "none says how long")
		}
		in.Text(2, 1, theme.Dim, words)
		return
	}
	var named int64
	for i, k := range waits {
		named += k.Count
		if y := 1 + i; y < in.H {
			t.put(in, 0, y, theme.Text, k.Name)
			t.put(in, 1, y, theme.Text, units.CountIn(k.Count, 9))
			t.put(in, 2, y, theme.Dim, units.Percent(k.Count, limited))
			if t.has(3) {
				Bar(in, t.x[3], y, min(t.w[3], 20), float64(k.Count), float64(max(limited, 1)))
			}
		}
	}
	if y := 1 + len(waits); limited > named && y < in.H {
		t.put(in, 0, y, theme.Dim, "not said")
		t.put(in, 1, y, theme.Dim, units.CountIn(limited-named, 9))
		t.put(in, 2, y, theme.Dim, units.Percent(limited-named, limited))
	}
}

// waitsOfRun are the waits that were asked for in the whole run, for a setting
// in which none was, and how many answers were limited then.
func waitsOfRun(s *engine.Snapshot) (waits []measure.Tally, limited int64) {
	for _, k := range s.Traffic.RetryAfter {
		limited += k.Count
		if k.Seconds >= 0 {
			waits = append(waits, measure.Tally{Name: units.Count(int64(k.Seconds)) + " s", Count: k.Count})
		}
	}
	return waits, limited
}
