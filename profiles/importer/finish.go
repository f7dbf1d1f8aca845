package importer

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"stoke/profiles"
)

// The bounds of what a profile may hold, below those of the format.
const (
	maxRequests = 300
	maxSteps    = 200       // of a scenario
	maxProfile  = 700 << 10 // bytes of paths, headers and bodies
)

// finish makes the profile of all calls.
func (m *mix) finish() (*Result, error) {
	if err := m.aim(); err != nil {
		return nil, err
	}
	m.hideSecrets()
	if !m.scenario {
		m.merge()
	}
	m.bound()
	m.blobs()
	p := &m.profile
	if p.TLS != (profiles.TLS{}) && strings.HasPrefix(p.Target, "http://") {
		p.TLS = profiles.TLS{} // curl takes -k with http too
	}
	p.Name = m.nameProfile()
	shared := m.shared()
	p.Headers = literal(shared)
	names := map[string]bool{}
	var remarks []string
	var requests []profiles.Request
	for _, c := range m.calls {
		c.headers = slices.DeleteFunc(c.headers, func(h profiles.Header) bool { return slices.Contains(shared, h) })
		requests = append(requests, c.request(uniqueName(c.title(), names)))
		remarks = append(remarks, c.remark)
	}
	if m.scenario {
		for i := range requests {
			requests[i].Weight = 0
		}
		requests = []profiles.Request{{Name: p.Name, Weight: 1, Steps: requests}}
	}
	p.Requests = requests
	body := &writer{}
	body.profile(p, m.calls, shared, remarks, m.planning)
	m.vault.order = slices.DeleteFunc(m.vault.order, func(name string) bool {
		return !bytes.Contains(body.b.Bytes(), []byte("${env."+name+"}"))
	})
	m.tellSecrets()
	w := &writer{}
	w.comment("", m.top())
	text := append(w.b.Bytes(), body.b.Bytes()...)
	read, err := profiles.Read(p.Name+".yaml", text)
	if err != nil {
		return nil, m.fail("the profile made of it does not read: "+err.Error(), "import a part of the input")
	}
	return &Result{Profile: read, Text: text, Files: m.files, Notes: m.notes, meant: p}, nil
}

// aim decides on the target and leaves out the calls that go elsewhere.
func (m *mix) aim() error {
	var origins []string
	weight := map[string]float64{}
	for _, c := range m.calls {
		if c.origin == "" {
			continue
		}
		if _, seen := weight[c.origin]; !seen {
			origins = append(origins, c.origin)
		}
		weight[c.origin] += c.weight
	}
	kept := ""
	for _, o := range origins {
		if kept == "" || weight[o] > weight[kept] {
			kept = o
		}
	}
	target := kept
	if m.Target != "" {
		target = strings.TrimSuffix(m.Target, "/")
		given := ""
		if scheme, rest, ok := strings.Cut(target, "://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			given = strings.ToLower(scheme + "://" + host)
		}
		if _, seen := weight[given]; seen {
			kept = given
		}
	}
	if target == "" {
		if len(m.calls) > 0 || m.kind == "k6 script" {
			return m.fail("it does not say to which host the requests go", "add --target https://host")
		}
		return m.nothing()
	}
	if _, problem := profiles.FromURL(target); problem != nil {
		return m.fail("--target: "+problem.Error(), "")
	}
	prefix := ""
	if _, rest, _ := strings.Cut(target, "://"); strings.Contains(rest, "/") {
		prefix = rest[strings.IndexByte(rest, '/'):]
	}
	elsewhere := map[string]int{}
	m.calls = slices.DeleteFunc(m.calls, func(c *call) bool {
		if c.origin != "" && c.origin != kept {
			elsewhere[c.origin]++
			return true
		}
		if rest, ok := strings.CutPrefix(c.path, prefix); ok && prefix != "" && strings.HasPrefix(rest, "/") && c.origin != "" {
			c.path = rest
		}
		m.tellHost(c)
		return false
	})
	for _, o := range origins {
		if n := elsewhere[o]; n > 0 {
			m.note("", "%s to %s left out: a profile has one target; --target %s keeps that one", plural(n, "request"), o, o)
		}
	}
	if len(m.calls) == 0 {
		return m.nothing()
	}
	m.profile.Target = target
	return nil
}

