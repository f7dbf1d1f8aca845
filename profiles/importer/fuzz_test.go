package importer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fuzzImport: no input makes an importer panic; what is refused is explained,
// and what is imported reads and says what was meant.
func fuzzImport(f *testing.F, kind string, o Options, more ...string) {
	files, err := filepath.Glob(filepath.Join("testdata", kind, "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if !strings.HasSuffix(path, ".golden") && !strings.HasSuffix(path, ".csv") && len(data) < 20<<10 {
			f.Add(string(data))
		}
	}
	for _, text := range more {
		f.Add(text)
	}
	o.File = "in"
	f.Fuzz(func(t *testing.T, text string) {
		r, err := importers[kind](strings.NewReader(text), o)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Msg == "" || strings.Contains(e.Msg, "does not read") {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		checkMeant(t, r)
		for _, n := range r.Notes {
			if n.Text == "" || strings.Contains(n.String(), holeBegin) || n.String() != printable(n.String()) {
				t.Fatalf("the note %q", n)
			}
		}
	})
}

func FuzzCurl(f *testing.F) {
	fuzzImport(f, "curl", Options{Target: "http://127.0.0.1:1"}, "curl $A/${b} -d '${x}$${y}' -H \"a: $c$d\"", "curl x -d '{\"a\":\"\\ue000env.A\\ue001\"}' -b 'a=\"'")
}

func FuzzHAR(f *testing.F) { fuzzImport(f, "har", Options{Steps: true, All: true}) }

func FuzzOpenAPI(f *testing.F) {
	fuzzImport(f, "openapi", Options{Target: "http://127.0.0.1:1"}, "openapi: 3.1.0\npaths: {/a/{b}: {get: {parameters: [{name: b, in: path, schema: {type: number, exclusiveMinimum: 3}}]}}}")
}

func FuzzAccessLog(f *testing.F) {
	fuzzImport(f, "accesslog", Options{Target: "http://127.0.0.1:1"}, "- [inf] \"GET / HTTP/1.1\" 200", "- [1.5e9] \"GET /a//5?x=%ff&x=${y} HTTP/1.1\" 200", "- [x] \"GET /\\\"1/2 HTTP/1.1\" 200\n- [x] \"GET /\\\"1/3?a=\x00 HTTP/1.1\" 200")
}

func FuzzVegeta(f *testing.F) { fuzzImport(f, "vegeta", Options{}) }

func FuzzK6(f *testing.F) {
	fuzzImport(f, "k6", Options{Target: "http://127.0.0.1:1"}, "export const options = {...a, b: c(1)[2], stages: [{duration: `1m`, target: 1_0 * 2}]}; http.request('PUT', `/a/${b}`, [1, {x}])")
}
