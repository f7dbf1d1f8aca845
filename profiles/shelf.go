package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"stoke/profiles/examples"
	"stoke/profiles/grammar"
	"stoke/profiles/template"
)

// newName is what a profile may be called that is made or renamed by hand: a
// name that every shell and file system takes as it is.
var newName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// CheckName says what is wrong with a name for a new profile, nil if nothing
// is. [Library.Path] knows which of them are taken.
func CheckName(name string) *Problem {
	if newName.MatchString(name) {
		return nil
	}
	return &Problem{Msg: "a profile cannot be called " + show(name), Hint: "use at most 64 of A-Z, a-z, 0-9, dots, _ and -"}
}

// Text returns the text that [Library.Open] would read for the name of a saved
// profile or of an example, and the file, which is empty for an example. Its
// error is a [*Problem] or a [*NotFound].
func (l Library) Text(name string) (text []byte, path string, err error) {
	path, err = l.saved(name)
	var missing *NotFound
	if errors.As(err, &missing) {
		if text, ok := examples.Text(name); ok {
			return text, "", nil
		}
	}
	if err != nil {
		return nil, "", err
	}
	text, err = readFile(path)
	return text, path, err
}

// saved returns the file of a saved profile.
func (l Library) saved(name string) (string, error) {
	path, err := l.Path(name)
	if err != nil {
		return "", err
	}
	_, err = os.Lstat(path)
	if err == nil {
		return path, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", unreadable("finding the profile", err, "")
	}
	missing := &NotFound{Name: name}
	entries, _ := l.List() // for the hint only
	for _, e := range entries {
		missing.Have = append(missing.Have, e.Name)
	}
	missing.Near = grammar.Nearest(name, missing.Have)
	return "", missing
}

// Rename gives a saved profile another name, and returns its new file and what
// it was changed to. If the text calls the profile by its old name, that is
// changed too, with all else as it is: titled says so. There is no moment at
// which the profile is not there, and another one is never replaced: that is
// [fs.ErrExist].
func (l Library) Rename(from, to string) (path string, titled bool, err error) {
	old, err := l.regular(from)
	if err != nil {
		return "", false, err
	}
	if problem := CheckName(to); problem != nil {
		return "", false, problem
	}
	if path, err = l.Path(to); err != nil {
		return "", false, err
	}
	if _, err := os.Lstat(path); err == nil {
		return path, false, fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	path = filepath.Join(l.Dir, to+filepath.Ext(old))
	before, err := readFile(old)
	if err != nil {
		return "", false, err
	}
	source := old
	if text, ok := retitled(before, from, to); ok {
		if source, err = l.draft(to, text, old); err != nil {
			return "", false, err
		}
		defer os.Remove(source)
		titled = true
	}
	if err := os.Link(source, path); err != nil { // unlike a rename it never replaces
		return path, false, fmt.Errorf("renaming the profile: %w", err)
	}
	if now, err := readFile(old); titled && (err != nil || !bytes.Equal(now, before)) {
		return path, titled, &Problem{Msg: old + " was changed meanwhile, so it is still there, beside " + path, Hint: "compare them and delete one with stoke profiles rm"}
	}
	if err := os.Remove(old); err != nil {
		return path, titled, fmt.Errorf("the profile has both names now: %w", err)
	}
	return path, titled, nil
}

// regular returns the file of a saved profile that may be moved.
func (l Library) regular(name string) (string, error) {
	path, err := l.saved(name)
	if err != nil {
		return "", err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return "", unreadable("finding the profile", err, "")
	}
	if !info.Mode().IsRegular() {
		return "", &Problem{Msg: path + " is a link or no file", Hint: "move it by hand"}
	}
	return path, nil
}

// draft writes a text beside the saved profiles, to be linked to its name, with
// the permissions of the file like.
func (l Library) draft(name string, text []byte, like string) (string, error) {
	info, err := os.Stat(like)
	if err != nil {
		return "", unreadable("reading the profile", err, "")
	}
	temp, err := os.CreateTemp(l.Dir, "."+name+".*")
	if err != nil {
		return "", fmt.Errorf("saving the profile: %w", err)
	}
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(temp.Name())
		return "", fmt.Errorf("saving the profile: %w", err)
	}
	return temp.Name(), nil
}

