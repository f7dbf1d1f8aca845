package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"stoke/engine"
	"stoke/profiles"
)

// checkCommand validates a profile and says what it would do.
func (a *app) checkCommand() *cobra.Command {
	var flags runFlags
	var send, showBytes bool
	cmd := &cobra.Command{
		Use:   "check PROFILE|URL",
		Short: "Validate a profile; with --send, send each request once",
		Long: `Validate a profile and the files that it names, and say what it would do. All problems are
reported at once, each with its line and column. With --send each request is sent once, a scenario's
steps in order with what they capture, and a job is asked for until it is done; what came back is
shown. A request of weight 0 is not sent. With --show-bytes each request is shown as it goes out,
or would; secrets are shown as ***.

Exit codes: 0 all as expected, 1 an answer was not, 2 bad usage or profile.`,
		Example: `  stoke check checkout-peak
  stoke check ./checkout.yaml --send
  stoke check ./checkout.yaml --show-bytes`,
		Args:              exactly(1, "stoke check PROFILE|URL [--send] [--show-bytes]"),
		ValidArgsFunction: completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.load(args[0])
			if err != nil {
				return err
			}
			if err := flags.apply(p, a.in); err != nil {
				return err
			}
			c := &checker{app: a, profile: p.WithDefaults(), bytes: showBytes}
			lookup := os.LookupEnv
			if !send {
				lookup = c.lookup
			}
			if c.files, err = flags.filesWith(c.profile, lookup); err != nil {
				return err
			}
			c.mask = newMask(c.files.Secrets, c.profile.Proxy)
			if c.trial, err = engine.NewTrial(engine.Options{Profile: c.profile, Files: c.files, Version: version}); err != nil {
				return &startError{err}
			}
			defer c.trial.Close()
			if err := c.describe(); err != nil {
				return err
			}
			switch {
			case send:
				if err := a.consentTo(c.profile, &flags); err != nil {
					return err
				}
				return c.send(cmd.Context())
			case showBytes:
				return c.preview()
			}
			return nil
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.BoolVar(&send, "send", false, "send each request once and show what came back")
	fs.BoolVar(&showBytes, "show-bytes", false, "show each request as it goes out, secrets as ***; without --send nothing is sent")
	flags.addRequest(fs)
	flags.addConfirm(fs)
	return cmd
}

// checker is one check of a profile.
type checker struct {
	*app
	profile *profiles.Profile // with defaults applied
	files   profiles.Files
	trial   *engine.Trial
	mask    mask
	bytes   bool     // requests are shown as they go out
	unset   []string // variables that the profile needs and that are not there
}

// lookup knows every variable, so that a profile can be checked where its
// secrets are not; it remembers those that there are not.
func (c *checker) lookup(name string) (string, bool) {
	value, set := os.LookupEnv(name)
	if !set {
		value = "${env." + name + "}"
		if !slices.Contains(c.unset, name) {
			c.unset = append(c.unset, name)
		}
	}
	return value, true
}

// consentTo asks for what the target still needs to be confirmed.
func (a *app) consentTo(p *profiles.Profile, f *runFlags) error {
	c, err := a.consentFor(p)
	if err != nil || c == nil {
		return err
	}
	if ok, err := c.byFlag(f.confirmed); ok || err != nil {
		return err
	}
	if c.given() {
		return nil
	}
	if !isTerminal(a.in) {
		return &unconfirmedError{host: c.host}
	}
	return a.ask(c, bufio.NewScanner(a.in))
}

// oneLine makes a foreign text safe to print: what could move the cursor or
// change its direction becomes a question mark.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, strings.TrimSpace(text))
	return clean
}

// say prints a line of a check, with what is secret masked.
func (c *checker) say(format string, args ...any) {
	fmt.Fprintln(c.out, oneLineKeepingIndent(c.mask.text(fmt.Sprintf(format, args...))))
}

// oneLineKeepingIndent is [oneLine] with the blanks that a line begins with.
func oneLineKeepingIndent(line string) string {
	rest := strings.TrimLeft(line, " ")
	return line[:len(line)-len(rest)] + oneLine(rest)
}
