package feeder

import (
	"math/rand/v2"
	"sync/atomic"
)

// Order says which row a start gets.
type Order string

// The orders. The texts are part of the saved format.
const (
	Sequential Order = "sequential" // one after the other, then from the top again
	Random     Order = "random"     // any, again and again
	Unique     Order = "unique"     // each once; the run ends when they are used up
)

// Cursor hands out the rows of a table to one generator: those whose number
// modulo generators is its own. It is not to be copied.
type Cursor struct {
	order           Order
	own, all, share int
	next            atomic.Int64 // how many have been asked for
}

// NewCursor returns a cursor over the share of generator number own of all,
// from 0. An order that is none of the three is [Sequential]; all less than 1
// is 1, and own is taken modulo all.
func NewCursor(t *Table, order Order, own, all int) *Cursor {
	all = max(all, 1)
	own = (own%all + all) % all
	return &Cursor{order: order, own: own, all: all, share: max(0, (t.Rows()-own+all-1)/all)}
}

// Share is the number of rows that are this generator's. It is 0 if the table
// has fewer rows than there are generators, and Next is always false then.
func (c *Cursor) Share() int { return c.share }

// Left is the number of rows that a unique order has still to give; of the
// other orders it is Share.
func (c *Cursor) Left() int {
	if c.order != Unique {
		return c.share
	}
	return max(0, c.share-int(c.next.Load()))
}

// Next returns the next row's number, or false when a unique order is used up
// or there is no row in the share. It takes no lock and allocates nothing. rng
// is used for a random order only, and by this call alone while it lasts.
func (c *Cursor) Next(rng *rand.Rand) (row int, ok bool) {
	if c.share == 0 {
		return 0, false
	}
	if c.order == Random {
		return c.own + c.all*rng.IntN(c.share), true
	}
	n := c.next.Add(1) - 1
	if c.order == Unique {
		if n >= int64(c.share) {
			return 0, false
		}
		return c.own + c.all*int(n), true
	}
	return c.own + c.all*int(n%int64(c.share)), true
}
