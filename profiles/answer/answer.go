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
