package feeder

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// MaxFile bounds a file of values, in bytes.
const MaxFile = 256 << 20

// MaxValues bounds the rows of a table times its columns.
const MaxValues = 64 << 20

// Table is a file of values. It is immutable.
type Table struct {
	Columns []string
	rows    int
	text    string   // all values, row by row
	ends    []uint32 // where each value ends in text; MaxFile is less than 1<<32
}

// Error is a mistake in a file of values.
type Error struct {
	Line int // from 1; 0 for the whole file
	Msg  string
	Hint string
}

// Error implements error. It does not say the line.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Msg
	}
	return e.Msg + ": " + e.Hint
}

// Read reads CSV with a header line (RFC 4180), or NDJSON with one object a
// line (names ending in .ndjson or .jsonl). Both are UTF-8; a byte order mark
// at the start is dropped, and empty lines are none.
//
// Of CSV, every line must have as many values as the header line; they may be
// empty. Of NDJSON, the columns are the keys of all lines in the order in
// which they come, those of nested objects joined with dots; a key that a line
// does not have and null are the empty text there, true, false, numbers and
// lists are their JSON.
//
// Its errors about the content are of type [*Error].
func Read(name string, r io.Reader) (*Table, error) { return read(name, r, MaxFile, MaxValues) }

func read(name string, r io.Reader, maxFile int64, maxValues int) (*Table, error) {
	t := &Table{}
	in := &bounded{r: r, left: maxFile, max: maxFile}
	fill := t.readCSV
	if lower := strings.ToLower(name); strings.HasSuffix(lower, ".ndjson") || strings.HasSuffix(lower, ".jsonl") {
		fill = t.readNDJSON
	}
	if err := fill(in, maxValues); err != nil {
		return nil, err
	}
	return t, nil
}

// bounded reads at most max bytes, and fails if there are more.
type bounded struct {
	r         io.Reader
	left, max int64
}

func (b *bounded) Read(p []byte) (int, error) {
	// One byte more than allowed tells a file that is too large.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &Error{Msg: "the file is larger than " + size(b.max), Hint: "split it, one share a generator"}
	}
	return n, err
}

// size writes a number of bytes.
func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// Rows is the number of rows, at least 1 of a table that was read.
func (t *Table) Rows() int { return t.rows }

// Column is the number of a column, or -1.
func (t *Table) Column(name string) int { return slices.Index(t.Columns, name) }

// Value is the text in a row and column, both from 0. It is part of the
// table's text, nothing is copied. What is outside of the table is empty.
func (t *Table) Value(row, column int) string {
	if row < 0 || row >= t.rows || column < 0 || column >= len(t.Columns) {
		return ""
	}
	i := row*len(t.Columns) + column
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.text[from:t.ends[i]]
}

// tooMany is the error for more values than a table may have.
func tooMany(line, maxValues int) *Error {
	return &Error{line, fmt.Sprintf("more than %d values, counting each column of each row", maxValues), "split the file, one share a generator"}
}

// notUTF8 is the error for bytes that are no text.
func notUTF8(line int) *Error {
	return &Error{line, "not UTF-8", "convert the file: iconv -t UTF-8"}
}
