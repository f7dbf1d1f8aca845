package tui

import (
	"context"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"stoke/tui/opening"
	"stoke/tui/theme"
)

// ChooseOptions say what there is to choose from. In and Out must be terminals.
type ChooseOptions struct {
	In, Out *os.File
	Theme   *theme.Theme // default: dark
	ASCII   bool
	NoColor bool
	Colors  colorprofile.Profile // 0: as the environment says

	// Entries finds what there is, in a goroutine of its own. What it returns
	// besides an error is shown.
	Entries func() ([]opening.Entry, error)
	Check   func(url string) error // why a URL cannot be used; required
}

// Choose shows the first screen until something is chosen; ok is false if the
// user left, or ctx was canceled.
func Choose(ctx context.Context, o ChooseOptions) (c opening.Choice, ok bool, err error) {
	if o.Theme == nil {
		o.Theme = theme.Dark()
	}
	m := &chooser{o: o, list: opening.New(o.Check), dirty: true}
	err = present(ctx, terminal{o.In, o.Out, o.NoColor, o.Colors}, func(_ context.Context, l *link) tea.Model {
		m.screen = l
		return m
	})
	if m.failure != nil {
		err = m.failure
	}
	return m.choice, m.chosen, err
}

// chooser is the first screen as a program.
type chooser struct {
	o             ChooseOptions
	screen        screen
	list          *opening.List
	width, height int
	frame         string
	dirty         bool
	choice        opening.Choice
	chosen        bool
	failure       error
}

type entriesMsg struct {
	entries []opening.Entry
	err     error
}

// Init implements [tea.Model].
func (m *chooser) Init() tea.Cmd {
	return tea.Batch(m.poll(), guarded(func() tea.Msg {
		entries, err := m.o.Entries()
		return entriesMsg{entries, err}
	}))
}

func (m *chooser) poll() tea.Cmd {
	return tea.Tick(busyPoll, func(time.Time) tea.Msg { return pollMsg{} })
}

// View implements [tea.Model].
func (m *chooser) View() tea.View {
	v := tea.NewView(m.frame)
	v.AltScreen = true
	return v
}

// Update implements [tea.Model].
func (m *chooser) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			m.failure, cmd = caught(r), tea.Quit
		}
	}()
	m.dirty = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case entriesMsg:
		m.list.Fill(msg.entries, msg.err)
	case keyMsg:
		c, chosen, leave := m.list.Key(keyName(msg.key), msg.key.Text)
		if chosen {
			m.choice, m.chosen = c, true
		}
		if chosen || leave {
			return m, tea.Quit
		}
	case pasteMsg:
		m.list.Paste(msg.text)
	case lostMsg:
		return m, tea.Quit
	case failedMsg:
		m.failure = msg.err
		return m, tea.Quit
	case pollMsg:
		if m.screen.lost() != nil {
			return m, tea.Quit
		}
		cmd = m.poll()
	}
	if m.dirty && m.width > 0 && m.height > 0 && !m.screen.busy() {
		m.frame, m.dirty = m.list.Frame(m.width, m.height, m.o.Theme, m.o.ASCII), false
	}
	return m, cmd
}
