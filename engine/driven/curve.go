package driven

import (
	"math"
	"slices"
	"sort"
	"time"

	"stoke/engine"
	"stoke/profiles/grammar"
)

const second = int64(time.Second)

// leg is a time in which the rate is a straight line, or a wave.
type leg struct {
	at, end  int64   // nanoseconds since the start
	from, to float64 // per second, at both ends
	closed   bool    // rate max: no figure
	halted   bool    // paused
	wave     swing   // in place of from and to; the zero swing is none
	file     grammar.Change
}

func (l *leg) flat() bool { return !l.wave.is() && l.from == l.to }

// rate is the rate at time t within the leg.
func (l *leg) rate(t int64) float64 {
	if l.wave.is() {
		return l.wave.rate(t - l.at)
	}
	return l.from + (l.to-l.from)*float64(t-l.at)/float64(l.end-l.at)
}

// between is how many requests are due within the leg from t0 to t1.
func (l *leg) between(t0, t1 int64) float64 {
	t0, t1 = max(t0, l.at), min(t1, l.end)
	if t1 <= t0 || l.closed {
		return 0
	}
	if l.wave.is() {
		return l.wave.due(t1-l.at) - l.wave.due(t0-l.at)
	}
	return (l.rate(t0) + l.rate(t1)) / 2 * float64(t1-t0) / 1e9
}

// curve is the rate over time: legs that follow each other from 0 on.
type curve struct {
	legs  []leg
	asked []float64 // requests due in each second, as it was driven

	cutFile bool // one was left before its end
}

func (c *curve) end() int64 {
	if n := len(c.legs); n > 0 {
		return c.legs[n-1].end
	}
	return 0
}

// add appends what a setting makes from at to end.
func (c *curve) add(at, end int64, d engine.Dial, halted bool) {
	push := func(l leg) {
		if n := len(c.legs); n > 0 {
			if p := &c.legs[n-1]; p.flat() && l.flat() && p.from == l.from && p.closed == l.closed && p.halted == l.halted && p.file == l.file {
				p.end = l.end
				return
			} else if l.wave.is() && p.wave.after(p.end-p.at) == l.wave {
				p.end = l.end
				return
			}
		}
		c.legs = append(c.legs, l)
	}
	switch ramp := int64(d.RampLeft); {
	case halted:
		push(leg{at: at, end: end, halted: true})
	case d.Closed:
		push(leg{at: at, end: end, closed: true})
	case d.Shape.Kind == "replay":
		file, _ := grammar.Parse(d.Shape.Text)
		l := leg{at: at, end: at + int64(d.Shape.Left), file: file}
		if l.end > end {
			c.cutFile = true
		}
		push(l)
	case d.Shape.Kind == "wave":
		l := leg{at: at, end: end, wave: swing{d.Shape.From, d.Shape.To, int64(d.Shape.Every), int64(d.Shape.Into)}}
		if left := int64(d.Shape.Left); left > 0 {
			l.end = min(end, at+left)
		}
		push(l)
		if l.end < end {
			rest := grammar.Tidy(l.rate(l.end))
			push(leg{at: l.end, end: end, from: rest, to: rest})
		}
	case ramp > 0:
		l := leg{at: at, end: at + ramp, from: d.Now, to: d.Rate}
		if l.end > end {
			l.to, l.end = l.rate(end), end
		}
		push(l)
		if l.end < end {
			push(leg{at: l.end, end: end, from: d.Rate, to: d.Rate})
		}
	default:
		push(leg{at: at, end: end, from: d.Rate, to: d.Rate})
	}
}

// trim takes silence off the end.
func (c *curve) trim() {
	for n := len(c.legs); n > 0; n-- {
		if l := &c.legs[n-1]; l.closed || l.from > 0 || l.to > 0 || l.wave.is() || l.file.Name != "" {
			return
		}
		c.legs = c.legs[:n-1]
	}
}

// count is how many requests are due in second k.
func (c *curve) count(k int64) float64 {
	t0, t1 := k*second, (k+1)*second
	n := 0.0
	for i := sort.Search(len(c.legs), func(i int) bool { return c.legs[i].end > t0 }); i < len(c.legs) && c.legs[i].at < t1; i++ {
		n += c.legs[i].between(t0, t1)
	}
	return n
}

// The most by which a simpler curve may differ from what was driven, in any
// second: a part of its requests, or for very few a part of one.
const (
	tolerance = 0.007
	leastOff  = 0.05
)

