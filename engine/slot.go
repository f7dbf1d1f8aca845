package engine

import (
	"runtime"
	"sync"
	"sync/atomic"

	"stoke/engine/measure"
	"stoke/engine/wire"
)

// The phases of a slot, in the low bits of its word. A request is occupied in
// every phase but parked.
const (
	parked     uint64 = iota // no request
	connecting               // has a slot; nothing of it has left
	inflight                 // its first byte left
	finishing                // ended by itself; its sample is not yet in the shard
	killing                  // somebody is ending it from outside
	killed                   // ended from outside

	phaseMask = 7
	departed  = 8 // the bit that says that something of the request left
	sequence  = 16
)

// killer says who ended a request from outside.
type killer uint32

const (
	byTimeout killer = iota + 1
	byCut
	byStop
)

// slot is one place of concurrency: a worker goroutine and its connection.
//
// The word holds (sequence, departed, phase) and decides every race: who ends a
// request first, by a compare-and-swap from the word that it saw, owns its
// outcome, so no request is ever killed for the one before it. The sequence
// counts the requests, so what was sent can be read off the words.
type slot struct {
	r     *Run
	shard *shard
	conn  wire.Conn
	wake  chan ticket // holds at most one; filled only by who took the slot from the idle ring or opened it

	word  atomic.Uint64
	since atomic.Int64  // when the present phase began: T2 or T4
	why   atomic.Uint32 // the killer; set before the word says killed

	// Written with the dispatcher's lock (open model) or the shard's (closed),
	// read with both.
	t0, t2   int64
	granted  int64 // when the schedule gave the slot out; -1 once it is back
	segment  int32
	endpoint uint16
	halts    uint32 // the halts before this request; a later one withholds it
	kept     uint64 // requests that ended without leaving, and what is counted apart; with a lock
	apart    bool   // the present exchange is counted apart: a poll, or a request that left before
	polls    bool   // it is a poll

	// The scanner's own.
	looked uint64 // the word when it looked last
	lookAt int64  // when it looks next for a missed answer

	// The recorder's own.
	resent int // packets that the connection sent again, at the last look
}

// shard is where a group of slots leaves its samples.
type shard struct {
	mu       sync.Mutex
	batch    []measure.Sample
	full     [][]measure.Sample // filled batches that wait for the recorder
	slots    int                // slots that leave their samples here
	withheld int64              // requests that had a slot and were not let out
	closed   closedShare
	_        [64]byte
}

// batchLen is how many samples a batch holds.
const batchLen = 512

// append adds a sample. The caller holds the lock.
func (sh *shard) append(s *measure.Sample, spare *sync.Pool) {
	if len(sh.batch) == cap(sh.batch) {
		if sh.batch != nil {
			sh.full = append(sh.full, sh.batch)
		}
		sh.batch = spare.Get().(*[batchLen]measure.Sample)[:0]
	}
	if sh.batch = append(sh.batch, *s); s.Class == measure.Superseded {
		sh.withheld++
	}
}

// assign gives a parked slot its next request at now. The caller holds the
// dispatcher's lock (open model) or the shard's (closed model).
func (s *slot) assign(tk *ticket, now int64) {
	s.t0, s.t2, s.segment, s.endpoint = tk.t0, tk.t2, tk.segment, tk.endpoint
	s.halts = s.r.halts.Load()
	s.apart, s.polls = false, false
	if f := tk.flow; f != nil {
		s.polls = f.stage == polling
		if s.apart = s.polls || f.stage == retrying && f.first.Flags&measure.Departed != 0; s.apart {
			s.kept++
		}
	}
	s.since.Store(now)
	s.word.Store(s.word.Load()&^(sequence-1) + sequence | connecting)
}

// Depart implements wire.Gate: nothing leaves that was killed, or that a pause
// or a stop forbids.
func (s *slot) Depart(t4 int64) bool {
	w := s.word.Load()
	if w&phaseMask != connecting || s.halts != s.r.halts.Load() {
		return false
	}
	s.since.Store(t4)
	return s.word.CompareAndSwap(w, w&^phaseMask|departed|inflight)
}

// sent is how many requests of the slot have begun to leave. The caller holds
// the shard's lock; w is the word.
func (s *slot) sent(w uint64) int64 {
	n := w/sequence - s.kept
	if w&phaseMask != parked && w&departed == 0 && !s.apart {
		n-- // the present one has not
	}
	return int64(n)
}

// kill ends the request that the word w was read from, unless it has ended.
func (s *slot) kill(w uint64, who killer) bool {
	if p := w & phaseMask; p != connecting && p != inflight || !s.word.CompareAndSwap(w, w&^phaseMask|killing) {
		return false
	}
	s.why.Store(uint32(who))
	cause := wire.Cancelled
	if who == byTimeout {
		cause = wire.Timeout
	}
	s.conn.Kill(cause, who != byTimeout)
	s.word.Store(w&^phaseMask | killed)
	return true
}

