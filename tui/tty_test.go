package tui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

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

	swallows bool          // what rate holds up does not hold up the program: see slowLine
	rtt      time.Duration // what a reply takes more
	shown    func(screen string)
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
	source := io.Reader(y.master)
	switch {
	case l.swallows:
		source = newSlowLine(y.master, l.rate)
	case l.rate > 0:
		buf = buf[:max(l.rate/20, 1)]
		pace = time.NewTicker(time.Second / 20)
		defer pace.Stop()
	}
	var asked, shown []byte
	for {
		select {
		case <-l.dead: // nil never is
			return
		default:
		}
		if pace != nil {
			<-pace.C
		}
		n, err := source.Read(buf)
		if err != nil {
			return
		}
		y.mu.Lock()
		shown = append(shown, buf[:n]...)
		whole := wholeRunes(shown)
		_, _ = y.vt.Write(shown[:whole])
		shown = shown[whole:]
		y.raw.Write(buf[:n])
		if l.shown != nil {
			l.shown(y.vt.String())
		}
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
				y.reply(l.rtt)
			}
		}
		select {
		case y.changed <- struct{}{}:
		default:
		}
	}
}

// wholeRunes is how much of p can be shown: vt10x loses a character that comes
// in two pieces.
func wholeRunes(p []byte) int {
	for i := len(p) - 1; i >= max(len(p)-utf8.UTFMax, 0); i-- {
		if utf8.RuneStart(p[i]) && !utf8.FullRune(p[i:]) {
			return i
		}
	}
	return len(p)
}

// reply answers a request for the device attributes.
func (y *tty) reply(after time.Duration) {
	const attributes = "\x1b[?62;22c"
	if after == 0 {
		_, _ = y.master.WriteString(attributes)
		return
	}
	time.AfterFunc(after, func() { _, _ = y.master.WriteString(attributes) })
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
