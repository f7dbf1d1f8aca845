package engine

// mayWire reports whether the ceiling lets one more request on the wire that no
// arrival asked for: a step, a poll or a further attempt.
func (d *dispatcher) mayWire(now int64) bool {
	d.fillWire(now)
	d.owed = d.owed && d.waiting.len() > 0
	return d.wire >= 1 && !d.owed
}

// mayPop reports whether the head of the backlog may have a slot that is free:
// a step only under the ceiling, and then before polls and further attempts.
// The backlog must not be empty.
func (d *dispatcher) mayPop(now int64) bool {
	d.owed = false
	if d.waiting.first().flow != nil {
		d.owed = !d.mayWire(now)
	}
	return !d.owed
}

// spendWire books a request against the ceiling. Arrivals, which the dial holds
// below it, may draw it below zero; then the others wait.
func (d *dispatcher) spendWire(now int64) {
	d.fillWire(now)
	d.wire--
}

func (d *dispatcher) fillWire(now int64) {
	rate := d.r.ceiling.Rate
	d.wire = min(d.wire+float64(now-d.wired)*rate/1e9, max(1, rate/100)) // at most 10 ms saved up
	d.wire = max(d.wire, -rate)
	d.wired = now
}

// beginClosed begins a request of the closed model, or says how many
// nanoseconds the ceiling asks to wait. The caller holds the lock.
func (d *dispatcher) beginClosed(s *slot, tk *ticket, now int64) int64 {
	if d.r.extras && !d.mayWire(now) {
		return int64(max(1-d.wire, 0)*1e9/d.r.ceiling.Rate) + recheck
	}
	s.shard.mu.Lock()
	wait := s.begin(tk, now)
	s.shard.mu.Unlock()
	if d.r.extras && wait == 0 {
		d.spendWire(now)
	}
	return wait
}
