package importer

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"stoke/profiles"
)

// Curl imports curl command lines, as browsers copy them (for bash and for
// cmd.exe) and as scripts have them; any number of them.
func Curl(in io.Reader, o Options) (*Result, error) {
	data, err := o.readAll(in)
	if err != nil {
		return nil, err
	}
	if len(data) > 8<<20 {
		return nil, o.fail("command lines of more than 8 MiB", "import a part of them")
	}
	if !utf8.Valid(data) {
		data = []byte(strings.ToValidUTF8(string(data), "\ufffd"))
	}
	m := newMix("curl commands", o)
	found, others, err := m.shellCommands(data, "curl")
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, o.fail("there is no curl command in it", "copy a request in the browser's network panel as cURL")
	}
	for _, name := range others {
		m.note("", "the command %s was left out: only curl is imported", show(name))
	}
	for _, c := range found {
		for part := range splitNext(c.words) {
			m.curl(c.line, part)
		}
	}
	return m.finish()
}

// splitNext yields what stands between --next.
func splitNext(words []string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		from := 0
		for i, w := range words {
			if w == "--next" || w == "-:" {
				if !yield(words[from:i]) {
					return
				}
				from = i + 1
			}
		}
		yield(words[from:])
	}
}

// curlOption is what an option of curl means here: its long name, whether it
// takes a value, and what is done with it.
type curlOption struct {
	value bool
	do    func(m *mix, r *curlRequest, value string)
}

// curlRequest is a curl command that is being read.
type curlRequest struct {
	call
	urls     []string
	data     []string
	dataFile string
	hasData  bool
	upload   bool
	dataKind string // content type that the data options set
	get      bool
	globOff  bool
	parts    []profiles.Part
	user     string
	removed  []string          // headers that -H "Name:" takes away
	implied  []profiles.Header // of -A, -b, -e and their like: -H goes before them
	connect  []string          // --resolve and --connect-to
}

// curl reads one command.
func (m *mix) curl(line int, words []string) {
	r := &curlRequest{call: call{where: fmt.Sprintf("line %d", line), weight: 1}}
	options := curlOptions()
	for i := 0; i < len(words); i++ {
		w := words[i]
		next := func() (string, bool) {
			if i++; i < len(words) {
				return words[i], true
			}
			m.note(r.where, "%s has no value", show(w))
			return "", false
		}
		switch {
		case strings.HasPrefix(w, "--") && len(w) > 2:
			m.curlOption(r, options, w[2:], next)
		case strings.HasPrefix(w, "-") && len(w) > 1:
			for j := 1; j < len(w); j++ {
				name := shortCurl[w[j]]
				rest := w[j+1:]
				took := m.curlOption(r, options, cmp.Or(name, "-"+w[j:j+1]), func() (string, bool) {
					if rest != "" {
						return rest, true
					}
					return next()
				})
				if took {
					break
				}
			}
		default:
			r.urls = append(r.urls, w)
		}
	}
	m.curlDone(r)
}

// curlOption carries out an option and reports whether it took a value.
func (m *mix) curlOption(r *curlRequest, options map[string]curlOption, name string, next func() (string, bool)) bool {
	if o, ok := options[name]; ok {
		v := ""
		if o.value {
			if v, ok = next(); !ok {
				return true
			}
		}
		o.do(m, r, v)
		return o.value
	}
	switch {
	case slices.Contains(quietCurlValue, name):
		next()
		return true
	case slices.Contains(quietCurl, name) || strings.HasPrefix(name, "no-"):
		return false
	case slices.Contains(lostCurlValue, name):
		next()
		m.note(r.where, "--%s was left out: there is nothing like it here, or it belongs elsewhere in the profile", name)
		return true
	case strings.HasPrefix(name, "http") && len(name) < 24:
		m.note(r.where, "--%s was left out: requests are sent with HTTP/1.1", printable(name))
		return false
	}
	m.note(r.where, "the option %s was left out", show(name))
	return false
}

func (r *curlRequest) addHeaderLine(m *mix, v string) {
	if strings.HasPrefix(v, "@") {
		m.note(r.where, "the headers of the file %s were left out", show(v[1:]))
		return
	}
	name, value, found := strings.Cut(v, ":")
	switch {
	case !found:
		if name, ok := strings.CutSuffix(strings.TrimSpace(v), ";"); ok {
			m.addHeader(&r.call, name, "")
		}
	case strings.TrimSpace(value) == "":
		r.removed = append(r.removed, strings.TrimSpace(name))
	default:
		m.addHeader(&r.call, name, value)
	}
}

func (r *curlRequest) addData(m *mix, v string, files bool) {
	r.hasData = true
	if files && strings.HasPrefix(v, "@") {
		r.takeFile(m, v[1:])
		return
	}
	r.data = append(r.data, v)
}

