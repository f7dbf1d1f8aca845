package panel

import (
	"strings"

	"stoke/profiles/grammar"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// Topic is a page of the help; 0 is none.
type Topic uint8

// The topics, in their order.
const (
	NoHelp Topic = iota
	HelpKeys
	HelpViews
	HelpCommands
	HelpRates
	HelpNumbers
	HelpVerdicts
	HelpTraffic
	HelpProfiles
	LastTopic = HelpProfiles
)

// String is the name of a topic.
func (t Topic) String() string {
	return [...]string{"", "keys", "views", "commands", "rates", "numbers", "verdicts", "traffic", "profiles"}[min(t, LastTopic)]
}

// Number is what is typed for a topic: "1" for the first.
func (t Topic) Number() string { return units.Setting(float64(t)) }

// Next is the topic after t, or before it for a step of -1.
func (t Topic) Next(step int) Topic {
	n := int(LastTopic)
	return Topic((int(t)-1+step+n)%n) + 1
}

// KeyDoc is a key for the help. Keys of one group stand together; Topic is the
// page, HelpKeys or HelpViews, and 0 is the first of them.
type KeyDoc struct {
	Keys, Does, Group string
	Topic             Topic
}

// Help draws a topic: as high and wide a box as the region. At 80 by 21 cells
// every topic is whole.
func Help(r canvas.Region, t Topic, keys []KeyDoc) {
	t = min(max(t, HelpKeys), LastTopic)
	head := Line{{theme.Text, " "}}
	for k := HelpKeys; k <= LastTopic; k++ {
		if k == t {
			head = append(head, Span{theme.Strong, "[" + k.String() + "]"})
		} else {
			head = append(head, Span{theme.Dim, k.String()})
		}
		head = append(head, Span{theme.Text, "  "})
	}
	if head.Width() > r.W {
		head = Line{{theme.Text, " "}, {theme.Strong, "[" + t.String() + "]"}}
	}
	head.Draw(r, 0, 0)
	in := r.Sub(0, 1, r.W, r.H-1).Box("HELP", topicWords[t])
	switch t {
	case HelpKeys, HelpViews:
		helpKeys(in, t, keys)
	case HelpCommands, HelpRates:
		var verbs []grammar.VerbHelp
		for _, v := range grammar.Verbs() {
			if moves[v.Verb] == (t == HelpRates) {
				verbs = append(verbs, v)
			}
		}
		helpCommands(in, verbs)
	case HelpNumbers:
		terms(in, 19, numberHelp)
	case HelpVerdicts:
		helpVerdicts(in)
	case HelpTraffic:
		terms(in, 19, trafficHelp)
	case HelpProfiles:
		helpProfiles(in)
	}
}

// moves are the verbs about the rate: they have a page of their own.
var moves = map[grammar.Verb]bool{grammar.Rate: true, grammar.Wave: true, grammar.Spike: true, grammar.Step: true, grammar.Weight: true, grammar.Arrivals: true}

var topicWords = [...]string{
	"", "what drives the load and what stops it", "what is shown, and what is kept", "after : here, and in the phases of a profile",
	"commands for the rate, its shape and what it is spread over",
	"what each number means", "what the second line says, the first that applies",
	"scenarios, jobs, retries, limiters and what moves the rate", "what a traffic profile is",
}

// brief is a sentence in at most w cells: whole, or without its last parts. It
// is cut only where not even its first part fits.
func brief(s string, w int) string {
	for t := s; t != ""; {
		if canvas.Width(t) <= w {
			return t
		}
		i := max(strings.LastIndex(t, ", "), strings.LastIndex(t, "; "), strings.LastIndex(t, ": "))
		if i < 0 {
			break
		}
		t = t[:i]
	}
	return canvas.Clip(s, w)
}

func helpKeys(in canvas.Region, t Topic, keys []KeyDoc) {
	group, w, n := 0, 0, 0
	for _, k := range keys {
		if max(k.Topic, HelpKeys) == t {
			group, w = max(group, canvas.Width(k.Group)), max(w, canvas.Width(k.Keys))
			n++
		}
	}
	if in.W < group+w+40 {
		group = -2 // no room for the names of the groups
	}
	x := 2 + group + 2
	y, last := 0, ""
	for _, k := range keys {
		if max(k.Topic, HelpKeys) != t {
			continue
		}
		if k.Group != last && last != "" && n+groups(keys, t) <= in.H {
			y++ // a blank line between groups where there is room
		}
		if k.Group != last && group > 0 {
			in.Text(2, y, theme.Title, k.Group)
		}
		last = k.Group
		in.Text(x, y, theme.Key, k.Keys)
		in.Text(x+w+2, y, theme.Text, brief(k.Does, in.W-x-w-3))
		y++
	}
}

func groups(keys []KeyDoc, t Topic) int {
	n, last := 0, ""
	for _, k := range keys {
		if max(k.Topic, HelpKeys) == t && k.Group != last {
			n, last = n+1, k.Group
		}
	}
	return n
}

func helpCommands(in canvas.Region, verbs []grammar.VerbHelp) {
	w := 0
	for _, v := range verbs {
		w = max(w, canvas.Width(v.Form))
	}
	for y, v := range verbs {
		in.Text(2, y, theme.Key, v.Form)
		does := v.Does
		switch {
		case !v.Live:
			does += " (phases only)"
		case !v.Phase && in.W > 100:
			does += " (not in phases)"
		}
		in.Text(2+w+2, y, theme.Text, brief(does, in.W-w-5))
	}
	if y := len(verbs) + 1; y < in.H {
		in.Text(2, y, theme.Dim, canvas.Fit(in.W-3,
			"numbers: 200, 2k, 1.5k, 1,200, 90/m    times: 500ms, 30s, 5m, 1h30m    what is wrong is said before anything is done",
			"numbers: 200, 2k, 1.5k, 1,200, 90/m    times: 500ms, 30s, 5m, 1h30m"))
	}
}

// term is a word and what it means.
type term struct{ word, means string }

// terms draws words and what they mean, the words in a column of w cells.
func terms(in canvas.Region, w int, list []term) {
	for y, t := range list {
		in.Text(2, y, theme.Strong, t.word)
		in.Text(2+w, y, theme.Text, brief(t.means, in.W-w-3))
	}
}

var numberHelp = []term{
	{"asked", "requests that the rate wants: due by the plan"},
	{"starts", "what the rate begins: a scenario is many requests"},
	{"sent, done", "left this machine; ended: answered or failed"},
	{"not sent", "never left: no slot in time, or this machine was asleep"},
	{"waiting", "due, and no free slot: the concurrency binds"},
	{"in flight, in use", "sent and not answered yet; slots that are taken"},
	{"throttled", "refused by the target's limiter: 429, or 503: no failure"},
	{"backlog, lost", "jobs accepted and not done; not done in time"},
	{"latency, response", "from the moment a request was DUE to its last byte"},
	{"service", "from the moment it was SENT to its last byte"},
	{"p99 124 ms", "99 of 100 that succeeded took at most 124 ms"},
	{"≥ 640 ms", "at least: requests are still open"},
	{"in 22 s, too few", "not enough answers yet for this percentile"},
	{"124 ms†", "fewer than that succeeded: it says less than it seems"},
	{"+44 %, same", "against an earlier setting: same may be chance alone"},
	{"not yet, –", "one of both settings is not steady yet, or never was"},
	{"x under a chart", "an INVALID second: this machine was the bottleneck"},
	{"░ above a bar", "asked and not done"},
	{"k, M", "thousand, million: three digits that count, and a unit"},
}

var trafficHelp = []term{
	{"scenario", "steps in a row that share cookies and captures"},
	{"starts/s", "what the rate counts: a start is one or more requests"},
	{"rate 500 requests", "typed: so many requests/s, turned into starts by plan"},
	{"on the wire", "all that is sent, last 10 s: steps, polls, retries too"},
	{"ceiling", "bounds what is sent, and is told as the rate is"},
	{"open, dropped", "scenarios on their way; ended by stop or pause"},
	{"job", "accepted now, done later: polled until it says so"},
	{"backlog", "jobs accepted and not done; growing: it falls behind"},
	{"lost", "jobs not done within their time, or not found"},
	{"drained", "how long the backlog took to empty at a load of zero"},
	{"retries", "sent again by the profile's policy, counted apart"},
	{"for each asked", "1.31: each request meant became 1.31 sent, with retries"},
	{"rescued, gave up", "succeeded in a retry; failed in the last one too"},
	{"limiter", "kind, rate and burst as its refusals tell, and how sure"},
	{"Retry-After", "how long refusals said to wait: view 3"},
	{"wave, spike", "the rate moves by itself: never steady, not compared"},
	{"steps", "the rate climbs by itself: each step is a setting"},
	{"weight", "the share of a request: a segment of its own"},
	{"", "view 3: retries and limiter; view 4: scenarios and jobs"},
}

var verdictHelp = []struct {
	level string
	term
}{
	{"[ X ]", term{"THIS MACHINE IS THE BOTTLENECK", "the numbers do not count"}},
	{"[ X ]", term{"OVERLOADED", "requests are not sent, or pile up"}},
	{"[ ! ]", term{"CONCURRENCY FULL", "the target sets the load, not you"}},
	{"[ X ]", term{"TARGET FAILS", "1 % or more are errors"}},
	{"[ ! ]", term{"THROTTLED", "its limiter refuses 1 % or more"}},
	{"[ ! ]", term{"CHECK THIS MACHINE", "it passed a limit: look at view 6"}},
	{"[ .. ]", term{"SETTLING", "wait: too early to judge"}},
	{"[ ! ]", term{"DRIFTING", "latency moves at a fixed setting"}},
	{"[ OK ]", term{"TARGET KEEPS UP", "steady for 10 s or more"}},
	{"", term{"PAUSED, STOPPING, ENDED", "the load is at zero"}},
	{"", term{"CLOSED MODEL", "rate max: the target sets the pace"}},
}

func helpVerdicts(in canvas.Region) {
	roles := map[string]theme.Role{"[ X ]": theme.Bad, "[ ! ]": theme.Warn, "[ .. ]": theme.Wait, "[ OK ]": theme.OK}
	y := 0
	for _, v := range verdictHelp {
		in.Text(2, y, roles[v.level], v.level)
		in.Text(10, y, theme.Strong, v.word)
		in.Text(42, y, theme.Text, brief(v.means, in.W-43))
		y++
	}
	y++
	in.Text(2, y, theme.Dim, "of a setting:")
	for _, t := range []term{
		{"steady", "10 s or more without a trend: can be compared"},
		{"settling, drifting", "too early; or latency rises or falls in it"},
		{"GROWS 41/s", "more comes than goes: percentiles have no value"},
		{"ramp, wave, spike", "on the way: never compared"},
		{"passed", "shorter than a second: not compared"},
		{"INVALID", "this machine was too slow in it"},
	} {
		y++
		in.Text(4, y, theme.Strong, t.word)
		in.Text(24, y, theme.Text, brief(t.means, in.W-25))
	}
}

// ProfileExample is the profile that the help shows.
const ProfileExample = `stoke: 1
name: checkout-peak
target: https://api.example.test
limits: {rate: 5k, concurrency: 512}
concurrency: 64
timeout: 5s
requests:
  - name: browse
    weight: 80%
    get: /products
  - name: checkout
    weight: 20%
    post: /checkout
    json: {items: [1, 2]}
phases:
  - rate 100
  - rate 2k over 2m
  - hold 10m
`

func helpProfiles(in canvas.Region) {
	notes := map[string]string{
		"stoke":       "the version of the format",
		"target":      "scheme, host and port",
		"limits":      "what no key or command passes",
		"concurrency": "in flight at most, to begin with",
		"timeout":     "from the send to the last byte",
		"requests":    "each by its share",
		"phases":      "what drives until you touch a dial",
	}
	for y, l := range strings.Split(strings.TrimSpace(ProfileExample), "\n") {
		in.Text(2, y, theme.Text, l)
		key, _, _ := strings.Cut(l, ":")
		in.Text(42, y, theme.Dim, canvas.Fit(in.W-43, notes[key]))
	}
}
