package panel

import (
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// Driven draws the settings that were driven with their figures, the newest
// first. From 78 columns.
func Driven(r canvas.Region, s *engine.Snapshot) {
	all := s.View.Segments
	n := max(0, min(len(all), r.H-3))
	title := "newest " + units.Count(int64(n)) + " of " + units.Count(int64(len(all)))
	if n == len(all) {
		title = "newest first"
	}
	if len(all) == 0 {
		title = ""
	}
	in := r.Box("WHAT YOU DROVE", title)
	full := in.W >= wide-2
	began, rate, ends, verdict := 5, 15, [5]int{36, 46, 55, 0, 64}, 66
	if full {
		began, rate, ends, verdict = 7, 18, [5]int{37, 52, 63, 74, 85}, 90
		if more := (in.W - 118) / 7; more > 0 {
			rate += more
			for i := range ends {
				ends[i] += more * (i + 2)
			}
			verdict += more * 7
		}
	}
	in.Text(began, 0, theme.Dim, "began")
	in.Text(rate, 0, theme.Dim, RateHead(s))
	heads := [5]string{"at once", "done", "OK", "p50", "p99"}
	if full {
		heads[0] = "concurrency"
		in.Text(ends[0]-7, 0, theme.Dim, heads[0])
	} else {
		in.Right(ends[0], 0, theme.Dim, heads[0])
	}
	for i := 1; i < 5; i++ {
		if ends[i] > 0 {
			in.Right(ends[i], 0, theme.Dim, heads[i])
		}
	}
	in.Text(verdict, 0, theme.Dim, "verdict")
	for i := range n {
		g := all[len(all)-1-i]
		drivenRow(in, i+1, s, g, began, rate, ends, verdict)
	}
}

// RateHead is the head over rates that were set: what they count, where a
// start is not a request.
func RateHead(s *engine.Snapshot) string {
	if unit, _ := rateUnit(s); unit != "" {
		return unit
	}
	return "rate"
}

func drivenRow(in canvas.Region, y int, s *engine.Snapshot, g *measure.Segment, began, rate int, ends [5]int, verdict int) {
	open := g.Open && s.State != engine.Ended
	role := theme.Text
	if open {
		role = theme.Strong
	}
	in.Right(began-3, y, theme.Dim, units.Count(int64(g.ID)))
	in.Text(began, y, theme.Dim, units.Clock(time.Duration(g.From)))
	in.Text(rate, y, role, settingRate(g))
	in.Right(ends[0], y, theme.Text, units.Count(int64(g.Setting.Concurrency)))
	word, short, wordRole := verdictWord(g)
	now, room := "", in.W-verdict
	if open {
		now = ", now"
	}
	if g.Detail != "" && g.Verdict != measure.Steady && g.Slope <= 0 {
		in.Text(verdict, y, wordRole, canvas.Fit(room-1, word+now+": "+g.Detail, word+now, short+now, short))
	} else {
		in.Text(verdict, y, wordRole, canvas.Fit(room, word+now, short+now, short))
	}
	c := &g.Stats.Counts
	if c.Intended == 0 {
		return
	}
	long := time.Duration(g.To - g.From).Seconds()
	if long > 0 {
		in.Right(ends[1], y, theme.Text, units.NumberIn(float64(c.Done())/long, 7)+"/s")
	}
	ok, of := success(c)
	in.Right(ends[2], y, theme.Text, units.Percent(ok, of))
	for i, p := range [2]int{measure.P50, measure.P99} {
		if x := ends[3+i]; x > 0 {
			k := cellOf(&g.Stats.Response, p, 0, false, theme.Text)
			if g.Verdict == measure.Diverging && p == measure.P99 {
				k = cell{"grows", theme.Warn}
			}
			k.draw(in, x, y, dagger(c, p))
		}
	}
}
