package answer

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/tidwall/gjson"
)

// MaxDepth is how deep a JSON body may be nested to be read.
const MaxDepth = 1000

// step leads from a JSON value to one within it.
type step struct {
	kind  stepKind
	key   string
	path  string // the key as gjson reads it
	index int    // from 0, or from the end if negative
}

type stepKind uint8

const (
	byKey stepKind = iota
	byIndex
	byCount
)

// path reads $ and the steps behind it.
func (r *reader) path() ([]step, *Error) {
	r.blanks()
	if !strings.HasPrefix(r.rest(), "$") {
		return nil, &Error{r.at, "a JSON path begins with $", "write json $.id"}
	}
	r.at++
	var path []step
	for {
		var s step
		var err *Error
		switch rest := r.rest(); {
		case strings.HasPrefix(rest, ".."):
			err = &Error{r.at, ".. is not supported in a JSON path", "write the whole path, as $.items[0].id"}
		case strings.HasPrefix(rest, ".*"), strings.HasPrefix(rest, "[*"):
			err = &Error{r.at, "* is not supported in a JSON path", "a test reads one value: write an index as [0], or .# for the number of items"}
		case strings.HasPrefix(rest, ".#"):
			r.at += 2
			s.kind = byCount
			if k, _ := utf8.DecodeRuneInString(r.rest()); plainKey(k) {
				err = &Error{r.at - 2, "# stands for the number of items", "write a key with signs in it as ['#key']"}
			}
		case strings.HasPrefix(rest, "."):
			s, err = r.key()
		case strings.HasPrefix(rest, "["):
			s, err = r.bracket()
		case rest == "" || strings.IndexByte(" \t\r\n=!<>", rest[0]) >= 0:
			return path, nil
		default:
			err = &Error{r.at, "unexpected " + strconv.Quote(rest[:1]) + " in a JSON path", "write a key with signs in it as ['a key']"}
		}
		if err != nil {
			return nil, err
		}
		path = append(path, s)
	}
}

// key reads .key.
func (r *reader) key() (step, *Error) {
	r.at++
	n := strings.IndexFunc(r.rest(), func(c rune) bool { return !plainKey(c) })
	if n < 0 {
		n = len(r.rest())
	}
	if n == 0 {
		return step{}, &Error{r.at, "no key behind the dot of a JSON path", "write $.id, or ['a key'] for a key with signs in it"}
	}
	key := r.rest()[:n]
	r.at += n
	return step{key: key, path: gjson.Escape(key)}, nil
}

// plainKey reports whether c may stand in a key without quotes.
func plainKey(c rune) bool {
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_-@:$/+%~&", c))
}

// bracket reads [0], ['key'] and ["key"].
func (r *reader) bracket() (step, *Error) {
	from := r.at
	r.at++
	r.blanks()
	var s step
	switch rest := r.rest(); {
	case strings.HasPrefix(rest, "'"), strings.HasPrefix(rest, `"`):
		key, err := r.quoted()
		if err != nil {
			return s, err
		}
		s.key, s.path = key, gjson.Escape(key)
	case strings.HasPrefix(rest, "?"), strings.HasPrefix(rest, "("):
		return s, &Error{r.at, "filters are not supported in a JSON path", "write an index as [0]"}
	default:
		text := r.until(func(c byte) bool { return c != '-' && (c < '0' || c > '9') })
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return s, &Error{from + 1, "[ is followed by an index or a key in quotes", "write [0], [-1] for the last, or ['a key']"}
		}
		s.kind, s.index = byIndex, int(n)
		s.path = strconv.Itoa(s.index)
	}
	r.blanks()
	switch rest := r.rest(); {
	case strings.HasPrefix(rest, "]"):
		r.at++
		return s, nil
	case strings.HasPrefix(rest, ":"), strings.HasPrefix(rest, ","):
		return s, &Error{r.at, "ranges and lists are not supported in a JSON path", "a test reads one value: write an index as [0]"}
	}
	return s, &Error{from, "[ without a ] behind it", "write [0] or ['a key']"}
}

// pathText is what path reads.
func pathText(path []step) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range path {
		switch {
		case s.kind == byCount:
			b.WriteString(".#")
		case s.kind == byIndex:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case s.key != "" && strings.IndexFunc(s.key, func(c rune) bool { return !plainKey(c) }) < 0:
			b.WriteString("." + s.key)
		default:
			b.WriteString("['" + escapeQuoted(s.key, '\'') + "']")
		}
	}
	return b.String()
}

// lookup follows path in a JSON body. What it returns points into body.
func lookup(body []byte, path []step) (gjson.Result, bool) {
	// The validator of gjson goes down the nesting by recursion.
	if depth(body) > MaxDepth || !gjson.ValidBytes(body) {
		return gjson.Result{}, false
	}
	// A string over the same memory, so that nothing is copied: it lives no
	// longer than body is borrowed for, and nobody writes to body meanwhile.
	r := gjson.Parse(unsafe.String(unsafe.SliceData(body), len(body)))
	for _, s := range path {
		switch {
		case s.kind == byKey && r.IsObject():
			r = member(r, s)
		case s.kind == byCount && r.IsArray():
			r = gjson.Result{Type: gjson.Number, Raw: strconv.Itoa(count(r))}
		case s.kind == byIndex && r.IsArray() && s.index >= 0:
			r = r.Get(s.path)
		case s.kind == byIndex && r.IsArray():
			n := count(r) + s.index
			if n < 0 {
				return gjson.Result{}, false
			}
			r = r.Get(strconv.Itoa(n))
		default:
			return gjson.Result{}, false
		}
		if !r.Exists() {
			return r, false
		}
	}
	return r, true
}

// member is the first value under a key of an object.
func member(r gjson.Result, s step) (value gjson.Result) {
	if s.key != "" {
		return r.Get(s.path)
	}
	// A path of gjson cannot name the empty key.
	r.ForEach(func(k, v gjson.Result) bool {
		if k.Str == "" {
			value = v
		}
		return k.Str != ""
	})
	return value
}

// count is the number of items of a list.
func count(r gjson.Result) int { return int(r.Get("#").Num) }

// textOf is a JSON value as text: text without its quotes, all else as it
// stands there.
func textOf(r gjson.Result) string {
	if r.Type == gjson.String {
		return r.Str
	}
	return strings.TrimSpace(r.Raw)
}

// depth is how deep the brackets of a JSON text are nested.
func depth(body []byte) int {
	now, most, inText := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText:
			if c == '\\' {
				i++
			}
			inText = c != '"'
		case c == '"':
			inText = true
		case c == '[' || c == '{':
			now++
			most = max(most, now)
		case c == ']' || c == '}':
			now--
		}
	}
	return most
}

// view is the memory of s, which is not to be written to.
func view(s string) []byte {
	if s == "" {
		return []byte{}
	}
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
