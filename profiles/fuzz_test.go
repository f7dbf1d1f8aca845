package profiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"stoke/profiles/grammar"
	"stoke/profiles/template"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzRead: no text makes the reader panic; what is refused is explained at a
// place in the file, in words that a terminal can show; what is accepted can
// be sent as it is and keeps its own ceilings.
func FuzzRead(f *testing.F) {
	for _, text := range goodTexts(f) {
		f.Add(text)
	}
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("stoke: 1\ntarget: http://x\nrequests: [{post: /, json: {a: [1, 2.5, {b: null}]}}]\nphases: [rate 1, pause, hold 1s, resume, stop]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read("f.yaml", data)
		if err == nil {
			checkAccepted(t, p)
			if data, err := p.YAML(); err != nil {
				t.Fatalf("what was read cannot be written: %v\n%s", err, data)
			}
			return
		}
		var problems *Problems
		if !errors.As(err, &problems) || len(problems.List) == 0 || p != nil {
			t.Fatalf("refused with %#v", err)
		}
		lines := bytes.Count(data, []byte("\n")) + 1
		for i, problem := range problems.List {
			if problem.Line < 1 || problem.Line > lines || problem.Column < 1 || problem.Msg == "" {
				t.Fatalf("%d lines, problem %+v", lines, problem)
			}
			if i > 0 && problems.List[i-1].Line > problem.Line {
				t.Fatalf("not in order: %v", err)
			}
		}
		for _, r := range err.Error() {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%U in the message %q", r, err)
			}
		}
	})
}

// checkAccepted holds a profile that was read to what its users rely on, with
// other means than those of the reader.
func checkAccepted(t *testing.T, p *Profile) {
	t.Helper()
	d := p.WithDefaults()
	if diff := cmp.Diff(d, d.WithDefaults(), byText, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Fatalf("defaults of defaults differ:\n%s", diff)
	}
	if d.Concurrency < 1 || d.Limits.Concurrency > 0 && d.Concurrency > d.Limits.Concurrency || d.Timeout <= 0 || d.ConnectTimeout <= 0 || d.MaxLate <= 0 {
		t.Fatalf("accepted with %+v", d)
	}
	if !(d.Limits.Rate >= 0 && d.Limits.Rate <= grammar.MaxRate) || d.PlanLength() < 0 {
		t.Fatalf("accepted with the limits %+v, a plan of %v", d.Limits, d.PlanLength())
	}
	sum, names := 0.0, map[string]bool{}
	for _, q := range d.Requests {
		sum += q.Weight
		if q.Weight < 0 || q.Name == "" || names[q.Name] {
			t.Fatalf("request %+v", q)
		}
		names[q.Name] = true
		if len(q.Steps) == 0 {
			checkSendable(t, p, q)
			continue
		}
		steps := map[string]bool{}
		for _, step := range q.Steps {
			checkSendable(t, p, step)
			if step.Name == "" || steps[step.Name] || len(step.Steps) > 0 || step.Weight != 0 || step.Think.From > step.Think.To {
				t.Fatalf("step %+v", step)
			}
			steps[step.Name] = true
		}
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		t.Fatalf("the weights make %v", sum)
	}
	for _, phase := range p.Phases {
		if again, err := grammar.Parse(phase.String()); err != nil || again != phase.Change {
			t.Fatalf("phase %q prints as %q, which reads as %v, %v", phase.Text, phase.String(), again, err)
		}
		if top := p.Limits.Rate; top > 0 && phase.Verb == grammar.Rate && phase.Amount.Op == grammar.Set && phase.Amount.Value > top {
			t.Fatalf("phase %q is above %v", phase.Text, top)
		}
		if phase.Line < 1 || phase.Column < 1 {
			t.Fatalf("phase %q stands at %d:%d", phase.Text, phase.Line, phase.Column)
		}
	}
}

// filledIn is a text with something in place of its placeholders.
func filledIn(t *testing.T, text string) string {
	t.Helper()
	parsed, err := template.Parse(text)
	if err != nil {
		t.Fatalf("accepted with %q: %v", text, err)
	}
	return outline(parsed)
}

// checkSendable holds a request that is sent to what makes it one.
func checkSendable(t *testing.T, p *Profile, q Request) {
	t.Helper()
	sent, err := http.NewRequest(q.Method, strings.TrimRight(p.Target, "/")+filledIn(t, q.Path), strings.NewReader(q.Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range append(append([]Header(nil), p.Headers...), q.Headers...) {
		sent.Header[h.Name] = []string{filledIn(t, h.Value)}
	}
	var wire bytes.Buffer
	if err := sent.Write(&wire); err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(wire.Bytes()[:bytes.Index(wire.Bytes(), []byte("\r\n\r\n"))], []byte("\n")); got > 5+len(sent.Header) {
		t.Fatalf("%d lines of header were made of %d:\n%s", got, len(sent.Header), wire.Bytes())
	}
	bodies := 0
	for _, given := range []bool{q.Body != "", q.BodyFile != "", q.JSON != "", len(q.Form) > 0, len(q.Multipart) > 0} {
		if given {
			bodies++
		}
	}
	if plain, _ := withoutHoles(q.JSON); bodies > 1 || q.JSON != "" && !json.Valid([]byte(plain)) {
		t.Fatalf("%d bodies, json %q", bodies, q.JSON)
	}
	for _, r := range q.Expect {
		if r.From < 100 || r.From > r.To || r.To > 999 {
			t.Fatalf("expects %v", q.Expect)
		}
	}
	if r := q.Retry; r != nil && (r.Attempts < 1 || len(r.On) == 0 || r.Backoff <= 0 || r.Max < r.Backoff || r.Jitter < 0 || r.Jitter > 1 || r.Budget < 0 || r.Budget > 1) {
		t.Fatalf("retries %+v", r)
	}
	if a := q.Async; a != nil && (a.Done.String() == "" || a.Every <= 0 || a.Within < a.Every || a.Jitter < 0 || a.Jitter > MaxPollJitter || filledIn(t, a.Poll) == "") {
		t.Fatalf("async %+v", a)
	}
}
