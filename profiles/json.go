package profiles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// jsonNumber is the one way to write a number that YAML and JSON agree on.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// json returns the value as compact JSON text, keys in the order of the file.
func (v value) json() string {
	if s, ok := v.node.(*ast.StringNode); ok && looksLikeJSON(s.Value) {
		v.wrong("this would be sent as one JSON text", "leave the quotes out, or write body: and a content-type header")
		return ""
	}
	var b bytes.Buffer
	v.appendJSON(&b)
	return b.String()
}

func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && (text[0] == '{' || text[0] == '[') && json.Valid([]byte(text))
}

func (v value) appendJSON(b *bytes.Buffer) {
	switch n := v.node.(type) {
	case nil, *ast.NullNode:
		b.WriteString("null")
	case *ast.BoolNode:
		fmt.Fprint(b, n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		text := v.node.GetToken().Value
		if !jsonNumber.MatchString(text) {
			v.wrong("JSON has no number "+show(text), "write it in plain decimals, or quote it to send text")
			return
		}
		b.WriteString(text)
	case *ast.StringNode:
		if n.Token.Type == token.StringType && jsonNumber.MatchString(n.Value) {
			b.WriteString(n.Value) // 1e3, which the YAML reader takes for text
			return
		}
		if word, whole := placeholderAt(n.Value); whole && word == n.Value && n.Token.Type == token.StringType {
			v.appendBare(b, n.Value)
			return
		}
		v.appendText(b, n.Value)
	case *ast.LiteralNode:
		v.appendText(b, n.Value.Value)
	case *ast.SequenceNode:
		items, _ := v.items("")
		b.WriteByte('[')
		for i, item := range items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.appendJSON(b)
		}
		b.WriteByte(']')
	default:
		entries, _ := v.entries("")
		b.WriteByte('{')
		for i, e := range entries {
			if i > 0 {
				b.WriteByte(',')
			}
			value{v.decoder, nil, e.at}.appendText(b, e.key)
			b.WriteByte(':')
			e.value.appendJSON(b)
		}
		b.WriteByte('}')
	}
}

// appendText writes a text in quotes; its placeholders stay as they are.
func (v value) appendText(b *bytes.Buffer, text string) {
	t, ok := v.template(text)
	if !ok {
		return
	}
	b.WriteByte('"')
	for i, p := range t.Parts {
		end := len(text)
		if i+1 < len(t.Parts) {
			end = t.Parts[i+1].Offset
		}
		if p.Ref != nil {
			b.WriteString("${" + p.Ref.Text + "}")
		} else {
			v.appendEscaped(b, text[p.Offset:end]) // with its $${
		}
	}
	b.WriteByte('"')
}

// appendBare writes a placeholder that stands for a whole value.
func (v value) appendBare(b *bytes.Buffer, text string) {
	t, ok := v.template(text)
	if ok && len(t.Parts) == 1 && t.Parts[0].Ref != nil {
		b.WriteString("${" + t.Parts[0].Ref.Text + "}")
	}
}

// appendEscaped writes what stands within the quotes of a JSON text.
func (v value) appendEscaped(b *bytes.Buffer, text string) {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		v.wrong(err.Error(), "")
		return
	}
	b.Write(quoted.Bytes()[1 : quoted.Len()-2]) // without its quotes and the line break of Encode
}
