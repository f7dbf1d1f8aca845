package main

import (
	"fmt"
	"os"

	"github.com/charmbracelet/x/term"

	"stoke/engine"
)

// finish says how the run went: the JSON first, because a terminal may take no
// more, then the lines for people. Its error is the exit code.
func (s *session) finish(signalled bool) error {
	a := s.app
	defer s.result.discard()
	defer s.run.Close()
	last := s.run.Snapshot()
	if last.Began.IsZero() { // left before anything was sent
		if signalled {
			return outcome(exitStopped)
		}
		return nil
	}
	result := s.run.Result()
	silence := unanswered(last)
	if silence != nil && result.Exit == exitMet {
		result.Verdict, result.Exit = "missed", exitMissed
	}
	if signalled {
		result.Exit = worst(result.Exit, exitStopped)
	}
	var problem error
	if s.result != nil {
		data, err := result.JSON()
		if err == nil {
			err = s.result.write(data)
		}
		if problem = err; problem != nil {
			s.result = nil
		}
	}
	if s.flags.json != "-" {
		for _, line := range s.summary(last, result) {
			fmt.Fprintln(a.out, line)
		}
	}
	switch {
	case problem != nil:
		return problem
	case silence != nil && result.Exit == exitMissed:
		return silence
	}
	return outcome(result.Exit)
}

// columns is how wide a terminal is; 0 for what is none, where no line is too
// long.
func columns(stream any) int {
	f, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(f.Fd()) {
		return 0
	}
	w, _, err := term.GetSize(f.Fd())
	if err != nil {
		return 0
	}
	return w
}

// unanswered is the error of a run to which nothing answered; nil if something
// did, or nothing was tried.
func unanswered(s *engine.Snapshot) error {
	run := &s.View.Run
	if run.Counts.Answered() > 0 || run.Error == 0 {
		return nil
	}
	e := &unansweredError{asked: run.Counts.Intended, target: s.Target}
	if len(run.ByFault) > 0 {
		e.fault, e.detail = run.ByFault[0].Name, oneLine(run.ByFault[0].Sample)
	}
	return e
}
