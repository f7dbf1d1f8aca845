package engine

import (
	"math"
	"sync"

	"stoke/engine/measure"
)

const (
	// stallLimit is how old a request may be when the pacer finds it due. What
	// is older was held up by this machine and is not sent, so that the largest
	// burst after a stall is the rate times this. Nanoseconds.
	stallLimit = int64(100e6)
	// releaseMax bounds the requests released under one hold of the lock.
	releaseMax = 256
	// missMax bounds the arrivals counted as missed under one hold of the lock:
	// after an hour's sleep there are millions.
	missMax = 1 << 16
	// openBurst is how many slots may be opened for the first time at once
	// after a quiet moment.
	openBurst = 64
	// recheck is how soon the pacer looks again when only the pace of opening
	// slots holds requests back. Nanoseconds.
	recheck = int64(1e6)
)

// dispatcher is the only one that knows the future: it holds the schedule, the
// requests that wait and the slots that idle, so a change reaches everyone
// under its lock.
type dispatcher struct {
	r  *Run
	mu sync.Mutex

	sched    Schedule
	mix      *mix
	intended int64 // requests whose time has come: arrivals, and steps after the first
	starts   int64 // arrivals
	unsent   int64 // of these, dropped before they got a slot
	waiting  backlog
	maxLate  int64
	shed     bool

	slots   []*slot // every slot ever opened; an index never changes
	gone    []*slot // retired ones, to be opened again
	idle    ring
	open    int     // slots that have a worker
	limit   int     // the concurrency
	held    held    // slots given out by the schedule
	opening float64 // slots that may be opened for the first time now
	opened  int64   // when opening was brought up to date

	waits     later   // users that think, jobs to be asked for
	retries   later   // requests between two attempts
	ready     later   // polls and further attempts whose time has come, without a slot
	wire      float64 // requests that the ceiling allows beside the arrivals
	wired     int64   // when wire was brought up to date
	owed      bool    // a step has a slot, but no room under the ceiling yet
	pausedAt  int64
	dry       bool // a table of unique values is used up
	forgotten bool // jobs are not followed any more

	driver  driver
	shard   shard             // samples of requests that never got a slot
	dropped []dropped         // whole backlogs, for the recorder
	missed  map[missed]int64  // arrivals that this machine slept past, for the recorder
	opens   []measure.Segment // for the recorder
	cuts    []victim          // to be ended when the lock is released
	halted  bool              // paused or stopping: nothing is begun
	over    bool              // ended: slots leave
}

// wake is a ticket on its way to a parked slot.
type wake struct {
	s  *slot
	tk ticket
}

func (w *wake) send() { w.s.wake <- w.tk }

// release hands out everything that is due at the pacer's wake-up, applies the
// events whose time has come, and returns when to wake up next. buf is the
// pacer's own room for wakes.
func (d *dispatcher) release(buf []wake) int64 {
	for {
		d.mu.Lock()
		now := d.r.now()
		out, more := buf[:0], false
		for {
			event := d.driver.next()
			if out, more = d.due(now, min(now, event-1), out); more || event > now {
				break
			}
			d.driver.fire(event)
			out = append(out, d.shrink()...)
		}
		next := d.wakeAt(now)
		d.unlock(out)
		if !more {
			return next
		}
	}
}

// wakeAt is when the pacer has something to do next. The caller holds the lock.
func (d *dispatcher) wakeAt(now int64) int64 {
	next := d.driver.next()
	if t0, ok := d.sched.Next(); ok && !d.halted {
		next = min(next, t0)
	}
	if !d.halted || d.driver.state == Stopping {
		next = min(next, d.waits.next(), d.retries.next())
		if d.ready.Len() > 0 && (d.idle.n > 0 || d.open < d.limit) {
			next = min(next, now+recheck) // the ceiling, or the pace of opening, holds them back
		}
	}
	if d.waiting.len() > 0 && (d.open < d.limit || d.idle.n > 0) {
		next = min(next, now+recheck)
	}
	if d.r.closed.Load() && !d.halted && d.open < d.limit {
		next = min(next, now+recheck)
	}
	return next
}