// Retitle returns the text of a profile under another name: what its key name
// says is replaced, and all else, comments too, is left. A text without the key
// is returned as it is, since its file names it. It reports false for a text
// that is no profile or does not have its keys on lines of their own.
func Retitle(text []byte, name string) ([]byte, bool) {
	p, err := Read(name, text)
	if err != nil {
		return text, false
	}
	at, ok := titleLine(text)
	if !ok {
		return text, p.Name == name
	}
	lines := strings.SplitAfter(string(text), "\n")
	line := strings.TrimRight(lines[at], "\r\n")
	end := lines[at][len(line):]
	lines[at] = "name: " + yamlText(name) + remarkOf(line) + end
	out := []byte(strings.Join(lines, ""))
	p.Name = name
	return out, same(out, p.WithDefaults()) == nil
}

// remarkOf is the comment behind a key and its value on one line, with the
// blanks before it.
func remarkOf(line string) string {
	_, value, _ := strings.Cut(line, ":")
	from := len(line) - len(strings.TrimLeft(value, " \t"))
	if from < len(line) && strings.ContainsRune(`"'`, rune(line[from])) { // what is quoted holds none
		from += 1 + strings.IndexByte(line[from+1:], line[from])
	}
	i := strings.Index(line[from:], " #")
	if i < 0 {
		return ""
	}
	return line[len(strings.TrimRight(line[:from+i], " \t")):]
}

// titleLine is the line, from 0, on which a profile's name stands.
func titleLine(text []byte) (int, bool) {
	d := &decoder{}
	root, ok := d.parse(text)
	if n, block := root.node.(*ast.MappingNode); !ok || !block || n.IsFlowStyle {
		return 0, false
	}
	for _, e := range root.quietEntries() {
		if e.key == "name" {
			return e.at.line - 1, true
		}
	}
	return 0, false
}

// retitled is the text under the name to, if it calls itself from.
func retitled(text []byte, from, to string) ([]byte, bool) {
	p, err := Read("", text)
	if err != nil || p.Name != from {
		return nil, false
	}
	if _, said := titleLine(text); !said {
		return nil, false
	}
	return Retitle(text, to)
}

// Trash moves a saved profile to the folder trash beside the library, under a
// name with the time, and returns where it is now. Nothing there is ever
// replaced.
func (l Library) Trash(name string, now time.Time) (path string, err error) {
	old, err := l.regular(name)
	if err != nil {
		return "", err
	}
	if path, err = l.discard(old, name, filepath.Ext(old), now); err != nil {
		return "", err
	}
	if err := os.Remove(old); err != nil {
		return "", fmt.Errorf("removing the profile, of which there is a second name in the trash now: %w", err)
	}
	return path, nil
}

// Discard moves a file that somebody typed to the trash, under the name of the
// profile that it was to be.
func (l Library) Discard(file, name string, now time.Time) (path string, err error) {
	if path, err = l.discard(file, name, extensions[0], now); err == nil {
		err = os.Remove(file)
	}
	return path, err
}

// discard gives a file a second name in the trash.
func (l Library) discard(file, name, ext string, now time.Time) (string, error) {
	dir := filepath.Join(filepath.Dir(filepath.Clean(l.Dir)), "trash")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the trash: %w", err)
	}
	stamp := name + "-" + now.UTC().Format("20060102-150405")
	for n := 1; ; n++ {
		path := filepath.Join(dir, stamp+ext)
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", stamp, n, ext))
		}
		err := os.Link(file, path)
		switch {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrExist):
			return "", fmt.Errorf("moving the profile to the trash: %w", err)
		}
	}
}

// FileNames are the files that the profile names, each once, in the order in
// which they are first needed: of data, bodies, secrets, arrivals, TLS and the
// socket.
func (p *Profile) FileNames() []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, d := range p.Data {
		add(d.File)
	}
	eachFile(p.Requests, add)
	eachTemplate(p, func(text string) {
		if t, err := template.Parse(text); err == nil {
			for _, part := range t.Refs() {
				if part.Ref.Kind == template.File {
					add(part.Ref.Arg)
				}
			}
		}
	})
	for _, phase := range p.Phases {
		if phase.Verb == grammar.Rate {
			add(phase.Name)
		}
	}
	for _, name := range []string{p.TLS.CA, p.TLS.Cert, p.TLS.Key, p.UnixSocket} {
		add(name)
	}
	return names
}
