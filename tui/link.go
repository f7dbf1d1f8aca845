package tui

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const (
	// oldPicture is the age from which a picture that the terminal has not
	// acknowledged is called old: raising is refused, and another frame is
	// sent although the one before is still under way.
	oldPicture = 2 * time.Second
	// lostReply is the age from which a reply that did not come is given up,
	// so that one lost reply cannot shift all later ones.
	lostReply = 20 * time.Second
	// drainLimit bounds the wait for a slow terminal at exit.
	drainLimit = time.Second
	// lastReplies bounds the wait for replies that would land in the shell.
	lastReplies = 300 * time.Millisecond
)

// link is the way to the terminal. Bubble Tea writes into it and never waits:
// one goroutine hands the bytes to the terminal at the terminal's own speed.
//
// Behind every frame the link asks the terminal for its primary device
// attributes (DA1). The reply can only come after the frame was taken in, so
// it acknowledges the picture, also through buffers that swallow seconds of
// output. Acknowledging begins with the first reply; a terminal that never
// replies is judged by the writer's backlog alone.
//
// Its methods may be called from any goroutine.
type link struct {
	f     *os.File
	clock func() time.Time
	done  chan struct{} // closed when the writer goroutine has ended

	mu      sync.Mutex
	wake    *sync.Cond
	pending []byte
	writing bool
	since   time.Time   // when the oldest byte that is not yet written came
	asked   []time.Time // requests without a reply, oldest first
	probed  time.Time   // when the first request went out
	answers bool        // the terminal has replied at least once
	closed  bool
	err     error
	written int64 // bytes handed to the terminal
}

// newLink starts the writer goroutine; it ends after close, or when the
// write that it is blocked in returns.
func newLink(f *os.File, clock func() time.Time) *link {
	l := &link{f: f, clock: clock, done: make(chan struct{})}
	l.wake = sync.NewCond(&l.mu)
	go l.run()
	return l
}

func (l *link) run() {
	defer close(l.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		for len(l.pending) == 0 {
			l.writing = false
			l.wake.Broadcast()
			if l.closed || l.err != nil {
				return
			}
			l.wake.Wait()
		}
		chunk := l.pending
		l.pending = nil
		l.writing = true
		l.mu.Unlock()
		n, err := l.f.Write(chunk)
		l.mu.Lock()
		l.written += int64(n)
		if err != nil {
			l.err = err
			l.pending = nil
		}
		if len(l.pending) > 0 {
			l.since = l.clock()
		}
	}
}

// Write queues p and, where acknowledging is on and no request is under way
// that could still be answered in time, a request behind it. It never blocks
// and fails only when the terminal is gone. Who calls it draws: Bubble Tea's
// renderer, whose goroutine cannot be reached in another way.
func (l *link) Write(p []byte) (int, error) {
	drawBehind()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	if l.closed {
		return 0, io.ErrClosedPipe
	}
	now := l.clock()
	l.queue(p, now)
	if l.answers && !l.waiting(now) {
		l.ask(now)
	}
	return len(p), nil
}

// probe asks for the first reply, which shows whether this terminal
// acknowledges at all. It goes before the first picture, so that the answer
// takes one round trip however slow the link is.
func (l *link) probe() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.probed = l.clock()
	l.ask(l.probed)
}

func (l *link) ask(now time.Time) {
	l.queue([]byte(ansi.RequestPrimaryDeviceAttributes), now)
	l.asked = append(l.asked, now)
}

func (l *link) queue(p []byte, now time.Time) {
	if len(l.pending) == 0 && !l.writing {
		l.since = now
	}
	l.pending = append(l.pending, p...)
	l.wake.Broadcast()
}

// acknowledge takes one reply; it belongs to the oldest request. It reports
// whether it was the first of all.
func (l *link) acknowledge() (first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.asked) > 0 {
		l.asked = l.asked[1:]
	}
	first = !l.answers
	l.answers = true
	l.wake.Broadcast()
	return first
}

// waiting reports whether the newest request may still be answered in time.
func (l *link) waiting(now time.Time) bool {
	for len(l.asked) > 0 && now.Sub(l.asked[0]) > lostReply {
		l.asked = l.asked[1:]
	}
	n := len(l.asked)
	return n > 0 && now.Sub(l.asked[n-1]) < oldPicture
}

// busy reports whether the next frame must wait: bytes are pending, or the
// last frame is not acknowledged.
func (l *link) busy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.backlog() || l.answers && l.waiting(l.clock())
}

func (l *link) backlog() bool { return l.writing || len(l.pending) > 0 }

// replies reports whether a reply may be on its way, so that an ESC that
// arrives alone is more likely its beginning than the key.
func (l *link) replies() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if !l.answers {
		return now.Sub(l.probed) < oldPicture
	}
	return l.waiting(now)
}

// age returns for how long the terminal owes the oldest picture; 0 when it
// shows the newest.
func (l *link) age() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	var age time.Duration
	if l.backlog() {
		age = now.Sub(l.since)
	}
	if l.answers {
		l.waiting(now) // drops what was given up
		if len(l.asked) > 0 {
			age = max(age, now.Sub(l.asked[0]))
		}
	}
	return age
}

// lost returns the error with which the terminal went away, or nil.
func (l *link) lost() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// sent returns the bytes that the terminal has taken.
func (l *link) sent() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written
}

// finish waits for what is still to be written, and for the replies that
// would otherwise land in the shell; both within limits.
func (l *link) finish() {
	if l.wait(drainLimit, func() bool { return !l.backlog() }) {
		l.wait(lastReplies, func() bool { return len(l.asked) == 0 })
	}
}

// wait waits until ok, which is called with the lock held, at most limit. It
// reports whether ok came true.
func (l *link) wait(limit time.Duration, ok func() bool) bool {
	late := false
	timer := time.AfterFunc(limit, func() {
		l.mu.Lock()
		late = true
		l.mu.Unlock()
		l.wake.Broadcast()
	})
	defer timer.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for !ok() {
		if late || l.err != nil {
			return false
		}
		l.wake.Wait()
	}
	return true
}

// end lets the writer goroutine go; what is pending is dropped.
func (l *link) end() {
	l.mu.Lock()
	l.closed = true
	l.pending = nil
	l.mu.Unlock()
	l.wake.Broadcast()
}

// Read and Close complete the file that Bubble Tea wants to see, to learn the
// size and the colours of the terminal. Nothing reads from it, and the file
// stays open: it is the caller's.
func (l *link) Read([]byte) (int, error) { return 0, io.EOF }
func (l *link) Close() error             { return nil }

// Fd is the descriptor of the terminal.
func (l *link) Fd() uintptr { return l.f.Fd() }
