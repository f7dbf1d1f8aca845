package importer

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// writer writes a profile for a reader who will go on editing it: a key a line,
// long JSON over several lines, comments.
type writer struct{ b bytes.Buffer }

func (w *writer) line(format string, a ...any) { fmt.Fprintf(&w.b, format+"\n", a...) }

// comment writes lines behind # signs.
func (w *writer) comment(indent string, lines []string) {
	for _, line := range lines {
		line = strings.TrimRight(printable(line), " ")
		if line == "" {
			w.line("%s#", indent)
		} else {
			w.line("%s# %s", indent, line)
		}
	}
}

// text writes a key and its value, if there is one.
func (w *writer) text(indent, key, value string) {
	if value != "" {
		w.line("%s%s: %s", indent, key, yamlText(value))
	}
}

func (w *writer) profile(p *profiles.Profile, calls []*call, shared []profiles.Header, remarks, planning []string) {
	w.line("stoke: %d", profiles.Version)
	w.text("", "name", p.Name)
	w.text("", "target", p.Target)
	if p.Limits.Rate > 0 {
		w.line("limits: {rate: %s}", plainFloat(p.Limits.Rate))
	}
	if p.KeepAlive != nil {
		w.line("keep-alive: %t", *p.KeepAlive)
	}
	if p.Concurrency > 0 {
		w.line("concurrency: %d", p.Concurrency)
	}
	if p.Timeout > 0 {
		w.line("timeout: %s", grammar.FormatDuration(p.Timeout))
	}
	if p.ConnectTimeout > 0 {
		w.line("connect-timeout: %s", grammar.FormatDuration(p.ConnectTimeout))
	}
	w.text("", "connect-to", p.ConnectTo)
	w.text("", "unix-socket", p.UnixSocket)
	w.text("", "proxy", p.Proxy)
	w.tls(p.TLS)
	w.headers("", shared)
	if len(p.Data) > 0 {
		w.line("")
		w.line("data:")
		for _, d := range p.Data {
			w.line("  %s: {file: %s, order: %s}", d.Name, yamlText(d.File), d.Order)
		}
	}
	w.line("")
	w.line("requests:")
	w.requests(p, calls, remarks)
	if len(p.Phases) > 0 {
		w.line("")
		w.comment("", planning)
		w.line("phases:")
		for _, phase := range p.Phases {
			w.line("  - %s", yamlText(phase.Change.String()))
		}
	}
}

func (w *writer) tls(t profiles.TLS) {
	if t == (profiles.TLS{}) {
		return
	}
	w.line("tls:")
	if t.Insecure {
		w.line("  insecure: true")
	}
	w.text("  ", "ca", t.CA)
	w.text("  ", "cert", t.Cert)
	w.text("  ", "key", t.Key)
	w.text("  ", "server-name", t.ServerName)
}

func (w *writer) requests(p *profiles.Profile, calls []*call, remarks []string) {
	indent, requests := "  ", p.Requests
	if len(requests) == 1 && len(requests[0].Steps) > 0 {
		w.line("  - name: %s", yamlText(requests[0].Name))
		w.line("    steps:")
		indent, requests = "      ", requests[0].Steps
	}
	for i := range requests {
		if remarks[i] != "" {
			w.comment(indent, strings.Split(remarks[i], "\n"))
		}
		w.request(indent, &requests[i], calls[i])
	}
}

func (w *writer) request(indent string, q *profiles.Request, c *call) {
	in := indent + "  "
	w.line("%s- name: %s", indent, yamlText(q.Name))
	if q.Think.From > 0 {
		w.line("%sthink: %s", in, grammar.FormatDuration(q.Think.From))
	}
	if q.Weight != 1 && len(in) == 4 {
		w.line("%sweight: %s", in, plainFloat(q.Weight))
	}
	switch key := strings.ToLower(q.Method); key {
	case "get", "post", "put", "patch", "delete", "head", "options":
		w.line("%s%s: %s", in, key, yamlText(q.Path))
	default:
		w.line("%smethod: %s", in, yamlText(q.Method))
		w.line("%spath: %s", in, yamlText(q.Path))
	}
	w.headers(in, c.headers)
	w.body(in, q, c)
	if len(q.Capture) > 0 {
		w.line("%scapture:", in)
		for _, k := range q.Capture {
			w.line("%s  %s: %s", in, k.Name, profiles.Quoted(k.Source.String()))
		}
	}
	if len(q.Expect) > 0 {
		var parts []string
		for _, r := range q.Expect {
			parts = append(parts, strconv.Itoa(r.From))
		}
		list := parts[0]
		if len(parts) > 1 {
			list = "[" + strings.Join(parts, ", ") + "]"
		}
		w.line("%sexpect: {status: %s}", in, list)
	}
}

