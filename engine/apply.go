package engine

import (
	"fmt"

	"stoke/profiles/grammar"
)

// Apply is the one door for changes: it validates, stamps, opens the segment
// and writes the change down, all at one moment under the dispatcher's lock.
// A key's order is held at a ceiling; any other above it is refused whole, with
// an error that says what is allowed.
func (r *Run) Apply(o Order) (Applied, error) {
	d := &r.disp
	d.mu.Lock()
	v := &d.driver
	t := r.now()
	wakes := d.catchUp(t)
	a, cuts, err := v.apply(o, t)
	a.Rev = v.rev
	v.settle(t, o.By, "")
	wakes = append(wakes, d.shrink()...)
	d.mu.Unlock()
	for i := range wakes {
		wakes[i].send()
	}
	for _, c := range cuts {
		c.s.kill(c.word, c.who)
	}
	if r.started.Load() {
		r.sleeper.Wake()
		r.poke()
		return a, err
	}
	r.publishUnbegun()
	if err == nil && o.Do.Verb == grammar.Stop {
		close(r.done)
	}
	return a, err
}

// catchUp releases what was due before a change at t, which belongs to the
// setting before it. The caller holds the lock and sends the wakes.
func (d *dispatcher) catchUp(t int64) []wake {
	var all []wake
	for more := true; more; {
		var out []wake
		out, more = d.due(t, t-1, nil)
		all = append(all, out...)
	}
	return all
}

// victim is a request to be cut after the lock is released.
type victim struct {
	s    *slot
	word uint64
	who  killer
}

// apply does what an order says.
func (v *driver) apply(o Order, t int64) (Applied, []victim, error) {
	c := o.Do
	switch v.state {
	case Ended, Stopping:
		if c.Verb != grammar.Stop || v.state == Ended {
			return Applied{}, nil, refuse("start a new one", "the run is ending")
		}
	case Ready:
		if c.Verb != grammar.Rate && c.Verb != grammar.Concurrency && c.Verb != grammar.Arrivals && c.Verb != grammar.Late && c.Verb != grammar.Stop {
			return Applied{}, nil, refuse("press enter to start", "the run has not begun")
		}
	}
	text := c.String()
	done := func(from, to string) Applied { return Applied{Event: v.event(t, o.By, text, from, to, false)} }
	switch c.Verb {
	case grammar.Rate, grammar.Concurrency, grammar.Arrivals, grammar.Late:
		return v.dialOrder(o, t)
	case grammar.Pause:
		if v.state == Paused {
			return Applied{}, nil, refuse("resume goes on", "the load is at zero already")
		}
		from := v.describe(c)
		v.pause(t)
		return done(from, "rate 0"), nil, nil
	case grammar.Resume:
		if v.state != Paused {
			return Applied{}, nil, refuse("", "the load is not paused")
		}
		v.resume(t)
		return done("rate 0", v.describe(c)), nil, nil
	case grammar.Undo:
		return v.takeBack(o, t)
	case grammar.Mark:
		return Applied{Event: v.event(t, o.By, c.Text, "", "", true)}, nil, nil
	case grammar.Segment:
		v.stale = true
		return done("", ""), nil, nil
	case grammar.Phases:
		a, err := v.phaseOrder(o, t)
		return a, nil, err
	case grammar.Stop:
		return v.stopOrder(o, t)
	case grammar.Hold:
		return Applied{}, nil, refuse("it belongs into the phases of a profile", "hold is not a change to a running load")
	}
	return Applied{}, nil, refuse("", "%s cannot be done here", c.Verb)
}

// dialOrder turns a dial.
func (v *driver) dialOrder(o Order, t int64) (Applied, []victim, error) {
	c := o.Do
	if o.Rev != 0 && o.Rev != v.rev {
		return Applied{}, nil, ErrMoved
	}
	x := v.dials
	if v.state == Paused {
		x = v.rest
	}
	if v.state == Ready || v.state == Paused {
		c.Over = 0 // nothing moves while the load is at zero
		x.over = 0
	}
	y, clamped, err := x.turn(c, t, &v.bounds, o.By == ByKey)
	if err != nil {
		return Applied{}, nil, err
	}
	if v.state == Ready {
		// The first phases are replaced, not interrupted: nothing has run yet.
		v.dials, v.first = y, y
		v.rev++
		v.d.limit = y.concurrency
		v.d.shed = y.late == "shed"
		v.holder = o.By
		return Applied{Clamped: clamped}, nil, nil
	}
	v.remember(o, t)
	from := v.describe(c)
	v.take(t, o.By)
	if v.state == Paused {
		v.rest = y
		y.rate, y.from, y.over, y.closed = v.rate, v.from, v.over, v.closed
		v.turnTo(t, y)
	} else {
		v.turnTo(t, y)
	}
	to := v.describe(c)
	if v.state == Paused && c.Verb == grammar.Rate {
		to = "rate " + v.rest.rateText()
	}
	var cuts []victim
	if c.Cut {
		cuts = v.d.choose(v.d.open-v.d.idle.n-v.d.limit, byCut)
	}
	a := Applied{Event: v.event(t, o.By, c.String(), from, to, false), Clamped: clamped}
	if n := len(v.undo); n > 0 {
		v.undo[n-1].text = to + " back to " + v.undo[n-1].describe(c)
	}
	return a, cuts, nil
}

