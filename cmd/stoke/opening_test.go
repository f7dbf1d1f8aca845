package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"stoke/profiles"
)

// until types keys again and again until something has come about. Keys are
// refused while the picture does not say yet what they do.
func (w *terminal) until(what, keys string, done func(seen string) bool) {
	w.t.Helper()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	late := time.After(20 * time.Second)
	for !done(w.text()) {
		select {
		case <-ticker.C:
			if !done(w.text()) {
				w.typed(keys)
			}
		case <-w.ended:
			w.t.Fatalf("%s: it ended; the terminal got %q", what, w.text())
		case <-late:
			w.t.Fatalf("%s does not come about; the terminal got %q", what, w.text())
		}
	}
}

// TestFromTheOpeningToAnotherRun: stoke alone, the demo, save what was driven,
// end, and once more.
func TestFromTheOpeningToAnotherRun(t *testing.T) {
	t.Parallel()
	w := onTerminal(t, "xterm-256color")
	screens := func(n int) func(string) bool {
		return func(seen string) bool { return strings.Count(seen, "\x1b[?1049h") >= n }
	}
	w.await("the demo")
	w.typed("\r")
	w.until("the cockpit", "", screens(2))
	w.await("RUNNING")
	w.typed("\x1b[A") // one notch up, so that there is something to save
	var dir string
	for _, v := range w.cmd.Env {
		if home, ok := strings.CutPrefix(v, "XDG_CONFIG_HOME="); ok {
			dir = filepath.Join(home, "stoke", "profiles")
		}
	}
	path := filepath.Join(dir, "demo-driven.yaml")
	w.await("110/s")
	w.typed("S")
	w.await("demo-driven")
	w.until("the saved profile", "\r", func(string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
	p, err := profiles.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if first, last := p.Phases[0].Text, p.Phases[len(p.Phases)-2].Text; first != "rate 100" || last != "rate 110" {
		t.Errorf("saved %+v", p.Phases)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read it", info.Mode(), err)
	}
	w.typed("\x1b")
	w.until("the end", "q", func(seen string) bool { return strings.Contains(seen, "ENDED") })
	w.until("another run", "\r", screens(3))
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cutShort(t, w.ends(6*time.Second))
	w.restored()
	w.awaitTimes("verdict:", 2) // one of each run
}

func TestLeavingTheOpening(t *testing.T) {
	t.Parallel()
	w := onTerminal(t, "xterm-256color")
	w.await("the demo")
	w.typed("q")
	if code := w.ends(4 * time.Second); code != exitMet {
		t.Errorf("exit code %d", code)
	}
	w.restored()
}
