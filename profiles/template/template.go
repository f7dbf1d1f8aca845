package template

import "math/rand/v2"

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
	Now                     // ${now}, ${now unix}, ${now unixms}, ${now rfc3339}; drawn at each use
	Fake                    // ${fake.email}: Arg is what of one made-up person
)

// Ref is one placeholder. Two refs with the same Text have the same value
// within a start, but for [Now].
type Ref struct {
	Kind     Kind
	Text     string // between ${ and }, blanks made single: "rand.int 1 9"
	Name     string
	Arg      string
	Words    []string
	From, To int64
}

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

// Parse reads a text; $${ stands for ${ itself. Names that only a profile
// knows (data, captures) are not checked. Its errors are of type [*Error].
func Parse(text string) (*Template, error) { return &Template{Parts: []Part{{Literal: text}}}, nil }

// Static returns the text if there is no placeholder in it.
func (t *Template) Static() (string, bool) { return "", false }

// FakeNames are the words behind "fake.", in the order to show them.
func FakeNames() []string { return nil }

// Escape says what a value must not break where it stands.
type Escape uint8

// The ways to escape.
const (
	Raw      Escape = iota // as it is: a body
	Path                   // a path: / ? # % and what is not printable ASCII as %XX
	Query                  // behind the ? of a path, and in a form
	HeaderOf               // a header: line ends and control characters become blanks
	JSONText               // within the quotes of a JSON text
	JSONBare               // in place of a JSON value: a number, true, false or null as it is, all else quoted
)

// Set numbers the placeholders of one scenario.
type Set struct {
	refs []Ref
}

// Add returns the number of a placeholder, from 0.
func (s *Set) Add(r *Ref) int { return 0 }

// Refs are the placeholders by number; not to be changed.
func (s *Set) Refs() []Ref { return s.refs }

// Source gives values that this package does not make itself.
type Source interface {
	// Value appends the value of a Column, Capture, Header, Env or File to dst.
	// It reports false if there is none.
	Value(dst []byte, r *Ref) ([]byte, bool)
}

// Values is what the placeholders of a set stand for in one start. It is used
// by one goroutine at a time and used again for other starts.
type Values struct{}

// Begin forgets the values of the start before. Everything random follows from
// seed and seq alone, so a run can be repeated.
func (v *Values) Begin(set *Set, seed uint64, seq int64) {}

// Append appends the value of placeholder n, escaped. It reports false if the
// source has no value for it. rng and clock effects stay inside.
func (v *Values) Append(dst []byte, n int, e Escape, from Source) ([]byte, bool) { return dst, false }

// Forget drops the value of placeholder n, which is drawn again at its next
// use: a capture that was written anew.
func (v *Values) Forget(n int) {}

var _ = rand.New
