package grammar

import "errors"

// Error says where a text stopped making sense, and what was probably meant.
type Error struct {
	Offset int    // byte offset into the text
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

// Parse reads one change. Its error is always an [*Error].
func Parse(text string) (Change, error) { return Change{}, errors.New("not written") }

// String prints the change in the canonical form that [Parse] reads back.
func (c Change) String() string { return "" }

// ParseRate reads a rate in requests per second: 2k, 1.5k, 1,200, 90/m.
func ParseRate(text string) (float64, error) { return 0, errors.New("not written") }

// FormatRate prints a rate as [ParseRate] reads it, exactly.
func FormatRate(perSecond float64) string { return "" }
