package driven

import (
	"errors"
	"fmt"
	"math"
	"time"

	"stoke/engine"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// Plan is what was driven, to be driven again.
type Plan struct {
	Phases []profiles.Phase
	Length time.Duration // of the phases together
}

// String is the plan in short: "6 phases, 3m20s".
func (p Plan) String() string {
	noun := "phases"
	if len(p.Phases) == 1 {
		noun = "phase"
	}
	return fmt.Sprintf("%d %s, %s", len(p.Phases), noun, grammar.FormatDuration(p.Length.Round(time.Second/10)))
}

// Phases returns what was driven in a run up to a snapshot, whoever drove it.
// What the profile begins with, its defaults applied, is not said again.
func Phases(s *engine.Snapshot, p *profiles.Profile) (Plan, error) {
	if s.Began.IsZero() {
		return Plan{}, errors.New("nothing was driven yet")
	}
	c := curveOf(s)
	c.trim()
	if len(c.legs) == 0 {
		return Plan{}, errors.New("nothing was sent: there is nothing to do again")
	}
	if c.cutFile {
		return Plan{}, errors.New("a file of arrivals was left before its end: phases cannot do that again")
	}
	notes := notesOf(s, p, c.end())
	c.simplify()
	c.place(notes)
	w := writer{}
	w.write(c, notes)
	return Plan{Phases: w.phases, Length: time.Duration(c.end())}, nil
}

// curveOf draws the rate over time from what was done.
func curveOf(s *engine.Snapshot) *curve {
	end := s.At
	if s.Halted > 0 {
		end = s.Halted
	}
	c := &curve{}
	at, dial, halted := time.Duration(0), s.First, false
	until := func(next time.Duration) {
		if next > at {
			c.add(int64(at), int64(next), dial, halted)
		}
	}
	for _, e := range s.Events {
		if e.At > end {
			break
		}
		until(e.At)
		at, dial, halted = e.At, e.After, e.Halted
	}
	until(end)
	return c
}

// note is a phase that takes no time and changes no rate.
type note struct {
	at     int64 // nanoseconds since the start
	change grammar.Change
}

// notesOf lists what was done besides turning the rate, before end.
func notesOf(s *engine.Snapshot, p *profiles.Profile, end int64) []note {
	var notes []note
	var shares []float64 // as the profile has them
	concurrency, arrivals, late := p.Concurrency, p.Arrivals, p.Late
	see := func(at time.Duration, d engine.Dial) {
		add := func(c grammar.Change) { notes = append(notes, note{int64(at), c}) }
		if d.Concurrency != concurrency && d.Concurrency > 0 {
			concurrency = d.Concurrency
			add(grammar.Change{Verb: grammar.Concurrency, Amount: grammar.Amount{Op: grammar.Set, Value: float64(concurrency)}})
		}
		if d.Arrivals != arrivals && d.Arrivals != "" {
			arrivals = d.Arrivals
			add(grammar.Change{Verb: grammar.Arrivals, Word: arrivals})
		}
		if d.Late != late && d.Late != "" {
			late = d.Late
			add(grammar.Change{Verb: grammar.Late, Word: late})
		}
	}
	see(0, s.First)
	for _, e := range s.Events {
		if int64(e.At) >= end {
			break
		}
		switch {
		case e.Mark:
			notes = append(notes, note{int64(e.At), grammar.Change{Verb: grammar.Mark, Text: e.Do}})
		case e.Do == string(grammar.Segment):
			notes = append(notes, note{int64(e.At), grammar.Change{Verb: grammar.Segment}})
		default:
			see(e.At, e.After)
			changes := reweigh(p, shares, e.Shares)
			if c, err := grammar.Parse(e.Do); err == nil && c.Verb == grammar.Weight && len(changes) > 0 {
				changes = []grammar.Change{c}
			}
			for _, c := range changes {
				notes = append(notes, note{int64(e.At), c})
			}
			shares = e.Shares
		}
	}
	return settled(notes)
}

// settled keeps of changes of the same dial that follow each other quickly,
// as from a held key, only the last.
func settled(notes []note) []note {
	const quick = int64(500 * time.Millisecond)
	var out []note
	for _, n := range notes {
		if n.change.Verb != grammar.Mark && n.change.Verb != grammar.Segment && n.change.Verb != grammar.Weight {
			for i := len(out) - 1; i >= 0 && n.at-out[i].at < quick; i-- {
				if out[i].change.Verb == n.change.Verb && out[i].change.Name == n.change.Name {
					out = append(out[:i], out[i+1:]...)
					break
				}
			}
		}
		out = append(out, n)
	}
	return out
}

// reweigh returns the changes of weight that lead from shares to shares, both
// in percent, nil as the profile has them.
func reweigh(p *profiles.Profile, from, to []float64) []grammar.Change {
	from, to = sharesOf(p, from), sharesOf(p, to)
	set := func(i int, share float64) grammar.Change {
		return grammar.Change{Verb: grammar.Weight, Name: p.Requests[i].Name, Share: math.Round(share*1e4) / 1e4}
	}
	if near(from, to) {
		return nil
	}
	for i := range to { // one change, as it was ordered
		if from[i] < 100 && near(weighed(from, i, to[i]), to) {
			return []grammar.Change{set(i, to[i])}
		}
	}
	var all []grammar.Change
	sum := 0.0
	for i := range to { // one after the other, each beside those before it
		if sum += to[i]; to[i] > 0 {
			all = append(all, set(i, 100*to[i]/sum))
		}
	}
	return all
}

// weighed are the shares after a change of one of them.
func weighed(of []float64, k int, share float64) []float64 {
	out := make([]float64, len(of))
	for i := range of {
		out[i] = of[i] * (100 - share) / (100 - of[k])
	}
	out[k] = share
	return out
}

// near reports whether shares are the same but for the rounding of percents.
func near(a, b []float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > 0.001 {
			return false
		}
	}
	return true
}

// sharesOf are shares in percent; nil stands for those of the profile.
func sharesOf(p *profiles.Profile, shares []float64) []float64 {
	if shares != nil {
		return shares
	}
	sum := 0.0
	for _, q := range p.Requests {
		sum += q.Weight
	}
	for _, q := range p.Requests {
		shares = append(shares, 100*q.Weight/sum)
	}
	return shares
}
