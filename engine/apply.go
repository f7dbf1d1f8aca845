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
	a, err := v.apply(o, t)
	a.Rev = v.rev
	v.settle(t, o.By, "")
	d.unlock(append(wakes, d.shrink()...))
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

// unlock releases the lock, and then sends the wakes and ends the requests that
// were chosen for it.
func (d *dispatcher) unlock(wakes []wake) {
	cuts := d.cuts
	d.cuts = nil
	d.mu.Unlock()
	for i := range wakes {
		wakes[i].send()
	}
	for _, c := range cuts {
		c.s.kill(c.word, c.who)
	}
}

// victim is a request to be ended after the lock is released.
type victim struct {
	s    *slot
	word uint64
	who  killer
}

// apply does what an order says.
func (v *driver) apply(o Order, t int64) (Applied, error) {
	c := o.Do
	switch v.state {
	case Ended, Stopping:
		if c.Verb != grammar.Stop || v.state == Ended {
			return Applied{}, refuse("start a new one", "the run is ending")
		}
	case Ready:
		if !turns(c.Verb) && c.Verb != grammar.Stop {
			return Applied{}, refuse("press enter to start", "the run has not begun")
		}
	}
	text := c.String()
	done := func(from, to string) Applied { return Applied{Event: v.event(t, o.By, text, from, to, false)} }
	switch c.Verb {
	case grammar.Rate, grammar.Wave, grammar.Spike, grammar.Step, grammar.Concurrency, grammar.Arrivals, grammar.Late:
		return v.dialOrder(o, t)
	case grammar.Weight:
		return v.weightOrder(o, t)
	case grammar.Pause:
		if v.state == Paused {
			return Applied{}, refuse("resume goes on", "the load is at zero already")
		}
		from := v.describe(c)
		v.pause(t)
		return done(from, "rate 0"), nil
	case grammar.Resume:
		if v.state != Paused {
			return Applied{}, refuse("", "the load is not paused")
		}
		v.resume(t)
		return done("rate 0", v.describe(c)), nil
	case grammar.Undo:
		return v.takeBack(o, t)
	case grammar.Mark:
		return Applied{Event: v.event(t, o.By, c.Text, "", "", true)}, nil
	case grammar.Segment:
		v.stale = true
		return done("", ""), nil
	case grammar.Phases:
		return v.phaseOrder(o, t)
	case grammar.Stop:
		return v.stopOrder(o, t)
	case grammar.Hold:
		return Applied{}, refuse("it belongs into the phases of a profile", "hold is not a change to a running load")
	}
	return Applied{}, refuse("", "%s cannot be done here", c.Verb)
}

// turns reports whether a verb turns a dial.
func turns(v grammar.Verb) bool {
	switch v {
	case grammar.Rate, grammar.Wave, grammar.Spike, grammar.Step, grammar.Concurrency, grammar.Arrivals, grammar.Late:
		return true
	}
	return false
}

// weight changes the mix from t on. It is no dial: it takes nothing from the
// phases, and what waits stays.
func (v *driver) weight(t int64, by By, c grammar.Change) error {
	x, k, err := v.weigh(c)
	if err != nil {
		return err
	}
	from := v.weightText(v.mix, k)
	v.setMix(x, c.String())
	v.event(t, by, c.String(), from, v.weightText(x, k), false)
	return nil
}

// weightOrder changes the mix for an operator.
func (v *driver) weightOrder(o Order, t int64) (Applied, error) {
	before := v.mix
	o.Gesture = 0
	if _, _, err := v.weigh(o.Do); err != nil {
		return Applied{}, err
	}
	v.remember(o, t)
	if err := v.weight(t, o.By, o.Do); err != nil {
		return Applied{}, err
	}
	e, last := v.events[len(v.events)-1], &v.undo[len(v.undo)-1]
	last.before.mix, last.weight, last.text = before, [2]string{e.From, e.To}, e.To+" back to "+e.From
	return Applied{Event: e}, nil
}

// setMix makes x the mix of the load; what did it labels the segment.
func (v *driver) setMix(x *shares, what string) {
	v.mix, v.rest.mix = x, x
	v.d.reweigh(x)
	v.mixed()
	v.stale, v.weighed = true, what
}

