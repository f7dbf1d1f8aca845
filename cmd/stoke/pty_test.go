package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// terminal is the program on a terminal of its own.
type terminal struct {
	t        *testing.T
	cmd      *exec.Cmd
	ptm, pts *os.File
	before   *term.State
	ended    chan struct{}

	mu      sync.Mutex
	arrived *sync.Cond
	seen    bytes.Buffer
	stopped bool // the reader
}

// onTerminal starts `stoke ARG…` on a terminal of 120x40.
func onTerminal(t *testing.T, kind string, args ...string) *terminal {
	t.Helper()
	ptm, pts, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(ptm, &pty.Winsize{Cols: 120, Rows: 40}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(pts.Fd())
	if err != nil {
		t.Fatal(err)
	}
	w := &terminal{t: t, ptm: ptm, pts: pts, before: before, ended: make(chan struct{})}
	w.arrived = sync.NewCond(&w.mu)
	w.cmd = exec.Command(program(t), args...)
	w.cmd.Stdin, w.cmd.Stdout, w.cmd.Stderr = pts, pts, pts
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	dir := t.TempDir()
	w.cmd.Env = append(os.Environ(), "TERM="+kind, "HOME="+dir, "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		w.cmd.Wait()
		close(w.ended)
	}()
	go w.read()
	t.Cleanup(func() {
		w.cmd.Process.Kill()
		<-w.ended
		ptm.Close()
		pts.Close()
	})
	return w
}

// program is this test binary under the name by which it becomes stoke.
func program(t *testing.T) string {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A link and no copy: a file that was just written may still be open for
	// writing in a child that another test forks, and then does not start.
	link := filepath.Join(t.TempDir(), "stoke")
	if err := os.Link(path, link); err != nil {
		t.Fatal(err)
	}
	return link
}

func (w *terminal) read() {
	buf := make([]byte, 4096)
	for {
		w.mu.Lock()
		stopped := w.stopped
		w.mu.Unlock()
		if stopped {
			return
		}
		n, err := w.ptm.Read(buf)
		w.mu.Lock()
		w.seen.Write(buf[:n])
		w.stopped = w.stopped || err != nil
		w.arrived.Broadcast()
		w.mu.Unlock()
	}
}

// text is what has been written to the terminal so far.
func (w *terminal) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen.String()
}

// await returns when text has been written to the terminal.
func (w *terminal) await(text string) {
	w.t.Helper()
	w.awaitTimes(text, 1)
}

// awaitTimes returns when text has been written to the terminal so many times.
func (w *terminal) awaitTimes(text string, times int) {
	w.t.Helper()
	late := time.AfterFunc(20*time.Second, func() {
		w.mu.Lock()
		w.stopped = true
		w.arrived.Broadcast()
		w.mu.Unlock()
	})
	defer late.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for strings.Count(w.seen.String(), text) < times {
		if w.stopped {
			w.t.Fatalf("%q does not come %d times; the terminal got %q", text, times, w.seen.String())
		}
		w.arrived.Wait()
	}
}

// stopReading leaves the terminal alone, so that it fills up.
func (w *terminal) stopReading() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
}

func (w *terminal) typed(text string) {
	w.t.Helper()
	if _, err := w.ptm.WriteString(text); err != nil {
		w.t.Fatal(err)
	}
}

// ends waits for the end of the program and returns its exit code.
func (w *terminal) ends(within time.Duration) int {
	w.t.Helper()
	select {
	case <-w.ended:
		return w.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		w.t.Fatalf("it still runs after %v", within)
		return -1
	}
}

// restored checks that the terminal is as it was found.
func (w *terminal) restored() {
	w.t.Helper()
	after, err := term.GetState(w.pts.Fd())
	if err != nil {
		w.t.Fatal(err)
	}
	if *after != *w.before {
		w.t.Errorf("the terminal is left changed: %+v, was %+v", after, w.before)
	}
}

// cutShort accepts the exit code of a stop: 4, or 3 where this machine was too
// busy for valid numbers.
func cutShort(t *testing.T, code int) {
	t.Helper()
	if code != exitStopped && code != exitInvalid {
		t.Errorf("exit code %d, want %d", code, exitStopped)
	}
}

func TestSignalRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		w := onTerminal(t, "xterm-256color", "demo")
		w.await("RUNNING")
		if err := w.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		cutShort(t, w.ends(4*time.Second))
		w.restored()
		w.await("\x1b[?1049l")
		w.await("verdict:")
	}
}

// TestSignalEndsOnADeadTerminal: nobody reads what the cockpit draws, and it
// ends in time all the same.
func TestSignalEndsOnADeadTerminal(t *testing.T) {
	t.Parallel()
	w := onTerminal(t, "xterm-256color", "demo")
	w.await("RUNNING")
	w.stopReading()
	w.typed("\x0c") // a whole picture
	time.AfterFunc(2*time.Second, func() { w.cmd.Process.Signal(syscall.SIGTERM) })
	began := time.Now()
	cutShort(t, w.ends(8*time.Second))
	if took := time.Since(began) - 2*time.Second; took > 3*time.Second {
		t.Errorf("it took %v to end, want 2 s", took)
	}
	w.restored()
}

// TestPlainLinesAreDriven: on a terminal that can do no more, the grammar is
// typed.
func TestPlainLinesAreDriven(t *testing.T) {
	t.Parallel()
	w := onTerminal(t, "dumb", "demo")
	w.await("rate 100/s")
	w.typed("rate 200\n")
	w.await("rate 200/s")
	w.typed("rate 5m\n")
	w.await("refused: ")
	w.typed("q\n")
	if code := w.ends(15 * time.Second); code != exitMet && code != exitInvalid {
		t.Errorf("exit code %d", code)
	}
	w.await("verdict:")
	if text := w.text(); strings.Contains(text, "\x1b") {
		t.Errorf("control sequences on a dumb terminal: %q", text)
	}
}
