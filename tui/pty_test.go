package tui

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"stoke/engine"
	"stoke/tui/layout"
	"stoke/tui/theme"
)

func TestDriveInATerminal(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]line{"answers": {}, "never answers": {mute: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := newFakeRun(engine.Ready, 1000, 64)
			y := openTTY(t, run, l, Options{})
			y.see("shop READY rate 1,000/s conc 64")
			y.until("enter is taken", tick(t, 50*time.Millisecond), func() bool {
				y.write("\r") // refused until the picture has been there for a moment
				starts, _ := run.count()
				return starts == 1
			})
			y.see("shop RUNNING")
			y.write("\x1b[A")
			y.did("rate 1100")
			y.see("rate 1,100/s")
			y.write("\x1b[1;2B")
			y.did("rate 1100", "rate 1090")
			y.write("r1500\r")
			y.did("rate 1100", "rate 1090", "rate 1500")
			y.see("rate 1,500/s")
			y.write("\x03")
			y.did("rate 1100", "rate 1090", "rate 1500", "pause")
			y.see("dialog LOAD IS AT ZERO")
			y.write("\x03")
			y.did("rate 1100", "rate 1090", "rate 1500", "pause", "stop now")
			y.see("shop ENDED")
			y.until("a key leaves", tick(t, 400*time.Millisecond), func() bool {
				y.write("Q")
				return len(y.result) == 1
			})
			if err := y.left(2 * time.Second); err != nil || !y.outcome.Ended {
				t.Fatalf("left with %v, %+v", err, y.outcome)
			}
			y.restored()
			y.normalScreen()
		})
	}
}

// tick announces that a moment has passed.
func tick(t *testing.T, every time.Duration) <-chan struct{} {
	ch, ticker, done := make(chan struct{}), time.NewTicker(every), make(chan struct{})
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-done:
				return
			}
			select {
			case ch <- struct{}{}:
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() { close(done) })
	return ch
}

func TestToldToLeave(t *testing.T) {
	t.Parallel()
	y := openTTY(t, newFakeRun(engine.Running, 1000, 64), line{}, Options{})
	y.see("RUNNING")
	y.leave()
	if err := y.left(time.Second); err != nil || y.outcome != (Outcome{}) {
		t.Fatalf("left with %v, %+v", err, y.outcome)
	}
	y.restored()
	y.normalScreen()
}

// TestSlowTerminal: at 1 KB/s the picture is late, but keys act at once and
// leaving takes no longer.
func TestSlowTerminal(t *testing.T) {
	t.Parallel()
	run := newFakeRun(engine.Running, 1000, 64)
	y := openTTY(t, run, line{rate: 1000}, Options{frame: fullFrame})
	y.until("the picture is late", tick(t, 50*time.Millisecond), func() bool { return run.late(2500 * time.Millisecond) })
	began := time.Now()
	y.write("\x1b[B")
	y.did("rate 910")
	if took := time.Since(began); took > 200*time.Millisecond {
		t.Errorf("a key took %v", took)
	}
	y.write("\x1b[A") // the picture is old
	y.write("\x03")
	y.did("rate 910", "pause")
	y.leave()
	if err := y.left(2 * time.Second); err != nil {
		t.Fatal(err)
	}
	y.restored()
}

func TestDeadTerminal(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]line{"answered": {}, "mute": {mute: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := newFakeRun(engine.Running, 1000, 64)
			l.dead = make(chan struct{})
			y := openTTY(t, run, l, Options{frame: fullFrame})
			y.see("RUNNING")
			close(l.dead)
			y.until("the picture is old", tick(t, 50*time.Millisecond), func() bool { return run.late(3500 * time.Millisecond) })
			y.write("\x1b[A\x1b[B")
			y.did("rate 910") // up is refused
			y.write("\x03")
			y.did("rate 910", "pause")
			y.write("\x03")
			y.did("rate 910", "pause", "stop now")
			y.leave()
			if err := y.left(2 * time.Second); err != nil {
				t.Fatal(err)
			}
			y.restored()
		})
	}
}

func TestTerminalGoesAway(t *testing.T) {
	t.Parallel()
	y := openTTY(t, newFakeRun(engine.Running, 1000, 64), line{}, Options{})
	y.see("RUNNING")
	_ = y.master.Close()
	if err := y.left(2 * time.Second); err != nil || !y.outcome.Lost {
		t.Fatalf("left with %v, %+v", err, y.outcome)
	}
}

func TestPanicRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"in a command": {},
		"in a picture": {frame: func(*engine.Snapshot, layout.State, int, int, *theme.Theme) string { panic("no picture") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := newFakeRun(engine.Ready, 1000, 64)
			run.explode = o.frame == nil
			y := openTTY(t, run, line{}, o)
			var caught *PanicError
			if err := y.left(2 * time.Second); !errors.As(err, &caught) || len(caught.Stack) == 0 {
				t.Fatalf("left with %v", err)
			}
			y.restored()
			y.until("the normal screen is back", y.changed, func() bool {
				y.mu.Lock()
				defer y.mu.Unlock()
				return y.vt.Mode()&vt10x.ModeAltScreen == 0
			})
		})
	}
}

// TestSplitRepliesInATerminal writes replies byte by byte, slower than a lone
// ESC is waited for, while the terminal is asked all the time.
func TestSplitRepliesInATerminal(t *testing.T) {
	t.Parallel()
	run := newFakeRun(engine.Running, 1000, 64)
	y := openTTY(t, run, line{mute: true}, Options{})
	y.see("RUNNING")
	moment := tick(t, 30*time.Millisecond)
	for _, reply := range []string{replies["DA1"], replies["DECRPM"], replies["DA3"], replies["kitty flags"]} {
		for i := range len(reply) {
			y.write(reply[i : i+1])
			<-moment
			<-moment
		}
	}
	y.write("-") // comes after all of them
	y.did("rate 999")
	if s := y.screen(); strings.Contains(s, "prompt") || strings.Contains(s, "dialog") {
		t.Errorf("a reply opened something:\n%s", s)
	}
}

func TestPasteInATerminal(t *testing.T) {
	t.Parallel()
	run := newFakeRun(engine.Running, 1000, 64)
	y := openTTY(t, run, line{}, Options{})
	y.see("RUNNING")
	y.write("\x1b[200~!q\r\x1b[201~-")
	y.did("rate 999")
	y.write("r\x1b[200~900\x1b[201~\r")
	y.did("rate 999", "rate 900")
}

func TestResizeStorm(t *testing.T) {
	run := newFakeRun(engine.Running, 1000, 64)
	y := openTTY(t, run, line{}, Options{})
	y.see("RUNNING")
	rng := rand.New(rand.NewPCG(3, 5))
	for range 100 {
		y.resize(1+rng.IntN(60), 1+rng.IntN(200))
	}
	y.resize(20, 70)
	y.write("\x1b[A")
	y.did("rate 1100")
	y.see("shop RUNNING rate 1,100/s conc 64")
	y.until("the picture fills the new size", y.changed, func() bool {
		s := strings.Split(strings.TrimRight(y.screen(), "\n"), "\n")
		return strings.HasPrefix(s[0], "shop RUNNING rate 1,100/s")
	})
}

// resize changes the window. The pty is not this process's own terminal, so
// the signal has to be sent by hand.
func (y *tty) resize(rows, cols int) {
	y.t.Helper()
	if err := pty.Setsize(y.slave, &pty.Winsize{Rows: uint16(rows), Cols: uint16(cols)}); err != nil {
		y.t.Fatal(err)
	}
	y.mu.Lock()
	y.vt.Resize(cols, rows)
	y.mu.Unlock()
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		y.t.Fatal(err)
	}
}

func TestCanOpen(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatalf("this test needs a pseudoterminal: %v", err)
	}
	defer master.Close()
	defer slave.Close()
	for _, c := range []struct {
		term    string
		in, out *os.File
		ok      bool
	}{{"xterm", slave, slave, true}, {"dumb", slave, slave, false}, {"", slave, slave, false}, {"xterm", file, slave, false},
		{"xterm", slave, file, false}, {"xterm", nil, nil, false}} {
		t.Setenv("TERM", c.term)
		if err := CanOpen(c.in, c.out); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := Open(context.Background(), Options{Run: newFakeRun(engine.Ready, 1, 1), In: file, Out: file}); err == nil {
		t.Error("opened a cockpit on a file")
	}
}
