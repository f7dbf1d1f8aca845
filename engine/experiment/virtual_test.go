package experiment

import (
	"testing"
	"testing/synctest"
)

// Each experiment in virtual time, where every finding is judged; and each of
// its mutants, which must fail it.
func TestVirtual(t *testing.T) {
	for _, e := range All() {
		if e.Where == OnSockets {
			continue
		}
		t.Run(e.ID, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(l Lab) (*Report, error) { return e.Run(l) }, func(t *testing.T, r *Report) {
				for _, f := range r.Failed() {
					t.Errorf("%s: %s, want %s", f.What, f.Measured, f.Expected)
				}
				if len(r.Findings) == 0 || r.Unjudged() > 0 {
					t.Errorf("%d findings, %d of them not judged", len(r.Findings), r.Unjudged())
				}
			})
			if len(e.Mutants) == 0 {
				t.Error("no mutant: it proves nothing")
			}
			for _, m := range e.Mutants {
				t.Run(m.Name, func(t *testing.T) {
					inBubble(t, func(l Lab) (*Report, error) { return e.Catch(l, m) }, func(t *testing.T, r *Report) {
						if len(r.Failed()) == 0 {
							t.Errorf("%s passes although %s", e.ID, m.Bug)
						}
						for _, f := range r.Failed() {
							t.Logf("caught: %s is %s, not %s", f.What, f.Measured, f.Expected)
						}
					})
				})
			}
		})
	}
}

// inBubble runs an experiment in virtual time.
func inBubble(t *testing.T, run func(Lab) (*Report, error), check func(*testing.T, *Report)) {
	synctest.Test(t, func(t *testing.T) {
		r, err := run(Lab{World: Virtual{}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, r)
	})
}
