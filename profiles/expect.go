package profiles

import (
	"fmt"
	"strings"

	"stoke/profiles/answer"
)

// maxChecks bounds the tests of one request.
const maxChecks = 100

func expectKeys() []field[requestDraft] {
	return []field[requestDraft]{
		{key: "status", form: `[200, "3xx"]`, is: isMany(isStatus), standard: "200-399", doc: "statuses: one, a list, 2xx or 200-299", read: readStatus},
		{key: "header", form: "{content-type: application/json}", is: isHeaderTests(), doc: "values of headers; what follows a ; counts only if it is written", read: readHeaderTests},
		{key: "body", form: "{json: $.id}", is: isMap(bodyTestKeys()), doc: "what the body holds",
			read: func(v value, q *requestDraft) { decode(v, q, "expect.body", bodyTestKeys()) }},
		{key: "size", form: `"> 100"`, is: isMany(isSize), doc: "size of the body in bytes: a number, or == != < <= > >= and a number", read: readSize},
		{key: "that", form: "json $.total > 0", is: isMany(isText), doc: "any test, or a list of them: json, header, cookie, regex, status, size or body, and a condition",
			read: func(v value, q *requestDraft) { eachTest(v, q, "") }},
	}
}

func bodyTestKeys() []field[requestDraft] {
	quotedTest := func(word string) func(v value, q *requestDraft) {
		return func(v value, q *requestDraft) { eachQuoted(v, q, "body "+word) }
	}
	return []field[requestDraft]{
		{key: "contains", form: "thank you", is: isMany(isFilled), doc: "a text in it, or a list of them", read: quotedTest("contains")},
		{key: "matches", form: "order-[0-9]+", is: isMany(isFilled), doc: "a regular expression (RE2), or a list of them", read: quotedTest("matches")},
		{key: "json", form: `$.status == "done"`, is: isMany(isText), doc: "a path that is there, or a condition on it, or a list of them",
			read: func(v value, q *requestDraft) { eachTest(v, q, "json ") }},
	}
}

// many returns the values of a list, or the one value in place of it.
func (v value) many() []value {
	if v.kind() != "a list" {
		return []value{v}
	}
	items, _ := v.items("")
	switch {
	case len(items) == 0:
		v.wrong("the list is empty", "leave it out")
	case len(items) > maxChecks:
		v.wrong(fmt.Sprintf("more than %d tests", maxChecks), "")
		return nil
	}
	return items
}

// readTest reads the text of a test, behind what the key says already.
func readTest(v value, prefix string) (answer.Test, bool) {
	text, ok := v.line(maxPath)
	if !ok {
		return answer.Test{}, false
	}
	t, err := answer.ParseTest(prefix + text)
	if err != nil {
		v.refusedPart(text, -len(prefix), err)
		return answer.Test{}, false
	}
	return t, true
}

// eachTest reads one test or a list of them, behind what the key says already.
func eachTest(v value, q *requestDraft, prefix string) {
	for _, item := range v.many() {
		if t, ok := readTest(item, prefix); ok {
			q.Checks = append(q.Checks, t)
		}
	}
}

// eachQuoted reads one text or a list of them, each of which is compared as it
// is.
func eachQuoted(v value, q *requestDraft, what string) {
	for _, item := range v.many() {
		text, ok := item.scalarText()
		switch {
		case !ok:
		case text == "":
			item.wrong("this is empty", "write what is to be there")
		default:
			item.addTest(q, what+" "+answerQuote(text))
		}
	}
}

// addTest adds a test made of a value that it holds in quotes.
func (v value) addTest(q *requestDraft, text string) {
	switch {
	case text != printable(text):
		v.wrong("this holds a character that cannot be shown", "ask for a part of it, or write matches: with \\n or \\t")
		return
	case strings.Contains(text, "${"):
		v.placeholder()
		return
	}
	t, err := answer.ParseTest(text)
	if err != nil {
		v.refused("", err)
		return
	}
	q.Checks = append(q.Checks, t)
}

// scalarText is a text, or a number as it was written.
func (v value) scalarText() (string, bool) {
	if v.kind() == "a number" {
		return v.scalar()
	}
	return v.text()
}

// headerTestKeys are the keys below the name of a header.
func headerTestKeys(name string) []field[requestDraft] {
	read := func(word string) func(value, *requestDraft) {
		return func(v value, q *requestDraft) { eachQuoted(v, q, "header "+name+" "+word) }
	}
	return []field[requestDraft]{
		{key: "contains", form: "json", is: isMany(isFilled), doc: "a text in it, or a list of them", read: read("contains")},
		{key: "matches", form: "^application/", is: isMany(isFilled), doc: "a regular expression (RE2), or a list of them", read: read("matches")},
	}
}

// readHeaderTests reads name: value, name: [value, value] or
// name: {contains: …, matches: …}.
func readHeaderTests(v value, q *requestDraft) {
	entries, ok := v.entries("write content-type: application/json")
	if !ok {
		return
	}
	for _, e := range entries {
		switch {
		case !isToken(e.key):
			v.fail(e.at, show(e.key)+" is not the name of a header", "write letters, digits and -")
		case e.value.isNull():
			v.fail(e.at, "the header has no value", "write one; that it is there is asked by that: header "+e.key)
		case e.value.kind() == "a map":
			decode(e.value, q, "a header", headerTestKeys(e.key))
		default:
			for _, item := range e.value.many() {
				if text, ok := item.scalarText(); ok {
					item.addTest(q, "header "+e.key+" "+headerCondition(text))
				}
			}
		}
	}
}

// headerCondition compares a header's value. Parameters, as the charset of a
// content type, are asked for only where they are written.
func headerCondition(text string) string {
	if text == "" || strings.Contains(text, ";") {
		return "== " + answerQuote(text)
	}
	return "is " + answerQuote(text)
}

// answerQuote puts a text into the quotes of a test.
func answerQuote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func readSize(v value, q *requestDraft) {
	for _, item := range v.many() {
		text, ok := item.scalar()
		if !ok {
			continue
		}
		text = strings.TrimSpace(text)
		if strings.Trim(text, "0123456789") == "" {
			text = "== " + text
		}
		item.addTest(q, "size "+text)
	}
}

func readCapture(v value, q *requestDraft) {
	entries, ok := v.entries("write cart: json $.id")
	if !ok {
		return
	}
	if len(entries) == 0 {
		v.wrong("nothing is captured", "write {cart: json $.id}, or leave it out")
	}
	if len(entries) > maxChecks {
		v.wrong(fmt.Sprintf("more than %d captures", maxChecks), "")
		return
	}
	for _, e := range entries {
		v.readName(e, "a capture")
		v.here.scenario.captures = append(v.here.scenario.captures, captured{e.key, v.here.step})
		if e.value.isNull() {
			v.fail(e.at, e.key+" has no value", "write "+printable(e.key)+": json $.id")
			continue
		}
		text, ok := e.value.line(maxPath)
		if !ok {
			continue
		}
		source, err := answer.ParseSource(text)
		if err != nil {
			e.value.refused(text, err)
			continue
		}
		q.Capture = append(q.Capture, Capture{e.key, source})
	}
}
