package importer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Vegeta imports targets of vegeta attack: its http format, and the json one
// with an object a line. Bodies that the targets name are read from
// Options.Folder.
func Vegeta(in io.Reader, o Options) (*Result, error) {
	data, err := o.readAll(in)
	if err != nil {
		return nil, err
	}
	m := newMix("vegeta targets", o)
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		err = m.vegetaJSON(data)
	} else {
		err = m.vegetaText(data)
	}
	if err != nil {
		return nil, err
	}
	if len(m.calls) == 0 && len(m.notes) == 0 {
		return nil, o.fail("there is no target in it", "a target begins with a line like GET http://127.0.0.1:8080/")
	}
	m.remarks = append(m.remarks, "The rate was given to vegeta on its command line: add it as phases: [rate 100, hold 1m].")
	return m.finish()
}

// targetLine matches the first line of a target.
var targetLine = lazily(`^([A-Z][A-Z-]{0,30})\s+(\S.*)$`)

func (m *mix) vegetaText(data []byte) error {
	var c *call
	var bodyFile string
	end := func() {
		if c == nil {
			return
		}
		if bodyFile != "" {
			m.bodyFrom(c, bodyFile)
		}
		m.calls = append(m.calls, c)
		c, bodyFile = nil, ""
	}
	n, skipping := 0, false
	for raw := range bytes.Lines(data) {
		n++
		line := strings.TrimSpace(strings.ToValidUTF8(string(raw), "\ufffd"))
		where := fmt.Sprintf("line %d", n)
		switch target := targetLine().FindStringSubmatch(line); {
		case line == "":
			end()
			skipping = false
		case strings.HasPrefix(line, "#"):
		case target != nil && !strings.HasSuffix(target[1], ":"):
			end()
			c = &call{where: where, method: target[1], weight: 1}
			if skipping = !m.vegetaURL(c, target[2]); skipping {
				c = nil
			}
		case skipping:
		case c == nil:
			return &Error{File: m.file(), Line: n, Msg: "a target begins with a method and a URL, which this line does not", Hint: "write it like GET http://127.0.0.1:8080/"}
		case line[0] == '@':
			bodyFile = line[1:]
		default:
			name, value, found := strings.Cut(line, ":")
			if !found || !isToken(strings.TrimSpace(name)) {
				return &Error{File: m.file(), Line: n, Msg: "neither a header nor a body", Hint: "write headers like Accept: text/html, and a body like @body.json"}
			}
			m.addHeader(c, name, value)
		}
	}
	end()
	return nil
}

// vegetaURL locates a call. A URL without a host means this machine.
func (m *mix) vegetaURL(c *call, raw string) bool {
	raw = strings.TrimSpace(raw)
	for _, scheme := range []string{"http://", "https://"} {
		if rest, ok := strings.CutPrefix(raw, scheme+":"); ok {
			raw = scheme + "localhost:" + rest
		}
	}
	if c.method == "CONNECT" || !isToken(c.method) {
		m.note(c.where, "left out: the method %s cannot be sent", show(c.method))
		return false
	}
	return m.locate(c, raw)
}

func (m *mix) vegetaJSON(data []byte) error {
	n := 0
	for raw := range bytes.Lines(data) {
		n++
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		var target struct {
			Method, URL, Body string
			Header            map[string][]string
		}
		if err := json.Unmarshal(raw, &target); err != nil {
			e := m.badJSON(raw, err, "write an object a line, with method and url")
			e.Line = n
			return e
		}
		c := &call{where: fmt.Sprintf("line %d", n), method: strings.ToUpper(target.Method), weight: 1}
		if !m.vegetaURL(c, target.URL) {
			continue
		}
		for _, name := range sortedKeys(target.Header) {
			for _, value := range target.Header[name] {
				m.addHeader(c, name, value)
			}
		}
		text, err := base64.StdEncoding.DecodeString(target.Body)
		if err != nil {
			e := &Error{File: m.file(), Line: n, Msg: "the body is not base64", Hint: "vegeta writes bodies of json targets in base64"}
			return e
		}
		m.setBody(c, string(text))
		m.calls = append(m.calls, c)
	}
	return nil
}

// bodyFrom gives a call the content of a file that the input names, or the file
// itself if it is not at hand or no text.
func (m *mix) bodyFrom(c *call, name string) {
	name = strings.TrimSpace(name)
	local := path.Clean(filepath.ToSlash(name))
	if m.Folder != nil && fs.ValidPath(local) {
		if f, err := m.Folder.Open(local); err == nil {
			text, err := io.ReadAll(io.LimitReader(f, maxBody+1))
			f.Close()
			if err == nil && len(text) <= maxBody && utf8.Valid(text) {
				m.setBody(c, string(text))
				return
			}
		}
	}
	c.body = body{file: m.besideFile(c.where, name)}
}
