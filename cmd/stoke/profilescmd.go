package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// profilesCommand lists the saved profiles; below it is what one does to them.
func (a *app) profilesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List the saved profiles; make, edit, show, rename and remove them",
		Example: `  stoke profiles
  stoke profiles new shop --target http://127.0.0.1:8080
  stoke profiles edit shop`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				e := &usageError{msg: fmt.Sprintf("stoke profiles has no command %q", args[0]), hint: "stoke profiles --help lists them"}
				var known []string
				for _, c := range cmd.Commands() {
					known = append(known, c.Name())
				}
				if near := grammar.Nearest(args[0], known); near != "" {
					e.hint = "did you mean: stoke profiles " + near
				}
				return e
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return a.listProfiles() },
	}
	cmd.AddCommand(a.newProfileCommand(), a.editProfileCommand(), a.showProfileCommand(), a.renameProfileCommand(), a.removeProfileCommand(), a.schemaCommand())
	return cmd
}

// library is the user's.
func library() (profiles.Library, error) {
	dir, err := profiles.Dir()
	if err != nil {
		return profiles.Library{}, &usageError{msg: err.Error(), hint: "set HOME or XDG_CONFIG_HOME"}
	}
	return profiles.Library{Dir: dir}, nil
}

// libraryError puts what went wrong with a saved profile into the words of a
// command line.
func libraryError(err error) error {
	var problem *profiles.Problem
	var problems *profiles.Problems
	var missing *profiles.NotFound
	switch {
	case err == nil, errors.As(err, &problem), errors.As(err, &problems), errors.As(err, &missing):
		return err
	case errors.Is(err, fs.ErrExist):
		return &usageError{msg: "there is a profile of that name already: nothing was changed", hint: "choose another name, or move that one away with stoke profiles rm"}
	}
	return &usageError{msg: err.Error(), hint: "the directories of profiles and of the trash beside it must be writable, and on one disk"}
}

// showProfileCommand prints the text of a profile.
func (a *app) showProfileCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Print the text of a profile or an example",
		Example:           "  stoke profiles show checkout-peak\n  stoke profiles show shop | stoke check -",
		Args:              exactly(1, "stoke profiles show NAME"),
		ValidArgsFunction: completeNames,
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := library()
			if err != nil {
				return err
			}
			text, _, err := l.Text(args[0])
			if err != nil {
				return err
			}
			if isTerminal(a.out) { // which would act on what it is sent
				for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
					fmt.Fprintln(a.out, visible(strings.TrimSuffix(line, "\r")))
				}
				return nil
			}
			_, err = a.out.Write(text)
			return err
		},
	}
}

// renameProfileCommand gives a saved profile another name.
func (a *app) renameProfileCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rename OLD NEW",
		Short: "Give a saved profile another name",
		Long: `Give a saved profile another name: that of its file, and the one that its text says if that is
the old one. Everything else in it is left as it is. A profile of the new name is never replaced.`,
		Example:           "  stoke profiles rename shop shop-2026",
		Args:              exactly(2, "stoke profiles rename OLD NEW"),
		ValidArgsFunction: completeSaved,
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := library()
			if err != nil {
				return err
			}
			if err := notAnExample(l, args[0], "stoke profiles new "+args[1]+" --from "+args[0]); err != nil {
				return err
			}
			path, titled, err := l.Rename(args[0], args[1])
			if err != nil {
				return libraryError(err)
			}
			fmt.Fprintf(a.out, "%s is now %s: %s\n", args[0], args[1], path)
			text, _, err := l.Text(args[1])
			if err != nil {
				return err
			}
			if p, err := profiles.Read(path, text); err == nil && !titled && p.Name != args[1] {
				fmt.Fprintf(a.out, "its text still says name: %s\n", oneLine(p.Name))
			}
			a.tellFiles(path, text)
			return nil
		},
	}
}

// notAnExample refuses what can only be done to a saved profile.
func notAnExample(l profiles.Library, name, instead string) error {
	if _, path, err := l.Text(name); err == nil && path == "" {
		return &usageError{msg: name + " is an example, which cannot be changed", hint: "make one of your own: " + instead}
	}
	return nil
}

