package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"go.uber.org/goleak"

	"stoke/engine"
	"stoke/tui/layout"
	"stoke/tui/theme"
)

// TestMain chooses the terminal that vt10x understands, and looks for
// goroutines that outlived the cockpits of all tests.
func TestMain(m *testing.M) {
	if err := os.Setenv("TERM", "xterm-256color"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// fullFrame fills the whole screen and changes all over with every picture,
// as no real one does.
func fullFrame(s *engine.Snapshot, ui layout.State, w, h int, th *theme.Theme) string {
	rng := rand.New(rand.NewPCG(uint64(ui.Now.UnixNano()), 1))
	lines := strings.Split(plainFrame(s, ui, w, h, th), "\n")
	for i, line := range lines {
		var b strings.Builder
		b.WriteString(line)
		for n := len([]rune(line)); n < w; n++ {
			b.WriteByte(byte('a' + rng.IntN(26)))
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// tty is a terminal of the test's own: a real pty, a screen behind it, and
// what a person sees and types.
type tty struct {
	t             *testing.T
	master, slave *os.File
	before        *term.State
	run           *fakeRun
	leave         context.CancelFunc
	result        chan error
	outcome       Outcome

	mu      sync.Mutex
	vt      vt10x.Terminal
	raw     bytes.Buffer
	changed chan struct{} // gets a value, if there is room, when output came
	reader  sync.WaitGroup
}

// line is how the terminal takes what is written to it.
type line struct {
	mute bool          // it never answers requests
	rate int           // bytes per second; 0 as fast as they come
	dead chan struct{} // nobody reads after it is closed
}

// openTTY runs the cockpit in a terminal of 120x40.
func openTTY(t *testing.T, run *fakeRun, l line, o Options) *tty {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatalf("this test needs a pseudoterminal: %v", err)
	}
	if master, err = pollable(master); err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	y := &tty{t: t, master: master, slave: slave, run: run, result: make(chan error, 1),
		vt: vt10x.New(vt10x.WithSize(120, 40)), changed: make(chan struct{}, 1)}
	if y.before, err = term.GetState(slave.Fd()); err != nil {
		t.Fatal(err)
	}
	y.reader.Add(1)
	go y.read(l)

	ctx, cancel := context.WithCancel(context.Background())
	y.leave = cancel
	o.Run, o.In, o.Out = run, slave, slave
	if o.frame == nil {
		o.frame = plainFrame
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		var err error
		y.outcome, err = Open(ctx, o)
		y.result <- err
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
		_ = master.Close()
		_ = slave.Close()
		y.reader.Wait()
	})
	return y
}

// pollable returns the same file with reads that end when it is closed.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	return os.NewFile(uintptr(fd), f.Name()), err
}

// read is the terminal: it shows what comes and answers requests.
func (y *tty) read(l line) {
	defer y.reader.Done()
	buf := make([]byte, 4096)
	var pace *time.Ticker
	if l.rate > 0 {
		buf = buf[:max(l.rate/20, 1)]
		pace = time.NewTicker(time.Second / 20)
		defer pace.Stop()
	}
	var asked []byte
	for {
		select {
		case <-l.dead: // nil never is
			return
		default:
		}
		if pace != nil {
			<-pace.C
		}
		n, err := y.master.Read(buf)
		if err != nil {
			return
		}
		y.mu.Lock()
		_, _ = y.vt.Write(buf[:n])
		y.raw.Write(buf[:n])
		y.mu.Unlock()
		asked = append(asked, buf[:n]...)
		for {
			i := bytes.Index(asked, []byte("\x1b[c"))
			if i < 0 {
				asked = asked[max(len(asked)-2, 0):]
				break
			}
			asked = asked[i+3:]
			if !l.mute {
				_, _ = y.master.WriteString("\x1b[?62;22c")
			}
		}
		select {
		case y.changed <- struct{}{}:
		default:
		}
	}
}

// screen is what a person sees.
func (y *tty) screen() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.vt.String()
}

// see waits until the screen shows all parts.
func (y *tty) see(parts ...string) {
	y.t.Helper()
	y.until("the screen shows "+strings.Join(parts, " | "), y.changed, func() bool {
		s := y.screen()
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(s, p) })
	})
}

// until waits for something that changed announces.
func (y *tty) until(what string, changed <-chan struct{}, ok func() bool) {
	y.t.Helper()
	timeout := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-changed:
		case <-timeout:
			y.t.Fatalf("waited in vain until %s; ordered %q, screen:\n%s", what, y.run.did(), y.screen())
		}
	}
}

// did waits until exactly these orders have come.
func (y *tty) did(want ...string) {
	y.t.Helper()
	y.until(fmt.Sprintf("ordered %q", want), y.run.changed, func() bool { return len(y.run.did()) >= len(want) })
	if got := y.run.did(); !slices.Equal(got, want) {
		y.t.Fatalf("ordered %q, want %q", got, want)
	}
}

func (y *tty) write(keys string) {
	y.t.Helper()
	if _, err := y.master.WriteString(keys); err != nil {
		y.t.Fatal(err)
	}
}

// left waits until Open has returned, at most limit.
func (y *tty) left(limit time.Duration) error {
	y.t.Helper()
	select {
	case err := <-y.result:
		return err
	case <-time.After(limit):
		y.t.Fatalf("Open did not return within %v", limit)
		return nil
	}
}

// restored checks the terminal after the end.
func (y *tty) restored() {
	y.t.Helper()
	after, err := term.GetState(y.slave.Fd())
	if err != nil {
		y.t.Fatal(err)
	}
	if !reflect.DeepEqual(after, y.before) {
		y.t.Errorf("the terminal's settings are not restored: %+v, before %+v", after, y.before)
	}
}

// normalScreen waits until the terminal has left the cockpit's screen.
func (y *tty) normalScreen() {
	y.t.Helper()
	y.until("the normal screen is back", y.changed, func() bool {
		y.mu.Lock()
		defer y.mu.Unlock()
		return y.vt.Mode()&vt10x.ModeAltScreen == 0 && y.vt.CursorVisible() && bytes.Contains(y.raw.Bytes(), []byte("\x1b[?2004l"))
	})
}

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
				y.write("x")
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
