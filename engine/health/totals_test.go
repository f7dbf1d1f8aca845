package health

import (
	"slices"
	"strings"
	"testing"
)

func TestValidity(t *testing.T) {
	for _, c := range []struct {
		cells string // x is an INVALID cell
		want  bool
	}{
		{"", false},
		{"x", false}, // one alone is not enough, whatever its share
		{"xx", true},
		{"x.x", true},
		{strings.Repeat(".", 38) + "xx", false}, // 5 % exactly
		{strings.Repeat(".", 37) + "xx", true},
		{"x" + strings.Repeat(".", 1000) + "x", false},
		{strings.Repeat(".", 1000) + "xx", false},
		{strings.Repeat(".", 1000) + "xxx", true},
		{"xxx" + strings.Repeat(".", 1000), true}, // not healed by what follows
		{strings.Repeat(".", 1000) + "xx.xx", false},
		{strings.Repeat("."+strings.Repeat(".", 18)+"x", 20), false},
		{strings.Repeat(strings.Repeat(".", 18)+"x", 20), true},
	} {
		var v Validity
		for _, cell := range c.cells {
			v.Add(cell == 'x')
		}
		if v.Invalid() != c.want {
			t.Errorf("%q: invalid %v, want %v", c.cells, v.Invalid(), c.want)
		}
		if int(v.Cells) != len(c.cells) || int(v.InvalidCells) != strings.Count(c.cells, "x") {
			t.Errorf("%q: counted %d of %d", c.cells, v.InvalidCells, v.Cells)
		}
	}
}

func TestTotalsVerdict(t *testing.T) {
	for _, c := range []struct {
		cells string // . ok, ! warn, x invalid, ? without a canary
		want  string
	}{
		{"", "unknown"},
		{"....", "ok"},
		{"x", "suspect"},
		{strings.Repeat(".", 100) + "x", "suspect"},
		{"xx", "limiting"},
		{strings.Repeat(".", 100) + "xxx", "limiting"},
		{strings.Repeat(".", 100) + "!", "ok"}, // rare: a reason, no verdict
		{strings.Repeat(".", 100) + "!!!", "suspect"},
		{"!!", "suspect"},
		{"x!!", "suspect"},
		{"????", "unknown"},
		{"??.", "unknown"},
		{"?..", "ok"},
		{"???x", "suspect"},
	} {
		var totals Totals
		for _, cell := range c.cells {
			r, f := healthy()
			switch cell {
			case '!':
				heard(500, 2*ms, 2*ms)(&r, nil)
			case 'x':
				heard(500, 6*ms, 6*ms)(&r, nil)
			case '?':
				r.canaryOK = false
			}
			totals.Add(judge(1, &r, &f))
		}
		if got := totals.Verdict(); got != c.want {
			t.Errorf("%q: %s, want %s", c.cells, got, c.want)
		}
	}
}

func TestTotalsReasons(t *testing.T) {
	var totals Totals
	if totals.Reasons() != nil {
		t.Errorf("reasons of nothing: %q", totals.Reasons())
	}
	for i := range int64(10) {
		r, f := healthy()
		if i < 4 {
			r.idle = 0.1 - float64(i)/100
		}
		if i == 1 || i == 5 {
			heard(500, 2*ms+i, 2*ms+i)(&r, nil)
		}
		if i == 2 {
			heard(500, 6*ms, 6*ms)(&r, nil)
		}
		totals.Add(judge(i, &r, &f))
	}
	want := []string{
		"read canary p99: not ok in 3 of 10 s (invalid in 1 s), worst 6 ms",
		"idle CPU of this machine: not ok in 4 of 10 s, worst 7.00 %",
	}
	if got := totals.Reasons(); !slices.Equal(got, want) {
		t.Errorf("reasons %q, want %q", got, want)
	}
	if totals.Cells != 10 || totals.InvalidCells != 1 {
		t.Errorf("%d of %d cells invalid", totals.InvalidCells, totals.Cells)
	}
}

func TestVerdictWords(t *testing.T) {
	for state, want := range map[State]string{OK: "ok", Warn: "suspect", Invalid: "limiting", Unknown: "unknown"} {
		if got := state.Verdict(); got != want {
			t.Errorf("%s is %q, want %q", state, got, want)
		}
	}
}
