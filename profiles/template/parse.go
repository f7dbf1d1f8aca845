package template

import (
	"strings"
)

// Parse reads a text; $${ stands for ${ itself. Names that only a profile
// knows (data, captures) are not checked: a name alone is a [Capture], two
// joined by a dot are a [Column], and [Suggest] says what else they could have
// been meant to be. Its errors are of type [*Error].
func Parse(text string) (*Template, error) {
	t := &Template{}
	var literal []byte
	from := 0 // where the literal began
	flush := func() {
		if len(literal) > 0 {
			t.Parts = append(t.Parts, Part{Literal: string(literal), Offset: from})
			literal = literal[:0]
		}
	}
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, "$${"):
			literal = append(literal, "${"...)
			i += len("$${")
		case strings.HasPrefix(rest, "${"):
			flush()
			words, end, err := scan(text, i)
			if err != nil {
				return nil, err
			}
			ref, err := read(words, i)
			if err != nil {
				return nil, err
			}
			t.Parts = append(t.Parts, Part{Ref: ref, Offset: i})
			i, from = end, end
		default:
			n := strings.IndexByte(rest[1:], '$') + 1
			if n == 0 {
				n = len(rest)
			}
			literal = append(literal, rest[:n]...)
			i += n
		}
	}
	flush()
	return t, nil
}

// word is a word of a placeholder as it is written, quotes included.
type word struct {
	text string
	at   int
}

// scan splits the placeholder whose ${ is at start into words and returns the
// offset behind its }. Blanks and } may stand in quotes, which open a word or
// what is behind a dot in it.
func scan(text string, start int) ([]word, int, *Error) {
	open := &Error{Offset: start, Msg: "${ without a } behind it", Hint: "write $${ where the text ${ itself is meant"}
	var words []word
	begin := -1 // of the word being read
	end := func(i int) {
		if begin >= 0 {
			words = append(words, word{text[begin:i], begin})
			begin = -1
		}
	}
	for i := start + len("${"); i < len(text); i++ {
		switch c := text[i]; {
		case c == '}':
			end(i)
			return words, i + 1, nil
		case c == ' ' || c == '\t':
			end(i)
		case c == '\n' || c == '\r' || strings.HasPrefix(text[i:], "${"):
			return nil, 0, open
		case c == '"' && (begin < 0 || text[i-1] == '.'):
			if begin < 0 {
				begin = i
			}
			n := quoted(text[i:])
			if n < 0 {
				return nil, 0, &Error{Offset: i, Msg: "a quote that is not closed", Hint: `write it as "dark blue"`}
			}
			i += n - 1
			if i+1 < len(text) && !strings.ContainsRune(" \t}", rune(text[i+1])) {
				return nil, 0, &Error{Offset: i + 1, Msg: "a blank or } must follow a closing quote", Hint: `a quote within quotes is written \"; or is a } missing before it?`}
			}
		case begin < 0:
			begin = i
		}
	}
	return nil, 0, open
}

// quoted returns the length of the quoted text that s starts with, its quotes
// included, or -1 if it is not closed on its line.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '\n', '\r':
			return -1
		case '\\':
			if i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
				i++
			}
		}
	}
	return -1
}

// unquote is the text that a word stands for, and whether its quotes, if it
// has any, are where they may be. In quotes \" is a quote and \\ a backslash.
func unquote(s string) (string, bool) {
	if !strings.HasPrefix(s, `"`) {
		return s, !strings.Contains(s, `"`)
	}
	if quoted(s) != len(s) {
		return "", false
	}
	return unescape.Replace(s[1 : len(s)-1]), true
}

var unescape = strings.NewReplacer(`\\`, `\`, `\"`, `"`)
