package importer

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"stoke/profiles"
)

// archive is the part of an HTTP archive (HAR 1.2) that matters here.
type archive struct {
	Log struct {
		Creator struct{ Name string }
		Browser struct{ Name string }
		Entries []harEntry
	}
}

type harPair struct{ Name, Value string }

type harEntry struct {
	StartedDateTime string
	Time            float64 // ms
	ResourceType    string  `json:"_resourceType"`
	FromCache       string  `json:"_fromCache"`
	Request         struct {
		Method, URL string
		Headers     []harPair
		PostData    *struct {
			MimeType string
			Text     string
			Encoding string
			Params   []struct{ Name, Value, FileName, ContentType string }
		}
	}
	Response struct {
		Status  int
		Content struct{ MimeType string }
	}
}

// maxThink is the longest pause that a scenario keeps: what is longer was not
// reading.
const maxThink = time.Minute

// HAR imports a recording of a browser or a proxy: a mix weighted by how often
// each request was seen, or, with Options.Steps, one scenario in the order of
// the recording.
func HAR(in io.Reader, o Options) (*Result, error) {
	data, err := o.readAll(in)
	if err != nil {
		return nil, err
	}
	var a archive
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, o.badJSON(data, err, "export the recording again, as HAR")
	}
	if len(a.Log.Entries) == 0 {
		return nil, o.fail("it holds no entries, log.entries", "is it a HAR recording? export it from the browser's network panel")
	}
	m := newMix("recording (HAR)", o)
	order := make([]int, len(a.Log.Entries))
	starts := make([]time.Time, len(a.Log.Entries))
	for i := range order {
		order[i] = i
		starts[i], _ = time.Parse(time.RFC3339Nano, a.Log.Entries[i].StartedDateTime)
	}
	slices.SortStableFunc(order, func(x, y int) int { return starts[x].Compare(starts[y]) })
	counts := map[string]int{}
	var times []span
	for _, i := range order {
		e := &a.Log.Entries[i]
		where := fmt.Sprintf("entry %d", i+1)
		if why := e.skipped(o.All); why != "" {
			counts[why]++
			continue
		}
		c := &call{where: where, method: strings.ToUpper(cmp.Or(e.Request.Method, "GET")), weight: 1}
		if !isToken(c.method) || c.method == "CONNECT" {
			m.note(where, "left out: the method %s cannot be sent", show(c.method))
			continue
		}
		if !m.locate(c, e.Request.URL) {
			continue
		}
		m.harHeaders(c, e)
		m.harBody(c, e)
		m.harStatus(c, e.Response.Status)
		m.calls = append(m.calls, c)
		took := min(max(e.Time, 0), 1e8)
		times = append(times, span{c, starts[i], starts[i].Add(time.Duration(took * float64(time.Millisecond)))})
	}
	for _, why := range skips {
		if n := counts[why]; n > 0 {
			m.note("", "%s: %s", plural(n, "entry")+" left out", why)
		}
	}
	if o.Steps {
		m.harSteps(times)
	} else if len(m.calls) > 1 {
		m.remarks = append(m.remarks, "A weighted mix of what was recorded, without its order; --steps makes it a scenario.")
	}
	return m.finish()
}

// span is when a call was made and answered.
type span struct {
	c        *call
	from, to time.Time
}

// badJSON is an error about JSON at its place.
func (o Options) badJSON(data []byte, err error, hint string) *Error {
	e := o.fail("it is not the JSON that was expected: "+printable(strings.TrimPrefix(err.Error(), "json: ")), hint)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		e.Line, e.Column = position(data, int(syntax.Offset)-1)
	case errors.As(err, &kind):
		e.Line, e.Column = position(data, int(kind.Offset)-1)
		article := " is a "
		if strings.HasPrefix(kind.Value, "array") || strings.HasPrefix(kind.Value, "object") {
			article = " is an "
		}
		e.Msg = "it is not the JSON that was expected: " + printable(strings.ToLower(cmp.Or(kind.Field, "the whole"))) + article + printable(kind.Value)
	}
	return e
}

const (
	skipStatic  = "pictures, scripts, style sheets and fonts; --all keeps them"
	skipCache   = "answered by the browser's cache, so never sent"
	skipAborted = "never answered: blocked, or called off"
	skipScheme  = "neither http nor https: data, blob, extensions, web sockets"
)

var skips = []string{skipStatic, skipCache, skipAborted, skipScheme}

var staticTypes = []string{"stylesheet", "script", "image", "font", "media", "texttrack", "manifest"}

