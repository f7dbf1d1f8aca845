package importer

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stoke/profiles"
	"stoke/profiles/feeder"
	"stoke/profiles/grammar"
)

// maxLine bounds a line of a log; longer ones are not read.
const maxLine = 64 << 10

// logReader is what an access log has told so far. Its memory does not grow
// with the length of the log.
type logReader struct {
	*mix
	lines, unread int
	firstUnread   string
	firstLine     int
	shapes        map[string]*shape
	slugs         map[string]bool // the beginnings of paths behind which slugs became data
	crowded       bool            // there are maxShapes even without slugs
	rows          int
	others        int // requests whose shape came after maxShapes
	statics       int
	refused       int
	kept          int
	origins       map[string]int
	pace          tally
	cut           bool
}

// AccessLog imports a log of nginx, Apache or another server in the common or
// combined format or one like them, or with JSON objects, compressed or not: the requests
// seen most often with their shares, ids as data, the rate over time as phases.
// It reads at most MaxLog bytes.
func AccessLog(in io.Reader, o Options) (*Result, error) {
	l := &logReader{mix: newMix("access log", o), shapes: map[string]*shape{}, slugs: map[string]bool{}, origins: map[string]int{}}
	if err := l.read(io.LimitReader(Plain(in), MaxLog+1)); err != nil {
		return nil, err
	}
	if l.kept == 0 {
		e := o.fail("there is no request in it that can be sent again", "it is to have lines with a request like \"GET / HTTP/1.1\" and a status, or JSON objects with method, uri and status")
		if l.unread > 0 {
			e.Line = l.firstLine
			e.Msg += fmt.Sprintf("; %s not understood, the first is %s", plural(l.unread, "line"), l.firstUnread)
		}
		return nil, e
	}
	l.foldSlugs()
	l.tell()
	l.requests()
	l.plan()
	return l.finish()
}

func (l *logReader) read(in io.Reader) error {
	r := bufio.NewReaderSize(in, maxLine)
	total := 0
	for {
		line, err := r.ReadSlice('\n')
		total += len(line)
		if total > MaxLog {
			l.cut = true
			return nil
		}
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			var more []byte
			more, err = r.ReadSlice('\n')
			total += len(more)
		}
		if err != nil && err != io.EOF {
			return l.fail("it cannot be read: "+printable(err.Error()), "")
		}
		if line = bytes.TrimSpace(line); len(line) > 0 || long {
			l.lines++
			l.line(string(line), long)
		} else if err == nil {
			l.lines++
		}
		if err == io.EOF {
			return nil
		}
	}
}

// line takes one line in.
func (l *logReader) line(text string, long bool) {
	if strings.HasPrefix(text, "#") {
		return // as W3C logs have
	}
	entry, ok := parseLine(text)
	if !ok || long || !utf8.ValidString(entry.uri) {
		if l.unread++; l.unread == 1 {
			l.firstLine, l.firstUnread = l.lines, show(holesAs(l.vault.text("", l.bare(strings.Map(ascii, text))), func(string) string { return "…" }))
		}
		return
	}
	path, _, _ := strings.Cut(entry.uri, "?")
	switch {
	case !l.All && staticFile(path):
		l.statics++
		return
	case entry.status == 400 || entry.status == 404 || entry.status == 405 || entry.status == 414 || entry.status == 444:
		l.refused++
		return
	}
	l.kept++
	if entry.origin != "" && (len(l.origins) < 1000 || l.origins[entry.origin] > 0) {
		l.origins[entry.origin]++
	}
	l.pace.add(entry.at)
	s, values := l.vault.general(entry.method, entry.uri)
	key := s.key()
	have := l.shapes[key]
	if have == nil {
		if len(l.shapes) >= maxShapes && !l.crowded {
			l.foldSlugs()
			l.crowded = len(l.shapes) > maxShapes/2
		}
		if len(l.shapes) >= maxShapes {
			l.others++
			return
		}
		have = &s
		have.rows = map[string]int{}
		l.shapes[key] = have
	}
	have.count++
	if entry.status >= 400 {
		have.refused++
	}
	row := strings.Join(values, "\x00")
	switch _, seen := have.rows[row]; {
	case seen:
		have.rows[row]++
	case len(have.rows) < maxRows && l.rows < maxAllRows && len(row) <= maxRowBytes:
		have.rows[row] = 1
		l.rows++
	default:
		have.over = true
	}
}

func ascii(r rune) rune {
	if r == utf8.RuneError {
		return '?'
	}
	return r
}

// tell notes what was left out of the log.
func (l *logReader) tell() {
	if l.cut {
		l.note("", "only the first %d MiB were read", MaxLog>>20)
	}
	if l.unread > 0 {
		l.note(fmt.Sprintf("line %d", l.firstLine), "%s not understood and left out; the first is %s", plural(l.unread, "line"), l.firstUnread)
	}
	if l.statics > 0 {
		l.note("", "%s for pictures, scripts, style sheets and fonts left out; --all keeps them", plural(l.statics, "request"))
	}
	l.tellSlugs()
	if l.others > 0 {
		l.note("", "%s left out: there are more than %d kinds of them", plural(l.others, "request"), maxShapes)
	}
	if l.refused > 0 {
		l.note("", "%s answered 400, 404, 405 or 414 left out: they ask for nothing that is there", plural(l.refused, "request"))
	}
}

