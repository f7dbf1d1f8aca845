package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/termios"

	"stoke/engine"
	"stoke/tui/layout"
	"stoke/tui/theme"
)

// Options say what to show and where. Run, In and Out are required; In and
// Out must be terminals (see [CanOpen]).
type Options struct {
	Run     Run
	In, Out *os.File
	Theme   *theme.Theme         // default: dark
	ASCII   bool                 // neither braille nor box drawing
	NoColor bool                 // bold and reverse stay, colours go
	Colors  colorprofile.Profile // 0: as the environment says

	Demo      bool // the first screen says what to press
	FirstRun  bool // so it does here: nobody has used the cockpit yet
	Again     bool // the end screen offers another run: see Outcome.Again
	AutoStart bool // start at once and send no probe

	// Confirm, if not nil, must be answered before anything is sent: the
	// operator types the target's host.
	Confirm *Confirm

	History []string // commands of earlier runs, oldest first
	Keep    Keep     // what is left on this machine for later

	frame func(*engine.Snapshot, layout.State, int, int, *theme.Theme) string
}

// Confirm asks for a target that this profile was not run against before.
type Confirm struct {
	Host string // what must be typed
	// Confirmed keeps the answer for the next time; may be nil. Its error is
	// shown and does not prevent the start.
	Confirmed func() error
}

// Outcome says how the operator left.
type Outcome struct {
	Ended bool // the run had ended
	// Lost says that the terminal went away while the run was going on.
	Lost bool
	// Again asks for another run of the same.
	Again bool
}

// CanOpen reports whether the cockpit can be shown: both files are terminals
// and TERM names one that can place text. It returns what stands against it.
func CanOpen(in, out *os.File) error {
	switch t := os.Getenv("TERM"); {
	case t == "":
		return errors.New("TERM is not set")
	case t == "dumb":
		return errors.New("TERM is dumb")
	case in == nil || !term.IsTerminal(in.Fd()):
		return errors.New("standard input is not a terminal")
	case out == nil || !term.IsTerminal(out.Fd()):
		return errors.New("standard output is not a terminal")
	}
	return nil
}

const (
	framesPerSecond = 30 // of the renderer: how soon a drawn frame is written
	// watchdog bounds the time from the wish to leave to the restored
	// terminal, apart from the drain.
	watchdog = 500 * time.Millisecond
)

// Open runs the cockpit until the operator leaves, the terminal goes away or
// ctx is canceled, and restores the terminal. It returns within 2 s of being
// told to, even if nobody reads the terminal any more. A caught panic comes
// back as a [*PanicError].
//
// Open starts and changes the run, but never closes it: a run that was left
// before its end is the caller's to stop. Signals are the caller's, too.
func Open(ctx context.Context, o Options) (Outcome, error) {
	var a *app
	err := present(ctx, terminal{o.In, o.Out, o.NoColor, o.Colors}, func(ctx context.Context, l *link) tea.Model {
		a = newApp(ctx, o, l, time.Now)
		return a
	})
	switch {
	case a == nil:
		return Outcome{}, err
	case errors.Is(err, errSilent):
		return Outcome{}, err // its goroutine may still be at work
	case a.failure != nil:
		return a.outcome, a.failure
	}
	return a.outcome, err
}

// terminal is where a program is shown, and how.
type terminal struct {
	in, out *os.File
	noColor bool
	colors  colorprofile.Profile
}

// errSilent says that a program did not end when it was told to.
var errSilent = errors.New("leaving the screen: it does not answer")

// present runs a program on a terminal until it ends or ctx is canceled, and
// restores the terminal.
func present(ctx context.Context, t terminal, program func(context.Context, *link) tea.Model) error {
	restore, err := raw(t.in)
	if err != nil {
		return err
	}
	defer restore()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := newLink(t.out, time.Now)
	defer l.end()
	l.probe()

	options := []tea.ProgramOption{
		tea.WithContext(ctx),
		tea.WithInput(nil), // the keyboard reads
		tea.WithOutput(l),
		tea.WithoutSignalHandler(),
		tea.WithFPS(framesPerSecond),
	}
	switch {
	case t.noColor:
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	case t.colors != colorprofile.Unknown:
		options = append(options, tea.WithColorProfile(t.colors))
	}
	p := tea.NewProgram(program(ctx, l), options...)
	k, err := newKeyboard(t.in, l, p.Send)
	if err != nil {
		return err
	}
	defer k.stop()

	ended := make(chan error, 1)
	go func() {
		drawBehind()
		_, err := p.Run()
		ended <- err
	}()
	select {
	case err = <-ended:
	case <-ctx.Done():
		select {
		case err = <-ended:
		case <-time.After(watchdog):
			return errSilent
		}
	}
	if ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled) && !errors.Is(err, tea.ErrProgramPanic) {
		err = nil // told to leave
	}
	l.finish()
	if err != nil {
		return fmt.Errorf("showing the screen: %w", err)
	}
	return nil
}

// raw makes every byte arrive as it is typed. Unlike the usual raw mode it
// keeps the translation of line ends on output, which is what the renderer
// assumes when it does not own the input, and which keeps a stray message
// readable. The returned function puts the terminal back.
func raw(in *os.File) (restore func(), err error) {
	if in == nil {
		return nil, errors.New("the cockpit needs a terminal to read from")
	}
	old, err := term.MakeRaw(in.Fd())
	if err != nil {
		return nil, fmt.Errorf("setting up the terminal: %w", err)
	}
	restore = func() { _ = term.Restore(in.Fd(), old) }
	fd := int(in.Fd())
	t, err := termios.GetTermios(fd)
	if err == nil {
		err = termios.SetTermios(fd, uint32(t.Ispeed), uint32(t.Ospeed), nil, nil,
			map[termios.O]bool{termios.OPOST: true, termios.ONLCR: true}, nil, nil)
	}
	if err != nil {
		restore()
		return nil, fmt.Errorf("setting up the terminal: %w", err)
	}
	return restore, nil
}
