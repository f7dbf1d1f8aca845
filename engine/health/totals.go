package health

import (
	"cmp"
	"fmt"
	"slices"
)

// Validity decides whether a stretch of seconds, a segment or a run, is
// invalid: with 3 INVALID cells in a row, or more than 5 % of its cells and at
// least 2. The zero value is a stretch without cells, which is valid.
type Validity struct {
	Cells, InvalidCells int64
	inRow               int64
	broken              bool // 3 in a row were seen
}

// Add takes one cell, in the order of time.
func (v *Validity) Add(invalid bool) {
	v.Cells++
	if !invalid {
		v.inRow = 0
		return
	}
	v.InvalidCells++
	v.inRow++
	v.broken = v.broken || v.inRow >= invalidInRow
}

// Invalid is the judgement over the cells so far.
func (v *Validity) Invalid() bool {
	return v.broken || v.InvalidCells >= invalidAtLeast && float64(v.InvalidCells) > invalidShare*float64(v.Cells)
}

const (
	invalidInRow   = 3
	invalidAtLeast = 2
	invalidShare   = 0.05
)

// Totals sums the reports of a run up. The zero value is ready. It is not safe
// for concurrent use.
type Totals struct {
	Validity          // of INVALID seconds
	worse    Validity // of seconds that are WARN or worse
	blind    int64    // seconds in which what matters most could not be measured
	reasons  map[string]*reason
}

// reason is one metric that was not OK at least once.
type reason struct {
	name           string
	order          int // of its first appearance in a report
	warns, invalid int64
	worst          Metric
}

// Add takes the report of one second, in the order of time.
func (t *Totals) Add(r *Report) {
	t.Validity.Add(r.State == Invalid)
	t.worse.Add(r.State == Invalid || r.State == Warn)
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if m.Name == rules.canary.name && m.State == Unknown {
			t.blind++
		}
		if m.State == Invalid || m.State == Warn {
			t.note(i, m)
		}
	}
}

func (t *Totals) note(order int, m *Metric) {
	if t.reasons == nil {
		t.reasons = make(map[string]*reason)
	}
	n := t.reasons[m.Name]
	if n == nil {
		n = &reason{name: m.Name, order: order, worst: *m}
		t.reasons[m.Name] = n
	}
	if m.State == Invalid {
		n.invalid++
	} else {
		n.warns++
	}
	if d := m.State.rank() - n.worst.State.rank(); d > 0 || d == 0 && m.Excess > n.worst.Excess {
		n.worst = *m
	}
}

// Verdict is the health of the whole run in the words of the result schema:
// "limiting" if the run is invalid by the rule of [Validity]; "suspect" if a
// second was INVALID, or if the same rule holds for seconds that were WARN or
// worse; "unknown" if nothing was judged or the read canary saw nothing in more
// than half of the seconds; else "ok".
func (t *Totals) Verdict() string {
	switch {
	case t.Invalid():
		return Invalid.Verdict()
	case t.InvalidCells > 0 || t.worse.Invalid():
		return Warn.Verdict()
	case 2*t.blind >= t.Cells: // also without any cell
		return Unknown.Verdict()
	default:
		return OK.Verdict()
	}
}

// Reasons lists what was not OK, worst first, also when it was too rare to
// spoil the verdict: "own CPU: not ok in 3 of 60 s (invalid in 1 s), worst 96 %".
// It is nil if there was nothing.
func (t *Totals) Reasons() []string {
	var all []*reason
	for _, n := range t.reasons {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *reason) int {
		return cmp.Or(
			cmp.Compare(b.invalid, a.invalid),
			cmp.Compare(b.warns, a.warns),
			cmp.Compare(a.order, b.order))
	})
	var texts []string
	for _, n := range all {
		invalid := ""
		if n.invalid > 0 {
			invalid = fmt.Sprintf(" (invalid in %d s)", n.invalid)
		}
		texts = append(texts, fmt.Sprintf("%s: not ok in %d of %d s%s, worst %s",
			n.name, n.warns+n.invalid, t.Cells, invalid, n.worst.Value))
	}
	return texts
}
