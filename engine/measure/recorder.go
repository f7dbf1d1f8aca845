package measure

import "slices"

const (
	secondNanos = int64(1e9)
	// closeAfter is how long a second waits for late batches: samples reach the
	// recorder in batches, up to 25 ms after the fact.
	closeAfter = int64(50e6)
	// transitBelow is the length under which a setting is no segment of its own.
	transitBelow = secondNanos
	// farAhead bounds the seconds in front of the clock for which cells are made.
	farAhead = 60
)

// Config tells a recorder the names it will meet as indices.
type Config struct {
	Endpoints []string // by Sample.Endpoint
	Faults    []string // by Sample.Fault
}

// Recorder owns every histogram and count of a run. One goroutine uses it;
// what [Recorder.View] returns may go anywhere. It allocates nothing per
// sample once its pages exist.
type Recorder struct {
	cfg  Config
	pool *pagePool

	now      int64
	last     Gauge // of the last tick; its Open and maps are not kept
	ended    bool
	run      *ledger // of closed seconds
	runOpen  Counts
	runAges  Histogram // of all open requests at the last tick
	epOpen   []Counts
	epBuilt  []Endpoint
	epStale  onceASecond
	segments []*segment // by rising ID, aliases left out
	current  *segment
	cells    []*cell // open ones, at most a few
	recent   *cell   // of the last sample
	spare    []*ledger
	second   int64 // the oldest one that is not closed
	late     int64 // samples that came after their second had closed
	past     [pastSeconds]past
	bounds   [boundRing]boundary
	notes    notes
	history  history
	heat     heatLog
	facts    Second
	little   little
	audit    string
	against  comparison
	slowest  slowest

	piles []*Histogram // scratch
}

// New returns an empty recorder.
func New(cfg Config) *Recorder {
	pool := new(pagePool)
	r := &Recorder{
		cfg:    Config{Endpoints: slices.Clone(cfg.Endpoints), Faults: slices.Clone(cfg.Faults)},
		pool:   pool,
		run:    newLedger(len(cfg.Endpoints), pool),
		epOpen: make([]Counts, len(cfg.Endpoints)),
		notes:  newNotes(),
	}
	r.runAges.pool = pool
	r.slowest.floor = -1
	r.heat.init()
	r.facts.Number = -1
	r.facts.Faults = make([]int64, len(cfg.Faults))
	r.facts.slot.pool = pool
	for i := range r.past {
		r.past[i].init(pool)
	}
	return r
}

// Open begins a segment at s.From and closes the one before; of s it reads ID,
// Kind, Setting, By, Label and From. IDs must rise. It must be called before
// the first sample or tick that names the ID.
//
// A setting that lasted less than a second becomes a transit segment, one for
// all such neighbours; what still comes for them is counted there.
func (r *Recorder) Open(s Segment) {
	if r.current != nil {
		if int64(s.ID) <= int64(r.current.last) {
			return // an ID that is already known: a mistake of the caller
		}
		r.closeCurrent(s.From)
	}
	st := newSegment(s, r)
	st.firstLevel(r.last)
	r.segments = append(r.segments, st)
	r.current, r.recent = st, nil
}

// closeCurrent ends the current segment and folds it into a transit when it
// was too short.
func (r *Recorder) closeCurrent(at int64) {
	st := r.current
	st.finish(at)
	if st.to-st.from >= transitBelow {
		return
	}
	n := len(r.segments)
	if n >= 2 && r.segments[n-2].kind == Transit {
		into := r.segments[n-2]
		r.fold(st, into)
		r.segments = r.segments[:n-1]
		into.describeTransit()
		return
	}
	st.kind = Transit
	st.describeTransit()
}

// fold adds st to into, the segment before it, of which it becomes an alias.
func (r *Recorder) fold(st, into *segment) {
	into.thaw(r)
	into.base.merge(st.base)
	into.absorb(st)
	r.release(st.base)
	kept := r.cells[:0]
	for _, c := range r.cells {
		if c.seg != st {
			kept = append(kept, c)
			continue
		}
		if twin := r.find(c.second, into); twin != nil {
			twin.merge(c)
			r.releaseCell(c)
			continue
		}
		c.seg = into
		kept = append(kept, c)
	}
	r.cells = kept
	r.recent = nil
}

// segmentOf finds a segment by its ID. An alias is found in the transit before
// it, as is an ID never opened in the nearest older segment. It is nil before
// the first Open.
func (r *Recorder) segmentOf(id int32) *segment {
	if r.current == nil || r.current.id == int(id) {
		return r.current
	}
	i, ok := slices.BinarySearchFunc(r.segments, int(id), func(s *segment, id int) int { return s.id - id })
	if !ok {
		i = max(i-1, 0)
	}
	for r.segments[i].bare { // nothing was open in it: whatever comes is a mistake, but not lost
		i++
	}
	return r.segments[i]
}

// Resolve returns the ID of the segment that holds what was counted under id:
// id itself, or the transit of which it is an alias.
func (r *Recorder) Resolve(id int) int {
	if st := r.segmentOf(int32(id)); st != nil {
		return st.id
	}
	return id
}

// Add counts requests that have ended. It keeps nothing of the slice. Samples
// that come before any segment is open are ignored.
func (r *Recorder) Add(batch []Sample) {
	for i := range batch {
		s := &batch[i]
		c := r.recent
		if c == nil || c.key != s.Segment || s.T8 < c.from || s.T8 >= c.from+secondNanos {
			if c = r.cell(s.T8, s.Segment); c == nil {
				continue
			}
		}
		c.add(s)
		r.slowest.offer(s)
		if s.T2 > 0 || s.Class <= Error {
			r.little.done += s.T8 - s.T2
		}
	}
}