// tellFiles says which files beside a profile were left where they are.
func (a *app) tellFiles(path string, text []byte) {
	p, err := profiles.Read(path, text)
	if err != nil {
		return
	}
	if names := p.FileNames(); len(names) > 0 {
		fmt.Fprintf(a.out, "the files that it names stay where they are: %s\n", oneLine(strings.Join(names, ", ")))
	}
}

// removeProfileCommand moves a saved profile to the trash.
func (a *app) removeProfileCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm NAME",
		Short: "Move a saved profile to the trash",
		Long: `Move a saved profile to the folder trash beside the library, under a name with the time, from
where it can be moved back. Files that the profile names stay.`,
		Example:           "  stoke profiles rm shop\n  stoke profiles rm shop --yes",
		Args:              exactly(1, "stoke profiles rm NAME [--yes]"),
		ValidArgsFunction: completeSaved,
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := library()
			if err != nil {
				return err
			}
			name := args[0]
			if err := notAnExample(l, name, "stoke profiles new NAME --from "+name); err != nil {
				return err
			}
			text, old, err := l.Text(name)
			if err != nil {
				return err
			}
			if !yes {
				if !isTerminal(a.in) {
					return &usageError{msg: "nobody can be asked whether " + name + " may go: nothing was changed", hint: "stoke profiles rm " + name + " --yes"}
				}
				fmt.Fprintf(a.err, "move %s to the trash? y or n: ", old)
				if said := answered(bufio.NewScanner(a.in)); said != "y" && said != "yes" {
					fmt.Fprintln(a.err, "nothing was changed")
					return nil
				}
			}
			path, err := l.Trash(name, time.Now())
			if err != nil {
				return libraryError(err)
			}
			fmt.Fprintf(a.out, "%s is in the trash: %s\nback: mv %s %s\n", name, path, shellWord(path), shellWord(old))
			a.tellFiles(old, text)
			return nil
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// answered is the next line that is typed, in small letters; empty at the end.
func answered(in *bufio.Scanner) string {
	if !in.Scan() {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(in.Text()))
}

// shellWord is a path as a shell takes it.
func shellWord(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+=:@%", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

// schemaCommand prints the JSON Schema of the format.
func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of profiles, for editors",
		Long: `Print the JSON Schema of the profile format. An editor that speaks the YAML language server uses
it for completion and help where a profile begins with
  # yaml-language-server: $schema=stoke.schema.json`,
		Example: "  stoke profiles schema > stoke.schema.json",
		Args:    exactly(0, "stoke profiles schema"),
		RunE: func(*cobra.Command, []string) error {
			schema, err := profiles.Schema()
			if err != nil {
				return err
			}
			_, err = a.out.Write(schema)
			return err
		},
	}
}

// listProfiles prints the saved profiles, broken ones too, the examples, and
// where to save.
func (a *app) listProfiles() error {
	dir, err := profiles.Dir()
	if err != nil {
		return err
	}
	all, err := profiles.Library{Dir: dir}.List()
	if err != nil {
		return err
	}
	saved := 0
	table := tabwriter.NewWriter(a.out, 0, 0, 3, ' ', 0)
	for _, e := range all {
		kind := "example"
		if !e.Example() {
			kind, saved = "saved", saved+1
		}
		what := e.About
		switch {
		case e.Err != nil:
			kind, what = "broken", "stoke check "+e.Name+" says why"
		case what == "":
			what = e.Profile.Target
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", e.Name, kind, what)
	}
	fmt.Fprintln(a.out, "Profiles, to run with: stoke run NAME")
	if err := table.Flush(); err != nil {
		return err
	}
	if saved == 0 {
		fmt.Fprintf(a.out, "None of your own yet: stoke profiles new NAME makes one, in %s\n", dir)
		return nil
	}
	fmt.Fprintf(a.out, "Yours are in %s\n", dir)
	return nil
}
