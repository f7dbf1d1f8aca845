package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/panel"
	"stoke/tui/units"
)

// Weigh says what a typed change would do to a run: "1,200 → 12,000 (×10)", or
// "" if that cannot be told. twice reports whether it raises the load to more
// than double, which takes a second enter.
func Weigh(s *engine.Snapshot, do grammar.Change) (said string, twice bool) {
	now := time.Now()
	a := &app{snap: s, snapAt: now, clock: func() time.Time { return now }}
	e := a.effect(do)
	return e.text, e.raises && e.factor() > doubled
}

const noPhases = "this profile has no phases"

// effect is what a typed change would do to the load, as far as it can be
// told before.
type effect struct {
	from, to float64
	max      bool // the closed model: no figure
	raises   bool
	text     string // "1,200 → 12,000 (×10)"
}

// factor is how many times the load grows; +Inf from nothing or to max.
func (e effect) factor() float64 {
	if e.max {
		return doubled + 1
	}
	return e.to / e.from
}

func (a *app) effect(do grammar.Change) effect {
	switch do.Verb {
	case grammar.Rate:
		do = inDialUnit(a.snap, do)
		if a.snap.Dial.Closed && a.want.rate == 0 {
			return closedEffect(a.snap, do)
		}
		from := a.rateBase()
		if do.Amount.Op == grammar.Max {
			return effect{from: from, max: true, raises: true, text: number(from) + " → max: as fast as the target answers"}
		}
		return dialEffect(from, do.Amount, do.Over, panel.RateUnit(a.snap))
	case grammar.Wave, grammar.Step, grammar.Spike:
		return a.shapeEffect(do)
	case grammar.Concurrency:
		return dialEffect(a.concurrencyBase(), do.Amount, 0, "")
	case grammar.Weight:
		return weightEffect(a.snap, do)
	case grammar.Resume:
		return effect{raises: a.snap.State == engine.Paused, from: 1, to: 1, text: "resume at " + panel.RateOf(a.snap)}
	case grammar.Undo:
		// By how much is not known before: as u does, it asks if it raises.
		raises := undoRaises(a.snap)
		return effect{raises: raises, max: raises, text: a.snap.UndoText}
	case grammar.Phases:
		return a.phasesEffect(do)
	}
	return effect{}
}

// phasesEffect is that of giving the dials to the phases. What the next or the
// first one wants is not known here, so that it always asks.
func (a *app) phasesEffect(do grammar.Change) effect {
	w := a.snap.Phases.Wants
	switch {
	case a.snap.Phases.Count == 0:
		return effect{text: noPhases}
	case do.Word == "off":
		return effect{}
	case do.Word != "on":
		next := "what the next phase wants"
		if do.Word == "restart" {
			next = "phase 1 of " + number(float64(a.snap.Phases.Count))
		}
		return effect{raises: true, max: true, text: a.nowText() + " → " + next}
	}
	return effect{from: a.rateBase(), to: highest(w), max: w.Closed, raises: a.wantsMore(),
		text: a.nowText() + " → " + dialText(w)}
}

// inDialUnit is a change whose rate names what it counts, in what the dial
// counts.
func inDialUnit(s *engine.Snapshot, do grammar.Change) grammar.Change {
	per := s.Traffic.PerStart
	switch counts := s.Traffic.CountsRequests; {
	case do.Amount.Op != grammar.Set || per <= 0:
	case do.Word == "requests" && !counts:
		do.Amount.Value /= per
	case do.Word == "starts" && counts:
		do.Amount.Value *= per
	}
	return do
}

// undoRaises reports whether undo would raise the load: the dials, or how many
// requests a start asks for.
func undoRaises(s *engine.Snapshot) bool {
	if s.UndoRaises {
		return true
	}
	_, back, _ := strings.Cut(s.UndoText, " back to ")
	do, err := grammar.Parse(back)
	return err == nil && do.Verb == grammar.Weight && weightEffect(s, do).raises
}

