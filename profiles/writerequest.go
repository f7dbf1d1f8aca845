package profiles

import (
	"slices"
	"strconv"
	"strings"

	"stoke/profiles/answer"
	"stoke/profiles/feeder"
	"stoke/profiles/grammar"
)

func (w *yamlWriter) data(data []Data) {
	if len(data) == 0 {
		return
	}
	w.line("data:")
	for _, d := range data {
		if d.Order == feeder.Sequential || d.Order == "" {
			w.line("  %s: %s", yamlText(d.Name), yamlText(d.File))
			continue
		}
		w.line("  %s:", yamlText(d.Name))
		w.text("    file", d.File)
		w.text("    order", string(d.Order))
	}
}

// request writes a request or a step as an item of a list.
func (w *yamlWriter) request(before string, q *Request, step bool) {
	in := before + "  "
	if q.Name == q.nameItself() && strings.Contains(q.Name, "${") { // which no name may hold that is written
		w.line(before + "-")
	} else {
		w.line(before+"- name: %s", yamlText(q.Name))
	}
	if q.Weight != 1 && !step {
		w.line(in+"weight: %s", strconv.FormatFloat(q.Weight, 'f', -1, 64))
	}
	if q.Think != (Think{}) {
		w.line(in+"think: %s", thinkText(q.Think))
	}
	if len(q.Steps) > 0 {
		w.steps(in, q)
		return
	}
	if key := strings.ToLower(q.Method); slices.Contains(methodKeys, key) {
		w.line(in+"%s: %s", key, yamlText(q.Path))
	} else {
		w.line(in+"method: %s", yamlText(q.Method))
		w.line(in+"path: %s", yamlText(q.Path))
	}
	w.headers(in, q.Headers)
	w.body(in, q)
	w.expect(in, q)
	if len(q.Capture) > 0 {
		w.line(in + "capture:")
		for _, c := range q.Capture {
			w.line(in+"  %s: %s", yamlText(c.Name), yamlText(c.Source.String()))
		}
	}
	w.retries(in, q.Retry)
	w.async(in, q.Async)
}

func (w *yamlWriter) steps(in string, q *Request) {
	if q.Cookies != nil && !*q.Cookies {
		w.line(in + "cookies: false")
	}
	if q.Failed != FailedStop {
		w.text(in+"failed", q.Failed)
	}
	w.line(in + "steps:")
	for i := range q.Steps {
		w.request(in+"  ", &q.Steps[i], true)
	}
}

func (w *yamlWriter) body(in string, q *Request) {
	if q.Body != "" {
		w.line(in+"body: %s", Quoted(q.Body))
	}
	if q.BodyFile != "" {
		w.line(in + "body:")
		w.text(in+"  file", q.BodyFile)
	}
	if q.JSON != "" {
		w.json(in, q.JSON)
	}
	if len(q.Form) > 0 {
		w.line(in + "form:")
	}
	for i, f := range q.Form {
		if i > 0 && q.Form[i-1].Name == f.Name {
			w.line(in+"    - %s", Quoted(f.Value))
		} else if i+1 < len(q.Form) && q.Form[i+1].Name == f.Name {
			w.line(in+"  %s:", Quoted(f.Name))
			w.line(in+"    - %s", Quoted(f.Value))
		} else {
			w.line(in+"  %s: %s", Quoted(f.Name), Quoted(f.Value))
		}
	}
	if len(q.Multipart) > 0 {
		w.line(in + "multipart:")
	}
	for _, p := range q.Multipart {
		w.line(in+"  - name: %s", yamlText(p.Name))
		if p.File == "" {
			w.line(in+"    value: %s", Quoted(p.Value))
		}
		w.text(in+"    file", p.File)
		w.text(in+"    type", p.Type)
	}
}

func (w *yamlWriter) expect(in string, q *Request) {
	if len(q.Expect) == 0 && len(q.Checks) == 0 {
		return
	}
	var parts []string
	for _, r := range q.Expect {
		parts = append(parts, statusText(r))
	}
	statuses := "status: [" + strings.Join(parts, ", ") + "]"
	if len(q.Checks) == 0 {
		w.line(in+"expect: {%s}", statuses)
		return
	}
	w.line(in + "expect:")
	if len(parts) > 0 {
		w.line(in + "  " + statuses)
	}
	w.line(in + "  that:")
	for _, t := range q.Checks {
		w.line(in+"    - %s", yamlText(t.String()))
	}
}

// retries writes what differs from the retries that say nothing.
func (w *yamlWriter) retries(in string, r *Retry) {
	if r == nil {
		return
	}
	standard := DefaultRetry()
	parts := []string{"attempts: " + strconv.Itoa(r.Attempts)}
	if !slices.Equal(r.On, standard.On) {
		parts = append(parts, "on: ["+strings.Join(r.On, ", ")+"]")
	}
	if r.Backoff != standard.Backoff {
		parts = append(parts, "backoff: "+grammar.FormatDuration(r.Backoff))
	}
	if r.Max != standard.Max {
		parts = append(parts, "max: "+grammar.FormatDuration(r.Max))
	}
	if r.Jitter != standard.Jitter {
		parts = append(parts, "jitter: "+percentText(r.Jitter))
	}
	if r.Budget != standard.Budget {
		parts = append(parts, "budget: "+percentText(r.Budget))
	}
	w.line(in+"retries: {%s}", strings.Join(parts, ", "))
}

func (w *yamlWriter) async(in string, a *Async) {
	if a == nil {
		return
	}
	test := func(key string, t *answer.Test) {
		if t != nil {
			w.line(in+"  %s: %s", key, yamlText(t.String()))
		}
	}
	standard := DefaultAsync()
	w.line(in + "async:")
	if a.Poll != standard.Poll {
		w.line(in+"  poll: %s", Quoted(a.Poll))
	}
	w.headers(in+"  ", a.Headers)
	if a.Every != standard.Every {
		w.line(in+"  every: %s", grammar.FormatDuration(a.Every))
	}
	if a.Jitter != standard.Jitter {
		w.line(in+"  jitter: %s", percentText(a.Jitter))
	}
	if a.Within != standard.Within {
		w.line(in+"  within: %s", grammar.FormatDuration(a.Within))
	}
	test("accepted", a.Accepted)
	test("done", &a.Done)
	test("failed", a.Failed)
}
