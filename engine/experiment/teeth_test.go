//go:build !race

// The experiments here judge how soon this machine tells, which the race detector makes five to
// ten times slower: they would judge it. What they run is run with it by the
// tests of engine, wire and health.

package experiment

import (
	"errors"
	"sync"
	"testing"
)

// Whoever hurts the machine that makes the load is noticed; and each mutant,
// which does not look there, fails. One that keeps all CPUs busy goes first, the
// others would feel it.
func TestTeeth(t *testing.T) {
	lab := Lab{Untimed: true, World: Processes{Command: thisProgram}}
	for _, together := range [][]*Experiment{{busyCPUs}, {quota, stopped, noFiles, calm}} {
		var under sync.WaitGroup
		for _, e := range together {
			proves(t, e)
			for i := -1; i < len(e.Mutants); i++ {
				under.Go(func() { holdTeeth(t, lab, e, i) })
			}
		}
		under.Wait()
	}
}

// holdTeeth carries an experiment out, or for i ≥ 0 with a mutant.
func holdTeeth(t *testing.T, lab Lab, e *Experiment, i int) {
	if i < 0 {
		r, err := e.Run(lab)
		switch {
		case errors.Is(err, ErrMissing):
			t.Logf("NOT PROVED: %v", err)
		case err != nil:
			t.Error(err)
		default:
			for _, f := range r.Findings {
				t.Logf("%s: %s: %s", e.ID, f.What, f.Measured)
			}
			judge(t, r, nil)
		}
		return
	}
	m := e.Mutants[i]
	r, err := e.Catch(lab, m)
	switch {
	case errors.Is(err, ErrMissing):
	case err != nil:
		t.Error(err)
	case len(r.Failed()) == 0:
		t.Errorf("%s passes although %s", e.ID, m.Bug)
	default:
		f := r.Failed()[0]
		t.Logf("caught %s: %s is %s", m.Name, f.What, f.Measured)
	}
}
