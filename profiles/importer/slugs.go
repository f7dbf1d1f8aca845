package importer

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// A part of a path stands for one of many things when behind the same beginning
// it has so many values that look so, and they are such a share of all.
const (
	minSlugs  = 12
	slugShare = 0.5
)

// foldSlugs makes data of the parts of paths that name one of many things, as
// the title of an article does. One such value does not tell by itself, as
// [isID] needs it: many of them do.
func (l *logReader) foldSlugs() {
	deepest := 0
	for _, s := range l.shapes {
		deepest = max(deepest, len(s.segments))
	}
	for at := 1; at < min(deepest, 20); at++ { // the first part is never data
		groups := map[string][]string{} // the shapes behind each beginning
		for key, s := range l.shapes {
			if at < len(s.segments) && s.segments[at] != columnMark {
				begin := s.method + " /" + strings.Join(s.segments[:at], "/")
				groups[begin] = append(groups[begin], key)
			}
		}
		for _, begin := range sortedKeys(groups) {
			l.foldGroup(begin, groups[begin], at)
		}
	}
}

// foldGroup makes data of the slugs at one place of shapes that begin alike, if
// there are enough of them, or were before in the same log. What looks like a word that somebody chose for an
// API stays as it is.
func (l *logReader) foldGroup(begin string, keys []string, at int) {
	values := map[string]bool{} // whether each is a slug for sure
	sure := 0
	for _, key := range keys {
		segment := l.shapes[key].segments[at]
		if _, seen := values[segment]; !seen {
			values[segment] = strings.Count(segment, "-") > 1 ||
				strings.ContainsFunc(segment, func(r rune) bool { return r == '%' || r > unicode.MaxASCII || unicode.IsDigit(r) })
			if values[segment] {
				sure++
			}
		}
	}
	if !l.slugs[begin] && (sure < minSlugs || float64(sure) < slugShare*float64(len(values))) {
		return
	}
	slices.Sort(keys)
	for _, key := range keys {
		segment := l.shapes[key].segments[at]
		if (values[segment] || strings.Contains(segment, "-")) && !strings.Contains(segment, holeBegin) {
			l.fold(key, at)
		}
	}
	l.slugs[begin] = true
}

// tellSlugs notes where slugs became data.
func (l *logReader) tellSlugs() {
	for _, begin := range sortedKeys(l.slugs) {
		path := strings.ReplaceAll(holesAs(begin, func(string) string { return "…" }), columnMark, "{id}")
		l.note("", "the titles or names in paths like %s became data", show(path+"/{id}"))
	}
}

// fold makes a column of one part of the path of a shape.
func (l *logReader) fold(key string, at int) {
	s := l.shapes[key]
	delete(l.shapes, key)
	value, err := url.PathUnescape(s.segments[at])
	if err != nil {
		value = s.segments[at]
	}
	column := 0
	for _, segment := range s.segments[:at] {
		if segment == columnMark {
			column++
		}
	}
	rows := s.rows
	s.segments[at], s.rows = columnMark, map[string]int{}
	into := l.shapes[s.key()]
	if into == nil {
		into = s
		l.shapes[s.key()] = s
	} else {
		into.count += s.count
		into.refused += s.refused
		into.over = into.over || s.over
	}
	for row, n := range rows {
		var cells []string
		if len(s.columns) > 0 {
			cells = strings.Split(row, "\x00")
		}
		into.rows[strings.Join(slices.Insert(cells, column, value), "\x00")] += n
	}
	s.columns = slices.Insert(s.columns, column, "")
}

// key is the same for all requests of one shape.
func (s *shape) key() string {
	key := s.method + " /" + strings.Join(s.segments, "/")
	if len(s.params) > 0 {
		key += "?&" + strings.Join(s.params, "&")
	}
	return key
}
