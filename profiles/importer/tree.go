package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"stoke/profiles"
)

// tree is a JSON value whose objects keep the order of their keys.
type tree struct {
	kind byte   // '{', '[', '"' for text, '0' for a number, true, false or null
	text string // of '"' and '0'
	keys []string
	kids []*tree
}

// maxTreeDepth keeps a body below what a profile may nest.
const maxTreeDepth = 40

var errTree = errors.New("not a JSON value that a profile can hold")

// plainKey matches the keys that mean the same in YAML and in JSON. Others are
// rare, and a body with one is written as text.
var plainKey = lazily(`^[\p{L}\p{N} _.@/$:+*-]{1,200}$`)

// plainNumber matches the numbers that YAML and JSON write alike.
var plainNumber = lazily(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// parseTree reads a JSON text that is an object or a list. It refuses what a
// profile's json value cannot say again: keys given twice, depths, odd keys.
func parseTree(text string) (*tree, error) {
	text = strings.TrimSpace(text)
	if text == "" || text[0] != '{' && text[0] != '[' || !utf8.ValidString(text) || !json.Valid([]byte(text)) {
		return nil, errTree
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	t, err := readTree(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errTree
	}
	return t, nil
}

func readTree(d *json.Decoder, depth int) (*tree, error) {
	token, err := d.Token()
	if err != nil || depth > maxTreeDepth {
		return nil, errTree
	}
	switch v := token.(type) {
	case json.Delim:
		t := &tree{kind: byte(v)}
		seen := map[string]bool{}
		for d.More() {
			if v == '{' {
				key, err := d.Token()
				name, ok := key.(string)
				if err != nil || !ok || seen[name] || !plainKey().MatchString(name) || name != strings.TrimSpace(name) {
					return nil, errTree
				}
				seen[name] = true
				t.keys = append(t.keys, name)
			}
			kid, err := readTree(d, depth+1)
			if err != nil {
				return nil, err
			}
			t.kids = append(t.kids, kid)
		}
		_, err := d.Token()
		return t, err
	case string:
		return &tree{kind: '"', text: v}, nil
	case json.Number:
		if !plainNumber().MatchString(v.String()) {
			return nil, errTree
		}
		return &tree{kind: '0', text: v.String()}, nil
	case bool:
		if v {
			return &tree{kind: '0', text: "true"}, nil
		}
		return &tree{kind: '0', text: "false"}, nil
	}
	return &tree{kind: '0', text: "null"}, nil
}

// treeOf is a Go value, as a decoder of YAML or JSON makes it, as a tree.
func treeOf(v any) (*tree, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, errTree
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return readTree(d, 0)
}

// walk calls f for each text and number of the tree with the key it stands
// under; a list's items stand under the key of the list.
func (t *tree) walk(key string, f func(key string, leaf *tree)) {
	for i, kid := range t.kids {
		if t.kind == '{' {
			kid.walk(t.keys[i], f)
		} else {
			kid.walk(key, f)
		}
	}
	if t.kind == '"' || t.kind == '0' {
		f(key, t)
	}
}

// size is how many values there are.
func (t *tree) size() int {
	n := 1
	for _, kid := range t.kids {
		n += kid.size()
	}
	return n
}

// treeStyle is a way to write a tree on one line: as JSON or as YAML, with its
// holes open or filled in.
type treeStyle struct {
	comma, colon     string
	key, text, plain func(string) string // of a key, a text, a number
}

var (
	jsonStyle = treeStyle{",", ":", func(s string) string { return jsonText(filled(s)) }, func(s string) string { return jsonText(filled(s)) }, filled}
	openStyle = treeStyle{",", ":", jsonText, jsonText, func(s string) string { return s }}
	flowStyle = treeStyle{", ", ": ", func(s string) string { return yamlKey(filled(s)) }, func(s string) string { return profiles.Quoted(filled(s)) }, filled}
)

// compact is the JSON text, placeholders filled in as a profile writes them.
func (t *tree) compact() string { return t.in(jsonStyle) }

// raw is the JSON text with its holes still open.
func (t *tree) raw() string { return t.in(openStyle) }

// flow is the value as YAML on one line.
func (t *tree) flow() string { return t.in(flowStyle) }

func (t *tree) in(style treeStyle) string {
	var b strings.Builder
	t.write(&b, &style)
	return b.String()
}

func (t *tree) write(b *strings.Builder, style *treeStyle) {
	switch t.kind {
	case '{', '[':
		b.WriteByte(t.kind)
		for i, kid := range t.kids {
			if i > 0 {
				b.WriteString(style.comma)
			}
			if t.kind == '{' {
				b.WriteString(style.key(t.keys[i]) + style.colon)
			}
			kid.write(b, style)
		}
		b.WriteByte(t.kind + 2) // the bracket that closes
	case '"':
		b.WriteString(style.text(t.text))
	default:
		b.WriteString(style.plain(t.text))
	}
}

func jsonText(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// eachKey applies f to every key of the tree; a key that it changes is dropped
// with its value, as no placeholder may stand there.
func (t *tree) eachKey(f func(string) string) {
	for i := 0; i < len(t.keys); i++ {
		if f(t.keys[i]) != t.keys[i] {
			t.keys = append(t.keys[:i], t.keys[i+1:]...)
			t.kids = append(t.kids[:i], t.kids[i+1:]...)
			i--
		}
	}
	for _, kid := range t.kids {
		kid.eachKey(f)
	}
}