// dialOrder turns a dial.
func (v *driver) dialOrder(o Order, t int64) (Applied, error) {
	c := v.d.r.inUnit(o.Do)
	if o.Rev != 0 && o.Rev != v.rev {
		return Applied{}, ErrMoved
	}
	if c.Verb == grammar.Rate && c.Name != "" {
		return Applied{}, refuse("write it into the phases of the profile", "a file is replayed only in phases")
	}
	x, at := v.dials, t
	if v.state == Paused {
		x, at = v.rest, 0 // it stands still
	}
	if v.state == Ready || v.state == Paused {
		c.Over = 0 // nothing moves while the load is at zero
	}
	y, clamped, err := x.turn(c, at, &v.bounds, o.By == ByKey)
	if err != nil {
		return Applied{}, err
	}
	if v.state == Ready {
		// The first phases are replaced, not interrupted: nothing has run yet.
		v.dials, v.first = y, y
		v.rev++
		v.d.limit = y.concurrency
		v.d.shed = y.late == "shed"
		v.holder = o.By
		return Applied{Clamped: clamped}, nil
	}
	v.remember(o, t)
	from := v.describe(c)
	v.take(t, o.By)
	if v.state == Paused {
		v.rest = y
		y.course, y.back = v.course, v.back
	}
	v.turnTo(t, y)
	to := v.describe(c)
	v.cut(c)
	a := Applied{Event: v.event(t, o.By, c.String(), from, to, false), Clamped: clamped}
	if n := len(v.undo); n > 0 {
		v.undo[n-1].text = to + " back to " + v.undo[n-1].describe(c)
	}
	return a, nil
}

// cut ends the surplus at once, where a change of the concurrency says so.
func (v *driver) cut(c grammar.Change) {
	if c.Cut {
		v.d.choose(v.d.open-v.d.idle.n-v.d.limit, byCut)
	}
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
	now, before := v.dials, v.kept(t)
	if v.state == Paused {
		now, before = v.rest, v.rest.kept(0)
	}
	if len(v.undo) == undoMax {
		v.undo = v.undo[1:]
	}
	v.undo = append(v.undo, step{gesture: o.Gesture, before: before, course: now.course, holder: v.holder})
}

// takeBack undoes the last gesture, and gives the dials back to whom they were
// taken from.
func (v *driver) takeBack(o Order, t int64) (Applied, error) {
	n := len(v.undo)
	if n == 0 {
		return Applied{}, refuse("", "there is nothing to take back")
	}
	last := v.undo[n-1]
	y := last.before
	if is := last.weight; is[1] != "" {
		v.undo = v.undo[:n-1]
		v.setMix(y.mix, is[0])
		return Applied{Event: v.event(t, o.By, o.Do.String(), is[1], is[0], false)}, nil
	}
	y.mix = v.mix
	if y.top() > v.bounds.Rate || y.concurrency > v.bounds.Concurrency {
		return Applied{}, refuse("", "the setting before is above a ceiling")
	}
	v.undo = v.undo[:n-1]
	from := v.both()
	switch {
	case v.state == Paused:
		if last.course == v.rest.course {
			y.course, y.back = v.rest.course, v.rest.back
		}
		v.rest = y
		y.course, y.back = v.course, v.back
	case last.course == v.course: // another dial was turned
		y.course, y.back = v.course, v.back
	default:
		y = y.thawed(t)
	}
	v.turnTo(t, y)
	v.holder = last.holder
	if v.holder == ByProfile {
		if err := v.giveBack(t); err != nil {
			v.holder = ByProfile // the phases had ended; their last setting stands again
		}
	}
	return Applied{Event: v.event(t, o.By, o.Do.String(), from, v.both(), false)}, nil
}

// both is the whole setting in short.
func (v *driver) both() string {
	x := v.dials
	if v.state == Paused {
		x = v.rest
	}
	return fmt.Sprintf("%s, concurrency %d", x.rateChange(), x.concurrency)
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
		if v.motion == ramp || v.motion == stairs || v.motion == replay {
			v.dials = v.still(t)
			v.flow(t)
		}
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
			if end := v.course.next(); end != never { // what a skipped ramp would have reached
				y := v.passed()
				for y.next() != never {
					end = y.next()
					y = y.passed()
				}
				v.turnTo(t, y.frozen(end).thawed(t))
			}
			v.index++
		}
		v.advance(t)
	}
	return Applied{Event: v.event(t, o.By, o.Do.String(), from, v.both(), false)}, nil
}

// stopOrder ends the run, at once or when what is in flight has finished.
func (v *driver) stopOrder(o Order, t int64) (Applied, error) {
	if v.state == Ready {
		v.state, v.ending, v.short = Ended, byOperator, true
		return Applied{Event: v.event(t, o.By, o.Do.String(), "", "", false)}, nil
	}
	from := v.rateChange()
	why := byOperator
	if o.By == BySignal || o.By == ByGuard {
		why = string(o.By)
	}
	v.stop(t, why)
	if o.Do.Now {
		v.short = true
		v.d.stopFlow(t, true)
		v.d.forgetJobs()
		v.d.choose(len(v.d.slots), byStop)
	}
	return Applied{Event: v.event(t, o.By, o.Do.String(), from, "rate 0", false)}, nil
}

// choose picks up to n busy slots, to be ended when the lock is released.
func (d *dispatcher) choose(n int, who killer) {
	for _, s := range d.slots {
		if n <= 0 {
			break
		}
		if w := s.word.Load(); w&phaseMask == inflight || w&phaseMask == connecting {
			d.cuts = append(d.cuts, victim{s, w, who})
			n--
		}
	}
}
