package engine

import (
	"testing"

	"stoke/engine/wire"
)

// probed is a connection that says what it is told.
type probed struct {
	wire.Conn
	retrans, unread int
	closed          bool
}

func (p *probed) Probe() (int, int, bool) { return p.retrans, p.unread, !p.closed }

// TestLooks: unread is what stays unread under one request, and packets sent
// again are counted once for each connection.
func TestLooks(t *testing.T) {
	conns := make([]*probed, looksAtOnce)
	slots := make([]*slot, looksAtOnce)
	for i := range slots {
		conns[i] = &probed{}
		slots[i] = &slot{conn: conns[i]}
		slots[i].word.Store(sequence | departed | inflight)
	}
	var k looks
	conns[0].unread = 7 // stays
	conns[1].unread = 7 // is read on
	conns[2].unread = 7 // the next request has as much
	conns[3].unread = 7 // nobody waits
	slots[3].word.Store(sequence)
	conns[4].closed = true
	conns[5].retrans = 3
	k.at(slots)
	conns[1].unread = 6
	slots[2].word.Add(sequence)
	conns[5].retrans = 4
	k.at(slots)
	seen, unread, retrans := k.second()
	if seen != 2*(looksAtOnce-1) || unread != 1 || retrans != 4 {
		t.Errorf("%d looks, %d unread, %d sent again", seen, unread, retrans)
	}
	conns[5].retrans = 1 // a new connection, with one of its own
	k.at(slots)
	k.at(slots)
	if seen, unread, retrans = k.second(); seen != 2*(looksAtOnce-1) || unread < 1 || retrans != 0 {
		t.Errorf("the second after: %d looks, %d unread, %d sent again", seen, unread, retrans)
	}
	k.at(nil)
}