// Drop counts requests that ended without being sent.
func (r *Recorder) Drop(d Drop) {
	if c := r.cell(d.At, d.Segment); c != nil {
		c.led.drop(d.Class, d.Endpoint, d.N)
	}
}

// cell returns the cell for an end at time at, in the segment of the ID. When
// its second has closed it is the oldest open one.
func (r *Recorder) cell(at int64, id int32) *cell {
	st := r.segmentOf(id)
	if st == nil {
		return nil
	}
	second := at / secondNanos
	if second < r.second || second > max(r.second, r.now/secondNanos)+farAhead {
		r.late++
		r.facts.late++
		second = max(r.second, min(second, r.now/secondNanos))
	}
	c := r.find(second, st)
	if c == nil {
		c = r.newCell(second, st)
	}
	if c.from <= at && at < c.from+secondNanos {
		c.key, r.recent = id, c
	}
	return c
}

// Tick tells the time and the gauge scanned at it, about ten times a second.
// The samples of everything that the scan no longer saw as open must have been
// added before; a tick exactly on a second's boundary makes that row exact.
func (r *Recorder) Tick(now int64, g Gauge) {
	if r.ended || r.current == nil {
		return
	}
	now = max(now, r.now)
	r.scan(now, g)
	r.little.tick(now, g)
	for b := r.now/secondNanos + 1; b <= now/secondNanos; b++ {
		r.boundary(b, now, g)
		r.closeUntil(now)
	}
	r.closeUntil(now)
	r.now = now
	r.last = g
	r.last.Open, r.last.OpenBySegment, r.last.OpenByEndpoint, r.last.IntendedBySegment = nil, nil, nil, nil
	r.audit = r.check(g)
	for i, st := range r.segments {
		st.settle(now, g)
		if st.freezable(now) && !r.hasCells(st) {
			st.freeze(r)
		}
		if st.frozen != nil && i < len(r.segments)-keepDetail {
			st.strip()
		}
	}
}

// closeUntil closes the seconds whose time for late batches is over.
func (r *Recorder) closeUntil(now int64) {
	for (r.second+1)*secondNanos+closeAfter <= now && r.bounds[(r.second+1)%boundRing].second == r.second+1 {
		r.closeSecond()
	}
}

// End is the last tick: it closes the last second, even a part of one, and the
// current segment, which ended when the load was halted. What is added later is
// ignored by the rows.
func (r *Recorder) End(now, halted int64, g Gauge) {
	if r.ended || r.current == nil {
		return
	}
	r.Tick(now, g)
	r.current.finish(min(halted, r.now))
	end := (r.now + secondNanos - 1) / secondNanos
	for _, c := range r.cells {
		end = max(end, c.second+1)
	}
	for r.second < end {
		r.closeSecond()
	}
	r.ended = true
	r.epStale.reset()
	r.current.epStale.reset()
}

// scan books the open requests of a gauge to the run, the endpoints and the
// segments.
func (r *Recorder) scan(now int64, g Gauge) {
	r.runOpen = Counts{Backlog: g.Backlog, Connecting: g.Connecting, InFlight: g.InFlight}
	clear(r.epOpen)
	for ep, c := range g.OpenByEndpoint {
		if int(ep) < len(r.epOpen) {
			r.epOpen[ep] = Counts{Backlog: c.Backlog, Connecting: c.Connecting, InFlight: c.InFlight}
		}
	}
	for _, st := range r.segments {
		if st.open != (Counts{}) {
			st.open, st.dirty = Counts{}, true
		}
		st.ages.Reset()
	}
	for id, c := range g.OpenBySegment {
		st := r.segmentOf(id)
		st.open.Backlog += c.Backlog
		st.open.Connecting += c.Connecting
		st.open.InFlight += c.InFlight
	}
	if g.OpenBySegment == nil {
		r.current.open = r.runOpen
	}
	r.runAges.Reset()
	for _, a := range g.Open {
		r.runAges.AddN(a.Nanos, a.N)
		r.segmentAt(now-a.Nanos).ages.AddN(a.Nanos, a.N)
	}
	for _, st := range r.segments {
		// Ages that were rounded can fall into the wrong segment; its number of
		// open requests is exact.
		n := st.open.open()
		st.ages.trim(n)
		if missing := n - st.ages.count; missing > 0 {
			st.ages.AddN(max(now-st.to, 0)*b2i(st.closed), missing)
		}
	}
}

// segmentAt returns the segment in which a request due at t began.
func (r *Recorder) segmentAt(t int64) *segment {
	for i := len(r.segments) - 1; i > 0; i-- {
		if r.segments[i].from <= t {
			return r.segments[i]
		}
	}
	return r.segments[0]
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// boundary keeps the cumulative gauges at the end of a second, on the line
// between the two ticks around it.
func (r *Recorder) boundary(second, now int64, g Gauge) {
	part := float64(second*secondNanos-r.now) / float64(max(now-r.now, 1))
	line := func(a, b int64) int64 { return a + int64(float64(b-a)*part+0.5) }
	r.bounds[second%boundRing] = boundary{
		second:   second,
		intended: line(r.last.Intended, g.Intended),
		sent:     line(r.last.Sent, g.Sent),
		unsent:   line(r.last.Unsent, g.Unsent),
	}
}
