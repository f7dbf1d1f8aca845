package profiles

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stoke/profiles/answer"
	"stoke/profiles/examples"
	"stoke/profiles/feeder"
	"stoke/profiles/template"

	"github.com/google/go-cmp/cmp"
)

// byText compares tests and sources as they are written.
var byText = cmp.Options{
	cmp.Comparer(func(a, b answer.Test) bool { return a.String() == b.String() }),
	cmp.Comparer(func(a, b answer.Source) bool { return a.String() == b.String() }),
}

// goodTexts are profiles that read: those of testdata/good and the examples.
func goodTexts(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	texts := map[string][]byte{}
	for _, path := range files {
		if texts[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range examples.Names() {
		texts[name], _ = examples.Text(name)
	}
	return texts
}

func test(t testing.TB, text string) answer.Test {
	t.Helper()
	got, err := answer.ParseTest(text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func source(t testing.TB, text string) answer.Source {
	t.Helper()
	got, err := answer.ParseSource(text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestReadTraffic(t *testing.T) {
	text, err := os.ReadFile("testdata/good/traffic.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, string(text))
	no := false
	accepted, failed := test(t, "status == 200"), test(t, `json $.status matches "fail|lost"`)
	retry, async := DefaultRetry(), DefaultAsync()
	async.Done = test(t, "status == 200")
	want := &Profile{
		Origin: "dir/test.yaml", Name: "traffic", Target: "https://api.example.test/v1", RateCounts: "requests", OnLimited: "backoff", Limited: []int{503},
		Headers: []Header{{"authorization", "Bearer ${env.TOKEN}"}, {"x-run", "${uuid}"}},
		Data:    []Data{{"goods", "goods.csv", feeder.Sequential}, {"people", "people.ndjson", feeder.Unique}, {"on", "on.csv", feeder.Random}},
		Retry:   &retry,
		Requests: []Request{
			{Name: "upload", Weight: 2, Method: "POST", Path: `/photos?by=${people."first name"}`,
				Multipart: []Part{{Name: "title", Value: "a cat, ${goods.name}"}, {Name: "photo", File: "cat.jpg", Type: "image/jpeg"}, {Name: "n", Value: "5"}},
				Retry:     &Retry{5, []string{"error", "5xx", "429"}, time.Second, time.Minute, 0, 0.125}},
			{Name: "xml", Weight: 1, Method: "PUT", Path: "/orders", BodyFile: "order.xml", Expect: []StatusRange{{200, 200}, {200, 299}}, Checks: []answer.Test{
				test(t, `header content-type is "application/xml"`), test(t, `header etag == "W/\"a;b\""`), test(t, `header etag is "\"c\""`),
				test(t, `header location contains "/orders/"`), test(t, `header location matches "^/[a-z]+"`), test(t, `header x-n is "5"`),
				test(t, `body contains "paid"`), test(t, `body contains "a \"b\" \\c"`), test(t, `body matches "id=\d+"`), test(t, "json $.id"), test(t, "json $.total > 0"),
				test(t, "size > 100"), test(t, "size == 5000"), test(t, "cookie session"), test(t, `regex "id=(\d+)" == "5"`),
			}},
			{Name: "form", Weight: 1, Method: "POST", Path: "/form", Form: []Header{{"a", `${pick red "dark blue" x}`}, {"b", "1"}, {"b", "2 ${goods.id}"}, {"c d", ""}}},
			{Name: "checkout", Weight: 0.5, Cookies: &no, Failed: "continue", Steps: []Request{
				{Name: "POST /carts", Method: "POST", Path: "/carts",
					JSON:    `{"sku":${goods.sku},"text":"${goods.sku}","mixed":"a \"${goods.name}\" $${x} \\ ü","list":[${rand.int 1 9},{"a":1,"b":[]},["nested",${seq}],{"pick":${pick 1 2 true}}],"odd key: ${uuid}":null,"empty":{}}`,
					Capture: []Capture{{"cart", source(t, "json $.id")}, {"next", source(t, "header location")}, {"n", source(t, `regex "n=(\d+)"`)}}},
				{Name: "pay", Think: Think{time.Second, 3 * time.Second}, Method: "PURGE", Path: "/carts/${cart}/checkout", Headers: []Header{{"x-next", "${next}"}},
					Body: "${cart} and\n  ${n} ${goods.id}\n", Expect: []StatusRange{{200, 299}}},
				{Name: "POST /done/${on.id}", Think: Think{250 * time.Millisecond, 250 * time.Millisecond}, Method: "POST", Path: "/done/${on.id}", Async: &async},
			}},
			{Name: "process", Weight: 1, Method: "POST", Path: "/process", JSON: "${goods.raw}", Capture: []Capture{{"job", source(t, "json $.id")}}, Async: &Async{
				Poll: "/jobs/${job}", Headers: []Header{{"accept", "application/json"}, {"x", "${header.x-token} ${env.TOKEN}"}}, Every: 500 * time.Millisecond, Jitter: 0.2, Within: 2 * time.Minute,
				Accepted: &accepted, Done: test(t, `json $.status == "done"`), Failed: &failed,
			}},
		},
		Phases: got.Phases, Mentions: got.Mentions,
	}
	if diff := cmp.Diff(want, got, byText); diff != "" {
		t.Error(diff)
	}
	for _, m := range []Mention{{"env.TOKEN", 8, 34}, {"goods.csv", 10, 10}, {`people."first name"`, 17, 22}, {"cat.jpg", 21, 15}, {"goods.name", 50, 22}, {"on.id", 73, 21}} {
		if !slices.Contains(got.Mentions, m) {
			t.Errorf("no mention %+v in %+v", m, got.Mentions)
		}
	}
	if last := got.Phases[len(got.Phases)-1]; last.Change.Text != "deploy #1" {
		t.Errorf("the last phase is %+v", last)
	}
}

// TestGoodReadsBack: whatever reads is written as a text that reads the same,
// and its phases can be rewritten without losing a comment.
func TestGoodReadsBack(t *testing.T) {
	for name, text := range goodTexts(t) {
		p, err := Read(name, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if data, err := p.YAML(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
		again, err := Rewrite(text, "again", phasesOf(t, "rate 5"))
		if err != nil || !strings.HasPrefix(string(again), "# yaml-language-server: ") {
			t.Errorf("%s rewritten: %v\n%s", name, err, again)
		}
	}
}

// TestCloneSharesNothing: what is changed in a copy stays there.
func TestCloneSharesNothing(t *testing.T) {
	text, err := os.ReadFile("testdata/good/traffic.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, same := read(t, string(text)), read(t, string(text))
	c := p.WithDefaults()
	c.Data[0].Name, c.Retry.On[0], c.Mentions[0].Text = "x", "x", "x"
	c.Requests[0].Multipart[0].Name, c.Requests[0].Retry.Attempts, c.Requests[1].Checks[0] = "x", 9, answer.Test{}
	c.Requests[2].Form[0].Name, c.Requests[3].Steps[0].Capture[0].Name, c.Requests[3].Steps[1].Headers[0].Name = "x", "x", "x"
	*c.Requests[3].Cookies, c.Requests[3].Steps[2].Async.Every = true, 0
	c.Requests[4].Async.Headers[0].Name = "x"
	if diff := cmp.Diff(same, p, byText); diff != "" {
		t.Error(diff)
	}
}

// TestBareStaysOutOfQuotes: the one way to tell a placeholder that stands for a
// value from one that is part of a text.
func TestBareStaysOutOfQuotes(t *testing.T) {
	p := read(t, "stoke: 1\ntarget: http://x\ndata: {d: d.csv}\nrequests:\n  - post: /\n    json:\n      a: ${d.n}\n      b: '${d.n}'\n      c: \"${d.n}\"\n      d: x${d.n}\n      e: $${d.n}\n      f: |-\n        ${d.n}\n")
	const want = `{"a":${d.n},"b":"${d.n}","c":"${d.n}","d":"x${d.n}","e":"$${d.n}","f":"${d.n}"}`
	if got := p.Requests[0].JSON; got != want {
		t.Errorf("json %s, want %s", got, want)
	}
	if _, holes := withoutHoles(want); !holes {
		t.Error("the writer sees no bare placeholder")
	}
	if parsed, err := template.Parse(want); err != nil || len(parsed.Refs()) != 5 {
		t.Errorf("as a template it has %+v, %v", parsed, err)
	}
}
