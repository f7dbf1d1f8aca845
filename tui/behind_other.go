//go:build !linux

package tui

// drawBehind does nothing here: niceness is the whole process's.
func drawBehind() {}
