package answer

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// Source is one value of an answer. The zero Source is invalid: there is never
// a value.
type Source struct {
	text string
	kind kind
	name string // of a header or cookie
	path []step // in JSON
	re   *regexp.Regexp
}

// kind says where in an answer the value is.
type kind uint8

const (
	inJSON kind = iota + 1
	inHeader
	inCookie
	inMatch
	inStatus
	inSize
	inBody
)

// String is the source as a profile writes it. It parses to the same source.
func (s Source) String() string { return s.text }

// IsZero reports whether the source is the invalid zero one.
func (s Source) IsZero() bool { return s.kind == 0 }

// Equal reports whether two sources read the same.
func (s Source) Equal(o Source) bool { return s.text == o.text }

// NeedsBody says whether the body has to be kept to read the value.
func (s Source) NeedsBody() bool {
	return s.kind == inJSON || s.kind == inMatch || s.kind == inBody
}

// NeedsHead says whether the header block has to be kept.
func (s Source) NeedsHead() bool { return s.kind == inHeader || s.kind == inCookie }

// Read returns the value in the answer as text, and whether there is one. It
// does not change the answer; the text may be part of it and is not to be
// written to. Text of JSON is without quotes, its objects and lists are their
// JSON. Its time grows with the size of the answer alone.
func (s Source) Read(a *Answer) ([]byte, bool) {
	switch s.kind {
	case inJSON:
		r, ok := lookup(a.Body, s.path)
		if !ok {
			return nil, false
		}
		return view(textOf(r)), true
	case inHeader:
		return header(a.Head, s.name)
	case inCookie:
		return cookie(a.Head, s.name)
	case inMatch:
		return match(s.re, a.Body)
	case inStatus:
		return strconv.AppendInt(nil, int64(a.Status), 10), true
	case inSize:
		return strconv.AppendInt(nil, a.Size, 10), true
	case inBody:
		return a.Body, true
	}
	return nil, false
}

// match is what group 1 matched, or all if there is no group.
func match(re *regexp.Regexp, body []byte) ([]byte, bool) {
	if re.NumSubexp() == 0 {
		m := re.Find(body)
		return m, m != nil
	}
	m := re.FindSubmatchIndex(body)
	if m == nil || m[2] < 0 {
		return nil, false
	}
	return body[m[2]:m[3]], true
}

// header is the value of the first line of that name.
func header(head []byte, name string) (value []byte, ok bool) {
	eachLine(head, name, func(v []byte) bool {
		value, ok = v, true
		return false
	})
	return value, ok
}

// cookie is the value that the last Set-Cookie line for name gives it, which is
// the one a browser would hold afterwards; RFC 6265, section 5.2.
func cookie(head []byte, name string) (value []byte, ok bool) {
	eachLine(head, "Set-Cookie", func(line []byte) bool {
		pair, _, _ := bytes.Cut(line, []byte(";"))
		n, v, found := bytes.Cut(pair, []byte("="))
		if found && string(trim(n)) == name {
			value, ok = trim(v), true
		}
		return true
	})
	return value, ok
}

// eachLine calls yield with the value of each header line of a name, in any
// case, without the blanks around it, until yield returns false.
func eachLine(head []byte, name string, yield func(value []byte) bool) {
	_, rest, _ := bytes.Cut(head, []byte("\n")) // behind the status line
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		if len(line) > len(name) && line[len(name)] == ':' && equalFold(line[:len(name)], name) && !yield(trim(line[len(name)+1:])) {
			return
		}
	}
}

// equalFold compares ASCII in any case.
func equalFold(a []byte, b string) bool {
	for i := range a {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return true
}

// trim drops blanks and the end of the line.
func trim(s []byte) []byte { return bytes.Trim(s, " \t\r") }

// ParseSource reads the text of a source. Its errors are of type [*Error].
func ParseSource(text string) (Source, error) {
	r := reader{text: text}
	s, err := r.source()
	if err == nil {
		err = r.end("this is where a value is read, not where it is compared")
	}
	if err != nil {
		return Source{}, err
	}
	return s, nil
}

// source reads a source at the start of the text.
func (r *reader) source() (Source, *Error) {
	r.blanks()
	at := r.at
	var s Source
	var err *Error
	switch word := r.word(); word {
	case "json":
		s.kind = inJSON
		s.path, err = r.path()
		s.text = "json " + pathText(s.path)
	case "header", "cookie":
		s.kind = inHeader
		if word == "cookie" {
			s.kind = inCookie
		}
		r.blanks()
		from := r.at
		s.name = r.until(func(c byte) bool { return c == ' ' || c == '\t' })
		if !isToken(s.name) {
			example := map[string]string{"header": "header location", "cookie": "cookie session"}[word]
			return s, &Error{from, strconv.Quote(s.name) + " is not the name of a " + word, "write " + example}
		}
		s.text = word + " " + s.name
	case "regex":
		s.kind = inMatch
		var pattern string
		pattern, s.re, err = r.regex()
		s.text = "regex " + quote(pattern)
	case "status":
		s.kind, s.text = inStatus, word
	case "size":
		s.kind, s.text = inSize, word
	case "body":
		s.kind, s.text = inBody, word
	case "":
		return s, &Error{at, "nothing says what to read", sourceHint}
	default:
		return s, &Error{at, "unknown source " + strconv.Quote(word), sourceHint}
	}
	return s, err
}

const sourceHint = `write json $.id, header location, cookie session, regex "id=(\d+)", status, size or body`

// isToken reports whether s may be the name of a header or cookie; RFC 9110,
// section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
