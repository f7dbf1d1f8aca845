package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/layout"
	"stoke/tui/panel"
)

// doubled is the factor above which a typed raise takes a second enter.
const doubled = 2

// prompt is a line being typed. In it, text is text.
type prompt struct {
	label  string
	verb   grammar.Verb // of a dial's prompt: what is typed is its value
	text   []rune
	cursor int
	err    string
	back   int       // steps back in the history; 0 is the new line
	again  bool      // one more enter does it
	seen   time.Time // when the picture first said so

	host *Confirm // the text must be its host
	use  use      // what else it is for; nil: a command or a dial
	tab  *choice  // the completion under way

	requests []string // names that a weight can have
}

// use is what a line is typed for, where it is not a change of the load.
type use interface {
	typed(a *app, text string)                    // after every edit
	enter(a *app, p *prompt, text string) tea.Cmd // closes the prompt, or says in it what is wrong
	left(a *app)                                  // with esc
	preview(a *app, text string) string           // what enter would do
}

func typeRate(a *app, _ string) tea.Cmd { return a.typeDial(grammar.Rate, "rate") }

func typeConcurrency(a *app, _ string) tea.Cmd {
	return a.typeDial(grammar.Concurrency, "concurrency")
}

func (a *app) typeDial(v grammar.Verb, label string) tea.Cmd {
	if !a.ending() {
		a.prompt = &prompt{label: label, verb: v}
	}
	return nil
}

func typeCommand(a *app, _ string) tea.Cmd {
	a.prompt = &prompt{label: ":", requests: requestNames(a.snap)}
	return nil
}

func (a *app) askHost() {
	a.prompt = &prompt{label: "this target was not used before; type its host", host: a.o.Confirm}
}

// insert puts text at the cursor; line ends and tabs become blanks.
func (p *prompt) insert(text string) {
	runes := make([]rune, 0, len(text))
	for _, r := range text {
		if r == '\n' || r == '\t' {
			r = ' '
		}
		if unicode.IsPrint(r) {
			runes = append(runes, r)
		}
	}
	room := max(grammar.MaxText/4-len(p.text), 0) // in bytes a rune is four at most
	runes = runes[:min(len(runes), room)]
	p.text = slices.Insert(p.text, p.cursor, runes...)
	p.cursor += len(runes)
	p.edited()
}

// edited forgets what was said about the text before.
func (p *prompt) edited() { p.err, p.again, p.seen, p.tab = "", false, time.Time{}, nil }

func (p *prompt) set(text string) {
	p.text = []rune(text)
	p.cursor = len(p.text)
	p.edited()
}

func (p *prompt) fail(text string) { p.edited(); p.err = oneLine(text, 200) }

// key edits the line. ctrl+c does not come here.
func (p *prompt) key(a *app, k tea.Key, name string, now time.Time) tea.Cmd {
	if p.use != nil {
		before := string(p.text)
		defer func() {
			if text := string(p.text); text != before {
				p.use.typed(a, text)
			}
		}()
	}
	switch name {
	case "esc":
		a.prompt = nil
		if p.use != nil {
			p.use.left(a)
		}
	case "tab", "shift+tab":
		p.complete(name == "tab")
	case "enter":
		return p.enter(a, now)
	case "left", "ctrl+b":
		p.cursor = max(p.cursor-1, 0)
	case "right", "ctrl+f":
		p.cursor = min(p.cursor+1, len(p.text))
	case "home", "ctrl+a":
		p.cursor = 0
	case "end", "ctrl+e":
		p.cursor = len(p.text)
	case "backspace", "ctrl+h":
		p.cut(p.cursor-1, p.cursor)
	case "delete", "ctrl+d":
		p.cut(p.cursor, p.cursor+1)
	case "ctrl+u":
		p.cut(0, p.cursor)
	case "ctrl+k":
		p.cut(p.cursor, len(p.text))
	case "ctrl+w":
		from := p.cursor
		for from > 0 && p.text[from-1] == ' ' {
			from--
		}
		for from > 0 && p.text[from-1] != ' ' {
			from--
		}
		p.cut(from, p.cursor)
	case "up", "down":
		p.recall(a.history, name == "up")
	default:
		if k.Text != "" {
			p.insert(k.Text)
		}
	}
	return nil
}

