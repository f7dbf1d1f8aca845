package measure

import "fmt"

// segment is the growing state behind a [Segment].
type segment struct {
	id, last    int // last is the highest ID folded into it
	aliases     []int
	kind        Kind
	setting     Setting
	by, label   string
	from, to    int64
	settled     int64
	closed      bool
	closedModel bool

	base   *ledger // of its closed cells; nil while frozen
	frozen *frozenLedger
	open   Counts    // at the last tick
	ages   Histogram // of its open requests at the last tick
	blocks blocks
	judge  judge
	health marks
	// seconds are the newest ones while it is open; clustered and warmUp are of
	// the last look, once a second.
	seconds   seconds
	clustered [NumPercentiles]bool
	warmUp    WarmUp

	bare      bool // only its figures are left
	dirty     bool // built is out of date
	built     *Segment
	endpoints []Endpoint
	shape     []block // of blocks, as it was published last
	epStale   onceASecond
}

func newSegment(s Segment, r *Recorder) *segment {
	st := &segment{
		id: s.ID, last: s.ID, kind: s.Kind, setting: s.Setting, by: s.By, label: s.Label,
		from: s.From, to: s.From,
		closedModel: s.Setting.Model == "closed",
		base:        r.borrow(),
		dirty:       true,
	}
	st.ages.pool = r.pool
	return st
}

func (st *segment) finish(at int64) {
	st.to, st.closed, st.dirty = max(at, st.from), true, true
	st.epStale.reset()
}

// absorb takes over what a folded segment was, but for its ledger.
func (st *segment) absorb(o *segment) {
	st.aliases = append(append(st.aliases, o.id), o.aliases...)
	st.last = max(st.last, o.last)
	st.to, st.setting, st.by = o.to, o.setting, o.by
	st.open.merge(&o.open)
	st.health.merge(&o.health)
	st.blocks, st.seconds, st.clustered = blocks{}, seconds{}, [NumPercentiles]bool{}
	st.dirty = true
	o.ages.Reset()
}

func (st *segment) describeTransit() {
	n := len(st.aliases) + 1
	st.label = fmt.Sprintf("%d settings in %.1f s", n, float64(st.to-st.from)/1e9)
	if n == 1 {
		st.label = fmt.Sprintf("1 setting for %.1f s", float64(st.to-st.from)/1e9)
	}
	st.judge = judge{verdict: NoVerdict}
	st.dirty = true
}

// settle notes when nothing older than the segment is open any more.
func (st *segment) settle(now int64, g Gauge) {
	if st.settled == 0 && (g.Oldest == 0 || g.Oldest >= int64(st.id)) {
		st.settled, st.dirty = max(now, 1), true
	}
}

// freezable reports whether nothing can be expected for the segment any more.
func (st *segment) freezable(now int64) bool {
	return st.base != nil && st.closed && st.settled > 0 && st.open.open() == 0 && now >= st.to+2*secondNanos
}

// freeze builds the segment for the last time and packs its histograms.
func (st *segment) freeze(r *Recorder) {
	st.epStale.reset()
	st.built = r.build(st)
	st.dirty = false
	st.frozen = freezeLedger(st.base)
	r.release(st.base)
	st.base = nil
	st.ages.Reset()
	st.blocks.compact()
	st.seconds = seconds{}
}

// keepDetail is how many of the newest segments keep their histograms and
// their endpoints. Older ones keep their figures, so that memory does not grow
// with the number of changes in a run.
const keepDetail = 32

// strip leaves only the figures of a frozen segment.
func (st *segment) strip() {
	s := *st.built
	s.Endpoints, s.shape = nil, nil
	st.built, st.endpoints, st.shape, st.frozen, st.blocks, st.bare = &s, nil, nil, nil, blocks{}, true
}

// thaw brings the histograms back when something comes for the segment late.
func (st *segment) thaw(r *Recorder) {
	if st.base != nil {
		return
	}
	st.base = r.borrow()
	st.frozen.thaw(st.base)
	st.frozen = nil
	st.dirty = true
}

// cellClosed takes what the verdict and the comparison need of a cell.
func (st *segment) cellClosed(c *cell) {
	if c.led.ok.count > 0 {
		second := coarseBlock(&c.led.ok)
		st.blocks.add(second)
		st.seconds.add(second)
	}
	st.judge.cell = [2]int64{c.led.ok.Percentile(50), c.led.ok.Percentile(90)}
}
