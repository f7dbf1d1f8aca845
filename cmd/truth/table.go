package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"stoke/engine/experiment"
)

// table is a Markdown table, written row by row.
type table struct{ out io.Writer }

func newTable(out io.Writer, head ...string) *table {
	t := &table{out}
	t.row(head...)
	fmt.Fprintln(out, strings.Repeat("|---", len(head))+"|")
	return t
}

func (t *table) row(cells ...string) {
	for _, c := range cells {
		fmt.Fprintf(t.out, "| %s ", strings.NewReplacer("|", `\|`, "\n", " ").Replace(c))
	}
	fmt.Fprintln(t.out, "|")
}

// tally counts experiments by how they ended.
type tally struct{ passed, partly, failed, missing int }

// add writes the rows of an experiment and counts it.
func (s *tally) add(t *table, e *experiment.Experiment, r *experiment.Report, err error) {
	name := "**" + e.ID + "** " + e.Title
	switch {
	case errors.Is(err, experiment.ErrMissing):
		s.missing++
		t.row(name, "", "", err.Error(), "not run")
		return
	case err != nil:
		s.failed++
		t.row(name, "", "", err.Error(), "**FAILED**")
		return
	case len(r.Failed()) > 0:
		s.failed++
	case len(r.Unjudged()) > 0:
		s.partly++
	default:
		s.passed++
	}
	for _, f := range r.Findings {
		verdict := "pass"
		switch {
		case f.Unjudged != "":
			verdict = "not judged (" + f.Unjudged + ")"
		case !f.OK:
			verdict = "**FAILED**"
		}
		t.row(name, f.What, f.Expected, f.Measured, verdict)
		name = ""
	}
}

// text sums up.
func (s *tally) text() string {
	text := fmt.Sprintf("%d experiments passed, %d failed", s.passed, s.failed)
	if s.partly > 0 {
		text += fmt.Sprintf(", %d passed in part (the rest needs a machine that does nothing else)", s.partly)
	}
	if s.missing > 0 {
		text += fmt.Sprintf(", %d not run", s.missing)
	}
	return text
}

// judgeMutant writes the row of a fault. It is false if the fault went
// unnoticed, or could not be tried.
func judgeMutant(t *table, e *experiment.Experiment, m experiment.Mutant, r *experiment.Report, err error) bool {
	if err != nil {
		t.row(e.ID, m.Name, m.Bug, err.Error(), "not run")
		return errors.Is(err, experiment.ErrMissing)
	}
	if bad := r.Failed(); len(bad) > 0 {
		// The last is the most particular: every experiment begins with the audit.
		f := bad[len(bad)-1]
		t.row(e.ID, m.Name, m.Bug, fmt.Sprintf("%s: %s, not %s", f.What, f.Measured, f.Expected), "noticed")
		return true
	}
	if left := r.Unjudged(); len(left) > 0 && m.Timed {
		t.row(e.ID, m.Name, m.Bug, left[0].Unjudged, "not judged")
		return true
	}
	if r.Starved != "" {
		t.row(e.ID, m.Name, m.Bug, r.Starved, "not judged")
		return true
	}
	t.row(e.ID, m.Name, m.Bug, "", "**MISSED**")
	return false
}
