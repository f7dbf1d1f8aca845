package engine

// looksAtOnce is how many connections are looked at with each drain: they cost
// two system calls each.
const looksAtOnce = 16

// looks asks the kernel about a few connections at a time, in turn: the
// recorder's goroutine does, away from the path of requests.
type looks struct {
	next int
	held []look // those that had something unread, to be looked at again

	// Of the present second.
	seen, unread, retrans int64
}

// look is what lay unread on a slot's connection, and the slot's word then.
type look struct {
	s      *slot
	word   uint64
	unread int
}

// prober is a connection that can say something of itself.
type prober interface {
	Probe() (retrans, unread int, ok bool)
}

// at looks at the slots whose turn it is. Bytes count as unread if they still
// lie there at the next drain, as many, under the same request: what has just
// arrived, or is being read, does not.
func (k *looks) at(slots []*slot) {
	for _, l := range k.held {
		_, unread, ok := l.s.conn.(prober).Probe()
		if ok && unread == l.unread && l.s.word.Load() == l.word {
			k.unread++
		}
	}
	k.held = k.held[:0]
	for range min(len(slots), looksAtOnce) {
		s := slots[k.next%len(slots)]
		k.next++
		p, can := s.conn.(prober)
		if !can {
			return
		}
		w := s.word.Load()
		retrans, unread, ok := p.Probe()
		if !ok {
			continue
		}
		k.seen++
		k.retrans += max(0, int64(retrans-s.resent))
		s.resent = retrans
		if unread > 0 && w&phaseMask == inflight {
			k.held = append(k.held, look{s, w, unread})
		}
	}
}

// second returns the figures of the second, and begins the next one.
func (k *looks) second() (seen, unread, retrans int64) {
	seen, unread, retrans = k.seen, k.unread, k.retrans
	k.seen, k.unread, k.retrans = 0, 0, 0
	return seen, unread, retrans
}
