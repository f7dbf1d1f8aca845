package measure

import "fmt"

// check compares the gauge's own totals, which the engine counts where it
// releases and sends, with the sums of what was recorded and of what was
// scanned. It names the first numbers that disagree, or is empty.
func (r *Recorder) check(g Gauge) string {
	c := r.sumOfCounts(&r.run.counts, nil).withOpen(r.runOpen)
	for _, n := range [...]struct {
		what      string
		said, sum int64
	}{{"intended", g.Intended, c.Intended}, {"sent", g.Sent, c.Sent}, {"unsent", g.Unsent, c.Unsent()}} {
		if n.said != n.sum {
			return fmt.Sprintf("%s %d, but the requests add up to %d", n.what, n.said, n.sum)
		}
	}
	if g.OpenBySegment != nil {
		var o Counts
		for _, st := range r.segments {
			o.merge(&st.open)
		}
		if o.open() != r.runOpen.open() {
			return fmt.Sprintf("open requests %d, but the segments add up to %d", r.runOpen.open(), o.open())
		}
	}
	for id, said := range g.IntendedBySegment {
		st := r.segmentOf(id)
		if st.kind == Transit { // the sum of several, some of which the gauge may have left out
			continue
		}
		if sum := r.countsOf(st).Intended; said != sum {
			return fmt.Sprintf("intended %d in segment %d, but the requests add up to %d", said, id, sum)
		}
	}
	return ""
}

// sumOfCounts adds the open cells of a segment, or of all for nil, to base.
func (r *Recorder) sumOfCounts(base *Counts, st *segment) Counts {
	c := *base
	for _, cell := range r.cells {
		if st == nil || cell.seg == st {
			c.merge(&cell.led.counts)
		}
	}
	return c
}

// countsOf are the counts of a segment with what was open at the last tick.
func (r *Recorder) countsOf(st *segment) Counts {
	if st.base == nil {
		return st.frozen.counts.withOpen(st.open)
	}
	return r.sumOfCounts(&st.base.counts, st).withOpen(st.open)
}
