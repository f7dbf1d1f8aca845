package measure

import (
	"cmp"
	"slices"
	"strconv"
)

const (
	answers = int(Error) + 1 // classes with a response time: OK to Error

	// maxKeys bounds the different codes counted apart in one set, so that a
	// target which invents status codes cannot grow memory.
	maxKeys  = 64
	otherKey = -1
)

// keyed counts by a small number of keys.
type keyed struct{ list []keyCount }

type keyCount struct {
	key   int32
	count int64
}

func (k *keyed) add(key int32, n int64) {
	for i := range k.list {
		if k.list[i].key == key {
			k.list[i].count += n
			return
		}
	}
	if len(k.list) >= maxKeys && key != otherKey {
		k.add(otherKey, n)
		return
	}
	k.list = append(k.list, keyCount{key, n})
}

func (k *keyed) merge(o *keyed) {
	for _, e := range o.list {
		k.add(e.key, e.count)
	}
}

// tallies returns the counts under their names, by falling count.
func (k *keyed) tallies(name func(int32) (name, sample string)) []Tally {
	if len(k.list) == 0 {
		return nil
	}
	list := slices.Clone(k.list)
	slices.SortFunc(list, func(a, b keyCount) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.key, b.key))
	})
	out := make([]Tally, len(list))
	for i, e := range list {
		out[i].Count = e.count
		if e.key == otherKey {
			out[i].Name = "other"
			continue
		}
		out[i].Name, out[i].Sample = name(e.key)
	}
	return out
}

// ledger is everything counted about a set of ended requests. Cells, segments
// and the run are ledgers, and a cell is added to its segment and to the run
// once, when its second closes.
type ledger struct {
	sheet
	answered  [answers]Histogram // response times by class; OK's is empty, it is sheet.ok
	ttfb      Histogram
	pacer     Histogram
	slot      Histogram
	connect   Histogram
	dispatch  Histogram
	retry     keyed
	endpoints []sheet // none for a single endpoint: it is the whole
}

// endpoint returns the part of an endpoint.
func (l *ledger) endpoint(i int) *sheet {
	if len(l.endpoints) == 0 {
		return &l.sheet
	}
	return &l.endpoints[i]
}

// sheet is the part that is also kept for each endpoint.
type sheet struct {
	counts  Counts
	ok      Histogram // response time
	service Histogram
	status  keyed // of complete answers
	faults  keyed // of errors
}

func newLedger(endpoints int, pool *pagePool) *ledger {
	l := new(ledger)
	if endpoints > 1 {
		l.endpoints = make([]sheet, endpoints)
	}
	l.each(func(h *Histogram) { h.pool = pool })
	return l
}

// each visits every histogram in a fixed order.
func (l *ledger) each(f func(*Histogram)) {
	f(&l.ok)
	f(&l.service)
	for i := range l.answered {
		f(&l.answered[i])
	}
	for _, h := range [...]*Histogram{&l.ttfb, &l.pacer, &l.slot, &l.connect, &l.dispatch} {
		f(h)
	}
	for i := range l.endpoints {
		f(&l.endpoints[i].ok)
		f(&l.endpoints[i].service)
	}
}

// add counts one ended request.
func (l *ledger) add(s *Sample, closed bool) {
	l.sheet.add(s)
	if int(s.Endpoint) < len(l.endpoints) {
		l.endpoints[s.Endpoint].add(s)
	}
	switch s.Class {
	case OK:
		l.ttfb.Add(s.T6 - s.T4)
	case Status, Assert, Error:
		l.answered[s.Class].Add(s.T8 - s.T0)
	case Limited:
		l.answered[Limited].Add(s.T8 - s.T0)
		if s.RetryAfter >= 0 {
			l.retry.add(s.RetryAfter, 1)
		}
	}
	if s.Flags&Departed == 0 {
		return
	}
	if !closed { // the closed model has no plan, so nothing can wait for it
		l.pacer.Add(s.T1 - s.T0)
		l.slot.Add(s.T2 - s.T1)
	}
	l.connect.Add(s.T3 - s.T2)
	l.dispatch.Add(s.T4 - s.T3)
}

func (e *sheet) add(s *Sample) {
	e.counts.add(s)
	switch s.Class {
	case OK:
		e.ok.Add(s.T8 - s.T0)
		e.service.Add(s.T8 - s.T4)
		e.status.add(int32(s.Status), 1)
	case Status, Limited, Assert:
		e.status.add(int32(s.Status), 1)
	case Error:
		e.faults.add(int32(s.Fault), 1)
	}
}