func (w *writer) body(in string, q *profiles.Request, c *call) {
	switch b := &c.body; {
	case b.json != nil:
		if flow := b.json.flow(); !b.json.bare() && len(in)+len(flow) <= 100 {
			w.line("%sjson: %s", in, flow)
		} else {
			w.tree(in, "json:", b.json)
		}
	case b.form != nil:
		w.line("%sform:", in)
		for _, f := range b.form {
			w.line("%s  %s: %s", in, yamlKey(f.Name), profiles.Quoted(filled(f.Value)))
		}
	case b.parts != nil:
		w.line("%smultipart:", in)
		for _, p := range b.parts {
			value := "value: " + profiles.Quoted(filled(p.Value))
			if p.File != "" {
				value = "file: " + yamlText(p.File)
			}
			w.line("%s  - name: %s", in, yamlText(p.Name))
			w.line("%s    %s", in, value)
			w.text(in+"    ", "type", p.Type)
		}
	case q.BodyFile != "":
		w.line("%sbody: {file: %s}", in, yamlText(q.BodyFile))
	case q.Body != "":
		w.line("%sbody: %s", in, profiles.Quoted(q.Body))
	}
}

func (w *writer) headers(in string, headers []profiles.Header) {
	if len(headers) == 0 {
		return
	}
	w.line("%sheaders:", in)
	for _, h := range headers {
		w.line("%s  %s: %s", in, yamlKey(h.Name), profiles.Quoted(filled(h.Value)))
	}
}

// tree writes a JSON value behind a key or a dash, a line for each of its parts.
func (w *writer) tree(in, lead string, t *tree) {
	if len(t.kids) == 0 {
		w.line("%s%s %s", in, lead, t.flow())
		return
	}
	dash := ""
	if lead == "-" && t.kind == '{' {
		dash = "- " // the first key stands on the line of the dash
	} else {
		w.line("%s%s", in, lead)
	}
	for i, kid := range t.kids {
		switch {
		case t.kind == '[':
			w.tree(in+"  ", "-", kid)
		case dash != "" && i == 0:
			w.key(in+dash, in+"    ", t.keys[i], kid)
		default:
			w.key(in+"  ", in+"    ", t.keys[i], kid)
		}
	}
}

// key writes a key of an object; what is within it begins at inner.
func (w *writer) key(in, inner, key string, t *tree) {
	if len(t.kids) == 0 {
		w.line("%s%s: %s", in, yamlKey(filled(key)), t.flow())
		return
	}
	w.line("%s%s:", in, yamlKey(filled(key)))
	for i, kid := range t.kids {
		if t.kind == '[' {
			w.tree(inner, "-", kid)
		} else {
			w.key(inner, inner+"  ", t.keys[i], kid)
		}
	}
}

// bare reports whether a placeholder stands for a whole number, which may not
// stand within brackets.
func (t *tree) bare() bool {
	return t.kind == '0' && strings.Contains(t.text, holeBegin) || slices.ContainsFunc(t.kids, (*tree).bare)
}

// plainFloat is a number without an exponent, in at most four digits behind the
// point.
func plainFloat(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64)
}

var (
	bareText = lazily(`^[A-Za-z/][A-Za-z0-9 _./?=&%+:#-]*$`)
	bareKey  = lazily(`^[A-Za-z][A-Za-z0-9_-]*$`)
	notText  = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
)

// yamlText is a text as a value, in quotes where YAML would take it for
// something else.
func yamlText(s string) string {
	if bareText().MatchString(s) && !strings.Contains(s, ": ") && !strings.Contains(s, " #") && !strings.HasSuffix(s, ":") &&
		!strings.HasSuffix(s, " ") && !slices.Contains(notText, strings.ToLower(s)) {
		return s
	}
	return profiles.Quoted(s)
}

// yamlKey is a text as a key.
func yamlKey(s string) string {
	if bareKey().MatchString(s) && !slices.Contains(notText, strings.ToLower(s)) {
		return s
	}
	return profiles.Quoted(s)
}
