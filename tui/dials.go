package tui

import (
	"math"
	"time"

	"stoke/engine"
)

// ladder holds the notches of one decade. No notch is more than 20 % above
// the one before.
var ladder = [...]float64{10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 40, 43, 47, 51, 56, 62, 68, 75, 82, 91, 100}

// nearly is the relative difference below which two settings are the same:
// it forgives the rounding of decimal fractions.
const nearly = 1e-9

// notchUp returns the next notch above v; below 10 the notches are units.
func notchUp(v float64) float64 {
	v *= 1 + nearly
	if v < 10 {
		return math.Floor(v) + 1
	}
	unit := decade(v)
	for _, n := range ladder {
		if n*unit > v {
			return n * unit
		}
	}
	return 11 * 10 * unit // v is 100 units but for rounding
}

// notchDown returns the next notch below v, and at least 1.
func notchDown(v float64) float64 {
	v *= 1 - nearly
	if v <= 10 {
		return max(math.Ceil(v)-1, 1)
	}
	unit := decade(v)
	for i := len(ladder) - 1; i >= 0; i-- {
		if ladder[i]*unit < v {
			return ladder[i] * unit
		}
	}
	return 91 * unit / 10
}

// decade returns the power of ten u with 10u ≤ v < 100u.
func decade(v float64) float64 {
	u := 1.0
	for v >= 100*u {
		u *= 10
	}
	return u
}

// fineStep returns one unit of the third digit at v, and at least least.
func fineStep(v, least float64) float64 {
	return max(math.Pow(10, math.Floor(math.Log10(max(v, 1)))-2), least)
}

// fineUp and fineDown move the third digit by one. They undo each other, also
// across a power of ten.
func fineUp(v, least float64) float64 {
	step := fineStep(v*(1+nearly), least)
	return clean(math.Floor(v*(1+nearly)/step)+1, step)
}

func fineDown(v, least float64) float64 {
	step := fineStep(v*(1-nearly), least)
	return max(clean(math.Ceil(v*(1-nearly)/step)-1, step), least)
}

// clean returns n steps without the dirt of a binary fraction.
func clean(n, step float64) float64 {
	if step < 1 {
		return n / math.Round(1/step)
	}
	return n * step
}

const (
	leastRate        = 0.1 // the finest step of the rate, per second
	leastConcurrency = 1
)

// rateNow is the rate from which a key steps: the setting, or on a ramp or a
// wave where that is. What falls goes on between the snapshot and the moment the
// order is applied; the lowest value that it can have by then counts, so that
// a step never turns out larger than it looks. age is that of the snapshot.
func rateNow(s *engine.Snapshot, age time.Duration) float64 {
	d := s.Dial
	const lead = 200 * time.Millisecond // a snapshot's interval and the order's way
	if d.Shape.Kind == "wave" && s.State == engine.Running {
		return waveLow(d, age+lead)
	}
	if d.RampLeft <= 0 || s.State != engine.Running {
		return d.Rate
	}
	if d.Rate >= d.Now {
		return d.Now
	}
	gone := min(1, float64(age+lead)/float64(d.RampLeft))
	return d.Now - (d.Now-d.Rate)*gone
}

// waveLow is the lowest rate that a wave has from the moment of the snapshot on
// for so long. It is a cosine that begins at From.
func waveLow(d engine.Dial, long time.Duration) float64 {
	x := d.Shape
	if x.Every <= 0 {
		return d.Now
	}
	trough := x.Every // where the next low end is
	if x.To < x.From {
		trough = x.Every / 2
		if x.Into > trough {
			trough += x.Every
		}
	}
	if x.Into+long >= trough {
		return min(x.From, x.To)
	}
	end := float64(x.Into+long) / float64(x.Every)
	return max(0, min(d.Now, (x.From+x.To)/2-(x.To-x.From)/2*math.Cos(2*math.Pi*end)))
}
