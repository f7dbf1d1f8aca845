package pace

import (
	"math/rand/v2"
	"time"
)

// Arrivals names the arrival process. The texts are part of the saved format.
type Arrivals string

// The arrival processes.
const (
	Uniform Arrivals = "uniform" // evenly spaced in integrated rate
	Poisson Arrivals = "poisson" // exponential gaps in integrated rate
)

// MaxRate is the highest rate a schedule follows, in requests per second: one
// for each nanosecond, the grain of an intended time. Higher rates count as
// this one; negative rates and NaN count as 0.
const MaxRate = 1e9

// Schedule yields intended times, in nanoseconds since the start of the run.
// It is not safe for concurrent use; its owner serialises calls.
//
// The schedule knows its next target as what is left of it in integrated rate,
// Λ, since the last change. A change subtracts what was gained until then and
// leaves the rest, so the phase survives every change, and each intended time
// follows from the last change alone: nothing is summed up in time, so nothing
// drifts. An intended time is the exact one rounded down to the nanosecond, so
// counts over whole nanoseconds are exact; it never lies before the change or
// the intended time that came before it.
type Schedule struct {
	arrivals Arrivals
	draws    *rand.Rand
	leg      leg
	left     amount // of Λ, from the start of leg to the pending target
	taken    int64  // the newest time that was taken; the pending one is not before it
	pending  int64
	due      bool // pending is valid
	replay   replay
}

// New returns a schedule at rate 0. The seed makes Poisson gaps repeatable.
//
// The first uniform arrival comes with the first moment of load, the first
// Poisson arrival one exponential gap after it. Whatever is not Poisson is
// uniform.
func New(arrivals Arrivals, seed uint64) *Schedule {
	s := &Schedule{
		arrivals: arrivals,
		// The second half of the state tells this stream from others that
		// are made from the same seed.
		draws: rand.New(rand.NewPCG(seed, 0x61727269_76616c73)),
	}
	if arrivals == Poisson {
		s.left = s.left.plus(s.draws.ExpFloat64())
	}
	return s
}

// Next returns the pending intended time. It reports false when, at the rates
// known now, no further request is due (rate 0, or a ramp that ends at 0 first).
// It does not change the schedule.
func (s *Schedule) Next() (t0 int64, ok bool) { return s.pending, s.due }

// Advance takes the pending intended time and draws the one after it. It does
// nothing while no request is due.
func (s *Schedule) Advance() {
	if !s.due {
		return
	}
	s.taken = s.pending
	if s.replay.recording != nil {
		s.replay.advance()
		s.aim()
		return
	}
	if s.arrivals == Poisson {
		s.left = s.left.plus(s.draws.ExpFloat64())
	} else {
		s.left.whole++
	}
	s.aim()
}

// Hold sets a constant rate, in requests per second, from time at on. The
// caller has taken every intended time before at.
//
// Rate 0 is a pause: Λ stands still and nothing is due to be caught up later.
// An intended time before at that was not taken is moved to at, and the gaps
// after it start there: it cannot become a burst. A time before the last
// change counts as that of the change.
func (s *Schedule) Hold(at int64, rate float64) { s.Ramp(at, rate, rate, 0) }

// Ramp moves the rate in a straight line from from to to during over, starting
// at time at; afterwards the rate stays at to. The rest is as with [Schedule.Hold].
func (s *Schedule) Ramp(at int64, from, to float64, over time.Duration) {
	s.set(newLeg(s.change(at), sane(from), sane(to), over))
}

// Wave lets the rate swing between from and to, smoothly as a sine, from time
// at on until the next change. It begins at from if into is 0; otherwise that
// far into a period. A period is at least a nanosecond. The rest is as with
// [Schedule.Hold].
func (s *Schedule) Wave(at int64, from, to float64, period, into time.Duration) {
	l := leg{at: s.change(at)}
	if from, to = sane(from), sane(to); from > 0 || to > 0 {
		l.wave = newWave(from, to, int64(period), int64(into))
	}
	s.set(l)
}

// Replay sends a recording from time at on, as if it had begun into earlier:
// what it holds before that is not sent. While it is replayed, and after its
// end, Λ stands still, so a change goes on where the last rate was left. The
// arrival process has no say.
func (s *Schedule) Replay(at int64, r *Recording, into time.Duration) {
	l := leg{at: s.change(at)}
	s.replay = newReplay(r, l.at, int64(into))
	s.set(l)
}

// change ends the present leg at time at, or at its own start if that is
// later, and returns that time.
func (s *Schedule) change(at int64) int64 {
	at = max(at, s.leg.at)
	s.left = s.left.minus(s.leg.gained(at))
	if s.left.whole < 0 {
		s.left = amount{}
	}
	s.replay = replay{}
	return at
}

func (s *Schedule) set(l leg) {
	s.leg = l
	s.aim()
}

// SetArrivals changes the arrival process from time at on. The pending target
// is kept: the process decides the gaps after it.
func (s *Schedule) SetArrivals(at int64, arrivals Arrivals) { s.arrivals = arrivals }

// RateAt returns the rate at time t, in requests per second. t is not before
// the last change. A recording has no rate: 0.
func (s *Schedule) RateAt(t int64) float64 { return s.leg.rate(t) }

// aim computes the pending time from what is left.
func (s *Schedule) aim() {
	if s.replay.recording != nil {
		t, ok := s.replay.due()
		s.pending, s.due = max(t, s.taken), ok
		return
	}
	t, ok := s.leg.reaches(s.left, s.taken)
	s.pending, s.due = max(t, s.taken), ok
}

func sane(rate float64) float64 {
	if !(rate > 0) { // also NaN
		return 0
	}
	return min(rate, MaxRate)
}
