package engine

// ticket is the right to send one request: it exists from the moment that the
// pacer released the request. Times are nanoseconds since the start of the run.
type ticket struct {
	t0, t1, t2 int64
	seq        int64 // running number of intended requests, from 1
	segment    int32 // of t0
	endpoint   uint16
	flow       *flow // what the request carries; nil for a plain one
	retire     bool  // not a request: the slot is to close and leave
	again      bool  // not a request: the slot is to ask the dispatcher
}

// waiting is a released request without a slot.
type waiting struct {
	t0, t1   int64
	seq      int64
	segment  int32
	endpoint uint16
	flow     *flow // of a step of a scenario that has begun
}

// chunkLen is how many waiting requests a chunk of the backlog holds.
const chunkLen = 512

type chunk [chunkLen]waiting

// backlog holds the requests that wait for a slot, in the order of their
// intended times. It grows by chunks and never copies an entry. Its owner
// serialises calls.
type backlog struct {
	chunks []*chunk
	head   int // index into the first chunk
	n      int
	spare  *chunk // the last chunk emptied, to be used again

	// How many wait of each segment (contiguous, since segments follow the
	// intended times) and of each endpoint, so that a scan need not visit them.
	runs       []segmentRun
	byEndpoint []int64
}

// segmentRun is how many neighbours in a backlog belong to one segment.
type segmentRun struct {
	segment int32
	n       int64
}

// len returns the number of waiting requests.
func (b *backlog) len() int { return b.n }

// push appends a request.
func (b *backlog) push(w waiting) {
	at := b.head + b.n
	if at/chunkLen == len(b.chunks) {
		c := b.spare
		if b.spare = nil; c == nil {
			c = new(chunk)
		}
		b.chunks = append(b.chunks, c)
	}
	b.chunks[at/chunkLen][at%chunkLen] = w
	b.n++
	if k := len(b.runs); k == 0 || b.runs[k-1].segment != w.segment {
		b.runs = append(b.runs, segmentRun{segment: w.segment})
	}
	b.runs[len(b.runs)-1].n++
	for int(w.endpoint) >= len(b.byEndpoint) {
		b.byEndpoint = append(b.byEndpoint, 0)
	}
	b.byEndpoint[w.endpoint]++
}

// first returns the oldest request; the backlog must not be empty.
func (b *backlog) first() *waiting { return &b.chunks[0][b.head] }

// pop removes and returns the oldest request; the backlog must not be empty.
func (b *backlog) pop() waiting {
	w := b.chunks[0][b.head]
	b.head++
	b.n--
	b.byEndpoint[w.endpoint]--
	if b.runs[0].n--; b.runs[0].n == 0 {
		b.runs = append(b.runs[:0], b.runs[1:]...)
	}
	if b.head == chunkLen || b.n == 0 {
		b.spare = b.chunks[0]
		copy(b.chunks, b.chunks[1:])
		b.chunks[len(b.chunks)-1] = nil
		b.chunks = b.chunks[:len(b.chunks)-1]
		b.head = 0
	}
	return w
}

// take empties the backlog and returns what it held.
func (b *backlog) take() backlog {
	all := *b
	all.spare = nil
	*b = backlog{spare: b.spare}
	return all
}

// blocks calls f for each chunk with the requests that it holds, oldest first.
func (b *backlog) blocks(f func(w []waiting)) {
	left, head := b.n, b.head
	for _, c := range b.chunks {
		k := min(chunkLen-head, left)
		f(c[head : head+k])
		left -= k
		head = 0
	}
}
