package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui"
	"stoke/tui/units"
)

// plain is the cockpit in lines, for a terminal that can do no more, a pipe
// and a screen reader: what is typed is a change in the grammar, "q" or the end
// of the input ends.
func (s *session) plain(ctx context.Context) error {
	a := s.app
	if s.consent != nil {
		if err := a.ask(s.consent, s.lines); err != nil {
			return err
		}
	}
	if !s.flags.goAtOnce && !s.demo {
		if ok, err := s.ready(ctx); !ok {
			return err
		}
	}
	if err := s.run.Start(); err != nil {
		return err
	}
	fmt.Fprintln(a.err, `type a change and enter: rate 200, rate +10%, concurrency 64, pause, resume, stop; ? lists all; q ends`)
	go func() {
		defer a.guard()
		s.obey(s.lines)
	}()
	s.follow(tui.PlainLine)
	return nil
}

// ready shows what the probe brought and waits for enter.
func (s *session) ready(ctx context.Context) (ok bool, err error) {
	a := s.app
	now := s.run.Snapshot()
	fmt.Fprintln(a.err, tui.ReadyLine(now))
	limit, cancel := context.WithTimeout(ctx, s.profile.ConnectTimeout+s.profile.Timeout)
	defer cancel()
	fmt.Fprintln(a.err, probeLine(s.run.Probe(limit)))
	fmt.Fprint(a.err, "enter starts, q leaves: ")
	typed := make(chan error, 1)
	go func() {
		defer a.guard()
		if !s.lines.Scan() {
			typed <- errNoInput
			return
		}
		if strings.TrimSpace(s.lines.Text()) == "q" {
			typed <- errLeft
			return
		}
		typed <- nil
	}()
	select {
	case err = <-typed:
	case <-ctx.Done():
		return false, nil
	}
	switch {
	case errors.Is(err, errNoInput):
		return false, &usageError{msg: "there is nobody to press enter: standard input has ended", hint: "add --headless, or --go to start at once"}
	case err != nil:
		return false, nil
	}
	return true, nil
}

var (
	errNoInput = errors.New("standard input has ended")
	errLeft    = errors.New("left before the start")
)

// probeLine is what the probe brought, in one line.
func probeLine(r *engine.ProbeResult) string {
	switch {
	case r == nil:
		return "probe: nothing came back"
	case r.Err != "":
		return "probe: " + r.Request + ": " + r.Err
	case r.Redirect != "":
		return fmt.Sprintf("probe: %s: %d, you would be testing the redirect to %s", r.Request, r.Status, r.Redirect)
	}
	return fmt.Sprintf("probe: %s: %d, %s, %s bytes, %s", r.Request, r.Status, r.Type, units.Count(r.Bytes), units.Latency(int64(r.Took)))
}

// obey applies what is typed until the input ends. What raises the load to more
// than double waits for an empty line after it; any other drops it.
func (s *session) obey(lines *bufio.Scanner) {
	var waits *grammar.Change
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		before := waits
		waits = nil
		switch text {
		case "":
			if before != nil {
				s.apply(*before)
			}
			continue
		case "?", "help":
			s.listCommands()
			continue
		case "q":
			text = "stop"
		case "!":
			text = "stop now"
		case "p": // as notes and the cockpit call them
			text = "phases on"
		case "u":
			text = "undo"
		}
		change, err := grammar.Parse(text)
		if err != nil {
			s.refused(err)
			continue
		}
		if said, twice := tui.Weigh(s.run.Snapshot(), change); twice {
			fmt.Fprintf(s.app.err, "%s: enter does it, anything else does not\n", said)
			waits = &change
			continue
		}
		s.apply(change)
	}
	if !s.flags.goAtOnce && !s.demo {
		// Somebody pressed enter and has gone since: nobody drives any more.
		s.order(grammar.Change{Verb: grammar.Stop})
	}
}

// apply orders a change.
func (s *session) apply(c grammar.Change) {
	if _, err := s.run.Apply(engine.Order{Do: c, By: engine.ByLine}); err != nil {
		s.refused(err)
	}
}

func (s *session) refused(err error) {
	msg, hint, _ := explain(err)
	fmt.Fprintln(s.app.err, strings.TrimSpace("refused: "+msg+"  "+hint))
}

// listCommands is the help of the plain lines.
func (s *session) listCommands() {
	for _, v := range grammar.Verbs() {
		if v.Live {
			fmt.Fprintf(s.app.err, "%-33s %s\n", v.Form, v.Does)
		}
	}
	fmt.Fprintf(s.app.err, "%-33s %s\n%-33s %s\n%-33s %s\n%-33s %s\n", "q", "end the run", "!", "stop now", "u", "undo", "p", "phases on")
}
