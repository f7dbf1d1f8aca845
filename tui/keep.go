package tui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"stoke/tui/layout"
	"stoke/tui/units"
)

// Keep is what the cockpit leaves on this machine for later. Each of its
// functions may be nil, and may be called from any goroutine; what fails is
// shown and changes nothing else.
type Keep struct {
	// Line keeps a command that was typed, for the history of later runs.
	Line func(text string) error
	// Picture keeps a picture as plain text and returns the file.
	Picture func(text string) (path string, err error)
	// Hinted keeps that somebody has found the keys.
	Hinted func() error
	// Profile keeps what was driven; see [Saver].
	Profile *Saver
}

// keptMsg says what became of something that was to be kept.
type keptMsg struct {
	said string // if it went well; may be empty
	err  error
}

// remember takes a command into the history of this run and of later ones.
func (a *app) remember(text string) tea.Cmd {
	if n := len(a.history); n > 0 && a.history[n-1] == text {
		return nil
	}
	a.history = append(a.history, text)
	if a.o.Keep.Line == nil {
		return nil
	}
	return guarded(func() tea.Msg {
		if err := a.o.Keep.Line(text); err != nil {
			return keptMsg{err: errors.New("the command was not kept for later runs: " + err.Error())}
		}
		return keptMsg{}
	})
}

// hinted is called with the first key: the hint of a first run has done its
// work.
func (a *app) hinted() tea.Cmd {
	if !a.o.FirstRun || a.o.Keep.Hinted == nil {
		return nil
	}
	a.o.FirstRun = false
	return guarded(func() tea.Msg {
		_ = a.o.Keep.Hinted() // the hint would only come once more
		return keptMsg{}
	})
}

// copyPicture puts the picture, without what changes over it, where it can be
// pasted from: into the terminal's clipboard, if the terminal lets it, and into
// a file.
func copyPicture(a *app, _ string) tea.Cmd {
	text := a.picture()
	a.say("copied to the clipboard, if this terminal has one")
	clip := tea.Raw(ansi.SetSystemClipboard(text))
	if a.o.Keep.Picture == nil {
		return clip
	}
	file := guarded(func() tea.Msg {
		path, err := a.o.Keep.Picture(text)
		if err != nil {
			return keptMsg{err: errors.New("the copy was not written: " + err.Error())}
		}
		return keptMsg{said: "copied to " + path + "; and to the clipboard, if this terminal has one"}
	})
	return tea.Batch(clip, file)
}

// picture is the present view as text that can be pasted anywhere: plain
// characters only, which also keeps it small on a slow line.
func (a *app) picture() string {
	ui := a.state(a.clock())
	ui.Message, ui.Prompt, ui.Dialog, ui.Link, ui.ASCII = "", nil, nil, "", true
	ui.Keys = []layout.Hint{}
	lines := strings.Split(ansi.Strip(a.o.frame(a.shown(), ui, a.width, a.height, a.o.Theme)), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// undoStack shows what u would take back.
func undoStack(a *app, _ string) tea.Cmd {
	steps := a.snap.Undo
	if len(steps) == 0 {
		a.say("there is nothing to take back")
		return nil
	}
	lines := []string{"u takes back the first; the others wait for it.", ""}
	for i, s := range steps {
		lines = append(lines, units.Count(int64(i+1))+"  "+oneLine(s, 100))
	}
	a.question(question{title: "WHAT u TAKES BACK, newest first", lines: lines, answers: []answer{
		{keys: []string{"esc", "U", "q", "enter"}, shown: "esc", does: "close"},
	}})
	return nil
}
