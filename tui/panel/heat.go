package panel

import (
	"stoke/engine"
	"stoke/tui/canvas"
	"stoke/tui/chart"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// HeatHeight is the least rows of the box.
const HeatHeight = 9

// Heat draws where the answers of each moment lay: more answers, darker cell.
func Heat(r canvas.Region, s *engine.Snapshot, look Look) {
	const left, right = 9, 6
	n := r.W - 2 - left - right
	step := chart.Step(max(n, 1), look.Span.seconds(s))
	in := r.Box("HEAT MAP", append([]string{"where the answers of each moment lay,"}, Look{Span: look.Span}.words(step)...)...)
	if n < 8 || in.H < 4 {
		return
	}
	t := chart.Fold(s.View.History, n, step)
	t.Marks(in.Sub(left, 0, n+right-1, 1), marks(s))
	m := chart.FoldHeat(s.View.Heat, t)
	rows := in.H - 2
	a := m.Range(rows)
	if a.Empty() {
		in.Text(left, 1+rows/2, theme.Dim, "no answer yet")
	} else {
		for _, k := range a.Ticks() {
			in.Right(left-1, 1+k.Row, theme.Dim, k.Text)
		}
	}
	body := in.Sub(left, 1, n, rows)
	m.Draw(body, a)
	if !a.Empty() {
		for x, c := range t.Columns { // nothing came: how old what is open is, at least
			if v := max(c.Half[0].High, c.Half[1].High); c.Bound && v > 0 && body.Blank(x, a.Row(v)) {
				body.Rune(x, a.Row(v), theme.High, '≥')
			}
		}
		ends(in, t, a, left+n)
	}
	under := in.Sub(left, 0, n, in.H)
	t.Invalid(under, in.H-1)
	t.Times(under, in.H-1)
	legend(r)
}

// ends writes the names of the percentiles at the right edge, at the rows that
// they have now.
func ends(in canvas.Region, t chart.Timeline, a chart.HeatAxis, x int) {
	for i := len(t.Columns) - 1; i >= 0 && i >= len(t.Columns)-3; i-- {
		c := t.Columns[i]
		high, middle := max(c.Half[0].High, c.Half[1].High), max(c.Half[0].Middle, c.Half[1].Middle)
		if high <= 0 {
			continue
		}
		row := a.Row(high)
		in.Text(x, 1+row, theme.High, " p99")
		if middle > 0 && a.Row(middle) != row {
			in.Text(x, 1+a.Row(middle), theme.Middle, " p50")
		}
		return
	}
}

// legend says in the lower edge what the shades mean.
func legend(r canvas.Region) {
	var l Line
	l = append(l, Span{theme.Dim, " of a column's answers: "})
	for i, shade := range chart.Shades {
		text := " " + units.Count(int64(chart.Least[i])) + " %  "
		if i == 0 {
			text = " any  "
		}
		l = append(l, Span{theme.Heat1 + theme.Role(i), string(shade)}, Span{theme.Dim, text})
	}
	l[len(l)-1].Text = l[len(l)-1].Text[:len(l[len(l)-1].Text)-1]
	if l.Width()+2 > r.W {
		l = l[1:]
	}
	if l.Width()+2 <= r.W {
		l.Draw(r, 1, r.H-1)
	}
}
