package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"stoke/profiles/importer"
)

// importKind is a format that can be imported.
type importKind struct {
	name, short, long, example string
	read                       func(io.Reader, importer.Options) (*importer.Result, error)
	flags                      func(cmd *cobra.Command, o *importer.Options)
}

func importKinds() []importKind {
	return []importKind{
		{name: "curl", read: importer.Curl, short: "curl command lines, as browsers copy them",
			long:    "Each command becomes a request; the same ones are counted as weight. Lines for bash and for cmd.exe are read, any number of them.",
			example: "  stoke import curl requests.txt -o shop.yaml\n  xclip -o | stoke import curl - -o shop.yaml"},
		{name: "har", read: importer.HAR, short: "a recording of a browser or a proxy (HAR)",
			long:    "What was recorded becomes a mix weighted by how often each request was seen, or, with --steps, one scenario with its order and pauses.",
			example: "  stoke import har session.har -o shop.yaml\n  stoke import har session.har --steps --name checkout -o checkout.yaml",
			flags: func(cmd *cobra.Command, o *importer.Options) {
				cmd.Flags().BoolVar(&o.All, "all", false, "keep pictures, scripts, style sheets and fonts")
				cmd.Flags().BoolVar(&o.Steps, "steps", false, "one scenario in the recorded order, with the recorded pauses")
			}},
		{name: "openapi", read: importer.OpenAPI, short: "an OpenAPI 3 document",
			long:    "Each operation becomes a request: parameters and bodies from examples and defaults, or made up from the schemas.",
			example: "  stoke import openapi openapi.yaml -o api.yaml\n  stoke import openapi openapi.json --target http://127.0.0.1:8080 -o api.yaml"},
		{name: "accesslog", read: importer.AccessLog, short: "an access log of nginx, Apache or in JSON",
			long:    "The most frequent requests become the mix, ids in paths become data in a file beside the profile, and the rate over time becomes phases. Compressed logs (gzip) are read as they are.",
			example: "  stoke import accesslog access.log --target https://staging.example.test -o peak.yaml\n  stoke import accesslog access.log.2.gz --target http://127.0.0.1:8080 --scale 2 --top 50 -o double.yaml",
			flags: func(cmd *cobra.Command, o *importer.Options) {
				cmd.Flags().BoolVar(&o.All, "all", false, "keep pictures, scripts, style sheets and fonts")
				cmd.Flags().IntVar(&o.Top, "top", 30, "how many requests to keep, the most frequent ones")
				placeholder(cmd.Flags().Lookup("top"), "N")
				cmd.Flags().Float64Var(&o.Scale, "scale", 1, "factor on the recorded rate")
				placeholder(cmd.Flags().Lookup("scale"), "FACTOR")
			}},
		{name: "vegeta", read: importer.Vegeta, short: "targets of vegeta attack",
			long:    "Targets in vegeta's http format or its json format. The files that they name as bodies are looked for beside the input.",
			example: "  stoke import vegeta targets.txt -o shop.yaml"},
		{name: "k6", read: importer.K6, short: "a k6 script or its options in JSON",
			long:    "Stages and scenarios become phases, and the http calls that can be read become requests. The script is read and not run: what it computes is told and left out.",
			example: "  stoke import k6 script.js -o shop.yaml\n  stoke import k6 options.json --target http://127.0.0.1:8080 -o shop.yaml"},
	}
}

// importCommand writes profiles from what other tools wrote.
func (a *app) importCommand() *cobra.Command {
	kinds := importKinds()
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	usage := "stoke import " + strings.Join(names, "|") + " FILE… [-o profile.yaml]"
	cmd := &cobra.Command{
		Use:   "import " + strings.Join(names, "|"),
		Short: "Write a profile from curl, HAR, OpenAPI, access logs, vegeta or k6",
		Long: `Write a profile from what other tools wrote. What could not be carried over is told on
standard error. Secrets become references to environment variables, which the profile lists.`,
		Example: "  stoke import curl requests.txt -o shop.yaml\n  stoke import har session.har --steps -o checkout.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return &usageError{msg: fmt.Sprintf("stoke import has no format %q", args[0]), hint: usage}
		},
		RunE: func(*cobra.Command, []string) error {
			return &usageError{msg: "stoke import needs a format", hint: usage}
		},
	}
	for _, k := range kinds {
		cmd.AddCommand(a.importOne(k))
	}
	return cmd
}

