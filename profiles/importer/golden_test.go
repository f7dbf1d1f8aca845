package importer

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stoke/profiles"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "write the golden files anew")

// importers are the formats by the folders of their test data.
var importers = map[string]func(io.Reader, Options) (*Result, error){
	"curl": Curl, "har": HAR, "vegeta": Vegeta, "accesslog": AccessLog, "k6": K6, "openapi": OpenAPI,
}

// goldens are the imports whose results lie in testdata as they are.
var goldens = []struct {
	path string // below testdata
	as   string // of the golden file; empty: the path
	o    Options
}{
	{path: "curl/chrome-bash.txt"},
	{path: "curl/chrome-cmd.txt"},
	{path: "curl/old-cmd.txt"},
	{path: "curl/script.sh"},
	{path: "har/firefox.har"},
	{path: "har/firefox.har", as: "har/firefox-steps", o: Options{Steps: true, Name: "buy a cat"}},
	{path: "har/firefox.har", as: "har/firefox-all", o: Options{All: true, Target: "http://127.0.0.1:8080"}},
	{path: "openapi/petstore.yaml"},
	{path: "openapi/orders.json", o: Options{Target: "http://127.0.0.1:8080/api"}},
	{path: "vegeta/targets.txt"},
	{path: "k6/arrival.js"},
	{path: "k6/stages.js"},
	{path: "k6/options.json", o: Options{Target: "http://127.0.0.1:8080"}},
	{path: "vegeta/targets.json"},
	{path: "accesslog/nginx-combined.log", o: Options{Target: "http://127.0.0.1:8080/shop"}},
	{path: "accesslog/nginx-combined.log", as: "accesslog/nginx-top-3", o: Options{Target: "http://127.0.0.1:8080", Top: 3, Scale: 2.5, NoFiles: true}},
	{path: "accesslog/apache-vhost.log", o: Options{Target: "http://127.0.0.1:8080"}},
	{path: "accesslog/caddy.json"},
	{path: "accesslog/nginx-traefik.json"},
}

// TestGolden imports files in the style of the real tools: the profile, the
// files beside it and the notes are as they were agreed to be, the profile
// reads, says what was meant and holds no secret.
func TestGolden(t *testing.T) {
	for _, g := range goldens {
		name := g.as
		if name == "" {
			name = g.path
		}
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", g.path))
			if err != nil {
				t.Fatal(err)
			}
			o := g.o
			o.File = filepath.Base(g.path)
			o.Folder = os.DirFS(filepath.Join("testdata", filepath.Dir(g.path)))
			r, err := importers[filepath.Dir(g.path)](bytes.NewReader(data), o)
			if err != nil {
				t.Fatal(err)
			}
			all := text(r)
			for _, secret := range []string{"canary", "Y2FuYXJ5", "eyJ"} {
				if i := strings.Index(all, secret); i >= 0 {
					t.Errorf("a secret is left: …%s", all[max(0, i-60):min(len(all), i+40)])
				}
			}
			checkMeant(t, r)
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(all), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), all); diff != "" {
				t.Errorf("differs from %s (-update writes it anew):\n%s", golden, diff)
			}
		})
	}
}

// text is all of a result, as golden files have it.
func text(r *Result) string {
	var b strings.Builder
	b.Write(r.Text)
	for _, f := range r.Files {
		fmt.Fprintf(&b, "==== %s\n%s", f.Name, f.Data)
	}
	b.WriteString("==== notes\n")
	for _, n := range r.Notes {
		b.WriteString(n.String() + "\n")
	}
	return b.String()
}

// checkMeant compares what a profile says to its reader with what was to be
// said.
func checkMeant(t *testing.T, r *Result) {
	t.Helper()
	got, err := profiles.Read(r.Profile.Name, r.Text)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Text)
	}
	ignore := cmpopts.IgnoreFields(profiles.Profile{}, "Origin", "Mentions")
	phases := cmp.Transformer("change", func(p profiles.Phase) string { return p.Change.String() })
	sources := cmp.Transformer("source", func(c profiles.Capture) string { return c.Name + c.Source.String() })
	if diff := cmp.Diff(r.meant, got, ignore, phases, sources, cmpopts.EquateEmpty(), weights, cmpopts.EquateComparable()); diff != "" {
		t.Fatalf("was meant and is read:\n%s\n%s", diff, r.Text)
	}
}

// weights are written with four digits; that a step has weight 0 or 1 is the
// same.
var weights = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Weight" },
	cmp.Comparer(func(a, b float64) bool { return plainFloat(a) == plainFloat(b) }))

// TestRefused: what cannot be imported is explained, with its place.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ kind, input, want string }{
		{"curl", "", "in: there is no curl command in it: copy a request"},
		{"curl", "wget http://x", "in: there is no curl command in it: copy a request"},
		{"curl", "\ncurl 'http://x", "in:2:6: it is no command line: "},
		{"curl", "curl ^\"http://x ^\r\n -H a", "in:1: a quote is not closed: "},
		{"curl", "curl ftp://x/a", "in: there is no request in it that can be sent: line 1: left out: stoke does not speak \"ftp\""},
		{"curl", "curl $HOST/a", "in: it does not say to which host the requests go: add --target"},
		{"har", "", "in:1:1: it is not the JSON that was expected: unexpected end of JSON input: "},
		{"openapi", "", "in: it is no OpenAPI document: the key openapi is missing: "},
		{"openapi", "{\"log\": {}}", "in: it is no OpenAPI document: the key openapi is missing: "},
		{"openapi", "{\"swagger\": \"2.0\", \"info\": {}, \"paths\": {}}", "in: it is no OpenAPI 3 document: openapi is \"\": convert Swagger 2"},
		{"har", "{\"log\":\n {\"entries\": [}]}", "in:2:15: it is not the JSON that was expected: "},
		{"har", "{}", "in: it holds no entries, log.entries: "},
		{"har", `{"log":{"entries":"x"}}`, "in:1:"},
		{"har", `[]`, "in:1:1: it is not the JSON that was expected: the whole is an array"},
		{"har", `{"log":{"entries":[{"request":{"url":"data:x"}}]}}`, "in: there is no request in it"},
	} {
		r, err := importers[c.kind](strings.NewReader(c.input), Options{File: "in"})
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %q: %v, %v; want %s…", c.kind, c.input, r, err, c.want)
		}
	}
}
