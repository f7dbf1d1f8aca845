package measure

import (
	"slices"
	"strconv"
)

// View returns the state at the last tick. It may be called up to ten times a
// second; nothing reachable from it changes afterwards.
func (r *Recorder) View() View {
	if r.current == nil {
		return View{}
	}
	v := View{Now: r.now, History: r.history.publish(), Heat: r.heat.publish(), Late: r.late}
	ls := r.ledgers(r.run, nil)
	v.Run = r.stats(ls, r.runOpen, &r.runAges)
	for _, l := range ls {
		v.Overflow += l.ok.over
		for i := range l.answered {
			v.Overflow += l.answered[i].over
		}
	}
	if r.epStale.expired(r) {
		r.epBuilt = r.endpoints(ls, r.epOpen, r.now)
	}
	v.Endpoints = r.epBuilt
	v.Segments = make([]*Segment, len(r.segments))
	for i, st := range r.segments {
		if st.base != nil && (st == r.current || st.dirty || r.hasCells(st)) || st.built == nil {
			st.built = r.build(st)
			st.dirty = st.open.open() > 0
		} else if st.dirty {
			s := *st.built
			r.describe(st, &s)
			st.built, st.dirty = &s, false
		}
		v.Segments[i] = st.built
	}
	v.Last1 = r.lastSecond()
	v.Last10 = r.lastTen()
	v.Since = r.since(v.Segments[len(v.Segments)-1])
	v.Audit = r.audit
	v.Slowest = r.slowest.publish(&r.cfg)
	r.compare(&v)
	return v
}

// onceASecond says when figures that cost much are due again: when a second has
// closed, and after a reset.
type onceASecond struct{ second int64 }

func (o *onceASecond) reset() { o.second = 0 }

func (o *onceASecond) expired(r *Recorder) bool {
	if o.second == r.second+1 {
		return false
	}
	o.second = r.second + 1
	return true
}

// ledgers lists the base and the open cells of a segment, or of all for nil.
func (r *Recorder) ledgers(base *ledger, st *segment) []*ledger {
	ls := []*ledger{base}
	for _, c := range r.cells {
		if st == nil || c.seg == st {
			ls = append(ls, c.led)
		}
	}
	return ls
}

// pile collects one histogram of each ledger; valid until the next call.
func (r *Recorder) pile(ls []*ledger, get func(*ledger) *Histogram) []*Histogram {
	r.piles = r.piles[:0]
	for _, l := range ls {
		r.piles = append(r.piles, get(l))
	}
	return r.piles
}

// stats sums ledgers up, with the open requests at their ages.
func (r *Recorder) stats(ls []*ledger, open Counts, ages *Histogram) Stats {
	var counts Counts
	var status, faults, retry keyed
	for _, l := range ls {
		counts.merge(&l.counts)
		status.merge(&l.status)
		faults.merge(&l.faults)
		retry.merge(&l.retry)
	}
	ladder := func(get func(*ledger) *Histogram) Ladder { return summarize(r.pile(ls, get), nil, 0) }
	s := Stats{
		Counts:      counts.withOpen(open),
		ByStatus:    status.tallies(r.statusName),
		ByFault:     faults.tallies(r.faultName),
		RetryAfter:  retry.tallies(secondsName),
		Response:    ladder(func(l *ledger) *Histogram { return &l.ok }),
		Service:     ladder(func(l *ledger) *Histogram { return &l.service }),
		TTFB:        ladder(func(l *ledger) *Histogram { return &l.ttfb }),
		PacerLag:    ladder(func(l *ledger) *Histogram { return &l.pacer }),
		SlotWait:    ladder(func(l *ledger) *Histogram { return &l.slot }),
		Connect:     ladder(func(l *ledger) *Histogram { return &l.connect }),
		DispatchLag: ladder(func(l *ledger) *Histogram { return &l.dispatch }),
	}
	s.Answered = s.Response
	if counts.Status+counts.Limited+counts.Assert > 0 {
		r.piles = r.piles[:0]
		for _, l := range ls {
			r.piles = append(r.piles, &l.ok, &l.answered[Status], &l.answered[Limited], &l.answered[Assert])
		}
		s.Answered = summarize(r.piles, nil, 0)
	}
	s.Intended = summarize(r.pile(ls, func(l *ledger) *Histogram { return &l.ok }), ages, counts.failedForGood())
	return s
}

// endpoints sums ledgers up by endpoint; rates are over span nanoseconds.
func (r *Recorder) endpoints(ls []*ledger, open []Counts, span int64) []Endpoint {
	out := make([]Endpoint, len(r.cfg.Endpoints))
	for i, name := range r.cfg.Endpoints {
		var counts Counts
		var status, faults keyed
		for _, l := range ls {
			e := l.endpoint(i)
			counts.merge(&e.counts)
			status.merge(&e.status)
			faults.merge(&e.faults)
		}
		if open != nil {
			counts = counts.withOpen(open[i])
		} else {
			counts = counts.withOpen(Counts{})
		}
		out[i] = Endpoint{Name: name, Rates: ratesOf(&counts, span), Stats: Stats{
			Counts:   counts,
			ByStatus: status.tallies(r.statusName),
			ByFault:  faults.tallies(r.faultName),
			Response: summarize(r.pile(ls, func(l *ledger) *Histogram { return &l.endpoint(i).ok }), nil, 0),
			Service:  summarize(r.pile(ls, func(l *ledger) *Histogram { return &l.endpoint(i).service }), nil, 0),
		}}
	}
	return out
}