// importOne is the command of one format.
func (a *app) importOne(k importKind) *cobra.Command {
	var o importer.Options
	var out string
	var force bool
	cmd := &cobra.Command{
		Use: k.name + " FILE…|-", Short: "From " + k.short, Long: "Write a profile from " + k.short + ".\n\n" + k.long, Example: k.example,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			return &usageError{msg: "stoke import " + k.name + " needs a file to read", hint: "stoke import " + k.name + " FILE, or - for standard input"}
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, name := range []string{"top", "scale"} {
				if f := cmd.Flags().Lookup(name); f != nil && !aboveZero(f.Value.String()) {
					return &usageError{msg: fmt.Sprintf("--%s %s: it is to be a number above 0", name, f.Value), hint: "stoke import " + k.name + " --help lists the flags"}
				}
			}
			return a.importFiles(k, args, o, out, force)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&out, "output", "o", "", "file to write, - for standard output (default NAME.yaml here)")
	placeholder(fs.Lookup("output"), "FILE")
	fs.BoolVar(&force, "force", false, "overwrite files that exist")
	fs.StringVar(&o.Name, "name", "", "name of the profile (default: after the file)")
	placeholder(fs.Lookup("name"), "NAME")
	fs.StringVar(&o.Target, "target", "", "base URL to send to, in place of the input's")
	placeholder(fs.Lookup("target"), "URL")
	if k.flags != nil {
		k.flags(cmd, &o)
	}
	return cmd
}

// aboveZero reports whether a text is a number that one can multiply with.
func aboveZero(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n > 0 && n <= 1e9
}

// importFiles imports the files, one after the other as one input, and writes
// what comes of them.
func (a *app) importFiles(k importKind, paths []string, o importer.Options, out string, force bool) error {
	in, folder, err := a.openImports(paths)
	if err != nil {
		return err
	}
	defer in.close()
	o.File, o.NoFiles, o.Folder = paths[0], out == "-", folder
	var r *importer.Result
	a.progress("reading "+oneLine(paths[0]), func() { r, err = k.read(in, o) })
	var wrong *importer.Error
	switch {
	case errors.As(err, &wrong):
		return &usageError{msg: wrong.Error()}
	case err != nil:
		return err
	}
	if err := a.writeImport(r, out, force); err != nil {
		return err
	}
	for _, n := range r.Notes {
		fmt.Fprintf(a.err, "note: %s\n", oneLine(n.String()))
	}
	return nil
}

// imports are the inputs of an import, read one after the other.
type imports struct {
	io.Reader
	files []*os.File
}

func (in *imports) close() {
	for _, f := range in.files {
		f.Close()
	}
}

// openImports opens all inputs, so that a wrong name is told before any work,
// and the folder of the first, for what it refers to.
func (a *app) openImports(paths []string) (*imports, fs.FS, error) {
	in := &imports{}
	var readers []io.Reader
	var folder fs.FS
	for i, path := range paths {
		if path == "-" {
			readers = append(readers, importer.Plain(a.in))
			continue
		}
		f, err := os.Open(path)
		if err == nil {
			in.files = append(in.files, f)
			if info, e := f.Stat(); e == nil && info.IsDir() {
				err = errors.New("it is a directory")
			}
		}
		if err != nil {
			in.close()
			return nil, nil, &usageError{msg: fmt.Sprintf("%s: %v", oneLine(path), unwrapPath(err)), hint: "name a file to import, or - for standard input"}
		}
		if i == 0 {
			if root, err := os.OpenRoot(filepath.Dir(path)); err == nil {
				folder = root.FS()
			}
		}
		if i > 0 {
			readers = append(readers, strings.NewReader("\n"))
		}
		readers = append(readers, importer.Plain(f))
	}
	in.Reader = io.MultiReader(readers...)
	return in, folder, nil
}

// writeImport writes the profile and the files beside it, all or none: what
// exists is not touched unless it may be.
func (a *app) writeImport(r *importer.Result, out string, force bool) error {
	if out == "-" {
		_, err := a.out.Write(r.Text)
		return err
	}
	if out == "" {
		out = profileFile(r.Profile.Name) + ".yaml"
	}
	paths, data := []string{out}, [][]byte{r.Text}
	for _, f := range r.Files {
		paths, data = append(paths, filepath.Join(filepath.Dir(out), f.Name)), append(data, f.Data)
	}
	for _, path := range paths {
		info, err := os.Lstat(path)
		switch {
		case err == nil && info.IsDir():
			return &usageError{msg: oneLine(path) + " is a directory: nothing was written", hint: "name a file in it with -o"}
		case err == nil && !force:
			return &usageError{msg: oneLine(path) + " exists already: nothing was written", hint: "name another file with -o, or overwrite it with --force"}
		}
	}
	if failed, err := writeAll(paths, data, 0o644); err != nil {
		return &usageError{msg: fmt.Sprintf("writing %s: %v: nothing was written", oneLine(failed), unwrapPath(err)), hint: "the directory must exist and be writable"}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "wrote %s: %s to %s\n", oneLine(out), plural(len(r.Profile.Requests), "request"), r.Profile.Target)
	for _, path := range paths[1:] {
		fmt.Fprintf(&b, "wrote %s\n", oneLine(path))
	}
	fmt.Fprintf(&b, "next: stoke check %s --send\n", oneLine(out))
	_, err := a.err.Write(b.Bytes())
	return err
}

// profileFile makes a file's name of a profile's.
func profileFile(name string) string {
	clean := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, name), ".-")
	if clean == "" {
		return "imported"
	}
	return clean
}
