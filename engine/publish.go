package engine

import (
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
)

// auditOK is what the audit says when nothing is lost and nothing is counted
// twice.
const auditOK = "ok"

// publishUnbegun publishes a run that has not begun; later that is the
// recorder's.
func (r *Run) publishUnbegun() {
	r.disp.mu.Lock()
	defer r.disp.mu.Unlock()
	if !r.started.Load() {
		r.rec.state.driver = r.disp.driver
		r.publish(0)
	}
}

// publish builds a snapshot of the last scan. The recorder's goroutine calls
// it, and before the start publishUnbegun.
func (r *Run) publish(now int64) {
	c := &r.rec
	c.rev++
	st := &c.state
	v := &st.driver
	p := r.profile
	first := v.opening()
	s := &Snapshot{
		Rev: c.rev, Run: r.options.ID, Profile: p.Name, Target: p.Target, Host: hostOf(p.Target), Addrs: *r.addrs.Load(),
		Protocol: r.transport.Protocol(), State: v.state, Ending: v.ending, CutShort: v.short,
		At: time.Duration(now), Duration: r.options.Duration, Model: "open", Seed: r.options.Seed,
		First: first.dial(0, false), Dial: v.seen(now), Ceiling: v.bounds.Ceiling, Holder: v.holder,
		Slots: st.open, Draining: max(0, st.open-st.limit), Backlog: c.gauge.Backlog, Oldest: st.oldest,
		InFlight: c.gauge.InFlight, Connecting: c.gauge.Connecting,
		View: c.m.View(), Events: v.events, Notices: v.notices, Probe: r.probe.Load(),
		Health: c.report, InvalidSeconds: c.invalid, Seconds: c.judged + 1,
	}
	if !r.epoch.IsZero() {
		s.Began = r.wall(0)
	}
	if v.closed {
		s.Model = "closed"
	}
	switch v.state {
	case Stopping, Ended:
		s.Halted = time.Duration(v.halt)
	}
	if v.state == Ended {
		s.At = s.Halted
	}
	s.Phases = c.phases(now)
	if st.undoable {
		s.UndoText, s.Undo = st.undo.text, st.undoTexts
		x := v.dials
		if v.state == Paused {
			x = v.rest
		}
		s.UndoRaises = x.raises(&st.undo.before)
	}
	if s.Audit = s.View.Audit; s.Audit == "" {
		s.Audit = auditOK
	}
	s.SlotWaitP50 = c.m.LastSecond().SlotP50
	s.HealthVerdict, s.HealthReasons = c.totals.Verdict(), c.totals.Reasons()
	s.Wire = wireFacts(r.facts(), c.parts)
	s.Wire.Requests, s.Wire.Probe = st.sent+r.figures.apart.requests.Load(), s.Probe != nil
	s.Traffic = c.traffic(now, s.View.Segments)
	s.Traffic.RetryAfter = retryAfterFacts(&s.View.Run)
	s.Verdict = verdict(s)
	r.snapshot.Store(s)
}

// wireFacts are the figures of the transport, and what each address did.
func wireFacts(f wire.Facts, parts []measure.Part) WireFacts {
	w := WireFacts{Full: f.Full, Resumed: f.Resumed}
	for i := range parts {
		if n := int(parts[i].Address); n < len(f.Addresses) {
			w.Addresses = append(w.Addresses, AddressFacts{f.Addresses[n].String(), parts[i]})
		}
	}
	return w
}

// phases tells where the plan is.
func (c *recording) phases(now int64) PhaseState {
	v := &c.state.driver
	p := PhaseState{Count: len(v.phases)}
	if p.Count == 0 {
		return p
	}
	p.Index = v.index + 1
	p.Done = v.index >= p.Count
	p.Driving = v.holder == ByProfile && !p.Done
	if !p.Done {
		p.Text = v.phases[v.index].Text
		p.Left = time.Duration(c.state.wantsLeft)
		p.Wants = c.state.wants.dial(now, false)
	}
	return p
}

// share is part of all in percent; 0 of nothing.
func share(part, all int64) float64 {
	if all == 0 {
		return 0
	}
	return 100 * float64(part) / float64(all)
}

// current is the segment that is open, nil before the first one.
func (s *Snapshot) current() *measure.Segment {
	if n := len(s.View.Segments); n > 0 {
		return s.View.Segments[n-1]
	}
	return nil
}