// finish closes the race for the request's end and says who won: 0 if it ended
// by itself.
func (s *slot) finish() killer {
	for {
		w := s.word.Load()
		switch w & phaseMask {
		case connecting, inflight:
			if s.word.CompareAndSwap(w, w&^phaseMask|finishing) {
				return 0
			}
		case killing:
			runtime.Gosched() // the killer is about to return from Kill
		default:
			return killer(s.why.Load())
		}
	}
}

// park marks the slot free. The caller holds the shard's lock, with the sample
// appended, so that no scan sees the request twice or not at all.
func (s *slot) park() {
	w := s.word.Load()
	if w&departed == 0 && !s.apart {
		s.kept++
	}
	s.word.Store(w &^ (departed | phaseMask))
}

// work is the life of a slot: requests one after the other until it is retired.
func (s *slot) work() {
	r := s.r
	defer r.workers.Done()
	defer r.guard()
	var (
		res    wire.Result
		sample measure.Sample
	)
	tk := <-s.wake
	alive := !tk.retire
	if tk.again {
		alive = r.disp.next(s, &tk)
	}
	for alive {
		req := r.endpoints[tk.endpoint].req
		if tk.flow != nil || !r.endpoints[tk.endpoint].script.bare {
			req = r.load(&tk)
		}
		if req != nil {
			s.conn.Do(req, tk.seq, &res)
		} else {
			r.unsendable(&res)
		}
		who := s.finish()
		if res.Kernel != 0 {
			r.kernel.add(res.Kernel)
		}
		r.sample(&sample, &tk, &res, who, s.word.Load()&departed != 0)
		if who != 0 && !res.Closed && (res.Opened || res.Reused) {
			s.conn.Close() // if the Kill that came too late for the request has not done it
			sample.Flags |= measure.ConnClosed
		}
		if tk.flow != nil {
			alive = s.follow(&tk, &res, &sample, who)
			continue
		}
		if !r.closed.Load() {
			s.deliver(&sample)
			alive = r.disp.next(s, &tk)
			continue
		}
		refused := sample.Class == measure.Error && res.Fault.BeforeSend()
		if s.goOn(&sample, &tk, refused) {
			continue
		}
		if refused {
			// Without a plan nothing else paces dials to a target that refuses them.
			r.rest(dialRest)
		}
		alive = r.disp.next(s, &tk)
	}
	if s.conn.Open() {
		s.conn.Close()
		r.retired.Add(1)
	}
	r.disp.bury(s)
}

// deliver hands a sample to the shard and frees the slot.
func (s *slot) deliver(sample *measure.Sample) {
	s.shard.mu.Lock()
	s.shard.append(sample, &s.r.batches)
	s.park()
	s.shard.mu.Unlock()
}

// dialRest is the pause of a slot in the closed model after a connection that
// could not be opened.
const dialRest = int64(100e6) // nanoseconds

// goOn delivers a sample of the closed model and begins the next request
// without the dispatcher. It reports false when the slot has to ask there: the
// model or the concurrency changed, or nothing may be sent now.
func (s *slot) goOn(sample *measure.Sample, tk *ticket, refused bool) bool {
	r, sh := s.r, s.shard
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.append(sample, &r.batches)
	s.park()
	// What is more than plain requests shares the ceiling, under the dispatcher's lock.
	if refused || r.extras || s.halts != r.halts.Load() || !r.closed.Load() || r.surplus.Load() {
		return false
	}
	return s.begin(tk, sample.T8) == 0
}

// closedShare is a shard's part of what the closed model needs: with no plan
// and no dispatcher, numbers, endpoints and the rate ceiling are drawn here.
type closedShare struct {
	intended int64   // requests begun
	seq, end int64   // running numbers at hand
	mix      *mix    // draws endpoints
	tokens   float64 // requests that the rate ceiling allows now
	filled   int64   // when tokens was brought up to date
}

// seqBlock is how many running numbers a shard fetches at once.
const seqBlock = 1024

// begin starts a request of the closed model at now, or says how many
// nanoseconds the rate ceiling asks to wait. The caller holds the shard's lock.
func (s *slot) begin(tk *ticket, now int64) int64 {
	c := &s.shard.closed
	perNano := s.r.ceilingPerSlot() * float64(s.shard.slots) / 1e9
	c.tokens = min(c.tokens+float64(now-c.filled)*perNano, perNano*1e7+1) // at most 10 ms saved up
	c.filled = now
	if c.tokens < 1 {
		return int64((1-c.tokens)/perNano) + 1
	}
	c.tokens--
	c.intended++
	if c.seq == c.end {
		c.end = s.r.seq.Add(seqBlock)
		c.seq = c.end - seqBlock
	}
	c.seq++
	*tk = ticket{t0: now, t1: now, t2: now, seq: c.seq, segment: s.r.segment.Load(), endpoint: s.r.draw(c.mix)}
	s.assign(tk, now)
	return 0
}
