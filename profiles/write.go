package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"stoke/profiles/answer"
	"stoke/profiles/grammar"
)

// errUnwritable says that a profile could not be written as a text that reads
// back as the same.
var errUnwritable = errors.New("the profile cannot be written: it does not read back as it was")

// YAML returns a text that [Read] reads as this profile. What is as it would be
// by default is left out.
func (p *Profile) YAML() ([]byte, error) {
	d := p.WithDefaults()
	w := &yamlWriter{}
	w.line("stoke: %d", Version)
	w.text("name", d.Name)
	w.text("target", d.Target)
	w.limits(d.Limits)
	w.defaults(d)
	w.tls(d.TLS)
	if len(d.Limited) > 0 {
		w.line("limited: [%s]", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(d.Limited)), ", "), "[]"))
	}
	if d.RateCounts != DefaultRateCounts {
		w.text("rate-counts", d.RateCounts)
	}
	if d.OnLimited != DefaultOnLimited {
		w.text(onLimitedKey, d.OnLimited)
	}
	w.retries("", d.Retry)
	w.headers("", d.Headers)
	w.data(d.Data)
	w.line("")
	w.line("requests:")
	for i := range d.Requests {
		w.request("  ", &d.Requests[i], false)
	}
	if len(d.Phases) > 0 {
		w.line("")
		w.b.WriteString(phasesText(d.Phases))
	}
	return w.b.Bytes(), same(w.b.Bytes(), d)
}

// Rewrite returns the text of a profile with other phases, under another name,
// and leaves all else as it is: comments, order and layout too.
func Rewrite(data []byte, name string, phases []Phase) ([]byte, error) {
	before, err := Read(name, data)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	root, ok := d.parse(data)
	n, block := root.node.(*ast.MappingNode)
	if !ok || !block || n.IsFlowStyle {
		return nil, errors.New("the keys of the profile do not stand on lines of their own")
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	lines := strings.SplitAfter(strings.TrimRight(text, "\n")+"\n", "\n")
	lines = lines[:len(lines)-1] // after the last line end there is nothing
	entries := root.quietEntries()
	at := func(i int) int { // the line, from 0, at which the part of key i ends
		if i+1 < len(entries) {
			return entries[i+1].at.line - 1
		}
		return len(lines)
	}
	placed := false
	for i, e := range slices.Backward(entries) {
		from, end := e.at.line-1, at(i)
		for end > from+1 && remark(lines[end-1]) {
			end-- // it belongs to what follows
		}
		switch e.key {
		case "phases":
			lines = slices.Replace(lines, from, end, phasesText(phases))
			placed = true
		case "name":
			lines = slices.Replace(lines, from, end, "name: "+yamlText(name)+comment(e.value.node)+"\n")
		}
	}
	if !placed {
		lines = append(lines, "\n", phasesText(phases))
	}
	out := []byte(strings.Join(lines, ""))
	before.Name, before.Phases = name, phases
	return out, same(out, before.WithDefaults())
}

// comment is what stands behind a value on its line, with three blanks before
// it, or nothing.
func comment(n ast.Node) string {
	tk := n.GetToken()
	if tk == nil || tk.Next == nil || tk.Next.Type != token.CommentType || tk.Next.Position.Line != tk.Position.Line {
		return ""
	}
	return "   #" + strings.TrimRight(tk.Next.Value, " \t\r\n")
}

// remark reports whether a line holds nothing, or a comment of its own.
func remark(line string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#")
}

// same reads a text back and compares.
func same(data []byte, want *Profile) error {
	got, err := Read(want.Name, data)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnwritable, err)
	}
	a, b := got.WithDefaults(), want.Clone()
	if !slices.Equal(a.bare(), b.bare()) || !reflect.DeepEqual(a, b) {
		return errUnwritable
	}
	return nil
}

// bare takes out of a profile what two texts of the same may differ in, and
// returns its tests and sources as texts: compiled they need not be equal.
func (p *Profile) bare() []string {
	p.Origin, p.Mentions = "", nil
	for i := range p.Phases {
		p.Phases[i] = Phase{Change: p.Phases[i].Change}
	}
	p.Headers, p.Data, p.Limited, p.Phases = filled(p.Headers), filled(p.Data), filled(p.Limited), filled(p.Phases)
	return bareRequests(p.Requests)
}

func bareRequests(requests []Request) (texts []string) {
	take := func(t *answer.Test) {
		if t != nil {
			texts = append(texts, t.String())
			*t = answer.Test{}
		}
	}
	for i := range requests {
		q := &requests[i]
		q.Headers, q.Form, q.Multipart, q.Expect = filled(q.Headers), filled(q.Form), filled(q.Multipart), filled(q.Expect)
		for i := range q.Checks {
			take(&q.Checks[i])
		}
		for i := range q.Capture {
			texts = append(texts, q.Capture[i].Source.String())
			q.Capture[i].Source = answer.Source{}
		}
		q.Checks, q.Capture = filled(q.Checks), filled(q.Capture)
		if a := q.Async; a != nil {
			a.Headers = filled(a.Headers)
			a.Accepted, a.Failed = own(a.Accepted), own(a.Failed)
			take(a.Accepted)
			take(&a.Done)
			take(a.Failed)
		}
		texts = append(texts, bareRequests(q.Steps)...)
		q.Steps = filled(q.Steps)
	}
	return texts
}

