package profiles

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaFile, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return s.Validate(doc)
}

// TestSchemaTakesWhatReads: whatever Read accepts fits the schema, and so does
// what the writer makes of it.
func TestSchemaTakesWhatReads(t *testing.T) {
	s := schema(t)
	for name, text := range goodTexts(t) {
		if err := fits(t, s, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		p, err := Read(name, text)
		if err != nil {
			t.Fatal(err)
		}
		if written, err := p.YAML(); err != nil || fits(t, s, written) != nil {
			t.Errorf("%s as written: %v, %v\n%s", name, err, fits(t, s, written), written)
		}
	}
}

// TestSchemaRefuses: a mistake is one for both, and without it both are
// content.
func TestSchemaRefuses(t *testing.T) {
	s := schema(t)
	const base = "stoke: 1\ntarget: https://x.test\n"
	const get = "requests: [{get: /}]\n"
	if err := fits(t, s, []byte(base+get)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"target: https://x.test\n" + get, // no version
		"stoke: 2\ntarget: https://x.test\n" + get,
		"stoke: 1\n" + get,
		"stoke: 1\ntarget: ftp://x\n" + get,
		"stoke: 1\ntarget: x.test\n" + get,
		base,
		base + "requests: []\n",
		base + "requests: {get: /}\n",
		base + get + "nam: x\n",
		base + get + "name: 5\n",
		base + get + "timeout: 5\n",
		base + get + "timeout: fast\n",
		base + get + "arrivals: poison\n",
		base + get + "rate-counts: steps\n",
		base + get + "on limited: wait\n",
		base + get + "on-limited: obey\n",
		base + get + "keep-alive: \"true\"\n",
		base + get + "concurrency: many\n",
		base + get + "limits: {rate: fast}\n",
		base + get + "limits: {rates: 5}\n",
		base + get + "limited: [200]\n",
		base + get + "headers: {\"a b\": c}\n",
		base + get + "headers: [a]\n",
		base + get + "tls: {min: 1.4}\n",
		base + get + "tls: {ca: /etc/ca.pem}\n",
		base + get + "data: {}\n",
		base + get + "data: {a: {order: random}}\n",
		base + get + "data: {a: {file: a.csv, order: any}}\n",
		base + get + "data: {1a: a.csv}\n",
		base + get + "retries: {attempts: 0}\n",
		base + get + "retries: {jitter: 0.5}\n",
		base + get + "retries: {on: [eror]}\n",
		base + get + "phases: []\n",
		base + get + "phases: [rat 5]\n",
		base + get + "phases: [undo]\n",
		base + get + "phases: rate 5\n",
		base + get + "timeout: 0s\n",
		base + get + "concurrency: 1.5\n",
		base + get + "limits: {rate: 0}\n",
		base + get + "headers: {a: \"b\\nc\"}\n",
		base + get + "name: \"a\\tb\"\n",
		base + get + "connect-to: 127.0.0.1\n",
		base + get + "proxy: proxy.test:3128\n",
		base + get + "proxy: https://proxy.test:3128\n",
		"stoke: 1\ntarget: http://me:secret@x.test\n" + get,
		"stoke: 1\ntarget: http:///x\n" + get,
		"stoke: 1\ntarget: http://a b\n" + get,
		base + "requests: [{}]\n",
		base + "requests: [{path: /}]\n",
		base + "requests: [{method: GET}]\n",
		base + "requests: [{get: /, post: /}]\n",
		base + "requests: [{name: x, get: /, steps: [{get: /}]}]\n",
		base + "requests: [{name: x, steps: [{think: 1s}]}]\n",
		base + "requests: [{post: /, body: x, json: {}}]\n",
		base + "requests: [{post: /, form: {a: b}, multipart: [{name: x, value: y}]}]\n",
		base + "requests: [{get: products}]\n",
		base + "requests: [{get: /, weight: heavy}]\n",
		base + "requests: [{get: /, wieght: 3}]\n",
		base + "requests: [{method: get, path: /}]\n",
		base + "requests: [{get: /, expect: 200}]\n",
		base + "requests: [{get: /, expect: {status: 20}}]\n",
		base + "requests: [{get: /, expect: {json: $.id}}]\n",
		base + "requests: [{get: /, expect: {body: {contain: x}}}]\n",
		base + "requests: [{get: /, expect: {size: large}}]\n",
		base + "requests: [{get: /, think: 1s}]\n",
		base + "requests: [{post: /, body: {a: 1}}]\n",
		base + "requests: [{post: /, form: {}}]\n",
		base + "requests: [{post: /, multipart: [{value: x}]}]\n",
		base + "requests: [{post: /, async: {}}]\n",
		base + "requests: [{post: /, async: {done: status == 200, every: 5}}]\n",
		base + "requests: [{name: x, steps: []}]\n",
		base + "requests: [{name: x, steps: [{get: /, weight: 1}]}]\n",
		base + "requests: [{name: x, steps: [{get: /, think: 1}]}]\n",
		base + "requests: [{name: x, failed: go, steps: [{get: /}]}]\n",
		base + "requests: [{name: x, cookies: 1, steps: [{get: /}]}]\n",
	} {
		if fits(t, s, []byte(text)) == nil {
			t.Errorf("it fits:\n%s", text)
		}
		if _, err := Read("p.yaml", []byte(text)); err == nil {
			t.Errorf("it reads:\n%s", text)
		}
	}
}

// TestSchemaFile: the file beside the examples is what the tables make, and
// each example names it for editors.
func TestSchemaFile(t *testing.T) {
	data, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("examples", SchemaFile), string(data))
	for name, text := range goodTexts(t) {
		if !strings.HasPrefix(string(text), "# "+forEditors+" $schema="+SchemaFile+"\n") {
			t.Errorf("%s does not name %s in its first line", name, SchemaFile)
		}
	}
	for _, k := range Keys() {
		if k.Key != "requests[].json" && !strings.Contains(string(data), `as in: `+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(k.Key[strings.LastIndexByte(k.Key, '.')+1:]+": "+k.Form)) {
			t.Errorf("%s is not in the schema", k.Key)
		}
	}
	if os.Getenv("UPDATE_GOLDEN") == "" && bytes.Contains(data, []byte(`"properties": null`)) {
		t.Error("a map without keys")
	}
}
