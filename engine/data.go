package engine

import (
	"fmt"
	"math/rand/v2"

	"stoke/engine/wire"
	"stoke/profiles/feeder"
)

// table is a file of values with the row that comes next.
type table struct {
	name   string
	table  *feeder.Table
	cursor *feeder.Cursor
	order  feeder.Order
}

// openTables makes the profile's files of values ready to be drawn from.
func (r *Run) openTables() error {
	for _, data := range r.profile.Data {
		t := r.options.Files.Tables[data.Name]
		if t == nil {
			return fmt.Errorf("data %s: the file %s was not read", data.Name, data.File)
		}
		order := data.Order
		if order == "" {
			order = feeder.Sequential
		}
		r.tables = append(r.tables, table{name: data.Name, table: t, cursor: feeder.NewCursor(t, order, 0, 1), order: order})
	}
	return nil
}

// table is the number of a file of values, -1 if there is none of that name.
func (r *Run) table(name string) int {
	for i := range r.tables {
		if r.tables[i].name == name {
			return i
		}
	}
	return -1
}

// usedUp ends the run because each row of a table was sent once.
func (r *Run) usedUp(t *table) {
	d := &r.disp
	d.mu.Lock()
	v := &d.driver
	d.dry = true
	if v.state != Stopping && v.state != Ended {
		now := r.now()
		v.notice(now, fmt.Sprintf("the data %s is used up: each of its %d rows was sent once", t.name, t.table.Rows()))
		v.stop(now, "data")
	}
	d.mu.Unlock()
	r.poke()
}

// unsendable is the result of a request that could not be filled in. One for
// which there is no data any more was never to be sent.
func (r *Run) unsendable(res *wire.Result) {
	*res = wire.Result{RetryAfter: -1, Fault: wire.Unfilled, T8: r.now(), Detail: "a placeholder has no value, or one that cannot stand there"}
	r.disp.mu.Lock()
	if r.disp.dry {
		res.Fault = wire.Withheld
	}
	r.disp.mu.Unlock()
}

// draw is the endpoint that the next start begins with.
func (r *Run) draw(m *mix) uint16 { return r.scripts[m.next()].first }

// pause is how long a user thinks before a step, in nanoseconds.
func (e *endpoint) pause(rng *rand.Rand) int64 {
	span := int64(e.think.To - e.think.From)
	if span <= 0 {
		return int64(e.think.From)
	}
	return int64(e.think.From) + rng.Int64N(span+1)
}
