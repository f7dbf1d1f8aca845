package engine

import (
	"fmt"
	"mime"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/template"
)

// hole is what stands at a place of a request that each start fills.
type hole struct {
	ref    int // number in the script's set
	escape template.Escape
	cookie bool // the user's cookies
}

// cookieHeader is the line of a user's cookies.
const cookieHeader = "Cookie"

// request writes the message of a step for the wire, with a hole for each
// placeholder.
func (w *scriptWriter) request(q *profiles.Request, e *endpoint) error {
	spec := Spec(w.r.profile, q)
	var err error
	if spec.Path, err = w.text(e, spec.Path, pathEscape()); err != nil {
		return err
	}
	if err := w.headers(e, &spec); err != nil {
		return err
	}
	body, kind, err := w.body(q, e)
	if err != nil {
		return err
	}
	spec.Body = body
	if kind != "" && !hasHeader(spec.Headers, "Content-Type") {
		spec.Headers = append(spec.Headers, wire.Header{Name: "Content-Type", Value: kind})
	}
	e.spec = spec
	return nil
}

// headers writes the lines of a message with their holes, and the user's cookies
// where a scenario keeps them.
func (w *scriptWriter) headers(e *endpoint, spec *wire.Spec) (err error) {
	for i := range spec.Headers {
		h := &spec.Headers[i]
		if h.Value, err = w.text(e, h.Value, always(template.HeaderOf)); err != nil {
			return err
		}
	}
	if w.script.cookies && !hasHeader(spec.Headers, cookieHeader) {
		e.holes = append(e.holes, hole{cookie: true})
		spec.Headers = append(spec.Headers, wire.Header{Name: cookieHeader, Value: wire.Hole(len(e.holes) - 1)})
	}
	return nil
}

func hasHeader(headers []wire.Header, name string) bool {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

// body is a request's body and the content type that it has by itself.
func (w *scriptWriter) body(q *profiles.Request, e *endpoint) ([]byte, string, error) {
	switch {
	case q.JSON != "":
		text, err := w.text(e, q.JSON, jsonEscape())
		return []byte(text), "application/json", err
	case q.BodyFile != "":
		data, err := w.file(q.BodyFile)
		return data, "", err
	case len(q.Form) > 0:
		text, err := w.form(q.Form, e)
		return []byte(text), "application/x-www-form-urlencoded", err
	case len(q.Multipart) > 0:
		return w.multipart(q.Multipart, e)
	}
	text, err := w.text(e, q.Body, always(template.Raw))
	return []byte(text), "", err
}

func (w *scriptWriter) file(name string) ([]byte, error) {
	data, ok := w.r.options.Files.Bodies[name]
	if !ok {
		return nil, fmt.Errorf("the file %s was not read", name)
	}
	return data, nil
}

// form writes fields as a query is written.
func (w *scriptWriter) form(fields []profiles.Header, e *endpoint) (string, error) {
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(f.Name) + "=")
		parsed, err := template.Parse(f.Value)
		if err != nil {
			return "", err
		}
		for _, part := range parsed.Parts {
			if part.Ref == nil {
				b.WriteString(url.QueryEscape(part.Literal))
			} else {
				b.WriteString(w.hole(e, part.Ref, template.Query))
			}
		}
	}
	return b.String(), nil
}

// boundary parts the parts of a multipart body. What a profile sends would
// have to hold it on a line of its own to be misread.
const boundary = "stoke-6f1a3c5be2704d98-boundary"

// multipart writes the parts of RFC 7578.
func (w *scriptWriter) multipart(parts []profiles.Part, e *endpoint) ([]byte, string, error) {
	var b []byte
	for _, p := range parts {
		b = append(b, "--"+boundary+"\r\nContent-Disposition: form-data; name=\""+quoteName(p.Name)+`"`...)
		kind := p.Type
		if p.File != "" {
			b = append(b, `; filename="`+quoteName(path.Base(filepath.ToSlash(p.File)))+`"`...)
			if kind == "" {
				if kind = mime.TypeByExtension(path.Ext(p.File)); kind == "" {
					kind = "application/octet-stream"
				}
			}
		}
		if kind != "" {
			b = append(b, "\r\nContent-Type: "+kind...)
		}
		b = append(b, "\r\n\r\n"...)
		if p.File != "" {
			data, err := w.file(p.File)
			if err != nil {
				return nil, "", err
			}
			b = append(b, data...)
		} else {
			text, err := w.text(e, p.Value, always(template.Raw))
			if err != nil {
				return nil, "", err
			}
			b = append(b, text...)
		}
		b = append(b, "\r\n"...)
	}
	b = append(b, "--"+boundary+"--\r\n"...)
	return b, "multipart/form-data; boundary=" + boundary, nil
}

// quoteName escapes a name as browsers do.
var quoteName = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace

// escaper says how a value is escaped behind what was written so far.
type escaper func(literal string) template.Escape

func always(e template.Escape) escaper { return func(string) template.Escape { return e } }

// pathEscape tells the path from the query behind it. A placeholder that the
// path begins with is an address that a server gave.
func pathEscape() escaper {
	e := template.Raw
	return func(literal string) template.Escape {
		if e == template.Raw && literal != "" {
			e = template.Path
		}
		if strings.Contains(literal, "?") {
			e = template.Query
		}
		return e
	}
}

// jsonEscape tells whether a placeholder stands within the quotes of a text.
func jsonEscape() escaper {
	quoted := false
	return func(literal string) template.Escape {
		for i := 0; i < len(literal); i++ {
			switch {
			case literal[i] == '"':
				quoted = !quoted
			case quoted && literal[i] == '\\':
				i++
			}
		}
		if quoted {
			return template.JSONText
		}
		return template.JSONBare
	}
}

// text writes a text with a hole for each placeholder.
func (w *scriptWriter) text(e *endpoint, text string, escape escaper) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	parsed, err := template.Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	how := escape("")
	for _, part := range parsed.Parts {
		if part.Ref == nil {
			b.WriteString(part.Literal)
			how = escape(part.Literal)
			continue
		}
		b.WriteString(w.hole(e, part.Ref, how))
		if how == template.Raw {
			how = escape(" ")
		}
	}
	return b.String(), nil
}

// hole makes the text of a placeholder. What is the same for every start is
// written out at once, so that a token costs a request nothing.
func (w *scriptWriter) hole(e *endpoint, ref *template.Ref, how template.Escape) string {
	if ref.Kind == template.Env || ref.Kind == template.File {
		if secret, ok := w.r.options.Files.Secrets[ref.Text]; ok {
			return string(how.AppendTo(nil, secret))
		}
	}
	e.holes = append(e.holes, hole{ref: w.script.set.Add(ref), escape: how})
	return wire.Hole(len(e.holes) - 1)
}