// describe is what a step would bring back for a change like c.
func (s *step) describe(c grammar.Change) string {
	w := driver{dials: s.before}
	return w.describe(c)
}

// remember keeps the setting before an order, once for each gesture.
func (v *driver) remember(o Order, t int64) {
	if n := len(v.undo); n > 0 && o.Gesture != 0 && v.undo[n-1].gesture == o.Gesture {
		return
	}
	before := v.dials
	if v.state == Paused {
		before = v.rest
	}
	if len(v.undo) == undoMax {
		v.undo = v.undo[1:]
	}
	v.undo = append(v.undo, step{gesture: o.Gesture, before: before.still(t), holder: v.holder})
}

// takeBack undoes the last gesture, and gives the dials back to whom they were
// taken from.
func (v *driver) takeBack(o Order, t int64) (Applied, []victim, error) {
	n := len(v.undo)
	if n == 0 {
		return Applied{}, nil, refuse("", "there is nothing to take back")
	}
	last := v.undo[n-1]
	y := last.before
	if y.rate > v.bounds.Rate || y.concurrency > v.bounds.Concurrency {
		return Applied{}, nil, refuse("", "the setting before is above a ceiling")
	}
	v.undo = v.undo[:n-1]
	from := v.both()
	if v.state == Paused {
		v.rest = y
		y.rate, y.from, y.over, y.closed = v.rate, v.from, v.over, v.closed
	}
	v.turnTo(t, y)
	v.holder = last.holder
	if v.holder == ByProfile {
		if err := v.giveBack(t); err != nil {
			v.holder = ByProfile // the phases had ended; their last setting stands again
		}
	}
	return Applied{Event: v.event(t, o.By, o.Do.String(), from, v.both(), false)}, nil, nil
}

// both is the whole setting in short.
func (v *driver) both() string {
	x := v.dials
	if v.state == Paused {
		x = v.rest
	}
	return fmt.Sprintf("rate %s, concurrency %d", x.rateText(), x.concurrency)
}

// phaseOrder gives the dials to the phases, or takes them.
func (v *driver) phaseOrder(o Order, t int64) (Applied, error) {
	if len(v.phases) == 0 {
		return Applied{}, refuse("", "this run has no phases")
	}
	from := v.both()
	switch o.Do.Word {
	case "off":
		v.interrupt(t)
		v.dials = v.still(t)
		v.flow(t)
		v.holder = o.By
		v.stale = true
	case "on":
		v.remember(o, t)
		if err := v.giveBack(t); err != nil {
			v.undo = v.undo[:len(v.undo)-1]
			return Applied{}, err
		}
		v.undo[len(v.undo)-1].text = v.both() + " back to " + from
	case "skip", "restart":
		if v.state == Paused {
			return Applied{}, refuse("resume first", "the load is paused")
		}
		v.holder = ByProfile
		v.phaseLeft = 0
		if o.Do.Word == "restart" {
			v.index = 0
			v.turnTo(t, v.base())
		} else {
			if v.over > 0 { // what a skipped ramp would have reached
				y := v.dials
				y.over = 0
				v.turnTo(t, y)
			}
			v.index++
		}
		v.advance(t)
	}
	return Applied{Event: v.event(t, o.By, o.Do.String(), from, v.both(), false)}, nil
}

// stopOrder ends the run, at once or when what is in flight has finished.
func (v *driver) stopOrder(o Order, t int64) (Applied, []victim, error) {
	if v.state == Ready {
		v.state, v.ending, v.short = Ended, byOperator, true
		return Applied{Event: v.event(t, o.By, o.Do.String(), "", "", false)}, nil, nil
	}
	from := "rate " + v.rateText()
	why := byOperator
	if o.By == BySignal || o.By == ByGuard {
		why = string(o.By)
	}
	v.stop(t, why)
	var cuts []victim
	if o.Do.Now {
		v.short = true
		v.d.stopFlow(t, true)
		cuts = v.d.choose(len(v.d.slots), byStop)
	}
	return Applied{Event: v.event(t, o.By, o.Do.String(), from, "rate 0", false)}, cuts, nil
}

// choose picks up to n busy slots to be ended from outside.
func (d *dispatcher) choose(n int, who killer) []victim {
	var out []victim
	for _, s := range d.slots {
		if len(out) >= n {
			break
		}
		if w := s.word.Load(); w&phaseMask == inflight || w&phaseMask == connecting {
			out = append(out, victim{s, w, who})
		}
	}
	return out
}
