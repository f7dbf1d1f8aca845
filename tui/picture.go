package tui

import (
	"time"

	"stoke/engine"
)

// news is what an operator must see at once, whenever it happens.
type news struct {
	state   engine.State
	verdict engine.VerdictLevel
	event   int
}

func newsOf(s *engine.Snapshot) news { return news{s.State, s.Verdict.Level, lastEvent(s)} }

// pollAfter is when to look again for a picture to draw.
func (a *app) pollAfter(now time.Time) time.Duration {
	if a.screen.busy() {
		return busyPoll
	}
	return min(max(a.drawn.Add(a.gap(now)).Sub(now), 10*time.Millisecond), frameGap)
}

// gap keeps drawing below a quarter of a core, whatever a picture costs.
func (a *app) gap(now time.Time) time.Duration {
	if now.Sub(a.touched) > calmAfter && newsOf(a.snap) == a.tells {
		return max(calmGap, 4*a.cost)
	}
	return max(frameGap, 4*a.cost)
}

// redraw draws a picture if there is something new, the terminal has taken in
// the one before, and it is not too soon.
func (a *app) redraw(now time.Time) {
	if !a.dirty || a.width <= 0 || a.height <= 0 || now.Sub(a.drawn) < a.gap(now) || a.screen.busy() {
		return
	}
	s := a.snap
	if a.kept != nil {
		s = a.kept
	}
	a.sort(s, now)
	a.frame = a.o.frame(s, a.state(now), a.width, a.height, a.o.Theme)
	a.cost = a.clock().Sub(now)
	a.drawn, a.dirty, a.tells = now, false, newsOf(a.snap)
	a.frames++
	if a.shows != a.snap.State {
		a.shows, a.since = a.snap.State, now
	}
	if a.ask != nil && a.ask.seen.IsZero() {
		a.ask.seen = now
	}
	if a.prompt != nil && a.prompt.again && a.prompt.seen.IsZero() {
		a.prompt.seen = now
	}
}
