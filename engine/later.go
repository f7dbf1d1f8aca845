package engine

import "container/heap"

// later is a queue of flows by the time at which they go on, the earliest
// first. Its owner serialises calls.
type later struct{ flows []*flow }

// push adds a flow, to go on at due.
func (q *later) push(f *flow, due int64) {
	f.due = due
	heap.Push(q, f)
}

// next is when the first flow goes on; never without one.
func (q *later) next() int64 {
	if len(q.flows) == 0 {
		return never
	}
	return q.flows[0].due
}

// take removes and returns the first flow if it is due at now, else nil.
func (q *later) take(now int64) *flow {
	if q.next() > now {
		return nil
	}
	return heap.Pop(q).(*flow)
}

// shift moves everything by so many nanoseconds: a pause in which no time
// passed for who waits.
func (q *later) shift(nanos int64) {
	for _, f := range q.flows {
		f.due += nanos
		f.pauses++
	}
}

// sift removes the flows for which gone says so, and keeps the others.
func (q *later) sift(gone func(*flow) bool) {
	kept := q.flows[:0]
	for _, f := range q.flows {
		if !gone(f) {
			kept = append(kept, f)
		}
	}
	clear(q.flows[len(kept):])
	q.flows = kept
	heap.Init(q)
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (q *later) Len() int           { return len(q.flows) }
func (q *later) Less(i, j int) bool { return q.flows[i].due < q.flows[j].due }
func (q *later) Swap(i, j int)      { q.flows[i], q.flows[j] = q.flows[j], q.flows[i] }
func (q *later) Push(x any)         { q.flows = append(q.flows, x.(*flow)) }
func (q *later) Pop() any {
	last := len(q.flows) - 1
	f := q.flows[last]
	q.flows[last] = nil
	q.flows = q.flows[:last]
	return f
}
