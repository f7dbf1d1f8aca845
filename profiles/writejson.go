package profiles

import (
	"encoding/json"
	"fmt"
	"strings"

	"stoke/profiles/template"
)

// bareMark begins the text that stands for a bare placeholder while a JSON text
// is taken apart. Were there one that begins so, it would not read back, which
// the writer notices.
const bareMark = "\x00bare "

// json writes a JSON text: on one line, or, where a placeholder stands for a
// whole value, in lines of its own, since it cannot stand bare within { }.
func (w *yamlWriter) json(in, text string) {
	plain, holes := withoutHoles(text)
	if !holes && json.Valid([]byte(text)) {
		w.line(in+"json: %s", spaced(text))
		return
	}
	d := json.NewDecoder(strings.NewReader(plain))
	d.UseNumber()
	w.b.WriteString(in + "json:")
	w.jsonValue(in+"  ", d)
}

// withoutHoles returns the JSON text with a text in place of each bare
// placeholder, and reports whether there was one, or a placeholder that is not
// JSON within its quotes.
func withoutHoles(text string) (plain string, holes bool) {
	t, err := template.Parse(text)
	if err != nil {
		return text, false
	}
	var b strings.Builder
	within, escaped := false, false
	for i, p := range t.Parts {
		if p.Ref != nil {
			ref := "${" + p.Ref.Text + "}"
			if within {
				quotedRef := jsonText(ref)
				b.WriteString(quotedRef[1 : len(quotedRef)-1])
			} else {
				b.WriteString(jsonText(bareMark + ref))
			}
			holes = holes || !within || strings.ContainsAny(ref, `"\`)
			continue
		}
		end := len(text)
		if i+1 < len(t.Parts) {
			end = t.Parts[i+1].Offset
		}
		for _, r := range text[p.Offset:end] {
			within, escaped = inQuotes(r, within, escaped)
			b.WriteRune(r)
		}
	}
	return b.String(), holes
}

// inQuotes follows whether a JSON text is within quotes, and behind a backslash.
func inQuotes(r rune, within, escaped bool) (bool, bool) {
	switch {
	case escaped:
		return within, false
	case within && r == '\\':
		return within, true
	case r == '"':
		return !within, false
	}
	return within, false
}

func jsonText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // not for a string
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// jsonValue writes the next value in lines of its own, a single one behind the
// key. A text that is no JSON ends early: it does not read back.
func (w *yamlWriter) jsonValue(in string, d *json.Decoder) {
	tk, err := d.Token()
	if err != nil {
		return
	}
	delim, nested := tk.(json.Delim)
	switch {
	case !nested:
		w.line(" %s", jsonScalar(tk))
		return
	case !d.More():
		w.line(" %s", map[json.Delim]string{'{': "{}", '[': "[]"}[delim])
	default:
		w.line("")
	}
	for d.More() {
		if delim == '[' {
			w.b.WriteString(in + "-")
		} else if key, err := d.Token(); err == nil {
			w.b.WriteString(in + yamlText(fmt.Sprint(key)) + ":")
		}
		before := w.b.Len()
		w.jsonValue(in+"  ", d)
		if w.b.Len() == before {
			return
		}
	}
	_, _ = d.Token() // the end of the map or list
}

func jsonScalar(tk json.Token) string {
	switch v := tk.(type) {
	case nil:
		return "null"
	case string:
		if ref, bare := strings.CutPrefix(v, bareMark); bare {
			return ref
		}
		return Quoted(v)
	}
	return fmt.Sprint(tk)
}

// spaced puts a blank behind the colons and commas of a JSON text, as YAML
// wants it.
func spaced(text string) string {
	var b strings.Builder
	within, escaped := false, false
	for _, r := range text {
		b.WriteRune(r)
		if within, escaped = inQuotes(r, within, escaped); !within && (r == ':' || r == ',') {
			b.WriteByte(' ')
		}
	}
	if !json.Valid([]byte(b.String())) {
		return text
	}
	return b.String()
}
