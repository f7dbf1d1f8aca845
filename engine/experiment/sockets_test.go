//go:build !race

// The experiments here judge time on real sockets, which the race detector makes five to
// ten times slower: they would judge it. What they run is run with it by the
// tests of engine, wire and health.

package experiment

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// onBoth are experiments whose claim has a part that only sockets show, or that
// virtual time shows too well.
var onBoth = []*Experiment{lognormal, cut}

// outcome is one experiment with and without its mutants, under way.
type outcome struct {
	m    *Mutant // nil for none
	r    *Report
	err  error
	done chan struct{}
}

// The experiments about real connections, and each of their mutants. They wait
// more than they work: eight at a time are no load that their servers would feel.
func TestSockets(t *testing.T) {
	room := make(chan struct{}, 8)
	under := map[*Experiment][]*outcome{}
	var tried []*Experiment
	for _, e := range All() {
		if e.Where != OnSockets && !slices.Contains(onBoth, e) {
			continue
		}
		tried = append(tried, e)
		list := []*outcome{{}}
		for i := range e.Mutants {
			list = append(list, &outcome{m: &e.Mutants[i]})
		}
		under[e] = list
		for _, o := range list {
			o.done = make(chan struct{})
			go func() {
				defer close(o.done)
				room <- struct{}{}
				defer func() { <-room }()
				if lab := (Lab{World: Sockets{}, Untimed: true}); o.m == nil {
					o.r, o.err = e.Run(lab)
				} else {
					o.r, o.err = e.Catch(lab, *o.m)
				}
			}()
		}
	}
	for _, e := range tried {
		t.Run(e.ID, func(t *testing.T) {
			proves(t, e)
			for _, o := range under[e] {
				if <-o.done; errors.Is(o.err, ErrMissing) {
					t.Skip(o.err)
				}
				if o.m == nil {
					judge(t, o.r, o.err)
					continue
				}
				t.Run(o.m.Name, func(t *testing.T) { caught(t, e, *o.m, o.r, o.err) })
			}
		})
	}
}

// asServer makes this test program any of the processes that an experiment needs.
const asServer = "TRUTH_SERVER_OF_A_TEST"

func thisProgram() *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asServer+"=1")
	return c
}

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		if err := Serve(os.Stdin, os.Stdout, nil); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A server in another process keeps the run's clock: what it logs lies between
// the send and the answer of each request.
func TestAnotherProcess(t *testing.T) {
	lab := Lab{World: Processes{Command: thisProgram}, Untimed: true}
	r := &Report{}
	try, err := lab.try(r, plan{
		behaviour: Behaviour{Service: time.Millisecond}, concurrency: 20, arrivals: "poisson", phases: hold("500", time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	try.sound(r)
	try.againstTheLog(r, replay(1, 500, try.asked()), time.Millisecond)
	judge(t, r, nil)
	if len(try.log) < 300 || try.tally.Opened == 0 || try.tally.Arrived != int64(len(try.log)) {
		t.Errorf("%d entries, %+v", len(try.log), try.tally)
	}
}
