package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"stoke/profiles/grammar"
	"stoke/tui/canvas"
)

// helpPage is a topic of the help: it fits a screen of 80x24.
type helpPage struct {
	title string
	lines []string
}

// The room that a box over the picture has at 80x24.
const (
	helpWidth = 74
	helpLines = 18
)

func help(a *app, _ string) tea.Cmd {
	a.question(question{pages: helpPages(), answers: []answer{
		{keys: []string{"left", "right", "tab"}, shown: "← → 1-8", does: "other topics"},
		{keys: []string{"esc", "?", "q", "enter"}, shown: "esc", does: "close"},
	}})
	return nil
}

// helpPages are the keys by topic, the commands, and what the words on the
// screen mean.
func helpPages() []helpPage {
	var pages []helpPage
	for _, group := range []string{groupLoad, groupStop, groupView, groupRun} {
		p := helpPage{title: strings.ToUpper(group)}
		for _, k := range keyTable() {
			if k.Group == group || group == groupRun && k.Group == groupOther {
				p.add(16, k.Shown, k.Does)
			}
		}
		if group == groupLoad {
			p.add(0, "", "")
			p.add(0, "", "One key raises by a quarter at most; more than that takes enter.")
		}
		pages = append(pages, p)
	}
	dials := []grammar.Verb{grammar.Rate, grammar.Concurrency, grammar.Arrivals, grammar.Late}
	turn, other := helpPage{title: "COMMANDS THAT TURN A DIAL"}, helpPage{title: "OTHER COMMANDS"}
	for _, v := range grammar.Verbs() {
		p := &other
		if slices.Contains(dials, v.Verb) {
			p = &turn
		}
		if v.Live {
			p.add(27, v.Form, v.Does)
		}
	}
	for _, p := range []*helpPage{&turn, &other} {
		p.add(0, "", "")
		p.add(0, "", "Type them after : ; tab completes, ↑ brings back what was typed before.")
	}
	return append(pages, turn, other, numbersPage(), signsPage())
}

// add appends a line in two columns, the second one wrapped.
func (p *helpPage) add(left int, term, text string) {
	lines := canvas.Wrap(text, helpWidth-left)
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, l := range lines {
		if i > 0 {
			term = ""
		}
		p.lines = append(p.lines, strings.TrimRight(fmt.Sprintf("%-*s", left, term)+l, " "))
	}
}

func numbersPage() helpPage {
	p := helpPage{title: "WHAT THE NUMBERS COUNT"}
	for _, w := range [][2]string{
		{"asked", "requests that the rate asked for, each due at its own moment"},
		{"sent", "requests of which something left"},
		{"done", "requests that ended: answered, or failed by the target"},
		{"not sent", "asked for and never sent: no slot was free in time"},
		{"waiting", "due, and waiting for a free slot"},
		{"in flight", "sent, and not answered yet"},
		{"throttled", "answered with 429, or 503 with Retry-After: no failure"},
		{"OK", "answered as expected, as a share of all that ended"},
		{"latency", "from the moment a request was due, so that a stall counts"},
		{"service", "from the moment it was sent: what a naive tool would say"},
		{"p99", "99 of 100 requests that succeeded took no longer"},
		{"since change", "since a dial was touched last: a setting of its own"},
		{"ceiling", "what no key, command or phase passes"},
		{"this machine", "whether it, and not the target, is the bottleneck"},
	} {
		p.add(14, w[0], w[1])
	}
	return p
}

func signsPage() helpPage {
	p := helpPage{title: "WHAT THE SIGNS MEAN"}
	for _, w := range [][2]string{
		{"≥ 30 ms", "at least: requests that are still open count as so long"},
		{"-", "not enough requests for this figure yet"},
		{"x", "under the chart: a second that does not count, see view 6"},
		{"▼ 500/s", "over the chart: here a dial was turned, or a mark set"},
		{"[ OK ]", "the target keeps up"},
		{"[ .. ]", "wait: settling since the last change"},
		{"[ ! ]", "look: full, throttled, drifting, or this machine is suspect"},
		{"[ X ]", "bad: the target fails or falls behind, or numbers are invalid"},
		{"bold change", "the difference is no accident: its 95 % interval excludes 0"},
		{"same", "no difference that could be told from accident"},
	} {
		p.add(14, w[0], w[1])
	}
	return p
}