// due releases the requests intended at or before upTo. It reports true when
// it stopped for want of room in out. The caller holds the lock, and sends the
// wakes after it.
func (d *dispatcher) due(now, upTo int64, out []wake) ([]wake, bool) {
	if d.halted {
		if d.driver.state == Stopping { // jobs are followed to their end
			d.mature(now, now, 0)
			out = d.hand(now, out)
		}
		return out, false
	}
	d.mature(now, upTo, 0)
	out = d.hand(now, out)
	if d.r.closed.Load() && d.waiting.len() == 0 {
		return d.fill(now, out)
	}
	for d.waiting.len() > 0 && len(out) < releaseMax && d.mayPop(now) {
		s := d.free(now)
		if s == nil {
			break
		}
		out = append(out, wake{s, d.grant(s, d.waiting.pop(), now)})
	}
	for passed := 0; ; {
		t0, ok := d.sched.Next()
		if !ok || t0 > upTo {
			return out, false
		}
		if len(out) >= releaseMax || passed >= missMax {
			return out, true
		}
		d.sched.Advance()
		w := d.intend(t0, now)
		if now-t0 > stallLimit {
			passed++
			d.miss(now, &w)
			continue
		}
		if d.waiting.len() == 0 {
			if s := d.free(now); s != nil {
				out = append(out, wake{s, d.grant(s, w, now)})
				continue
			}
		}
		if d.shed && d.open >= d.limit {
			d.drop(measure.Shed, now, w)
			continue
		}
		d.waiting.push(w)
	}
}

// intend counts a request of the schedule and draws what it is.
func (d *dispatcher) intend(t0, now int64) waiting {
	d.intended++
	d.starts++
	return waiting{t0: t0, t1: now, seq: d.r.seq.Add(1), segment: d.r.segment.Load(), endpoint: d.r.draw(d.mix)}
}

// grant gives a slot to a request.
func (d *dispatcher) grant(s *slot, w waiting, now int64) ticket {
	tk := ticket{t0: w.t0, t1: w.t1, t2: max(now, w.t1), seq: w.seq, segment: w.segment, endpoint: w.endpoint, flow: w.flow}
	if d.r.extras {
		d.spendWire(now)
	}
	s.assign(&tk, tk.t2)
	s.granted = tk.t2
	d.held.n++
	d.held.since += tk.t2
	return tk
}

// giveBack ends what grant began. The caller holds the lock.
func (d *dispatcher) giveBack(s *slot, now int64) {
	if s.granted >= 0 {
		d.held.n--
		d.held.since -= s.granted
		d.held.nanos += now - s.granted
		s.granted = -1
	}
}

// held is the time that slots were out for requests of the schedule, as the
// dispatcher saw it: by its own clock at the grant and at the return, not by
// the stamps of the requests, so that the one can be held against the other.
type held struct {
	n     int64 // out now
	since int64 // the sum of their grants
	nanos int64 // slot-time of those that came back
}

// at is the integral of the slots in use over time, until now.
func (h *held) at(now int64) int64 { return h.nanos + h.n*now - h.since }

// free returns a slot that may take a request: the one that idles longest, or
// a new one if the concurrency and the pace of opening allow it.
func (d *dispatcher) free(now int64) *slot {
	if s := d.idle.pop(); s != nil {
		return s
	}
	if d.open >= d.limit || d.over || !d.mayOpen(now) {
		return nil
	}
	d.open++
	d.setSurplus()
	var s *slot
	if k := len(d.gone); k > 0 {
		s, d.gone = d.gone[k-1], d.gone[:k-1]
	} else {
		s = d.r.newSlot(len(d.slots))
		d.slots = append(d.slots, s)
	}
	s.shard.mu.Lock()
	s.shard.slots++
	s.shard.mu.Unlock()
	d.r.workers.Add(1)
	go s.work()
	return s
}

