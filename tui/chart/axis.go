package chart

import (
	"math"
	"strconv"
	"strings"

	"stoke/tui/units"
)

// Axis maps times to rows of cells: logarithmically, or in equal steps from 0.
// On a logarithmic one half decades (10, 32, 100, 320 ms), or decades, lie a
// whole number of rows apart, so that labels stand at equal distances. The zero
// Axis has no range.
type Axis struct {
	lo   int     // the lowest row, in half decades of nanoseconds: 10^(lo/2)
	per  float64 // rows of a half decade: a multiple of 1/2, or 1/2, 1/3, 1/4 …
	unit float64 // linear: nanoseconds of a row; 0 on a logarithmic axis
	rows int
}

// NewAxis returns an axis of that many rows on which the values from lo to hi
// have room, and at least a decade where there are rows for it. It moves in
// steps only, so that it rests while values wander.
func NewAxis(lo, hi int64, rows int) Axis {
	if lo <= 0 || hi < lo || rows < 1 {
		return Axis{rows: rows}
	}
	a := Axis{rows: rows, lo: int(math.Floor(2 * math.Log10(float64(lo))))}
	span := 2*math.Log10(float64(hi)) - float64(a.lo) // in half decades
	room := float64(rows) - 0.5                       // the lowest value is in the middle of its row
	a.per = max(1, math.Floor(float64(rows-1)/2))
	for a.per > 1 && span*a.per > room {
		a.per -= 0.5
	}
	for d := 2.0; span*a.per > room; d++ {
		a.per = 1 / d
	}
	return a
}

// NewLinearAxis returns an axis of that many rows from 0 up on which hi has
// room. It moves in steps, too.
func NewLinearAxis(hi int64, rows int) Axis {
	if hi <= 0 || rows < 1 {
		return Axis{rows: rows}
	}
	need := float64(hi) / (float64(rows) - 0.5) // 0 is in the middle of the lowest row
	ten := math.Pow(10, math.Floor(math.Log10(need)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*ten >= need {
			return Axis{unit: m * ten, rows: rows}
		}
	}
	return Axis{unit: 20 * ten, rows: rows}
}

// Range is the axis over everything that a timeline shows.
func (t Timeline) Range(rows int, linear bool) Axis {
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
	if linear {
		return NewLinearAxis(hi, rows)
	}
	return NewAxis(lo, hi, rows)
}

// Empty reports whether there is nothing to show.
func (a Axis) Empty() bool { return a.per == 0 && a.unit == 0 || a.rows < 1 }

// dot is the row of dots of a value, 4 to a cell, from the top.
func (a Axis) dot(v int64) int {
	up := float64(v) / a.unit // rows above the middle of the lowest
	if a.unit == 0 {
		up = (2*math.Log10(float64(v)) - float64(a.lo)) * a.per
	}
	return min(max(int(math.Round(4*(float64(a.rows-1)-up)+1.5)), 0), 4*a.rows-1)
}

// Tick is a label of an axis and the row, from the top, that it stands at.
type Tick struct {
	Row  int
	Text string
}

// Ticks are the labels: every half decade where there is a row between two,
// else every decade, or as many decades as keep them apart.
func (a Axis) Ticks() []Tick {
	if a.Empty() {
		return nil
	}
	if a.unit > 0 {
		return a.linearTicks()
	}
	every := 1
	for d := float64(every) * a.per; d < 2 || d != math.Floor(d); d = float64(every) * a.per {
		every++
	}
	if every > 1 {
		every += every % 2
	}
	var ticks []Tick
	for k := a.lo; ; k++ {
		row := a.rows - 1 - int(math.Round(float64(k-a.lo)*a.per))
		if row < 0 && len(ticks) == 0 { // no round value among so few rows
			return []Tick{{Row: a.rows - 1, Text: halfDecade(a.lo)}}
		}
		if row < 0 {
			return ticks
		}
		if k%every == 0 {
			ticks = append(ticks, Tick{Row: row, Text: halfDecade(k)})
		}
	}
}

func (a Axis) linearTicks() []Tick {
	var ticks []Tick
	for i := 0; i < a.rows; i += max(1, (a.rows+2)/4) {
		text := "0"
		if i > 0 {
			text = trimmed(int64(math.Round(float64(i) * a.unit)))
		}
		ticks = append(ticks, Tick{Row: a.rows - 1 - i, Text: text})
	}
	return ticks
}

// trimmed writes a time without the zeros behind its point.
func trimmed(ns int64) string {
	num, unit, _ := strings.Cut(units.Latency(ns), " ")
	if strings.Contains(num, ".") {
		num = strings.TrimRight(strings.TrimRight(num, "0"), ".")
	}
	return num + " " + unit
}

// halfDecade writes 10^(k/2) ns: "10 ms", "32 ms", "1 s".
func halfDecade(k int) string {
	v := math.Pow(10, float64(k/2))
	if k%2 != 0 {
		v *= 3.2
	}
	return trimmed(int64(math.Round(v)))
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
