package importer

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// number is the value of a number.
func (v *jsValue) number() (float64, bool) {
	if v == nil || v.kind != '0' && v.kind != '"' {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.text, 64)
	return f, err == nil && f >= 0 && f < 1e12
}

// quoted reads a text in quotes, and the parts of a template that are known.
func (s *script) quoted() (string, bool) {
	quote := s.src[s.at]
	s.at++
	var b strings.Builder
	for s.at < len(s.src) {
		c := s.src[s.at]
		switch {
		case c == quote:
			s.at++
			return b.String(), true
		case c == '\n' && quote != '`':
			return b.String(), false
		case c == '\\' && s.at+1 < len(s.src):
			s.at++
			s.escape(&b)
		case quote == '`' && strings.HasPrefix(s.src[s.at:], "${"):
			s.at += 2
			v := s.value()
			if text, ok := v.asText(); ok {
				b.WriteString(text)
			} else {
				b.WriteString(unknown)
			}
			if !s.take('}') {
				s.skip()
				s.take('}')
			}
		default:
			b.WriteByte(c)
			s.at++
		}
	}
	return b.String(), false
}

// escape reads what stands behind a backslash.
func (s *script) escape(b *strings.Builder) {
	c := s.src[s.at]
	s.at++
	hex := func(n int) {
		if s.at+n <= len(s.src) {
			if r, err := strconv.ParseUint(s.src[s.at:s.at+n], 16, 32); err == nil && utf8.ValidRune(rune(r)) {
				b.WriteRune(rune(r))
				s.at += n
			}
		}
	}
	switch c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'x':
		hex(2)
	case 'u':
		hex(4)
	case '\n':
	default:
		b.WriteByte(c)
	}
}

// tree is the value as JSON; what is computed becomes null, and is reported.
func (v *jsValue) tree(lost func(line int)) *tree {
	t := &tree{kind: v.kind, text: v.text}
	switch v.kind {
	case '{':
		seen := map[string]bool{}
		for i, key := range v.keys {
			if key == "" || seen[key] || !plainKey().MatchString(key) || key != strings.TrimSpace(key) {
				lost(v.line)
				continue
			}
			seen[key] = true
			t.keys, t.kids = append(t.keys, key), append(t.kids, v.kids[i].tree(lost))
		}
	case '[':
		for _, kid := range v.kids {
			t.kids = append(t.kids, kid.tree(lost))
		}
	case '"':
		if strings.Contains(v.text, unknown) {
			lost(v.line)
			t.text = strings.ReplaceAll(v.text, unknown, "1")
		}
	case '0':
	default:
		if v.env != "" {
			return &tree{kind: '"', text: hole("env." + v.env)}
		}
		lost(v.line)
		return &tree{kind: '0', text: "null"}
	}
	return t
}
