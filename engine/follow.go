package engine

import (
	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/profiles/answer"
)

// follow decides what comes after an exchange of a flow: the same request
// again, polls of the job that it began, the next step, or nothing. It delivers
// the sample once the request has come to its end, and reports whether the slot
// goes on, with *tk.
func (s *slot) follow(tk *ticket, res *wire.Result, sample *measure.Sample, who killer) bool {
	r, f := s.r, tk.flow
	e := &r.endpoints[tk.endpoint]
	a := answer.Answer{Status: res.Status, Head: res.Head, Body: res.Content, Size: res.Body}
	if f.stage == polling {
		return s.polled(tk, res, &a, sample, who)
	}
	began := f.judge(e, &a, sample)
	f.attempts++
	if e.retry != nil {
		r.tries.add(sample)
	}
	if f.stage == retrying {
		f.merge(sample)
	}
	refused := sample.Class == measure.Error && res.Fault.BeforeSend()
	if wait, again := f.again(e, sample, who); again && r.disp.sendAgain(s, f, sample, wait) {
		s.restAfter(refused, 0)
		return r.disp.next(s, tk)
	}
	r.figures.retries.end(f.attempts, sample.Class == measure.OK)
	if e.script.cookies {
		f.setCookies(res.Head)
	}
	ok := sample.Class == measure.OK
	if ok && e.job != nil {
		if began {
			began = f.beginJob(e.job, sample, &a)
			ok = began
		} else {
			e.job.figures.doneAtOnce(sample)
		}
	}
	if sample.T8 < res.T8 { // the last attempt did not leave: the request ended with the one before it
		r.disp.mu.Lock()
		r.disp.giveBack(s, sample.T8)
		r.disp.mu.Unlock()
	}
	s.deliver(sample)
	at := s.restAfter(refused, sample.T8)
	switch {
	case began:
		f.stage = polling
		return r.disp.hold(s, f, tk, sample.T8+min(e.job.pause(f.rng, res), int64(e.job.within)))
	case sample.Class == measure.Superseded || sample.Class == measure.Cut || sample.Class == measure.Stopped:
		f.drop()
		return r.disp.next(s, tk)
	}
	return s.onward(tk, ok, at)
}

// restAfter pauses a slot of the closed model whose request could not leave:
// without a plan nothing else paces dials to a target that refuses them. It
// returns when what follows the request may begin: at, or after the pause.
func (s *slot) restAfter(refused bool, at int64) int64 {
	if !refused || !s.r.closed.Load() {
		return at
	}
	s.r.rest(dialRest)
	return s.r.now()
}

// judge holds an answer that came well against what the step expects besides
// its status, and takes what it captures. It reports whether a job began.
func (f *flow) judge(e *endpoint, a *answer.Answer, sample *measure.Sample) (began bool) {
	if sample.Class != measure.OK {
		return false
	}
	if failed, ok := e.fits(a); !ok {
		f.r.unmet(sample, "not so: "+failed.String())
		return false
	}
	if e.job != nil {
		began = e.job.accepts(a)
		if !began && !e.job.done.Holds(a) {
			f.r.unmet(sample, "neither accepted nor done")
			return false
		}
	}
	if missing := f.keep(e, a); missing != nil {
		f.r.unmet(sample, "nothing to capture: "+missing.String())
		return false
	}
	return began
}

// unmet books an answer as one that failed a check.
func (r *Run) unmet(sample *measure.Sample, why string) {
	sample.Class = measure.Assert
	r.figures.noteUnmet(why)
}

// onward goes to the step after the one that ended at the time at, on the same
// slot if it need not wait.
func (s *slot) onward(tk *ticket, ok bool, at int64) bool {
	r, f := s.r, tk.flow
	sc := f.script
	f.failed = f.failed || !ok
	if !ok && !sc.goesOn || int(f.endpoint-sc.first)+1 == sc.steps {
		f.end(at)
		return r.disp.next(s, tk)
	}
	f.endpoint++
	f.stage = stepping
	return r.disp.step(s, f, tk, at+r.endpoints[f.endpoint].pause(f.rng))
}