// weightEffect is that of another mix on a dial that counts starts: how many
// requests a start then asks for, at most. The others keep their shares among
// themselves, which are not known here: the longest of them counts for all.
func weightEffect(s *engine.Snapshot, do grammar.Change) effect {
	if s.Traffic.CountsRequests || len(s.Traffic.Scenarios) == 0 || s.Traffic.PerStart <= 0 {
		return effect{}
	}
	own, others := 1.0, 1.0
	for _, f := range s.Traffic.Scenarios {
		if n := float64(len(f.Steps)); f.Name == do.Name {
			own = n
		} else {
			others = max(others, n)
		}
	}
	part := do.Share / 100
	e := effect{from: s.Traffic.PerStart, to: part*own + (1-part)*others}
	e.raises = e.to > e.from*(1+nearly)
	if e.raises && e.factor() > doubled {
		e.text = fmt.Sprintf("%s → up to %s requests for each start", units.Three(e.from), units.Three(e.to))
	}
	return e
}

// above is the ceiling that a change would pass, or "".
func (a *app) above(do grammar.Change, e effect) string {
	switch c := a.snap.Ceiling; {
	case movesRate(do.Verb) && c.Rate > 0 && e.to > c.Rate:
		return panel.Counted(a.snap, c.Rate)
	case do.Verb == grammar.Concurrency && c.Concurrency > 0 && e.to > float64(c.Concurrency):
		return number(float64(c.Concurrency))
	}
	return ""
}

// requestNames are the requests and scenarios that were seen: a step has the
// name of its scenario first.
func requestNames(s *engine.Snapshot) (names []string) {
	for _, g := range s.View.Segments {
		for _, e := range g.Endpoints {
			name, _, _ := strings.Cut(e.Name, " / ")
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// movesRate reports whether a verb sets a rate or lets it move.
func movesRate(v grammar.Verb) bool {
	return v == grammar.Rate || v == grammar.Wave || v == grammar.Spike || v == grammar.Step
}

// shapeEffect is that of what moves the rate by itself: its highest rate
// counts.
func (a *app) shapeEffect(do grammar.Change) effect {
	from, unit := a.rateBase(), panel.RateUnit(a.snap)
	e := dialEffect(from, grammar.Amount{Op: grammar.Set, Value: do.Top()}, 0, unit)
	if do.Verb == grammar.Spike {
		e = dialEffect(from, do.Amount, 0, unit)
		e.text += " for " + grammar.FormatDuration(do.For) + ", then back"
	} else {
		e.text = number(from) + " → " + counted(number(do.From)+" to "+number(do.To), unit) + times(e)
	}
	if a.snap.Dial.Closed && a.want.rate == 0 {
		e.max, e.raises = true, true
	}
	return e
}

// closedEffect is that of a rate typed in the closed model, whose load has no
// figure: a rate may be more or less, so it asks.
func closedEffect(s *engine.Snapshot, do grammar.Change) effect {
	if do.Amount.Op == grammar.Max {
		return effect{text: "the rate is max already"}
	}
	if do.Amount.Op != grammar.Set {
		return effect{}
	}
	return effect{max: true, raises: true, text: "max → " + panel.Counted(s, do.Amount.Value)}
}

// dialEffect is that of turning a dial; unit is what a rate counts, where that
// is to be said.
func dialEffect(from float64, amount grammar.Amount, over time.Duration, unit string) effect {
	e := effect{from: from}
	switch amount.Op {
	case grammar.Set:
		e.to = amount.Value
	case grammar.Add:
		e.to = from + amount.Value
	case grammar.Percent:
		e.to = from * (1 + amount.Value/100)
	case grammar.Times:
		e.to = from * amount.Value
	}
	e.to = max(e.to, 0)
	e.raises = e.to > from
	e.text = number(from) + " → " + counted(number(e.to), unit) + times(e)
	if over > 0 {
		e.text += " in " + grammar.FormatDuration(over)
	}
	return e
}

// counted writes a rate with what it counts: "500 starts/s".
func counted(rate, unit string) string {
	if unit == "" {
		return rate
	}
	return rate + " " + unit + "/s"
}

// times says how many times the load grows: " (×10)"; nothing for less than a
// tenth more.
func times(e effect) string {
	if e.from <= 0 || e.to < e.from*1.095 {
		return ""
	}
	f := e.to / e.from
	if f < 1000 {
		f = math.RoundToEven(10*f) / 10
	} else {
		f = math.Round(f)
	}
	return " (×" + number(f) + ")"
}
