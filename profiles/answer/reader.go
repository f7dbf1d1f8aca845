package answer

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// reader reads the text of a source or test from left to right.
type reader struct {
	text string
	at   int
}

func (r *reader) rest() string { return r.text[r.at:] }

// blanks goes over blanks.
func (r *reader) blanks() {
	r.at = len(r.text) - len(strings.TrimLeft(r.rest(), " \t\r\n"))
}

// until goes to the first byte that stops, and returns what was before it.
func (r *reader) until(stop func(c byte) bool) string {
	from := r.at
	for r.at < len(r.text) && !stop(r.text[r.at]) {
		r.at++
	}
	return r.text[from:r.at]
}

// word reads what is before the next blank, quote or sign.
func (r *reader) word() string {
	return r.until(func(c byte) bool { return strings.IndexByte(" \t\r\n\"'=!<>$", c) >= 0 })
}

// end is an error if there is more than blanks left.
func (r *reader) end(hint string) *Error {
	r.blanks()
	if r.at == len(r.text) {
		return nil
	}
	return &Error{r.at, "unexpected " + strconv.Quote(r.rest()), hint}
}

// quoted reads a text in quotes, which begins here.
func (r *reader) quoted() (string, *Error) {
	from := r.at
	mark := r.text[from]
	var b strings.Builder
	for r.at++; r.at < len(r.text); r.at++ {
		c := r.text[r.at]
		if c == mark {
			r.at++
			return b.String(), nil
		}
		if c == '\\' && r.at+1 < len(r.text) && (r.text[r.at+1] == mark || r.text[r.at+1] == '\\') {
			r.at++
			c = r.text[r.at]
		}
		b.WriteByte(c)
	}
	return "", &Error{from, "a quote that is not closed", `a quote within quotes is written \` + string(mark)}
}

// quote is what quoted reads.
func quote(s string) string { return `"` + escapeQuoted(s, '"') + `"` }

func escapeQuoted(s string, mark byte) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == mark || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// regex reads a regular expression in quotes.
func (r *reader) regex() (string, *regexp.Regexp, *Error) {
	r.blanks()
	from := r.at
	if !strings.HasPrefix(r.rest(), `"`) {
		return "", nil, &Error{from, "a regular expression stands in quotes", `write "id=(\d+)"`}
	}
	pattern, err := r.quoted()
	if err != nil {
		return "", nil, err
	}
	re, bad := regexp.Compile(pattern)
	if bad != nil {
		msg := bad.Error()
		var e *syntax.Error
		if errors.As(bad, &e) {
			msg = e.Code.String()
			if e.Expr != "" {
				msg += " " + strconv.Quote(e.Expr)
			}
		}
		return "", nil, &Error{from, "the regular expression is wrong: " + msg, "its syntax is that of Go's package regexp"}
	}
	return pattern, re, nil
}