// mayOpen spends one of the openings of slots that a second allows:
// max(1000, C/2), so that a raised concurrency is no storm of connections.
func (d *dispatcher) mayOpen(now int64) bool {
	perSecond := max(1000, float64(d.limit)/2)
	d.opening = min(d.opening+float64(now-d.opened)*perSecond/1e9, openBurst)
	d.opened = now
	if d.opening < 1 {
		return false
	}
	d.opening--
	return true
}

// next gives a slot that has finished its next request, or parks it: then the
// ticket comes through its wake channel, which next reads. It reports false
// when the slot is to leave.
func (d *dispatcher) next(s *slot, tk *ticket) bool {
	for {
		d.mu.Lock()
		now := d.r.now()
		d.giveBack(s, now)
		if d.open > d.limit || d.over {
			d.leave(s)
			d.mu.Unlock()
			tk.retire = true
			return false
		}
		if f := d.pullFlow(now); f != nil {
			*tk = d.grantFlow(s, f, now)
			d.mu.Unlock()
			return true
		}
		if d.r.closed.Load() && !d.halted && d.waiting.len() == 0 {
			wait := d.beginClosed(s, tk, now)
			d.mu.Unlock()
			if wait == 0 {
				return true
			}
			d.r.rest(min(wait, int64(dialRest)))
			continue
		}
		if w, ok := d.pull(now); ok {
			*tk = d.grant(s, w, now)
			d.mu.Unlock()
			return true
		}
		d.idle.push(s)
		held := d.ready.Len() > 0 || d.waiting.len() > 0
		d.mu.Unlock()
		if held {
			d.r.sleeper.Wake() // the ceiling holds something back that this slot will be for
		}
		if *tk = <-s.wake; !tk.again {
			return !tk.retire
		}
	}
}

// pull returns the request that a slot should take without being pushed: the
// head of the backlog, or what is due when no other slot idles.
func (d *dispatcher) pull(now int64) (waiting, bool) {
	if d.halted {
		return waiting{}, false
	}
	d.expire(now)
	if d.waiting.len() > 0 {
		if !d.mayPop(now) {
			return waiting{}, false
		}
		return d.waiting.pop(), true
	}
	t0, ok := d.sched.Next()
	if !ok || t0 > now || now-t0 > stallLimit || t0 >= d.driver.next() || d.idle.n > 0 {
		return waiting{}, false
	}
	d.sched.Advance()
	return d.intend(t0, now), true
}

// pullFlow returns a poll or a further attempt for a slot that has finished.
func (d *dispatcher) pullFlow(now int64) *flow {
	if !d.r.extras || d.halted && d.driver.state != Stopping {
		return nil
	}
	d.mature(now, min(now, d.driver.next()-1), 1)
	if d.ready.Len() == 0 || !d.mayWire(now) {
		return nil
	}
	return d.ready.take(never)
}

// leave takes a slot out: its worker ends. The caller holds the lock.
func (d *dispatcher) leave(s *slot) {
	d.open--
	s.shard.mu.Lock()
	s.shard.slots--
	s.shard.mu.Unlock()
	d.setSurplus()
}

// bury keeps a slot whose worker has ended, to be opened again.
func (d *dispatcher) bury(s *slot) {
	d.mu.Lock()
	d.gone = append(d.gone, s)
	d.mu.Unlock()
}

// setSurplus tells the slots of the closed model, which do not take the lock,
// whether some of them are to leave.
func (d *dispatcher) setSurplus() {
	d.r.surplus.Store(d.open > d.limit)
	d.r.openSlots.Store(int64(max(1, d.open)))
}

