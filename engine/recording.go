package engine

import (
	"time"

	"stoke/engine/health"
	"stoke/engine/limiter"
	"stoke/engine/measure"
	"stoke/engine/wire"
)

const (
	drainEvery   = 25 * time.Millisecond // samples leave the shards
	publishEvery = 4                     // drains between two snapshots
)

// recording is what the recorder's goroutine owns: nothing of it is touched by
// another one, but for the time before the start.
type recording struct {
	r       *Run
	m       *measure.Recorder
	monitor *health.Monitor
	totals  health.Totals
	report  *health.Report
	looks   looks
	limits  limits
	split   *measure.Split // nil if the target has one address for good
	parts   []measure.Part // of the newest second
	judged  int64          // the newest second that was judged
	closed  bool           // the closed model ruled at its end

	samples [][]measure.Sample
	scratch []measure.Sample
	opens   []measure.Segment
	gauge   measure.Gauge
	state   scanned

	bySegment  []openSegment
	byEndpoint []measure.Counts

	rev     uint64
	invalid int64
}

// scanned is what was counted and copied with every lock held, at one moment.
type scanned struct {
	now       int64
	intended  int64
	unsent    int64
	sent      int64 // read off the slots
	starts    int64
	occupied  int64
	retrying  int64 // requests between two attempts
	openJobs  int64
	open      int
	limit     int
	oldest    time.Duration // of the backlog
	victims   []victim
	driver    driver
	undo      step
	undoable  bool
	undoTexts []string // newest first
	wants     dials
	wantsLeft int64
}

func (c *recording) init(r *Run) {
	c.r, c.judged = r, -1
	c.limits.observer = limiter.NewObserver()
	if !r.facts().Fixed {
		c.split = &measure.Split{}
	}
	names := make([]string, len(r.endpoints))
	for i := range r.endpoints {
		names[i] = r.endpoints[i].name
		c.limits.tried = append(c.limits.tried, r.endpoints[i].retry != nil)
	}
	faults := make([]string, wire.NumFaults)
	for f := range wire.NumFaults {
		faults[f] = f.String()
	}
	c.byEndpoint = make([]measure.Counts, len(names))
	c.m = measure.New(measure.Config{Endpoints: names, Faults: faults})
}

// record is the recorder's goroutine: it owns every histogram.
func (r *Run) record() {
	defer r.guard()
	c := &r.rec
	ticker := time.NewTicker(drainEvery)
	defer ticker.Stop()
	for n := 1; ; n++ {
		poked := false
		select {
		case <-ticker.C:
		case <-r.poked:
			poked = true
		}
		if !poked && n%publishEvery != 0 {
			c.drain()
			continue
		}
		c.scan()
		for _, v := range c.state.victims {
			v.s.kill(v.word, v.who)
		}
		if c.state.driver.state == Stopping && c.state.occupied == 0 && c.state.openJobs == 0 {
			c.finish()
			return
		}
		c.tick()
		r.publish(c.state.now)
	}
}

// drain moves samples from the shards to the recorder.
func (c *recording) drain() {
	for _, sh := range append(c.r.shards, &c.r.disp.shard) {
		sh.mu.Lock()
		c.collect(sh)
		sh.mu.Unlock()
	}
	// Segments after samples: a sample's segment was opened before it ended.
	d := &c.r.disp
	d.mu.Lock()
	c.opens = append(c.opens, d.opens...)
	d.opens = nil
	gone, slept := d.dropped, d.missed
	d.dropped, d.missed = nil, nil
	slots := d.slots
	d.mu.Unlock()
	c.feed(gone, slept)
	if c.monitor != nil {
		c.looks.at(slots)
	}
}

// collect takes a shard's batches. The caller holds its lock.
func (c *recording) collect(sh *shard) {
	c.samples = append(c.samples, sh.full...)
	clear(sh.full)
	sh.full = sh.full[:0]
	if len(sh.batch) > 0 {
		c.samples = append(c.samples, sh.batch)
		sh.batch = nil
	}
}

// feed gives what was collected to the recorder.
func (c *recording) feed(gone []dropped, slept map[missed]int64) {
	for _, seg := range c.opens {
		c.m.Open(seg)
	}
	c.opens = c.opens[:0]
	for i, b := range c.samples {
		c.add(b)
		c.r.batches.Put((*[batchLen]measure.Sample)(b[:batchLen]))
		c.samples[i] = nil
	}
	c.samples = c.samples[:0]
	for i := range gone {
		gone[i].waiting.blocks(func(w []waiting) {
			c.scratch = c.scratch[:0]
			for j := range w {
				if w[j].flow != nil {
					w[j].flow.drop()
				}
				c.scratch = append(c.scratch, unsent(measure.Superseded, gone[i].at, &w[j]))
			}
			c.add(c.scratch)
		})
	}
	for of, n := range slept {
		c.m.Drop(measure.Drop{Class: measure.Generator, At: of.at, Segment: of.segment, Endpoint: of.endpoint, N: n})
	}
	r := c.r
	r.tries.tell(&c.limits, r.guard)
	r.notesMu.Lock()
	for _, n := range r.notes {
		c.m.NoteFault(uint8(n.fault), n.text)
	}
	r.notes = r.notes[:0]
	r.notesMu.Unlock()
}

