package grammar

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMark bounds the text of a mark, in characters: it labels one column of a
// chart.
const MaxMark = 120

// readMark takes the rest of the text, in double quotes or without. Within the
// quotes \" and \\ stand for the characters themselves.
func readMark(in *input, c *Change) *Error {
	w := in.rest()
	text := w.text
	if strings.HasPrefix(text, `"`) {
		var err *Error
		if text, err = unquote(w); err != nil {
			return err
		}
	}
	if i := strings.IndexFunc(w.text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		return &Error{Offset: w.at + i, Msg: "a tab within a mark", Hint: "write a space"}
	}
	if n := utf8.RuneCountInString(text); n > MaxMark {
		return w.wrong(fmt.Sprintf("the mark has %d characters", n), fmt.Sprintf("at most %d", MaxMark))
	}
	c.Text = text
	return nil
}

func unquote(w word) (string, *Error) {
	var b strings.Builder
	for i := 1; i < len(w.text); i++ {
		switch ch := w.text[i]; ch {
		case '"':
			if i+1 < len(w.text) {
				return "", &Error{Offset: w.at + i + 1, Msg: "text after the closing quote", Hint: `write a quote within the text as \"`}
			}
			return b.String(), nil
		case '\\':
			i++
			if i == len(w.text) || (w.text[i] != '"' && w.text[i] != '\\') {
				return "", &Error{Offset: w.at + i - 1, Msg: "a lone backslash within quotes", Hint: `write it as \\`}
			}
			b.WriteByte(w.text[i])
		default:
			b.WriteByte(ch)
		}
	}
	return "", &Error{Offset: w.at, Msg: "the quote is not closed", Hint: `end the text with "`}
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
