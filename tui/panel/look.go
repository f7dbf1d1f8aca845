package panel

import (
	"time"

	"stoke/engine"
	"stoke/tui/units"
)

// Stretch is how far back a picture reaches at least.
type Stretch uint8

// The stretches, in the order of the key that changes them.
const (
	ThreeMinutes Stretch = iota
	FifteenMinutes
	Hour
	WholeRun
	NumStretches
)

// String is the span in words.
func (p Stretch) String() string {
	return [...]string{"3 min", "15 min", "1 h", "the whole run"}[p%NumStretches]
}

// seconds is the length of the span, for a run of this age.
func (p Stretch) seconds(s *engine.Snapshot) int64 {
	switch p % NumStretches {
	case FifteenMinutes:
		return 900
	case Hour:
		return 3600
	case WholeRun:
		return max(60, int64(s.View.History.Len()))
	}
	return 180
}

// Look is how the operator wants to see pictures over time.
type Look struct {
	Span   Stretch
	Linear bool // times in equal steps from 0 instead of decades
}

// words says in the title what is not as usual.
func (k Look) words(step int64) []string {
	w := []string{" 1 column = " + units.Span(time.Duration(step)*time.Second)}
	if step < 120 {
		w[0] = " 1 column = " + units.Count(step) + " s"
	}
	if k.Linear {
		w[0] += ", linear"
	}
	return w
}
