package importer

import (
	"slices"
	"strings"
)

// jsValue is an expression of a script as far as it can be known without
// running it: a literal, or computed.
type jsValue struct {
	kind byte   // '"' text, '0' number, true, false, null; '{', '['; 'j' JSON text of kids[0]; '?' computed
	text string // of '"', '0'; of '?' the beginning of the source
	keys []string
	kids []*jsValue
	line int
	env  string // of '?': the variable of the environment that it is
}

// script is the source of a script, with the constants that it gives names.
type script struct {
	src   string
	ends  []int // of its lines; nil: not looked for yet
	at    int
	names map[string]int // where the values of names begin, as of their last assignment
	deep  int
	read  int // bytes of the values of names that were read
}

// The bounds of reading a script.
const (
	maxScriptDepth = 50
	maxScriptNames = 5000
	maxScriptRead  = 4 << 20 // names may stand for lists of names, and so on
)

// computed is the value of what begins at from and is known only to a run.
func (s *script) computed(from int) *jsValue {
	text, _, _ := strings.Cut(s.src[from:min(len(s.src), from+60)], "\n")
	return &jsValue{kind: '?', text: text, line: s.lineAt(from)}
}

func (s *script) lineAt(offset int) int {
	if s.ends == nil {
		s.ends = []int{}
		for i := range len(s.src) {
			if s.src[i] == '\n' {
				s.ends = append(s.ends, i)
			}
		}
	}
	line, _ := slices.BinarySearch(s.ends, offset)
	return line + 1
}

// blanks skips blanks and comments.
func (s *script) blanks() {
	for s.at < len(s.src) {
		rest := s.src[s.at:]
		switch {
		case strings.IndexByte(" \t\r\n\v\f", rest[0]) >= 0:
			s.at++
		case strings.HasPrefix(rest, "//"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				s.at += i
			} else {
				s.at = len(s.src)
			}
		case strings.HasPrefix(rest, "/*"):
			if i := strings.Index(rest[2:], "*/"); i >= 0 {
				s.at += i + 4
			} else {
				s.at = len(s.src)
			}
		default:
			return
		}
	}
}

// peek is the next sign behind blanks, or 0.
func (s *script) peek() byte {
	if s.blanks(); s.at < len(s.src) {
		return s.src[s.at]
	}
	return 0
}

// take consumes a sign if it is next.
func (s *script) take(c byte) bool {
	if s.peek() == c {
		s.at++
		return true
	}
	return false
}

// value reads an expression up to the , ; or bracket that ends it.
func (s *script) value() *jsValue {
	s.deep++
	defer func() { s.deep-- }()
	s.blanks()
	from := s.at
	if s.deep > maxScriptDepth {
		s.skip()
		return s.computed(from)
	}
	v := s.operand()
	for {
		s.blanks()
		rest := s.src[min(s.at, len(s.src)):]
		switch {
		case rest == "" || strings.IndexByte(",;)]}:", rest[0]) >= 0:
			return v
		case rest[0] == '+' && !strings.HasPrefix(rest, "++"):
			s.at++
			v = join(v, s.operand(), s.computed(from))
		case strings.HasPrefix(rest, "||"), strings.HasPrefix(rest, "??"):
			s.at += 2
			if other := s.operand(); v.kind == '?' {
				v = other
			}
		case rest[0] == '*' && !strings.HasPrefix(rest, "**"):
			s.at++
			v = times(v, s.operand(), s.computed(from))
		case strings.Contains(s.src[from:s.at], "\n") && identStart(rest[0]) || rest[0] == '}':
			return v // a line end ends a statement
		default:
			if strings.HasSuffix(strings.TrimRight(s.src[from:s.at], " \t\r"), "\n") {
				return v
			}
			s.skip()
			return s.computed(from)
		}
	}
}

