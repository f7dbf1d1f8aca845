package experiment

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"time"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/measure"
	"stoke/engine/wire"
)

// errApart is what an experiment says that a world without processes is asked
// for.
var errApart = fmt.Errorf("%w: a process of its own for the load", ErrMissing)

// assignment is the load that another process is to make. It is plain data; a
// fault is named by its experiment and its mutant.
type assignment struct {
	URL                string
	Rate               string
	Concurrency        int
	Length             time.Duration
	Experiment, Mutant string
	Cockpit            bool // it is shown on the terminal of [TerminalFile]
}

// telling is what the process of a load says: once that it began, then after each
// second, in the end what came of it.
type telling struct {
	Err      string // the run was refused
	Began    int64  // wall clock, nanoseconds
	Report   *health.Report
	Verdict  engine.VerdictLine
	CPU      time.Duration // that the process has used so far
	Counts   *measure.Counts
	ByFault  []measure.Tally
	Rows     []measure.Row
	ServedIn int64 // the largest service time
	at       time.Time
}

// drive makes a load and tells of it until its time is up or in ends.
func drive(a assignment, in io.Reader, say *gob.Encoder, show Show) (err error) {
	p := plan{concurrency: a.Concurrency, phases: hold(a.Rate, a.Length)}
	profile, err := p.profile(a.URL)
	if err != nil {
		return err
	}
	var f fault
	for _, e := range All() {
		for _, m := range e.Mutants {
			if e.ID == a.Experiment && m.Name == a.Mutant {
				m.put(&f)
			}
		}
	}
	way, err := wire.NewHTTP1(engine.TransportConfig(profile, engine.Options{}.Files))
	if err != nil {
		return err
	}
	run, err := engine.New(context.Background(), engine.Options{
		Profile: profile, Seed: 1, SeqHeader: "X-Seq", EndWithPhases: true, Hooks: f.hooks,
		Transport: &starting{way, func(epoch time.Time) { _ = say.Encode(telling{Began: epoch.UnixNano()}) }},
	})
	if err != nil {
		return say.Encode(telling{Err: err.Error()})
	}
	if err := run.Start(); err != nil {
		return errors.Join(say.Encode(telling{Err: err.Error()}), run.Close())
	}
	go func() {
		_, _ = io.Copy(io.Discard, in) // until whoever asked for the load has gone
		_ = run.Close()
	}()
	if a.Cockpit {
		ctx, leave := context.WithCancel(context.Background())
		left := make(chan error, 1)
		go func() { left <- show(ctx, run, os.NewFile(TerminalFile, "terminal")) }()
		defer func() {
			leave()
			err = errors.Join(err, <-left)
		}()
	}
	told := int64(-1)
	tell := func(s *engine.Snapshot) error {
		if s.Health == nil || s.Health.Second == told {
			return nil
		}
		told = s.Health.Second
		return say.Encode(telling{Report: s.Health, Verdict: s.Verdict, CPU: used()})
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for over := false; !over; {
		select {
		case <-ticker.C:
		case <-run.Done():
			over = true
		}
		if err := tell(run.Snapshot()); err != nil {
			return err
		}
	}
	v := &run.Snapshot().View
	return say.Encode(telling{
		Counts: &v.Run.Counts, ByFault: v.Run.ByFault, Rows: slices.Concat(v.History.Chunks...), ServedIn: v.Run.Service.Max,
	})
}

// driven is a load in another process. One goroutine uses it.
type driven struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	began time.Time
	words chan telling // closed at the end of the process
	all   []telling    // the seconds so far
	last  *telling
	fault *fault
}

// doing is what is done to the process of a load before the load begins.
type doing struct {
	give   func(*exec.Cmd)     // before it is started
	before func(pid int) error // then
}