// nothing is the error of an input without a request, with the first of the
// reasons why none is left.
func (m *mix) nothing() *Error {
	if len(m.notes) == 0 {
		return m.fail("there is no request in it", "")
	}
	why := m.vault.sweep(func(string) string { return "…" })(m.notes[0].String())
	return m.fail("there is no request in it that can be sent: "+why, "")
}

// hideSecrets replaces secrets in all calls, and then whatever of them stands
// anywhere else.
func (m *mix) hideSecrets() {
	for _, c := range m.calls {
		contentType := c.header("content-type")
		for i, h := range c.headers {
			c.headers[i].Value = m.vault.header(c.where, h)
		}
		path, query, found := strings.Cut(c.path, "?")
		c.path = m.vault.path(c.where, path)
		if found {
			c.path += "?" + m.vault.query(c.where, query)
		}
		c.body.hide(m.vault, c.where, contentType)
	}
	everywhere := m.vault.sweep(func(name string) string { return hole("env." + name) })
	plain := m.vault.sweep(func(string) string { return "…" })
	for _, c := range m.calls {
		for i := range c.headers {
			c.headers[i].Value = everywhere(c.headers[i].Value)
		}
		c.path = everywhere(c.path)
		c.body.each(everywhere)
		if plain(c.body.blob) != c.body.blob {
			c.body.blob = ""
			m.note(c.where, "its body is not text and holds a secret, so it was left out: write it into a file beside the profile and name that as its body")
		}
		c.name, c.remark = plain(c.name), plain(c.remark)
	}
	for i := range m.notes {
		m.notes[i].Text = plain(m.notes[i].Text)
	}
	for i := range m.files {
		m.files[i].Data = []byte(plain(string(m.files[i].Data)))
	}
	m.Name = plain(m.Name)
}

// key is what makes two calls the same request.
func (c *call) key() string { return c.method + " " + c.path + c.body.key() }

// merge makes one request of those that are the same, with their weights
// added.
func (m *mix) merge() {
	first := map[string]*call{}
	var kept []*call
	for _, c := range m.calls {
		have := first[c.key()]
		if have == nil {
			first[c.key()] = c
			kept = append(kept, c)
			continue
		}
		have.weight += c.weight
		if !slices.Equal(c.headers, have.headers) {
			m.note(c.where, "the same request as at %s with other headers: those of the first were kept", have.where)
		}
		for _, status := range c.expect {
			if !slices.Contains(have.expect, status) {
				have.expect = append(have.expect, status)
			}
		}
		if len(c.expect) == 0 && len(have.expect) > 0 && !slices.Contains(have.expect, 200) {
			have.expect = append(have.expect, 200)
		}
		if have.remark == "" {
			have.remark = c.remark
		}
	}
	m.calls = kept
}

// bound leaves out bodies that are too long, and the rarest requests if there
// are too many.
func (m *mix) bound() {
	for _, c := range m.calls {
		if n := len(c.body.key()); n > 2*maxBody && c.body.blob == "" { // made of what a script or a document says
			c.body = body{}
			m.note(c.where, "%s", tooLong(n))
		}
	}
	size := func(c *call) int {
		n := len(c.key()) - len(c.body.blob)
		for _, h := range c.headers {
			n += len(h.Name) + len(h.Value)
		}
		return n + n/4 + 200
	}
	byWeight := slices.Clone(m.calls)
	if !m.scenario {
		slices.SortStableFunc(byWeight, func(a, b *call) int { return cmp.Compare(b.weight, a.weight) })
	}
	most := maxRequests
	if m.scenario {
		most = maxSteps
	}
	total, out := 0, map[*call]bool{}
	for i, c := range byWeight {
		if total += size(c); i > 0 && (i >= most || total > maxProfile) {
			out[c] = true
			total -= size(c)
		}
	}
	if len(out) == 0 {
		return
	}
	what := "the rarest"
	if m.scenario {
		what = "the last"
	}
	m.note("", "%s, %s, left out: a profile of all would be too long", plural(len(out), "request"), what)
	m.calls = slices.DeleteFunc(m.calls, func(c *call) bool { return out[c] })
}