// skipped says why an entry is left out, or "".
func (e *harEntry) skipped(all bool) string {
	scheme, _, _ := strings.Cut(strings.ToLower(e.Request.URL), ":")
	switch {
	case scheme != "http" && scheme != "https" || e.Response.Status == 101 || e.ResourceType == "websocket":
		return skipScheme
	case e.FromCache != "":
		return skipCache
	case e.Response.Status <= 0:
		return skipAborted
	case all:
		return ""
	case slices.Contains(staticTypes, strings.ToLower(e.ResourceType)):
		return skipStatic
	case e.Request.Method != "GET":
		return ""
	}
	kind, _, _ := mime.ParseMediaType(e.Response.Content.MimeType)
	main, _, _ := strings.Cut(kind, "/")
	if main == "image" || main == "font" || main == "audio" || main == "video" || kind == "text/css" || strings.HasSuffix(kind, "javascript") {
		return skipStatic
	}
	if kind == "" || kind == "application/octet-stream" || kind == "x-unknown" {
		if u, err := url.Parse(e.Request.URL); err == nil && staticFile(u.Path) {
			return skipStatic
		}
	}
	return ""
}

// staticFile reports whether a path names a file that no server makes anew.
func staticFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".js", ".mjs", ".css", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".map", ".mp4", ".webm", ".mp3":
		return true
	}
	return false
}

func (m *mix) harHeaders(c *call, e *harEntry) {
	for _, h := range e.Request.Headers {
		m.addHeader(c, h.Name, h.Value)
	}
}

func (m *mix) harBody(c *call, e *harEntry) {
	p := e.Request.PostData
	if p == nil {
		return
	}
	if c.header("content-type") == "" && p.MimeType != "" {
		m.addHeader(c, "content-type", p.MimeType)
	}
	kind, _, _ := mime.ParseMediaType(p.MimeType)
	text := p.Text
	if p.Encoding == "base64" {
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
			text = string(decoded)
		}
	}
	if text != "" {
		m.setBody(c, text)
		if kind != "multipart/form-data" || c.body.parts != nil || len(p.Params) == 0 {
			return
		}
	}
	if len(p.Params) == 0 || len(p.Params) > 200 {
		return
	}
	if kind == "multipart/form-data" {
		var b body
		for _, param := range p.Params {
			part := profiles.Part{Name: cut(printable(param.Name), 80), Value: param.Value}
			if strings.TrimSpace(part.Name) == "" || strings.Contains(part.Name, "${") {
				m.note(c.where, "a part without a name that can be written was left out")
				continue
			}
			if param.FileName != "" {
				part.Value, part.File = "", beside(param.FileName)
				part.Type = partType(param.ContentType)
			}
			b.parts = append(b.parts, part)
		}
		m.takeBody(c, b)
		return
	}
	var pairs []string
	for _, param := range p.Params {
		pairs = append(pairs, url.QueryEscape(plain(param.Name))+"="+url.QueryEscape(plain(param.Value)))
	}
	m.setBody(c, strings.Join(pairs, "&"))
}

// plain undoes the escapes that Chrome leaves in the parameters of a form and
// Firefox does not.
func plain(text string) string {
	if strings.ContainsRune(text, '%') {
		if decoded, err := url.QueryUnescape(text); err == nil {
			return decoded
		}
	}
	return text
}

// partType is a content type that a part may have, or "".
func partType(text string) string {
	kind, _, err := mime.ParseMediaType(text)
	if main, sub, ok := strings.Cut(kind, "/"); err == nil && ok && isToken(main) && isToken(sub) {
		return kind
	}
	return ""
}

// harStatus expects what was answered, if it is not what is expected anyway.
func (m *mix) harStatus(c *call, status int) {
	switch {
	case status == 200 || status == 304 || status < 200 || status > 599:
	case status == 429 || status >= 500:
		m.note(c.where, "it was answered %d when it was recorded, which is not expected here", status)
	default:
		c.expect = []int{status}
	}
}

// harSteps makes the calls one scenario, with the pauses of the recording.
func (m *mix) harSteps(times []span) {
	m.scenario = true
	m.remarks = append(m.remarks, "One scenario, in the order of the recording and with its pauses: a rate counts how often it is started.",
		"Values that one answer gives to the next request stand as they were recorded: capture: {id: json $.id}", "in a step keeps one, ${id} uses it. Cookies are kept by themselves.")
	var end time.Time
	for i, s := range times {
		if s.c.header("cookie") != "" {
			s.c.dropHeader("cookie")
			m.note("", "the cookies of the recording were left out: a scenario sends those that it is given")
		}
		if gap := s.from.Sub(end); i > 0 && !s.from.IsZero() && gap >= 100*time.Millisecond {
			if gap > maxThink {
				m.note(s.c.where, "a pause of %s was shortened to %s", gap.Round(time.Second), maxThink)
				gap = maxThink
			}
			s.c.think = gap.Round(10 * time.Millisecond)
		}
		if s.to.After(end) {
			end = s.to
		}
	}
}
