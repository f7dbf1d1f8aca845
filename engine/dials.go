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
	course
	back        course // of a spike: what it goes back to, standing still
	concurrency int
	arrivals    pace.Arrivals
	late        string
	mix         *shares // a weight is no dial: only undo and the phases' restart look at it
}

// setting is what the recorder and the reader of results see of it.
func (x *dials) setting(t int64) measure.Setting {
	s := measure.Setting{Model: "open", Rate: x.rateAt(t), RateTo: x.rate, Concurrency: x.concurrency, Arrivals: string(x.arrivals), Late: x.late}
	switch {
	case x.closed:
		s.Model, s.Rate, s.RateTo = "closed", 0, 0
	case x.motion == wave:
		s.Rate, s.RateTo = x.do.From, x.do.To
	case x.motion == replay:
		s.Rate = threeDigits(float64(x.file.Count()) / x.file.Length().Seconds())
		s.RateTo = s.Rate
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

// rateChange is the rate as a change of the grammar.
func (x *dials) rateChange() string {
	if text := x.shapeText(); text != "" && x.motion != stairs {
		return text
	}
	return "rate " + x.rateText()
}

// raises reports whether going from x to y asks for more load.
func (x *dials) raises(y *dials) bool {
	return y.closed && !x.closed || !y.closed && !x.closed && y.top() > x.top() || y.concurrency > x.concurrency
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
	Ceiling             // in what the rate dial counts
	wire        float64 // the rate's in requests
	descriptors int     // slots that this machine's descriptor limit allows
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
	case grammar.Wave, grammar.Spike, grammar.Step:
		return x.swing(c, t, b, clamp)
	case grammar.Rate:
		if c.Amount.Op == grammar.Max {
			y.course, y.back = course{closed: true, began: t}, course{}
			return y, false, nil
		}
		if x.closed && c.Amount.Op != grammar.Set {
			return x, false, refuse("name a rate, as in rate 500", "the rate is max, so there is nothing to change it by")
		}
		if x.closed && c.Over > 0 {
			return x, false, refuse("set a rate first", "a ramp needs a rate to begin at, and the rate is max")
		}
		now := x.rateAt(t)
		y.course, y.back = holdAt(amount(c.Amount, now), t), course{}
		if math.IsNaN(y.rate) || math.IsInf(y.rate, 0) {
			return x, false, refuse("", "that is not a rate")
		}
		if y.rate > b.Rate {
			if !clamp {
				return x, false, tooFast(y.rate, b)
			}
			y.rate, clamped = b.Rate, true
		}
		if y.from = now; c.Over > 0 && y.rate != now {
			y.motion, y.over = ramp, int64(c.Over)
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
	left := time.Duration(0)
	if x.over > 0 {
		left = time.Duration(max(0, x.began+x.over-t))
	}
	switch x.motion {
	case ramp:
		d.RampLeft = left
	case wave, replay:
		d.Rate = threeDigits(d.Now)
		fallthrough
	case spike, stairs:
		d.Shape = Shape{Kind: string(motionKinds[x.motion]), Text: x.shapeText(), Left: left}
	}
	if x.motion == stairs {
		d.Shape.Kind = "steps"
	}
	if x.motion == wave {
		d.Shape.From, d.Shape.To, d.Shape.Every, d.Shape.Into = x.do.From, x.do.To, x.do.Every, time.Duration(x.into(t))
	}
	if paused {
		d.Now = 0
	}
	return d
}
