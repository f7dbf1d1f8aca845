package profiles

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"stoke/profiles/answer"
	"stoke/profiles/grammar"
	"stoke/profiles/template"
)

// maxPlaceholders bounds those of one profile.
const maxPlaceholders = 5000

// maxNoun bounds the name of data and captures, in characters.
const maxNoun = 64

// scenario is what the steps of one scenario, or a request by itself, capture.
type scenario struct{ captures []captured }

type captured struct {
	name string
	step int
}

// where says what is being read: which captures a template may use follows
// from it.
type where struct {
	scenario *scenario // nil outside of requests
	step     int       // in the scenario, from 0
	poll     bool      // in what a poll sends: the answer before it is at hand
}

// knows reports whether a capture has been made there.
func (w where) knows(c captured) bool { return c.step < w.step || w.poll && c.step == w.step }

// use is a placeholder that was written.
type use struct {
	ref *template.Ref
	at  place
	in  where
}

// template reads a text in which placeholders are filled in, and keeps them for
// checkPlaceholders. It reports a mistake in one and returns false.
func (v value) template(text string) (*template.Template, bool) {
	t, err := template.Parse(text)
	if err != nil {
		v.refused(text, err)
		return nil, false
	}
	refs, find := t.Refs(), v.finder(text)
	if len(v.uses)+len(refs) > maxPlaceholders {
		if !v.crowded {
			v.wrong(fmt.Sprintf("more than %d placeholders in the profile", maxPlaceholders), "")
		}
		v.crowded = true
		return nil, false
	}
	for _, p := range refs {
		v.uses = append(v.uses, use{p.Ref, find(p.Offset), v.here})
	}
	return t, true
}

// placeholderAt returns the placeholder at the start of a text as it was
// written.
func placeholderAt(text string) (string, bool) {
	if !strings.HasPrefix(text, "${") {
		return "", false
	}
	end := strings.IndexByte(text, '}')
	return text[:end+1], end > 0
}

// readName looks at the key that names a file of values or a capture.
func (d *decoder) readName(e entry, what string) bool {
	hint := "write letters, digits, _ and -, with a letter first"
	switch {
	case template.Reserved(e.key):
		hint = "the placeholders ${" + e.key + "…} have the word already: choose another"
	case template.ValidName(e.key) && utf8.RuneCountInString(e.key) <= maxNoun:
		return true
	}
	d.fail(e.at, show(e.key)+" cannot be the name of "+what, hint)
	return false
}

// checkPlaceholders looks at every placeholder once all data and captures are
// known.
func (d *decoder) checkPlaceholders(p *Profile) {
	var data []string
	for _, t := range p.Data {
		data = append(data, t.Name)
	}
	for _, u := range d.uses {
		switch u.ref.Kind {
		case template.Column:
			d.checkColumn(u, data)
		case template.Capture:
			d.checkCapture(u, data)
		case template.Header:
			if !u.in.poll {
				d.fail(u.at, "${"+u.ref.Text+"} is known to the poll of an async job only", "capture it in a step before: capture: {"+captureName(u.ref.Arg)+": header "+u.ref.Arg+"}")
			}
		case template.File:
			if !filepath.IsLocal(u.ref.Arg) {
				d.fail(u.at, "a profile names only files beside it", "put the file into the profile's directory")
			}
			d.mention(u.ref.Text, u.at)
		case template.Env:
			d.mention(u.ref.Text, u.at)
		}
	}
	p.Mentions = d.mentions
}

func (d *decoder) mention(text string, at place) {
	d.mentions = append(d.mentions, Mention{text, at.line, at.column})
}

// captureName makes a header's name one that a capture may have.
func captureName(header string) string {
	if name := strings.ToLower(header); template.ValidName(name) {
		return name
	}
	return "value"
}

func (d *decoder) checkColumn(u use, data []string) {
	if slices.Contains(data, u.ref.Name) {
		d.mention(u.ref.Text, u.at)
		return
	}
	hint := "add data: {" + u.ref.Name + ": " + u.ref.Name + ".csv}"
	near, other := grammar.Nearest(u.ref.Name, data), template.Suggest(u.ref)
	switch {
	case u.ref.Name == "json" || u.ref.Name == "cookie" || u.ref.Name == "regex": // as an answer is read
		what := u.ref.Name + " " + u.ref.Arg
		if u.ref.Name == "json" {
			what = "json $." + u.ref.Arg
		}
		hint = "a value of an answer is captured first: capture: {" + captureName(u.ref.Arg) + ": " + what + "}, then ${" + captureName(u.ref.Arg) + "}"
	case near != "":
		hint = "did you mean ${" + near + "." + u.ref.Arg + "}?"
	case other != "":
		hint = "did you mean ${" + other + "}?"
	case len(data) > 0:
		hint = "there is " + strings.Join(data, ", ")
	}
	d.fail(u.at, "no data is called "+show(u.ref.Name), printable(hint))
}

func (d *decoder) checkCapture(u use, data []string) {
	var known []string
	later := -1
	if s := u.in.scenario; s != nil {
		for _, c := range s.captures {
			if u.in.knows(c) {
				known = append(known, c.name)
			} else if c.name == u.ref.Name && later < 0 {
				later = c.step
			}
		}
	}
	if slices.Contains(known, u.ref.Name) {
		return
	}
	msg, hint := "nothing called "+show(u.ref.Name)+" was captured before", ""
	near := or(grammar.Nearest(u.ref.Name, known), template.Suggest(u.ref))
	switch {
	case later == u.in.step:
		msg, hint = "${"+u.ref.Text+"} is captured from the answer to this very request", "it is known to the steps after it"
	case later > u.in.step:
		msg, hint = "${"+u.ref.Text+"} is captured only later", fmt.Sprintf("step %d captures it: swap the steps", later+1)
	case slices.Contains(data, u.ref.Name):
		msg, hint = "${"+u.ref.Text+"} says no column", "write ${"+u.ref.Name+".column}"
	case near != "":
		hint = "did you mean ${" + near + "}?"
	case len(known) > 0:
		hint = "there is " + strings.Join(known, ", ")
	default:
		hint = "write capture: {" + u.ref.Name + ": json $.id} in an earlier step"
	}
	d.fail(u.at, msg, printable(hint))
}

// refused reports an error of one of the small languages at its place within
// the text.
func (v value) refused(text string, err error) { v.refusedPart(text, 0, err) }

// refusedPart is refused for a part of the text that begins at a byte of it. A
// part that begins before the text has words of the key in front of it.
func (v value) refusedPart(text string, begin int, err error) {
	offset, msg, hint := 0, err.Error(), ""
	var inGrammar *grammar.Error
	var inTemplate *template.Error
	var inAnswer *answer.Error
	switch {
	case errors.As(err, &inGrammar):
		offset, msg, hint = inGrammar.Offset, inGrammar.Msg, inGrammar.Hint
	case errors.As(err, &inTemplate):
		offset, msg, hint = inTemplate.Offset, inTemplate.Msg, inTemplate.Hint
	case errors.As(err, &inAnswer):
		offset, msg, hint = inAnswer.Offset, inAnswer.Msg, inAnswer.Hint
	}
	v.wrongAt(text, max(0, begin+offset), printable(msg), printable(hint))
}
