package engine

import (
	"math"
	"sync"
	"sync/atomic"

	"stoke/engine/limiter"
	"stoke/engine/measure"
)

// limits looks at what a rate limiter lets through. The recorder's goroutine
// owns it. Until the first refusal it only remembers; from then on it hands
// what was decided to an inference, once a second.
type limits struct {
	observer *limiter.Observer // nil from the first refusal on: the inference owns it
	to       *inference        // nil before
	heard    []decided         // not yet handed over
	asked    int64             // when it was, in nanoseconds since the start
	estimate *limiter.Estimate // the newest; nil before a refusal
	tried    []bool            // by endpoint: its attempts are told one by one, see [tries]
}

// decided is what became of one request, as far as a limiter shows in it.
type decided struct {
	at      int64  // when it left, in nanoseconds since the start
	took    int32  // until its answer, in microseconds
	of      uint16 // the endpoint
	refused bool
}

// add looks at requests that ended. With refused ones among them, guard is
// deferred in the goroutine that infers from them.
func (l *limits) add(batch []measure.Sample, guard func()) {
	for i := range batch {
		if s := &batch[i]; s.Class <= measure.Assert && !l.tried[s.Endpoint] {
			l.hear(s.Endpoint, s.T4, s.T8-s.T4, s.Class == measure.Limited, guard)
		}
	}
}

// hear takes one decision.
func (l *limits) hear(of uint16, at, took int64, refused bool, guard func()) {
	switch {
	case l.to != nil:
		l.heard = append(l.heard, decided{at, int32(min(took/1000, math.MaxInt32)), of, refused})
	case refused:
		l.observer.Add(of, at, took, true)
		l.to, l.observer = infer(l.observer, guard), nil
	default:
		l.observer.Add(of, at, took, false)
	}
}

// tries are the decisions on the attempts of requests that may be sent again:
// the sample of such a request spans them all. Any goroutine may add.
type tries struct {
	mu   sync.Mutex
	list []decided
}

// add tells of an attempt, with its own stamps.
func (t *tries) add(s *measure.Sample) {
	if s.Class > measure.Assert || s.T4 == 0 {
		return
	}
	t.mu.Lock()
	t.list = append(t.list, decided{s.T4, int32(min((s.T8-s.T4)/1000, math.MaxInt32)), s.Endpoint, s.Class == measure.Limited})
	t.mu.Unlock()
}

// tell hands what was added to l.
func (t *tries) tell(l *limits, guard func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range t.list {
		l.hear(d.of, d.at, int64(d.took)*1000, d.refused, guard)
	}
	t.list = t.list[:0]
}

// second hands over what was decided up to now, at most once a second: the fit
// takes some milliseconds, for which the recorder does not wait.
func (l *limits) second(now int64) {
	if l.to != nil {
		l.to.hand(l.heard)
		l.heard, l.asked = l.heard[:0], now
	}
}

// newest takes over what was inferred before now. What was asked for at this
// very moment counts as later: in virtual time the rest is sure to be there.
func (l *limits) newest(now int64) {
	if l.to != nil && now > l.asked {
		l.estimate = l.to.found.Load()
	}
}

// end infers from the rest, and waits for it: the run is over.
func (l *limits) end() {
	if l.to == nil {
		return
	}
	l.to.hand(l.heard)
	close(l.to.wake)
	<-l.to.over
	l.heard, l.estimate = nil, l.to.found.Load()
}

// inference fits a limiter to what it is handed, in a goroutine of its own
// that ends when wake is closed.
type inference struct {
	observer *limiter.Observer // the goroutine's
	wake     chan struct{}     // holds one
	over     chan struct{}     // closed when the goroutine has ended
	found    atomic.Pointer[limiter.Estimate]

	mu     sync.Mutex
	handed []decided // not yet looked at
}

// infer begins an inference from what was observed.
func infer(o *limiter.Observer, guard func()) *inference {
	f := &inference{observer: o, wake: make(chan struct{}, 1), over: make(chan struct{})}
	go f.work(guard)
	return f
}

// hand gives it a copy of what was decided. It never waits for a fit.
func (f *inference) hand(heard []decided) {
	f.mu.Lock()
	f.handed = append(f.handed, heard...)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// work is the goroutine.
func (f *inference) work(guard func()) {
	defer close(f.over)
	defer guard()
	var taken []decided
	for range f.wake {
		f.mu.Lock()
		taken, f.handed = f.handed, taken[:0]
		f.mu.Unlock()
		for i := range taken {
			f.observer.Add(taken[i].of, taken[i].at, int64(taken[i].took)*1000, taken[i].refused)
		}
		e := f.observer.Estimate()
		f.found.Store(&e)
	}
}
