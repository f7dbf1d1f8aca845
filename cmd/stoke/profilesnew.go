package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"stoke/profiles"
	"stoke/profiles/examples"
)

// newProfileCommand makes a profile.
func (a *app) newProfileCommand() *cobra.Command {
	var from, target string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a profile: from an example, or for a URL",
		Long: `Make a profile and save it under a name: as a copy of an example or of another profile, or with
one request to a URL. Nothing is replaced. Data files of an example are copied beside it.`,
		Example: `  stoke profiles new shop --target http://127.0.0.1:8080/products
  stoke profiles new shop --from shoppers`,
		Args: exactly(1, "stoke profiles new NAME [--from PROFILE | --target URL]"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.newProfile(args[0], from, target) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&from, "from", "", "copy this example or saved profile (default: hello, unless there is a target)")
	fs.StringVar(&target, "target", "", "begin with one request to this URL")
	placeholder(fs.Lookup("from"), "PROFILE")
	placeholder(fs.Lookup("target"), "URL")
	if err := cmd.RegisterFlagCompletionFunc("from", func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return profileNames(typed, true), cobra.ShellCompDirectiveNoFileComp
	}); err != nil {
		panic(err) // the flag is declared above
	}
	return cmd
}

// newProfile saves a new profile and says what to do next.
func (a *app) newProfile(name, from, target string) error {
	if from != "" && target != "" {
		return &usageError{msg: "--from and --target exclude each other", hint: "make the copy, then change its target with stoke profiles edit " + name}
	}
	if problem := profiles.CheckName(name); problem != nil {
		return problem
	}
	l, err := library()
	if err != nil {
		return err
	}
	path, err := l.Path(name)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		return libraryError(fs.ErrExist)
	}
	var text []byte
	var beside []string
	if target != "" {
		text, err = textFor(name, target)
	} else {
		if from == "" {
			from = "hello"
		}
		text, beside, err = copyOf(l, name, from)
	}
	if err != nil {
		return libraryError(err)
	}
	if err := besideNew(l.Dir, beside); err != nil {
		return err
	}
	if path, err = l.Save(name, text, false); err != nil {
		return libraryError(err)
	}
	fmt.Fprintf(a.out, "%s is saved: %s\n", name, path)
	for _, file := range beside {
		fmt.Fprintf(a.out, "beside it: %s\n", file)
	}
	if err := keepSchema(l.Dir); err != nil {
		fmt.Fprintf(a.err, "note: editors will not find the schema: %v\n", err)
	}
	fmt.Fprintf(a.out, "next: stoke profiles edit %s, stoke check %s --send, stoke run %s\n", name, name, name)
	return nil
}

// textFor is a profile with one request to a URL.
func textFor(name, target string) ([]byte, error) {
	p, err := profiles.FromURL(target)
	if err != nil {
		return nil, err
	}
	base := p.Requests[0].Path
	var b strings.Builder
	fmt.Fprintf(&b, "# yaml-language-server: $schema=%s\n", profiles.SchemaFile)
	fmt.Fprintf(&b, "# %s: say here what it is for.\n", name)
	fmt.Fprintf(&b, "stoke: 1\nname: %s\ntarget: %s\n\n", quoteYAML(name), quoteYAML(p.Target))
	fmt.Fprintf(&b, "requests:\n  - get: %s\n    expect: {status: 2xx}\n\n", quoteYAML(base))
	b.WriteString("phases:                     # leave them out to drive by hand only\n  - rate 10\n  - hold 30s\n")
	text := []byte(b.String())
	if _, err := profiles.Read(name, text); err != nil {
		return nil, err
	}
	return text, nil
}

// quoteYAML is a text in single quotes, in which YAML knows one escape only.
func quoteYAML(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// copyOf is a profile under another name, and the files that it needs and that
// are not beside the new one.
func copyOf(l profiles.Library, name, from string) (text []byte, beside []string, err error) {
	text, path, err := l.Text(from)
	if err != nil {
		return nil, nil, err
	}
	text, ok := profiles.Retitle(text, name)
	if !ok {
		return nil, nil, &usageError{msg: from + " has problems, or its keys do not stand on lines of their own: it was not copied", hint: "stoke check " + from + " says which"}
	}
	if path == "" {
		p, err := profiles.Read(name, text)
		if err != nil {
			return nil, nil, err
		}
		beside = p.FileNames()
	}
	return text, beside, nil
}

// besideNew copies files of an example into a directory. What is there already
// is never replaced.
func besideNew(dir string, names []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return libraryError(err)
	}
	for _, name := range names {
		want, err := fs.ReadFile(examples.Files(), name)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, name)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, want) {
				return &usageError{msg: path + " is there already and differs from the example's: nothing was changed", hint: "move it away first"}
			}
			continue
		}
		if err != nil {
			return libraryError(err)
		}
		_, err = f.Write(want)
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return libraryError(err)
		}
	}
	return nil
}

// keepSchema puts the schema where the first line of a profile looks for it.
func keepSchema(dir string) error {
	schema, err := profiles.Schema()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, profiles.SchemaFile)
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, schema) {
		return nil
	}
	return writeWhole(path, schema, 0o600)
}
