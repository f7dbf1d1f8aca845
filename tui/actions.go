package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/panel"
	"stoke/tui/units"
)

func stepRate(a *app, name string) tea.Cmd {
	if name == "up" {
		return a.turnRate(notchUp)
	}
	return a.turnRate(notchDown)
}

func fineRate(a *app, name string) tea.Cmd {
	if name == "shift+up" || name == "+" {
		return a.turnRate(func(v float64) float64 { return fineUp(v, leastRate) })
	}
	return a.turnRate(func(v float64) float64 { return fineDown(v, leastRate) })
}

func stepConcurrency(a *app, name string) tea.Cmd {
	if name == "right" {
		return a.turnConcurrency(notchUp)
	}
	return a.turnConcurrency(notchDown)
}

func fineConcurrency(a *app, name string) tea.Cmd {
	if name == "shift+right" {
		return a.turnConcurrency(func(v float64) float64 { return fineUp(v, leastConcurrency) })
	}
	return a.turnConcurrency(func(v float64) float64 { return fineDown(v, leastConcurrency) })
}

// rate is the rate from which the next step goes.
func (a *app) rateBase() float64 {
	if a.want.rate > 0 {
		return a.want.rate
	}
	return rateNow(a.snap, a.clock().Sub(a.snapAt))
}

func (a *app) concurrencyBase() float64 {
	if a.want.concurrency > 0 {
		return float64(a.want.concurrency)
	}
	return float64(a.snap.Dial.Concurrency)
}

func (a *app) turnRate(step func(float64) float64) tea.Cmd {
	if a.want.blind || a.ending() {
		return nil
	}
	if a.snap.Dial.Closed && a.want.rate == 0 {
		a.warn("the rate is max: the target sets the pace; r types a rate")
		return nil
	}
	from := a.rateBase()
	to := step(from)
	if top := a.snap.Ceiling.Rate; top > 0 && to > top {
		to = top
		if from >= top {
			a.say(a.ceilingText(grammar.Rate))
			return nil
		}
	}
	if to < from {
		if from <= 1 && to < 1 {
			a.say("this is the lowest rate for a key; space goes to zero")
		}
	}
	if to == from || from < 1 && to > from && to-from > 1 {
		return nil
	}
	a.want.rate, a.want.at = to, a.clock()
	return a.turn(grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Set, Value: to}}, to > from)
}

func (a *app) turnConcurrency(step func(float64) float64) tea.Cmd {
	if a.want.blind || a.ending() {
		return nil
	}
	from := a.concurrencyBase()
	to := step(from)
	if top := a.snap.Ceiling.Concurrency; top > 0 && to > float64(top) {
		to = float64(top)
		if from >= to {
			a.say(a.ceilingText(grammar.Concurrency))
			return nil
		}
	}
	if to == from {
		return nil
	}
	a.want.concurrency, a.want.at = int(to), a.clock()
	return a.turn(grammar.Change{Verb: grammar.Concurrency, Amount: grammar.Amount{Op: grammar.Set, Value: to}}, to > from)
}

// turn sends a step of a dial. A lowering step that finds an order under way
// waits for it, and only the newest waits: nothing is queued.
func (a *app) turn(do grammar.Change, raises bool) tea.Cmd {
	if raises {
		a.raisedAt = a.clock()
	} else if a.flying > 0 {
		a.next = &engine.Order{Do: do, By: engine.ByKey, Gesture: a.gesture}
		return nil
	}
	return a.send(engine.Order{Do: do, By: engine.ByKey, Gesture: a.gesture, Rev: a.dialRev()}, nil)
}

// dialRev is the revision of the dials that the next step goes out from: that
// of the picture, or that of a step which is not in a picture yet.
func (a *app) dialRev() uint64 {
	if a.want.rev != 0 {
		return a.want.rev
	}
	return a.snap.Dial.Rev
}

// ending reports whether the run no longer takes changes, and says so.
func (a *app) ending() bool {
	if a.snap.State != engine.Stopping {
		return false
	}
	a.say("stopping: what is in flight finishes; ! cuts it")
	return true
}

// idle reports whether no load can be there: nothing was started.
func (a *app) idle() bool { return a.snap.State == engine.Ready && !a.starting }

