package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stoke/profiles"
)

func testApp(t *testing.T) (*app, *bytes.Buffer) {
	var out bytes.Buffer
	dir := t.TempDir()
	return &app{
		in: strings.NewReader(""), out: &out, err: &out,
		getenv: func(key string) string { return map[string]string{"XDG_STATE_HOME": dir}[key] },
		exit:   func(int) { t.Error("exit") },
	}, &out
}

func TestConsentIsPerProfileAndHost(t *testing.T) {
	a, _ := testApp(t)
	consent := func(name, target string) *consent {
		c, err := a.consentFor(&profiles.Profile{Name: name, Target: target})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, target := range []string{"http://127.0.0.1:80", "http://localhost", "https://[::1]:8443"} {
		if consent("p", target) != nil {
			t.Errorf("%s needs a confirmation", target)
		}
	}
	c := consent("p", "https://API.example.test:8443/v1")
	if c == nil || c.given() {
		t.Fatal("a foreign host is taken as confirmed")
	}
	if err := c.keep(); err != nil {
		t.Fatal(err)
	}
	if !consent("p", "https://api.example.test/other").given() {
		t.Error("a confirmed host is asked for again")
	}
	if consent("q", "https://api.example.test").given() || consent("p", "https://b.example.test").given() {
		t.Error("one confirmation covers another profile or host")
	}
	if info, err := os.Stat(filepath.Dir(c.path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("state directory: %v, %v", info.Mode(), err)
	}
	// A file that somebody broke confirms nothing, and is no obstacle.
	if err := os.WriteFile(c.path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c.given() {
		t.Error("a broken file confirms")
	}
	if err := c.keep(); err != nil || !c.given() {
		t.Errorf("after a broken file: %v", err)
	}
}

func TestAskWantsTheNameItself(t *testing.T) {
	for _, test := range []struct {
		typed string
		ok    bool
	}{
		{"api.test\n", true}, {"API.test \n", true}, {"y\napi.test\n", true},
		{"", false}, {"\n", false}, {"yes\n", false}, {"api.tes\n\napi.test\n", false},
	} {
		a, _ := testApp(t)
		c, err := a.consentFor(&profiles.Profile{Name: "p", Target: "http://api.test"})
		if err != nil {
			t.Fatal(err)
		}
		err = a.ask(c, bufio.NewScanner(strings.NewReader(test.typed)))
		var refused *unconfirmedError
		if (err == nil) != test.ok || err != nil && !errors.As(err, &refused) || c.given() != test.ok {
			t.Errorf("typed %q: %v, kept %v", test.typed, err, c.given())
		}
	}
}

func TestResultAppearsWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.json")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := openResult(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "old" {
		t.Errorf("before the end: %q", data)
	}
	if err := f.write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	f.discard()
	if data, _ := os.ReadFile(path); string(data) != "new" {
		t.Errorf("after the end: %q", data)
	}
	g, err := openResult(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	g.discard()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, bad := range []string{dir, filepath.Join(dir, "none", "r.json")} {
		if _, err := openResult(bad, nil); err == nil {
			t.Errorf("%s can be written", bad)
		}
	}
}
