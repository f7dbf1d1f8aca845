package chart

import (
	"slices"

	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

// HeatMap is where answers lay over time: Columns as those of a [Timeline],
// each with its answers by bucket of measure.Heat.
type HeatMap struct {
	Step    int64
	First   int64 // number of the first column
	Columns []HeatColumn
}

// HeatColumn is Step seconds.
type HeatColumn struct {
	N   [measure.HeatBuckets]int64
	All int64
}

// heatLowest is the decade, of nanoseconds, at which the buckets begin.
const heatLowest = 4

// FoldHeat gathers the last seconds into n columns, the newest last. The newest
// second is that of the history, so that both pictures move together.
func FoldHeat(h measure.Heat, t Timeline) HeatMap {
	m := HeatMap{Step: t.Step, First: t.First, Columns: make([]HeatColumn, len(t.Columns))}
	for _, chunk := range slices.Backward(h.Chunks) {
		for i := len(chunk) - 1; i >= 0; i-- {
			at := chunk[i].Second/m.Step - m.First
			if at < 0 {
				return m
			}
			if at >= int64(len(m.Columns)) {
				continue
			}
			c := &m.Columns[at]
			for k, n := range chunk[i].N {
				c.N[chunk[i].First+k] += int64(n)
				c.All += int64(n)
			}
		}
	}
	return m
}

// HeatAxis maps buckets to rows, from the bottom. Half decades lie a whole
// number of rows apart, or a row is a half decade or a decade.
type HeatAxis struct {
	lo    int  // the bucket at the lower edge; the lowest row has all below it, too
	under bool // something lies below the lowest row
	group int  // buckets of a row
	tall  int  // rows of such a group, where there are more rows than groups
	rows  int
}

// Range is the axis on which everything has room, but for the fastest one in a
// hundred, which the lowest row takes in: what is slow is what a map is for.
func (m HeatMap) Range(rows int) HeatAxis {
	var sum [measure.HeatBuckets]int64
	var all int64
	least, hi := measure.HeatBuckets, -1
	for i := range m.Columns {
		for k, n := range m.Columns[i].N {
			if n > 0 {
				least, hi = min(least, k), max(hi, k)
				sum[k] += n
				all += n
			}
		}
	}
	a := HeatAxis{rows: rows}
	if hi < 0 || rows < 1 {
		return a
	}
	lo := least
	for below := sum[lo]; below*100 <= all && lo < hi; below += sum[lo] {
		lo++
	}
	const half = measure.HeatPerDecade / 2
	for a.group = 1; ; a.group *= 2 {
		// From a half decade if that has room, so that the picture rests; else
		// from the nearest edge of a row.
		for _, step := range [2]int{max(half, a.group), a.group} {
			a.lo = floorTo(lo-1, step) + 1
			if need := (hi + 1 - a.lo + a.group - 1) / a.group; need <= rows || a.group >= measure.HeatBuckets {
				a.tall, a.under = max(1, min(3, rows/need)), least < a.lo
				return a
			}
		}
	}
}

// floorTo rounds down to a multiple.
func floorTo(v, step int) int {
	if v < 0 {
		return -step
	}
	return v / step * step
}

// Empty reports whether there is nothing to show.
func (a HeatAxis) Empty() bool { return a.group == 0 }

// Ticks are the labels of half decades, or decades, at the row that begins with
// them.
func (a HeatAxis) Ticks() []Tick {
	if a.Empty() {
		return nil
	}
	var ticks []Tick
	const half = measure.HeatPerDecade / 2
	every := half
	for every*a.tall < 2*a.group {
		every *= 2
	}
	for k := a.lo; ; k++ {
		row := a.rows - 1 - (k-a.lo)/a.group*a.tall
		if row < 0 {
			return ticks
		}
		if k == a.lo && a.under {
			ticks = append(ticks, Tick{Row: a.rows - 1, Text: "<" + trimmed(twoDigits(measure.HeatFrom(a.lo+a.group)))})
			continue
		}
		if a.under && row == a.rows-1 {
			continue
		}
		if k >= 1 && (k-1)%every == 0 && (k-a.lo)%a.group == 0 {
			ticks = append(ticks, Tick{Row: row, Text: halfDecade(2*heatLowest + (k-1)/half)})
		}
		if k >= measure.HeatBuckets {
			return ticks
		}
	}
}

// twoDigits rounds to two significant digits, as the labels of an axis are.
func twoDigits(ns int64) int64 {
	unit := int64(1)
	for ns/unit >= 100 {
		unit *= 10
	}
	return (ns + unit/2) / unit * unit
}

// Row is the row, from the top, of a time; within the picture.
func (a HeatAxis) Row(ns int64) int {
	k := 0
	for k+1 < measure.HeatBuckets && measure.HeatFrom(k+1) <= ns {
		k++
	}
	return min(max(a.rows-1-(k-a.lo)/max(a.group, 1)*a.tall, 0), a.rows-1)
}

// Shades are how a cell shows its share of the answers of its column; Least is
// the smallest share, in percent, of each.
var (
	Shades = [...]rune{'·', '░', '▒', '▓', '█'}
	Least  = [...]int{0, 1, 5, 20, 40}
)

// Draw draws the map. The region is as wide as the map has columns and as high
// as the axis has rows.
func (m HeatMap) Draw(r canvas.Region, a HeatAxis) {
	if a.Empty() {
		return
	}
	for x := range m.Columns {
		c := &m.Columns[x]
		if c.All == 0 {
			continue
		}
		for row := range a.rows {
			up := a.rows - 1 - row
			from := a.lo + up/a.tall*a.group
			var n int64
			first := max(from, 0)
			if up/a.tall == 0 {
				first = 0
			}
			for k := first; k < min(from+a.group, measure.HeatBuckets); k++ {
				n += c.N[k]
			}
			if n == 0 {
				continue
			}
			shade := 0
			for i, least := range Least {
				if n*100 >= int64(least)*c.All {
					shade = i
				}
			}
			r.Rune(x, row, theme.Heat1+theme.Role(shade), Shades[shade])
		}
	}
}
