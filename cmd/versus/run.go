package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A contender is a tool that was found, and where.
type contender struct {
	tool
	path string
}

// An observation is one run of one tool, as the server and the kernel saw it.
type observation struct {
	tally
	usage
	output string // what the tool says of itself
}

// microsPerRequest is user and system time of the tool for each request that
// reached the server, in microseconds.
func (o observation) microsPerRequest() float64 {
	return float64((o.user + o.system).Nanoseconds()) / 1e3 / float64(o.requests)
}

// userMicros is the user time of it: what a design can save, while the system
// time is much the same for all.
func (o observation) userMicros() float64 {
	return float64(o.user.Nanoseconds()) / 1e3 / float64(o.requests)
}

// toFirst is the time from the start of the tool to its first request.
func (o observation) toFirst() time.Duration { return time.Duration(o.first - o.started) }

// grace is how much longer than asked a tool may take.
const grace = 30 * time.Second

// observe lets one tool load the server on a core (any if negative).
func observe(ctx context.Context, c contender, s *server, mode serverMode, j job, core int) (observation, error) {
	dir, err := os.MkdirTemp("", "versus-")
	if err != nil {
		return observation{}, fmt.Errorf("making a directory for %s: %w", c.name, err)
	}
	defer os.RemoveAll(dir)
	j.url = s.url
	what := c.command(j)
	for name, content := range what.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return observation{}, fmt.Errorf("preparing %s: %w", c.name, err)
		}
	}
	if err := s.reset(mode); err != nil {
		return observation{}, err
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(j.seconds)*time.Second+grace)
	defer cancel()
	var stdout, stderr bytes.Buffer
	child := exec.CommandContext(limited, c.path, what.args...)
	child.Dir, child.Stdin, child.Stdout, child.Stderr = dir, strings.NewReader(what.input), &stdout, &stderr
	spent, err := runChild(limited, child, core)
	if err != nil && !c.passed(err) {
		return observation{}, fmt.Errorf("%s: %w%s", c.name, err, lastLine(stderr.String()+stdout.String()))
	}
	seen := observation{usage: spent}
	if seen.tally, err = s.tally(); err != nil {
		return observation{}, err
	}
	if seen.requests == 0 {
		return observation{}, fmt.Errorf("%s: no request reached the server%s", c.name, lastLine(stderr.String()+stdout.String()))
	}
	seen.output, err = c.figures(limited, what, dir, stdout.String())
	return seen, err
}

// passed reports whether a tool ended with a code that is no failure.
func (c contender) passed(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && slices.Contains(c.passes, exit.ExitCode())
}

// figures returns the text that c.parse reads.
func (c contender) figures(ctx context.Context, what command, dir, stdout string) (string, error) {
	switch {
	case what.then != nil:
		report := exec.CommandContext(ctx, c.path, what.then...)
		report.Dir = dir
		ownGroup(report)
		text, err := report.Output()
		if err != nil {
			return "", fmt.Errorf("%s %s: %w", c.name, strings.Join(what.then, " "), err)
		}
		return string(text), nil
	case what.output != "":
		text, err := os.ReadFile(filepath.Join(dir, what.output))
		if err != nil {
			return "", fmt.Errorf("reading what %s wrote: %w", c.name, err)
		}
		return string(text), nil
	}
	return stdout, nil
}

// lastLine is the end of what a tool said, to be put behind an error.
func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if last == "" {
		return ""
	}
	if runes := []rune(last); len(runes) > 200 {
		last = string(runes[:200]) + "…"
	}
	return ": it said " + strings.TrimSpace(last)
}

// find looks the wanted tools up, stoke at a given path, the others by their
// names. An empty wanted means all.
func find(wanted []string, stoke string) (found []contender, missing []string, err error) {
	known := map[string]bool{}
	for _, t := range tools {
		known[t.name] = true
		if len(wanted) > 0 && !slices.Contains(wanted, t.name) {
			continue
		}
		if t.name == stokeName {
			found = append(found, contender{t, stoke})
			continue
		}
		if path := lookUp(t.programs); path != "" {
			found = append(found, contender{t, path})
		} else {
			missing = append(missing, t.name)
		}
	}
	for _, name := range wanted {
		if !known[name] {
			return nil, nil, fmt.Errorf("--tools: %q is none of %s", name, toolNames())
		}
	}
	return found, missing, nil
}

// lookUp is the absolute path of the first of the programs in PATH.
func lookUp(programs []string) string {
	for _, program := range programs {
		if path, err := exec.LookPath(program); err == nil {
			if path, err = filepath.Abs(path); err == nil {
				return path
			}
		}
	}
	return ""
}

func toolNames() string {
	var names []string
	for _, t := range tools {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}

// buildStoke builds ./cmd/stoke of the module that the working directory is in.
func buildStoke(ctx context.Context, dir string, progress io.Writer) (path string, err error) {
	path = filepath.Join(dir, "stoke")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "stoke/cmd/stoke")
	build.Stderr = progress
	ownGroup(build)
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("building stoke: %w\n  run versus inside the source tree, or give a binary with --stoke PATH", err)
	}
	return path, nil
}
