package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stoke/cmd/stoke/internal/target"
	"stoke/tui/units"
)

// targetFlags are the settings of the demo target. With a prefix they are
// flags of another command.
type targetFlags struct {
	latency, errors, stall string
	rateLimit              ceilingValue
	burst                  countValue
	capacity               countValue
	retryAfter             string
	jobTime, jobFail       string
	jobWorkers             countValue
	log                    string
	seed                   uint64
}

// The work on a job of the demo target, unless flags say otherwise: 10 jobs a
// second are what its workers can do.
const (
	jobTime    = "800ms"
	jobWorkers = 8
)

func (f *targetFlags) add(fs *pflag.FlagSet, prefix string) {
	str := func(p *string, name, what, usage string) {
		fs.StringVar(p, prefix+name, *p, usage)
		placeholder(fs.Lookup(prefix+name), what)
	}
	str(&f.latency, "latency", "TIME", `time of the work on a request: 20ms, or "lognormal 20ms 0.8" (median and sigma)`)
	str(&f.errors, "errors", "SHARE", "share of requests answered with 500, as in 1%")
	fs.Var(&f.rateLimit, prefix+"rate-limit", "requests per second admitted, others get 429 with Retry-After")
	fs.Var(&f.burst, prefix+"burst", "how many may come at once above the rate limit")
	str(&f.stall, "stall", "TIME", `hold every request now and then: "1s every 10s"`)
	fs.Var(&f.capacity, prefix+"capacity", "most requests worked on at a time; others queue, so that the target bends")
	str(&f.retryAfter, "retry-after", "FORM", "what a 429 names as Retry-After: seconds, or a date")
	str(&f.jobTime, "job-time", "TIME", `time of the work on a job of POST /process: 800ms, or "lognormal 800ms 0.8"`)
	fs.Var(&f.jobWorkers, prefix+"job-workers", "most jobs worked on at a time; others are queued")
	str(&f.jobFail, "job-fail", "SHARE", "share of jobs that fail, as in 1%")
	str(&f.log, "log", "FILE", "write a line of JSON for each request")
	fs.Uint64Var(&f.seed, prefix+"seed", f.seed, "seed of latencies and errors")
	placeholder(fs.Lookup(prefix+"seed"), "N")
}

// args are the flags as they are typed, those not given left out.
func (f *targetFlags) args() []string {
	args := []string{"--seed=" + strconv.FormatUint(f.seed, 10)}
	for _, flag := range [][2]string{
		{"latency", f.latency}, {"errors", f.errors}, {"stall", f.stall}, {"log", f.log},
		{"rate-limit", f.rateLimit.String()}, {"burst", f.burst.String()}, {"capacity", f.capacity.String()},
		{"retry-after", f.retryAfter}, {"job-time", f.jobTime}, {"job-workers", f.jobWorkers.String()}, {"job-fail", f.jobFail},
	} {
		if flag[1] != "" {
			args = append(args, "--"+flag[0]+"="+flag[1])
		}
	}
	return args
}

// config checks the flags. The log is opened later, by the command.
func (f *targetFlags) config(prefix string) (target.Config, error) {
	c := target.Config{RateLimit: float64(f.rateLimit), Burst: int(f.burst), Capacity: int(f.capacity), JobWorkers: int(f.jobWorkers), Seed: f.seed}
	var problems []error
	note := func(name string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("--%s%s: %w", prefix, name, err))
		}
	}
	var err error
	if f.latency != "" {
		c.Latency, err = target.ParseLatency(f.latency)
		note("latency", err)
	}
	if f.errors != "" {
		c.Errors, err = target.ParseShare(f.errors)
		note("errors", err)
	}
	if f.stall != "" {
		c.StallFor, c.StallEvery, err = target.ParseStall(f.stall)
		note("stall", err)
	}
	switch f.retryAfter {
	case "", "seconds":
	case "date":
		c.RetryDate = true
	default:
		note("retry-after", fmt.Errorf("%q: want seconds or date", f.retryAfter))
	}
	if f.jobTime != "" {
		c.JobTime, err = target.ParseLatency(f.jobTime)
		note("job-time", err)
	}
	if f.jobFail != "" {
		c.JobFail, err = target.ParseShare(f.jobFail)
		note("job-fail", err)
	}
	if err := errors.Join(problems...); err != nil {
		return c, &usageError{msg: err.Error()}
	}
	return c, nil
}

