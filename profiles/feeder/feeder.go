package feeder

import (
	"io"
	"math/rand/v2"
)

// MaxFile bounds a file of values, in bytes.
const MaxFile = 256 << 20

// Table is a file of values. It is immutable.
type Table struct {
	Columns []string
	rows    int
}

// Error is a mistake in a file of values.
type Error struct {
	Line int // from 1; 0 for the whole file
	Msg  string
	Hint string
}

// Error implements error.
func (e *Error) Error() string { return e.Msg }

// Read reads CSV with a header line, or NDJSON with one object a line (names
// ending in .ndjson or .jsonl); columns of nested objects are joined with dots.
// Its errors about the content are of type [*Error].
func Read(name string, r io.Reader) (*Table, error) { return &Table{}, nil }

// Rows is the number of rows.
func (t *Table) Rows() int { return t.rows }

// Column is the number of a column, or -1.
func (t *Table) Column(name string) int { return -1 }

// Value is the text in a row and column, both from 0.
func (t *Table) Value(row, column int) string { return "" }

// Order says which row a start gets.
type Order string

// The orders. The texts are part of the saved format.
const (
	Sequential Order = "sequential" // one after the other, then from the top again
	Random     Order = "random"     // any, again and again
	Unique     Order = "unique"     // each once; the run ends when they are used up
)

// Cursor hands out the rows of a table to one generator: those whose number
// modulo generators is its own.
type Cursor struct{}

// NewCursor returns a cursor over the share of generator number own of all,
// from 0.
func NewCursor(t *Table, order Order, own, all int) *Cursor { return &Cursor{} }

// Next returns the next row's number, or false when a unique order is used up.
// It takes no lock and allocates nothing.
func (c *Cursor) Next(rng *rand.Rand) (row int, ok bool) { return 0, false }
