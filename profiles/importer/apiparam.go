package importer

import (
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// escapeHoles escapes a text but for its holes.
func escapeHoles(text string, escape func(string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, holeBegin)
		b.WriteString(escape(before))
		if !found {
			return b.String()
		}
		words, after, _ := strings.Cut(rest, holeEnd)
		b.WriteString(hole(words))
		text = after
	}
}

func hasExample(p *openapi3.Parameter) bool {
	s := p.Schema
	for _, media := range p.Content {
		if media != nil && (media.Example != nil || len(media.Examples) > 0) {
			return true
		}
	}
	return p.Example != nil || len(p.Examples) > 0 || s != nil && s.Value != nil && (s.Value.Example != nil || s.Value.Default != nil || len(s.Value.Examples) > 0)
}

// value is a value of a parameter; nil if there is none.
func (a *apiReader) value(p *openapi3.Parameter) *tree {
	example, examples, schema := p.Example, p.Examples, p.Schema
	for _, kind := range sortedKeys(p.Content) { // in place of a schema
		if media := p.Content[kind]; media != nil {
			example, examples, schema = media.Example, media.Examples, media.Schema
			break
		}
	}
	if v := firstExample(example, examples); v != nil {
		if t, err := treeOf(v); err == nil {
			return t
		}
	}
	return a.example.of(p.Name, schema, 0)
}

// param is the value of a parameter of a path or header as text.
func (a *apiReader) param(where string, p *openapi3.Parameter) string {
	t := a.value(p)
	switch {
	case t == nil:
		return "1"
	case t.kind == '[' && p.Content == nil:
		return strings.Join(textsOf(t), ",")
	case t.kind == '{' && p.Content == nil:
		a.note(where, "the parameter %s is an object and stands as JSON", show(p.Name))
	}
	return textOf(t)
}

// query is a parameter of a query in name=value pairs, lists and objects in the
// style that the document says.
func (a *apiReader) query(p *openapi3.Parameter) (pairs []string) {
	name := url.QueryEscape(p.Name)
	t := a.value(p)
	if t == nil {
		return []string{name + "=1"}
	}
	explode := p.Style == "" || p.Style == openapi3.SerializationForm
	if p.Explode != nil {
		explode = *p.Explode
	}
	var values []string
	for i, text := range textsOf(t) {
		value := escapeQuery(text)
		switch {
		case t.kind == '[' && explode:
			pairs = append(pairs, name+"="+value)
		case t.kind == '[':
			values = append(values, value)
		case p.Style == openapi3.SerializationDeepObject:
			pairs = append(pairs, name+url.QueryEscape("["+t.keys[i]+"]")+"="+value)
		case explode:
			pairs = append(pairs, url.QueryEscape(t.keys[i])+"="+value)
		default:
			values = append(values, url.QueryEscape(t.keys[i]), value)
		}
	}
	switch {
	case len(t.kids) == 0 || p.Content != nil:
		return []string{name + "=" + escapeQuery(textOf(t))}
	case len(pairs) > 0:
		return pairs
	}
	sign := ","
	switch p.Style {
	case openapi3.SerializationSpaceDelimited:
		sign = "%20"
	case openapi3.SerializationPipeDelimited:
		sign = "%7C"
	}
	return []string{name + "=" + strings.Join(values, sign)}
}

// textsOf are the values within a list or an object as texts.
func textsOf(t *tree) (all []string) {
	for _, kid := range t.kids {
		all = append(all, textOf(kid))
	}
	return all
}

// textOf is a value as text: JSON if it holds others.
func textOf(t *tree) string {
	if t.kind != '{' && t.kind != '[' {
		return t.text
	}
	return t.raw()
}

func firstExample(one any, many openapi3.Examples) any {
	if one != nil {
		return one
	}
	for _, name := range sortedKeys(many) {
		if e := many[name]; e != nil && e.Value != nil && e.Value.Value != nil {
			return e.Value.Value
		}
	}
	return nil
}