// cut removes the characters from..to that exist.
func (p *prompt) cut(from, to int) {
	from, to = max(from, 0), min(to, len(p.text))
	if from < to {
		p.text = slices.Delete(p.text, from, to)
		p.cursor = from
		p.edited()
	}
}

// command reports whether the line is a command, of any verb.
func (p *prompt) command() bool { return p.verb == "" && p.host == nil && p.use == nil }

// recall walks through what was typed before, in this run and others.
func (p *prompt) recall(history []string, older bool) {
	if !p.command() {
		return
	}
	if older {
		p.back = min(p.back+1, len(history))
	} else {
		p.back = max(p.back-1, 0)
	}
	if p.back == 0 {
		p.set("")
		return
	}
	p.set(history[len(history)-p.back])
}

// enter does what the line says, or asks once more.
func (p *prompt) enter(a *app, now time.Time) tea.Cmd {
	text := strings.TrimSpace(string(p.text))
	if p.use != nil {
		return p.use.enter(a, p, text)
	}
	if text == "" {
		a.prompt = nil
		return nil
	}
	if p.host != nil {
		return p.confirm(a, text)
	}
	do, err := p.parse(text)
	if err != nil {
		p.fail(p.place(err))
		return nil
	}
	e := a.effect(do)
	if e.raises {
		if why := a.mayRaise(); why != "" {
			p.fail(why)
			return nil
		}
		if a.flying > 0 {
			p.fail("the order before has not come back yet")
			return nil
		}
	}
	if e.raises && e.factor() > doubled {
		if !p.again {
			p.again, p.seen = true, time.Time{}
			return nil
		}
		if p.seen.IsZero() || now.Sub(p.seen) < grace {
			return nil
		}
	}
	a.prompt = nil
	var remember tea.Cmd
	if p.command() {
		remember = a.remember(text)
	}
	p.edited()
	return tea.Batch(remember, a.order(do, engine.ByLine, p))
}

// confirm compares the typed host, keeps the answer and goes on.
func (p *prompt) confirm(a *app, text string) tea.Cmd {
	if text != p.host.Host {
		p.fail(fmt.Sprintf("the target is %s; esc leaves", oneLine(p.host.Host, 80)))
		return nil
	}
	a.prompt, a.confirmed = nil, true
	save := guarded(func() tea.Msg {
		if p.host.Confirmed == nil {
			return savedMsg{}
		}
		return savedMsg{p.host.Confirmed()}
	})
	return tea.Batch(save, a.open())
}

// parse reads the line in the grammar.
func (p *prompt) parse(text string) (grammar.Change, error) {
	return grammar.Parse(p.prefix() + text)
}

func (p *prompt) prefix() string {
	if p.verb == "" {
		return ""
	}
	return string(p.verb) + " "
}

// place says what is wrong, and at which character of what was typed.
func (p *prompt) place(err error) string {
	var at *grammar.Error
	if !errors.As(err, &at) {
		return err.Error()
	}
	if n := at.Offset - len(p.prefix()); n > 0 && n < len(string(p.text)) {
		return fmt.Sprintf("at character %d: %s", len([]rune(string(p.text)[:n]))+1, at.Error())
	}
	return at.Error()
}

// show is the prompt as the layout draws it.
func (p *prompt) show(a *app, now time.Time) *layout.Prompt {
	return &layout.Prompt{Label: p.label, Text: string(p.text), Cursor: p.cursor, Preview: p.preview(a), Error: p.err}
}

// preview says what enter would do.
func (p *prompt) preview(a *app) string {
	text := strings.TrimSpace(string(p.text))
	switch {
	case p.host != nil:
		return oneLine(p.host.Host, 80)
	case p.use != nil:
		return p.use.preview(a, text)
	}
	if text == "" {
		switch p.verb {
		case grammar.Rate:
			return "now " + panel.RateOf(a.snap) + ", ceiling " + panel.Counted(a.snap, a.snap.Ceiling.Rate)
		case grammar.Concurrency:
			return "now " + number(a.concurrencyBase()) + ", ceiling " + number(float64(a.snap.Ceiling.Concurrency))
		}
	}
	do, err := p.parse(text)
	if err != nil {
		return allowed(p.prefix() + string(p.text))
	}
	e := a.effect(do)
	if top := a.above(do, e); top != "" {
		return e.text + ", but the ceiling is " + top
	}
	said := e.text
	if said == "" && do.String() != text {
		said = do.String()
	}
	if p.again {
		said += ": enter again does it"
	}
	return said
}
