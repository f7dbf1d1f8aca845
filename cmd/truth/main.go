package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"stoke/engine/experiment"
)

// serverWord makes this program the truth server of another one.
const serverWord = "serve"

func main() {
	if len(os.Args) == 2 && os.Args[1] == serverWord {
		os.Exit(serve())
	}
	code, err := run(os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "truth:", err)
	}
	os.Exit(code)
}

// serve makes this program what an experiment needs as another process.
func serve() (code int) {
	if err := experiment.Serve(os.Stdin, os.Stdout, show); err != nil {
		fmt.Fprintln(os.Stderr, "truth server:", err)
		return 1
	}
	return 0
}

// settings are the flags.
type settings struct {
	long, quick, mutants, list, inside bool
	only                               string
}

// run returns the exit code: 0 if all is as expected, 1 if something is not or
// could not be done, 2 for flags that make no sense.
func run(args []string, out, progress io.Writer) (int, error) {
	var s settings
	flags := flag.NewFlagSet("truth", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.BoolVar(&s.long, "long", false, "full lengths, fifty minutes")
	flags.BoolVar(&s.quick, "quick", false, "the lengths of the tests")
	flags.BoolVar(&s.mutants, "mutants", false, "also put each known fault in, which must be noticed")
	flags.BoolVar(&s.list, "list", false, "print the experiments and do nothing")
	flags.BoolVar(&s.inside, "inside", false, "the server in this process instead of one of its own")
	flags.StringVar(&s.only, "only", "", "the experiments whose names begin so: T1,T9")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	if flags.NArg() > 0 {
		return 2, fmt.Errorf("unexpected %q: only flags are understood", flags.Arg(0))
	}
	if s.long && s.quick {
		return 2, errors.New("--long and --quick exclude each other")
	}
	chosen, err := choose(s.only)
	if err != nil {
		return 2, err
	}
	if s.list {
		for _, e := range chosen {
			fmt.Fprintf(out, "%-12s %s: %s\n", e.ID, e.Title, e.Proves)
		}
		return 0, nil
	}
	lab, err := s.lab(progress)
	if err != nil {
		return 1, err
	}
	return perform(chosen, lab, s.mutants, out, progress), nil
}

// choose returns the experiments of a list of names; "T9" stands for all of its
// parts, "T1" not for T10.
func choose(only string) ([]*experiment.Experiment, error) {
	if only == "" {
		return experiment.All(), nil
	}
	var chosen []*experiment.Experiment
	for name := range strings.SplitSeq(only, ",") {
		name = strings.TrimSpace(name)
		found := false
		for _, e := range experiment.All() {
			if strings.EqualFold(e.ID, name) || strings.HasPrefix(strings.ToLower(e.ID), strings.ToLower(name)+" ") {
				chosen, found = append(chosen, e), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no experiment %q: --list names them", name)
		}
	}
	return chosen, nil
}

// lab is where the experiments take place.
func (s *settings) lab(progress io.Writer) (experiment.Lab, error) {
	lab := experiment.Lab{
		World: experiment.Sockets{}, Length: experiment.Usual,
		Progress: func(text string) { fmt.Fprintln(progress, "  "+text) },
	}
	switch {
	case s.long:
		lab.Length = experiment.Full
	case s.quick:
		lab.Length = experiment.Quick
	}
	if s.inside {
		return lab, nil
	}
	self, err := os.Executable()
	if err != nil {
		return lab, fmt.Errorf("finding this program, to start the server from it: %w", err)
	}
	apart, err := separate()
	if err != nil {
		fmt.Fprintln(progress, "truth: client and server share the processors:", err)
	}
	lab.World = experiment.Processes{
		Command: func() *exec.Cmd { return exec.Command(self, serverWord) },
		Start:   apart,

		Terminal: badTerminal,
	}
	return lab, nil
}

// perform carries the experiments out and prints the tables.
func perform(chosen []*experiment.Experiment, lab experiment.Lab, mutants bool, out, progress io.Writer) int {
	began := time.Now()
	t := newTable(out, "experiment", "figure", "expected", "measured", "verdict")
	var sum tally
	for _, e := range chosen {
		fmt.Fprintf(progress, "%s %s\n", e.ID, e.Title)
		r, err := e.Run(lab)
		sum.add(t, e, r, err)
	}
	fmt.Fprintf(out, "\n%s, on %d processors of %s/%s in %v\n", sum.text(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, time.Since(began).Round(time.Second))
	code := 0
	if sum.failed > 0 {
		code = 1
	}
	if !mutants {
		return code
	}
	fmt.Fprintln(out)
	t = newTable(out, "experiment", "fault put in", "what it does", "noticed by", "verdict")
	missed := 0
	for _, e := range chosen {
		for _, m := range e.Mutants {
			fmt.Fprintf(progress, "%s with %s\n", e.ID, m.Name)
			r, err := e.Catch(lab, m)
			if !judgeMutant(t, e, m, r, err) {
				missed++
			}
		}
	}
	fmt.Fprintf(out, "\n%d faults not noticed\n", missed)
	if missed > 0 {
		code = 1
	}
	return code
}
