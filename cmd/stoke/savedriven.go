package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/driven"
	"stoke/profiles"
	"stoke/profiles/examples"
	"stoke/tui"
)

// saver saves what is driven in a session into the user's profiles; nil if
// there is no place for them.
func (s *session) saver() *tui.Saver {
	dir, err := profiles.Dir()
	if err != nil {
		return nil
	}
	library := profiles.Library{Dir: dir}
	return &tui.Saver{
		Name: strings.TrimSuffix(fileName(s.profile.Name), "-driven") + "-driven",
		Plan: func(now *engine.Snapshot) (string, error) {
			plan, err := driven.Phases(now, s.profile)
			return plan.String() + ": enter saves", err
		},
		Save: func(name string, now *engine.Snapshot, replace bool) (string, error) {
			return s.saveDriven(library, name, now, replace)
		},
	}
}

// saveDriven writes a profile that drives the same again and says where.
func (s *session) saveDriven(library profiles.Library, name string, now *engine.Snapshot, replace bool) (said string, err error) {
	if _, err := library.Path(name); err != nil {
		return "", err
	}
	plan, err := driven.Phases(now, s.profile)
	if err != nil {
		return "", err
	}
	data, err := s.text(name, now.Began, plan)
	if err != nil {
		return "", err
	}
	path, err := library.Save(name, data, replace)
	switch {
	case errors.Is(err, fs.ErrExist):
		return "", fmt.Errorf("%w: %s", tui.ErrTaken, path)
	case err != nil:
		return "", err
	}
	said = fmt.Sprintf("saved in %s; again: stoke run %s", path, name)
	if t := s.profile.TLS; t.CA+t.Cert+t.Key+s.profile.UnixSocket != "" {
		said += " (copy the files that it names beside it)"
	}
	return said, nil
}

// text is the profile as YAML. The text that the run was read from is kept
// where it still says the same, else all is written anew.
func (s *session) text(name string, began time.Time, plan driven.Plan) ([]byte, error) {
	if before, ok := s.written(); ok {
		if data, err := profiles.Rewrite(before, name, plan.Phases); err == nil {
			return data, nil
		}
	}
	p := *s.profile
	p.Name, p.Phases = name, plan.Phases
	data, err := p.YAML()
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("# Driven on %s: %s.\n", began.Format("2006-01-02"), plan)
	if s.remark != "" {
		head += "# " + s.remark + "\n"
	}
	return append([]byte(head), data...), nil
}

// written returns the text that the profile was read from, if the run does what
// it says but for its phases: flags may have changed it, or somebody the file.
func (s *session) written() ([]byte, bool) {
	origin := s.source.Origin
	data, ok := examples.Text(origin)
	if !ok {
		if origin == originURL || origin == originDemo || origin == "-" {
			return nil, false
		}
		var err error
		if data, err = os.ReadFile(origin); err != nil {
			return nil, false
		}
	}
	read, err := profiles.Read(origin, data)
	if err != nil {
		return nil, false
	}
	a, b := read.WithDefaults(), s.profile.Clone()
	a.Phases, b.Phases = nil, nil
	return data, reflect.DeepEqual(a, b)
}
