package panel

import (
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// current is the segment that is open now, or the last one; nil before the
// first.
func current(s *engine.Snapshot) *measure.Segment {
	if n := len(s.View.Segments); n > 0 {
		return s.View.Segments[n-1]
	}
	return nil
}

// subject is what the panels about a setting show.
type subject struct {
	segment   *measure.Segment // nil before the first
	counts    measure.Counts   // of it, open requests included
	response  measure.Ladder
	who, what string // "since your", "change"; or "setting", "5"
	long      time.Duration
	past      bool // it is over: the last one before a pause or the end
}

// subjectOf is the setting that is on. While nothing is asked, after a pause or
// a stop, it is the last one that was driven: the picture keeps what was
// learned.
func subjectOf(s *engine.Snapshot) subject {
	all := s.View.Segments
	n := len(all)
	if n > 1 && all[n-1].Kind == measure.Paused && all[n-1].Stats.Counts.Intended == 0 {
		for i := n - 2; i >= 0; i-- {
			if g := all[i]; g.Kind != measure.Paused && g.Kind != measure.Transit {
				return subject{
					segment: g, counts: g.Stats.Counts, response: g.Stats.Response, past: true,
					who: "setting " + units.Count(int64(g.ID)), what: settingRate(g), long: time.Duration(g.To - g.From),
				}
			}
		}
	}
	x := subject{segment: current(s), counts: s.View.Since.Counts, response: s.View.Since.Response, long: seconds(s.View.Since.Seconds)}
	switch {
	case x.segment == nil || x.segment.ID == 1:
		x.who, x.what = "since the", "start"
	case !engine.By(x.segment.By).Operator():
		x.who, x.what = "since the", "change"
	default:
		x.who, x.what = "since your", "change"
	}
	return x
}

// againstOf is the earlier setting to stand beside one: after a pause or a stop
// the one before the last that was driven, or that would stand beside itself. Open
// and closed model never stand in one table; nil if there is none.
func againstOf(s *engine.Snapshot, x subject) *measure.Segment {
	against := s.View.Against
	if x.past {
		against = nil
		for _, g := range s.View.Segments {
			if g.Kind == measure.Hold && g.ID < x.segment.ID && !g.Invalid && g.Stats.Response.Enough[measure.P90] {
				against = g
			}
		}
	}
	if against != nil && x.segment != nil && against.Setting.Model != x.segment.Setting.Model {
		return nil
	}
	return against
}

// title says of which time numbers are: "since your change", "of setting 5".
func (x subject) title() string {
	if x.past {
		return "of " + x.who
	}
	return x.who + " " + x.what
}

// success is the share of all that was asked and is no longer open that
// succeeded: ok ÷ (asked − in flight − waiting).
func success(c *measure.Counts) (ok, of int64) {
	return c.OK, c.Intended - c.InFlight - c.Connecting - c.Backlog
}

// errorShare is (status + assert + error) ÷ done.
func errorShare(c *measure.Counts) (failed, of int64) { return c.Failed(), c.Done() }

// alarm is the role of a number that should be 0.
func alarm(n int64) theme.Role {
	if n > 0 {
		return theme.Failed
	}
	return theme.Text
}

// DialRate writes the rate of a dial: "1,200/s", or "max".
func DialRate(d engine.Dial) string {
	if d.Closed {
		return "max"
	}
	return units.Setting(d.Rate) + "/s"
}

// shortRate writes a rate of a dial into at most w characters, w ≥ 7.
func shortRate(v float64, w int) string {
	if s := units.Setting(v) + "/s"; len(s) <= w {
		return s
	}
	return units.Short(v) + "/s"
}

// settingRate writes the rate of a setting: "1,200/s", "500 to 1,000", "max".
func settingRate(g *measure.Segment) string {
	x := g.Setting
	switch {
	case x.Model == "closed":
		return "max, closed"
	case g.Kind == measure.Paused:
		return "0/s, paused"
	case g.Kind == measure.Transit:
		return "several"
	case x.Rate != x.RateTo:
		if s := units.Setting(x.Rate) + " to " + units.Setting(x.RateTo); len(s) <= 14 {
			return s
		}
		return units.Short(x.Rate) + " to " + units.Short(x.RateTo)
	}
	return shortRate(x.Rate, 14)
}

// holder says who has the dials.
func holder(s *engine.Snapshot) (long, short string) {
	switch {
	case s.State == engine.Ended:
		return "", ""
	case s.Holder == engine.ByAPI:
		return "the API drives", "by API"
	case s.Holder == engine.ByGuard:
		return "a guard drives", "by guard"
	case s.Holder.Operator(), s.Phases.Count == 0:
		return "you drive the dials", "you drive"
	}
	return "the phases drive", "by phases"
}

// actor names the source of an event.
func actor(b engine.By) string {
	switch b {
	case engine.ByKey, engine.ByLine:
		return "you"
	case engine.ByProfile:
		return "phases"
	case engine.ByAPI:
		return "API"
	case engine.ByGuard:
		return "GUARD"
	}
	return string(b)
}

// verdictWord is what a segment's verdict is called on screen, in full and in
// at most 12 cells, and its role.
func verdictWord(g *measure.Segment) (long, short string, role theme.Role) {
	switch {
	case g.Invalid:
		return "INVALID: this machine", "INVALID", theme.Bad
	case g.Kind == measure.Ramp, g.Kind == measure.Wave, g.Kind == measure.Spike, g.Kind == measure.Replay:
		return string(g.Kind) + ", not compared", string(g.Kind), theme.Dim
	case g.Kind == measure.Paused:
		return "paused", "paused", theme.Dim
	case g.Kind == measure.Transit:
		return "passed through", "passed", theme.Dim
	}
	switch g.Verdict {
	case measure.Steady:
		return "steady", "steady", theme.OK
	case measure.Settling:
		return "settling", "settling", theme.Wait
	case measure.Drifting:
		return "drifting", "drifting", theme.Warn
	case measure.Diverging:
		if g.Slope > 0 {
			return "GROWS " + units.Rate(g.Slope), "GROWS", theme.Bad
		}
		return "GROWS", "GROWS", theme.Bad
	case measure.Overloaded:
		return "OVERLOADED", "OVERLOADED", theme.Bad
	}
	return "too short", "too short", theme.Dim
}

// seconds turns a window's length into a duration.
func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
