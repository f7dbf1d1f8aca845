package profiles

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"stoke/profiles/grammar"

	"github.com/goccy/go-yaml/ast"
)

func readPhases(v value, p *Profile) {
	items, ok := v.items("begin each phase with a dash")
	if !ok {
		return
	}
	if len(items) == 0 {
		v.wrong("there are no phases", "write [rate 100, hold 5m], or leave it out")
	}
	if len(items) > maxPhases {
		v.wrong(fmt.Sprintf("more than %d phases", maxPhases), "")
		return
	}
	allowed, before := phaseVerbs(), len(v.problems)
	for _, item := range items {
		text, ok := phaseText(item, v.inFlow())
		if !ok {
			continue
		}
		change, err := grammar.Parse(text)
		switch {
		case err != nil:
			item.refused(text, err)
		case change.Verb == grammar.Stop && change.Now:
			item.wrong("a plan has no stop now", "write stop")
		case !allowed[change.Verb]:
			item.wrong(string(change.Verb)+" is no phase: it is for the operator of a run", "leave it out")
		case change.Verb == grammar.Rate && change.Name != "" && !filepath.IsLocal(change.Name):
			item.wrong("a profile names only files beside it", "put the arrivals into the profile's directory")
		default:
			p.Phases = append(p.Phases, Phase{Change: change, Text: text, Line: item.at.line, Column: item.at.column})
		}
	}
	if len(v.problems) > before {
		p.Phases = nil // a plan with holes is not followed: it would blame the phases after them
	}
}

// phaseVerbs are the verbs that may stand in a plan.
func phaseVerbs() map[grammar.Verb]bool {
	verbs := map[grammar.Verb]bool{}
	for _, h := range grammar.Verbs() {
		if h.Phase {
			verbs[h.Verb] = true
		}
	}
	return verbs
}

// phaseText returns a phase as it was written, and explains the ways in which
// YAML takes one for something else.
func phaseText(v value, flow bool) (string, bool) {
	if n, ok := v.node.(*ast.MappingNode); ok && len(n.Values) == 1 {
		e := v.quietEntries()[0]
		hint := `quote the phase: '…'`
		if text, ok := e.value.node.(ast.ScalarNode); ok && grammar.Nearest(e.key, verbNames()) == e.key {
			hint = "write it as one text: " + e.key + " " + printable(fmt.Sprint(text.GetToken().Value))
		}
		v.wrong("a phase is text, not a map", hint)
		return "", false
	}
	if v.kind() == "a number" {
		hint := "write rate " + printable(v.node.GetToken().Value)
		if flow {
			hint = "within [ ] a comma ends a phase: write 1,200 as 1200"
		}
		v.wrong("a phase begins with a verb", hint)
		return "", false
	}
	return v.text()
}

func verbNames() []string {
	var names []string
	for _, h := range grammar.Verbs() {
		names = append(names, string(h.Verb))
	}
	return names
}