func (r *curlRequest) addJSON(m *mix, v string) {
	if n := len(r.data); n > 0 && !strings.HasPrefix(v, "@") {
		r.data[n-1] += v // curl joins them without a sign
		return
	}
	r.addData(m, v, true)
}

// addEncoded is --data-urlencode: content, =content, name=content, @file,
// name@file.
func (r *curlRequest) addEncoded(m *mix, v string) {
	r.hasData = true
	name, content, found := strings.Cut(v, "=")
	switch at := strings.IndexByte(v, '@'); {
	case at >= 0 && (!found || at < len(name)):
		m.note(r.where, "the file %s of --data-urlencode was left out", show(v[at+1:]))
	case !found:
		r.data = append(r.data, escapeQuery(v))
	case name == "":
		r.data = append(r.data, escapeQuery(content))
	default:
		r.data = append(r.data, name+"="+escapeQuery(content))
	}
}

// addPart is -F: name=value, name=@file;type=…, name=<file.
func (r *curlRequest) addPart(m *mix, v string, files bool) {
	name, value, found := strings.Cut(v, "=")
	if !found || strings.TrimSpace(name) == "" || !plainKey().MatchString(name) || len(name) > 80 {
		m.note(r.where, "a part of the form has no name that can be written and was left out")
		return
	}
	part := profiles.Part{Name: strings.TrimSpace(name)}
	if files {
		fields := strings.Split(value, ";")
		kept := fields[:1]
		for _, f := range fields[1:] {
			key, v, _ := strings.Cut(strings.TrimSpace(f), "=")
			switch key {
			case "type":
				part.Type = partType(v)
			case "filename", "headers", "encoder":
				m.note(r.where, "the %s of a part of the form was left out", key)
			default:
				kept = append(kept, f)
			}
		}
		value = strings.Join(kept, ";")
	}
	switch {
	case !files:
		part.Value = value // as it is, quotes too
	case value != "" && (value[0] == '@' || value[0] == '<'):
		if value[0] == '<' {
			m.note(r.where, "the content of the file %s becomes a file, not a value", show(value[1:]))
		}
		part.File = m.besideFile(r.where, strings.Trim(value[1:], `"`))
	default:
		part.Value = strings.Trim(value, `"`)
	}
	r.parts = append(r.parts, part)
}

// takeFile makes a file the body.
func (r *curlRequest) takeFile(m *mix, name string) {
	r.hasData = true
	if name == "-" || name == "." {
		m.note(r.where, "a body from standard input was left out")
		return
	}
	if r.dataFile != "" {
		m.note(r.where, "a further file of the body, %s, was left out", show(name))
		return
	}
	r.dataFile = m.besideFile(r.where, name)
}

// besideFile is the name that a file of the input has for the profile, with a
// note if it has to be put there.
func (m *mix) besideFile(where, name string) string {
	local := filepath.ToSlash(name)
	if filepath.IsLocal(local) && bareText().MatchString(local) && !strings.Contains(local, ":") {
		m.note(where, "the file %s is not in the input: put it beside the profile", show(name))
		return local
	}
	local = beside(name)
	m.note(where, "a profile names files beside it: copy %s there as %s", show(name), local)
	return local
}

func (m *mix) curlFile(r *curlRequest, what, v string, into *string) {
	if strings.Contains(v, ":") {
		v, _, _ = strings.Cut(v, ":") // a password behind the certificate
		m.note(r.where, "the password of %s was left out", what)
	}
	*into = m.besideFile(r.where, v)
}

func (m *mix) curlTime(r *curlRequest, v string, into *time.Duration) {
	seconds, err := strconv.ParseFloat(v, 64)
	if err != nil || seconds < 0.001 || seconds > 86400 {
		m.note(r.where, "the time %s was left out", show(v))
		return
	}
	*into = max(*into, time.Duration(seconds*1000)*time.Millisecond)
}

func (m *mix) curlProxy(r *curlRequest, v string) {
	if !strings.Contains(v, "://") {
		v = "http://" + v
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		m.note(r.where, "the proxy was left out: only an HTTP proxy can be used")
		return
	}
	if u.User != nil {
		m.note(r.where, "the proxy's user name and password were left out: a profile does not hold them")
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "1080")
	}
	if profiles.CheckProxy("http://"+host) != nil {
		m.note(r.where, "the proxy was left out: its address cannot be used")
		return
	}
	m.profile.Proxy = "http://" + host
}

