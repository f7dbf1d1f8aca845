package engine

import (
	"fmt"
	"math"
	"time"

	"stoke/engine/measure"
	"stoke/engine/pace"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// motion is how a rate moves by itself.
type motion uint8

const (
	steady motion = iota // it stays
	ramp                 // a straight line
	wave
	spike
	stairs // until its last step, which is steady
	replay // of a file
)

var motionKinds = [...]measure.Kind{measure.Hold, measure.Ramp, measure.Wave, measure.Spike, measure.Hold, measure.Replay}

// course is where the rate is and how it goes on. It is a value.
type course struct {
	motion motion
	closed bool           // rate max
	rate   float64        // per second; where a ramp ends, the present step of stairs
	from   float64        // where a ramp began
	began  int64          // when it began, nanoseconds since the start of the run
	over   int64          // how long it moves; 0 until the next change
	do     grammar.Change // of a wave, a spike, stairs and a replay: what was ordered, its rates absolute
	step   int            // of stairs, from 0
	file   *pace.Recording
}

// rateAt is the rate at time t, in requests per second; 0 in the closed model.
func (x *course) rateAt(t int64) float64 {
	switch {
	case x.closed:
		return 0
	case x.motion == wave:
		if x.over > 0 {
			t = min(t, x.began+x.over)
		}
		return waveRate(&x.do, x.into(t))
	case x.motion == replay:
		const half = int64(time.Second / 2)
		return float64(x.file.Between(time.Duration(t-x.began-half), time.Duration(t-x.began+half)))
	case x.motion != ramp || t >= x.began+x.over:
		return x.rate
	}
	return x.from + (x.rate-x.from)*float64(t-x.began)/float64(x.over)
}

// into is how far in its period a wave is at time t, nanoseconds.
func (x *course) into(t int64) int64 {
	return (int64(x.do.Into) + max(t-x.began, 0)) % int64(x.do.Every)
}

// waveRate is the rate of a wave so far into its period.
func waveRate(c *grammar.Change, into int64) float64 {
	part := float64(into) / float64(c.Every)
	return max(grammar.Tidy((c.From+c.To)/2-(c.To-c.From)/2*math.Cos(2*math.Pi*part)), 0)
}

// top is the highest rate that it has or comes to.
func (x *course) top() float64 {
	switch x.motion {
	case ramp:
		return max(x.from, x.rate)
	case replay:
		return float64(x.file.Peak())
	case wave, stairs:
		return x.do.Top()
	}
	return x.rate
}

// next is when it changes by itself.
func (x *course) next() int64 {
	switch {
	case x.motion == stairs:
		return x.began + int64(x.step+1)*int64(x.do.Every)
	case x.over > 0:
		return x.began + x.over
	}
	return never
}

// holdAt is a rate that stays.
func holdAt(rate float64, t int64) course { return course{rate: rate, from: rate, began: t} }

// The time of a course that stands still, because the load is paused or a spike
// goes before it, is counted from its own beginning: freeze takes the clock of
// the run away at t, thaw puts it back. A rate that stays has no clock.

func (x course) freeze(t int64) course { return x.thaw(-t) }

func (x course) thaw(t int64) course {
	if x.motion != steady {
		x.began += t
	}
	return x
}

// passed is the setting after the moment x.next().
func (x dials) passed() dials {
	t := x.next()
	switch x.motion {
	case spike:
		x.course, x.back = x.back.thaw(t), course{}
	case stairs:
		if x.step++; x.step >= x.do.Steps()-1 {
			x.course = holdAt(x.do.To, t)
		} else {
			x.rate = x.do.StepRate(x.step)
		}
	case replay:
		x.course = holdAt(0, t)
	case wave:
		x.course = holdAt(x.rateAt(t), t)
	default:
		x.over, x.motion = 0, steady
	}
	return x
}

// reached is the setting at time t, what changes by itself done.
func (x dials) reached(t int64) dials {
	for x.next() <= t {
		x = x.passed()
	}
	return x
}

// still is the same setting with what moves stopped where it is at t, at a rate
// that a person would write.
func (x dials) still(t int64) dials {
	if x.motion != steady {
		x.course, x.back = holdAt(threeDigits(x.rateAt(t)), t), course{}
	}
	return x
}

// threeDigits rounds to three digits that count.
func threeDigits(v float64) float64 {
	if v < 1e-6 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-2)
	return grammar.Tidy(math.Round(v/unit) * unit)
}

