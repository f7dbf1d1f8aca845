package tui

import (
	"slices"
	"strings"
	"unicode"

	"stoke/profiles/grammar"
)

// choice is a completion under way: tab again takes the next word.
type choice struct {
	from  int      // where the word begins, in characters
	words []string // that may stand there
	at    int
}

// complete completes the word before the cursor. The first tab writes what all
// possible words have in common; further ones go through the words.
func (p *prompt) complete(forward bool) {
	if p.host != nil || p.use != nil {
		return
	}
	if t := p.tab; t != nil && len(t.words) > 1 {
		n := len(t.words)
		if forward {
			t.at = (t.at + 1) % n
		} else {
			t.at = (t.at + n - 1) % n
		}
		p.replaceWord(t.from, t.words[t.at])
		p.tab = t
		return
	}
	typed := p.prefix() + string(p.text[:p.cursor])
	words, begun := candidates(typed, p.requests)
	if len(words) == 0 {
		return
	}
	from := p.cursor - len([]rune(begun))
	t := &choice{from: from, words: words, at: -1}
	switch common := commonPrefix(words); {
	case len(words) == 1:
		p.replaceWord(from, words[0]+" ")
	case len(common) > len(begun):
		p.replaceWord(from, common)
	case forward:
		t.at = 0
		p.replaceWord(from, words[0])
	default:
		t.at = len(words) - 1
		p.replaceWord(from, words[t.at])
	}
	p.tab = t
}

// replaceWord writes word over what stands from there to the cursor.
func (p *prompt) replaceWord(from int, word string) {
	p.text = slices.Replace(p.text, from, p.cursor, []rune(word)...)
	p.cursor = from + len([]rune(word))
	p.edited()
}

// candidates returns the words of the language that can stand at the end of a
// text, and what is there of one already.
func candidates(text string, requests []string) (words []string, begun string) {
	before := strings.Fields(text)
	if n := len(before); n > 0 && !strings.HasSuffix(text, " ") {
		before, begun = before[:n-1], before[n-1]
	}
	if len(before) == 1 && before[0] == string(grammar.Weight) {
		for _, name := range requests {
			if strings.HasPrefix(name, begun) && !strings.ContainsAny(name, " \"") {
				words = append(words, name)
			}
		}
		return words, begun
	}
	for _, form := range forms(before) {
		if len(form) <= len(before) {
			continue
		}
		for _, w := range strings.Split(form[len(before)], "|") {
			if isWord(w) && strings.HasPrefix(w, begun) && !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	return words, begun
}

// forms returns the forms of the language that begin with the words before.
func forms(before []string) [][]string {
	var out [][]string
	for _, h := range grammar.Verbs() {
		form := strings.Fields(h.Form)
		if h.Live && begins(form, before) {
			out = append(out, form)
		}
	}
	return out
}

func begins(form, before []string) bool {
	if len(before) > len(form) {
		return false
	}
	for i, w := range before {
		if i == 0 && form[0] != w {
			return false
		}
		choices := strings.Split(form[i], "|")
		// Where a form shows a value, any other value may stand, but no word.
		if !slices.Contains(choices, w) && (isWord(choices[0]) || isWord(w)) {
			return false
		}
	}
	return true
}

// isWord reports whether w is a word of the language and not an example of a
// value.
func isWord(w string) bool {
	return w != "" && strings.IndexFunc(w, func(r rune) bool { return !unicode.IsLower(r) }) < 0
}

func commonPrefix(words []string) string {
	common := words[0]
	for _, w := range words[1:] {
		for !strings.HasPrefix(w, common) {
			common = common[:len(common)-1]
		}
	}
	return common
}

// allowed says which forms of the language a text that is not complete can
// still become, or what is wrong with it already.
func allowed(text string) string {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return "tab completes: " + strings.Join(verbs(""), " ")
	}
	if known := verbs(fields[0]); len(fields) == 1 && !strings.HasSuffix(text, " ") && !slices.Contains(known, fields[0]) && len(known) > 0 {
		return "tab completes: " + strings.Join(known, " ")
	}
	var shown []string
	for _, h := range grammar.Verbs() {
		if h.Live && string(h.Verb) == fields[0] {
			shown = append(shown, h.Form)
		}
	}
	if len(shown) > 0 {
		return "write " + strings.Join(shown, ", ")
	}
	_, err := grammar.Parse(text)
	if err == nil {
		return ""
	}
	return err.Error()
}

// verbs returns the verbs that begin with a text and can be ordered now.
func verbs(begun string) []string {
	var names []string
	for _, h := range grammar.Verbs() {
		if name := string(h.Verb); h.Live && strings.HasPrefix(name, begun) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
