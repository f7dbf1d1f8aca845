package importer

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"stoke/profiles"
)

// call is one request as an input has it. Its texts are literal but for holes.
type call struct {
	where   string // in the input
	name    string // as it should be called; empty: method and path
	remark  string // a comment to stand above it
	method  string
	origin  string // scheme://host:port; empty: whatever the target is
	path    string // with its query; begins with a slash
	host    string // of its Host header, if it has one
	headers []profiles.Header
	body    body
	weight  float64
	expect  []int // statuses, if not the usual ones
	capture []profiles.Capture
	think   time.Duration // before it, in a scenario
}

// mix gathers what an importer found, and makes the profile of it.
type mix struct {
	Options
	kind  string // "curl commands"
	calls []*call
	vault *vault
	notes []Note
	told  map[string]bool

	profile  profiles.Profile // what is not in the calls: connection, data, phases
	scenario bool             // the calls are the steps of one scenario
	remarks  []string         // further lines of the comment at the top
	planning []string         // a comment above the phases
	files    []File
}

func newMix(kind string, o Options) *mix {
	return &mix{Options: o, kind: kind, vault: newVault(), told: map[string]bool{}}
}

// maxNotes bounds what is told about an input.
const maxNotes = 200

// note tells something once.
func (m *mix) note(where, format string, a ...any) {
	text := fmt.Sprintf(format, a...)
	if m.told[text] || len(m.notes) >= maxNotes {
		return
	}
	m.told[text] = true
	m.notes = append(m.notes, Note{where, text})
}

// maxPath bounds a path with its query, in bytes.
const maxPath = 16 << 10

// locate sets a call's origin, path and credentials from a URL. It reports
// false, with a note, if the call cannot be sent.
func (m *mix) locate(c *call, raw string) bool {
	raw = strings.TrimSpace(raw)
	if strings.HasPrefix(raw, holeBegin) { // the host is a variable
		_, rest, _ := strings.Cut(raw, holeEnd)
		if rest == "" || rest[0] != '/' {
			rest = "/" + rest
		}
		c.path = cleanPath(rest)
		return len(c.path) <= maxPath
	}
	u, err := url.Parse(strings.NewReplacer(holeBegin, "", holeEnd, "", " ", "%20").Replace(raw))
	if err != nil || u.Opaque != "" || u.Host == "" {
		m.note(c.where, "left out: %s is not a URL that can be sent", show(m.bare(raw)))
		return false
	}
	scheme := strings.ToLower(u.Scheme)
	if scheme != "http" && scheme != "https" {
		m.note(c.where, "left out: stoke does not speak %s", show(scheme))
		return false
	}
	c.origin = originOf(u)
	if _, problem := profiles.FromURL(c.origin); problem != nil {
		m.note(c.where, "left out: the host %s cannot be a target", show(u.Hostname()))
		return false
	}
	if u.User != nil {
		password, _ := u.User.Password()
		m.basic(c, u.User.Username(), password)
	}
	rest := raw[strings.Index(raw, "://")+3:]
	if i := strings.IndexAny(rest, "/?#"); i < 0 {
		rest = "/"
	} else if rest = rest[i:]; rest[0] != '/' {
		rest = "/" + rest
	}
	c.path = cleanPath(rest)
	if len(c.path) > maxPath {
		m.note(c.where, "left out: its path is longer than %d KiB", maxPath>>10)
		return false
	}
	return true
}

// tellHost notes that a call asks for another host than the one it goes to: a
// profile can say both, but not with each request.
func (m *mix) tellHost(c *call) {
	to, err := url.Parse(c.origin)
	if err != nil || c.origin == "" || c.host == "" {
		return
	}
	asked := &url.URL{Scheme: to.Scheme, Host: c.host}
	if originOf(asked) == c.origin || asked.Port() == "" && strings.EqualFold(asked.Hostname(), to.Hostname()) {
		return
	}
	port := cmp.Or(to.Port(), map[string]string{"http": "80", "https": "443"}[to.Scheme])
	m.note(c.where, "the Host header was left out: to send it with all requests write target: %s and connect-to: %s",
		printable(holesAs(originOf(asked), func(string) string { return "…" })), net.JoinHostPort(to.Hostname(), port))
}