// shared are the headers that all calls have in the same way, if there are
// several calls.
func (m *mix) shared() []profiles.Header {
	if len(m.calls) < 2 {
		return nil
	}
	var shared []profiles.Header
	for _, h := range m.calls[0].headers {
		everywhere := !strings.EqualFold(h.Name, "content-type")
		for _, c := range m.calls[1:] {
			everywhere = everywhere && slices.Contains(c.headers, h)
		}
		if everywhere {
			shared = append(shared, h)
		}
	}
	return shared
}

// request is the call as the format has it.
func (c *call) request(name string) profiles.Request {
	q := profiles.Request{
		Name: name, Weight: c.weight, Method: c.method, Path: filled(c.path), Headers: literal(c.headers),
		Body: filled(c.body.text), BodyFile: c.body.file, Form: literal(c.body.form), Capture: c.capture,
		Think: profiles.Think{From: c.think, To: c.think},
	}
	if c.body.json != nil {
		q.JSON = c.body.json.compact()
	}
	for _, p := range c.body.parts {
		p.Value = filled(p.Value)
		q.Multipart = append(q.Multipart, p)
	}
	slices.Sort(c.expect)
	for _, status := range c.expect {
		q.Expect = append(q.Expect, profiles.StatusRange{From: status, To: status})
	}
	return q
}

// literal is a list of headers or fields with its holes filled in.
func literal(list []profiles.Header) []profiles.Header {
	var out []profiles.Header
	for _, h := range list {
		out = append(out, profiles.Header{Name: h.Name, Value: filled(h.Value)})
	}
	return out
}

// title is what the call should be called.
func (c *call) title() string {
	name := c.name
	if name == "" {
		path, _, _ := strings.Cut(c.path, "?")
		name = c.method + " " + holesAs(path, func(words string) string {
			name, column, found := strings.Cut(words, ".")
			switch {
			case name == "env":
				return "…"
			case found && !strings.Contains(words, " "):
				return "{" + column + "}"
			}
			return "{}"
		})
	} else {
		name = holesAs(name, func(string) string { return "…" })
	}
	name = strings.TrimSpace(printable(strings.ReplaceAll(name, "${", "$ {")))
	return cut(cmp.Or(name, "request"), 70)
}

// uniqueName gives a name a number if there is one like it.
func uniqueName(name string, taken map[string]bool) string {
	unique := name
	for n := 2; taken[unique]; n++ {
		unique = name + " #" + strconv.Itoa(n)
	}
	taken[unique] = true
	return unique
}

// nameProfile is the name that was asked for, or that of the input's file.
func (m *mix) nameProfile() string {
	name := m.Name
	if name == "" && m.file() != "-" {
		name = filepath.Base(m.file())
		name = strings.TrimSuffix(name, ".gz")
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	if strings.Trim(name, ". ") == "" {
		_, name, _ = strings.Cut(m.profile.Target, "://")
		name, _, _ = strings.Cut(name, "/")
	}
	name = strings.TrimSpace(printable(strings.ReplaceAll(strings.ToValidUTF8(name, "?"), "${", "$ {")))
	return cut(cmp.Or(name, "imported"), 70)
}

// tellSecrets notes names that stood for more than one value.
func (m *mix) tellSecrets() {
	for _, name := range m.vault.order {
		if s := m.vault.about[name]; len(s.values) > 1 {
			m.note(s.where, "%s had %d different values; all became ${env.%s}", s.what, len(s.values), name)
		}
	}
}

// top is the comment at the top of the profile.
func (m *mix) top() []string {
	from := "standard input"
	if m.file() != "-" {
		from = filepath.Base(m.file())
	}
	lines := []string{fmt.Sprintf("Imported from the %s in %s.", m.kind, cut(printable(from), 60))}
	lines = append(lines, m.remarks...)
	if len(m.vault.order) > 0 {
		lines = append(lines, "", "Secrets were replaced by references. Set them before a run:")
		width := 0
		for _, name := range m.vault.order {
			width = max(width, utf8.RuneCountInString(name))
		}
		for _, name := range m.vault.order {
			s := m.vault.about[name]
			where := ""
			if s.where != "" {
				where = ", " + s.where
			}
			lines = append(lines, fmt.Sprintf("  export %s=…%s   # %s%s", name, strings.Repeat(" ", width-len(name)), cut(printable(s.what), 60), printable(where)))
		}
	}
	return append(lines, "", "Next: stoke check FILE --send sends each request once; stoke run FILE drives the load.")
}
