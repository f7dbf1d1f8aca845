package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"stoke/profiles/grammar"
	"stoke/tui"
)

// memory is what Stoke keeps in the state directory from run to run. Only its
// owner may read it, each file is written whole, and what can grow is bounded.
// A memory without a directory keeps nothing.
type memory struct{ dir string }

const (
	maxHistory  = 500 // commands
	maxPictures = 50
)

func (a *app) memory() memory {
	dir, err := a.stateDir()
	if err != nil {
		return memory{}
	}
	return memory{dir}
}

// keep is what the cockpit of a session may leave behind.
func (m memory) keep(s *session) tui.Keep {
	k := tui.Keep{Profile: s.saver()}
	if m.dir != "" {
		k.Line, k.Hinted = m.line, m.hinted
		k.Picture = func(text string) (string, error) { return m.picture(s.run.Snapshot().Run, time.Now(), text) }
	}
	return k
}

func (m memory) historyFile() string { return filepath.Join(m.dir, "history") }

// history returns the commands that were typed in earlier runs, oldest first.
// What does not look like one is left out: others may have written the file.
func (m memory) history() []string {
	if m.dir == "" {
		return nil
	}
	f, err := os.Open(m.historyFile())
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 2*maxHistory*grammar.MaxText))
	if err != nil {
		return nil
	}
	var lines []string
	for _, l := range strings.Split(string(data), "\n") {
		if l != "" && len(l) <= grammar.MaxText && utf8.ValidString(l) && strings.IndexFunc(l, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
			lines = append(lines, l)
		}
	}
	return lines[max(0, len(lines)-maxHistory):]
}

// line appends a command to the history. It reads the file again first: another
// run may have written to it.
func (m memory) line(text string) error {
	lines := append(m.history(), text)
	lines = lines[max(0, len(lines)-maxHistory):]
	return m.write(m.historyFile(), strings.Join(lines, "\n")+"\n")
}

func (m memory) write(path, text string) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = writeWhole(path, []byte(text), 0o600)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, unwrapPath(err))
	}
	return nil
}

// picture writes a copy of the screen and returns the file. Of earlier ones
// the newest are kept.
func (m memory) picture(run string, now time.Time, text string) (path string, err error) {
	dir := filepath.Join(m.dir, "pictures")
	path = filepath.Join(dir, fileName(run)+"-at-"+now.UTC().Format("150405.000")+".txt")
	if err := m.write(path, text); err != nil {
		return "", err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return path, nil // the copy is there; only old ones stay
	}
	type aged struct {
		name string
		at   time.Time
	}
	var old []aged
	for _, f := range files {
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() && filepath.Ext(f.Name()) == ".txt" {
			old = append(old, aged{f.Name(), info.ModTime()})
		}
	}
	slices.SortFunc(old, func(a, b aged) int { return a.at.Compare(b.at) })
	for _, f := range old[:max(0, len(old)-maxPictures)] {
		os.Remove(filepath.Join(dir, f.name)) // at worst one stays
	}
	return path, nil
}

// fileName makes a text safe as a part of a file's name.
func fileName(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, text), ".-")
}

func (m memory) hintedFile() string { return filepath.Join(m.dir, "keys-found") }

// firstRun reports whether nobody has used the cockpit yet, as far as this can
// be remembered.
func (m memory) firstRun() bool {
	if m.dir == "" {
		return false
	}
	_, err := os.Stat(m.hintedFile())
	return errors.Is(err, os.ErrNotExist)
}

func (m memory) hinted() error { return m.write(m.hintedFile(), "") }