// scan takes everything at one moment: with the dispatcher's lock and every
// shard's, it moves the samples out and counts the open requests slot by slot,
// never by subtraction, so that the audit can fail.
func (c *recording) scan() {
	r, d := c.r, &c.r.disp
	g := &c.gauge
	*g = measure.Gauge{Open: g.Open[:0]}
	c.bySegment = c.bySegment[:0]
	clear(c.byEndpoint)
	st := &c.state
	*st = scanned{victims: st.victims[:0]}

	d.mu.Lock()
	for _, sh := range r.shards {
		sh.mu.Lock()
	}
	now := r.now()
	st.now, st.intended, st.unsent, st.starts = now, d.intended, d.unsent, d.starts
	st.openJobs = r.openJobs.Load()
	for _, sh := range r.shards {
		c.collect(sh)
		st.intended += sh.closed.intended
		st.starts += sh.closed.intended
		st.unsent += sh.withheld
	}
	d.shard.mu.Lock()
	c.collect(&d.shard)
	d.shard.mu.Unlock()
	c.opens = append(c.opens, d.opens...)
	d.opens = nil
	gone, slept := d.dropped, d.missed
	d.dropped, d.missed = nil, nil
	for _, s := range d.slots {
		c.count(s, now)
	}
	c.countRetries(&d.retries, now)
	c.countRetries(&d.ready, now)
	b := &d.waiting
	for _, run := range b.runs {
		c.openAt(run.segment).Backlog += run.n
	}
	for i, n := range b.byEndpoint {
		c.byEndpoint[i].Backlog += n
	}
	b.blocks(func(w []waiting) {
		// The youngest of a block stands for all of it: still a lower bound.
		g.Open = append(g.Open, measure.Age{Nanos: now - w[len(w)-1].t0, N: int64(len(w))})
	})
	g.Backlog = int64(d.waiting.len())
	if g.Backlog > 0 {
		st.oldest = time.Duration(now - d.waiting.first().t0)
	}
	g.Busy = d.held.at(now)
	st.open, st.limit = d.open, d.limit
	v := &d.driver
	st.driver = *v
	if st.undoable = len(v.undo) > 0; st.undoable {
		st.undo = v.undo[len(v.undo)-1]
		st.undoTexts = v.undoTexts()
	}
	if len(v.phases) > 0 {
		st.wants, _ = v.wants(now)
		st.wantsLeft = v.left(now)
	}
	g.Rate = v.rateAt(now) * r.perDial()
	if v.state == Paused || v.state == Stopping {
		g.Rate = 0
	}
	for _, sh := range r.shards {
		sh.mu.Unlock()
	}
	d.mu.Unlock()

	g.Intended, g.Sent, g.Unsent = st.intended, st.sent, st.unsent
	g.OpenBySegment = map[int32]measure.Counts{}
	for _, o := range c.bySegment {
		g.OpenBySegment[o.segment] = o.open
		if g.Oldest == 0 || int64(o.segment) < g.Oldest {
			g.Oldest = int64(o.segment)
		}
	}
	g.OpenByEndpoint = map[uint16]measure.Counts{}
	for i, o := range c.byEndpoint {
		g.OpenByEndpoint[uint16(i)] = o
	}
	c.feed(gone, slept)
	if f := c.r.options.Hooks.Gauge; f != nil {
		f(g)
	}
}

// count looks at one slot. The caller holds every lock.
func (c *recording) count(s *slot, now int64) {
	g, st := &c.gauge, &c.state
	w := s.word.Load()
	st.sent += s.sent(w)
	if w&phaseMask == parked {
		return
	}
	st.occupied++
	v := &c.r.disp.driver
	if s.polls {
		return // counted apart, and followed to its end
	}
	g.OpenBusy += now - s.t2
	if w&departed == 0 && !s.apart {
		g.Connecting++
		c.openAt(s.segment).Connecting++
		c.byEndpoint[s.endpoint].Connecting++
	} else {
		g.InFlight++
		c.openAt(s.segment).InFlight++
		c.byEndpoint[s.endpoint].InFlight++
	}
	g.Open = append(g.Open, measure.Age{Nanos: now - s.t0, N: 1})
	// What a pause or a stop withholds need not finish its dial, and what is
	// out longer than a stop waits is ended.
	withheld := w&phaseMask == connecting && s.halts != c.r.halts.Load()
	late := v.state == Stopping && now-v.halt > int64(c.r.options.Grace)
	if withheld || late {
		st.victims = append(st.victims, victim{s, w, byStop})
	}
}

