package chart

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"stoke/engine/measure"
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

const ms = 1_000_000

func rows(n int, f func(i int64, r *measure.Row)) measure.History {
	var h measure.History
	all := make([]measure.Row, n)
	for i := range all {
		all[i] = measure.Row{Second: int64(i), Rate: 100, Intended: 100, Done: 100, P50: 10 * ms, P99: 40 * ms}
		f(int64(i), &all[i])
	}
	for len(all) > 0 {
		k := min(256, len(all))
		h.Chunks, all = append(h.Chunks, all[:k]), all[k:]
	}
	return h
}

func none(int64, *measure.Row) {}

func TestStepIsTheSmallestThatShowsEnough(t *testing.T) {
	for _, c := range []struct {
		n    int
		want int64
	}{{200, 1}, {180, 1}, {179, 2}, {103, 2}, {64, 3}, {60, 3}, {59, 5}, {20, 10}, {1, 300}} {
		if got := Step(c.n, 180); got != c.want {
			t.Errorf("Step(%d) = %d, want %d", c.n, got, c.want)
		}
	}
}

// The same seconds are in the same column however long the run is: the picture
// moves by whole columns, once per step.
func TestColumnsAreFixedInTime(t *testing.T) {
	mark := func(i int64, r *measure.Row) { r.P99 = (i + 1) * ms }
	for _, step := range []int64{1, 2, 3, 5} {
		before := Fold(rows(300, mark), 40, step)
		for n := 301; n < 320; n++ {
			now := Fold(rows(n, mark), 40, step)
			shift := now.First - before.First
			if want := (int64(n)-1)/step - 299/step; shift != want {
				t.Fatalf("step %d: after %d seconds moved by %d columns, want %d", step, n, shift, want)
			}
			for i := range before.Columns[:39] { // the last one was still filling
				if j := i - int(shift); j >= 0 && before.Columns[i] != now.Columns[j] {
					t.Fatalf("step %d: column %d changed: %+v, %+v", step, i, before.Columns[i], now.Columns[j])
				}
			}
		}
	}
}

func TestFoldKeepsTheWorstAndTheMiddle(t *testing.T) {
	h := rows(10, func(i int64, r *measure.Row) {
		r.P50 = []int64{10, 90, 20, 11, 12}[i%5] * ms
		r.P99 = []int64{40, 41, 900, 42, 43}[i%5] * ms
		r.Intended, r.Done = 100, 50
		r.Bound, r.Invalid = i == 7, i == 2
	})
	c := Fold(h, 2, 5).Columns
	if c[0].Half[0].High != 900*ms && c[0].Half[1].High != 900*ms {
		t.Errorf("the bad second is gone: %+v", c[0])
	}
	if got := c[0].Half[0].Middle; got != 20*ms { // median of 10, 90, 20, not their mean of 40
		t.Errorf("middle of the first half = %d ms", got/ms)
	}
	if !c[0].Invalid || c[1].Invalid || c[0].Bound || !c[1].Bound || c[0].Seconds != 5 || c[0].Asked != 100 || c[0].Done != 50 {
		t.Errorf("%+v", c)
	}
	if got := Fold(measure.History{}, 3, 1); len(got.Columns) != 3 || got.Columns[2].Seconds != 0 {
		t.Errorf("%+v", got)
	}
}

func TestFoldCrossesChunks(t *testing.T) {
	h := rows(600, none)
	for _, c := range Fold(h, 120, 5).Columns {
		if c.Seconds != 5 {
			t.Fatalf("a column has %d of 5 seconds", c.Seconds)
		}
	}
}

