package opening

import (
	"slices"
	"unicode"
)

// Kind is what an entry leads to.
type Kind uint8

// The kinds, in the order of the list.
const (
	Saved   Kind = iota // a profile of the user's
	URL                 // a form for an address
	Demo                // a target of its own
	Example             // a profile that comes with the program
)

// Entry is a line of the list.
type Entry struct {
	Kind    Kind
	Name    string   // what the command line calls it
	About   string   // in a line
	Details []string // shown when it is under the cursor
	Problem string   // why it cannot be used, as many lines as it takes; "" if it can
}

// Choice is what was chosen.
type Choice struct {
	Kind Kind
	Name string // of a profile, or a URL
}

// List is the screen. Its methods are for one goroutine.
type List struct {
	entries []Entry
	at      int
	loading bool
	failed  string // why there is no list
	check   func(url string) error

	typing bool
	text   []rune
	cursor int
	wrong  string
}

// New returns a screen that is still waiting for its entries. The form takes
// what check does not refuse.
func New(check func(url string) error) *List {
	return &List{loading: true, check: check}
}

// Fill gives the list its entries, or says why there are none but those.
func (l *List) Fill(entries []Entry, problem error) {
	l.loading = false
	l.entries = slices.Clone(entries)
	slices.SortStableFunc(l.entries, func(a, b Entry) int { return int(a.Kind) - int(b.Kind) })
	if problem != nil {
		l.failed = problem.Error()
	}
	l.at = 0
	if len(l.entries) > 0 && l.entries[0].Kind != Saved {
		// Whoever has no profile yet is new here.
		l.at = max(0, slices.IndexFunc(l.entries, func(e Entry) bool { return e.Kind == Demo }))
	}
}

// Typing reports whether keys are text.
func (l *List) Typing() bool { return l.typing }

// Key takes a key under its name, and the text that it types. It returns what
// was chosen; leave says that the user wants to go.
func (l *List) Key(name, text string) (c Choice, chosen, leave bool) {
	if l.typing {
		c, chosen = l.edit(name, text)
		return c, chosen, false
	}
	switch name {
	case "q", "esc", "ctrl+c", "ctrl+d":
		return Choice{}, false, true
	case "up", "k", "shift+tab":
		l.move(-1)
	case "down", "j", "tab":
		l.move(1)
	case "pgup":
		l.move(-10)
	case "pgdown":
		l.move(10)
	case "home":
		l.move(-len(l.entries))
	case "end":
		l.move(len(l.entries))
	case "enter":
		return l.enter()
	}
	return Choice{}, false, false
}

func (l *List) move(by int) { l.at = max(0, min(l.at+by, len(l.entries)-1)) }

func (l *List) enter() (c Choice, chosen, leave bool) {
	if len(l.entries) == 0 {
		return Choice{}, false, false
	}
	switch e := &l.entries[l.at]; {
	case e.Kind == URL:
		l.typing, l.wrong = true, ""
		if len(l.text) == 0 {
			l.set("http://")
		}
		return Choice{}, false, false
	case e.Problem != "":
		return Choice{}, false, false // the picture says why
	default:
		return Choice{e.Kind, e.Name}, true, false
	}
}

func (l *List) set(text string) { l.text = []rune(text); l.cursor = len(l.text) }

// maxURL bounds what can be typed, in characters.
const maxURL = 4096

// Paste puts text into the form; elsewhere it is ignored.
func (l *List) Paste(text string) {
	if !l.typing {
		return
	}
	var runes []rune
	for _, r := range text {
		if unicode.IsPrint(r) && r != ' ' {
			runes = append(runes, r)
		}
	}
	if string(l.text) == "http://" && len(runes) > 7 {
		if s := string(runes); len(s) > 8 && (s[:7] == "http://" || s[:8] == "https://") {
			l.set("") // the address came with its scheme
		}
	}
	runes = runes[:min(len(runes), max(0, maxURL-len(l.text)))]
	l.text = slices.Insert(l.text, l.cursor, runes...)
	l.cursor += len(runes)
	l.wrong = ""
}

// edit is a key in the form.
func (l *List) edit(name, text string) (c Choice, chosen bool) {
	cut := func(from, to int) {
		from, to = max(from, 0), min(to, len(l.text))
		if from < to {
			l.text, l.cursor, l.wrong = slices.Delete(l.text, from, to), from, ""
		}
	}
	switch name {
	case "esc", "ctrl+c":
		l.typing, l.wrong = false, ""
	case "enter":
		if err := l.check(string(l.text)); err != nil {
			l.wrong = err.Error()
			return Choice{}, false
		}
		return Choice{URL, string(l.text)}, true
	case "left":
		l.cursor = max(l.cursor-1, 0)
	case "right":
		l.cursor = min(l.cursor+1, len(l.text))
	case "home", "ctrl+a":
		l.cursor = 0
	case "end", "ctrl+e":
		l.cursor = len(l.text)
	case "backspace", "ctrl+h":
		cut(l.cursor-1, l.cursor)
	case "delete":
		cut(l.cursor, l.cursor+1)
	case "ctrl+u":
		cut(0, l.cursor)
	case "ctrl+w":
		cut(l.word(), l.cursor)
	default:
		l.Paste(text)
	}
	return Choice{}, false
}

// word is where the part of the address before the cursor begins.
func (l *List) word() int {
	i := l.cursor - 1
	for i > 0 && l.text[i-1] != '/' && l.text[i-1] != ':' && l.text[i-1] != '.' {
		i--
	}
	return max(i, 0)
}

// Refuse shows why what was chosen could not be opened.
func (l *List) Refuse(why string) {
	if l.typing {
		l.wrong = why
		return
	}
	if len(l.entries) > 0 {
		l.entries[l.at].Problem = why
	}
}