// curlDone makes the call of a command that was read.
func (m *mix) curlDone(r *curlRequest) {
	if len(r.urls) == 0 {
		m.note(r.where, "left out: it names no URL")
		return
	}
	r.headers = slices.DeleteFunc(r.headers, func(h profiles.Header) bool { return r.takesAway(h.Name) })
	r.imply(m)
	if r.user != "" {
		user, password, _ := strings.Cut(r.user, ":")
		if onlyHoles(r.user) {
			password = ""
			m.note(r.where, "put base64 of user:password into BASIC_AUTH")
		}
		m.basic(&r.call, user, password)
	}
	data := strings.Join(r.data, "&")
	if r.method == "" {
		r.method = "GET"
		if (r.hasData || len(r.parts) > 0) && !r.get {
			r.method = "POST"
		}
	}
	if !isToken(r.method) || r.method == "CONNECT" {
		m.note(r.where, "left out: the method %s cannot be sent", show(r.method))
		return
	}
	switch {
	case len(r.parts) > 0:
		r.dropHeader("content-type")
		r.body = body{parts: r.parts}
	case r.get:
		if r.dataFile != "" {
			m.note(r.where, "the file %s, of which -G makes a query, was left out", show(r.dataFile))
		}
	case r.dataFile != "":
		if data != "" {
			m.note(r.where, "data beside the file %s was left out", show(r.dataFile))
		}
		if !r.upload {
			r.setKind("application/x-www-form-urlencoded")
		}
		r.body = body{file: r.dataFile}
	case r.hasData:
		if r.dataKind == "application/json" && r.header("accept") == "" {
			m.addHeader(&r.call, "accept", "application/json")
		}
		r.setKind("application/x-www-form-urlencoded")
		m.setBody(&r.call, data)
	}
	for _, raw := range r.urls {
		c := r.call
		c.headers = slices.Clone(r.headers)
		if !strings.Contains(raw, "://") && !strings.HasPrefix(raw, holeBegin) {
			raw = "http://" + raw // as curl guesses
		}
		if !r.globOff && globForm().MatchString(raw) {
			m.note(r.where, "a URL with {a,b} or [1-9] stands for several: they were not written out")
		}
		if !m.locate(&c, raw) {
			continue
		}
		if r.get && data != "" {
			sep := "?"
			if strings.Contains(c.path, "?") {
				sep = "&"
			}
			c.path = cleanPath(c.path + sep + data)
		}
		if folder, _, _ := strings.Cut(c.path, "?"); r.upload && strings.HasSuffix(folder, "/") {
			c.path = folder + escapePath(path.Base(r.dataFile)) + c.path[len(folder):] // curl adds the name to a folder
		}
		m.curlConnect(r, &c)
		m.calls = append(m.calls, &c)
	}
}

// globForm matches what curl makes several URLs of.
var globForm = lazily(`\{[^{}]*,[^{}]*\}|\[[0-9A-Za-z]+-[0-9A-Za-z]+(:[0-9]+)?\]`)

func (r *curlRequest) implies(name, value string) {
	r.implied = append(r.implied, profiles.Header{Name: name, Value: value})
}

// imply adds the headers of the options that mean one, unless -H gives or takes
// it: curl has the cookies of several -b one after the other, and the last of
// all else.
func (r *curlRequest) imply(m *mix) {
	given := &call{headers: r.headers}
	for i, h := range r.implied {
		last := !slices.ContainsFunc(r.implied[i+1:], func(o profiles.Header) bool { return o.Name == h.Name })
		if given.header(h.Name) == "" && !r.takesAway(h.Name) && (last || h.Name == "cookie") {
			m.addHeader(&r.call, h.Name, h.Value)
		}
	}
}

// takesAway reports whether -H "Name:" takes a header away.
func (r *curlRequest) takesAway(name string) bool {
	return slices.ContainsFunc(r.removed, func(n string) bool { return strings.EqualFold(n, name) })
}

// setKind adds the content type that curl would have set.
func (r *curlRequest) setKind(standard string) {
	if r.header("content-type") == "" && !r.takesAway("content-type") {
		r.headers = append(r.headers, profiles.Header{Name: "content-type", Value: cmp.Or(r.dataKind, standard)})
	}
}

// curlConnect reads --resolve host:port:address and --connect-to
// host:port:host:port.
func (m *mix) curlConnect(r *curlRequest, c *call) {
	for _, v := range r.connect {
		parts := strings.SplitN(strings.TrimPrefix(v, "+"), ":", 3)
		if len(parts) < 3 || parts[2] == "" {
			m.note(r.where, "%s says no address and was left out", show(v))
			continue
		}
		to, _, _ := strings.Cut(parts[2], ",")
		if _, _, err := net.SplitHostPort(to); err != nil {
			to = net.JoinHostPort(strings.Trim(to, "[]"), parts[1])
		}
		if profiles.CheckConnectTo(to) != nil {
			m.note(r.where, "%s says no address and was left out", show(v))
			continue
		}
		_, rest, _ := strings.Cut(c.origin, "://")
		if host, _, _ := strings.Cut(rest, ":"); parts[0] == "" || parts[0] == "*" || strings.EqualFold(parts[0], host) {
			m.profile.ConnectTo = to
		}
	}
}