// skip passes over the rest of an expression.
func (s *script) skip() {
	depth := 0
	for s.at < len(s.src) {
		s.blanks()
		if s.at >= len(s.src) {
			return
		}
		switch c := s.src[s.at]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return
			}
			depth--
		case ',', ';':
			if depth == 0 {
				return
			}
		case '"', '\'', '`':
			s.quoted()
			continue
		}
		s.at++
	}
}

// skipTo passes over all up to the bracket that closes where it is, and that too.
func (s *script) skipTo(bracket byte) {
	for s.at < len(s.src) {
		s.skip()
		if s.at >= len(s.src) {
			return
		}
		s.at++
		if s.src[s.at-1] == bracket {
			return
		}
	}
}

func identStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

// word reads a name, which may have dots: http.get.
func (s *script) word() string {
	from := s.at
	for s.at < len(s.src) {
		c := s.src[s.at]
		if !identStart(c) && (c < '0' || c > '9') && c != '.' {
			break
		}
		s.at++
	}
	return s.src[from:s.at]
}

// operand reads a literal, a name or a call.
func (s *script) operand() *jsValue {
	s.blanks()
	from := s.at
	if s.at >= len(s.src) {
		return s.computed(from)
	}
	switch c := s.src[s.at]; {
	case c == '"' || c == '\'' || c == '`':
		text, ok := s.quoted()
		if !ok {
			return s.computed(from)
		}
		return &jsValue{kind: '"', text: text, line: s.lineAt(from)}
	case c == '{':
		return s.object()
	case c == '[':
		return s.list()
	case c == '(':
		s.at++
		v := s.value()
		if !s.take(')') {
			s.skip()
			s.take(')')
			return s.computed(from)
		}
		return v
	case c >= '0' && c <= '9' || c == '.' || c == '-':
		s.at++
		for s.at < len(s.src) && (identStart(s.src[s.at]) || s.src[s.at] >= '0' && s.src[s.at] <= '9' || s.src[s.at] == '.') {
			s.at++
		}
		text := strings.ReplaceAll(s.src[from:s.at], "_", "")
		text = strings.TrimPrefix(text, "+")
		if strings.HasPrefix(text, ".") {
			text = "0" + text
		}
		if !plainNumber().MatchString(text) {
			return s.computed(from)
		}
		return &jsValue{kind: '0', text: text, line: s.lineAt(from)}
	case identStart(c):
		return s.named(from)
	}
	s.at++
	return s.computed(from)
}

// named reads what begins with a name.
func (s *script) named(from int) *jsValue {
	name := s.word()
	switch name {
	case "true", "false", "null":
		return &jsValue{kind: '0', text: name, line: s.lineAt(from)}
	case "JSON.stringify":
		if s.take('(') {
			v := s.value()
			for s.take(',') {
				s.value()
			}
			s.take(')')
			return &jsValue{kind: 'j', kids: []*jsValue{v}, line: s.lineAt(from)}
		}
	case "http.url":
		if s.peek() == '`' {
			if text, ok := s.quoted(); ok {
				return &jsValue{kind: '"', text: text, line: s.lineAt(from)}
			}
		}
	case "String", "Number", "encodeURIComponent", "parseInt", "parseFloat":
		if s.take('(') {
			v := s.value()
			for s.take(',') {
				s.value()
			}
			s.take(')')
			return v
		}
	}
	v := s.computed(from)
	if variable, ok := strings.CutPrefix(name, "__ENV."); ok && envForm().MatchString(variable) {
		v.env = variable
	}
	if c := s.peek(); c == '(' || c == '[' || c == '`' || strings.HasPrefix(s.src[s.at:], "=>") {
		for s.peek() == '(' || s.peek() == '[' {
			s.at++
			s.skip()
			for s.take(',') {
				s.skip()
			}
			s.at = min(s.at+1, len(s.src))
			s.word()
		}
		v.env = ""
		return v
	}
	if s.names[name] != from {
		if value := s.follow(name); value != nil {
			return value
		}
	}
	return v
}

