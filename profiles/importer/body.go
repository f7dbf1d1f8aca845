package importer

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode/utf8"

	"stoke/profiles"
)

// body is what a call sends. At most one of its fields is set.
type body struct {
	text  string
	json  *tree
	form  []profiles.Header
	parts []profiles.Part
	file  string // beside the profile
	blob  string // no text: what a file beside the profile is to hold
}

// maxBody bounds the body that a profile holds, in bytes.
const maxBody = 64 << 10

// bodyOf reads a body by its content type, in the form that is best to read and
// to change. It says in why what it had to leave out, if anything.
func bodyOf(contentType, text string) (b body, why string) {
	kind, params, _ := mime.ParseMediaType(contentType)
	if kind == "multipart/form-data" {
		if parts, ok := partsOf(text, params["boundary"]); ok {
			return body{parts: parts}, ""
		}
	}
	switch {
	case text == "":
		return body{}, ""
	case !utf8.ValidString(text):
		return body{blob: text}, ""
	case len(text) > maxBody: // it may hold secrets, so it does not go into a file as it is
		return body{}, tooLong(len(text))
	}
	switch {
	case kind == "application/x-www-form-urlencoded":
		if fields, ok := formOf(text); ok {
			return body{form: fields}, ""
		}
	case kind == "" || kind == "application/json" || strings.HasSuffix(kind, "+json") || kind == "text/plain":
		if t, err := parseTree(text); err == nil && t.size() <= 2000 {
			return body{json: t}, ""
		}
	}
	return body{text: text}, ""
}

func tooLong(n int) string {
	return "its body of " + plural(n, "byte") + " is too long for a profile: write it into a file beside the profile and name that as its body"
}

// key is the same for bodies that are the same.
func (b *body) key() string {
	text := "\x00" + b.text + "\x00" + b.file + "\x00" + b.blob
	if b.json != nil {
		text += b.json.raw()
	}
	for _, f := range b.form {
		text += "\x00" + f.Name + "=" + f.Value
	}
	for _, p := range b.parts {
		text += "\x00" + p.Name + "=" + p.Value + "\x01" + p.File
	}
	return text
}

// blobs writes the bodies that are no text into files beside the profile, each
// once.
func (m *mix) blobs() {
	names := map[string]string{}
	for _, c := range m.calls {
		blob := c.body.blob
		if blob == "" {
			continue
		}
		c.body.blob = ""
		what := "its body of " + plural(len(blob), "byte") + " is not text"
		if m.NoFiles {
			m.note(c.where, "%s: write it into a file beside the profile and name that as its body", what)
			continue
		}
		if names[blob] == "" {
			names[blob] = fmt.Sprintf("%s-body-%d.bin", beside(m.nameProfile()), len(names)+1)
			m.files = append(m.files, File{Name: names[blob], Data: []byte(blob)})
		}
		c.body.file = names[blob]
		m.note(c.where, "%s and stands in %s", what, names[blob])
	}
}

// formOf reads a urlencoded form whose fields have different names.
func formOf(text string) ([]profiles.Header, bool) {
	var fields []profiles.Header
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(text, "&") {
		rawName, rawValue, found := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(rawName)
		value, err2 := url.QueryUnescape(rawValue)
		if !found || err1 != nil || err2 != nil || seen[name] || !plainKey().MatchString(name) || name != strings.TrimSpace(name) || !utf8.ValidString(value) || len(fields) == 200 {
			return nil, false
		}
		seen[name] = true
		fields = append(fields, profiles.Header{Name: name, Value: value})
	}
	return fields, true
}

// partsOf reads the text of a multipart body. What a part holds of a file is
// not carried over, only the file's name.
func partsOf(text, boundary string) ([]profiles.Part, bool) {
	if boundary == "" {
		return nil, false
	}
	if !strings.Contains(text, "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	r := multipart.NewReader(strings.NewReader(text), boundary)
	var parts []profiles.Part
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return parts, len(parts) > 0
		}
		if err != nil || p.FormName() == "" || len(parts) == 100 {
			return nil, false
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(p); err != nil || !utf8.Valid(content.Bytes()) && p.FileName() == "" {
			return nil, false
		}
		part := profiles.Part{Name: p.FormName(), Type: partType(p.Header.Get("Content-Type"))}
		if name := p.FileName(); name != "" {
			part.File = beside(name)
		} else {
			part.Value = content.String()
		}
		if !plainKey().MatchString(part.Name) || len(part.Name) > 80 || strings.TrimSpace(part.Name) != part.Name {
			return nil, false
		}
		parts = append(parts, part)
	}
}

// beside is the name that a file of the input has beside the profile: the last
// part of its path, in characters that need no quotes.
func beside(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, path), "-.")
	if name == "" {
		return "body.bin"
	}
	return cut(name, 80)
}

// contentType is the type that stoke sets itself for such a body.
func (b *body) contentType() string {
	switch {
	case b.json != nil:
		return "application/json"
	case b.form != nil:
		return "application/x-www-form-urlencoded"
	case b.parts != nil:
		return "multipart/form-data"
	}
	return ""
}

// hide replaces the secrets of a body.
func (b *body) hide(v *vault, where, contentType string) {
	switch {
	case b.json != nil:
		v.tree(where, b.json)
	case b.text != "":
		if strings.Contains(contentType, "x-www-form-urlencoded") {
			b.text = v.query(where, b.text)
		} else {
			b.text = v.text(where, b.text)
		}
	}
	for i := range b.form {
		b.form[i].Value = v.field(where, b.form[i].Name, b.form[i].Value, secretQuery)
	}
	for i := range b.parts {
		b.parts[i].Value = v.field(where, b.parts[i].Name, b.parts[i].Value, secretName)
	}
}

// each applies f to every text of the body.
func (b *body) each(f func(string) string) {
	b.text, b.file = f(b.text), f(b.file)
	if b.json != nil {
		b.json.walk("", func(_ string, leaf *tree) {
			if leaf.kind == '"' {
				leaf.text = f(leaf.text)
			} else if got := f(leaf.text); got != leaf.text {
				leaf.kind, leaf.text = '"', got
			}
		})
		b.json.eachKey(f)
	}
	for i := range b.form {
		b.form[i].Value = f(b.form[i].Value)
	}
	for i := range b.parts {
		b.parts[i].Value, b.parts[i].File = f(b.parts[i].Value), f(b.parts[i].File)
	}
}
