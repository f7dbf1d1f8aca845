package profiles

import (
	"fmt"
	"strings"
)

// bodyKeyNames are the keys that say what a request carries; it has one.
var bodyKeyNames = []string{"body", "json", "form", "multipart"}

// maxParts bounds the fields of a form and the parts of a multipart body.
const maxParts = 1000

func bodyKeys() []field[requestDraft] {
	return []field[requestDraft]{
		{key: "file", form: "order.xml", is: isFile, doc: "a file beside the profile, sent as it is",
			read: func(v value, q *requestDraft) { readFileName(v, "the body", &q.BodyFile) }},
	}
}

// readBody reads a text with placeholders, or {file: …}.
func readBody(v value, q *requestDraft) {
	switch k := v.kind(); {
	case k == "a map" && v.has("file"):
		decode(v, q, "a body", bodyKeys())
		return
	case k == "a map" || k == "a list":
		v.wrong("a body is text, not "+k, "write json: in place of body:")
		return
	}
	text, ok := v.text()
	if !ok {
		return
	}
	if _, ok := v.template(text); ok {
		q.Body = text
	}
}

// readForm reads fields: name: value, or name: [value, value].
func readForm(v value, q *requestDraft) {
	entries, ok := v.entries("write field: value")
	if !ok {
		return
	}
	if len(entries) == 0 {
		v.wrong("the form has no fields", "write {field: value}, or leave it out")
	}
	for _, e := range entries {
		switch {
		case e.key == "":
			v.fail(e.at, "the field has no name", "write field: value")
			continue
		case strings.Contains(e.key, "${"):
			value{v.decoder, nil, e.at}.placeholder()
			continue
		case e.value.isNull():
			v.fail(e.at, "the field "+show(e.key)+" has no value", `write a value, or ""`)
			continue
		}
		for _, item := range e.value.many() {
			if text, ok := item.filled(); ok {
				q.Form = append(q.Form, Header{e.key, text})
			}
		}
	}
	if len(q.Form) > maxParts {
		v.wrong(fmt.Sprintf("more than %d fields", maxParts), "")
	}
}

// filled is a text with placeholders, or a number as it was written.
func (v value) filled() (string, bool) {
	text, ok := v.scalarText()
	if !ok {
		return "", false
	}
	_, ok = v.template(text)
	return text, ok
}

func partKeys() []field[Part] {
	return []field[Part]{
		{key: "name", form: "photo", is: isLine, required: true, doc: "of the field", read: func(v value, p *Part) { p.Name, _ = v.line(maxName) }},
		{key: "value", form: "a cat", is: isFilled, doc: "a text",
			read: func(v value, p *Part) { p.Value, _ = v.filled() }},
		{key: "file", form: "cat.jpg", is: isFile, doc: "in place of value: a file beside the profile, sent as it is",
			read: func(v value, p *Part) { readFileName(v, "the file", &p.File) }},
		{key: "type", form: "image/jpeg", is: isText, standard: "by the file's name", doc: "content type of the part", read: readPartType},
	}
}

func readPartType(v value, p *Part) {
	text, ok := headerValue(v)
	if !ok {
		return
	}
	main, sub, ok := strings.Cut(text, "/")
	sub, _, _ = strings.Cut(sub, ";")
	if !ok || !isToken(main) || !isToken(strings.TrimSpace(sub)) {
		v.wrong(show(text)+" is no content type", "write it like image/jpeg")
		return
	}
	p.Type = text
}

// readMultipart reads the parts of a multipart body.
func readMultipart(v value, q *requestDraft) {
	items, ok := v.items("begin each part with a dash")
	switch {
	case !ok:
		return
	case len(items) == 0:
		v.wrong("there are no parts", "write [{name: photo, file: cat.jpg}]")
	case len(items) > maxParts:
		v.wrong(fmt.Sprintf("more than %d parts", maxParts), "")
		return
	}
	for _, item := range items {
		var p Part
		at := decode(item, &p, "a part", partKeys())
		if item.kind() != "a map" {
			continue
		}
		_, named := at["name"]
		_, valued := at["value"]
		file, filed := at["file"]
		switch {
		case !named:
			item.wrong("the part has no name", "add name: photo")
		case valued && filed:
			v.fail(file, "a part has a value or a file, not both", "leave one out")
		case !valued && !filed:
			item.wrong("the part has neither a value nor a file", "add value: or file:")
		}
		q.Multipart = append(q.Multipart, p)
	}
}
