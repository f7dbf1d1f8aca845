package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/charmbracelet/x/term"
)

// app is what a process has only once: its standard streams, its environment
// and its end. Commands get it; nothing is kept in package variables.
type app struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	exit     func(code int)

	mu      sync.Mutex
	atExit  []func() // run before an exit in a hurry, newest first
	leaving bool
}

func newApp() *app {
	return &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, exit: os.Exit}
}

// onExit registers what must be done even if the process ends in a hurry:
// a terminal to restore, a file to remove. It must not block. The function
// returned takes it back.
func (a *app) onExit(f func()) (cancel func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := len(a.atExit)
	a.atExit = append(a.atExit, f)
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.atExit[i] = nil
	}
}

// hurry ends the process now, after what onExit holds. Of several callers the
// first one wins, and the others wait for the end.
func (a *app) hurry(code int, last ...string) {
	a.mu.Lock()
	if a.leaving {
		a.mu.Unlock()
		select {}
	}
	a.leaving = true
	todo := a.atExit
	a.mu.Unlock()
	for _, f := range slices.Backward(todo) {
		if f != nil {
			f()
		}
	}
	for _, line := range last {
		fmt.Fprintln(a.err, line)
	}
	a.exit(code)
}

// guard is deferred in main and in every goroutine that this package starts: a
// panic restores the terminal, says in one line what happened, and ends the
// process with exitInternal.
func (a *app) guard() {
	if v := recover(); v != nil {
		a.crashed(v, debug.Stack())
	}
}

// crashed ends the process after a panic with value v.
func (a *app) crashed(v any, stack []byte) {
	more := "  " + bugHint
	if a.getenv("STOKE_DEBUG") == "1" {
		more = string(stack)
	}
	a.hurry(exitInternal, fmt.Sprintf("stoke: internal error: %v", v), more)
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// dumb reports whether the terminal can only take plain lines.
func (a *app) dumb() bool {
	t := a.getenv("TERM")
	return !isTerminal(a.out) || !isTerminal(a.in) || t == "" || t == "dumb"
}

// stateDir is where Stoke keeps what it must remember: $XDG_STATE_HOME/stoke,
// or ~/.local/state/stoke.
func (a *app) stateDir() (string, error) {
	if dir := a.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "stoke"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the state directory: %w", err)
	}
	return filepath.Join(home, ".local", "state", "stoke"), nil
}

// plural is "1 request", "2 requests".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
