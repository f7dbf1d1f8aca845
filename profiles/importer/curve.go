package importer

import (
	"math"
	"slices"
	"strconv"
	"time"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// point is a rate per second at a time. Between two points the rate goes in a
// straight line; two at the same time are a jump.
type point struct {
	at   time.Duration
	rate float64
}

// curve is a rate over time, in the order of time.
type curve []point

// at is the rate at a time, before a jump that is there or behind it. Outside of
// the curve it is 0.
func (c curve) at(t time.Duration, behind bool) float64 {
	if len(c) == 0 || t < c[0].at || t > c[len(c)-1].at || t == c[0].at && !behind || t == c[len(c)-1].at && behind {
		return 0
	}
	for i := 1; i < len(c); i++ {
		a, b := c[i-1], c[i]
		if t > b.at || t == b.at && behind || a.at == b.at {
			continue
		}
		return a.rate + (b.rate-a.rate)*float64(t-a.at)/float64(b.at-a.at)
	}
	return c[len(c)-1].rate
}

// plus is the sum of two curves.
func (c curve) plus(other curve) curve {
	var times []time.Duration
	for _, p := range slices.Concat(c, other) {
		times = append(times, p.at)
	}
	slices.Sort(times)
	times = slices.Compact(times)
	var sum curve
	for i, t := range times {
		before, after := c.at(t, false)+other.at(t, false), c.at(t, true)+other.at(t, true)
		if i > 0 {
			sum = append(sum, point{t, before})
		}
		if i < len(times)-1 && (i == 0 || before != after) {
			sum = append(sum, point{t, after})
		}
	}
	return sum
}

// simplified is the curve with at most n straight parts: the points are left
// out that change it least (Ramer, Douglas and Peucker), at least those within
// a tolerance.
func (c curve) simplified(n int, tolerance float64) curve {
	for {
		got := c.within(tolerance)
		if len(got) <= n+1 || math.IsInf(tolerance, 0) {
			return got
		}
		tolerance = max(tolerance*1.25, 1e-9)
	}
}

func (c curve) within(tolerance float64) curve {
	if len(c) <= 2 {
		return slices.Clone(c)
	}
	first, last := c[0], c[len(c)-1]
	worst, at := 0.0, 0
	for i := 1; i < len(c)-1; i++ {
		line := first.rate
		if last.at > first.at {
			line += (last.rate - first.rate) * float64(c[i].at-first.at) / float64(last.at-first.at)
		}
		if off := math.Abs(c[i].rate - line); off > worst {
			worst, at = off, i
		}
	}
	if worst <= tolerance {
		return curve{first, last}
	}
	return append(c[:at+1].within(tolerance), c[at:].within(tolerance)[1:]...)
}

// phases are the lines of a plan that drive the curve.
func (c curve) phases() []profiles.Phase {
	var out []profiles.Phase
	add := func(ch grammar.Change) { out = append(out, profiles.Phase{Change: ch}) }
	now := -1.0
	set := func(rate float64, over time.Duration) {
		add(grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Set, Value: rate}, Over: over})
		now = rate
	}
	for i, p := range c {
		rate := roundRate(p.rate)
		if i == 0 || p.at == c[i-1].at {
			if rate != now {
				set(rate, 0)
			}
			continue
		}
		length := p.at - c[i-1].at
		if length = length.Round(time.Millisecond); length <= 0 {
			continue
		}
		if math.Abs(rate-now) > 0.03*max(rate, now) {
			set(rate, length)
			continue
		}
		if n := len(out); n > 0 && out[n-1].Verb == grammar.Hold {
			out[n-1].For += length
		} else {
			add(grammar.Change{Verb: grammar.Hold, For: length})
		}
	}
	return out
}

// roundRate is a rate in three digits, within what can be asked for.
func roundRate(rate float64) float64 {
	if math.IsNaN(rate) || rate <= 0 {
		return 0
	}
	text := strconv.FormatFloat(rate, 'g', 3, 64)
	rate, _ = strconv.ParseFloat(text, 64)
	return min(max(rate, grammar.MinRate), grammar.MaxRate)
}
