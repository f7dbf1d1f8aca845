//go:build !race

// What is judged here is time, which the race detector makes five to ten times slower.

package main

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"stoke/engine/experiment"
)

// asChild makes this test program what an experiment needs as another process.
const asChild = "TRUTH_CHILD_OF_A_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		os.Exit(serve())
	}
	os.Exit(m.Run())
}

// TestAbusedScreen: the cockpit on a terminal at its worst costs the load
// nothing, and the experiment notices a load that waits for the screen.
func TestAbusedScreen(t *testing.T) {
	chosen, err := choose("T23")
	if err != nil {
		t.Fatal(err)
	}
	lab := experiment.Lab{Untimed: true, World: experiment.Processes{
		Command: func() *exec.Cmd {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), asChild+"=1")
			return c
		},
		Terminal: badTerminal,
	}}
	e := chosen[0]
	var under sync.WaitGroup
	under.Go(func() {
		r, err := e.Run(lab)
		if err != nil {
			t.Error(err)
			return
		}
		for _, f := range r.Findings {
			t.Logf("%s: %s, expected %s", f.What, f.Measured, f.Expected)
		}
		for _, f := range r.Failed() {
			t.Errorf("%s: %s, not %s", f.What, f.Measured, f.Expected)
		}
	})
	for _, m := range e.Mutants {
		under.Go(func() {
			r, err := e.Catch(lab, m)
			if err != nil || len(r.Failed()) == 0 {
				t.Errorf("%s: not noticed (%v)", m.Name, err)
				return
			}
			t.Logf("%s is noticed by %s: %s", m.Name, r.Failed()[0].What, r.Failed()[0].Measured)
		})
	}
	under.Wait()
}