// bare is a text for a note: without queries and user names, which may be
// secret.
func (m *mix) bare(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	if scheme, rest, ok := strings.Cut(raw, "://"); ok {
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			rest = rest[i+1:]
		}
		return scheme + "://" + rest
	}
	return raw
}

// basic adds the header that a user name and password make.
func (m *mix) basic(c *call, user, password string) {
	for _, h := range c.headers {
		if strings.EqualFold(h.Name, "authorization") {
			return
		}
	}
	m.vault.watch("BASIC_AUTH", user+":"+password)
	m.vault.watch("BASIC_AUTH", password)
	ref := m.vault.hide("BASIC_AUTH", "user name and password: base64 of user:password", c.where, password)
	c.headers = append(c.headers, profiles.Header{Name: "authorization", Value: "Basic " + ref})
}

// originOf is scheme, host and port, in one way for all that mean the same.
func originOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return scheme + "://" + host
}

// cleanPath is a path and query as it may stand in a profile: no fragment, and
// what is not printable ASCII escaped. Holes stay.
func cleanPath(text string) string {
	var b strings.Builder
	within := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], holeBegin), strings.HasPrefix(text[i:], holeEnd):
			within = strings.HasPrefix(text[i:], holeBegin)
			b.WriteString(text[i : i+len(holeEnd)])
			i += len(holeEnd) - 1
		case within:
			b.WriteByte(c)
		case c == '#':
			return b.String()
		case c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '{' && i > 0 && text[i-1] == '$':
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// The headers that are not carried over: those that stoke writes itself, those
// of one connection, and what a browser says about itself and its cache.
var (
	ownHeaders   = []string{"content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect"}
	cacheHeaders = []string{"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"}
	pageHeaders  = []string{"dnt", "upgrade-insecure-requests", "priority", "purpose", "save-data", "sec-gpc"}
)

// addHeader adds a header line of the input, unless it is one that is left out.
func (m *mix) addHeader(c *call, name, value string) {
	name, value = strings.TrimSpace(name), strings.Trim(value, " \t")
	lower := strings.ToLower(name)
	switch {
	case lower == "host":
		c.host = value
		return
	case strings.HasPrefix(name, ":") || slices.Contains(ownHeaders, lower):
		return // pseudo headers of HTTP/2 stand in the request line
	case strings.HasPrefix(lower, "sec-") || slices.Contains(pageHeaders, lower):
		m.note("", "headers that describe the browser and the page (sec-…, dnt, priority) were left out")
		return
	case slices.Contains(cacheHeaders, lower):
		m.note(c.where, "headers of the browser's cache (if-none-match, if-modified-since) were left out: the answers will be whole")
		return
	case !isToken(name) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == '\ufffd' }):
		m.note(c.where, "a header that is not one line of text was left out")
		return
	}
	for i := range c.headers {
		if strings.EqualFold(c.headers[i].Name, name) {
			sep := ", "
			if lower == "cookie" {
				sep = "; "
			}
			c.headers[i].Value += sep + value
			return
		}
	}
	if len(c.headers) < 100 {
		c.headers = append(c.headers, profiles.Header{Name: name, Value: value})
	}
}

// header is the value of a header of the call, or "".
func (c *call) header(name string) string {
	for _, h := range c.headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func (c *call) dropHeader(name string) {
	c.headers = slices.DeleteFunc(c.headers, func(h profiles.Header) bool { return strings.EqualFold(h.Name, name) })
}

// setBody gives a call a body, and drops the content type that stoke sets
// itself.
func (m *mix) setBody(c *call, text string) {
	b, why := bodyOf(c.header("content-type"), text)
	if why != "" {
		m.note(c.where, "%s", why)
	}
	m.takeBody(c, b)
}

func (m *mix) takeBody(c *call, b body) {
	c.body = b
	for _, p := range b.parts {
		if p.File != "" {
			m.note(c.where, "the file %s is not in the input: put it beside the profile", show(p.File))
		}
	}
	own, given := b.contentType(), strings.ToLower(c.header("content-type"))
	if own == "" || given == "" {
		return
	}
	kind, params, _ := strings.Cut(given, ";")
	if strings.TrimSpace(kind) == own && (own == "multipart/form-data" || strings.TrimSpace(params) == "" || strings.TrimSpace(params) == "charset=utf-8") {
		c.dropHeader("content-type")
	}
}

// isToken reports whether s can be the name of a header or a method.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != "" && len(s) <= 100
}
