package main

import (
	"fmt"
	"time"
)

// progressAfter is what may pass without a word.
const progressAfter = 300 * time.Millisecond

// progress does something that may take long. If it does, and somebody watches,
// a line says what is going on and for how long already.
func (a *app) progress(what string, do func()) {
	if !isTerminal(a.err) {
		do()
		return
	}
	done, told := make(chan struct{}), make(chan bool)
	go func() {
		defer a.guard()
		began := time.Now()
		ticker := time.NewTicker(progressAfter)
		defer ticker.Stop()
		said := false
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(a.err, "\r%s … %.0f s ", what, time.Since(began).Seconds())
				said = true
			case <-done:
				told <- said
				return
			}
		}
	}()
	do()
	close(done)
	if <-told {
		fmt.Fprintln(a.err)
	}
}
