package driven

import (
	"slices"
	"time"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// place rounds the moments of notes and cuts the legs there. A note that came
// with a change of the rate stays with it.
func (c *curve) place(notes []note) {
	const near, unit = int64(50 * time.Millisecond), int64(100 * time.Millisecond)
	end := c.end()
	for i := range notes {
		n := &notes[i]
		t := (n.at + unit/2) / unit * unit
		for _, l := range c.legs {
			if d := l.at - n.at; -near <= d && d <= near {
				t = l.at
			}
		}
		n.at = min(max(t, 0), end)
		if i > 0 {
			n.at = max(n.at, notes[i-1].at)
		}
		c.cut(n.at)
	}
}

// cut makes two legs of the one that t lies within.
func (c *curve) cut(t int64) {
	for i := range c.legs {
		l := c.legs[i]
		if l.at < t && t < l.end && l.file.Name == "" {
			first, rest := l, l
			if !l.flat() {
				first.to = toDigits(l.rate(t), 6)
				rest.from = first.to
			}
			if rest.wave = l.wave.after(t - l.at); l.wave.is() {
				first.to, rest.from = l.to, l.from
			}
			first.end, rest.at = t, t
			c.legs = slices.Replace(c.legs, i, i+1, first, rest)
			return
		}
	}
}

// writer writes a curve and the notes on it in the language of phases.
type writer struct {
	phases []profiles.Phase
	rate   float64 // that the phases have reached
	closed bool
	set    bool // a rate was set
	paused bool
	wave   swing         // that goes on, as far as it is
	hold   time.Duration // that is not written yet
}

func (w *writer) write(c *curve, notes []note) {
	for i := range c.legs {
		l := &c.legs[i]
		var here []note
		for len(notes) > 0 && notes[0].at <= l.at {
			here, notes = append(here, notes[0]), notes[1:]
		}
		w.dial(c, i)
		for _, n := range here {
			w.flush()
			w.phase(n.change)
		}
		switch long := time.Duration(l.end - l.at); {
		case l.file.Name != "":
			w.phase(l.file)
			w.rate, w.closed, w.set, w.wave = 0, false, true, swing{}
		case l.flat():
			w.hold += long
		case l.wave.is():
			w.hold += long
			w.wave = l.wave.after(l.end - l.at)
		default:
			w.phase(grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Set, Value: l.to}, Over: long})
			w.rate = l.to
		}
	}
	w.flush()
}

// dial sets what leg i begins with.
func (w *writer) dial(c *curve, i int) {
	l := &c.legs[i]
	switch {
	case l.file.Name != "":
		return
	case w.paused && !l.halted:
		w.paused = false
		w.phase(grammar.Change{Verb: grammar.Resume})
		return
	case w.paused || w.reached(l):
		return
	case l.halted && w.set && w.resumes(c, i):
		w.paused = true
		w.phase(grammar.Change{Verb: grammar.Pause})
		return
	}
	if w.wave = l.wave; l.wave.is() {
		w.closed, w.set = false, true
		w.phase(grammar.Change{Verb: grammar.Wave, From: l.wave.from, To: l.wave.to, Every: time.Duration(l.wave.every), Into: time.Duration(l.wave.into)})
		return
	}
	amount := grammar.Amount{Op: grammar.Set, Value: l.from}
	if l.closed {
		amount = grammar.Amount{Op: grammar.Max}
	}
	w.rate, w.closed, w.set = l.from, l.closed, true
	w.phase(grammar.Change{Verb: grammar.Rate, Amount: amount})
}

// reached reports whether leg l goes on as the phases are.
func (w *writer) reached(l *leg) bool {
	if l.file.Name != "" || l.wave != w.wave {
		return false
	}
	return w.set && l.closed == w.closed && (l.wave.is() || l.from == w.rate)
}

// resumes reports whether after the pause that leg i begins the load goes on
// as it was before.
func (w *writer) resumes(c *curve, i int) bool {
	for ; i < len(c.legs); i++ {
		if l := &c.legs[i]; !l.halted {
			return w.reached(l)
		}
	}
	return false
}

// phase writes a phase, after the hold that comes before it.
func (w *writer) phase(c grammar.Change) {
	w.flush()
	w.phases = append(w.phases, profiles.Phase{Change: c, Text: c.String()})
}

func (w *writer) flush() {
	if d := w.hold; d > 0 {
		w.hold = 0
		w.phase(grammar.Change{Verb: grammar.Hold, For: d})
	}
}
