// Package feeder reads the files of values that a profile names, and hands
// their rows out.
//
// Start with [Read]. A [Table] is read whole before a run starts and never
// changed; a [Cursor] says which row comes next, and may be used by any number
// of goroutines.
//
// A table keeps all its text in one piece and four bytes for each value, so a
// file of many million values costs the garbage collector nothing.
package feeder
