package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"stoke/profiles/grammar"
)

// The times of a stop by signal, counted from the signal. The last one is the
// promise: the process is gone within 2 s, whatever the terminal does.
const (
	signalCut  = 1000 * time.Millisecond // what is still in flight is cut
	signalExit = 1800 * time.Millisecond // the process ends as it stands
)

// signalWatch stops a run when the process is told to end.
type signalWatch struct {
	caught chan os.Signal
	quit   chan struct{}
	once   sync.Once
	first  chan struct{} // closed by the first signal
}

// watchSignals listens for signals until stop is called. The first one stops
// the run, and leaves the cockpit once the run has ended; the second ends the
// process at once.
func (s *session) watchSignals(leave context.CancelFunc) *signalWatch {
	w := &signalWatch{caught: make(chan os.Signal, 4), quit: make(chan struct{}), first: make(chan struct{})}
	signal.Notify(w.caught, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A reader of ours that goes away must not take the run's record with it:
	// writes to it fail instead.
	signal.Ignore(syscall.SIGPIPE)
	go func() {
		defer s.app.guard()
		w.watch(s, leave)
	}()
	return w
}

func (w *signalWatch) watch(s *session, leave context.CancelFunc) {
	select {
	case <-w.caught:
	case <-w.quit:
		return
	}
	close(w.first)
	// Beside everything else: applying a stop must not depend on it.
	exit := time.AfterFunc(signalExit, func() { s.app.hurry(exitStopped) })
	defer exit.Stop()
	cut := time.AfterFunc(signalCut, func() { s.order(grammar.Change{Verb: grammar.Stop, Now: true}) })
	defer cut.Stop()
	s.order(grammar.Change{Verb: grammar.Stop})
	if s.run.Snapshot().Began.IsZero() {
		leave() // there is nothing to stop, and no end to wait for
	}
	ended := s.run.Done()
	for {
		select {
		case <-ended:
			leave()
			ended = nil
		case <-w.caught:
			s.app.hurry(exitStopped)
		case <-w.quit:
			return
		}
	}
}

// fired reports whether a signal has come.
func (w *signalWatch) fired() bool {
	select {
	case <-w.first:
		return true
	default:
		return false
	}
}

// stop ends the watch.
func (w *signalWatch) stop() {
	w.once.Do(func() {
		signal.Stop(w.caught)
		close(w.quit)
	})
}
