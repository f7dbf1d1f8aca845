package template

import "unicode/utf8"

// Escape says what a value must not break where it stands.
type Escape uint8

// The ways to escape.
const (
	Raw      Escape = iota // as it is: a body
	Path                   // one segment of a path: / ? # % and what is not printable ASCII as %XX
	Query                  // behind the ? of a path, and in a form
	HeaderOf               // a header: line ends and control characters become blanks
	JSONText               // within the quotes of a JSON text
	JSONBare               // in place of a JSON value: a number, true, false or null as it is, all else quoted
)

// appendEscaped appends a value in the way of e.
func appendEscaped[T string | []byte](dst []byte, value T, e Escape) []byte {
	switch e {
	case Path:
		// A segment of dots alone would climb to the folder above.
		if len(value) > 0 && len(value) <= 2 && value[0] == '.' && value[len(value)-1] == '.' {
			for range len(value) {
				dst = append(dst, "%2E"...)
			}
			return dst
		}
		return appendPercent(dst, value, plainInPath)
	case Query:
		return appendPercent(dst, value, plainInQuery)
	case HeaderOf:
		for i := range len(value) {
			c := value[i]
			if c < ' ' || c == 0x7f {
				c = ' '
			}
			dst = append(dst, c)
		}
		return dst
	case JSONText:
		return appendJSON(dst, value)
	case JSONBare:
		if bare(value) {
			return append(dst, value...)
		}
		dst = append(dst, '"')
		dst = appendJSON(dst, value)
		return append(dst, '"')
	}
	return append(dst, value...)
}

// class says which of where a byte may stand as it is.
type class uint8

const (
	plainInPath class = 1 << iota
	plainInQuery
	plainInJSON
)

// classes knows the unreserved characters of RFC 3986, section 2.3, and what
// else separates nothing within a segment of a path; + is left out, which some
// servers take for a blank even there.
var classes = func() (t [256]class) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		if c != '"' && c != '\\' {
			t[c] |= plainInJSON
		}
	}
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
		t[c] |= plainInPath | plainInQuery
	}
	for _, c := range []byte("$&=:@!'()*,") {
		t[c] |= plainInPath
	}
	return t
}()

const upperHex = "0123456789ABCDEF"

// appendPercent writes the bytes that are not plain as %XX.
func appendPercent[T string | []byte](dst []byte, value T, plain class) []byte {
	for i := range len(value) {
		if c := value[i]; classes[c]&plain != 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// appendJSON writes what stands between the quotes of a JSON text, RFC 8259,
// section 7. What is not UTF-8 becomes the replacement character.
func appendJSON[T string | []byte](dst []byte, value T) []byte {
	done := 0 // what is before it has been written
	for i := 0; i < len(value); {
		c := value[i]
		if classes[c]&plainInJSON != 0 {
			i++
			continue
		}
		n := 1
		if c >= utf8.RuneSelf {
			var r rune
			// A rune is at most utf8.UTFMax bytes; the conversion of so little
			// stays on the stack.
			r, n = utf8.DecodeRuneInString(string(value[i:min(i+utf8.UTFMax, len(value))]))
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		dst = append(dst, value[done:i]...)
		switch {
		case c >= utf8.RuneSelf:
			dst = append(dst, "\uFFFD"...)
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, upperHex[c>>4], upperHex[c&15])
		}
		i += n
		done = i
	}
	return append(dst, value[done:]...)
}

// bare reports whether value is a JSON number, true, false or null. 007 and
// +1 are none, and stay the texts that they are.
func bare[T string | []byte](value T) bool {
	switch string(value) {
	case "true", "false", "null":
		return true
	}
	i := 0
	digits := func() bool {
		from := i
		for i < len(value) && '0' <= value[i] && value[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(value) && value[i] == '-' {
		i++
	}
	if i < len(value) && value[i] == '0' {
		i++
	} else if !digits() {
		return false
	}
	if i < len(value) && value[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(value) && (value[i] == 'e' || value[i] == 'E') {
		i++
		if i < len(value) && (value[i] == '+' || value[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(value)
}

// AppendTo appends a value that is known before any start, escaped.
func (e Escape) AppendTo(dst []byte, value string) []byte { return appendEscaped(dst, value, e) }
