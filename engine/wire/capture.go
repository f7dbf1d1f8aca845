package wire

// capture keeps the beginning of an answer: of one for someone to look at, or
// of one whose request has a [Keep]. The latter belongs to a connection from an
// exchange that keeps to the beginning of one that does not.
type capture struct {
	most  int    // of the body
	head  bool   // the header block is wanted
	block []byte // the header block of the final answer, without the empty line
	data  []byte

	roomy int // exchanges in a row that used little of data
}

const (
	// largeCapture is the size from which a buffer that is mostly empty is
	// given up, and patientCapture after how many exchanges: one large answer
	// must not cost each connection its size for the rest of a run, nor answers
	// of changing size an allocation each.
	largeCapture   = 64 << 10
	patientCapture = 64
)

// begin forgets the answer before.
func (k *capture) begin(keep Keep, most int) {
	if cap(k.data) > largeCapture {
		if k.roomy++; len(k.data) > cap(k.data)/8 {
			k.roomy = 0
		}
		if k.roomy >= patientCapture {
			k.data, k.roomy = nil, 0
		}
	}
	k.block, k.data = k.block[:0], k.data[:0]
	k.head, k.most = keep&KeepHead != 0, 0
	if keep&KeepBody != 0 {
		k.most = most
	}
}

func (k *capture) body(b []byte) {
	k.data = append(k.data, b[:min(len(b), max(0, k.most-len(k.data)))]...)
}

// hold borrows what keeps the answer that req asks for, or returns what kept
// the answer before.
func (c *conn) hold(keep Keep) *capture {
	if keep == 0 {
		if c.held != nil {
			c.t.captures.Put(c.held)
			c.held = nil
		}
		return nil
	}
	if c.held == nil {
		c.held = c.t.captures.Get().(*capture)
	}
	c.held.begin(keep, c.t.cfg.KeepMost)
	return c.held
}