// targetCommand serves the demo target until a signal.
func (a *app) targetCommand() *cobra.Command {
	var (
		flags            = targetFlags{jobTime: jobTime, jobWorkers: jobWorkers}
		listen           string
		anywhere, parent bool
	)
	cmd := &cobra.Command{
		Use:   "target",
		Short: "Serve the demo target: latency, errors, limits and stalls on a dial",
		Long: `Serve a small shop to try load on: GET /, /products, /products/{1-20}, /search?q=, /health;
POST /cart and /checkout (three times as slow). A scenario: POST /carts sets a session cookie, which
POST /carts/{id}/items and /carts/{id}/checkout want. A job: POST /process answers 202 with a
Location, GET /jobs/{id} says queued, running, done or failed. Its address is printed when it is
ready, what it answered when it ends. Delays are ordinary timers, which an idle machine ends up to
1 ms late.`,
		Example: `  stoke target --latency "lognormal 20ms 0.8" --errors 1% --rate-limit 500 --burst 50
  stoke target --listen 127.0.0.1:9000 --stall "1s every 10s" --log requests.ndjson`,
		Args: exactly(0, "stoke target [flags]"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := flags.config("")
			if err != nil {
				return err
			}
			if !anywhere {
				if err := loopbackOnly(listen); err != nil {
					return err
				}
			}
			if flags.log != "" {
				file, err := os.Create(flags.log)
				if err != nil {
					return &usageError{msg: fmt.Sprintf("--log %s: %v", flags.log, unwrapPath(err)), hint: "name a file that can be written"}
				}
				defer file.Close()
				config.Log = file
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			if parent {
				ctx = a.untilInputEnds(ctx)
			}
			return a.serveTarget(ctx, listen, config)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 picks a free one")
	placeholder(fs.Lookup("listen"), "HOST:PORT")
	flags.add(fs, "")
	fs.BoolVar(&anywhere, "listen-anywhere", false, "allow an address that others can reach")
	fs.BoolVar(&parent, "with-parent", false, "end when standard input does")
	fs.Lookup("with-parent").Hidden = true
	return cmd
}

// loopbackOnly refuses an address that other machines can reach.
func loopbackOnly(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return &usageError{msg: fmt.Sprintf("--listen %s: want an address and a port", listen), hint: "as in --listen 127.0.0.1:8080"}
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return &usageError{
		msg:  fmt.Sprintf("--listen %s: others could reach the target there", listen),
		hint: "listen on 127.0.0.1, or add --listen-anywhere",
	}
}

// untilInputEnds is ctx, cancelled when standard input ends: a child does not
// outlive its parent, however that one ended.
func (a *app) untilInputEnds(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer a.guard()
		defer cancel()
		_, _ = io.Copy(io.Discard, bufio.NewReader(a.in)) // an error is an end too
	}()
	return ctx
}

// serveTarget serves until ctx is done.
func (a *app) serveTarget(ctx context.Context, listen string, config target.Config) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return &usageError{msg: fmt.Sprintf("--listen %s: %v", listen, listenReason(err)), hint: "choose another port; 0 picks a free one"}
	}
	t := target.New(config)
	fmt.Fprintf(a.out, "http://%s\n", l.Addr())
	served := make(chan error, 1)
	go func() {
		defer a.guard()
		served <- t.Serve(l)
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err = t.Shutdown(drain)
	fmt.Fprintln(a.out, countsLine(t.Counts()))
	if err != nil {
		return fmt.Errorf("writing the log: %w", err)
	}
	return nil
}

// countsLine is "1,204 requests on 64 connections: 200 x1,190, 429 x14".
func countsLine(c target.Counts) string {
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(c.Status)) {
		parts = append(parts, fmt.Sprintf("%d x%s", status, units.Count(c.Status[status])))
	}
	if c.Gone > 0 {
		parts = append(parts, fmt.Sprintf("client gone x%s", units.Count(c.Gone)))
	}
	line := fmt.Sprintf("%s requests on %s connections", units.Count(c.Requests), units.Count(c.Connections))
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	return line
}

// listenReason is the system's reason without the address, which the user has
// typed.
func listenReason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