func TestAxis(t *testing.T) {
	for _, c := range []struct {
		lo, hi int64
		rows   int
		want   string
	}{
		{14 * ms, 130 * ms, 6, "5:10 ms 3:32 ms 1:100 ms"},
		{14 * ms, 130 * ms, 5, "4:10 ms 2:32 ms 0:100 ms"},
		{10 * ms, 3000 * ms, 6, "5:10 ms 3:100 ms 1:1 s"},
		{31_000, 33_000, 7, "6:10 µs 3:32 µs 0:100 µs"},
		{10_000, 60_000 * ms, 5, "4:10 µs 2:100 ms 0:1,000 s"},
		{5 * ms, 5 * ms, 1, "0:3.2 ms"},
	} {
		var got []string
		for _, k := range NewAxis(c.lo, c.hi, c.rows).Ticks() {
			got = append(got, string(rune('0'+k.Row))+":"+k.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%d to %d ms in %d rows: %s, want %s", c.lo/ms, c.hi/ms, c.rows, s, c.want)
		}
	}
	if !NewAxis(0, 0, 5).Empty() || NewAxis(1, 2, 0).Ticks() != nil {
		t.Error("an axis without values has labels")
	}
}

// A value that has a label is drawn in the row of the label, and everything in
// the range has a row.
func TestLinesMeetTheirLabels(t *testing.T) {
	for n := 1; n <= 24; n++ {
		for hi := int64(1); hi < 5000; hi = hi*3/2 + 1 {
			a := NewAxis(1*ms, hi*ms, n)
			for _, v := range []int64{1 * ms, 10 * ms, 100 * ms, 1000 * ms} {
				for _, k := range a.Ticks() {
					if v <= hi*ms && k.Text == halfDecadeOf(v) && a.dot(v)/4 != k.Row {
						t.Errorf("%d rows to %d ms: %s is drawn in row %d, its label is in row %d", n, hi, k.Text, a.dot(v)/4, k.Row)
					}
				}
			}
		}
	}
}

func TestLinearAxis(t *testing.T) {
	for _, c := range []struct {
		hi   int64
		rows int
		want string
	}{{130 * ms, 7, "6:0 4:40 ms 2:80 ms 0:120 ms"}, {950_000, 4, "3:0 2:500 µs 1:1 ms 0:1.5 ms"}, {3000 * ms, 10, "9:0 6:1.5 s 3:3 s 0:4.5 s"}} {
		var got []string
		a := NewLinearAxis(c.hi, c.rows)
		for _, k := range a.Ticks() {
			got = append(got, string(rune('0'+k.Row))+":"+k.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("to %d ms in %d rows: %s, want %s", c.hi/ms, c.rows, s, c.want)
		}
		if top := a.dot(c.hi); top < 0 || a.dot(c.hi*2) != 0 || a.dot(1)/4 != c.rows-1 {
			t.Errorf("%d ms in %d rows is drawn at dot %d", c.hi/ms, c.rows, top)
		}
	}
	if a := NewLinearAxis(100*ms, 9); a.dot(50*ms)/4 != 8-50/20 && a.dot(40*ms)/4 != 8-2 {
		t.Errorf("40 ms is in row %d", a.dot(40*ms)/4)
	}
	if !NewLinearAxis(0, 5).Empty() {
		t.Error("an axis without values has a range")
	}
}

func halfDecadeOf(v int64) string {
	return map[int64]string{1 * ms: "1 ms", 10 * ms: "10 ms", 100 * ms: "100 ms", 1000 * ms: "1 s"}[v]
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		top  float64
		rows int
		want string
	}{{1206, 3, "0:1,200/s 1:800/s 2:400/s"}, {40, 3, "0:45/s 1:30/s 2:15/s"}, {7840, 3, "0:9,000/s 1:6,000/s 2:3,000/s"}, {1, 2, "0:1/s 1:0.5/s"}, {3.2e6, 2, "0:4M/s 1:2M/s"}} {
		var got []string
		ticks := NewScale(c.top, c.rows).Ticks()
		for i := len(ticks) - 1; i >= 0; i-- {
			got = append(got, string(rune('0'+ticks[i].Row))+":"+ticks[i].Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v: %s, want %s", c.top, s, c.want)
		}
	}
}

func draw(w, h int, f func(r canvas.Region)) string {
	c := canvas.New(w, h)
	f(c.All())
	return ansi.Strip(c.String(theme.Plain(), false))
}

func TestBarsShowWhatWasNotDone(t *testing.T) {
	h := rows(4, func(i int64, r *measure.Row) {
		r.Intended = 100
		r.Done = []int64{100, 50, 0, 99}[i]
	})
	tl := Fold(h, 4, 1)
	got := draw(4, 4, func(r canvas.Region) { tl.Bars(r, NewScale(100, 4)) })
	if want := "█░░█\n█░░█\n██░█\n██░█"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestGapsStayEmpty(t *testing.T) {
	h := rows(9, func(i int64, r *measure.Row) {
		if i >= 3 && i < 6 {
			r.P50, r.P99 = 0, 0
		}
	})
	tl := Fold(h, 9, 1)
	got := draw(9, 4, func(r canvas.Region) { tl.Lines(r, tl.Range(4, false)) })
	for _, line := range strings.Split(got, "\n") {
		for x, c := range []rune(line) {
			if x >= 3 && x < 6 && c != ' ' {
				t.Errorf("a line goes through seconds without an answer:\n%s", got)
			}
		}
	}
}

func TestBoundsAreSaid(t *testing.T) {
	h := rows(4, func(i int64, r *measure.Row) { r.Bound = i >= 2 })
	tl := Fold(h, 4, 1)
	if got := draw(4, 5, func(r canvas.Region) { tl.Lines(r, tl.Range(5, false)) }); strings.Count(got, "≥") != 2 {
		t.Errorf("got\n%s", got)
	}
}

func TestMarks(t *testing.T) {
	tl := Timeline{Step: 1, First: 0, Columns: make([]Column, 20)}
	for _, c := range []struct {
		marks []Mark
		want  string
	}{
		{[]Mark{{2, "500/s"}, {12, "1,000/s"}}, "  ▼500/s    ▼1,000/s"},
		{[]Mark{{2, "1,000/s"}, {6, "500/s"}}, "  ▼   ▼500/s"},       // the newer one keeps its text
		{[]Mark{{5, "a"}, {6, "b"}, {7, "c"}}, "     ▼ ▼c"},          // and its room
		{[]Mark{{18, "1,000/s"}}, "           1,000/s▼"},             // at the edge the text turns
		{[]Mark{{-1, "x"}, {3, "a far too long text here"}}, "   ▼"}, // never cut
	} {
		if got := draw(20, 1, func(r canvas.Region) { tl.Marks(r, c.marks) }); got != c.want {
			t.Errorf("%v: got %q, want %q", c.marks, got, c.want)
		}
	}
}

func TestInvalidAndTimes(t *testing.T) {
	h := rows(200, func(i int64, r *measure.Row) { r.Invalid = i >= 80 && i < 82 })
	tl := Fold(h, 200, 1)
	got := []rune(draw(200, 1, func(r canvas.Region) {
		tl.Invalid(r, 0)
		tl.Times(r, 0)
	}))
	s := string(got)
	if string(got[80:82]) != "xx" || strings.Count(s, "x") != 2 {
		t.Errorf("invalid seconds are not marked: %q", s)
	}
	if !strings.HasSuffix(s, "now") || !strings.Contains(s, "-1 min") || !strings.Contains(s, "-3 min") {
		t.Errorf("time axis: %q", s)
	}
	if string(got[140:146]) != "-1 min" {
		t.Errorf("-1 min does not stand 60 columns before now: %q", s)
	}
	tl = Fold(rows(200, func(i int64, r *measure.Row) { r.Invalid = i == 141 }), 200, 1)
	s = draw(200, 1, func(r canvas.Region) {
		tl.Invalid(r, 0)
		tl.Times(r, 0)
	})
	if strings.Contains(s, "min") && strings.Contains(s, "-x") || strings.Contains(s, "-1 m") {
		t.Errorf("a label and an x run into each other: %q", s)
	}
}

// Every answer is in a cell, at the row of its time, and the fastest ones share
// the lowest row, which says so.
func TestHeatMap(t *testing.T) {
	chunk := make([]measure.HeatSecond, 0, 8)
	for i := range int64(8) {
		// Bucket 25 begins at 10 ms, 33 at 100 ms; 8 is far below.
		chunk = append(chunk, measure.HeatSecond{Second: i, First: 25, N: []uint32{100, 0, 0, 0, 0, 0, 0, 0, 3}})
	}
	chunk[7] = measure.HeatSecond{Second: 7, First: 8, N: []uint32{2}}
	chunk[3].N = nil // a second without an answer
	h := measure.Heat{Chunks: [][]measure.HeatSecond{chunk}}
	m := FoldHeat(h, Timeline{Step: 1, First: 0, Columns: make([]Column, 8)})
	a := m.Range(6)
	got := draw(8, 6, func(r canvas.Region) { m.Draw(r, a) })
	if want := "\n░░░ ░░░\n\n\n\n███ ████"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var ticks []string
	for _, k := range a.Ticks() {
		ticks = append(ticks, string(rune('0'+k.Row))+":"+k.Text)
	}
	if s := strings.Join(ticks, " "); s != "5:<18 ms 3:32 ms 1:100 ms" {
		t.Errorf("ticks %s", s)
	}
	if a.Row(100*ms) != 1 || a.Row(10*ms) != 5 || a.Row(1) != 5 || a.Row(1e12) != 0 {
		t.Errorf("rows %d %d %d %d", a.Row(100*ms), a.Row(10*ms), a.Row(1), a.Row(1e12))
	}
	if e := (HeatMap{}).Range(5); !e.Empty() || e.Ticks() != nil {
		t.Error("a map without answers has a range")
	}
	for rows := 1; rows < 40; rows++ { // the highest row holds the slowest, at every height
		a := m.Range(rows)
		got := draw(8, rows, func(r canvas.Region) { m.Draw(r, a) })
		if strings.Count(got, "░")+strings.Count(got, "█")+strings.Count(got, "▒")+strings.Count(got, "·") == 0 || rows > 1 && !strings.Contains(got, "░") {
			t.Errorf("%d rows: the slow ones are not seen:\n%s", rows, got)
		}
	}
}