// requests makes the calls: the shapes seen most often.
func (l *logReader) requests() {
	keys := sortedKeys(l.shapes)
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(l.shapes[b].count, l.shapes[a].count) })
	top := cmp.Or(max(l.Top, 0), 30)
	if len(keys) > top {
		rest := l.others
		for _, key := range keys[top:] {
			rest += l.shapes[key].count
		}
		l.note("", "the %d requests seen most often were kept, %.1f %% of all; %d more kinds left out, --top keeps more", top, 100*float64(l.kept-rest)/float64(l.kept), len(keys)-top)
		keys = keys[:top]
	}
	origin := ""
	for _, o := range sortedKeys(l.origins) {
		if l.origins[o] > l.origins[origin] {
			origin = o
		}
	}
	if _, problem := profiles.FromURL(origin); problem != nil {
		origin = ""
	} else if len(l.origins) > 1 {
		l.note("", "requests to %s are all sent to one target", plural(len(l.origins), "host"))
	}
	l.profile.Name = l.nameProfile()
	tables := map[string]bool{}
	bodies, deletes := 0, 0
	for _, key := range keys {
		s := l.shapes[key]
		c := &call{method: s.method, origin: origin, weight: float64(s.count)}
		if l.Target != "" {
			c.origin = ""
		}
		c.path = l.fill(s, tables)
		switch s.method {
		case "POST", "PUT", "PATCH":
			bodies++
			c.remark = "The log holds no bodies: add json: or body:"
		case "DELETE":
			deletes++
			c.weight = 0
			c.remark = fmt.Sprintf("It deletes, so it is not sent; in the log it had weight %d.", s.count)
		}
		if s.refused*2 > s.count {
			c.remark = strings.TrimPrefix(c.remark+"\nMost of these were answered 4xx or 5xx in the log.", "\n")
		}
		l.calls = append(l.calls, c)
	}
	if bodies > 0 {
		l.note("", "logs hold no bodies and no headers: %s of request without one", plural(bodies, "kind"))
	}
	if deletes > 0 && deletes == len(keys) {
		for _, c := range l.calls {
			c.weight, c.remark = 1, "It deletes: look twice before you send it."
		}
	} else if deletes > 0 {
		l.note("", "requests that delete have weight 0 and are not sent")
	}
}

// fill is the path of a shape, its values as placeholders of a file of values
// or as they are if they were always the same.
func (l *logReader) fill(s *shape, tables map[string]bool) string {
	names := s.columnNames()
	rows := s.sortedRows()
	constant := make([]bool, len(names))
	varying := 0
	for i := range names {
		constant[i] = true
		for _, row := range rows {
			constant[i] = constant[i] && row[i] == rows[0][i]
		}
		if len(rows) == 0 || !constant[i] {
			constant[i] = false
			varying++
		}
	}
	table := ""
	if varying > 0 && !l.NoFiles {
		table = l.write(s, names, rows, constant, tables)
	}
	place := func(i int, escape func(string) string) string {
		switch {
		case constant[i] && len(rows) > 0:
			return escape(rows[0][i])
		case table != "":
			return hole(table + "." + names[i])
		}
		return picks(rows, i, escape)
	}
	var b strings.Builder
	column := 0
	for _, segment := range s.segments {
		b.WriteByte('/')
		if segment != columnMark {
			b.WriteString(segment)
			continue
		}
		b.WriteString(place(column, escapePath))
		column++
	}
	for i, param := range s.params {
		sign := "&"
		if i == 0 {
			sign = "?"
		}
		b.WriteString(sign + param + "=")
		if s.hidden[i] {
			b.WriteString(l.vault.hide(envName(param), param, "", ""))
		} else {
			b.WriteString(place(len(names)-len(s.params)+i, escapeQuery))
		}
	}
	return cleanPath(b.String())
}

// sortedRows are the rows of a shape, those seen most often first. What looks
// like a secret is none of them.
func (s *shape) sortedRows() [][]string {
	keys := sortedKeys(s.rows)
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(s.rows[b], s.rows[a]) })
	var rows [][]string
	for _, key := range keys {
		if telling().MatchString(key) || assigned().MatchString(key) || strings.ContainsFunc(strings.ReplaceAll(key, "\x00", ""), func(r rune) bool { return r < ' ' || r == utf8.RuneError || r == 0xfeff }) {
			continue
		}
		if values := strings.Split(key, "\x00"); len(values) == len(s.columns) {
			rows = append(rows, values)
		}
	}
	return rows
}

