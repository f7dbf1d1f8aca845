package chart

import (
	"math"
	"strconv"
	"strings"

	"stoke/tui/units"
)

// Axis maps times to rows of cells, logarithmically, in half decades: 10, 32,
// 100, 320 ms. The zero Axis has no range.
type Axis struct {
	lo, hi int // exponents in half decades of nanoseconds: 10^(k/2)
	rows   int
}

// NewAxis returns an axis of that many rows that shows the values from lo to
// hi, and at least a decade. Its ends move by half decades only, so that it
// rests while values wander.
func NewAxis(lo, hi int64, rows int) Axis {
	if lo <= 0 || hi < lo {
		return Axis{rows: rows}
	}
	a := Axis{rows: rows, lo: int(math.Floor(2 * math.Log10(float64(lo)))), hi: int(math.Ceil(2 * math.Log10(float64(hi))))}
	if a.hi-a.lo < 2 {
		a.hi = a.lo + 2
	}
	return a
}

// Range is the axis over everything that a timeline shows.
func (t Timeline) Range(rows int) Axis {
	var lo, hi int64
	for _, c := range t.Columns {
		for _, d := range c.Half {
			for _, v := range [2]int64{d.Middle, d.High} {
				if v > 0 {
					hi = max(hi, v)
					if lo == 0 || v < lo {
						lo = v
					}
				}
			}
		}
	}
	return NewAxis(lo, hi, rows)
}

// Empty reports whether there is nothing to show.
func (a Axis) Empty() bool { return a.hi == a.lo || a.rows < 1 }

// dot is the row of dots of a value, 4 to a cell, from the top. The middle of
// the lowest cell is the low end, the middle of the highest the high end.
func (a Axis) dot(v int64) int {
	f := (2*math.Log10(float64(v)) - float64(a.lo)) / float64(a.hi-a.lo)
	d := int(math.Round((1-f)*float64(4*(a.rows-1)) + 1.5))
	return min(max(d, 0), 4*a.rows-1)
}

// Tick is a label of an axis and the row, from the top, that it stands at.
type Tick struct {
	Row  int
	Text string
}

// Ticks are the labels: every half decade where each has a row of its own and
// one between, else every decade, else the ends.
func (a Axis) Ticks() []Tick {
	if a.Empty() {
		return nil
	}
	step := 1
	for step < a.hi-a.lo && (a.rows-1)*step < 2*(a.hi-a.lo) {
		step++
	}
	if step > 1 && step%2 == 1 {
		step++
	}
	var ticks []Tick
	used := -2
	for k := a.lo; k <= a.hi; k++ {
		if step > 1 && k%step != 0 {
			continue
		}
		row := a.rows - 1 - int(math.Round(float64((k-a.lo)*(a.rows-1))/float64(a.hi-a.lo)))
		if row == used {
			continue
		}
		used = row
		ticks = append(ticks, Tick{Row: row, Text: halfDecade(k)})
	}
	return ticks
}

// halfDecade writes 10^(k/2) ns: "10 ms", "32 ms", "1 s".
func halfDecade(k int) string {
	v := math.Pow(10, float64(k/2))
	if k%2 != 0 {
		v *= 3.2
	}
	num, unit, _ := strings.Cut(units.Latency(int64(math.Round(v))), " ")
	if strings.Contains(num, ".") {
		num = strings.TrimRight(strings.TrimRight(num, "0"), ".")
	}
	return num + " " + unit
}

// Scale maps rates to rows of bars, from 0 up.
type Scale struct {
	unit float64 // per second, of one row of cells
	rows int
}

// NewScale returns a scale of that many rows on which top, per second, has
// room; two percent over the edge are let go for a rounder scale.
func NewScale(top float64, rows int) Scale {
	if rows < 1 || !(top > 0) || math.IsInf(top, 0) {
		return Scale{unit: 1, rows: max(rows, 0)}
	}
	need := top / 1.02 / float64(rows)
	ten := math.Pow(10, math.Floor(math.Log10(need)))
	for _, m := range []float64{1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if m*ten >= need {
			return Scale{unit: m * ten, rows: rows}
		}
	}
	return Scale{unit: 10 * ten, rows: rows}
}

// eighths is the height of a bar in eighths of a cell.
func (s Scale) eighths(v float64) int {
	if !(v > 0) {
		return 0
	}
	return int(min(max(1, math.Round(v/s.unit*8)), float64(8*s.rows)))
}

// Ticks are the rates that the tops of the rows stand for.
func (s Scale) Ticks() []Tick {
	var ticks []Tick
	every := max(1, (s.rows+2)/4)
	for i := 1; i <= s.rows; i++ {
		if (s.rows-i)%every != 0 {
			continue
		}
		v := s.unit * float64(i)
		text := units.Setting(v) + "/s"
		if len(text) > 8 {
			text = units.Short(v) + "/s"
		}
		ticks = append(ticks, Tick{Row: s.rows - i, Text: text})
	}
	return ticks
}

// Top is the highest rate in a timeline: of the dial and of what was done.
func (t Timeline) Top() float64 {
	top := 0.0
	for _, c := range t.Columns {
		top = max(top, c.Dial, c.Done)
	}
	return top
}

// ago writes how long before now a place on the time axis is.
func ago(seconds int64) string {
	switch {
	case seconds%3600 == 0:
		return "-" + strconv.FormatInt(seconds/3600, 10) + " h"
	case seconds%60 == 0:
		return "-" + strconv.FormatInt(seconds/60, 10) + " min"
	}
	return "-" + strconv.FormatInt(seconds, 10) + " s"
}
