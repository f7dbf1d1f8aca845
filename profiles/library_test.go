package profiles

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stoke/profiles/examples"
)

const minimal = "stoke: 1\ntarget: http://127.0.0.1:8080\nrequests: [{get: /}]\n"

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	write(t, dir, "saved.yaml", minimal)
	write(t, dir, "short.yml", minimal)
	write(t, dir, "hello.yaml", minimal+"name: mine\n")
	write(t, dir, "broken.yaml", "stoke: 1\n")
	path := write(t, other, "file.yaml", minimal)
	bare := write(t, other, "bare", minimal)
	l := Library{dir, strings.NewReader(minimal)}
	for arg, want := range map[string][2]string{ // name, origin
		"saved":                {"saved", filepath.Join(dir, "saved.yaml")},
		"short":                {"short", filepath.Join(dir, "short.yml")},
		"hello":                {"mine", filepath.Join(dir, "hello.yaml")},
		"step-up":              {"step-up", "step-up"},
		path:                   {"file", path},
		bare:                   {"bare", bare},
		"-":                    {"stdin", "-"},
		"http://example.test/": {"example.test", "url"},
	} {
		p, err := l.Open(arg)
		if err != nil {
			t.Errorf("Open(%q): %v", arg, err)
			continue
		}
		if p.Name != want[0] || p.Origin != want[1] {
			t.Errorf("Open(%q) is %q of %q, want %q of %q", arg, p.Name, p.Origin, want[0], want[1])
		}
	}

	for arg, want := range map[string]string{
		"savd":             `no profile is called "savd": did you mean saved?`,
		"qqq":              `no profile is called "qqq": there are broken, hello, saved, short, checkout-peak, step-up`,
		"":                 `no profile is called "": there are broken, hello, saved, short, checkout-peak, step-up`,
		"localhost:8080":   `for a URL write http://localhost:8080, for a file ./localhost:8080`,
		"localhost:8080/x": `the target "localhost:8080/x" has no scheme: did you mean http://localhost:8080/x?`,
		"example.test/x":   `did you mean https://example.test/x?`,
		"./none.yaml":      "none.yaml: no such file",
		"none.yaml":        "none.yaml: no such file",
		"../../etc/passwd": "no such file",
		dir + "/":          "is a directory",
		"broken":           "broken.yaml:1:1: the key target is missing",
		"ftp://x":          `stoke does not speak "ftp"`,
	} {
		p, err := l.Open(arg)
		var problem *Problem
		var problems *Problems
		var missing *NotFound
		if !errors.As(err, &problem) && !errors.As(err, &problems) && !errors.As(err, &missing) {
			t.Errorf("Open(%q) gives a %T, which nobody can mend", arg, err)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q) = %v, %v; want %q", arg, p, err, want)
		}
	}
	if _, err := (Library{}).Open("-"); err == nil {
		t.Error("standard input is read though there is none")
	}
	if _, err := (Library{Dir: dir}).Open("sa\x00ved"); err == nil {
		t.Error("a name with NUL is opened")
	}
}

// TestOpenIsBounded: neither a file nor a pipe that never ends is read whole.
func TestOpenIsBounded(t *testing.T) {
	endless := &zeros{}
	_, err := Library{Stdin: endless}.Open("-")
	if err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("endless input: %v", err)
	}
	if endless.read > 2*MaxFile {
		t.Errorf("%d bytes were read", endless.read)
	}
}

type zeros struct{ read int }

func (z *zeros) Read(p []byte) (int, error) { z.read += len(p); clear(p); return len(p), nil }