// follow is the value of a name, or nil if it is not known.
func (s *script) follow(name string) *jsValue {
	at, known := s.names[name]
	if !known || s.deep >= maxScriptDepth || s.read > maxScriptRead {
		return nil
	}
	here := s.at
	s.at = at
	v := s.value()
	s.read += s.at - at
	s.at = here
	return v
}

// object reads { … }.
func (s *script) object() *jsValue {
	v := &jsValue{kind: '{', line: s.lineAt(s.at)}
	s.at++
	for s.at < len(s.src) {
		if s.take('}') {
			return v
		}
		s.blanks()
		from := s.at
		if s.at >= len(s.src) {
			break
		}
		key := ""
		switch c := s.src[s.at]; {
		case c == '"' || c == '\'':
			key, _ = s.quoted()
		case identStart(c):
			key = s.word()
		case c >= '0' && c <= '9':
			key = s.word()
		}
		switch {
		case key == "" || s.peek() != ':': // {...other}, {[name]: 1}, {name}, {method() {}}
			kid := s.computed(from)
			var named *jsValue
			if next := s.peek(); next == ',' || next == '}' {
				named = s.follow(key)
			}
			if named != nil {
				kid = named
			} else {
				s.skip()
			}
			v.keys, v.kids = append(v.keys, key), append(v.kids, kid)
		default:
			s.at++
			v.keys, v.kids = append(v.keys, key), append(v.kids, s.value())
		}
		if !s.take(',') && s.peek() != '}' {
			s.skip()
			if s.peek() == ')' || s.peek() == ']' || s.peek() == ';' {
				return s.computed(from)
			}
			s.take(',')
		}
	}
	return v
}

// list reads [ … ].
func (s *script) list() *jsValue {
	v := &jsValue{kind: '[', line: s.lineAt(s.at)}
	s.at++
	for s.at < len(s.src) {
		if s.take(']') {
			return v
		}
		from := s.at
		v.kids = append(v.kids, s.value())
		if !s.take(',') && s.peek() != ']' {
			s.skip()
			if s.at == from || s.peek() == ')' || s.peek() == '}' || s.peek() == ';' {
				return s.computed(from)
			}
		}
	}
	return v
}

// get is the value under a key of an object, or nil.
func (v *jsValue) get(key string) *jsValue {
	if v == nil || v.kind != '{' {
		return nil
	}
	for i := len(v.keys) - 1; i >= 0; i-- {
		if v.keys[i] == key {
			return v.kids[i]
		}
	}
	return nil
}

// asText is a text or number as text; what is computed is not.
func (v *jsValue) asText() (string, bool) {
	switch {
	case v == nil:
		return "", false
	case v.kind == '"' || v.kind == '0':
		return v.text, true
	case v.env != "":
		return hole("env." + v.env), true
	}
	return "", false
}

// join is a + b.
func join(a, b, otherwise *jsValue) *jsValue {
	left, ok1 := a.asText()
	right, ok2 := b.asText()
	switch {
	case a.kind == '0' && b.kind == '0':
		return otherwise
	case ok1 && ok2:
		return &jsValue{kind: '"', text: left + right, line: a.line}
	case ok1 && a.kind == '"' && left != "":
		return &jsValue{kind: '"', text: left + unknown, line: a.line}
	case ok2 && b.kind == '"' && right != "":
		return &jsValue{kind: '"', text: unknown + right, line: a.line}
	}
	return otherwise
}

// unknown stands in a text for a part that is computed.
const unknown = "\x00"

// times is a * b, as scripts write lengths of time.
func times(a, b, otherwise *jsValue) *jsValue {
	x, ok1 := a.number()
	y, ok2 := b.number()
	if !ok1 || !ok2 {
		return otherwise
	}
	return &jsValue{kind: '0', text: plainFloat(x * y), line: a.line}
}
