package measure

import (
	"fmt"
	"math"
	"time"
)

// The limits of the verdicts.
const (
	steadyCells    = 10    // calm seconds before STEADY
	divergeCells   = 5     // seconds over which the level must grow
	divergeShare   = 0.01  // of the rate, per second
	driftCells     = 20    // seconds that are searched for a trend
	driftZ         = 2.58  // two-sided 1 %
	driftShare     = 0.05  // of the level, over those seconds
	overloadedFrom = 0.001 // of all intended
)

// judge follows the steadiness of a segment second by second.
type judge struct {
	verdict Verdict
	detail  string
	slope   float64

	cells  int // whole seconds of the segment
	calm   int // of the newest ones in which nothing was wrong
	levels recent
	p50s   recent
	p90s   recent
	cell   [2]int64 // p50 and p90 of the second that is closing, 0 without OK
}

// recent holds the newest values of a series, oldest first.
type recent struct {
	v [driftCells]float64
	n int
}

func (s *recent) add(x float64) {
	if s.n == len(s.v) {
		copy(s.v[:], s.v[1:])
		s.n--
	}
	s.v[s.n] = x
	s.n++
}

// last returns the newest n values, or all if there are fewer.
func (s *recent) last(n int) []float64 { return s.v[max(s.n-n, 0):s.n] }

func (st *segment) judged() bool {
	return st.kind == Hold && (st.closedModel || st.setting.Rate > 0)
}

// firstLevel is the level of open requests from which a segment starts.
func (st *segment) firstLevel(g Gauge) {
	st.judge = judge{verdict: NoVerdict}
	if st.judged() {
		st.judge.verdict = Settling
	}
	st.judge.levels.add(float64(g.Backlog + g.Connecting + g.InFlight))
}

// secondClosed judges the segment after one of its seconds.
func (st *segment) secondClosed(row *Row, counts Counts) {
	if !st.judged() {
		return
	}
	st.dirty = true
	j := &st.judge
	level := float64(row.Backlog + row.Connecting + row.InFlight)
	p50, p90 := j.cell[0], j.cell[1]
	j.cell = [2]int64{}
	if row.Second*secondNanos < st.from {
		// A part of a second: what the change itself did to the level is not
		// growth.
		j.levels = recent{}
		j.levels.add(level)
		return
	}
	j.cells++
	j.levels.add(level)
	if p50 > 0 {
		j.p50s.add(float64(p50))
		j.p90s.add(float64(p90))
	}
	j.verdict, j.detail, j.slope = st.verdict(&counts)
	j.calm++
	switch j.verdict {
	case Overloaded, Diverging, Drifting:
		j.calm = 0
	case Steady:
		if j.calm < steadyCells {
			j.verdict, j.detail = Settling, fmt.Sprintf("%d of %d s", j.calm, steadyCells)
		} else {
			j.detail = "for " + Span(time.Duration(j.calm)*time.Second)
		}
	case Settling: // older requests are open
		j.calm = 0
	}
}

// verdict is the first rule that applies to the segment's newest seconds;
// how long they must have been calm is the caller's.
func (st *segment) verdict(counts *Counts) (Verdict, string, float64) {
	j := &st.judge
	if share, bad := overloaded(counts); bad {
		return Overloaded, unsentText(share), 0
	}
	if slope, bad := diverging(j.levels.last(2*divergeCells+1), st.setting.Rate); bad && !st.closedModel {
		return Diverging, "unanswered requests grow by " + Three(slope) + "/s", slope
	}
	if st.settled == 0 {
		return Settling, "requests of the earlier setting are open", 0
	}
	if j.cells >= steadyCells {
		for _, s := range [...]struct {
			name   string
			values []float64
		}{{"p50", j.p50s.last(driftCells)}, {"p90", j.p90s.last(driftCells)}} {
			if change, bad := drifting(s.values); bad {
				way := "rises"
				if change < 0 {
					way = "falls"
				}
				return Drifting, fmt.Sprintf("%s %s %.2g %% in %d s", s.name, way, 100*math.Abs(change), len(s.values)), 0
			}
		}
	}
	return Steady, "", 0
}

// overloaded says whether the target left too much unsent. What the operator
// took back or this machine slept through is not the target's doing.
func overloaded(c *Counts) (share float64, bad bool) {
	unsent := c.Expired + c.Shed
	if unsent == 0 || c.Intended == 0 {
		return 0, false
	}
	share = float64(unsent) / float64(c.Intended)
	return share, share >= overloadedFrom
}

func unsentText(share float64) string { return Percent(share) + " not sent" }

// overrule turns the verdict of a segment to OVERLOADED as soon as its counts
// say so, even after its end: requests expire late.
func (st *segment) overrule(s *Segment) {
	if !st.judged() {
		return
	}
	if share, bad := overloaded(&s.Stats.Counts); bad {
		s.Verdict, s.Detail, s.Slope = Overloaded, unsentText(share), 0
	}
}

// diverging says whether open requests pile up: levels, a second apart, rise
// by more than a share of the rate per second, and by more in all than chance
// explains. Five rises in a row are enough; where noise breaks the row, a trend
// over more seconds is. The first level of a run is 0, so a slope alone would
// take the start for growth.
func diverging(levels []float64, rate float64) (slope float64, bad bool) {
	grows := func(v []float64) bool {
		slope = theilSen(v)
		return slope > divergeShare*rate && v[len(v)-1]-v[0] >= 10+3*math.Sqrt(v[0])
	}
	if n := len(levels) - divergeCells - 1; n >= 0 && rising(levels[n:]) && grows(levels[n:]) {
		return slope, true
	}
	return slope, len(levels) > 2*divergeCells && mannKendall(levels) > driftZ && grows(levels)
}

func rising(v []float64) bool {
	for i := range v[1:] {
		if v[i+1] <= v[i] {
			return false
		}
	}
	return true
}

// drifting says whether a series has a trend, and its change from end to end
// as a share of its level.
func drifting(v []float64) (change float64, bad bool) {
	if len(v) < steadyCells {
		return 0, false
	}
	level := median(v)
	if level <= 0 {
		return 0, false
	}
	change = theilSen(v) * float64(len(v)-1) / level
	return change, math.Abs(mannKendall(v)) > driftZ && math.Abs(change) > driftShare
}