// start begins the load, once the target is confirmed.
func (a *app) start() tea.Cmd {
	if !a.confirmed {
		a.askHost()
		return nil
	}
	if a.starting {
		return nil
	}
	a.starting = true
	return guarded(func() tea.Msg { return startedMsg{a.o.Run.Start()} })
}

// goOn is enter outside of prompts and questions.
func goOn(a *app, _ string) tea.Cmd {
	state := a.snap.State
	if state != engine.Ready && state != engine.Paused {
		return nil
	}
	if why := a.mayRaise(); why != "" {
		a.warn(why)
		return nil
	}
	if now := a.clock(); a.shows != state || now.Sub(a.since) < grace {
		return nil // pressed before the picture said what it would do
	}
	if state == engine.Ready {
		return a.start()
	}
	if a.flying > 0 {
		return nil
	}
	return a.order(grammar.Change{Verb: grammar.Resume}, engine.ByKey, nil)
}

func pause(a *app, _ string) tea.Cmd {
	a.next = nil
	switch state := a.snap.State; {
	case a.idle():
		a.say("nothing is sent yet; enter starts")
		return nil
	case state == engine.Paused:
		a.say("the load is at zero; enter resumes at " + panel.RateOf(a.snap))
	case a.ending():
		return nil
	default:
		a.say("load to zero; enter resumes at " + panel.RateOf(a.snap))
	}
	// Sent in PAUSED, too: the snapshot may be older than a resume.
	return a.order(grammar.Change{Verb: grammar.Pause}, engine.ByKey, nil)
}

// interrupt is ctrl+c, in every mode.
func interrupt(a *app, _ string) tea.Cmd {
	again := a.ask != nil && a.ask.interrupt
	a.prompt, a.ask, a.topic = nil, nil, panel.NoHelp
	switch {
	case a.idle() && again:
		return tea.Quit
	case a.idle():
		a.question(question{title: "LEAVE?", lines: []string{"Nothing was sent but the probe."}, interrupt: true,
			answers: []answer{
				{keys: []string{"q", "enter"}, shown: "q enter", does: "leave", do: func(*app) tea.Cmd { return tea.Quit }},
				{keys: []string{"esc"}, shown: "esc", does: "stay"},
			}})
		return nil
	case again || a.snap.State == engine.Stopping:
		return finalStop(a, "!")
	}
	cmd := pause(a, "space")
	a.question(question{title: "LOAD IS AT ZERO: END OR GO ON?", interrupt: true,
		lines: []string{"What is in flight finishes."},
		answers: []answer{
			{keys: []string{"q"}, shown: "q", does: "end the run", do: stop},
			{keys: []string{"enter"}, shown: "enter", does: "go on at " + panel.RateOf(a.snap), raises: true, do: resume},
			{keys: []string{"esc"}, shown: "esc", does: "stay at zero"},
			{keys: []string{"ctrl+c"}, shown: "ctrl+c !", does: "stop now"},
		}})
	return cmd
}

func resume(a *app) tea.Cmd {
	return a.order(grammar.Change{Verb: grammar.Resume}, engine.ByKey, nil)
}

func stop(a *app) tea.Cmd {
	a.next = nil
	return a.order(grammar.Change{Verb: grammar.Stop}, engine.ByKey, nil)
}

func finalStop(a *app, _ string) tea.Cmd {
	if a.idle() {
		return tea.Quit
	}
	a.next, a.ask = nil, nil
	a.say("final stop")
	return a.order(grammar.Change{Verb: grammar.Stop, Now: true}, engine.ByKey, nil)
}

func end(a *app, _ string) tea.Cmd {
	switch {
	case a.idle():
		return tea.Quit
	case a.ending():
		return nil
	}
	a.question(question{title: "END THE RUN?",
		lines: []string{"No new requests; what is in flight finishes.", "The load goes on until you answer."},
		answers: []answer{
			{keys: []string{"enter", "q"}, shown: "enter q", does: "end", do: stop},
			{keys: []string{"esc"}, shown: "esc", does: "go on"},
		}})
	return nil
}

