package profiles

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"stoke/profiles/examples"
	"stoke/profiles/grammar"
)

// Dir returns the directory of the user's saved profiles, which may not exist
// yet.
func Dir() (string, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the directory of saved profiles: %w", err)
	}
	return filepath.Join(base, "stoke", "profiles"), nil
}

// Library finds profiles by name: first the saved ones, then the examples.
type Library struct {
	Dir   string    // of the saved profiles; "" for none
	Stdin io.Reader // read by Open("-"); nil for none
}

// Open opens a profile with the user's library and standard input.
func Open(nameOrPath string) (*Profile, error) {
	dir, err := Dir()
	if err != nil {
		dir = "" // paths and examples can be opened without a home
	}
	return Library{dir, os.Stdin}.Open(nameOrPath)
}

// List lists the user's saved profiles and the examples.
func List() ([]Entry, error) {
	dir, err := Dir()
	if err != nil {
		return nil, err
	}
	return Library{Dir: dir}.List()
}

// Entry is a line of the list of profiles.
type Entry struct {
	Name    string   // what Open takes
	Path    string   // of a saved profile; "" for an example
	About   string   // the first comment in the file; may be empty
	Profile *Profile // nil if Err is set
	Err     error    // why the file cannot be used
}

// Example reports whether the profile is built in.
func (e Entry) Example() bool { return e.Path == "" }

// NotFound says that no profile has a name.
type NotFound struct {
	Name string
	Near string   // the name probably meant, or ""
	Have []string // the names there are
}

// Error implements error.
func (e *NotFound) Error() string {
	hint := "there are " + strings.Join(e.Have, ", ")
	switch {
	case e.Near != "":
		hint = "did you mean " + e.Near + "?"
	case strings.ContainsAny(e.Name, ".:"):
		hint = "for a URL write " + printable(withScheme(e.Name)) + ", for a file ./" + printable(e.Name)
	}
	return "no profile is called " + show(e.Name) + ": " + hint
}

// Open opens what an argument names: "-" is standard input, what holds "://" a
// URL, what holds a / or ends in .yaml or .yml a file, and all else the name
// of a saved profile or an example. The profile is as written: see
// WithDefaults. Its error is a [*Problems], a [*Problem] or a
// [*NotFound]: all of them for the user to mend.
func (l Library) Open(arg string) (*Profile, error) {
	switch {
	case arg == "-":
		return l.openStdin()
	case strings.Contains(arg, "://"):
		return FromURL(arg)
	case strings.ContainsRune(arg, '/') || strings.ContainsRune(arg, filepath.Separator) || isProfileFile(arg):
		p, err := openFile(arg)
		if errors.Is(err, fs.ErrNotExist) && !isProfileFile(arg) && looksLikeHost(arg) {
			_, err = FromURL(arg)
		}
		return p, err
	}
	return l.openName(arg)
}

// looksLikeHost reports whether a path that is not there was meant as a URL.
func looksLikeHost(arg string) bool {
	host, _, _ := strings.Cut(arg, "/")
	return host == "localhost" || strings.Contains(host, ":") || strings.Contains(strings.Trim(host, "."), ".")
}

func (l Library) openStdin() (*Profile, error) {
	if l.Stdin == nil {
		return nil, &Problem{Msg: "there is no standard input to read a profile from", Hint: "name a file"}
	}
	data, err := readAll(l.Stdin)
	if err != nil {
		return nil, unreadable("reading a profile from standard input", err, "")
	}
	return Read("-", data)
}

func (l Library) openName(name string) (*Profile, error) {
	if l.Dir != "" && name != "" {
		for _, ext := range extensions {
			p, err := openFile(filepath.Join(l.Dir, name+ext))
			if !errors.Is(err, fs.ErrNotExist) {
				return p, err
			}
		}
	}
	if text, ok := examples.Text(name); ok {
		return Read(name, text)
	}
	entries, _ := l.List() // for the hint only
	e := &NotFound{Name: name}
	for _, entry := range entries {
		e.Have = append(e.Have, entry.Name)
	}
	e.Near = grammar.Nearest(name, e.Have)
	return nil, e
}

// List lists the saved profiles and then the examples that none of them
// replaces, each by name. Files that cannot be used are listed with the
// reason. A directory that is not there holds no profiles.
func (l Library) List() ([]Entry, error) {
	var saved []Entry
	if l.Dir != "" {
		files, err := os.ReadDir(l.Dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("listing the saved profiles: %w", err)
		}
		for _, file := range files {
			if name := file.Name(); isProfileFile(name) && !strings.HasPrefix(name, ".") && !file.IsDir() {
				saved = append(saved, entryOf(filepath.Join(l.Dir, name)))
			}
		}
	}
	slices.SortStableFunc(saved, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	names := map[string]string{}
	for i, e := range saved {
		if first, twice := names[e.Name]; twice {
			saved[i].Profile, saved[i].Err = nil, errors.New("hidden by "+filepath.Base(first)+", which has the same name")
			continue
		}
		names[e.Name] = e.Path
	}
	for _, name := range examples.Names() {
		if _, replaced := names[name]; replaced {
			continue
		}
		data, _ := examples.Text(name)
		p, err := Read(name, data)
		saved = append(saved, Entry{Name: name, About: about(data), Profile: p, Err: err})
	}
	return saved, nil
}

func entryOf(path string) Entry {
	base := filepath.Base(path)
	e := Entry{Name: strings.TrimSuffix(base, filepath.Ext(base)), Path: path}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file") // a pipe would make a list wait
	}
	if err != nil {
		e.Err = err
		return e
	}
	data, err := readFile(path)
	if err != nil {
		e.Err = err
		return e
	}
	e.About = about(data)
	e.Profile, e.Err = Read(path, data)
	return e
}

// forEditors begins a comment that is for editors, not for readers.
const forEditors = "yaml-language-server:"

// about returns the first comment of a profile, on one line.
func about(data []byte) string {
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "#"); ok {
			if strings.HasPrefix(strings.TrimSpace(text), forEditors) {
				continue
			}
			return printable(strings.TrimSpace(text))
		}
		if line != "" {
			break
		}
	}
	return ""
}

var extensions = []string{".yaml", ".yml"}

func isProfileFile(name string) bool { return slices.Contains(extensions, filepath.Ext(name)) }

func openFile(path string) (*Profile, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Read(path, data)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable("reading the profile", err, "stoke profiles lists those that have a name")
	}
	defer f.Close()
	data, err := readAll(f)
	if err != nil {
		return nil, unreadable("reading the profile", err, "")
	}
	return data, nil
}

// readAll reads at most one byte more than a profile may have, which Read then
// refuses.
func readAll(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, MaxFile+1)) }