// end is the end of a start whose last step has ended at the time at.
func (f *flow) end(at int64) {
	if n := f.script.scenario; n >= 0 {
		f.r.figures.scenarios[n].end(f, at)
	}
	f.release()
}

// drop ends a start that the operator, or this machine, does not let finish.
func (f *flow) drop() {
	if n := f.script.scenario; n >= 0 {
		f.r.figures.scenarios[n].drop()
	}
	f.release()
}

// hold parks a slot whose flow goes on at due: a user who thinks, a job that
// is asked for later. It reports whether the slot goes on, with *tk.
func (d *dispatcher) hold(s *slot, f *flow, tk *ticket, due int64) bool {
	d.mu.Lock()
	d.holdBack(f, due)
	d.mu.Unlock()
	return d.next(s, tk)
}

// holdBack keeps a flow until due. The caller holds the lock.
func (d *dispatcher) holdBack(f *flow, due int64) {
	state := d.driver.state
	switch {
	case f.stage == polling && d.forgotten:
		f.forgetJob()
		return
	case f.stage == stepping && (state == Stopping || state == Ended):
		f.drop()
		return
	}
	if state == Paused {
		due -= d.r.now() - d.pausedAt // no time passes until the load goes on
	}
	first := d.waits.next()
	d.waits.push(f, due)
	if due < first {
		d.r.sleeper.Wake()
	}
}

// step goes on with the next step of a scenario, due at due: at once if that
// has come and the slot may stay.
func (d *dispatcher) step(s *slot, f *flow, tk *ticket, due int64) bool {
	d.mu.Lock()
	now := d.r.now()
	if due > now || due >= d.driver.next() || d.halted || d.over || d.open > d.limit || !d.mayWire(now) {
		d.holdBack(f, due)
		d.mu.Unlock()
		return d.next(s, tk)
	}
	d.giveBack(s, now)
	*tk = d.grant(s, d.intendStep(f, due, now), now)
	d.mu.Unlock()
	return true
}

// intendStep counts a step whose time has come.
func (d *dispatcher) intendStep(f *flow, t0, now int64) waiting {
	d.intended++
	return waiting{t0: t0, t1: now, seq: f.seq, segment: d.r.segment.Load(), endpoint: f.endpoint, flow: f}
}

// mature moves on what has waited for its time, up to upTo: steps become
// requests that are due, polls and further attempts become ready for a slot.
// spare is how many slots the caller has at hand besides the idle ones. The
// caller holds the lock.
func (d *dispatcher) mature(now, upTo int64, spare int) {
	for f := d.retries.take(upTo); f != nil; f = d.retries.take(upTo) {
		d.ready.push(f, f.due)
	}
	for f := d.waits.take(upTo); f != nil; f = d.waits.take(upTo) {
		if f.stage == polling {
			d.ready.push(f, f.due)
			continue
		}
		w := d.intendStep(f, f.due, now)
		switch {
		case now-f.due > stallLimit:
			d.drop(measure.Generator, now, w)
		case d.shed && d.waiting.len() >= d.idle.n+max(0, d.limit-d.open)+spare:
			d.drop(measure.Shed, now, w)
		default:
			d.waiting.push(w)
		}
	}
}

// hand gives slots to what is ready, before anything new: it was begun earlier.
// The caller holds the lock.
func (d *dispatcher) hand(now int64, out []wake) []wake {
	for len(out) < releaseMax && d.ready.Len() > 0 && d.mayWire(now) {
		s := d.free(now)
		if s == nil {
			break
		}
		out = append(out, wake{s, d.grantFlow(s, d.ready.take(never), now)})
	}
	return out
}

