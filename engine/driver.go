package engine

import (
	"fmt"
	"math"
	"time"

	"stoke/engine/measure"
	"stoke/engine/pace"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// driver turns the dials: for the phases when their time has come, for the
// operator at once. It is part of the dispatcher and guarded by its lock.
type driver struct {
	d *dispatcher
	dials
	bounds     bounds
	state      State
	ending     string
	short      bool // it ended before its plan did
	holder     By
	profileMix *shares // the shares as the profile has them
	first      dials   // ordered before the start; without a concurrency if nothing was

	halt    int64  // when the load was halted last: pause or stop
	rest    dials  // while paused: the setting to resume, standing still
	end     int64  // of the planned duration
	stale   bool   // a change was made that is not yet in a segment
	weighed string // the newest change of the mix that is not yet in a segment
	rev     uint64 // grows with every turn of the dials, from 1

	phases    []profiles.Phase
	index     int   // of the present phase
	phaseEnd  int64 // when it ends; never while the phases do not drive
	phaseLeft int64 // of a phase that was interrupted
	before    dials // a phase's pause: the setting to resume, standing still
	replays   replays
	endAfter  bool // the run ends with the phases

	events  []Event
	notices []Notice
	undo    []step
}

// step is one gesture that can be taken back.
type step struct {
	gesture uint64
	before  dials  // standing still
	course  course // as it was, its clock going
	holder  By
	text    string
	weight  [2]string // of the mix, not of a dial: what it was and what it became
}

// byOperator is the ending of a run that its operator stopped in peace.
const byOperator = "operator"

// undoMax is how many gestures are kept.
const undoMax = 100

// undoShown is how many gestures a snapshot tells.
const undoShown = 9

// undoTexts says what undo would take back, the newest first.
func (v *driver) undoTexts() []string {
	var texts []string
	for i := len(v.undo) - 1; i >= 0 && len(texts) < undoShown; i-- {
		texts = append(texts, v.undo[i].text)
	}
	return texts
}

// noticesMax is how many notices are kept.
const noticesMax = 20

// next is when time itself changes something: a ramp or a phase ends, or the
// run does.
func (v *driver) next() int64 {
	next := v.end
	if v.state == Running {
		next = min(next, v.course.next(), v.phaseEnd)
	}
	return next
}

// fire does what time t brings. Everything that falls together is one change
// of setting.
func (v *driver) fire(t int64) {
	if t >= v.end {
		v.stop(t, "duration")
		return
	}
	by := v.holder
	if t >= v.course.next() {
		v.pass(t)
	}
	if t >= v.phaseEnd {
		v.index++
		v.advance(t)
	}
	v.settle(t, by, "")
}

// pass does what the rate does by itself at t. The next step of stairs and the
// end of a spike are changes of the rate; a ramp and a wave end in the rate that
// they have.
func (v *driver) pass(t int64) {
	moved, from := v.motion, v.rateChange()
	y := v.passed()
	switch moved {
	case stairs, spike:
		v.turnTo(t, y)
		v.event(t, v.holder, v.rateChange(), from, v.rateChange(), false)
	case ramp:
		v.dials, v.stale = y, true
	default:
		v.dials, v.stale = y, true
		v.flow(t)
	}
}

// advance carries out phases from the present one on, until one takes time. Phases
// of which none does are no plan with an end but a setting, and it holds.
func (v *driver) advance(t int64) {
	whole := v.index == 0
	for ; v.index < len(v.phases); v.index++ {
		p := &v.phases[v.index]
		switch p.Verb {
		case grammar.Hold:
			v.phaseEnd = t + int64(p.For)
			return
		case grammar.Mark:
			v.event(t, ByProfile, p.Text, "", "", true)
			continue
		case grammar.Segment:
			v.stale = true
			continue
		case grammar.Stop:
			v.stop(t, "plan")
			return
		}
		from := v.describe(p.Change)
		switch p.Verb {
		case grammar.Weight:
			if err := v.weight(t, ByProfile, p.Change); err != nil {
				v.event(t, ByProfile, p.Text+": "+err.Error(), "", "", false)
			}
			continue
		default:
			y, err := v.phase(v.dials, p.Change, t, &v.before)
			if err != nil {
				v.event(t, ByProfile, p.Text+": "+err.Error(), from, from, false)
				continue
			}
			v.turnTo(t, y)
			v.cut(p.Change)
		}
		v.event(t, ByProfile, p.Change.String(), from, v.describe(p.Change), false)
		if lasts := v.lasts(p.Change); lasts > 0 {
			v.phaseEnd = t + lasts
			return
		}
	}
	v.phaseEnd = never
	v.endAfter = v.endAfter && !whole
	switch {
	case len(v.phases) == 0 || v.holder != ByProfile:
	case v.endAfter:
		v.stop(t, "plan")
	default:
		v.notice(t, "the phases are done: the last setting holds until you end the run")
	}
}

// phase is the setting x after a phase at t. A pause leaves in before what its
// resume brings back.
func (v *driver) phase(x dials, c grammar.Change, t int64, before *dials) (dials, error) {
	switch {
	case c.Verb == grammar.Pause:
		*before = x.frozen(t)
		x.course, x.back = holdAt(0, t), course{}
		return x, nil
	case c.Verb == grammar.Resume:
		x.course, x.back = before.thaw(t), before.back
		return x, nil
	case c.Verb == grammar.Rate && c.Name != "":
		r := v.replays[c]
		if r == nil {
			return x, refuse("", "the file was not read")
		}
		x.course = course{motion: replay, began: t, over: int64(r.Length()), do: c, file: r}
		x.back = course{}
		return x, nil
	}
	y, _, err := x.turn(v.d.r.inUnit(c), t, &v.bounds, true)
	return y, err
}

// notice tells the operator something that is not a change.
func (v *driver) notice(t int64, text string) {
	if len(v.notices) == noticesMax {
		v.notices = v.notices[1:]
	}
	v.notices = append(v.notices, Notice{At: time.Duration(t), Text: text})
}

// turnTo makes y the setting from t on. A segment for it is opened by settle.
func (v *driver) turnTo(t int64, y dials) {
	x := v.dials
	v.dials = y
	v.rev++
	v.stale = v.stale || x != y
	d := v.d
	if y.arrivals != x.arrivals {
		d.sched.SetArrivals(t, y.arrivals)
	}
	if y.late != x.late {
		d.shed = y.late == "shed"
	}
	if y.concurrency != x.concurrency {
		d.limit = y.concurrency
	}
	if y.mix != x.mix {
		d.reweigh(y.mix)
		v.bounds.Ceiling = d.r.dialCeiling()
	}
	if y.course != x.course {
		d.supersede(t)
		v.flow(t)
	}
}

// flow tells the schedule what the dials say from t on.
func (v *driver) flow(t int64) {
	d := v.d
	switch {
	case d.halted || v.closed:
		d.sched.Hold(t, 0)
	case v.motion == ramp:
		d.sched.Ramp(t, v.rateAt(t), v.rate, time.Duration(v.began+v.over-t))
	case v.motion == wave:
		d.sched.Wave(t, v.do.From, v.do.To, v.do.Every, time.Duration(v.into(t)))
	case v.motion == replay:
		d.sched.Replay(t, v.file, time.Duration(t-v.began))
	default:
		d.sched.Hold(t, v.rate)
	}
	d.r.closed.Store(v.closed && !d.halted)
}

// settle opens a segment if the setting is a new one.
func (v *driver) settle(t int64, by By, label string) {
	if !v.stale || v.state == Ended {
		return
	}
	v.stale = false
	if label == "" {
		label, v.weighed = v.weighed, ""
	}
	if label == "" && v.d.r.profile.OnLimited == profiles.LimitedObey {
		label = "closed by the limiter: its waits are obeyed"
	}
	seg := measure.Segment{Kind: measure.Hold, Setting: v.setting(t), By: string(by), Label: label, From: t, Open: true}
	switch {
	case v.state == Paused:
		seg.Kind, seg.Setting.Rate, seg.Setting.RateTo = measure.Paused, 0, 0
	case v.state == Stopping:
		return
	default:
		seg.Kind = motionKinds[v.motion]
		if v.motion != stairs && seg.Label == "" {
			seg.Label = v.shapeText()
		}
	}
	seg.ID = v.d.r.nextSegment()
	v.d.opens = append(v.d.opens, seg)
}

// describe is the part of the setting that a change is about, in the grammar.
func (v *driver) describe(c grammar.Change) string {
	switch c.Verb {
	case grammar.Concurrency:
		return fmt.Sprintf("concurrency %d", v.concurrency)
	case grammar.Arrivals:
		return "arrivals " + string(v.arrivals)
	case grammar.Late:
		return "late " + v.late
	}
	if v.state == Paused {
		return v.rest.rateChange()
	}
	return v.rateChange()
}

// opening is the setting before the first event.
func (v *driver) opening() dials {
	if v.first.concurrency == 0 {
		return v.base()
	}
	return v.first
}

// seen is the setting as snapshots and events show it.
func (v *driver) seen(t int64) Dial {
	var d Dial
	switch v.state {
	case Paused:
		d = v.rest.dial(0, true)
	case Stopping, Ended:
		d = v.dial(t, false)
		d.Now, d.RampLeft, d.Shape = 0, 0, Shape{}
	default:
		d = v.dial(t, false)
	}
	d.Rev = v.rev
	return d
}

// event writes down what was done.
func (v *driver) event(t int64, by By, do, from, to string, mark bool) Event {
	e := Event{
		ID: len(v.events) + 1, At: time.Duration(t), Wall: v.d.r.wall(t), By: by,
		Do: do, From: from, To: to, Segment: int(v.d.r.segment.Load()), Mark: mark,
		After: v.seen(t), Halted: v.state != Running,
	}
	if v.mix != v.profileMix {
		e.Shares = v.mix.percents()
	}
	v.events = append(v.events, e)
	return e
}

// take gives the dials to whom a change came from. It reports whether the
// phases lost them by it.
func (v *driver) take(t int64, by By) {
	if !by.Operator() {
		return
	}
	if v.holder == ByProfile {
		if v.interrupt(t); len(v.phases) > 0 && v.index < len(v.phases) {
			v.notice(t, "you drive the dials: the phases wait, p hands the dials back")
		}
	}
	v.holder = by
}

// interrupt stops the clock of the phases at t.
func (v *driver) interrupt(t int64) {
	if v.phaseEnd != never {
		v.phaseLeft, v.phaseEnd = max(0, v.phaseEnd-t), never
	}
}

// pause brings the load to zero at once and keeps the setting.
func (v *driver) pause(t int64) {
	if v.holder == ByProfile {
		v.interrupt(t)
	}
	v.rest = v.frozen(t)
	v.state, v.stale = Paused, true
	v.d.stopFlow(t, true)
	v.d.sched.Hold(t, 0)
}

// resume goes on with the setting that was paused.
func (v *driver) resume(t int64) {
	v.dials = v.rest.thawed(t)
	v.state, v.stale = Running, true
	v.d.halted = false
	v.d.goOnAfterPause(t)
	v.flow(t)
	if v.holder == ByProfile && v.index < len(v.phases) {
		v.phaseEnd = t + v.phaseLeft
	}
}

// wants is the setting that the phases left off at.
func (v *driver) wants(t int64) (dials, bool) {
	if v.index >= len(v.phases) {
		return v.dials, false
	}
	x, before, clock := v.base(), dials{}, int64(0)
	x.mix = v.mix // weights are not taken from the phases, so they do not come back with them
	for i := 0; i <= v.index; i++ {
		p := v.phases[i].Change
		switch p.Verb {
		case grammar.Pause, grammar.Resume, grammar.Rate, grammar.Wave, grammar.Spike, grammar.Step,
			grammar.Concurrency, grammar.Arrivals, grammar.Late:
			if y, err := v.phase(x, p, clock, &before); err == nil {
				x = y
			}
		}
		if lasts := v.lasts(p); i < v.index {
			clock += lasts
		} else {
			clock += max(lasts-v.left(t), 0)
		}
		x = x.reached(clock)
	}
	return x.frozen(clock).thawed(t), true
}

// left is how much of the present phase is to come.
func (v *driver) left(t int64) int64 {
	if v.phaseEnd != never {
		return max(0, v.phaseEnd-t)
	}
	return v.phaseLeft
}

// base is the setting of a run before its first phase.
func (v *driver) base() dials {
	p := v.d.r.profile
	if v.profileMix == nil {
		v.profileMix = v.d.mix.shares.Load()
	}
	return dials{
		course: holdAt(math.Min(defaultRate, v.bounds.Rate), 0), mix: v.profileMix, concurrency: min(p.Concurrency, v.bounds.Concurrency),
		arrivals: pace.Arrivals(p.Arrivals), late: p.Late,
	}
}

// giveBack lets the phases drive again, from where they stopped.
func (v *driver) giveBack(t int64) error {
	y, ok := v.wants(t)
	if !ok {
		return refuse("phases restart begins them again", "the phases have ended")
	}
	v.holder = ByProfile
	left := v.left(t)
	v.turnTo(t, y)
	if v.state == Paused {
		v.rest, v.phaseLeft = y.frozen(t), left
		return nil
	}
	v.phaseEnd = t + left
	return nil
}

// stop ends the arrivals; what is in flight finishes.
func (v *driver) stop(t int64, why string) {
	if v.state == Stopping || v.state == Ended {
		return
	}
	bounded := v.end != never || v.endAfter && v.holder == ByProfile
	planned := why == "duration" || why == "plan" || why == "data"
	v.short = !planned && (bounded || why != byOperator)
	if v.state == Paused {
		v.d.goOnAfterPause(t) // jobs are asked for at their pace, not all at once
	}
	v.state, v.ending = Stopping, why
	v.end, v.phaseEnd = never, never
	v.halt = t
	// A request that is just leaving when the plan is over belongs to the plan.
	v.d.stopFlow(t, !planned)
	v.d.sched.Hold(t, 0)
}