// start starts the process of a load.
func (l *Lab) start(a assignment, do doing) (*driven, error) {
	w, ok := l.World.(Processes)
	if !ok {
		return nil, errApart
	}
	d := &driven{cmd: w.Command(), words: make(chan telling, 1000), fault: &l.fault}
	var err error
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if do.give != nil {
		do.give(d.cmd)
	}
	if err := d.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the process of the load: %w", err)
	}
	if do.before != nil {
		if err := do.before(d.cmd.Process.Pid); err != nil {
			return nil, errors.Join(err, d.end())
		}
	}
	if err := gob.NewEncoder(d.in).Encode(demand{Load: &a}); err != nil {
		return nil, errors.Join(err, d.end())
	}
	go func() {
		defer close(d.words)
		for from := gob.NewDecoder(out); ; {
			var w telling
			if from.Decode(&w) != nil {
				return
			}
			w.at = time.Now()
			d.words <- w
		}
	}()
	first, ok := <-d.words
	if !ok {
		return nil, errors.Join(errors.New("the process of the load said nothing"), d.end())
	}
	if first.Err != "" {
		return nil, errors.Join(refused(first.Err), d.end())
	}
	d.began = time.Unix(0, first.Began)
	return d, nil
}

// refused is why a run did not begin.
type refused string

func (r refused) Error() string { return string(r) }

// until takes in words up to the first that found likes, or to a moment. It
// returns nil if there was none.
func (d *driven) until(end time.Time, found func(*telling) bool) *telling {
	timer := time.NewTimer(time.Until(end))
	defer timer.Stop()
	for {
		select {
		case w, ok := <-d.words:
			if !ok {
				return nil
			}
			if w.Counts != nil {
				d.last = &w
				continue
			}
			if w.Report != nil {
				d.fault.look(w.Report)
			}
			d.all = append(d.all, w)
			if found != nil && !w.at.After(end) && found(&w) {
				return &w
			}
		case <-timer.C:
			return nil
		}
	}
}

// excuse is why what was seen cannot be judged by the clock, empty if it can:
// other programs used this machine.
func (d *driven) excuse(l *Lab) string {
	if l.Untimed {
		return "a test does not judge by the clock"
	}
	for _, w := range d.all {
		if others(&w) {
			return "other programs used this machine"
		}
	}
	return ""
}

// others reports whether it was told that other programs used this machine.
func others(w *telling) bool {
	return names(w.Report, "idle CPU of this machine") || names(w.Report, "stolen CPU")
}

// end ends the process, if it has not ended, and waits for it.
func (d *driven) end() error {
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait() // it was killed, which is an error
	return nil
}

// look changes a report as the fault says.
func (f *fault) look(rep *health.Report) {
	if f.wolf {
		rep.State, rep.Reasons = health.Warn, append(rep.Reasons, "nothing at all")
	}
	if len(f.blind) == 0 {
		return
	}
	rep.Metrics = slices.DeleteFunc(rep.Metrics, func(m health.Metric) bool { return slices.Contains(f.blind, m.Name) })
	rep.State, rep.Reasons = health.OK, nil
	for _, m := range rep.Metrics {
		if m.State != health.Warn && m.State != health.Invalid {
			continue
		}
		rep.Reasons = append(rep.Reasons, m.Name+" "+m.Value)
		if rep.State != health.Invalid {
			rep.State = m.State
		}
	}
}

// hog keeps every CPU busy until in ends.
func hog(in io.Reader) error {
	for range runtime.NumCPU() {
		go func() {
			for n := uint64(1); ; {
				for range 1 << 20 {
					n = n*6364136223846793005 + 1
				}
				if n == 0 { // an odd number never is
					return
				}
			}
		}()
	}
	_, err := io.Copy(io.Discard, in)
	return err
}

// startHog starts a process that keeps every CPU busy. stop ends it.
func (l *Lab) startHog() (stop func() error, err error) {
	b, err := l.beside(demand{Hog: true})
	if err != nil {
		return nil, err
	}
	return b.end, nil
}

// bystander is a process beside that of a load.
type bystander struct {
	cmd *exec.Cmd
	in  io.Closer // its end is the process's
	out io.Reader // what it says, to be read before end
}

// beside starts a process for which d says what it is to be.
func (l *Lab) beside(d demand) (*bystander, error) {
	w, ok := l.World.(Processes)
	if !ok {
		return nil, errApart
	}
	cmd := w.Command()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a process beside the load: %w", err)
	}
	b := &bystander{cmd, in, out}
	if err := gob.NewEncoder(in).Encode(d); err != nil {
		return nil, errors.Join(err, b.end())
	}
	return b, nil
}

// end ends the process and waits for it.
func (b *bystander) end() error {
	_ = b.in.Close()
	return b.cmd.Wait()
}