// holds reports whether the curve is still true to what was driven from time
// t0 to t1.
func (c *curve) holds(t0, t1 int64) bool {
	for k := max(t0, 0) / second; k <= t1/second; k++ {
		want := 0.0
		if k < int64(len(c.asked)) {
			want = c.asked[k]
		}
		if math.Abs(c.count(k)-want) > max(tolerance*want, leastOff) {
			return false
		}
	}
	return true
}

// simplify makes the curve one that a person would write, as far as the
// requests of every second allow.
func (c *curve) simplify() {
	c.asked = nil
	for k := int64(0); k*second < c.end(); k++ {
		c.asked = append(c.asked, c.count(k))
	}
	c.smooth()
	c.roundTimes()
	c.roundRates()
}

// The steps of a held key are shorter than quick; no more than mostSteps of
// them become one ramp.
const (
	quick     = int64(700 * time.Millisecond)
	mostSteps = 200
)

// smooth replaces the staircase of a held key by ramps.
func (c *curve) smooth() {
	for i := 1; i < len(c.legs); i++ {
		last := i
		for last < len(c.legs)-1 && last-i < mostSteps && c.legs[last].end-c.legs[last].at < quick && c.plain(last-1) && c.plain(last) && c.plain(last+1) {
			last++
		}
		for ; last > i+1; last-- {
			if c.ramp(i, last) {
				break
			}
		}
	}
}

// plain reports whether leg i is a rate that is held.
func (c *curve) plain(i int) bool {
	l := &c.legs[i]
	return l.flat() && !l.closed && !l.halted && l.file.Name == ""
}

// ramp replaces legs i to last-1 by one ramp from the leg before to the leg
// after, if that is true enough.
func (c *curve) ramp(i, last int) bool {
	before := c.legs
	r := leg{at: before[i].at, end: before[last].at, from: before[i-1].to, to: before[last].from}
	if r.flat() {
		return false
	}
	c.legs = slices.Concat(before[:i], []leg{r}, before[last:])
	if c.holds(r.at, r.end) {
		return true
	}
	c.legs = before
	return false
}

// units are how times may be rounded, the best first.
var units = []int64{10 * second, 5 * second, second, second / 2, second / 10, second / 20, second / 100, second / 1000}

// roundTimes rounds each moment between two legs, and the end.
func (c *curve) roundTimes() {
	for i := range c.legs {
		from := c.legs[i]
		if from.file.Name != "" {
			continue // it lasts as long as its file
		}
		for _, u := range units {
			t := (from.end + u/2) / u * u
			if t <= from.at || i+1 < len(c.legs) && t >= c.legs[i+1].end {
				continue
			}
			if c.move(i, t); c.holds(min(from.end, t, from.at), max(from.end, t, c.after(i))) {
				break
			}
			c.move(i, from.end)
		}
	}
}

// move lets leg i end, and the next one begin, at t.
func (c *curve) move(i int, t int64) {
	c.legs[i].end = t
	if i+1 < len(c.legs) {
		c.legs[i+1].at = t
	}
}

// after is where the leg after leg i ends.
func (c *curve) after(i int) int64 { return c.legs[min(i+1, len(c.legs)-1)].end }

// roundRates rounds the rates at which a ramp was left. What was set is kept as
// it was set.
func (c *curve) roundRates() {
	for i := range c.legs {
		c.roundRate(i, c.legs[i].from)
		c.roundRate(i, c.legs[i].to)
	}
}

// roundRate rounds one end of leg i, and with it the ends that continue it.
func (c *curve) roundRate(i int, old float64) {
	const exact = 6 // digits that a person may have typed
	if toDigits(old, exact) == old {
		return
	}
	lo, hi := max(i-2, 0), min(i+2, len(c.legs)-1)
	before := slices.Clone(c.legs[lo : hi+1])
	for digits := 3; digits <= exact; digits++ {
		rounded := toDigits(old, digits)
		for k := lo; k <= hi; k++ {
			for _, v := range [2]*float64{&c.legs[k].from, &c.legs[k].to} {
				if *v == old {
					*v = rounded
				}
			}
		}
		if c.holds(c.legs[lo].at, c.legs[hi].end) {
			return
		}
		copy(c.legs[lo:], before)
	}
}

// toDigits rounds v to so many significant digits.
func toDigits(v float64, digits int) float64 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-float64(digits-1))
	if unit < 1 {
		return math.Round(v/unit) / math.Round(1/unit)
	}
	return math.Round(v/unit) * unit
}