// fill wakes and opens slots of the closed model up to the concurrency; each
// then begins by itself.
func (d *dispatcher) fill(now int64, out []wake) ([]wake, bool) {
	for len(out) < releaseMax {
		s := d.free(now)
		if s == nil {
			return out, false
		}
		out = append(out, wake{s, ticket{again: true}})
	}
	return out, true
}

// drop ends a request that never got a slot.
func (d *dispatcher) drop(class measure.Class, now int64, w waiting) {
	d.unsent++
	s := unsent(class, now, &w)
	d.shard.mu.Lock()
	d.shard.append(&s, &d.r.batches)
	d.shard.mu.Unlock()
	if w.flow != nil {
		w.flow.failed = true
		w.flow.end(now)
	}
}

// missed names arrivals that a wake-up found too old.
type missed struct {
	at       int64 // the wake-up
	segment  int32
	endpoint uint16
}

// miss counts an arrival that this machine slept past: only counted, since a
// long sleep leaves more of them than memory has room for.
func (d *dispatcher) miss(now int64, w *waiting) {
	d.unsent++
	if d.missed == nil {
		d.missed = map[missed]int64{}
	}
	d.missed[missed{now, w.segment, w.endpoint}]++
}

// unsent is the record of a request that never got a slot.
func unsent(class measure.Class, now int64, w *waiting) measure.Sample {
	return measure.Sample{T0: w.t0, T1: w.t1, T8: now, RetryAfter: -1, Segment: w.segment, Endpoint: w.endpoint, Class: class}
}

// expire drops what has waited for max-late. The caller holds the lock.
func (d *dispatcher) expire(now int64) {
	for d.waiting.len() > 0 && now-d.waiting.first().t0 >= d.maxLate {
		d.drop(measure.Expired, now, d.waiting.pop())
	}
}

// supersede drops everything that waits. The caller holds the lock, which is
// why the records are left to the recorder: a backlog may be a million long.
func (d *dispatcher) supersede(now int64) {
	if d.waiting.len() > 0 && !d.r.options.Hooks.KeepBacklog {
		d.unsent += int64(d.waiting.len())
		d.dropped = append(d.dropped, dropped{now, d.waiting.take()})
	}
}

// dropped is a backlog that was superseded.
type dropped struct {
	at      int64
	waiting backlog
}

// shrink retires idle slots above the concurrency; busy ones leave when they
// finish. It returns the wakes to be sent after the lock is released.
func (d *dispatcher) shrink() []wake {
	var out []wake
	for d.open > d.limit {
		s := d.idle.pop()
		if s == nil {
			break
		}
		d.leave(s)
		out = append(out, wake{s, ticket{retire: true}})
	}
	d.setSurplus()
	return out
}

// stopFlow stops the flow of requests. With withhold, what has a slot but has
// not left stays here too. The caller holds the lock.
func (d *dispatcher) stopFlow(now int64, withhold bool) {
	d.halted = true
	d.r.closed.Store(false) // its slots go on without asking
	if withhold {
		d.r.halts.Add(1)
	}
	d.supersede(now)
	switch d.driver.state {
	case Paused:
		d.pausedAt = now
	case Stopping:
		d.stopFlows()
	}
}

// never is later than every moment of a run.
const never = math.MaxInt64

// ring is a queue of parked slots, first in first out, so that connections are
// used evenly.
type ring struct {
	at   []*slot
	head int
	n    int
}

func (q *ring) push(s *slot) {
	if q.n == len(q.at) {
		grown := make([]*slot, max(64, 2*len(q.at)))
		for i := range q.n {
			grown[i] = q.at[(q.head+i)%len(q.at)]
		}
		q.at, q.head = grown, 0
	}
	q.at[(q.head+q.n)%len(q.at)] = s
	q.n++
}

// pop returns the slot that idles longest, or nil.
func (q *ring) pop() *slot {
	if q.n == 0 {
		return nil
	}
	s := q.at[q.head]
	q.at[q.head] = nil
	q.head = (q.head + 1) % len(q.at)
	q.n--
	return s
}