func TestList(t *testing.T) {
	dir := t.TempDir()
	l := Library{Dir: dir}
	names := func() string {
		t.Helper()
		entries, err := l.List()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, e := range entries {
			b.WriteString(e.Name)
			if e.Example() {
				b.WriteString("*")
			}
			if (e.Err == nil) != (e.Profile != nil) {
				t.Errorf("%s has the profile %v and the error %v", e.Name, e.Profile, e.Err)
			}
			if e.Err != nil {
				b.WriteString("!")
			}
			b.WriteString(" ")
		}
		return b.String()
	}
	if got := names(); got != "hello* checkout-peak* step-up* shoppers* jobs* patient* " {
		t.Errorf("without saved profiles: %s", got)
	}
	write(t, dir, "zoo.yaml", "# What it is for.\n"+minimal)
	write(t, dir, "hello.yml", minimal)
	write(t, dir, "twice.yaml", minimal)
	write(t, dir, "twice.yml", minimal)
	write(t, dir, "broken.yaml", "stoke: 9\n")
	write(t, dir, ".hidden.yaml", minimal)
	write(t, dir, "notes.txt", "x")
	if err := os.Mkdir(filepath.Join(dir, "dir.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "gone.yaml")); err != nil {
		t.Fatal(err)
	}
	if got := names(); got != "broken! gone! hello twice twice! zoo checkout-peak* step-up* shoppers* jobs* patient* " {
		t.Errorf("with saved profiles: %s", got)
	}
	entries, _ := l.List()
	for _, e := range entries {
		if e.Name == "zoo" && e.About != "What it is for." {
			t.Errorf("about zoo: %q", e.About)
		}
	}
	l.Dir = filepath.Join(dir, "absent")
	if got := names(); got != "hello* checkout-peak* step-up* shoppers* jobs* patient* " {
		t.Errorf("without the directory: %s", got)
	}
}

func TestDirIsTheUsers(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("HOME", home)
	dir, err := Dir()
	if err != nil || !strings.HasPrefix(dir, home) || !strings.HasSuffix(dir, filepath.Join("stoke", "profiles")) {
		t.Fatalf("Dir() = %q, %v", dir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "mine.yaml", minimal)
	if p, err := Open("mine"); err != nil || p.Name != "mine" {
		t.Errorf("Open = %v, %v", p, err)
	}
	if list, err := List(); err != nil || list[0].Name != "mine" {
		t.Errorf("List = %v, %v", list, err)
	}
}

// TestExamples: each example reads without problems, says what it is, stays
// modest, and every file is listed.
func TestExamples(t *testing.T) {
	for _, name := range examples.Names() {
		data, ok := examples.Text(name)
		if !ok {
			t.Errorf("%s has no text", name)
			continue
		}
		p, err := Read(name, data)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name != name {
			t.Errorf("%s calls itself %s", name, p.Name)
		}
		if p.Target != "http://127.0.0.1:8080" {
			t.Errorf("%s runs against %s", name, p.Target)
		}
		if about(data) == "" || !strings.Contains(string(data), "stoke run "+name) {
			t.Errorf("%s does not say what it is and how to run it", name)
		}
		if l := p.PlanLength(); l < 60e9 || l > 600e9 {
			t.Errorf("%s lasts %v", name, l)
		}
		for _, phase := range p.Phases {
			if phase.Amount.Op == "set" && phase.Verb == "rate" && (phase.Amount.Value < 5 || phase.Amount.Value > 400) {
				t.Errorf("%s: %s is not modest", name, phase.Text)
			}
		}
	}
	files, err := filepath.Glob("examples/*.yaml")
	if err != nil || len(files) != len(examples.Names()) {
		t.Errorf("%d files, %d names", len(files), len(examples.Names()))
	}
	if _, ok := examples.Text("../examples/hello"); ok {
		t.Error("a path is taken for a name")
	}
}

// certificate makes a certificate that signs itself, as PEM text.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestReadCA(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	ca := certificate(t)
	write(t, dir, "ca.pem", ca)
	write(t, dir, "not.pem", "hello")
	write(t, dir, "big.pem", ca+strings.Repeat("#", MaxCA))
	secret := write(t, outside, "ca.pem", ca)
	if err := os.Symlink(secret, filepath.Join(dir, "link.pem")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub.pem"), 0o700); err != nil {
		t.Fatal(err)
	}
	origin := filepath.Join(dir, "p.yaml")
	for name, want := range map[string]string{
		"ca.pem": "", "none.pem": "no such file", "not.pem": "no certificate", "big.pem": "larger than",
		"link.pem": "escapes", "sub.pem": "not a regular file", "../" + filepath.Base(outside) + "/ca.pem": "escapes",
	} {
		p := &Profile{Origin: origin, TLS: TLS{CA: name}}
		data, err := p.ReadCA()
		switch {
		case want == "" && (err != nil || string(data) != ca):
			t.Errorf("%s: %q, %v", name, data, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || data != nil):
			t.Errorf("%s: %q, %v; want %q", name, data, err, want)
		}
	}
	if data, err := (&Profile{}).ReadCA(); data != nil || err != nil {
		t.Errorf("without ca: %q, %v", data, err)
	}
	p := &Profile{Origin: origin, TLS: TLS{CA: "none.pem"}}
	if _, err := p.ReadCA(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v hides its cause", err)
	}
}