// ratesOf divides counts by a span in nanoseconds.
func ratesOf(c *Counts, span int64) Rates {
	if span <= 0 {
		return Rates{}
	}
	per := func(n int64) float64 { return float64(n) * 1e9 / float64(span) }
	return Rates{
		Intended: per(c.Intended), Sent: per(c.Sent), Done: per(c.Done()), OK: per(c.OK),
		Limited: per(c.Limited), Failed: per(c.Failed()), Unsent: per(c.Unsent()),
	}
}

// build makes the published form of a segment.
func (r *Recorder) build(st *segment) *Segment {
	ls := r.ledgers(st.base, st)
	if !st.closed {
		st.to = r.now
	}
	s := &Segment{
		ID: st.id, Aliases: st.aliases, Kind: st.kind, Setting: st.setting, By: st.by, Label: st.label,
		From: st.from, To: max(st.to, st.from),
		Stats: r.stats(ls, st.open, &st.ages),
	}
	if st.epStale.expired(r) {
		var open []Counts
		if st.open == r.runOpen { // all that is open is its own
			open = r.epOpen
		}
		st.endpoints = r.endpoints(ls, open, s.To-s.From)
		st.shape = slices.Clone(atMost(st.blocks.list, frozenBlocks))
		if len(st.seconds.list) > 0 { // nothing new is known of one that has ended
			st.clustered = st.seconds.clustered(&s.Stats.Response)
		}
		st.warmUp = r.warmUp(st)
	}
	s.Endpoints, s.shape, s.WarmUp = st.endpoints, st.shape, st.warmUp
	s.Sure = Sure{sureOf(r.pile(ls, func(l *ledger) *Histogram { return &l.ok })), st.clustered}
	r.describe(st, s)
	return s
}

// describe sets what can still change of a segment whose counts no longer do.
func (r *Recorder) describe(st *segment, s *Segment) {
	s.Settled, s.Open = st.settled, !st.closed
	s.Invalid = st.health.bad()
	s.Verdict, s.Detail, s.Slope = st.judge.verdict, st.judge.detail, st.judge.slope
	st.overrule(s)
}

func (r *Recorder) statusName(code int32) (name, sample string) {
	return strconv.Itoa(int(code)), r.notes.status[code]
}

func (r *Recorder) faultName(f int32) (name, sample string) {
	if int(f) < len(r.cfg.Faults) {
		return r.cfg.Faults[f], r.notes.fault[f]
	}
	return "fault " + strconv.Itoa(int(f)), r.notes.fault[f]
}

// lastSecond is the window of the newest closed second.
func (r *Recorder) lastSecond() Window {
	n := r.second - 1
	p := &r.past[max(n, 0)%pastSeconds]
	if n < 0 || p.second != n {
		return r.lastTen()
	}
	w := Window{Seconds: 1, Counts: p.counts}
	row := &r.history.chunks[n/chunkRows][n%chunkRows]
	if r.ended && n == r.now/secondNanos { // the last second of a run may be a part
		w.Seconds = max(float64(r.now%secondNanos)/1e9, 1e-9)
	}
	return r.window(w, []*Histogram{&p.ok}, []*Histogram{&p.service}, row.Intended, row.Sent, row.Unsent)
}

// lastTen is the window of up to ten seconds that ends now.
func (r *Recorder) lastTen() Window {
	from := max(r.now/secondNanos-(windowSeconds-1), 0)
	if r.now%secondNanos == 0 {
		from = max(from-1, 0)
	}
	var w Window
	w.Seconds = float64(r.now-from*secondNanos) / 1e9
	var ok, service []*Histogram
	for n := from; n < r.second; n++ {
		if p := &r.past[n%pastSeconds]; p.second == n {
			w.Counts.merge(&p.counts)
			ok, service = append(ok, &p.ok), append(service, &p.service)
		}
	}
	for _, c := range r.cells {
		w.Counts.merge(&c.led.counts)
		ok, service = append(ok, &c.led.ok), append(service, &c.led.service)
	}
	b := r.bounds[from%boundRing]
	return r.window(w, ok, service, r.last.Intended-b.intended, r.last.Sent-b.sent, r.last.Unsent-b.unsent)
}

// window completes a live window: what began in it is known from the gauge.
func (r *Recorder) window(w Window, ok, service []*Histogram, intended, sent, unsent int64) Window {
	w.Rates = ratesOf(&w.Counts, int64(w.Seconds*1e9))
	if w.Seconds > 0 {
		w.Rates.Intended, w.Rates.Sent, w.Rates.Unsent = float64(intended)/w.Seconds, float64(sent)/w.Seconds, float64(unsent)/w.Seconds
	}
	w.Counts.Intended, w.Counts.Sent = intended, sent
	w.Counts.Backlog, w.Counts.Connecting, w.Counts.InFlight = r.runOpen.Backlog, r.runOpen.Connecting, r.runOpen.InFlight
	w.Response = summarize(ok, &r.runAges, 0)
	w.Service = summarize(service, nil, 0)
	return w
}

// since is the window of the current segment, open requests at their ages.
func (r *Recorder) since(s *Segment) Window {
	st := r.current
	w := Window{Seconds: float64(s.To-s.From) / 1e9, Counts: s.Stats.Counts, Rates: ratesOf(&s.Stats.Counts, s.To-s.From), Service: s.Stats.Service}
	if st.base == nil {
		w.Response = s.Stats.Response
		return w
	}
	ls := r.ledgers(st.base, st)
	w.Response = summarize(r.pile(ls, func(l *ledger) *Histogram { return &l.ok }), &st.ages, 0)
	return w
}
