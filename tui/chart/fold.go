package chart

import (
	"slices"

	"stoke/engine/measure"
)

// Dots are what half a column shows of latency, in nanoseconds; 0 is a gap.
type Dots struct {
	Middle int64 // median of the seconds' medians
	High   int64 // maximum of the seconds' 99th percentiles
}

// Column is Step seconds of the run.
type Column struct {
	Half        [2]Dots
	Bound       bool    // High is a lower bound: requests are still open
	Asked, Done float64 // per second, over the seconds that the column has
	Dial        float64 // the highest in the column, per second
	Invalid     bool    // a second of it does not count: this machine was the bottleneck
	Seconds     int     // that the column has so far; 0 is a gap
}

// Timeline is the part of a run that a picture shows.
type Timeline struct {
	Step    int64 // seconds of a column
	First   int64 // number of the first column: its first second is First·Step
	Columns []Column
}

// steps are the widths of a column, in seconds.
var steps = []int64{1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600}

// Step is the smallest column, in seconds, with which n columns show at least
// the given number of seconds.
func Step(n int, seconds int64) int64 {
	for _, s := range steps {
		if int64(n)*s >= seconds {
			return s
		}
	}
	return steps[len(steps)-1]
}

// Fold gathers the last seconds of a history into n columns, the newest last.
func Fold(h measure.History, n int, step int64) Timeline {
	t := Timeline{Step: step, Columns: make([]Column, max(n, 0))}
	last, ok := newest(h)
	if !ok || n < 1 {
		return t
	}
	t.First = last/step - int64(n) + 1
	var f folder
	for c := len(h.Chunks) - 1; c >= 0; c-- {
		rows := h.Chunks[c]
		for i := len(rows) - 1; i >= 0; i-- {
			if rows[i].Second < t.First*step {
				f.flush(&t)
				return t
			}
			f.add(&t, &rows[i])
		}
	}
	f.flush(&t)
	return t
}

func newest(h measure.History) (int64, bool) {
	for c := len(h.Chunks) - 1; c >= 0; c-- {
		if n := len(h.Chunks[c]); n > 0 {
			return h.Chunks[c][n-1].Second, true
		}
	}
	return 0, false
}

// folder gathers the seconds of one column, newest first.
type folder struct {
	at     int // the column
	middle [2][]int64
	open   bool
}

func (f *folder) add(t *Timeline, r *measure.Row) {
	at := int(r.Second/t.Step - t.First)
	if at < 0 || at >= len(t.Columns) {
		return
	}
	if f.open && at != f.at {
		f.flush(t)
	}
	f.at, f.open = at, true
	c := &t.Columns[at]
	half := int((r.Second % t.Step) * 2 / t.Step)
	if r.P50 > 0 {
		f.middle[half] = append(f.middle[half], r.P50)
	}
	c.Half[half].High = max(c.Half[half].High, r.P99)
	c.Bound = c.Bound || r.Bound
	c.Invalid = c.Invalid || r.Invalid
	c.Asked += float64(r.Intended)
	c.Done += float64(r.Done)
	c.Dial = max(c.Dial, r.Rate)
	c.Seconds++
}

func (f *folder) flush(t *Timeline) {
	if !f.open {
		return
	}
	c := &t.Columns[f.at]
	for half := range f.middle {
		if m := f.middle[half]; len(m) > 0 {
			slices.Sort(m)
			c.Half[half].Middle = m[len(m)/2]
			f.middle[half] = m[:0]
		}
	}
	if c.Seconds == 1 && f.at < len(t.Columns)-1 || t.Step == 1 {
		// One second fills the column: both halves show it.
		c.Half = both(c.Half)
	}
	c.Asked /= float64(c.Seconds)
	c.Done /= float64(c.Seconds)
	f.open = false
}

func both(h [2]Dots) [2]Dots {
	d := Dots{Middle: max(h[0].Middle, h[1].Middle), High: max(h[0].High, h[1].High)}
	return [2]Dots{d, d}
}
