package answer

// Answer is a complete answer as it came. Its slices are only borrowed: what
// [Source.Read] returns may point into them.
type Answer struct {
	Status int
	Head   []byte // the header block: status line, header lines, empty line
	Body   []byte // after chunk decoding, as long as it was kept
	Size   int64  // of the whole body in bytes, which may be more than was kept
}

// Error is a mistake in the text of a source or a test.
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

// Source is one value of an answer. The zero Source is invalid.
type Source struct {
	text string
	// body says that the value is in the body, head that it is in the header.
	body, head bool
}

// ParseSource reads the text of a source. Its errors are of type [*Error].
func ParseSource(text string) (Source, error) { return Source{text: text}, nil }

// String is the source as a profile writes it.
func (s Source) String() string { return s.text }

// NeedsBody and NeedsHead say what of an answer has to be kept to read it.
func (s Source) NeedsBody() bool { return s.body }

// NeedsHead says whether the header block has to be kept.
func (s Source) NeedsHead() bool { return s.head }

// Read returns the value in the answer as text, and whether there is one. It
// does not change the answer; the text may be part of it. Text of JSON is
// without quotes, its objects and lists are their JSON.
func (s Source) Read(a *Answer) ([]byte, bool) { return nil, false }

// Test is a condition on one value of an answer. The zero Test is invalid.
type Test struct {
	Source
}

// ParseTest reads the text of a test: a source and, behind it, == != < <= > >=
// with a value, contains "text" or matches "regex"; a source alone asks that
// the value is there. Its errors are of type [*Error].
func ParseTest(text string) (Test, error) { return Test{Source{text: text}}, nil }

// String is the test as a profile writes it.
func (t Test) String() string { return t.text }

// Holds reports whether the answer passes.
func (t Test) Holds(a *Answer) bool { return false }
