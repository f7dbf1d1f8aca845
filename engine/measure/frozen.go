package measure

import (
	"encoding/binary"
)

// Frozen is a histogram packed for keeping: pairs of (buckets to skip, count)
// as variable-length numbers. It is never changed.
type Frozen struct {
	pairs        []byte
	count, over  int64
	sumHi, sumLo uint64
	min, max     int64
}

// Freeze packs the histogram; nothing is lost.
func (h *Histogram) Freeze() Frozen {
	f := Frozen{count: h.count, over: h.over, sumHi: h.sumHi, sumLo: h.sumLo, min: h.min, max: h.max}
	if h.count == 0 {
		return f
	}
	var buf [4096]byte
	pairs := buf[:0]
	next := 0
	for i, pg := range h.pages {
		if pg == nil {
			continue
		}
		for j, low := range pg {
			b := i<<pageBits + j
			n := uint64(low)
			if h.high != nil {
				n += h.high[b]
			}
			if n == 0 {
				continue
			}
			pairs = binary.AppendUvarint(pairs, uint64(b-next))
			pairs = binary.AppendUvarint(pairs, n)
			next = b + 1
		}
	}
	f.pairs = append([]byte(nil), pairs...)
	return f
}

// Count is the number of values.
func (f Frozen) Count() int64 { return f.count }

// MergeFrozen adds everything counted in f.
func (h *Histogram) MergeFrozen(f Frozen) {
	if f.count == 0 {
		return
	}
	b := 0
	for p := f.pairs; len(p) > 0; {
		skip, k := binary.Uvarint(p)
		n, m := binary.Uvarint(p[k:])
		p = p[k+m:]
		b += int(skip)
		h.addBucket(b, n)
		b++
	}
	h.mergeTotals(f.count, f.over, f.sumHi, f.sumLo, f.min, f.max)
}

// frozenLedger is a packed ledger.
type frozenLedger struct {
	counts    Counts
	shapes    []Frozen // in the order of ledger.each
	retry     keyed
	status    keyed
	faults    keyed
	endpoints []frozenSheet
}

type frozenSheet struct {
	counts         Counts
	status, faults keyed
}

func (k *keyed) clone() keyed { return keyed{append([]keyCount(nil), k.list...)} }

func freezeLedger(l *ledger) *frozenLedger {
	f := &frozenLedger{
		counts: l.counts, retry: l.retry.clone(), status: l.status.clone(), faults: l.faults.clone(),
		endpoints: make([]frozenSheet, len(l.endpoints)),
	}
	l.each(func(h *Histogram) { f.shapes = append(f.shapes, h.Freeze()) })
	for i := range l.endpoints {
		e := &l.endpoints[i]
		f.endpoints[i] = frozenSheet{e.counts, e.status.clone(), e.faults.clone()}
	}
	return f
}

// thaw adds the packed ledger to l.
func (f *frozenLedger) thaw(l *ledger) {
	i := 0
	l.each(func(h *Histogram) {
		h.MergeFrozen(f.shapes[i])
		i++
	})
	l.counts.merge(&f.counts)
	l.retry.merge(&f.retry)
	l.status.merge(&f.status)
	l.faults.merge(&f.faults)
	for i := range f.endpoints {
		e := &l.endpoints[i]
		e.counts.merge(&f.endpoints[i].counts)
		e.status.merge(&f.endpoints[i].status)
		e.faults.merge(&f.endpoints[i].faults)
	}
}
