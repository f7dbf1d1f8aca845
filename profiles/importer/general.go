package importer

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shape is a path whose ids, and whose values in the query, are columns.
type shape struct {
	method   string
	segments []string // of the path; columnMark is a column
	params   []string // names in the query, as written; each is a column
	hidden   []bool   // of params: its value is a secret
	columns  []string
	count    int
	refused  int

	rows map[string]int // the values seen, joined by \x00, by how often
	over bool           // more rows were seen than are kept
}

// The bounds of what an access log may make this process remember.
const (
	maxShapes   = 20_000
	maxRows     = 10_000  // of one shape
	maxAllRows  = 200_000 // of all
	maxRowBytes = 1000
	maxParams   = 20
)

var (
	idForm  = lazily(`^[0-9]+$|^[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}$|^[0-9a-fA-F]{12,}$|^[A-Za-z]{1,4}[-_][0-9]+$`)
	hasNum  = lazily(`[0-9]`)
	longID  = lazily(`^[A-Za-z0-9_=-]{16,}$`)
	version = lazily(`^v[0-9]`)
)

// isID reports whether a segment of a path names one of many things.
func isID(segment string) bool {
	return idForm().MatchString(segment) || longID().MatchString(segment) && hasNum().MatchString(segment) && !version().MatchString(segment) && !strings.Contains(segment, "--")
}

// columnMark stands in a path in place of a value.
const columnMark = "\x00"

// general splits a path into its shape and its values.
func (v *vault) general(method, uri string) (s shape, values []string) {
	path, query, _ := strings.Cut(uri, "?")
	s.method = method
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if i == 0 {
			continue
		}
		segment = v.segment("", segments[i-1], segment)
		plain, err := url.PathUnescape(segment)
		if err == nil && isID(plain) && i > 1 {
			s.segments = append(s.segments, columnMark)
			s.columns = append(s.columns, "")
			values = append(values, plain)
		} else {
			s.segments = append(s.segments, segment)
		}
	}
	if query == "" {
		return s, values
	}
	for i, pair := range strings.Split(query, "&") {
		name, raw, _ := strings.Cut(pair, "=")
		if i == maxParams || name == "" || slices.Contains(s.params, name) {
			continue
		}
		value, err := url.QueryUnescape(raw)
		if err != nil {
			value = raw
		}
		s.params = append(s.params, name)
		s.hidden = append(s.hidden, secretQuery(name))
		s.columns = append(s.columns, name)
		if secretQuery(name) {
			if len(v.known) < 1000 {
				v.watch(envName(name), value)
			}
			value = ""
		}
		values = append(values, value)
	}
	return s, values
}

// columnNames gives every column a name that a placeholder may have: id for the
// first value of the path, and the names of the query.
func (s *shape) columnNames() []string {
	names := make([]string, len(s.columns))
	taken := map[string]bool{}
	for i, name := range s.columns {
		if name == "" {
			name = "id"
		}
		names[i] = uniqueWord(word(name, "value"), taken)
	}
	return names
}

// table is what the file of values of the shape is called: the words of its
// path.
func (s *shape) table() string {
	var words []string
	for _, segment := range s.segments {
		if segment != "" && segment != columnMark && !strings.Contains(segment, holeBegin) && !version().MatchString(segment) && segment != "api" {
			words = append(words, segment)
		}
	}
	name := word(strings.Join(words[max(0, len(words)-3):], "_"), "root")
	if slices.Contains([]string{"env", "file", "header", "fake", "rand", "seq", "uuid", "pick", "now"}, name) {
		name += "_data"
	}
	return name
}

// word makes a name of letters, digits and _, with a letter first.
func word(text, otherwise string) string {
	text = strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, text), "_")
	if len(text) > 40 {
		text = strings.Trim(text[:40], "_")
	}
	if text == "" || text[0] < 'a' {
		return otherwise
	}
	return text
}

func uniqueWord(name string, taken map[string]bool) string {
	unique := name
	for n := 2; taken[unique]; n++ {
		unique = name + strconv.Itoa(n)
	}
	taken[unique] = true
	return unique
}
