package importer

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode"

	"stoke/profiles"
)

// The bounds of the inputs, in bytes. Logs are read as a stream.
const (
	MaxInput = 64 << 20
	MaxLog   = 256 << 20 // before and after decompression
)

// Options say how to import. The zero value is usable.
type Options struct {
	File   string // what the input is called in messages; empty: "-"
	Name   string // of the profile; empty: after the file, or the target
	Target string // base URL in place of the input's

	All   bool // HAR: pictures, scripts, style sheets and fonts too
	Steps bool // HAR: one scenario with think times in place of a mix

	Top   int     // access log: most requests, those seen most often; 0: 30
	Scale float64 // access log: factor on the recorded rate; 0: 1

	// NoFiles says that nothing can be written beside the profile. Values then
	// stand in the profile itself, fewer of them.
	NoFiles bool
	// Folder holds what an input may refer to: the bodies of vegeta targets, the
	// parts of an OpenAPI document. Nil: nothing can be referred to.
	Folder fs.FS
}

func (o Options) file() string {
	if o.File == "" {
		return "-"
	}
	return o.File
}

// Result is what an import made. It is the caller's.
type Result struct {
	Profile *profiles.Profile // as profiles.Read reads it from Text
	Text    []byte            // the profile with its comments
	Files   []File            // to be written beside the profile
	Notes   []Note            // what was not carried over, or only in part

	meant *profiles.Profile // what Text was to say, for tests
}

// File is a file that a profile names.
type File struct {
	Name string // without a directory
	Data []byte
}

// Note says what an import left out or changed.
type Note struct {
	Where string // "line 3", "entry 5"; empty: the whole input
	Text  string
}

// String is the note on one line.
func (n Note) String() string {
	if n.Where == "" {
		return n.Text
	}
	return n.Where + ": " + n.Text
}

// Error is why there is no profile to make.
type Error struct {
	File   string
	Line   int // from 1; 0: the whole input
	Column int // in bytes, from 1; 0: the whole line
	Msg    string
	Hint   string // what to do; may be empty
}

// Error implements error: shop.har:3:7: what is wrong: what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	b.WriteString(": " + e.Msg)
	if e.Hint != "" {
		b.WriteString(": " + e.Hint)
	}
	return b.String()
}

// fail is an error about the whole input.
func (o Options) fail(msg, hint string) *Error {
	return &Error{File: o.file(), Msg: msg, Hint: hint}
}

// readAll reads an input of at most MaxInput bytes.
func (o Options) readAll(in io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxInput+1))
	if err != nil {
		return nil, o.fail("it cannot be read: "+printable(err.Error()), "")
	}
	if len(data) > MaxInput {
		return nil, o.fail(fmt.Sprintf("it is larger than %d MiB", MaxInput>>20), "import a part of it")
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// position is the line and column of a byte of a text, both from 1.
func position(data []byte, offset int) (line, column int) {
	before := data[:max(0, min(offset, len(data)))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// printable replaces what a terminal would act on.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// show quotes a piece of the input for a message, shortened.
func show(text string) string { return fmt.Sprintf("%q", cut(printable(text), 40)) }

// cut shortens a text to n characters.
func cut(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

// plural is "1 request", "2 requests".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
