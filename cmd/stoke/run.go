package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"stoke/engine"
	"stoke/profiles"
	"stoke/profiles/grammar"
	"stoke/tui"
)

// runCommand drives a profile or a single URL.
func (a *app) runCommand() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run PROFILE|URL",
		Short: "Drive a profile or a URL: the cockpit, or --headless for scripts",
		Long: `Drive load at a target. PROFILE is the name of a saved profile, a file, or - for
standard input. The cockpit opens READY: nothing but one probe is sent until you
press enter. --headless and --go start at once, without a probe.

Exit codes: 0 met, 1 thresholds missed or nothing answered, 2 bad usage or profile,
3 invalid (this machine was the bottleneck), 4 cut short, 5 internal error.`,
		Example: `  stoke run http://127.0.0.1:8080/products
  stoke run checkout-peak --limit-rate 500
  stoke run http://127.0.0.1:8080 --headless --rate 500 --duration 20s --json result.json`,
		ValidArgsFunction: completeProfiles,
		Args:              exactly(1, "stoke run PROFILE|URL [flags]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(cmd); err != nil {
				return err
			}
			p, err := a.load(args[0])
			if err != nil {
				return err
			}
			return a.drive(cmd.Context(), p, &flags, false, "")
		},
	}
	flags.add(cmd)
	return cmd
}

// session is one run from the command line's point of view.
type session struct {
	app     *app
	flags   *runFlags
	profile *profiles.Profile
	consent *consent // nil if the target needs no more confirmation
	result  *resultFile
	run     *engine.Run
	lines   *bufio.Scanner // standard input, in plain mode
	demo    bool
	source  *profiles.Profile // before the flags
	remark  string            // for whoever reads a profile saved from this run
	again   bool              // the operator asked for another run of the same
}

// drive runs a profile, from the flags to the exit code.
func (a *app) drive(ctx context.Context, p *profiles.Profile, flags *runFlags, demo bool, remark string) error {
	lines := bufio.NewScanner(a.in)
	for {
		s := &session{app: a, flags: flags, demo: demo, remark: remark, lines: lines, source: p}
		if err := s.prepare(ctx, p.Clone()); err != nil {
			s.result.discard()
			return err
		}
		if err := s.drive(ctx); !s.again {
			return err
		}
	}
}

// prepare does everything that can fail before a request is sent.
func (s *session) prepare(ctx context.Context, p *profiles.Profile) error {
	a, f := s.app, s.flags
	if err := f.apply(p, a.in); err != nil {
		return err
	}
	options, err := f.options(p)
	if err != nil {
		return err
	}
	s.profile = p.WithDefaults()
	options.Profile = s.profile
	options.Version = version
	options.Crashed = s.app.crashed
	if !isTerminal(a.in) { // nobody to hold the last setting for
		options.EndWithPhases = true
	}
	if options.Files, err = f.files(s.profile); err != nil {
		return err
	}
	if s.consent, err = a.consentFor(s.profile); err != nil {
		return err
	}
	if s.consent != nil {
		confirmed, err := s.consent.byFlag(f.confirmed)
		if err != nil {
			return err
		}
		switch {
		case confirmed || s.consent.given():
			s.consent = nil
		case f.headless || f.goAtOnce:
			return &unconfirmedError{host: s.consent.host}
		}
	}
	if f.json != "" {
		if s.result, err = openResult(f.json, a.out); err != nil {
			return err
		}
	}
	a.progress("looking up "+hostName(s.profile), func() { s.run, err = engine.New(ctx, options) })
	if err != nil {
		return &startError{err}
	}
	if f.rate.given {
		if _, err := s.run.Apply(engine.Order{Do: f.rate.change, By: engine.ByFlag}); err != nil {
			s.run.Close()
			return fmt.Errorf("--rate %s: %w", f.rate.String(), err)
		}
	}
	return nil
}

// drive runs what was prepared and returns how it ended.
func (s *session) drive(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.app.onExit(s.result.discard)()
	watch := s.watchSignals(cancel)
	defer watch.stop()
	var err error
	switch plain := s.flags.plain || s.app.dumb(); {
	case s.flags.headless:
		err = s.headless()
	case plain:
		err = s.plain(ctx)
	default:
		err = s.cockpit(ctx)
	}
	s.end()
	end := s.finish(watch.fired()) // a cockpit that failed takes no result with it
	var bug *tui.PanicError
	if errors.As(err, &bug) {
		s.app.crashed(bug.Value, bug.Stack)
	}
	if err != nil {
		return err
	}
	return end
}

// cockpit shows the run until the operator leaves. A terminal that went away
// stops the run: nobody could stop it from a keyboard any more.
func (s *session) cockpit(ctx context.Context) error {
	in, out := s.app.in.(*os.File), s.app.out.(*os.File)
	look, err := s.flags.look(s.app.getenv)
	if err != nil {
		return err
	}
	known := s.app.memory()
	o := tui.Options{
		Run: s.run, In: in, Out: out, Theme: look, ASCII: s.flags.ascii,
		History: known.history(), FirstRun: known.firstRun(), Again: true,
		Keep:      known.keep(s),
		NoColor:   s.flags.noColor || s.app.getenv("NO_COLOR") != "",
		Demo:      s.demo,
		AutoStart: s.flags.goAtOnce || s.demo,
	}
	if c := s.consent; c != nil {
		o.Confirm = &tui.Confirm{Host: c.host, Confirmed: c.keep}
	}
	defer s.app.onExit(restorer(in))()
	left, err := tui.Open(ctx, o)
	s.again = left.Again && err == nil
	return err
}

// end stops a run that was left while it was going, and waits for its end.
func (s *session) end() {
	if s.run.Snapshot().Began.IsZero() {
		return
	}
	select {
	case <-s.run.Done():
		return
	default:
	}
	s.order(grammar.Change{Verb: grammar.Stop})
	select {
	case <-s.run.Done():
	case <-time.After(lostGrace):
		s.order(grammar.Change{Verb: grammar.Stop, Now: true})
		<-s.run.Done()
	}
}

// lostGrace is how long a run that lost its terminal may finish what is in
// flight.
const lostGrace = time.Second

// order asks the run for a stop; that it may have ended already is no error.
func (s *session) order(c grammar.Change) {
	_, _ = s.run.Apply(engine.Order{Do: c, By: engine.BySignal})
}
