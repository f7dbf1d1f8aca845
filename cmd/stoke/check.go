package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"stoke/engine"
	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/grammar"
	"stoke/tui/units"
)

// checkCommand validates a profile and says what it would do.
func (a *app) checkCommand() *cobra.Command {
	var flags runFlags
	var send bool
	cmd := &cobra.Command{
		Use:   "check PROFILE|URL",
		Short: "Validate a profile; with --send, send each request once",
		Long: `Validate a profile and say what it would send. All problems are reported at once, each with
its line and column. With --send each request is sent once and what came back is shown.`,
		Example: `  stoke check checkout-peak
  stoke check ./checkout.yaml --send`,
		Args: exactly(1, "stoke check PROFILE|URL [--send]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.load(args[0])
			if err != nil {
				return err
			}
			if err := flags.apply(p, a.in); err != nil {
				return err
			}
			full := p.WithDefaults()
			if err := a.describe(full); err != nil {
				return err
			}
			if !send {
				return nil
			}
			if err := a.consentTo(full, &flags); err != nil {
				return err
			}
			return a.sendEach(cmd.Context(), full, &flags)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.BoolVar(&send, "send", false, "send each request once and show what came back")
	flags.addRequest(fs)
	flags.addConfirm(fs)
	return cmd
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

// describe prints what a profile would do.
func (a *app) describe(p *profiles.Profile) error {
	ceiling := engine.CeilingOf(p, engine.Ceiling{})
	fmt.Fprintf(a.out, "%s is valid: %s to %s\n", p.Name, plural(len(p.Requests), "request"), p.Target)
	table := tabwriter.NewWriter(a.out, 0, 0, 3, ' ', 0)
	sum := 0.0
	for _, q := range p.Requests {
		sum += q.Weight
	}
	for _, q := range p.Requests {
		spec := engine.Spec(p, &q)
		method := spec.Method
		if method == "" {
			method = "GET"
		}
		fmt.Fprintf(table, "  %.1f %%\t%s\t%s %s\t%s\n", 100*q.Weight/sum, q.Name, method, q.Path, details(spec, q.Expect))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "load      concurrency %s, %s arrivals, late requests %s up to %s\n",
		units.Count(int64(p.Concurrency)), p.Arrivals, map[string]string{"queue": "queue", "shed": "are shed"}[p.Late], grammar.FormatDuration(p.MaxLate))
	fmt.Fprintf(a.out, "limits    %s to connect, %s to answer\n", grammar.FormatDuration(p.ConnectTimeout), grammar.FormatDuration(p.Timeout))
	fmt.Fprintf(a.out, "ceilings  %s/s and concurrency %s\n", units.Setting(ceiling.Rate), units.Count(int64(ceiling.Concurrency)))
	if len(p.Phases) == 0 {
		fmt.Fprintln(a.out, "phases    none: the dials are yours, the rate begins at 10/s")
		return nil
	}
	fmt.Fprintf(a.out, "phases    %s in %s\n", units.Count(int64(len(p.Phases))), lengthText(p.PlanLength()))
	var at time.Duration
	for _, phase := range p.Phases {
		fmt.Fprintf(a.out, "  %s  %s\n", units.Clock(at), phase.Change)
		at += phase.Over + phase.For
	}
	return nil
}

// lengthText is a length of time that may be none.
func lengthText(d time.Duration) string {
	if d == 0 {
		return "no time at all"
	}
	return grammar.FormatDuration(d)
}

// details are what a request has besides method and path.
func details(spec wire.Spec, expect []profiles.StatusRange) string {
	var parts []string
	if n := len(spec.Headers); n > 0 {
		parts = append(parts, plural(n, "header"))
	}
	if n := len(spec.Body); n > 0 {
		parts = append(parts, plural(n, "byte")+" of body")
	}
	var statuses []string
	for _, r := range expect {
		if r.From == r.To {
			statuses = append(statuses, fmt.Sprint(r.From))
		} else {
			statuses = append(statuses, fmt.Sprintf("%d-%d", r.From, r.To))
		}
	}
	if len(statuses) > 0 {
		parts = append(parts, "expects "+strings.Join(statuses, ", "))
	}
	return strings.Join(parts, ", ")
}

// sendEach sends each request once, one after the other.
func (a *app) sendEach(ctx context.Context, p *profiles.Profile, f *runFlags) error {
	files, err := f.files(p)
	if err != nil {
		return err
	}
	config := engine.TransportConfig(p, files)
	config.UserAgent = "stoke/" + version + " check"
	transport, err := wire.NewHTTP1(config)
	if err != nil {
		return &startError{err}
	}
	defer transport.Close()
	fmt.Fprintln(a.out)
	failed := 0
	for _, q := range p.Requests {
		got, err := a.sendOne(ctx, transport, p, &q)
		if err != nil {
			return err
		}
		if !got {
			failed++
		}
	}
	if failed > 0 {
		return &checkFailedError{failed: failed, sent: len(p.Requests)}
	}
	return nil
}

// firstBytes is how much of a body is shown.
const firstBytes = 200

// sendOne sends one request and shows what came back. It reports whether that
// is what the profile expects.
func (a *app) sendOne(ctx context.Context, transport wire.Transport, p *profiles.Profile, q *profiles.Request) (ok bool, err error) {
	spec := engine.Spec(p, q)
	ctx, cancel := context.WithTimeout(ctx, p.ConnectTimeout+p.Timeout)
	defer cancel()
	request, err := transport.Compile(spec, "")
	if err != nil {
		return false, fmt.Errorf("request %q: %w", q.Name, err)
	}
	answer := wire.Fetch(ctx, transport, request, firstBytes)
	r := &answer.Result
	if r.Fault != wire.None {
		fmt.Fprintf(a.out, "%s: no answer: %s\n", q.Name, oneLine(r.Detail))
		fmt.Fprintf(a.out, "  %s\n", faultHint(r.Fault.String()))
		return false, nil
	}
	ok = engine.Expected(q, r.Status)
	verdict := ""
	if !ok {
		verdict = "   NOT EXPECTED"
	}
	fmt.Fprintf(a.out, "%s: %d, %s, %s bytes, %s%s\n", q.Name, r.Status, oneLine(answer.Get("Content-Type")), units.Count(r.Body), units.Latency(r.T8-r.T4), verdict)
	if to := answer.Get("Location"); to != "" && r.Status >= 300 && r.Status < 400 {
		fmt.Fprintf(a.out, "  redirects to %s: load would test the redirect only\n", oneLine(to))
	}
	if len(answer.BodyStart) > 0 {
		fmt.Fprintf(a.out, "  %s\n", oneLine(string(answer.BodyStart)))
	}
	return ok, nil
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
