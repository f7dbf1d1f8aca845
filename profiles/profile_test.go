package profiles

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFromURL(t *testing.T) {
	for raw, want := range map[string][4]string{ // name, target, path, name of the request
		"http://localhost:8080":             {"localhost:8080", "http://localhost:8080", "/", "GET /"},
		"https://example.test/a/b?c=d&e":    {"example.test", "https://example.test", "/a/b?c=d&e", "GET /a/b"},
		"HTTP://Example.test/":              {"Example.test", "http://Example.test", "/", "GET /"},
		"http://[::1]:80/x":                 {"[::1]:80", "http://[::1]:80", "/x", "GET /x"},
		"http://example.test/a b/ü":         {"example.test", "http://example.test", "/a%20b/%C3%BC", "GET /a%20b/%C3%BC"},
		"http://example.test?q=1":           {"example.test", "http://example.test", "/?q=1", "GET /"},
		"http://example.test/%2Fkeep%2F//x": {"example.test", "http://example.test", "/%2Fkeep%2F//x", "GET /%2Fkeep%2F//x"},
	} {
		p, err := FromURL(raw)
		if err != nil {
			t.Errorf("FromURL(%q): %v", raw, err)
			continue
		}
		if got := [4]string{p.Name, p.Target, p.Requests[0].Path, p.Requests[0].Name}; got != want {
			t.Errorf("FromURL(%q) = %q, want %q", raw, got, want)
		}
	}
	for raw, want := range map[string]string{
		"":                                   "has no scheme",
		"localhost:8080/x":                   "did you mean http://localhost:8080/x?",
		"127.0.0.1/x":                        "did you mean http://127.0.0.1/x?",
		"api.internal:9000":                  "did you mean http://api.internal:9000?",
		"example.test":                       "did you mean https://example.test?",
		"//example.test":                     "did you mean https://example.test?",
		"ftp://example.test":                 `does not speak "ftp"`,
		"http://":                            "has no host",
		"http:///path":                       "has no host",
		"http://user:pw@example.test":        "user name",
		"http://example.test/#x":             "fragment",
		"http://example.test/#":              "fragment",
		"http://example.test:0/":             "port",
		"http://example.test:65536/":         "port",
		"http://example.test:http/":          "port",
		"http://example.test:/":              "colon without a port",
		"http://exämple.test/":               "punycode",
		"http://exa mple.test/":              "not a URL",
		"http://[::1/":                       "not a URL",
		"http://%zz/":                        "not a URL",
		"http://example.test/?q=a b":         "write it as %20",
		"http://example.test/${id}":          "takes no placeholder",
		"http://example.test/\x1b[2J":        "cannot be shown",
		"http://example.test/\r\nX: y":       "cannot be shown",
		"http://" + strings.Repeat("a", 300): "longer than 253",
	} {
		p, err := FromURL(raw)
		var problem *Problem
		if !errors.As(err, &problem) || !strings.Contains(err.Error(), want) {
			t.Errorf("FromURL(%q) = %v, %v; want %q", raw, p, err, want)
		}
	}
}

func TestTargets(t *testing.T) {
	for _, target := range []string{"http://127.0.0.1:8080", "https://api.example.test/v1/", "http://[fe80::1%25eth0]:80", "http://under_score"} {
		if problem := checkTarget(target); problem != nil {
			t.Errorf("%s: %v", target, problem)
		}
	}
	for _, target := range []string{"http://x/?q", "http://x?", "http://x/#", "http://x/a b", "x", "/x", "mailto:x@y"} {
		if checkTarget(target) == nil {
			t.Errorf("%s is accepted", target)
		}
	}
}

