package profiles

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stoke/profiles/grammar"

	"github.com/google/go-cmp/cmp"
)

func read(t testing.TB, text string) *Profile {
	t.Helper()
	p, err := Read("dir/test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadWhole(t *testing.T) {
	got := read(t, `# a comment
stoke: 1
name: checkout-peak
target: https://api.example.test/v1
limits: {rate: 5k, concurrency: "1,024"}
concurrency: 1k
timeout: 5s
connect-timeout: 500ms
max-late: 1m30s
arrivals: uniform
late: shed
headers:
  authorization: Bearer abc
  X-Number: 007
limited: [503, 502]
keep-alive: false
tls: {insecure: true, ca: certs/ca.pem}
requests:
  - name: browse
    weight: 70%
    get: /products?page=2
    expect: {status: 200}
  - weight: 10%
    method: PURGE
    path: /cache
    headers: {accept: "*/*"}
  - weight: 20%
    post: /carts
    json: {z: 1, a: [true, null, 2.50, 1e3, "5", "ü<"], "m": {}, deep: {x: "y"}}
    expect:
      status: [200, 2xx, "300-310"]
  - name: form
    weight: 0%
    put: /form
    body: |
      a=1
phases:
  - rate 100
  - "rate 2k over 2m"   # a comment
  - hold 10m
  - concurrency +8
  - mark deploy v2
`)
	no := false
	phase := func(line, column int, text string) Phase {
		c, err := grammar.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return Phase{Change: c, Text: text, Line: line, Column: column}
	}
	want := &Profile{
		Origin: "dir/test.yaml", Name: "checkout-peak", Target: "https://api.example.test/v1",
		Limits: Limits{5000, 1024}, Concurrency: 1000, Timeout: 5 * time.Second, ConnectTimeout: 500 * time.Millisecond, MaxLate: 90 * time.Second,
		Arrivals: "uniform", Late: "shed", Headers: []Header{{"authorization", "Bearer abc"}, {"X-Number", "007"}},
		Limited: []int{503, 502}, KeepAlive: &no, TLS: TLS{Insecure: true, CA: "certs/ca.pem"},
		Requests: []Request{
			{Name: "browse", Weight: 70, Method: "GET", Path: "/products?page=2", Expect: []StatusRange{{200, 200}}},
			{Name: "PURGE /cache", Weight: 10, Method: "PURGE", Path: "/cache", Headers: []Header{{"accept", "*/*"}}},
			{Name: "POST /carts", Weight: 20, Method: "POST", Path: "/carts",
				JSON: `{"z":1,"a":[true,null,2.50,1e3,"5","ü<"],"m":{},"deep":{"x":"y"}}`, Expect: []StatusRange{{200, 200}, {200, 299}, {300, 310}}},
			{Name: "form", Method: "PUT", Path: "/form", Body: "a=1\n"},
		},
		Phases: []Phase{phase(38, 5, "rate 100"), phase(39, 5, "rate 2k over 2m"), phase(40, 5, "hold 10m"), phase(41, 5, "concurrency +8"), phase(42, 5, "mark deploy v2")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPlansThatEnd: plans at the edge of what is refused.
func TestPlansThatEnd(t *testing.T) {
	for _, phases := range []string{
		"hold 5s, rate x2, hold 5s",                            // twice the default rate
		"rate 100, rate 500 over 10s, rate -500",               // the ceiling itself, and 0
		"rate 100, pause, hold 5s, resume, rate +10%",          // as after any pause
		"rate max, hold 5s, rate 100, rate 200 over 5s",        // a rate between max and the ramp
		"concurrency 8, concurrency x2, concurrency -15",       // down to 1
		"mark a, segment, arrivals uniform, late shed, stop",   // all that takes no time
		"rate 0, hold 1s, rate +5, rate 0 over 1m, hold 8758h", // from 0 and to 0, nearly a year
	} {
		read(t, minimal+"limits: {rate: 500, concurrency: 64}\nphases: ["+phases+"]\n")
	}
}

// TestReadProblems reads each file of testdata/bad and compares all that is
// said about it with the golden file beside it.
func TestReadProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Read(filepath.Base(path), data)
		var problems *Problems
		if !errors.As(err, &problems) || p != nil {
			t.Errorf("%s: read as %+v, %v", path, p, err)
			continue
		}
		golden(t, strings.TrimSuffix(path, ".yaml")+".golden", err.Error()+"\n")
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (UPDATE_GOLDEN=1 writes it):\n%s", path, diff)
	}
}
