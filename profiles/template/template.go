package template

import "strings"

// Kind says where the value of a placeholder comes from.
type Kind uint8

// The kinds.
const (
	Column  Kind = iota + 1 // ${products.sku}: Name is the data, Arg the column
	Capture                 // ${cart}: Name is what a step captured
	Header                  // ${header.location}: Arg is the header, of the answer before (async.poll only)
	Env                     // ${env.TOKEN}: Arg is the variable; secret
	File                    // ${file.token}: Arg is a file beside the profile; secret
	Seq                     // ${seq}: the running number of the start, from 1
	UUID                    // ${uuid}: version 4
	RandInt                 // ${rand.int 1 9}: From to To, both included
	Pick                    // ${pick a b c}: one of Words
	Now                     // ${now}, ${now unix}, ${now unixms}, ${now rfc3339}: Arg is the way to write it; drawn at each use
	Fake                    // ${fake.email}: Arg is what of one made-up person
)

// Ref is one placeholder. Two refs with the same Text have the same value
// within a start, but for [Now]. Of UUID, RandInt and Fake, Words holds the
// word that makes another variable, if there is one.
type Ref struct {
	Kind     Kind
	Text     string // between ${ and }, blanks made single: "rand.int 1 9"
	Name     string
	Arg      string
	Words    []string
	From, To int64
}

// Secret reports whether the value must not be shown, logged or saved.
func (r *Ref) Secret() bool { return r.Kind == Env || r.Kind == File }

// Part is a stretch of a template: text, or a placeholder if Ref is not nil.
type Part struct {
	Literal string
	Ref     *Ref
	Offset  int // in bytes, in the text that was parsed
}

// Template is a text with placeholders. It is immutable.
type Template struct {
	Parts []Part
}

// Static returns the text if there is no placeholder in it.
func (t *Template) Static() (string, bool) {
	switch {
	case len(t.Parts) == 0:
		return "", true
	case len(t.Parts) == 1 && t.Parts[0].Ref == nil:
		return t.Parts[0].Literal, true
	}
	return "", false
}

// Refs are the parts that are placeholders, in the order of the text. A
// placeholder that stands twice is there twice.
func (t *Template) Refs() []Part {
	var refs []Part
	for _, p := range t.Parts {
		if p.Ref != nil {
			refs = append(refs, p)
		}
	}
	return refs
}

// String is a text that parses to the same template: what was parsed, with
// single blanks in its placeholders.
func (t *Template) String() string {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Ref == nil {
			b.WriteString(strings.ReplaceAll(p.Literal, "${", "$${"))
			continue
		}
		b.WriteString("${")
		b.WriteString(p.Ref.Text)
		b.WriteByte('}')
	}
	return b.String()
}

// Error is a mistake in a placeholder.
type Error struct {
	Offset int // in bytes, from the start of the text
	Msg    string
	Hint   string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Msg
	}
	return e.Msg + ": " + e.Hint
}
