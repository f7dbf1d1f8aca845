package experiment

import (
	"testing"
	"testing/synctest"
)

// Each experiment in virtual time, where every finding is judged; and each of
// its mutants, which must fail it.
func TestVirtual(t *testing.T) {
	for _, e := range All() {
		if e.Where >= OnSockets {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(l Lab) {
				r, err := e.Run(l)
				judge(t, r, err)
				if err == nil && len(r.Unjudged()) > 0 {
					t.Errorf("%d findings were not judged", len(r.Unjudged()))
				}
			})
			proves(t, e)
			for _, m := range e.Mutants {
				if m.Real {
					continue
				}
				t.Run(m.Name, func(t *testing.T) {
					inBubble(t, func(l Lab) {
						r, err := e.Catch(l, m)
						caught(t, e, m, r, err)
					})
				})
			}
		})
	}
}

// inBubble runs an experiment in virtual time.
func inBubble(t *testing.T, run func(Lab)) {
	synctest.Test(t, func(*testing.T) { run(Lab{World: Virtual{}}) })
}

// proves fails the test of an experiment that cannot show that it can fail.
func proves(t *testing.T, e *Experiment) {
	t.Helper()
	if len(e.Mutants) == 0 {
		t.Errorf("%s has no mutant: it proves nothing", e.ID)
	}
}

// judge fails the test for what is not as expected.
func judge(t *testing.T, r *Report, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
		return
	}
	for _, f := range r.Failed() {
		t.Errorf("%s: %s, want %s", f.What, f.Measured, f.Expected)
	}
	for _, f := range r.Unjudged() {
		if !f.OK {
			t.Logf("not judged: %s: %s, want %s (%s)", f.What, f.Measured, f.Expected, f.Unjudged)
		}
	}
	if len(r.Findings) == 0 {
		t.Error("nothing was found out")
	}
}

// caught fails the test if a mutant went unnoticed.
func caught(t *testing.T, e *Experiment, m Mutant, r *Report, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
		return
	}
	bad := r.Failed()
	switch {
	case len(bad) > 0:
	case r.Starved != "" || m.Timed && len(r.Unjudged()) > 0:
		t.Logf("not noticed, on a machine that is not fit to: %s", r.Starved)
	default:
		t.Errorf("%s passes although %s", e.ID, m.Bug)
	}
	for _, f := range bad {
		t.Logf("caught: %s is %s, not %s", f.What, f.Measured, f.Expected)
	}
}
