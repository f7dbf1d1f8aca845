package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stoke/profiles"
)

// editProfileCommand opens a saved profile in the user's editor.
func (a *app) editProfileCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a saved profile in $VISUAL or $EDITOR",
		Long: `Change a saved profile in the editor that $VISUAL or $EDITOR names. The editor gets a copy; it is
checked when the editor ends, and replaces the profile in one step. If there are problems you are
asked whether to go on, to save it as it is, or to throw it away; what was typed is never lost.`,
		Example:           "  stoke profiles edit shop\n  EDITOR='code --wait' stoke profiles edit shop",
		Args:              exactly(1, "stoke profiles edit NAME"),
		ValidArgsFunction: completeSaved,
		RunE:              func(_ *cobra.Command, args []string) error { return a.editProfile(args[0]) },
	}
}

// edit is one editing of a profile.
type edit struct {
	*app
	library profiles.Library
	name    string
	path    string // of the profile, links followed
	before  []byte // what it held when the editing began
	mode    os.FileMode
	draft   string // the copy that is edited
	lines   *bufio.Scanner
}

// editProfile edits until the text is saved, thrown away, or left in its draft.
func (a *app) editProfile(name string) error {
	l, err := library()
	if err != nil {
		return err
	}
	if err := notAnExample(l, name, "stoke profiles new NAME --from "+name); err != nil {
		return err
	}
	editor := strings.TrimSpace(a.getenv("VISUAL"))
	if editor == "" {
		editor = strings.TrimSpace(a.getenv("EDITOR"))
	}
	before, path, err := l.Text(name)
	if err != nil {
		return err
	}
	if editor == "" {
		return &usageError{msg: "neither VISUAL nor EDITOR names an editor", hint: "EDITOR=nano stoke profiles edit " + name + ", or edit " + path + " and check it with stoke check " + name}
	}
	e := &edit{app: a, library: l, name: name, before: before, lines: bufio.NewScanner(a.in)}
	if err := e.begin(path); err != nil {
		return libraryError(err)
	}
	for {
		again, err := e.round(editor)
		if !again {
			return err
		}
	}
}

// begin writes the draft: beside the profile, so that the files that it names
// are found, and hidden from the list.
func (e *edit) begin(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	e.path, e.mode = real, info.Mode().Perm()
	draft, err := os.CreateTemp(filepath.Dir(real), "."+e.name+".edited-*.yaml")
	if err != nil {
		return err
	}
	e.draft = draft.Name()
	_, err = draft.Write(e.before)
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(e.draft)
	}
	return err
}

// round opens the editor once and settles what came of it. It reports whether
// the editor is to be opened again.
func (e *edit) round(editor string) (again bool, err error) {
	ended := e.open(editor)
	now, err := os.ReadFile(e.draft)
	if err != nil {
		return false, &usageError{msg: fmt.Sprintf("what was edited cannot be read: %v", err), hint: "the profile is as it was"}
	}
	unchanged := bytes.Equal(now, e.before)
	if unchanged {
		os.Remove(e.draft)
	}
	switch {
	case ended != nil && unchanged:
		hint := "call it again, or choose another editor with VISUAL or EDITOR"
		var exit *exec.ExitError
		if errors.As(ended, &exit) && exit.ExitCode() == 127 { // what a shell says of a program that it does not find
			hint = "set VISUAL or EDITOR to an editor that is installed"
		}
		return false, &usageError{msg: fmt.Sprintf("the editor %s ended badly: %v; the profile is as it was", editor, ended), hint: hint}
	case ended != nil:
		return false, e.left(fmt.Sprintf("the editor %s ended badly: %v", editor, ended))
	case unchanged:
		fmt.Fprintf(e.out, "%s is as it was\n", e.name)
		return false, nil
	}
	if _, wrong := profiles.Read(e.path, now); wrong != nil {
		fmt.Fprintln(e.err, wrong)
		if !isTerminal(e.in) {
			return false, e.left(e.name + " has problems")
		}
		switch e.choose() {
		case "e":
			return true, nil
		case "t":
			return false, e.throwAway()
		case "k":
		default:
			return false, e.left(e.name + " has problems")
		}
	}
	return false, e.save(now)
}

// open runs the editor on the draft. What ends a program from the keyboard is
// meant for the editor while it runs.
func (e *edit) open(editor string) error {
	typed := make(chan os.Signal, 1)
	signal.Notify(typed, os.Interrupt)
	defer signal.Stop(typed)
	cmd := exec.Command("sh", "-c", editor+` "$@"`, "sh", e.draft) // an editor may come with flags
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.in, e.out, e.err
	return cmd.Run()
}

// choose asks what to do with a text that has problems; empty if nobody says.
func (e *edit) choose() string {
	fmt.Fprint(e.err, "(e) edit again, (k) keep it as it is anyway, (t) throw it away: ")
	for e.lines.Scan() {
		switch said := strings.ToLower(strings.TrimSpace(e.lines.Text())); said {
		case "e", "k", "t":
			return said
		}
		fmt.Fprint(e.err, "e, k or t: ")
	}
	fmt.Fprintln(e.err)
	return ""
}

// save makes the text the profile, unless that was changed meanwhile.
func (e *edit) save(text []byte) error {
	have, err := os.ReadFile(e.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return e.left(err.Error())
	}
	if err != nil || !bytes.Equal(have, e.before) {
		return e.left(e.path + " was changed by somebody else meanwhile, so it was not replaced")
	}
	if err := writeWhole(e.path, text, e.mode); err != nil {
		return e.left(fmt.Sprintf("saving %s: %v", e.path, err))
	}
	os.Remove(e.draft)
	fmt.Fprintf(e.out, "%s is saved: %s\n", e.name, e.path)
	return nil
}

// throwAway moves the text to the trash.
func (e *edit) throwAway() error {
	path, err := e.library.Discard(e.draft, e.name, time.Now())
	if err != nil {
		return e.left(err.Error())
	}
	fmt.Fprintf(e.out, "%s is as it was; what you typed is in the trash: %s\n", e.name, path)
	return nil
}

// left says where the text is that was not saved.
func (e *edit) left(why string) error {
	return &usageError{msg: why, hint: fmt.Sprintf("what you typed is in %s; compare: diff %s %s", e.draft, shellWord(e.path), shellWord(e.draft))}
}
