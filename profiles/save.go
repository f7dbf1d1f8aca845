package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Path returns the file in which a profile of that name is or would be saved.
// Its error says what is wrong with the name.
func (l Library) Path(name string) (string, error) {
	wrong := func(msg, hint string) (string, error) { return "", &Problem{Msg: msg, Hint: hint} }
	switch {
	case l.Dir == "":
		return wrong("there is no directory for saved profiles", "set HOME or XDG_CONFIG_HOME")
	case name == "":
		return wrong("a profile needs a name", "type one")
	case name != printable(name) || !utf8.ValidString(name) || strings.ContainsAny(name, `/\:*?"<>|`):
		return wrong("the name "+show(name)+" holds a character that file names or terminals do not take", "use letters, digits and -")
	case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") || strings.TrimSpace(name) != name:
		return wrong("the name "+show(name)+" begins or ends with a dot, a dash or a blank", "use letters, digits and -")
	case isProfileFile(name):
		return wrong("the name ends in "+filepath.Ext(name), "leave that out")
	case utf8.RuneCountInString(name) > maxName:
		return wrong(fmt.Sprintf("the name is longer than %d characters", maxName), "shorten it")
	}
	for _, ext := range extensions {
		path := filepath.Join(l.Dir, name+ext)
		if _, err := os.Lstat(path); err == nil {
			return path, nil
		}
	}
	return filepath.Join(l.Dir, name+extensions[0]), nil
}

// Save writes the text of a profile under a name and returns the file, which
// only its owner may read. A reader sees all of it or nothing. Where there is
// one of that name already the error is [fs.ErrExist], unless replace is set.
func (l Library) Save(name string, data []byte, replace bool) (path string, err error) {
	path, err = l.Path(name)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return "", fmt.Errorf("making the directory of saved profiles: %w", err)
	}
	temp, err := os.CreateTemp(l.Dir, "."+name+".*")
	if err != nil {
		return "", fmt.Errorf("saving the profile: %w", err)
	}
	defer os.Remove(temp.Name()) // fails when it has its name already
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	switch {
	case err != nil:
	case replace:
		err = os.Rename(temp.Name(), path)
	default:
		err = os.Link(temp.Name(), path) // unlike a rename it never replaces
	}
	if errors.Is(err, fs.ErrExist) {
		return path, fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	if err != nil {
		return "", fmt.Errorf("saving the profile: %w", err)
	}
	return path, nil
}
