package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
	"stoke/tui/layout"
)

// question is a box over the picture that waits for one of its answers. The
// keys that stop the load work in it, all others do nothing.
type question struct {
	title     string
	lines     []string
	answers   []answer
	interrupt bool // it came with ctrl+c: ctrl+c again is the final stop

	asked  time.Time
	seen   time.Time // when it was first drawn
	scroll int
}

// answer is one way out of a question.
type answer struct {
	keys   []string
	shown  string
	does   string
	raises bool               // refused while the picture is old
	do     func(*app) tea.Cmd // nil: only close
}

func (a *app) question(q question) {
	q.asked = a.clock()
	a.ask = &q
}

// key answers the question. An answer counts only after a moment, so that a
// key that was on its way before cannot be one; one that raises the load only
// if the question was on the screen by then.
func (q *question) key(a *app, name string, now time.Time) tea.Cmd {
	ended := a.snap.State == engine.Ended
	switch {
	case name == "!" && !ended:
		return finalStop(a, name)
	case name == "space" && !ended:
		return pause(a, name)
	}
	switch name {
	case "esc":
		a.ask = nil
		return nil
	case "up", "down", "pgup", "pgdown":
		q.scroll += map[string]int{"up": -1, "down": 1, "pgup": -10, "pgdown": 10}[name]
		return nil
	}
	for _, ans := range q.answers {
		if !slices.Contains(ans.keys, name) {
			continue
		}
		from := q.asked
		if ans.raises {
			from = q.seen
		}
		if from.IsZero() || now.Sub(from) < grace {
			return nil
		}
		if ans.raises {
			if why := a.mayRaise(); why != "" {
				a.warn(why)
				return nil
			}
			if a.flying > 0 {
				return nil
			}
		}
		a.ask = nil
		if ans.do == nil {
			return nil
		}
		return ans.do(a)
	}
	return nil
}

// show is the question as the layout draws it; what does not fit scrolls.
func (q *question) show(height int) *layout.Dialog {
	d := &layout.Dialog{Title: q.title}
	for _, ans := range q.answers {
		d.Keys = append(d.Keys, layout.Hint{Key: ans.shown, Does: ans.does})
	}
	const around = 6 // title, keys, edges and some of the picture
	room := max(height-around, 1)
	q.scroll = min(max(q.scroll, 0), max(len(q.lines)-room, 0))
	d.Lines = q.lines[q.scroll:min(q.scroll+room, len(q.lines))]
	return d
}