// own returns a copy, so that the original can be kept.
func own[T any](v *T) *T {
	if v == nil {
		return nil
	}
	c := *v
	return &c
}

// filled makes an empty slice nil.
func filled[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

func phasesText(phases []Phase) string {
	var b strings.Builder
	b.WriteString("phases:\n")
	for _, p := range phases {
		text := p.Text
		if text == "" {
			text = p.Change.String()
		}
		b.WriteString("  - " + yamlText(text) + "\n")
	}
	return b.String()
}

// yamlWriter writes the keys of a profile.
type yamlWriter struct{ b bytes.Buffer }

func (w *yamlWriter) line(format string, a ...any) { fmt.Fprintf(&w.b, format+"\n", a...) }

// text writes a key and its value, if there is one.
func (w *yamlWriter) text(key, value string) {
	if value != "" {
		w.line("%s: %s", key, yamlText(value))
	}
}

func (w *yamlWriter) limits(l Limits) {
	var parts []string
	if l.Rate > 0 {
		parts = append(parts, "rate: "+grammar.FormatRate(l.Rate))
	}
	if l.Concurrency > 0 {
		parts = append(parts, "concurrency: "+strconv.Itoa(l.Concurrency))
	}
	if len(parts) > 0 {
		w.line("limits: {%s}", strings.Join(parts, ", "))
	}
}

// defaults writes what has a default, where it differs.
func (w *yamlWriter) defaults(p *Profile) {
	if p.Concurrency != (&Profile{Limits: p.Limits}).WithDefaults().Concurrency {
		w.line("concurrency: %d", p.Concurrency)
	}
	span := func(key string, d, standard time.Duration) {
		if d != standard {
			w.line("%s: %s", key, grammar.FormatDuration(d))
		}
	}
	span("timeout", p.Timeout, DefaultTimeout)
	span("connect-timeout", p.ConnectTimeout, p.Timeout)
	span("max-late", p.MaxLate, p.Timeout)
	if p.Arrivals != DefaultArrivals {
		w.text("arrivals", p.Arrivals)
	}
	if p.Late != DefaultLate {
		w.text("late", p.Late)
	}
	if !*p.KeepAlive {
		w.line("keep-alive: false")
	}
	w.connections(p)
}

// connections writes the keys about the way to the target.
func (w *yamlWriter) connections(p *Profile) {
	if c := p.Connections; c != (Connections{}) {
		w.line("connections:")
		if c.MaxRequests > 0 {
			w.line("  max-requests: %d", c.MaxRequests)
		}
		if c.MaxAge > 0 {
			w.line("  max-age: %s", grammar.FormatDuration(c.MaxAge))
		}
	}
	w.text("connect-to", p.ConnectTo)
	w.text("unix-socket", p.UnixSocket)
	if len(p.Source) > 0 {
		w.line("source:")
		for _, addr := range p.Source {
			w.line("  - %s", Quoted(addr.String()))
		}
	}
	w.text("proxy", p.Proxy)
	if p.DNSTTL > 0 {
		w.line("dns-ttl: %s", grammar.FormatDuration(p.DNSTTL))
	}
}

func (w *yamlWriter) tls(t TLS) {
	if t == (TLS{}) {
		return
	}
	w.line("tls:")
	if t.Insecure {
		w.line("  insecure: true")
	}
	w.text("  ca", t.CA)
	w.text("  cert", t.Cert)
	w.text("  key", t.Key)
	w.text("  server-name", t.ServerName)
	w.text("  min", t.Min)
	w.text("  max", t.Max)
	if t.Resume != nil {
		w.line("  resume: %t", *t.Resume)
	}
}

func (w *yamlWriter) headers(indent string, headers []Header) {
	if len(headers) == 0 {
		return
	}
	w.line("%sheaders:", indent)
	for _, h := range headers {
		w.line("%s  %s: %s", indent, h.Name, Quoted(h.Value))
	}
}

func statusText(r StatusRange) string {
	if r.From == r.To {
		return strconv.Itoa(r.From)
	}
	return fmt.Sprintf(`"%d-%d"`, r.From, r.To)
}

// bare matches what YAML takes for the same text without quotes; words that it
// takes for something else are left out below.
var (
	bare  = regexp.MustCompile(`^[A-Za-z/]([A-Za-z0-9 _./?=&%+"-]|:[^ ])*$`)
	words = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

// yamlText is a text as a value in YAML, quoted where it must be.
func yamlText(s string) string {
	if bare.MatchString(s) && !strings.HasSuffix(s, " ") && !slices.Contains(words, strings.ToLower(s)) {
		return s
	}
	if !strings.Contains(s, "'") && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return "'" + s + "'"
	}
	return Quoted(s)
}

// Quoted is a text in double quotes, as YAML and JSON both read it. What is not
// UTF-8 becomes the replacement character.
func Quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			b.WriteString("\ufffd") // not UTF-8
		case r > 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case r != ' ' && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
