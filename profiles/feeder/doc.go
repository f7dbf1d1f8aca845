// Package feeder reads the files of values that a profile names, and hands
// their rows out.
//
// Start with [Read]. A [Table] is read whole before a run starts and never
// changed; a [Cursor] says which row comes next, and may be used by any number
// of goroutines.
package feeder
