package main

import (
	"fmt"
	"time"

	"stoke/engine"
	"stoke/tui"
	"stoke/tui/units"
)

// headless runs without a terminal: one line a second on standard error.
func (s *session) headless() error {
	if err := s.run.Start(); err != nil {
		return err
	}
	s.follow(tui.PlainLine)
	return nil
}

// follow prints a line about the run every second, and what happened in
// between, until it has ended. A reader that is too slow misses lines; the run
// does not wait for it.
func (s *session) follow(line func(*engine.Snapshot) string) {
	p := s.app.printer()
	defer p.close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	said := map[string]bool{}
	notes := func(now *engine.Snapshot) {
		for _, n := range now.Notices {
			if !said[n.Text] {
				said[n.Text] = true
				p.print(fmt.Sprintf("%s  note: %s", units.Clock(n.At), n.Text))
			}
		}
	}
	for {
		select {
		case <-s.run.Done():
			notes(s.run.Snapshot()) // one may say why it ended
			return
		case <-tick.C:
		}
		now := s.run.Snapshot()
		notes(now)
		p.print(line(now))
	}
}

// printer writes lines to standard error from a goroutine of its own.
type printer struct {
	lines chan string
	done  chan struct{}
}

func (a *app) printer() *printer {
	p := &printer{lines: make(chan string, 16), done: make(chan struct{})}
	go func() {
		defer a.guard()
		defer close(p.done)
		for line := range p.lines {
			fmt.Fprintln(a.err, line)
		}
	}()
	return p
}

// print queues a line, or drops it if nobody reads.
func (p *printer) print(line string) {
	select {
	case p.lines <- line:
	default:
	}
}

// close waits a moment for the lines that are queued.
func (p *printer) close() {
	close(p.lines)
	waitShort(p.done)
}

// waitShort waits until done is closed, but not for a reader that is stuck.
func waitShort(done <-chan struct{}) {
	select {
	case <-done:
	case <-time.After(200 * time.Millisecond):
	}
}