// write writes the file of values of a shape and returns its name, or "" if
// there is nothing to write.
func (l *logReader) write(s *shape, names []string, rows [][]string, constant []bool, tables map[string]bool) string {
	var head []string
	for i, name := range names {
		if !constant[i] && !s.secret(i) {
			head = append(head, name)
		}
	}
	if len(head) == 0 || len(rows) == 0 {
		return ""
	}
	table := uniqueWord(s.table(), tables)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(head)
	for _, row := range rows {
		var values []string
		for i, v := range row {
			if !constant[i] && !s.secret(i) {
				values = append(values, v)
			}
		}
		if len(values) == 1 && values[0] == "" {
			continue // csv would write an empty line, which is no row
		}
		w.Write(values)
	}
	w.Flush()
	file := File{Name: beside(l.profile.Name) + "-" + table + ".csv", Data: b.Bytes()}
	l.files = append(l.files, file)
	l.profile.Data = append(l.profile.Data, profiles.Data{Name: table, File: file.Name, Order: feeder.Random})
	if s.over {
		l.note("", "%s holds the first %d values; there were more", file.Name, len(rows))
	}
	return table
}

// secret reports whether a column is a hidden value of the query.
func (s *shape) secret(column int) bool {
	i := column - (len(s.columns) - len(s.params))
	return i >= 0 && s.hidden[i]
}

// picks is a placeholder with the values of a column seen most often.
func picks(rows [][]string, column int, escape func(string) string) string {
	var words []string
	for _, row := range rows {
		if v := row[column]; len(words) < 20 && v != "" && word(v, "") != "" && !strings.ContainsAny(v, ` "\{}$`) || idForm().MatchString(row[column]) && len(words) < 20 {
			if !slices.Contains(words, row[column]) {
				words = append(words, row[column])
			}
		}
	}
	switch len(words) {
	case 0:
		return "1"
	case 1:
		return escape(words[0])
	}
	return hole("pick " + strings.Join(words, " "))
}

// tally counts requests over time in buckets whose width follows the span.
type tally struct {
	width   time.Duration
	buckets map[int64]int
	timed   int
}

const maxBuckets = 4096

func (t *tally) add(at time.Time) {
	if at.IsZero() || at.Year() < 1980 || at.Year() > 2200 {
		return
	}
	if t.buckets == nil {
		t.buckets, t.width = map[int64]int{}, time.Second
	}
	t.timed++
	t.buckets[at.UnixNano()/int64(t.width)]++
	for len(t.buckets) > maxBuckets {
		folded := map[int64]int{}
		for i, n := range t.buckets {
			folded[i/2] += n
		}
		t.width *= 2
		t.buckets = folded
	}
}

// widths are the steps in which a rate is looked at.
var widths = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// curve is the rate over time, in at most 60 steps of which the last ends with
// the log.
func (t *tally) curve(scale float64) (c curve, length, width time.Duration) {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range t.buckets {
		first, last = min(first, i), max(last, i)
	}
	length = time.Duration(last-first+1) * t.width
	width = widths[len(widths)-1]
	for _, w := range widths {
		few := float64(t.timed)*float64(w)/float64(length) < 25 // in a step: the rate would be noise
		if w >= t.width && length/w < 60 && (!few || length/w < 12) {
			width = w
			break
		}
	}
	if length/width > 3650 {
		return nil, length, width
	}
	n := int((length + width - 1) / width)
	counts := make([]float64, n)
	for i, count := range t.buckets {
		counts[min(n-1, int(time.Duration(i-first)*t.width/width))] += float64(count)
	}
	for i, count := range counts {
		from := time.Duration(i) * width
		to := min(from+width, length)
		rate := scale * count / (to - from).Seconds()
		if i == 0 {
			c = append(c, point{0, rate})
		}
		if n > 1 {
			c = append(c, point{(from + to) / 2, rate})
		}
		if i == n-1 {
			c = append(c, point{length, rate})
		}
	}
	return c, length, width
}

// plan makes phases of the rate over time.
func (l *logReader) plan() {
	scale := l.Scale
	if scale <= 0 || math.IsInf(scale, 0) || math.IsNaN(scale) {
		scale = 1
	}
	c, length, width := l.pace.curve(scale)
	if l.pace.timed == 0 || len(c) == 0 || length > grammar.MaxDuration {
		l.note("", "the lines have no times that make a plan: add phases: [rate 100, hold 5m]")
		return
	}
	peak := 0.0
	for _, p := range c {
		peak = max(peak, p.rate)
	}
	noise := math.Sqrt(peak * scale / width.Seconds()) // of counting: arrivals are random
	l.profile.Phases = c.simplified(18, max(peak/25, 1.5*noise)).phases()
	l.planning = append(l.planning, fmt.Sprintf("The rate of the log over its %s, looked at in steps of %s; at most %s/s.", grammar.FormatDuration(length), grammar.FormatDuration(width), plainFloat(roundRate(peak))))
	if scale != 1 {
		l.planning = append(l.planning, "Times "+plainFloat(scale)+", as --scale said.")
	}
	if length < 10*time.Second {
		l.note("", "the log covers %s only: its rate says little", grammar.FormatDuration(length))
	}
}

// escapePath escapes a segment of a path.
func escapePath(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "%", "%25"), "/", "%2F"), "?", "%3F"), "#", "%23")
}