// kept is the setting to come back to: a wave goes on where it was at t, and a
// spike is over. It stands still until it is thawed.
func (x dials) kept(t int64) dials {
	switch x.motion {
	case wave:
		return x.frozen(t)
	case spike:
		x.course, x.back = x.back, course{}
		return x.kept(0)
	}
	return x.still(t)
}

// frozen and thawed are freeze and thaw of the setting.
func (x dials) frozen(t int64) dials {
	x.course = x.freeze(t)
	return x
}

func (x dials) thawed(t int64) dials {
	x.course = x.thaw(t)
	return x
}

// shapeText is what moves the rate, in the grammar and without its time; empty
// for a rate that stays and for a ramp.
func (x *course) shapeText() string {
	switch c := x.do; x.motion {
	case wave:
		c.For, c.Into = 0, 0
		return c.String()
	case spike, stairs, replay:
		return c.String()
	}
	return ""
}

// swing returns the setting after a wave, a spike, steps or a file at time t,
// or why it cannot be.
func (x dials) swing(c grammar.Change, t int64, b *bounds, clamp bool) (y dials, clamped bool, err error) {
	y = x
	now := x.rateAt(t)
	limit := func(rate float64) float64 {
		if rate > b.Rate && clamp {
			clamped = true
			return b.Rate
		}
		if rate > b.Rate && err == nil {
			err = tooFast(rate, b)
		}
		return rate
	}
	y.course = course{began: t, do: c, over: int64(c.For)}
	switch c.Verb {
	case grammar.Wave:
		y.motion, y.back = wave, course{}
		y.do.From, y.do.To = limit(c.From), limit(c.To)
	case grammar.Step:
		y.motion, y.back = stairs, course{}
		y.do.From, y.do.To = limit(c.From), limit(c.To)
		if y.do.From == y.do.To { // both are at the ceiling
			y.course = holdAt(y.do.To, t)
			break
		}
		y.over = int64(y.do.Steps()-1) * int64(c.Every)
		y.rate = y.do.From
	case grammar.Spike:
		if x.closed && c.Amount.Op != grammar.Set {
			return x, false, refuse("name a rate, as in spike 5k for 10s", "the rate is max, so there is nothing to change it by")
		}
		if y.motion = spike; x.motion != spike {
			y.back = x.course.freeze(t)
		}
		y.rate = limit(amount(c.Amount, now))
		y.do.Amount = grammar.Amount{Op: grammar.Set, Value: y.rate}
	}
	if err != nil {
		return x, false, err
	}
	return y, clamped, nil
}

func tooFast(rate float64, b *bounds) error {
	ceiling := grammar.FormatRate(b.Rate) + "/s"
	if b.wire != b.Rate {
		ceiling = grammar.FormatRate(b.Rate) + " starts/s, which ask for " + grammar.FormatRate(b.wire) + " requests/s"
	}
	return refuse("raise limits.rate in the profile or --limit-rate to go higher",
		"rate %s is above the ceiling of %s", grammar.FormatRate(rate), ceiling)
}

// replays are the recordings of the phases, by the phase.
type replays map[grammar.Change]*pace.Recording

// recordings prepares what the phases replay of the files that a profile names,
// and refuses what would pass a ceiling in any second.
func recordings(p *profiles.Profile, files map[string][]byte, ceiling Ceiling) (replays, error) {
	all := replays{}
	for _, phase := range p.Phases {
		c := phase.Change
		if c.Verb != grammar.Rate || c.Name == "" || all[c] != nil {
			continue
		}
		offsets, err := profiles.ParseArrivals(files[c.Name])
		if err != nil {
			return nil, fmt.Errorf("phase %q: %w", phase.Text, err)
		}
		r := pace.NewRecording(offsets, c.Times, c.Speed)
		if peak := r.Peak(); float64(peak) > ceiling.Rate {
			return nil, refuse("write a factor as in x0.5, or raise limits.rate in the profile or --limit-rate",
				"%s asks for %d in one second, above the ceiling of %s/s", c, peak, grammar.FormatRate(ceiling.Rate))
		}
		all[c] = r
	}
	return all, nil
}

// lasts is how long a phase takes, nanoseconds.
func (v *driver) lasts(c grammar.Change) int64 {
	if r := v.replays[c]; r != nil {
		return int64(r.Length())
	}
	return int64(c.Lasts())
}
