package profiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRenameIsNeverWithoutAFile looks all the while: one of the two names must
// be there, whole.
func TestRenameIsNeverWithoutAFile(t *testing.T) {
	l := Library{Dir: filepath.Join(t.TempDir(), "profiles")}
	text := minimal + "name: a\n# the end\n"
	if _, err := l.Save("a", []byte(text), false); err != nil {
		t.Fatal(err)
	}
	over, looked := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-over:
				looked <- nil
				return
			default:
			}
			// More than once: it may move from the second name to the first between two looks.
			found := false
			for range 3 {
				for _, name := range []string{"a", "b"} {
					data, err := os.ReadFile(filepath.Join(l.Dir, name+".yaml"))
					found = found || err == nil && strings.HasSuffix(string(data), "# the end\n")
				}
			}
			if !found {
				looked <- errors.New("at one moment there was no profile")
				return
			}
		}
	}()
	names := []string{"a", "b"}
	for range 200 {
		if _, titled, err := l.Rename(names[0], names[1]); err != nil || !titled {
			t.Fatal(titled, err)
		}
		slices.Reverse(names)
	}
	close(over)
	if err := <-looked; err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(l.Dir)
	if err != nil || len(left) != 1 {
		t.Errorf("drafts are left: %v %v", left, err)
	}
}

func TestRenameNeverReplaces(t *testing.T) {
	dir := t.TempDir()
	l := Library{Dir: dir}
	write(t, dir, "a.yaml", minimal)
	write(t, dir, "b.yml", minimal+"# b\n")
	if err := os.Symlink("a.yaml", filepath.Join(dir, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Rename("a", "b"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a on b: %v", err)
	}
	if _, _, err := l.Rename("a", "a"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a on itself: %v", err)
	}
	var problem *Problem
	for _, to := range []string{"", "a b", "../b", strings.Repeat("x", 65), "é", ".b", "-b", "c.yaml"} {
		if _, _, err := l.Rename("a", to); !errors.As(err, &problem) {
			t.Errorf("a to %q: %v", to, err)
		}
	}
	if _, _, err := l.Rename("link", "c"); !errors.As(err, &problem) {
		t.Errorf("a link: %v", err)
	}
	for name, want := range map[string]string{"a.yaml": minimal, "b.yml": minimal + "# b\n"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != want {
			t.Errorf("%s is %q, %v", name, data, err)
		}
	}
}

func TestRetitleLeavesAllElse(t *testing.T) {
	rest := "\n# above\ntarget: http://127.0.0.1:8080\r\nrequests: [{get: /}] # one\n"
	for line, want := range map[string]string{
		"name: old":               "name: new",
		"name:  old   # why":      "name: new   # why",
		`name: "old # not" # why`: "name: new # why",
		`name: 'old'`:             "name: new",
		"name: old\r":             "name: new\r",
	} {
		text, ok := Retitle([]byte("stoke: 1\n"+line+rest), "new")
		if !ok || string(text) != "stoke: 1\n"+want+rest {
			t.Errorf("%q becomes %q, %v", line, text, ok)
		}
	}
	for _, text := range []string{"", "{stoke: 1, name: a, target: 'http://127.0.0.1', requests: [{get: /}]}", "stoke: 1\nname:\n  old" + rest} {
		if out, ok := Retitle([]byte(text), "new"); ok {
			t.Errorf("%q becomes %q", text, out)
		}
	}
}

// TestTrashKeepsAll: the same name twice in one second is two files.
func TestTrashKeepsAll(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profiles")
	l := Library{Dir: dir}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, want := range []string{"a-20260102-030405.yaml", "a-20260102-030405-2.yaml", "a-20260102-030405-3.yaml"} {
		text := minimal + strings.Repeat("#\n", i)
		if _, err := l.Save("a", []byte(text), false); err != nil {
			t.Fatal(err)
		}
		path, err := l.Trash("a", now)
		if err != nil || path != filepath.Join(filepath.Dir(dir), "trash", want) {
			t.Fatalf("%s, %v", path, err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != text {
			t.Errorf("%s is %q, %v", path, data, err)
		}
	}
	var missing *NotFound
	if _, err := l.Trash("a", now); !errors.As(err, &missing) {
		t.Errorf("what is gone already: %v", err)
	}
}

func TestFileNames(t *testing.T) {
	p, err := Read("x.yaml", []byte(`
stoke: 1
target: https://127.0.0.1:8080
data: {d: d.csv}
tls: {ca: ca.pem, cert: c.pem, key: k.pem}
headers: {x-token: "${file.token.txt}"}
requests:
  - name: s
    steps:
    - {name: a, post: /, body: {file: body.bin}}
    - {name: b, post: /, body: {file: body.bin}}
phases: [rate file arrivals.csv]
`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.FileNames(), []string{"d.csv", "body.bin", "token.txt", "arrivals.csv", "ca.pem", "c.pem", "k.pem"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
