package measure

import (
	"cmp"
	"slices"
)

// keepSlowest is how many of the slowest requests keep all of their stamps.
const keepSlowest = 50

// Slow is one of the slowest requests of a run.
type Slow struct {
	Sample
	Name  string // of its endpoint
	Cause string // of an error: its fault; else empty
}

// Response is T8−T0, the whole of its time in nanoseconds, and the sum of its
// [Slow.Parts].
func (s *Slow) Response() int64 { return s.T8 - s.T0 }

// Parts are what a response time is made of, in nanoseconds.
type Parts struct {
	Pacer    int64 // P, T1−T0: let go late by this machine
	Slot     int64 // Q, T2−T1: the wait for a slot
	Connect  int64 // C, T3−T2
	Dispatch int64 // X, T4−T3: begun late by this machine
	Service  int64 // S, T8−T4: the target's, to the last byte
}

// Parts takes the response time apart. Without a send it ends with the part in
// which the request failed.
func (s *Slow) Parts() Parts {
	var p Parts
	from := s.T0
	// A stamp that was not reached is 0: what is left belongs to the part that
	// was under way.
	for _, step := range [...]struct {
		stamp int64
		part  *int64
	}{{s.T1, &p.Pacer}, {s.T2, &p.Slot}, {s.T3, &p.Connect}, {s.T4, &p.Dispatch}} {
		if step.stamp == 0 && from > 0 {
			*step.part = s.T8 - from
			return p
		}
		*step.part, from = step.stamp-from, step.stamp
	}
	p.Service = s.T8 - from
	return p
}

// slowest keeps the slowest requests, in a heap with the quickest of them on
// top. Its floor begins at -1. An ordinary sample costs one comparison.
type slowest struct {
	floor int64 // a request must take longer than this to get in
	heap  []Sample
	fresh bool // the view is of this heap
	view  []Slow
}

// offer takes what was tried at the target, whatever became of it. What was
// never sent, cut or abandoned has no time of its own.
func (s *slowest) offer(x *Sample) {
	if x.T8-x.T0 > s.floor && x.Class <= Error {
		s.take(x)
	}
}

func (s *slowest) take(x *Sample) {
	s.fresh = false
	if len(s.heap) < keepSlowest {
		if s.heap == nil {
			s.heap = make([]Sample, 0, keepSlowest)
		}
		s.heap = append(s.heap, *x)
		for i := len(s.heap) - 1; i > 0; {
			up := (i - 1) / 2
			if s.time(up) <= s.time(i) {
				break
			}
			s.heap[up], s.heap[i] = s.heap[i], s.heap[up]
			i = up
		}
	} else {
		s.heap[0] = *x
		for i := 0; ; {
			down := 2*i + 1
			if down >= keepSlowest {
				break
			}
			if next := down + 1; next < keepSlowest && s.time(next) < s.time(down) {
				down = next
			}
			if s.time(i) <= s.time(down) {
				break
			}
			s.heap[i], s.heap[down] = s.heap[down], s.heap[i]
			i = down
		}
	}
	if len(s.heap) == keepSlowest {
		s.floor = s.time(0)
	}
}

func (s *slowest) time(i int) int64 { return s.heap[i].T8 - s.heap[i].T0 }

// publish returns them, slowest first.
func (s *slowest) publish(cfg *Config) []Slow {
	if s.fresh {
		return s.view
	}
	view := make([]Slow, len(s.heap))
	for i := range s.heap {
		x := &s.heap[i]
		view[i].Sample = *x
		if int(x.Endpoint) < len(cfg.Endpoints) {
			view[i].Name = cfg.Endpoints[x.Endpoint]
		}
		if x.Class == Error && int(x.Fault) < len(cfg.Faults) {
			view[i].Cause = cfg.Faults[x.Fault]
		}
	}
	slices.SortFunc(view, func(a, b Slow) int {
		return cmp.Or(cmp.Compare(b.Response(), a.Response()), cmp.Compare(a.T0, b.T0))
	})
	s.view, s.fresh = view, true
	return view
}