func undo(a *app, _ string) tea.Cmd {
	if a.ending() {
		return nil
	}
	s := a.snap
	if s.UndoText == "" {
		a.say("there is nothing to take back")
		return nil
	}
	do := func(a *app) tea.Cmd {
		return a.order(grammar.Change{Verb: grammar.Undo}, engine.ByKey, nil)
	}
	// While an order is under way the snapshot does not yet know what undo
	// would take back.
	if !undoRaises(s) && a.flying == 0 && a.want == (want{}) {
		return do(a)
	}
	a.question(question{title: "UNDO RAISES THE LOAD", lines: []string{s.UndoText},
		answers: []answer{
			{keys: []string{"enter"}, shown: "enter", does: "undo", raises: true, do: do},
			{keys: []string{"esc"}, shown: "esc", does: "leave it"},
		}})
	return nil
}

func phases(a *app, _ string) tea.Cmd {
	if a.ending() {
		return nil
	}
	s := a.snap
	switch {
	case s.Phases.Count == 0:
		a.say(noPhases)
		return nil
	case s.Phases.Driving:
		a.say(fmt.Sprintf("the phases drive: %d of %d, %s", s.Phases.Index, s.Phases.Count, s.Phases.Text))
		return nil
	}
	do := func(a *app) tea.Cmd {
		return a.order(grammar.Change{Verb: grammar.Phases, Word: "on"}, engine.ByKey, nil)
	}
	if !a.wantsMore() {
		return do(a)
	}
	w := s.Phases.Wants
	lines := []string{
		fmt.Sprintf("phase %d of %d: %s", s.Phases.Index, s.Phases.Count, s.Phases.Text),
		fmt.Sprintf("rate         %s → %s", a.nowText(), dialText(w)),
		fmt.Sprintf("concurrency  %s → %s", number(a.concurrencyBase()), number(float64(w.Concurrency))),
	}
	a.question(question{title: "THE PHASES WANT MORE", lines: lines,
		answers: []answer{
			{keys: []string{"enter"}, shown: "enter", does: "give them the dials", raises: true, do: do},
			{keys: []string{"esc"}, shown: "esc", does: "keep them"},
		}})
	return nil
}

// nowText is the load of this moment, for a question.
func (a *app) nowText() string {
	if a.snap.State == engine.Paused {
		return "0/s"
	}
	if a.snap.Dial.Closed {
		return "max"
	}
	return perSecond(a.rateBase())
}

// wantsMore reports whether the phases would raise the load.
func (a *app) wantsMore() bool {
	d, w := a.snap.Dial, a.snap.Phases.Wants
	if a.flying > 0 || a.snap.State == engine.Paused || float64(w.Concurrency) > a.concurrencyBase() {
		return true
	}
	return !d.Closed && (w.Closed || highest(w) > a.rateBase())
}

// highest is the highest rate of a setting: of what moves the rate by itself,
// what it comes to.
func highest(d engine.Dial) float64 {
	if do, err := grammar.Parse(d.Shape.Text); err == nil {
		return max(d.Rate, do.Top())
	}
	return d.Rate
}

// dialText writes the rate of a setting and what moves it: "120/s, wave 100..500
// every 1m".
func dialText(d engine.Dial) string {
	if d.Shape.Text == "" {
		return panel.DialRate(d)
	}
	return panel.DialRate(d) + ", " + d.Shape.Text
}

func mark(a *app, _ string) tea.Cmd {
	if a.snap.State == engine.Ready {
		a.say("marks begin with the load")
		return nil
	}
	n := 1
	for _, e := range a.snap.Events {
		if e.Mark {
			n++
		}
	}
	return a.order(grammar.Change{Verb: grammar.Mark, Text: fmt.Sprintf("mark %d", n)}, engine.ByKey, nil)
}

func segment(a *app, _ string) tea.Cmd {
	if a.ending() {
		return nil
	}
	return a.order(grammar.Change{Verb: grammar.Segment}, engine.ByKey, nil)
}

func freeze(a *app, _ string) tea.Cmd {
	if a.kept != nil {
		a.kept = nil
		a.say("the picture is live again")
		return nil
	}
	a.kept = a.snap
	a.say("frozen at " + units.Clock(a.kept.At) + "; f goes on")
	return nil
}

// clear repaints the screen from nothing.
func clear(a *app, _ string) tea.Cmd {
	a.dirty, a.drawn = true, time.Time{}
	return tea.ClearScreen
}

func suspend(a *app, _ string) tea.Cmd {
	a.say("ctrl+z does nothing here; space pauses, q ends")
	return nil
}
