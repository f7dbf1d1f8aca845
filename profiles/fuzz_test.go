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

	"stoke/profiles/examples"
	"stoke/profiles/grammar"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzRead: no text makes the reader panic; what is refused is explained at a
// place in the file, in words that a terminal can show; what is accepted can
// be sent as it is and keeps its own ceilings.
func FuzzRead(f *testing.F) {
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
	for _, name := range examples.Names() {
		data, _ := examples.Text(name)
		f.Add(data)
	}
	f.Add([]byte("stoke: 1\ntarget: http://x\nrequests: [{post: /, json: {a: [1, 2.5, {b: null}]}}]\nphases: [rate 1, pause, hold 1s, resume, stop]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read("f.yaml", data)
		if err == nil {
			checkAccepted(t, p)
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
	if diff := cmp.Diff(d, d.WithDefaults(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
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
		sent, err := http.NewRequest(q.Method, strings.TrimRight(p.Target, "/")+q.Path, strings.NewReader(q.Body))
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range append(append([]Header(nil), p.Headers...), q.Headers...) {
			sent.Header[h.Name] = []string{h.Value}
		}
		var wire bytes.Buffer
		if err := sent.Write(&wire); err != nil {
			t.Fatal(err)
		}
		if got := bytes.Count(wire.Bytes()[:bytes.Index(wire.Bytes(), []byte("\r\n\r\n"))], []byte("\n")); got > 5+len(sent.Header) {
			t.Fatalf("%d lines of header were made of %d:\n%s", got, len(sent.Header), wire.Bytes())
		}
		if q.JSON != "" && (!json.Valid([]byte(q.JSON)) || q.Body != "") {
			t.Fatalf("json %q, body %q", q.JSON, q.Body)
		}
		for _, r := range q.Expect {
			if r.From < 100 || r.From > r.To || r.To > 999 {
				t.Fatalf("expects %v", q.Expect)
			}
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
