package tui

import (
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
)

// Saver keeps what was driven as a profile that drives the same again.
type Saver struct {
	Name string // proposed
	// Plan says what would be saved, in a line.
	Plan func(s *engine.Snapshot) (string, error)
	// Save writes the profile and says where. It never overwrites one unless
	// replace is set: its error is then [ErrTaken]. It is called from a
	// goroutine of its own.
	Save func(name string, s *engine.Snapshot, replace bool) (said string, err error)
}

// ErrTaken refuses a name under which there is a profile already.
var ErrTaken = errors.New("there is a profile of this name")

// profileMsg says what became of a profile that was to be saved.
type profileMsg struct {
	name string
	snap *engine.Snapshot
	said string
	err  error
}

func save(a *app, _ string) tea.Cmd {
	k := a.o.Keep.Profile
	switch {
	case k == nil:
		a.say("there is no place for profiles here")
		return nil
	case a.snap.State == engine.Ready:
		a.say("nothing was driven yet")
		return nil
	}
	plan, err := k.Plan(a.snap)
	if err != nil {
		a.warn("cannot be saved: " + err.Error())
		return nil
	}
	a.askName(k.Name, a.snap, plan)
	return nil
}

// naming is the prompt for the name of a profile.
type naming struct {
	snap *engine.Snapshot // what was driven when it was asked
	plan string
}

func (a *app) askName(name string, s *engine.Snapshot, plan string) *prompt {
	p := &prompt{label: "save as", use: naming{s, plan}}
	p.set(name)
	a.prompt = p
	return p
}

func (n naming) typed(*app, string)          {}
func (n naming) left(*app)                   {}
func (n naming) preview(*app, string) string { return n.plan }
func (n naming) enter(a *app, p *prompt, name string) tea.Cmd {
	if name == "" {
		p.fail("a profile needs a name; esc leaves")
		return nil
	}
	a.prompt = nil
	return a.saveAs(name, n.snap, false)
}

func (a *app) saveAs(name string, s *engine.Snapshot, replace bool) tea.Cmd {
	k := a.o.Keep.Profile
	return guarded(func() tea.Msg {
		said, err := k.Save(name, s, replace)
		return profileMsg{name: name, snap: s, said: said, err: err}
	})
}

// profileSaved says where the profile is, or asks what to do.
func (a *app) profileSaved(msg profileMsg) {
	plan := ""
	if msg.err != nil {
		plan, _ = a.o.Keep.Profile.Plan(msg.snap)
	}
	switch {
	case msg.err == nil:
		a.o.Keep.Profile.Name = msg.name
		a.tell("SAVED", msg.said)
	case a.prompt != nil || a.ask != nil:
		a.warn("not saved: " + msg.err.Error())
	case errors.Is(msg.err, ErrTaken):
		a.question(question{title: "REPLACE IT?", lines: []string{fmt.Sprintf("There is a profile %q already.", oneLine(msg.name, 60))},
			answers: []answer{
				{keys: []string{"enter"}, shown: "enter", does: "replace it", do: func(a *app) tea.Cmd { return a.saveAs(msg.name, msg.snap, true) }},
				{keys: []string{"n"}, shown: "n", does: "another name", do: func(a *app) tea.Cmd { a.askName(msg.name, msg.snap, plan); return nil }},
				{keys: []string{"esc"}, shown: "esc", does: "leave it"},
			}})
	default:
		a.askName(msg.name, msg.snap, plan).fail(msg.err.Error())
	}
}
