package measure

const (
	windowSeconds = 10
	pastSeconds   = 16 // a ring: more than a window needs
	boundRing     = 64
)

// cell is the ledger of the requests of one segment that ended in one second.
type cell struct {
	second int64
	from   int64 // of the second, in nanoseconds
	key    int32 // the segment ID under which it was last found
	seg    *segment
	led    *ledger
	lag    Histogram // send lag, P+X, of what left
}

func (c *cell) add(s *Sample) {
	closed := c.seg.closedModel
	c.led.add(s, closed)
	if s.Flags&Departed != 0 {
		lag := s.T4 - s.T3
		if !closed {
			lag += s.T1 - s.T0
		}
		c.lag.Add(lag)
	}
}

func (c *cell) merge(o *cell) {
	c.led.merge(o.led)
	c.lag.Merge(&o.lag)
}

// find returns the open cell of a segment in a second, nil without one.
func (r *Recorder) find(second int64, st *segment) *cell {
	for _, c := range r.cells {
		if c.second == second && c.seg == st {
			return c
		}
	}
	return nil
}

func (r *Recorder) newCell(second int64, st *segment) *cell {
	st.thaw(r)
	c := &cell{second: second, from: second * secondNanos, seg: st, led: r.borrow()}
	c.lag.pool = r.pool
	r.cells = append(r.cells, c)
	return c
}

// borrow returns an empty ledger.
func (r *Recorder) borrow() *ledger {
	if n := len(r.spare); n > 0 {
		l := r.spare[n-1]
		r.spare = r.spare[:n-1]
		return l
	}
	return newLedger(len(r.cfg.Endpoints), r.pool)
}

// release takes a ledger back.
func (r *Recorder) release(l *ledger) {
	l.reset()
	r.spare = append(r.spare, l)
}

func (r *Recorder) releaseCell(c *cell) {
	c.lag.Reset()
	r.release(c.led)
	if r.recent == c {
		r.recent = nil
	}
}

func (r *Recorder) hasCells(st *segment) bool {
	for _, c := range r.cells {
		if c.seg == st {
			return true
		}
	}
	return false
}

// boundary is the state of the cumulative gauges at the start of a second.
type boundary struct {
	second                 int64
	intended, sent, unsent int64
}

// past is what the live windows need of a closed second.
type past struct {
	second  int64
	counts  Counts
	ok      Histogram
	service Histogram
	lag     Histogram
}

func (p *past) init(pool *pagePool) {
	p.second = -1
	p.ok.pool, p.service.pool, p.lag.pool = pool, pool, pool
}

func (p *past) begin(second int64) {
	p.second = second
	p.counts = Counts{}
	p.ok.Reset()
	p.service.Reset()
	p.lag.Reset()
}

func (p *past) add(c *cell) {
	p.counts.merge(&c.led.counts)
	p.ok.Merge(&c.led.ok)
	p.service.Merge(&c.led.service)
	p.lag.Merge(&c.lag)
}

// closeSecond sums the cells of the oldest open second into their segments,
// the run and the windows, writes its row and judges the current segment.
func (r *Recorder) closeSecond() {
	n := r.second
	p := &r.past[n%pastSeconds]
	p.begin(n)
	r.facts.begin(n)
	kept := r.cells[:0]
	for _, c := range r.cells {
		if c.second != n {
			kept = append(kept, c)
			continue
		}
		p.add(c)
		r.facts.add(c)
		c.seg.base.merge(c.led)
		c.seg.dirty = true
		c.seg.cellClosed(c)
		r.run.merge(c.led)
		r.releaseCell(c)
	}
	clear(r.cells[len(kept):])
	r.cells = kept
	r.second++
	row := r.row(n, p)
	r.facts.finish(p, r)
	r.history.append(row)
	r.heat.append(n, &p.ok)
	st := r.segmentOf(row.Segment)
	st.secondClosed(&row, r.countsOf(st))
}

// row is the line of a closed second in the history. The dial and what was open
// are those of the last tick before it closed; the ages of what is open are of now.
func (r *Recorder) row(n int64, p *past) Row {
	from, to := r.bounds[n%boundRing], r.bounds[(n+1)%boundRing]
	end := boundary{intended: r.last.Intended, sent: r.last.Sent, unsent: r.last.Unsent}
	if from.second != n { // after the last tick of a run
		from = end
	}
	if to.second != n+1 { // the part of a second in which it ended
		to = end
	}
	l := summarize([]*Histogram{&p.ok}, &r.runAges, 0)
	s := summarize([]*Histogram{&p.service}, nil, 0)
	return Row{
		Second:     n,
		Segment:    int32(r.segmentAt((n+1)*secondNanos - 1).id),
		Rate:       r.last.Rate,
		Intended:   to.intended - from.intended,
		Sent:       to.sent - from.sent,
		Unsent:     to.unsent - from.unsent,
		Done:       p.counts.Done(),
		OK:         p.counts.OK,
		Limited:    p.counts.Limited,
		Failed:     p.counts.Failed(),
		InFlight:   r.last.InFlight,
		Backlog:    r.last.Backlog,
		Connecting: r.last.Connecting,
		P50:        l.P[P50],
		P90:        l.P[P90],
		P99:        l.P[P99],
		Max:        l.Max,
		ServiceP50: s.P[P50],
		ServiceP99: s.P[P99],
		Bound:      l.Open[P99],
	}
}