// countRetries counts the requests between two attempts: they are under way.
func (c *recording) countRetries(q *later, now int64) {
	g := &c.gauge
	for _, f := range q.flows {
		if f.stage != retrying {
			continue
		}
		c.state.retrying++
		at, by := c.openAt(f.first.Segment), &c.byEndpoint[f.endpoint]
		if f.first.Flags&measure.Departed == 0 {
			g.Connecting++
			at.Connecting++
			by.Connecting++
		} else {
			g.InFlight++
			at.InFlight++
			by.InFlight++
		}
		g.OpenBusy += now - f.first.T2
		g.Open = append(g.Open, measure.Age{Nanos: now - f.first.T0, N: 1})
	}
}

// openAt is where the open requests of a segment are counted.
func (c *recording) openAt(segment int32) *measure.Counts {
	for i := range c.bySegment {
		if c.bySegment[i].segment == segment {
			return &c.bySegment[i].open
		}
	}
	c.bySegment = append(c.bySegment, openSegment{segment: segment})
	return &c.bySegment[len(c.bySegment)-1].open
}

// openSegment counts the open requests of a segment.
type openSegment struct {
	segment int32
	open    measure.Counts
}

// tick brings the recorder up to the scan and judges the seconds that are over.
func (c *recording) tick() {
	c.m.Tick(c.state.now, c.gauge)
	c.limits.newest(c.state.now)
	c.judge()
}

// judge asks about this machine for the newest second that is over. After a
// stall several are over at once: they share its judgement.
func (c *recording) judge() {
	f := c.m.LastSecond()
	if f.Number <= c.judged {
		return
	}
	c.limits.second(c.state.now)
	from := c.judged + 1
	c.judged = f.Number
	if c.split != nil {
		c.parts = c.split.Parts()
	}
	// The slots of the closed model do not come back to the dispatcher, which
	// therefore cannot vouch for a second in which it ruled.
	closed := c.state.driver.closed
	little := !closed && !c.closed && !f.LittleRough
	c.closed = closed
	if c.monitor == nil {
		return
	}
	audit := c.r.Snapshot().Audit
	seen, unread, resent := c.looks.second()
	facts := health.Facts{
		SendLagCount: f.LagN, SendLagP50: f.LagP50, SendLagP99: f.LagP99, SendLagMax: f.LagMax,
		RecentLagCount: f.RecentLagN, RecentLagP99: f.RecentLagP99,
		ServiceP50:     f.ServiceP50,
		AuditOK:        audit == auditOK,
		AuditDetail:    audit,
		NoPort:         f.Faults[wire.DialNoPort],
		NoFile:         f.Faults[wire.DialNoFile],
		LateWake:       f.Counts.Generator,
		Connections:    int64(c.state.open),
		NewConnections: f.Counts.Opened,
		Rate:           c.gauge.Rate,
		TargetLocal:    c.r.local,
		Looks:          seen,
		Unread:         unread,
		Resent:         resent,
		LittleMeasured: only(little, f.LittleMeasured),
		LittleExpected: only(little, f.LittleExpected),
		KernelStamps:   c.r.options.KernelStamps > 0,
	}
	c.r.kernel.second(&facts)
	c.report = c.monitor.Second(f.Number, facts)
	warn, invalid := c.report.State == health.Warn, c.report.State == health.Invalid
	for second := from; second <= f.Number; second++ {
		c.totals.Add(c.report)
		c.m.Mark(second, warn, invalid)
		if invalid {
			c.invalid++
		}
	}
}

// only is v if it is known, else 0.
func only(known bool, v float64) float64 {
	if known {
		return v
	}
	return 0
}

// finish ends the run: no request is open any more.
func (c *recording) finish() {
	r, d := c.r, &c.r.disp
	d.mu.Lock()
	d.over = true
	var out []wake
	for s := d.idle.pop(); s != nil; s = d.idle.pop() {
		d.leave(s)
		out = append(out, wake{s, ticket{retire: true}})
	}
	d.mu.Unlock()
	for i := range out {
		out[i].send()
	}
	close(r.ended)
	_ = r.sleeper.Close() // it holds a timer; nothing can be done about an error
	r.workers.Wait()
	d.mu.Lock()
	d.driver.state = Ended
	d.mu.Unlock()
	c.scan()
	c.m.End(c.state.now, c.state.driver.halt, c.gauge)
	c.judge()
	c.limits.end()
	if c.split != nil {
		c.parts = c.split.Parts()
	}
	if c.monitor != nil {
		c.monitor.Close()
	}
	r.publish(c.state.now)
	close(r.done)
}
