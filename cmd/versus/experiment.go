package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// A placement says on which cores the tool and the server run; -1 is any.
type placement struct {
	name           string
	client, server int
	threads        int // cores that the tool has
}

// placements returns those that pin names: "yes", "no" or "both".
func placements(pin string, cores []int) ([]placement, error) {
	free := placement{name: "free", client: -1, server: -1, threads: len(cores)}
	if pin == "no" {
		return []placement{free}, nil
	}
	if pin != "yes" && pin != "both" {
		return nil, fmt.Errorf("--pin is yes, no or both, not %q", pin)
	}
	if len(cores) < 2 {
		return nil, fmt.Errorf("--pin %s takes two cores, there is %d: use --pin no", pin, len(cores))
	}
	pinned := placement{name: "pinned", client: cores[0], server: cores[1], threads: 1}
	if pin == "yes" {
		return []placement{pinned}, nil
	}
	return []placement{pinned, free}, nil
}

// title says where tool and server ran, for a heading.
func (p placement) title() string {
	if p.client < 0 {
		return fmt.Sprintf("tool and server on any of %d cores", p.threads)
	}
	return fmt.Sprintf("tool on core %d, server on core %d", p.client, p.server)
}

// A series holds the observations by tool, one a round; nil is a run that
// failed.
type series map[string][]*observation

// A bench is the machinery that all experiments share.
type bench struct {
	found    []contender
	rounds   int
	progress io.Writer
	failed   map[string]error // the first failure of a tool
	unsound  []error          // runs of stoke that did not measure what they sent
}

// play runs each of the contenders once a round. A round begins with another
// tool than the one before, so that none always follows the same neighbour.
func (b *bench) play(ctx context.Context, what string, rounds int, among []contender, place placement, mode serverMode, j job) (series, error) {
	s, err := startServer(ctx, place.server)
	if err != nil {
		if ctx.Err() != nil { // it was killed
			err = context.Cause(ctx)
		}
		return nil, err
	}
	defer s.stop()
	j.threads = place.threads
	seen := series{}
	for round := range rounds {
		for i := range among {
			c := among[(i+round)%len(among)]
			o, err := observe(ctx, c, s, mode, j, place.client)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			fmt.Fprintf(b.progress, "%s, %s, round %d of %d: %-10s ", what, place.name, round+1, rounds, c.name)
			if err != nil {
				seen[c.name] = append(seen[c.name], nil)
				b.fail(c, err)
				fmt.Fprintf(b.progress, "failed: %v\n", err)
				continue
			}
			seen[c.name] = append(seen[c.name], &o)
			fmt.Fprintf(b.progress, "%8.0f requests/s  %6.2f µs each\n", o.rate(), o.microsPerRequest())
			if c.name == stokeName {
				b.judge(what, o)
			}
		}
	}
	return seen, nil
}

func (b *bench) fail(c contender, err error) {
	if b.failed[c.name] == nil {
		b.failed[c.name] = err
	}
}

// judge keeps what is wrong with a run of stoke.
func (b *bench) judge(what string, o observation) {
	result, err := readStoke(o.output)
	if err == nil {
		err = measuredAll(result, o.requests)
	}
	if err != nil {
		b.unsound = append(b.unsound, fmt.Errorf("%s: %w", what, err))
		fmt.Fprintf(b.progress, "%s: %v\n", what, err)
	}
}

// closed measures the closed model: what a request costs each tool.
func (b *bench) closed(ctx context.Context, place placement, j job) (string, error) {
	seen, err := b.play(ctx, "closed", b.rounds, b.found, place, countOnly, j)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("### Closed model: %d connections, %s\n\n%d rounds of %d s.\n\n%s",
		j.connections, place.title(), b.rounds, j.seconds, closedTable(b.found, seen)), nil
}

// open measures how evenly, and at what cost, the tools hold a rate.
func (b *bench) open(ctx context.Context, place placement, j job) (string, error) {
	able := b.able()
	seen, err := b.play(ctx, fmt.Sprintf("open %d/s", j.rate), b.rounds, able, place, stampAll, j)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("### Open model: %d/s, %d connections, %s\n\n%d rounds of %d s, the first %v of each left out. One even gap is %v.\n\n%s",
		j.rate, j.connections, place.title(), b.rounds, j.seconds, leadIn, time.Second/time.Duration(j.rate), openTable(able, seen, j.rate)), nil
}

// The load of the stall experiment (measurement.md T1, with its small pool).
const (
	stallRate        = 1000
	stallConnections = 100
)

// stall holds what the tools report against what must come out.
func (b *bench) stall(ctx context.Context, place placement, seconds int) (string, error) {
	j := job{connections: stallConnections, rate: stallRate, seconds: seconds}
	seen := series{}
	// A tool without a rate runs as it can, on the same server.
	for _, part := range []struct {
		paced bool
		rate  int
	}{{true, stallRate}, {false, 0}} {
		var among []contender
		for _, c := range b.found {
			if c.paced == part.paced {
				among = append(among, c)
			}
		}
		if len(among) == 0 {
			continue
		}
		j.rate = part.rate
		got, err := b.play(ctx, "stall", 1, among, place, stallMode, j)
		if err != nil {
			return "", err
		}
		for name, runs := range got {
			seen[name] = runs
		}
	}
	table, errs := stallTable(b.found, seen)
	for name, err := range errs {
		if b.failed[name] == nil {
			b.failed[name] = err
		}
	}
	return fmt.Sprintf("### What the tools report of a server that stalls %v in every %v\n\n%d/s evenly, %d connections, %d s, %s.\n\n%s",
		stalls.length, stalls.period, stallRate, stallConnections, seconds, place.title(), table), nil
}

// able returns the contenders that can hold a rate.
func (b *bench) able() []contender {
	return slices.DeleteFunc(slices.Clone(b.found), func(c contender) bool { return !c.paced })
}

// verdict is the error that versus ends with, nil if stoke measured all.
func (b *bench) verdict() error { return errors.Join(b.unsound...) }