// grantFlow gives a slot to a poll or to a further attempt.
func (d *dispatcher) grantFlow(s *slot, f *flow, now int64) ticket {
	tk := ticket{t0: now, t1: now, t2: now, seq: f.seq, segment: d.r.segment.Load(), endpoint: f.endpoint, flow: f}
	if f.stage == retrying {
		tk.t0, tk.t1, tk.t2, tk.segment = f.first.T0, f.first.T1, f.first.T2, f.first.Segment
		s.granted, f.granted = f.granted, -1
	}
	d.spendWire(now)
	s.assign(&tk, now)
	return tk
}

// sendAgain parks a slot whose request is sent again after wait, in nanoseconds.
// It reports false, and nothing is done, if nothing may be sent any more.
func (d *dispatcher) sendAgain(s *slot, f *flow, sample *measure.Sample, wait int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if state := d.driver.state; state == Stopping || state == Ended {
		return false
	}
	s.shard.mu.Lock()
	s.park()
	s.shard.mu.Unlock()
	// The request keeps its slot in the books: its time in use goes on.
	f.granted, s.granted = s.granted, -1
	f.first, f.stage = *sample, retrying
	due := sample.T8 + wait
	if d.driver.state == Paused {
		due -= d.r.now() - d.pausedAt
	}
	first := d.retries.next()
	d.retries.push(f, due)
	if due < first {
		d.r.sleeper.Wake()
	}
	return true
}

// merge makes the sample of a further attempt that of the whole request: from
// the first attempt's send to the last one's end.
func (f *flow) merge(sample *measure.Sample) {
	first, apart := &f.first, &f.r.figures.apart
	if sample.Flags&measure.Departed != 0 {
		f.r.figures.retries.sent()
	}
	if sample.Class == measure.Superseded && first.Flags&measure.Departed != 0 {
		apart.flags(sample.Flags)
		f.attempts--
		*sample = *first // the operator ended it between two attempts
		return
	}
	apart.attempt(first, sample)
	sample.In, sample.Out = sample.In+first.In, sample.Out+first.Out
	switch {
	case first.T4 != 0:
		sample.T3, sample.T4 = first.T3, first.T4
	case sample.Flags&measure.Reused != 0:
		sample.T3 = sample.T4 // the pause between the attempts is no lag of this machine
	}
	sample.Flags |= first.Flags & measure.Departed
}

// stopFlows ends what waits for its time when the run stops: steps and further
// attempts are not sent, polls go on. The caller holds the lock.
func (d *dispatcher) stopFlows() {
	give := func(f *flow) bool {
		switch f.stage {
		case stepping:
			f.drop()
		case retrying:
			d.giveUp(f)
		default:
			return false
		}
		return true
	}
	d.waits.sift(give)
	d.retries.sift(give)
	d.ready.sift(give)
}

// giveUp ends a request that waited for another attempt with the outcome of
// the last one.
func (d *dispatcher) giveUp(f *flow) {
	if f.granted >= 0 {
		d.held.n--
		d.held.since -= f.granted
		d.held.nanos += f.first.T8 - f.granted // as its record says
		f.granted = -1
	}
	d.r.figures.retries.end(f.attempts, false)
	d.shard.mu.Lock()
	d.shard.append(&f.first, &d.r.batches)
	d.shard.mu.Unlock()
	f.end(f.first.T8)
}

// forgetJobs ends the polls, those that a request on its way still asks for
// too: the jobs stay open in the figures. The caller holds the lock.
func (d *dispatcher) forgetJobs() {
	d.forgotten = true
	give := func(f *flow) bool {
		f.forgetJob()
		return true
	}
	d.waits.sift(give)
	d.ready.sift(give)
}

// goOnAfterPause lets time pass again for what waits.
func (d *dispatcher) goOnAfterPause(now int64) {
	d.waits.shift(now - d.pausedAt)
	d.retries.shift(now - d.pausedAt)
	d.ready.shift(0) // their time had come
}
