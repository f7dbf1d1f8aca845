package measure

const chunkRows = 256

// history grows the published History: a chunk handed out is only appended to
// behind its published length, or copied.
type history struct {
	chunks    [][]Row
	rows      int
	published int // rows that a view has seen
	view      [][]Row
}

func (h *history) append(row Row) {
	if h.rows%chunkRows == 0 {
		h.chunks = append(h.chunks, make([]Row, 0, chunkRows))
	}
	last := len(h.chunks) - 1
	h.chunks[last] = append(h.chunks[last], row)
	h.rows++
	h.view = nil
}

// edit returns row i for a change; a published chunk is copied first.
func (h *history) edit(i int) *Row {
	c := i / chunkRows
	if i < h.published {
		h.chunks[c] = append(make([]Row, 0, chunkRows), h.chunks[c]...)
		h.published = c * chunkRows
	}
	h.view = nil
	return &h.chunks[c][i%chunkRows]
}

// publish returns the history so far.
func (h *history) publish() History {
	if h.view == nil {
		h.view = append([][]Row(nil), h.chunks...)
		h.published = h.rows
	}
	return History{Chunks: h.view}
}

// Len returns the number of rows.
func (h History) Len() int {
	if len(h.Chunks) == 0 {
		return 0
	}
	last := len(h.Chunks) - 1
	return last*chunkRows + len(h.Chunks[last])
}

// At returns row i, which is only to be read; nil where there is none.
func (h History) At(i int) *Row {
	if i < 0 || i >= h.Len() {
		return nil
	}
	return &h.Chunks[i/chunkRows][i%chunkRows]
}

// marks count what the health of this machine says of a segment's seconds.
type marks struct {
	seconds, invalid int64
	streak           int64 // INVALID seconds in a row, up to now
	decided          bool  // three in a row were seen
}

func (m *marks) add(invalid bool) {
	m.seconds++
	if !invalid {
		m.streak = 0
		return
	}
	m.invalid++
	m.streak++
	m.decided = m.decided || m.streak >= 3
}

func (m *marks) merge(o *marks) {
	m.seconds += o.seconds
	m.invalid += o.invalid
	m.decided = m.decided || o.decided
}

// bad says that the segment is invalid: three INVALID seconds in a row, or
// more than 5 % of its seconds and at least two.
func (m *marks) bad() bool {
	return m.decided || m.invalid >= 2 && m.invalid*20 > m.seconds
}

// Mark books the health of this machine in a second, once per second and in
// order: the row gets the flags, and its segment may become invalid.
func (r *Recorder) Mark(second int64, warn, invalid bool) {
	if second < 0 || second >= int64(r.history.rows) {
		return
	}
	row := r.history.edit(int(second))
	row.Warn, row.Invalid = warn, invalid
	if st := r.segmentOf(row.Segment); st != nil {
		st.health.add(invalid)
		st.dirty = true
	}
}
