package answer

import (
	"bytes"
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Test is a condition on one value of an answer. The zero Test is invalid: it
// never holds.
type Test struct {
	Source
	text  string
	op    op
	value value
	re    *regexp.Regexp // of matches
}

// op is how a value is tested; empty: it is there.
type op string

const (
	equal    op = "=="
	unequal  op = "!="
	less     op = "<"
	atMost   op = "<="
	more     op = ">"
	atLeast  op = ">="
	contains op = "contains"
	matches  op = "matches"
	is       op = "is" // of a header: the same, up to the parameters behind a ;
)

// value is what a test compares with.
type value struct {
	text  string
	kind  valueKind
	as    number // if it is one
	bytes []byte // the text
}

type valueKind uint8

const (
	isText valueKind = iota
	isNumber
	isWord // true, false, null
)

// String is the test as a profile writes it. It parses to the same test.
func (t Test) String() string { return t.text }

// IsZero reports whether the test is the invalid zero one.
func (t Test) IsZero() bool { return t.Source.IsZero() }

// Equal reports whether two tests test the same.
func (t Test) Equal(o Test) bool { return t.text == o.text }

// ParseTest reads the text of a test: a source and, behind it, == != < <= > >=
// with a value, contains "text" or matches "regex"; a source alone asks that
// the value is there. Its errors are of type [*Error].
func ParseTest(text string) (Test, error) {
	t, err := (&reader{text: text}).test()
	if err != nil {
		return Test{}, err
	}
	return t, nil
}

func (r *reader) test() (Test, *Error) {
	var t Test
	r.blanks()
	start := r.at
	if w := op(r.word()); w == contains || w == matches {
		t.Source = Source{kind: inBody, text: "body"}
	} else {
		var err *Error
		r.at = start
		if t.Source, err = r.source(); err != nil {
			return t, err
		}
		r.blanks()
		start = r.at
	}
	r.at = start
	if r.at == len(r.text) {
		t.text = t.Source.text
		return t, nil
	}
	var err *Error
	if t.op, err = r.op(t.kind); err != nil {
		return t, err
	}
	switch t.op {
	case matches:
		t.value.text, t.re, err = r.regex()
	default:
		at := r.at
		if t.value, err = r.value(); err == nil && t.op == contains && t.value.text == "" {
			err = &Error{at, "contains needs a text that is not empty", `write contains "welcome"`}
		}
		numeric := t.kind == inStatus || t.kind == inSize
		if err == nil && numeric && t.op != contains && t.value.kind != isNumber {
			err = &Error{at, "the " + t.Source.text + " is a number, " + strconv.Quote(t.value.text) + " is none", "write " + t.Source.text + " == 200"}
		}
	}
	if err == nil {
		err = r.end("write a value with blanks in quotes; one test has one value")
	}
	written := t.value.text
	if t.value.kind == isText || t.op == is {
		written = quote(written)
	}
	t.text = t.Source.text + " " + string(t.op) + " " + written
	return t, err
}

// op reads what is behind a source. A status may have its number there at
// once.
func (r *reader) op(of kind) (op, *Error) {
	at := r.at
	if c := r.text[r.at]; of == inStatus && '0' <= c && c <= '9' {
		return equal, nil
	}
	sign := op(r.until(func(c byte) bool { return strings.IndexByte("=!<>~", c) < 0 }))
	if sign == "" {
		sign = op(r.word())
	}
	hint := `write == != < <= > >=, contains "text" or matches "regex"`
	switch sign {
	case equal, unequal, less, atMost, more, atLeast, contains, matches:
		return sign, r.valueBehind(sign)
	case is:
		if of == inHeader {
			return sign, r.valueBehind(sign)
		}
		hint = "did you mean ==?"
	case "=", "===", "equals", "eq":
		hint = "did you mean ==?"
	case "=~", "~", "match", "~=":
		hint = `did you mean matches "regex"?`
	case "contain", "has", "includes":
		hint = `did you mean contains "text"?`
	case "<>", "!==", "not", "ne":
		hint = "did you mean !=?"
	case "=<":
		hint = "did you mean <=?"
	case "=>":
		hint = "did you mean >=?"
	case "":
		sign = op(r.rest())
	}
	return "", &Error{at, "unknown comparison " + strconv.Quote(string(sign)), hint}
}

// valueBehind passes over blanks up to the value that a comparison needs.
func (r *reader) valueBehind(sign op) *Error {
	r.blanks()
	if r.at == len(r.text) {
		return &Error{r.at, "no value behind " + string(sign), "write " + string(sign) + ` "text"`}
	}
	return nil
}

// value reads a text in quotes, a number or a word.
func (r *reader) value() (value, *Error) {
	if r.text[r.at] == '"' {
		text, err := r.quoted()
		return value{text: text, bytes: []byte(text)}, err
	}
	at := r.at
	text := r.until(func(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 })
	if strings.ContainsAny(text, `"'`) {
		return value{}, &Error{at, "a quote within " + strconv.Quote(text), `write the whole value in double quotes, a quote in it as \"`}
	}
	v := value{text: text, bytes: []byte(text)}
	if text == "true" || text == "false" || text == "null" {
		v.kind = isWord
	} else if n, ok := toNumber(text); ok {
		v.kind, v.as = isNumber, n
	}
	return v, nil
}

// Holds reports whether the answer passes. It never does if the value is not
// there.
func (t Test) Holds(a *Answer) bool {
	if t.op != "" && t.op != contains && t.op != matches {
		switch t.kind {
		case inJSON:
			r, ok := lookup(a.Body, t.path)
			return ok && t.holdsJSON(r)
		case inStatus:
			return t.order(compare(whole(int64(a.Status)), t.value.as), true)
		case inSize:
			return t.order(compare(whole(a.Size), t.value.as), true)
		}
	}
	got, ok := t.Read(a)
	switch {
	case !ok:
		return false
	case t.op == "":
		return true
	case t.op == contains:
		return bytes.Contains(got, t.value.bytes)
	case t.op == matches:
		return t.re.Match(got)
	case t.op == is:
		got, _, _ = bytes.Cut(got, []byte(";"))
		return string(bytes.TrimRight(got, " ")) == t.value.text
	case t.value.kind == isNumber:
		n, ok := toNumber(string(got))
		return t.order(compare(n, t.value.as), ok)
	}
	return t.order(bytes.Compare(got, t.value.bytes), true)
}

// holdsJSON compares a JSON value with one of its own type.
func (t Test) holdsJSON(r gjson.Result) bool {
	switch t.value.kind {
	case isNumber:
		n, ok := toNumber(textOf(r))
		return t.order(compare(n, t.value.as), ok && r.Type == gjson.Number)
	case isText:
		return t.order(strings.Compare(r.Str, t.value.text), r.Type == gjson.String)
	}
	same := r.Type != gjson.String && textOf(r) == t.value.text
	return t.op == equal && same || t.op == unequal && !same
}

// order reports whether the test holds for a value that is less than, equal to
// or more than the test's, as d is less than, equal to or more than 0. What is
// of another type can only be unequal.
func (t Test) order(d int, comparable bool) bool {
	if !comparable {
		return t.op == unequal
	}
	switch t.op {
	case equal:
		return d == 0
	case unequal:
		return d != 0
	case less:
		return d < 0
	case atMost:
		return d <= 0
	case more:
		return d > 0
	case atLeast:
		return d >= 0
	}
	return false
}

// number is a number; a whole one of 64 bits is kept exactly, as the numbers
// that things are named by need it.
type number struct {
	whole  int64
	exact  bool
	approx float64
}

func whole(n int64) number { return number{n, true, float64(n)} }

// toNumber reads a number as JSON writes it, with blanks around it or not. 007
// is none, nor are infinities.
func toNumber(s string) (number, bool) {
	s = strings.TrimSpace(s)
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] < '0' || digits[0] > '9' || len(digits) > 1 && digits[0] == '0' && '0' <= digits[1] && digits[1] <= '9' {
		return number{}, false
	}
	for i := range len(digits) {
		if strings.IndexByte("0123456789.eE+-", digits[i]) < 0 {
			return number{}, false
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return whole(n), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return number{}, false
	}
	return number{approx: f}, true
}

// compare is below, at or above 0 as a is less than, equal to or more than b.
func compare(a, b number) int {
	if a.exact && b.exact {
		return cmp.Compare(a.whole, b.whole)
	}
	return cmp.Compare(a.approx, b.approx)
}
