package profiles

import (
	"strings"
	"time"

	"stoke/profiles/answer"
	"stoke/profiles/grammar"
	"stoke/profiles/template"
)

// MaxPollJitter is the largest jitter between two polls: with more, the time
// at which a job was seen done would say little.
const MaxPollJitter = 0.2

// DefaultAsync returns what async means that says only when a job is done.
func DefaultAsync() Async {
	return Async{Poll: "${header.location}", Every: time.Second, Jitter: 0.1, Within: time.Minute}
}

func asyncKeys() []field[Async] {
	test := func(v value, into **answer.Test) {
		if t, ok := readTest(v, ""); ok {
			*into = &t
		}
	}
	return []field[Async]{
		{key: "poll", form: `"${header.location}"`, is: isText, standard: "${header.location}", doc: "path or URL that is asked; a relative one begins at the request's", read: readPoll},
		{key: "headers", form: "{accept: application/json}", is: isHeaders(), standard: "the request's", doc: "of the poll",
			read: func(v value, a *Async) { a.Headers = readHeaders(v) }},
		{key: "every", form: "500ms", is: isTime, standard: "1s", doc: "time between two polls; longer where Retry-After asks for it",
			read: func(v value, a *Async) { measured(v, grammar.ParseDuration, &a.Every) }},
		{key: "jitter", form: "10%", is: isShare, standard: "10%", doc: "share of every that is drawn at random, at most 20%",
			read: func(v value, a *Async) { readShare(v, MaxPollJitter, &a.Jitter) }},
		{key: "within", form: "60s", is: isTime, standard: "60s", doc: "a job that is not done by then is lost",
			read: func(v value, a *Async) { measured(v, grammar.ParseDuration, &a.Within) }},
		{key: "accepted", form: "status == 202", is: isText, standard: "status == 202", doc: "what says that the job was accepted",
			read: func(v value, a *Async) { test(v, &a.Accepted) }},
		{key: "done", form: `json $.status == "done"`, is: isText, required: true, doc: "what says that it is done",
			read: func(v value, a *Async) { a.Done, _ = readTest(v, "") }},
		{key: "failed", form: `json $.status == "failed"`, is: isText, standard: "never", doc: "what says that it failed",
			read: func(v value, a *Async) { test(v, &a.Failed) }},
	}
}

// readAsync reads how a job is followed. What it sends may use the header of
// the answer before.
func readAsync(v value, q *requestDraft) {
	before := v.here
	v.here.poll = true
	defer func() { v.here = before }()
	a := DefaultAsync()
	at := decode(v, &a, "async", asyncKeys())
	if _, said := at["done"]; !said && v.kind() == "a map" {
		v.wrong("async does not say when a job is done", `add done: json $.status == "done"`)
	}
	if a.Within < a.Every {
		place, said := at["within"]
		if !said {
			place = at["every"]
		}
		v.fail(place, "a job would be lost before its first poll", "raise within, or lower every")
	}
	q.Async = &a
}

func readPoll(v value, a *Async) {
	text, ok := v.text()
	if !ok {
		return
	}
	t, ok := v.template(text)
	if !ok {
		return
	}
	if t.Parts == nil || strings.TrimSpace(text) == "" {
		v.wrong("this is empty", `write "${header.location}", or leave it out`)
		return
	}
	path := outline(t)
	if first := t.Parts[0]; first.Ref == nil && !strings.HasPrefix(text, "/") {
		if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
			v.wrong("the poll "+show(text)+" is neither a path nor a URL", `write it like /jobs/${id} or "${header.location}"`)
			return
		}
		path = "/" + path
	} else if first.Ref != nil {
		path = "/" + path
	}
	if problem := checkPath(path); problem != nil {
		v.wrong(problem.Msg, problem.Hint)
		return
	}
	a.Poll = text
}

// outline is a template with a letter in place of each placeholder: what can
// be said of it before it is filled in.
func outline(t *template.Template) string {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Ref != nil {
			b.WriteByte('x')
		} else {
			b.WriteString(p.Literal)
		}
	}
	return b.String()
}