func TestWithDefaults(t *testing.T) {
	yes := true
	p := &Profile{Requests: []Request{{Path: "/"}, {Path: "/b", Method: "PUT"}}, Timeout: 3 * time.Second, Limits: Limits{Concurrency: 20}}
	before := *p
	before.Requests = append([]Request(nil), p.Requests...)
	got := p.WithDefaults()
	want := &Profile{
		Limits: Limits{Concurrency: 20}, Concurrency: 20, Timeout: 3 * time.Second, ConnectTimeout: 3 * time.Second, MaxLate: 3 * time.Second,
		Arrivals: "poisson", Late: "queue", RateCounts: "starts", OnLimited: "ignore", KeepAlive: &yes,
		Requests: []Request{{Path: "/", Method: "GET", Weight: 1}, {Path: "/b", Method: "PUT", Weight: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got.Requests[0].Path = "/changed"
	*got.KeepAlive = false
	if diff := cmp.Diff(&before, p); diff != "" {
		t.Errorf("the profile changed with its copy:\n%s", diff)
	}
	if diff := cmp.Diff(got, got.WithDefaults()); diff != "" {
		t.Errorf("defaults of defaults differ:\n%s", diff)
	}

	no := false
	said := &Profile{
		Concurrency: 5, Timeout: time.Second, ConnectTimeout: 2 * time.Second, MaxLate: 3 * time.Second, Arrivals: "uniform", Late: "shed", KeepAlive: &no,
		RateCounts: "requests", OnLimited: "obey",
		Requests: []Request{{Method: "GET", Weight: 2}, {Method: "GET", Weight: 0}}, // the second is switched off
	}
	if diff := cmp.Diff(said, said.WithDefaults()); diff != "" {
		t.Errorf("what was said is changed:\n%s", diff)
	}
	if *said.WithDefaults().KeepAlive = true; *said.KeepAlive {
		t.Error("keep-alive is shared with the copy")
	}
	if got := new(Profile).WithDefaults(); got.Concurrency != 64 || got.Timeout != 10*time.Second || got.MaxLate != 10*time.Second {
		t.Errorf("of nothing: %+v", got)
	}
}

// TestKeys holds the table of keys to the reader: a profile that has the
// example of one key, and what belongs to it, reads.
func TestKeys(t *testing.T) {
	company := map[string]string{ // of a key, on its level
		"requests[].method": "path: /", "requests[].path": "method: GET", "requests[].cookies": "steps: [{get: /}]", "requests[].failed": "steps: [{get: /}]",
		"requests[].steps": "name: shopping", "tls.cert": "key: key.pem", "tls.key": "cert: cert.pem",
		"requests[].multipart[].name": "value: x", "requests[].multipart[].value": "name: x", "requests[].multipart[].file": "name: x", "requests[].multipart[].type": "{name: x, value: x}",
		"data.NAME.order": "file: products.csv",
	}
	methods := 0
	for _, k := range Keys() {
		if k.Doc == "" || k.Form == "" {
			t.Errorf("%s is not explained", k.Key)
		}
		path := strings.Split(k.Key, ".")
		request := path[0] == "requests[]" && len(path) > 1
		with := strings.Split(strings.Trim(company[k.Key], "{}"), ", ")
		switch {
		case request && len(path) == 2 && slices.Contains(methodKeys, path[1]):
			methods++
		case request && path[1] == "async" && len(path) > 2 && path[2] != "done":
			with = append(with, `done: json $.status == "done"`)
		case k.Key == "requests[].cookies" || k.Key == "requests[].failed":
			with = append(with, "name: shopping")
		case request && len(path) > 2 && path[1] == "steps[]":
			with = append(with, "get: /")
		}
		var b strings.Builder
		b.WriteString("stoke: 1\ntarget: https://x.test\n")
		if !strings.HasPrefix(k.Key, "requests") {
			b.WriteString("requests: [{get: /}]\n")
		}
		indent := ""
		for i, part := range path[:len(path)-1] {
			name, list := strings.CutSuffix(part, "[]")
			b.WriteString(name + ":\n")
			indent += "  "
			b.WriteString(indent)
			if list {
				b.WriteString("- ")
				indent += "  "
			}
			if i == 0 && request && len(path) > 2 { // a request around it
				if path[1] == "steps[]" {
					b.WriteString("name: shopping\n" + indent)
				} else {
					b.WriteString("post: /\n" + indent)
				}
			}
		}
		last := path[len(path)-1]
		b.WriteString(last + ": " + strings.Replace(k.Form, "70%", "100%", 1) + "\n")
		for _, line := range with {
			if line != "" {
				b.WriteString(indent + line + "\n")
			}
		}
		if request && len(path) == 2 && last != "path" && last != "method" && !slices.Contains(methodKeys, last) && !slices.Contains(scenarioKeys, last) {
			b.WriteString(indent + "get: /\n")
		}
		text := b.String()
		if k.Key == "stoke" || k.Key == "target" || k.Key == "requests" {
			text = "stoke: 1\ntarget: https://x.test\nrequests: [{get: /}]\n"
		}
		if _, err := Read("p.yaml", []byte(text)); err != nil {
			t.Errorf("the example of %s: %v\n%s", k.Key, err, text)
		}
	}
	if methods != len(methodKeys) {
		t.Errorf("%d methods are explained", methods)
	}
	for _, want := range []string{"limits.rate", "tls.ca", "requests[].expect.status", "requests[].expect.body.json", "requests[].async.done", "requests[].steps[].think", "data.NAME.order", "retries.budget"} {
		if !strings.Contains(keyNames(), want+"\n") {
			t.Errorf("%s is not in the table", want)
		}
	}
	if strings.Contains(keyNames(), "thresholds") {
		t.Error("a key that cannot be used is in the table")
	}
}

// scenarioKeys stand in a request without a method.
var scenarioKeys = []string{"steps", "cookies", "failed"}

func keyNames() string {
	var b strings.Builder
	for _, k := range Keys() {
		b.WriteString(k.Key + "\n")
	}
	return b.String()
}