// drop counts n requests that ended without being sent.
func (l *ledger) drop(c Class, endpoint uint16, n int64) {
	*l.counts.class(c) += n
	if int(endpoint) < len(l.endpoints) {
		*l.endpoints[endpoint].counts.class(c) += n
	}
}

// merge adds o, which stays as it is.
func (l *ledger) merge(o *ledger) {
	l.sheet.merge(&o.sheet)
	for i := range l.answered {
		l.answered[i].Merge(&o.answered[i])
	}
	l.ttfb.Merge(&o.ttfb)
	l.pacer.Merge(&o.pacer)
	l.slot.Merge(&o.slot)
	l.connect.Merge(&o.connect)
	l.dispatch.Merge(&o.dispatch)
	l.retry.merge(&o.retry)
	for i := range o.endpoints {
		l.endpoints[i].merge(&o.endpoints[i])
	}
}

func (e *sheet) merge(o *sheet) {
	e.counts.merge(&o.counts)
	e.ok.Merge(&o.ok)
	e.service.Merge(&o.service)
	e.status.merge(&o.status)
	e.faults.merge(&o.faults)
}

func (e *sheet) reset() {
	e.counts = Counts{}
	e.status.list = e.status.list[:0]
	e.faults.list = e.faults.list[:0]
}

func (l *ledger) reset() {
	l.each((*Histogram).Reset)
	l.sheet.reset()
	for i := range l.endpoints {
		l.endpoints[i].reset()
	}
	l.retry.list = l.retry.list[:0]
}

// class returns the counter of a class; an unknown one counts as an error.
func (c *Counts) class(k Class) *int64 {
	switch k {
	case OK:
		return &c.OK
	case Status:
		return &c.Status
	case Limited:
		return &c.Limited
	case Assert:
		return &c.Assert
	case Expired:
		return &c.Expired
	case Shed:
		return &c.Shed
	case Superseded:
		return &c.Superseded
	case Generator:
		return &c.Generator
	case Cut:
		return &c.Cut
	case Stopped:
		return &c.Stopped
	}
	return &c.Error
}

func (c *Counts) add(s *Sample) {
	*c.class(s.Class)++
	f := s.Flags
	c.Opened += int64(f & Opened)
	c.Reused += int64(f & Reused >> 1)
	c.Early += int64(f & Early >> 2)
	c.Closed += int64(f&ConnClosed>>3) + int64(f&Reconnected>>4) + int64(f&Retired>>6)
	c.Reconnected += int64(f & Reconnected >> 4)
	c.Sent += int64(f & Departed >> 5)
	c.BytesIn += s.In
	c.BytesOut += s.Out
}

// merge adds the counters of o, open ones included.
func (c *Counts) merge(o *Counts) {
	c.Intended += o.Intended
	c.Sent += o.Sent
	c.OK += o.OK
	c.Status += o.Status
	c.Limited += o.Limited
	c.Assert += o.Assert
	c.Error += o.Error
	c.Expired += o.Expired
	c.Shed += o.Shed
	c.Superseded += o.Superseded
	c.Generator += o.Generator
	c.Cut += o.Cut
	c.Stopped += o.Stopped
	c.Backlog += o.Backlog
	c.Connecting += o.Connecting
	c.InFlight += o.InFlight
	c.BytesIn += o.BytesIn
	c.BytesOut += o.BytesOut
	c.Opened += o.Opened
	c.Closed += o.Closed
	c.Reused += o.Reused
	c.Reconnected += o.Reconnected
	c.Early += o.Early
}

// ended is the number of requests in a final state.
func (c *Counts) ended() int64 { return c.Done() + c.Unsent() + c.Cut + c.Stopped }

// open is the number of requests that are under way or waiting.
func (c *Counts) open() int64 { return c.Backlog + c.Connecting + c.InFlight }

// failedForGood is how many rank as never in the intended ladder: all that
// ended otherwise than OK, but for what the operator caused.
func (c *Counts) failedForGood() int64 {
	return c.Status + c.Limited + c.Assert + c.Error + c.Expired + c.Shed + c.Generator
}

// withOpen completes the counts of ended requests by the open ones.
func (c Counts) withOpen(o Counts) Counts {
	c.Backlog, c.Connecting, c.InFlight = o.Backlog, o.Connecting, o.InFlight
	c.Intended = c.ended() + c.open()
	c.Sent += c.InFlight
	return c
}

func secondsName(s int32) (string, string) { return strconv.Itoa(int(s)) + " s", "" }
