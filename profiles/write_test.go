package profiles

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stoke/profiles/examples"
	"stoke/profiles/grammar"
)

func phasesOf(t *testing.T, texts ...string) []Phase {
	t.Helper()
	var phases []Phase
	for _, text := range texts {
		c, err := grammar.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		phases = append(phases, Phase{Change: c, Text: c.String()})
	}
	return phases
}

// TestYAMLReadsBack: YAML compares what it wrote with what was to be written,
// so no error means that nothing was lost.
func TestYAMLReadsBack(t *testing.T) {
	no := false
	phases := phasesOf(t, "rate 100", `mark "deploy: v2 # \"now\" 'or' never"`, "rate 2k over 30s", "hold 1m30s", "arrivals uniform", "rate max", "hold 5s")
	full := &Profile{
		Name: "a: b", Target: "https://api.example.test/v1", Limits: Limits{Rate: 5000, Concurrency: 512}, Concurrency: 100,
		Timeout: 5 * time.Second, ConnectTimeout: 1500 * time.Millisecond, MaxLate: time.Second, Arrivals: "uniform", Late: "shed",
		Headers: []Header{{"authorization", "Bearer a: b # c"}, {"x-empty", ""}, {"x-number", "007"}}, Limited: []int{503, 420}, KeepAlive: &no,
		TLS:       TLS{Insecure: true, CA: "certs/ca.pem", Cert: "c.pem", Key: "k.pem", ServerName: "x.test", Min: "1.2", Max: "1.3", Resume: &no},
		ConnectTo: "127.0.0.1:8443",
		Source:    []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")}, DNSTTL: 5 * time.Second,
		Requests: []Request{
			{Name: "GET /", Weight: 70, Method: "GET", Path: "/?q=a:b&r=%20,*'x'"},
			{Name: "true", Weight: 0.5, Method: "PURGE", Path: "/x", Headers: []Header{{"accept", "*/*"}}, Expect: []StatusRange{{200, 200}, {300, 399}}},
			{Name: "post – ü", Weight: 1, Method: "POST", Path: "/b", Body: "line 1\n\tline \"2\"\\ \x7f ü 😀 "},
			{Name: "json", Weight: 1, Method: "PUT", Path: "/j", JSON: `{"a":[1,2.5e3,-0.1,true,null,"x: y, z # \"q\" \\"],"b":{"c":{}}}`},
		},
		Phases: phases,
	}
	url, err := FromURL("http://127.0.0.1:8080/products?page=2")
	if err != nil {
		t.Fatal(err)
	}
	aged := full.Clone()
	aged.KeepAlive, aged.Connections = nil, Connections{MaxRequests: 100, MaxAge: 30 * time.Second}
	for name, p := range map[string]*Profile{"full": full, "url": url, "aged": aged} {
		if data, err := p.YAML(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
	}
	for _, name := range examples.Names() {
		text, _ := examples.Text(name)
		p, err := Read(name, text)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := p.YAML(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, data)
		}
	}
}

// TestYAMLOwnsUpToWhatItCannotWrite: what would not read back is an error.
func TestYAMLOwnsUpToWhatItCannotWrite(t *testing.T) {
	p, _ := FromURL("http://127.0.0.1:8080/")
	p.Requests[0].JSON = `{"a":01}`
	if data, err := p.YAML(); !errors.Is(err, errUnwritable) {
		t.Errorf("%v\n%s", err, data)
	}
}

func TestRewriteKeepsTheRest(t *testing.T) {
	const head = "# A shop.\nstoke: 1\nname: shop   # its name\ntarget: http://127.0.0.1:8080   # where\n\n"
	const requests = "requests:\n  - get: /    # home\n"
	phases := phasesOf(t, "rate 100", "hold 10s")
	const written = "phases:\n  - rate 100\n  - hold 10s\n"
	for name, c := range map[string]struct{ before, after string }{
		"at the end": {head + requests + "phases:   # the plan\n  - rate 5  # five\n  - hold 1s\n", head + requests + written},
		"in the middle": {head + "phases: [rate 5,\n  hold 1s]\n\n# What is sent.\n" + requests + "\n# The end.\n",
			head + written + "\n# What is sent.\n" + requests + "\n# The end.\n"},
		"none":                {head + requests, head + requests + "\n" + written},
		"without a last line": {head + requests + "phases: [rate 5]", head + requests + written},
		"a comment after it":  {head + requests + "phases:\n- rate 5\n# The end.\n", head + requests + written + "# The end.\n"},
		"windows":             {"stoke: 1\r\nname: shop\r\ntarget: http://h\r\n" + requests, "stoke: 1\r\nname: new\ntarget: http://h\r\n" + requests + "\n" + written},
		"a # in the name":     {"stoke: 1\nname: 'a #1' # one\ntarget: http://h\n" + requests, "stoke: 1\nname: new   # one\ntarget: http://h\n" + requests + "\n" + written},
		"a # and no comment":  {"stoke: 1\nname: \"a #1\"\ntarget: http://h\n" + requests, "stoke: 1\nname: new\ntarget: http://h\n" + requests + "\n" + written},
		"no name":             {"stoke: 1\ntarget: http://h\n" + requests, "stoke: 1\ntarget: http://h\n" + requests + "\n" + written},
	} {
		got, err := Rewrite([]byte(c.before), "new", phases)
		want := strings.Replace(c.after, "name: shop", "name: new", 1)
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
	for _, name := range examples.Names() {
		text, _ := examples.Text(name)
		got, err := Rewrite(text, "again", phases)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "#") && !strings.Contains(string(got), line) {
				t.Errorf("%s lost %s", name, line)
			}
		}
	}
	if _, err := Rewrite([]byte("{stoke: 1, target: http://h, requests: [{get: /}]}"), "x", phases); err == nil {
		t.Error("a profile on one line was rewritten by lines")
	}
}

func TestSaveNeverReplacesUnasked(t *testing.T) {
	l := Library{Dir: filepath.Join(t.TempDir(), "new", "profiles")}
	path, err := l.Save("shop", []byte("one"), false)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	holds := func(want string) {
		t.Helper()
		if data, err := os.ReadFile(path); err != nil || string(data) != want {
			t.Errorf("the file holds %q (%v), want %q", data, err, want)
		}
	}
	if _, err := l.Save("shop", []byte("two"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("saved over another profile: %v", err)
	}
	holds("one")
	if _, err := l.Save("shop", []byte("two"), true); err != nil {
		t.Error(err)
	}
	holds("two")
	if err := os.Rename(path, filepath.Join(l.Dir, "old.yml")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Save("old", []byte("three"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("old.yml would be hidden: %v", err)
	}
	for _, name := range []string{"", "a/b", "../x", ".x", "-", "x.yaml", "x\n", " x", "a:b", strings.Repeat("x", 81), "\x1b[31m", "http://h"} {
		if path, err := l.Save(name, nil, true); err == nil {
			t.Errorf("%q was saved as %s", name, path)
		}
	}
	files, err := os.ReadDir(l.Dir)
	if err != nil || len(files) != 1 || !slices.Contains([]string{"old.yml"}, files[0].Name()) {
		t.Errorf("left behind: %v, %v", files, err)
	}
}
