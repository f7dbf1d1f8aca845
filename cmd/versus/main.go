package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings are the flags.
type settings struct {
	tools           []string
	only            string
	rounds, seconds int
	connections     int
	rates           []int
	stallSeconds    int
	stoke, pin      string
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == serveFlag {
		if err := serveTarget(); err != nil {
			fmt.Fprintln(os.Stderr, "versus: the target server:", err)
			os.Exit(1)
		}
		return
	}
	set, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err = compare(ctx, set, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		os.Exit(1)
	}
}

// parseFlags reads the command line. It has said what is wrong with flags that
// package flag refuses, and help, on stderr.
func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("versus", flag.ContinueOnError)
	flags.SetOutput(stderr)
	tools := flags.String("tools", "", "run only these, as in stoke,wrk (default: all that are found)")
	flags.StringVar(&set.only, "only", "", "run one experiment: closed, open or stall")
	flags.IntVar(&set.rounds, "rounds", 5, "runs of each tool, closed and open; the tools take turns")
	flags.IntVar(&set.seconds, "seconds", 5, "length of a run, closed and open")
	flags.IntVar(&set.connections, "connections", 64, "connections, closed and open")
	rates := flags.String("rates", "1000,5000,20000", "requests per second of the open model")
	flags.IntVar(&set.stallSeconds, "stall-seconds", 60, "length of a run with stalls, a multiple of 10 from 20 on (wrk2 forgets its first 10 s)")
	flags.StringVar(&set.stoke, "stoke", "", "the stoke binary (default: built from ./cmd/stoke)")
	flags.StringVar(&set.pin, "pin", "both", "tool and server on a core each: yes, no, or both ways")
	if err := flags.Parse(args); err != nil {
		return set, err
	}
	if flags.NArg() > 0 {
		return set, fmt.Errorf("unexpected argument %q: versus takes flags only", flags.Arg(0))
	}
	set.tools = list(*tools)
	for _, text := range list(*rates) {
		rate, err := strconv.Atoi(text)
		if err != nil || rate < 1 || rate > 200_000 {
			return set, fmt.Errorf("--rates: %q is not a whole number from 1 to 200000", text)
		}
		set.rates = append(set.rates, rate)
	}
	if set.only != "" && !slices.Contains([]string{"closed", "open", "stall"}, set.only) {
		return set, fmt.Errorf("--only is closed, open or stall, not %q", set.only)
	}
	for _, bound := range []struct {
		name            string
		value, from, to int
	}{{"rounds", set.rounds, 1, 100}, {"seconds", set.seconds, 1, 120}, {"connections", set.connections, 1, 5000}, {"stall-seconds", set.stallSeconds, 20, 600}} {
		if bound.value < bound.from || bound.value > bound.to {
			return set, fmt.Errorf("--%s is from %d to %d, not %d", bound.name, bound.from, bound.to, bound.value)
		}
	}
	if period := int(stalls.period / time.Second); set.stallSeconds%period != 0 {
		return set, fmt.Errorf("--stall-seconds is a multiple of %d, not %d", period, set.stallSeconds)
	}
	for _, rate := range set.rates {
		if rate*set.seconds > maxStamps {
			return set, fmt.Errorf("%d/s for %d s is more than the server keeps: %d arrivals", rate, set.seconds, maxStamps)
		}
	}
	return set, nil
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// compare runs the experiments and prints the report as it grows.
func compare(ctx context.Context, set settings, out, progress io.Writer) error {
	cores, err := usableCores()
	if err != nil {
		return err
	}
	places, err := placements(set.pin, cores)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "versus-")
	if err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	defer os.RemoveAll(dir)
	if len(set.tools) == 0 || slices.Contains(set.tools, stokeName) {
		if set.stoke == "" {
			set.stoke, err = buildStoke(ctx, dir, progress)
		} else {
			set.stoke, err = filepath.Abs(set.stoke)
		}
		if err != nil {
			return err
		}
	}
	found, missing, err := find(set.tools, set.stoke)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("none of the tools is in PATH: %s", strings.Join(missing, ", "))
	}
	fmt.Fprintln(out, preamble(ctx, found, missing, len(cores)))
	b := &bench{found: found, rounds: set.rounds, progress: progress, failed: map[string]error{}}
	if err := b.experiments(ctx, set, places, out); err != nil {
		return err
	}
	for _, c := range found {
		if err := b.failed[c.name]; err != nil {
			fmt.Fprintf(out, "%s failed at least once: %v\n\n", c.name, err)
		}
	}
	return b.verdict()
}

// experiments runs what the settings ask for and prints each table when it is
// there.
func (b *bench) experiments(ctx context.Context, set settings, places []placement, out io.Writer) error {
	wants := func(name string) bool { return set.only == "" || set.only == name }
	show := func(text string, err error) error {
		if err == nil {
			_, err = fmt.Fprintln(out, text)
		}
		return err
	}
	j := job{connections: set.connections, seconds: set.seconds}
	for _, place := range places {
		if wants("closed") {
			if err := show(b.closed(ctx, place, j)); err != nil {
				return err
			}
		}
		for _, rate := range set.rates {
			if !wants("open") {
				break
			}
			paced := j
			paced.rate = rate
			if err := show(b.open(ctx, place, paced)); err != nil {
				return err
			}
		}
	}
	if wants("stall") {
		// Where the tool runs changes nothing in a second's stall.
		return show(b.stall(ctx, places[0], set.stallSeconds))
	}
	return nil
}
