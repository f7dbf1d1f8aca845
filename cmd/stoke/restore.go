package main

import (
	"os"

	"github.com/charmbracelet/x/term"
)

// leaveScreen ends what a cockpit may have switched on: synchronized output,
// bracketed paste, the alternate screen, a hidden cursor, colours.
const leaveScreen = "\x1b[?2026l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m\r\n"

// restorer remembers a terminal's settings and returns a function that puts
// them back from any goroutine, for an end in a hurry. It does not wait for a
// terminal that nobody reads.
func restorer(tty *os.File) func() {
	before, err := term.GetState(tty.Fd())
	if err != nil {
		return func() {}
	}
	return func() {
		_ = term.Restore(tty.Fd(), before)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = tty.WriteString(leaveScreen)
		}()
		waitShort(done)
	}
}
