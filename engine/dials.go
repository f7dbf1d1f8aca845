package engine

import (
	"fmt"
	"math"
	"time"

	"stoke/engine/measure"
	"stoke/engine/pace"
	"stoke/profiles/grammar"
)

// dials is one setting of everything that a change can touch. It is a value:
// what undo brings back is a copy.
type dials struct {
	closed      bool    // rate max
	rate        float64 // per second; where a ramp ends
	from        float64 // where it began
	began       int64   // when it began, nanoseconds since the start of the run
	over        int64   // its length; 0 without a ramp
	concurrency int
	arrivals    pace.Arrivals
	late        string
}

// rateAt is the rate at time t, in requests per second; 0 in the closed model.
func (x *dials) rateAt(t int64) float64 {
	switch {
	case x.closed:
		return 0
	case x.over == 0 || t >= x.began+x.over:
		return x.rate
	}
	return x.from + (x.rate-x.from)*float64(t-x.began)/float64(x.over)
}

// still is the same setting with a ramp stopped where it is at t.
func (x dials) still(t int64) dials {
	x.rate, x.over = x.rateAt(t), 0
	return x
}

// setting is what the recorder and the reader of results see of it.
func (x *dials) setting(t int64) measure.Setting {
	s := measure.Setting{Model: "open", Rate: x.rateAt(t), RateTo: x.rate, Concurrency: x.concurrency, Arrivals: string(x.arrivals), Late: x.late}
	if x.closed {
		s.Model, s.Rate, s.RateTo = "closed", 0, 0
	}
	return s
}

// rateText is the rate as the grammar writes it, without the verb.
func (x *dials) rateText() string {
	if x.closed {
		return "max"
	}
	return grammar.FormatRate(x.rate)
}

// raises reports whether going from x to y asks for more load.
func (x *dials) raises(y *dials) bool {
	return y.closed && !x.closed || !y.closed && !x.closed && y.rate > x.rate || y.concurrency > x.concurrency
}

// Refusal is why an order was not carried out, and what is allowed.
type Refusal struct {
	Msg  string // lower case
	Hint string
}

// Error implements error.
func (e *Refusal) Error() string {
	if e.Hint == "" {
		return e.Msg
	}
	return e.Msg + ": " + e.Hint
}

func refuse(hint, format string, a ...any) error {
	return &Refusal{Msg: fmt.Sprintf(format, a...), Hint: hint}
}

// ErrMoved refuses an order whose Rev is not that of the dials any more.
var ErrMoved error = &Refusal{Msg: "the dials have just moved", Hint: "look, and press again"}

// bounds are what no change passes.
type bounds struct {
	Ceiling
	descriptors int // slots that this machine's descriptor limit allows
}

// amount resolves a new value against the present one.
func amount(a grammar.Amount, now float64) float64 {
	switch a.Op {
	case grammar.Add:
		return max(0, now+a.Value)
	case grammar.Percent:
		return max(0, now*(1+a.Value/100))
	case grammar.Times:
		return now * a.Value
	}
	return a.Value
}

// turn returns the dials after a change at time t, or why it cannot be done.
// clamp holds a value at its ceiling instead of refusing it, and says so.
func (x dials) turn(c grammar.Change, t int64, b *bounds, clamp bool) (y dials, clamped bool, err error) {
	y = x
	switch c.Verb {
	case grammar.Rate:
		if c.Amount.Op == grammar.Max {
			y = dials{closed: true, concurrency: x.concurrency, arrivals: x.arrivals, late: x.late}
			return y, false, nil
		}
		if x.closed && c.Amount.Op != grammar.Set {
			return x, false, refuse("name a rate, as in rate 500", "the rate is max, so there is nothing to change it by")
		}
		if x.closed && c.Over > 0 {
			return x, false, refuse("set a rate first", "a ramp needs a rate to begin at, and the rate is max")
		}
		now := x.rateAt(t)
		y.rate = amount(c.Amount, now)
		if math.IsNaN(y.rate) || math.IsInf(y.rate, 0) {
			return x, false, refuse("", "that is not a rate")
		}
		if y.rate > b.Rate {
			if !clamp {
				return x, false, refuse("raise limits.rate in the profile or --limit-rate to go higher",
					"rate %s is above the ceiling of %s/s", grammar.FormatRate(y.rate), grammar.FormatRate(b.Rate))
			}
			y.rate, clamped = b.Rate, true
		}
		y.closed, y.from, y.began, y.over = false, now, t, int64(c.Over)
		if y.rate == now {
			y.over = 0
		}
	case grammar.Concurrency:
		n := int(math.Round(amount(c.Amount, float64(x.concurrency))))
		if n < 1 {
			n = 1
			if !clamp {
				return x, false, refuse("use pause to stop the load", "concurrency must be at least 1")
			}
		}
		if n > b.Concurrency {
			if !clamp {
				return x, false, refuse("raise limits.concurrency in the profile or --limit-concurrency to go higher",
					"concurrency %d is above the ceiling of %d", n, b.Concurrency)
			}
			n, clamped = b.Concurrency, true
		}
		if n > b.descriptors {
			if !clamp {
				return x, false, refuse("raise it with ulimit -n before the start",
					"concurrency %d needs more open files than this machine allows (room for %d)", n, b.descriptors)
			}
			n, clamped = b.descriptors, true
		}
		y.concurrency = n
	case grammar.Arrivals:
		y.arrivals = pace.Arrivals(c.Word)
	case grammar.Late:
		y.late = c.Word
	default:
		return x, false, refuse("", "%s does not turn a dial", c.Verb)
	}
	return y, clamped, nil
}

// dial is the setting as snapshots show it.
func (x *dials) dial(t int64, paused bool) Dial {
	d := Dial{Closed: x.closed, Rate: x.rate, Now: x.rateAt(t), Concurrency: x.concurrency, Arrivals: string(x.arrivals), Late: x.late}
	if x.over > 0 {
		d.RampLeft = time.Duration(max(0, x.began+x.over-t))
	}
	if paused {
		d.Now = 0
	}
	return d
}
