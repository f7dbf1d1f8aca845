package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/engine/pace"
)

// Show shows a cockpit of a run on a terminal, until ctx ends.
type Show func(ctx context.Context, run *engine.Run, terminal *os.File) error

// Terminal is a terminal at its worst for the process of a load: its size
// changes all the time, the picture is asked for anew, and hardly anybody reads.
type Terminal struct {
	// Give prepares a command so that it finds the terminal as its file
	// [TerminalFile].
	Give func(*exec.Cmd)
	// Close ends the terminal and says how many bytes it took.
	Close func() (took int64, err error)
}

// TerminalFile is the descriptor of the terminal in the process of a load.
const TerminalFile = 3

// errNoTerminal is what the experiment says of a world without terminals.
var errNoTerminal = fmt.Errorf("%w: a terminal that shows the cockpit of a load", ErrMissing)

// onTerminal makes a fault write to the terminal like a screen that does not
// care whether anybody reads: 16 KB ten times a second.
func onTerminal() func() {
	screen := os.NewFile(TerminalFile, "terminal")
	picture, drawn := make([]byte, 16<<10), time.Now()
	for i := range picture {
		picture[i] = ' '
	}
	return func() {
		if time.Since(drawn) >= 100*time.Millisecond {
			_, _ = screen.Write(picture)
			drawn = time.Now()
		}
	}
}

var pacedByScreen = Mutant{
	Name: "the pacer draws", Bug: "requests leave from where the picture is written",
	put: func(f *fault) {
		f.name = "the pacer draws"
		f.hooks.Schedule = func(a pace.Arrivals, seed uint64) engine.Schedule {
			return &drawing{Schedule: pace.New(a, seed), draw: onTerminal()}
		}
	},
}

// drawing is a schedule that draws before it tells what is next.
type drawing struct {
	*pace.Schedule
	draw func()
}

func (s *drawing) Next() (int64, bool) {
	s.draw()
	return s.Schedule.Next()
}

var recordedByScreen = Mutant{
	Name: "the recorder draws", Bug: "the picture is written from where requests are recorded",
	put: func(f *fault) {
		f.name = "the recorder draws"
		draw := sync.OnceValue(onTerminal)
		f.hooks.Gauge = func(*measure.Gauge) { draw()() }
	},
}

var abusedScreen = &Experiment{
	ID: "T23", Title: "Abuse of the screen", Where: Apart,
	Proves:  "the load does not wait for the terminal: it is resized and redrawn sixty times a second and takes 1 KB/s, and every request leaves when it is due",
	Mutants: []Mutant{pacedByScreen, recordedByScreen},
	run: func(l *Lab, r *Report) error {
		w, ok := l.World.(Processes)
		if !ok || w.Terminal == nil {
			return errNoTerminal
		}
		length := l.pick(2*time.Second, 10*time.Second, time.Minute)
		calm, err := l.underScreen(length, nil)
		if err != nil {
			return err
		}
		terminal, err := w.Terminal()
		if err != nil {
			return err
		}
		seen, err := l.underScreen(length, terminal.Give)
		took, closed := terminal.Close()
		if err := errors.Join(err, closed); err != nil {
			return err
		}
		if r.unwell = calm.unwell; r.unwell == "" {
			r.unwell = seen.unwell
		}
		n, late := int64(length/time.Millisecond), seen.late
		r.atLeast("bytes that the terminal took", float64(took), 1000)
		r.add(seen.ended, "the load ended", "in time", fmt.Sprint(seen.ended))
		r.atLeast("seconds that were recorded in time", float64(seen.told), float64(length/time.Second-1))
		r.atLeast("requests at the target", float64(len(late)), 0.9*float64(n))
		r.count("requests at the target, all of them", int64(len(late)), n, 1).timed()
		r.below("requests that came over 500 ms late", float64(int64(len(late))-within(late, math.MinInt64, 500e6)), 0)
		// What a screen may add is what T6 allows in all.
		r.most("late p50", exact(late, 50), time.Duration(exact(calm.late, 50))+100*time.Microsecond)
		r.most("late p99", exact(late, 99), time.Duration(exact(calm.late, 99))+time.Millisecond)
		r.most("late max", exact(late, 100), time.Duration(exact(calm.late, 100))+10*time.Millisecond)
		return nil
	},
}

// underScreen is what came of a load of 1000/s.
type underScreen struct {
	late   []int64 // by how much later than due each request came to the target, ascending
	told   int     // seconds of which it told
	ended  bool
	unwell string // why it cannot be judged by the clock
}

// underScreen makes the load, with a cockpit if give is not nil.
func (l *Lab) underScreen(length time.Duration, give func(*exec.Cmd)) (*underScreen, error) {
	a := assignment{Rate: "1000", Concurrency: 500, Length: length, Cockpit: give != nil}
	if a.Cockpit { // else there is nothing for a fault to write to
		a.Experiment, a.Mutant = "T23", l.fault.name
	}
	target, d, err := l.hurtable(Behaviour{}, a, doing{give: give})
	if err != nil {
		return nil, err
	}
	d.until(d.began.Add(length+5*time.Second), nil)
	log, logged := target.Log()
	if err := errors.Join(logged, d.end(), target.Close()); err != nil {
		return nil, err
	}
	u := &underScreen{told: len(d.all), ended: d.last != nil, unwell: d.excuse(l)}
	due := evenly(1_000_000)
	for _, e := range log {
		u.late = append(u.late, e.Arrival-due(e.Seq-1))
	}
	slices.Sort(u.late)
	return u, nil
}
