package grammar

// Error says where a text stopped making sense, and what was probably meant.
type Error struct {
	Offset int    // byte offset into the text, at most its length
	Msg    string // what is wrong, lower case
	Hint   string // what to write instead; may be empty
}

// Error implements error.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Msg
	}
	return e.Msg + ": " + e.Hint
}

// shift moves the place of an error found in a part of a text to that text.
func (e *Error) shift(by int) *Error {
	if e != nil {
		e.Offset += by
	}
	return e
}