// checkPlan follows the phases from the first to the last: what they change
// must be known, and nothing passes a ceiling.
func (d *decoder) checkPlan(p *Profile, at place) {
	plan := plan{
		topRate: math.Min(grammar.MaxRate, or(p.Limits.Rate, grammar.MaxRate)), rateName: "limits.rate",
		topConcurrency: min(grammar.MaxConcurrency, or(p.Limits.Concurrency, grammar.MaxConcurrency)),
		concurrency:    float64(p.WithDefaults().Concurrency),
	}
	plan.weigh(p.WithDefaults().Requests)
	if p.Limits.Rate == 0 {
		plan.rateName = "what stoke can ask for"
	}
	var length time.Duration
	for i, phase := range p.Phases {
		here := place{phase.Line, phase.Column}
		if problem := plan.follow(phase.Change); problem != nil {
			d.fail(here, problem.Msg, problem.Hint)
		}
		if endless(p.Phases, i) {
			d.fail(here, "the wave has no time: the next phase replaces it", "write for how long, as in for 10m, or a hold after it")
		}
		if phase.Verb == grammar.Stop && i < len(p.Phases)-1 {
			d.fail(here, "nothing after stop is done", "make it the last phase")
		}
		plan.pass(phase.Lasts())
		if length += phase.Lasts(); length > grammar.MaxDuration {
			d.fail(at, "the phases last longer than "+grammar.FormatDuration(grammar.MaxDuration), "shorten one")
			return
		}
	}
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// endless reports whether phase i is a wave without a length that the phases
// replace before any time has gone.
func endless(phases []Phase, i int) bool {
	if phases[i].Verb != grammar.Wave || phases[i].For > 0 {
		return false
	}
	for _, next := range phases[i+1:] {
		switch next.Verb {
		case grammar.Hold:
			return false
		case grammar.Rate, grammar.Wave, grammar.Spike, grammar.Step, grammar.Pause, grammar.Stop:
			return true
		}
	}
	return false
}

// plan is the setting that the phases have reached.
type plan struct {
	topRate        float64
	rateName       string
	topConcurrency int

	rate        float64
	rated       bool // a rate was set, or the default was held
	replayed    bool // a file came last: then nothing is sent
	closed      bool // rate max
	paused      bool
	concurrency float64

	wave   grammar.Change // the rate swings; its verb is empty if not
	into   time.Duration  // how far in its period
	names  []string       // of the requests
	shares []float64      // of them, together 1
}

// follow carries out a phase, or says why it cannot be.
func (s *plan) follow(c grammar.Change) *Problem {
	switch c.Verb {
	case grammar.Rate:
		return s.setRate(c)
	case grammar.Wave, grammar.Spike, grammar.Step:
		return s.move(c)
	case grammar.Weight:
		return s.setWeight(c)
	case grammar.Concurrency:
		n := math.Round(apply(c.Amount, s.concurrency))
		switch {
		case n < 1:
			return &Problem{Msg: "this leaves no concurrency", Hint: "at least 1; to send nothing write pause"}
		case n > float64(s.topConcurrency):
			return &Problem{Msg: fmt.Sprintf("concurrency %.0f is above limits.concurrency, %d", n, s.topConcurrency), Hint: "lower it, or raise the limit"}
		}
		s.concurrency = n
	case grammar.Hold:
		if !s.rated && !s.closed && !s.replayed {
			s.rate, s.rated = DefaultRate, true
		}
	case grammar.Pause:
		if s.paused {
			return &Problem{Msg: "the load is paused already", Hint: "leave it out"}
		}
		s.paused = true
	case grammar.Resume:
		if !s.paused {
			return &Problem{Msg: "there is no pause to resume from", Hint: "write pause before it, or leave it out"}
		}
		s.paused = false
	}
	return nil
}

// pass lets time go by: only a wave sees it.
func (s *plan) pass(d time.Duration) {
	if s.wave.Verb == "" || s.paused || d == 0 {
		return
	}
	s.into = (s.into + d) % s.wave.Every
	part := 2 * math.Pi * float64(s.into) / float64(s.wave.Every)
	s.rate = grammar.Tidy((s.wave.From+s.wave.To)/2 - (s.wave.To-s.wave.From)/2*math.Cos(part))
	if s.wave.For > 0 { // it was its own phase, and is over
		s.wave = grammar.Change{}
	}
}

// move carries out what moves the rate by itself.
func (s *plan) move(c grammar.Change) *Problem {
	relative := c.Verb == grammar.Spike && c.Amount.Op != grammar.Set
	switch {
	case s.paused:
		return pausedHere()
	case relative && s.closed:
		return &Problem{Msg: "after rate max there is no rate to change", Hint: "name the rate, as in spike 5k for 10s"}
	case relative && !s.rated:
		return noRateYet()
	}
	top := c.Top()
	if relative {
		top = apply(c.Amount, s.rate)
	}
	if top < 0 {
		return below()
	}
	if problem := s.tooHigh(top); problem != nil {
		return problem
	}
	switch c.Verb {
	case grammar.Wave:
		s.replayed = false
		s.wave, s.into = c, c.Into
		s.rate, s.rated, s.closed = c.From, true, false
	case grammar.Step:
		s.wave, s.replayed = grammar.Change{}, false
		s.rate, s.rated, s.closed = c.To, true, false
	}
	return nil // a spike goes back to the rate before
}

func pausedHere() *Problem {
	return &Problem{Msg: "the load is paused here", Hint: "write resume before it, or rate 0 in place of pause"}
}

func noRateYet() *Problem {
	return &Problem{Msg: "there is no rate yet to change", Hint: "set a rate first, as in rate 500"}
}

func below() *Problem {
	return &Problem{Msg: "this leads below a rate of 0", Hint: "write rate 0"}
}

func (s *plan) tooHigh(rate float64) *Problem {
	if rate <= s.topRate {
		return nil
	}
	return &Problem{Msg: fmt.Sprintf("rate %s is above %s, %s", text(rate), s.rateName, text(s.topRate)), Hint: "lower it, or raise the limit"}
}

func (s *plan) setRate(c grammar.Change) *Problem {
	relative := c.Amount.Op != grammar.Set && c.Amount.Op != grammar.Max && c.Name == ""
	switch {
	case s.paused:
		return pausedHere()
	case s.closed && (relative || c.Over > 0):
		return &Problem{Msg: "after rate max there is no rate to begin at", Hint: "set a rate first, as in rate 500"}
	case relative && !s.rated:
		return noRateYet()
	}
	s.wave = grammar.Change{}
	s.replayed = c.Name != ""
	switch {
	case s.replayed:
		s.rate, s.rated, s.closed = 0, false, false
		return nil
	case c.Amount.Op == grammar.Max:
		s.closed, s.rated = true, false
		return nil
	}
	rate := apply(c.Amount, s.rate)
	if rate < 0 {
		return below()
	}
	if problem := s.tooHigh(rate); problem != nil {
		return problem
	}
	s.rate, s.rated, s.closed = rate, true, false
	return nil
}

// weigh takes the shares of the requests from their weights.
func (s *plan) weigh(requests []Request) {
	sum := 0.0
	for _, q := range requests {
		sum += q.Weight
	}
	for _, q := range requests {
		s.names, s.shares = append(s.names, q.Name), append(s.shares, q.Weight/sum)
	}
}

func (s *plan) setWeight(c grammar.Change) *Problem {
	k, rest := slices.Index(s.names, c.Name), 0.0
	if k < 0 {
		hint := "name one of the requests"
		if near := grammar.Nearest(c.Name, s.names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return &Problem{Msg: "no request is called " + show(c.Name), Hint: hint}
	}
	for i, share := range s.shares {
		if i != k {
			rest += share
		}
	}
	if rest == 0 && c.Share < 100 {
		return &Problem{Msg: "no other request has a share", Hint: "give another one a share, and this one gets what is left"}
	}
	for i := range s.shares {
		if rest > 0 {
			s.shares[i] *= (1 - c.Share/100) / rest
		}
	}
	s.shares[k] = c.Share / 100
	return nil
}

// apply changes a dial's value by an amount.
func apply(a grammar.Amount, now float64) float64 {
	switch a.Op {
	case grammar.Add:
		return now + a.Value
	case grammar.Percent:
		return now * (1 + a.Value/100)
	case grammar.Times:
		return now * a.Value
	default:
		return a.Value
	}
}

// text prints a rate for a message: exact where that is short.
func text(rate float64) string {
	if s := grammar.FormatRate(rate); len(s) < 10 {
		return s
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(rate, 'f', 3, 64), "0"), ".")
}
