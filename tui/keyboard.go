package tui

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/muesli/cancelreader"
)

// keyMsg is a key that was pressed; at is when its bytes came in.
type keyMsg struct {
	key tea.Key
	at  time.Time
}

// pasteMsg is text that was pasted.
type pasteMsg struct{ text string }

// ackMsg says that the terminal has taken in a picture.
type ackMsg struct{ first bool }

// lostMsg says that the terminal is gone.
type lostMsg struct{ err error }

// failedMsg is a panic that was caught.
type failedMsg struct{ err *PanicError }

// PanicError is a bug that was caught: the terminal is restored, and the
// program must end.
type PanicError struct {
	Value any
	Stack []byte
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("internal error: %v", e.Value) }

func caught(value any) *PanicError { return &PanicError{Value: value, Stack: debug.Stack()} }

// keyboard reads the terminal's input and sends what it means. It takes the
// place of Bubble Tea's own reader, which after 50 ms takes the pieces of a
// slow reply for keys.
type keyboard struct {
	in   cancelreader.CancelReader
	link *link
	send func(tea.Msg)
	done chan struct{} // closed when both goroutines have ended
}

func newKeyboard(in *os.File, l *link, send func(tea.Msg)) (*keyboard, error) {
	r, err := cancelreader.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("reading the terminal: %w", err)
	}
	k := &keyboard{in: r, link: l, send: send, done: make(chan struct{})}
	chunks := make(chan []byte)
	go k.read(chunks)
	go k.run(chunks)
	return k, nil
}

// stop ends the reading and waits for it.
func (k *keyboard) stop() {
	if k.in.Cancel() {
		<-k.done
	}
	_ = k.in.Close()
}

// read hands over what comes in; it ends with the input, or when canceled.
func (k *keyboard) read(chunks chan<- []byte) {
	defer close(chunks)
	for {
		buf := make([]byte, 1024)
		n, err := k.in.Read(buf)
		if n > 0 {
			chunks <- buf[:n]
		}
		switch {
		case errors.Is(err, cancelreader.ErrCanceled):
			return
		case err != nil:
			k.send(lostMsg{fmt.Errorf("reading the terminal: %w", err)})
			return
		case n == 0:
			k.send(lostMsg{fmt.Errorf("reading the terminal: %w", io.EOF)})
			return
		}
	}
}

// run cuts the bytes into tokens and sends them on.
func (k *keyboard) run(chunks <-chan []byte) {
	defer close(k.done)
	defer func() {
		if r := recover(); r != nil {
			k.send(failedMsg{caught(r)})
			for range chunks { // let the reader go
			}
		}
	}()
	var x lexer
	var dec uv.EventDecoder
	var tokens []token
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if due, ok := x.deadline(k.link.replies()); ok {
			timer.Reset(time.Until(due))
		} else {
			timer.Stop()
		}
		select {
		case chunk, ok := <-chunks:
			if !ok {
				return
			}
			tokens = x.feed(tokens[:0], chunk, time.Now())
		case now := <-timer.C:
			tokens = x.expire(tokens[:0], now)
		}
		for _, t := range tokens {
			k.deliver(&dec, t)
		}
	}
}

// deliver decodes one token. What is neither a key nor a reply that somebody
// waits for is dropped.
func (k *keyboard) deliver(dec *uv.EventDecoder, t token) {
	if t.paste {
		k.send(pasteMsg{t.bytes})
		return
	}
	n, event := dec.Decode([]byte(t.bytes))
	if n != len(t.bytes) {
		return // the decoder sees something else in it
	}
	switch event := event.(type) {
	case uv.KeyPressEvent:
		k.send(keyMsg{key: tea.Key(event), at: t.at})
	case uv.PrimaryDeviceAttributesEvent:
		k.send(ackMsg{first: k.link.acknowledge()})
	case uv.ModeReportEvent:
		k.send(event)
	}
}
