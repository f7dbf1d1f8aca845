package wire

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"
)

// Answer is an answer for someone to look at.
type Answer struct {
	Result
	StatusLine string   // "HTTP/1.1 200 OK"
	Header     []Header // as received, in order
	BodyStart  []byte   // the beginning of the body, decoded from its chunks
}

// Get returns the value of the first header line of that name, in any case.
func (a *Answer) Get(name string) string {
	for _, h := range a.Header {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Fetch sends req once, with the running number 0, on a connection of its own
// and keeps the header and at most most bytes of the body, whatever the
// request itself keeps. The end of ctx ends
// the exchange, as a timeout if its deadline has passed. The header and body
// are empty if t is not an [HTTP1].
func Fetch(ctx context.Context, t Transport, req *Request, most int) *Answer {
	a := &Answer{}
	c := t.Conn(nil)
	keep := &capture{most: most, head: true}
	var crashed func(v any, stack []byte)
	if own, ok := c.(*conn); ok {
		own.keep, crashed = keep, own.t.cfg.Crashed
	}
	over, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		defer guard(crashed)
		watch(ctx, c, over)
	}()
	c.Do(req, 0, &a.Result)
	close(over)
	<-watched
	c.Close()
	a.StatusLine, a.Header = splitBlock(keep.block)
	a.BodyStart = keep.data
	return a
}

// watch kills c when ctx ends before over is closed. A Kill that comes before
// Do has begun would only close the connection: hence the repetition.
func watch(ctx context.Context, c Conn, over <-chan struct{}) {
	select {
	case <-over:
		return
	case <-ctx.Done():
	}
	cause := Cancelled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		cause = Timeout
	}
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		c.Kill(cause, false)
		select {
		case <-over:
			return
		case <-again.C:
		}
	}
}

func splitBlock(block []byte) (status string, header []Header) {
	for line := range bytes.Lines(block) {
		text := strings.TrimRight(string(line), "\r\n")
		switch {
		case text == "":
		case status == "":
			status = text
		default:
			name, value, _ := strings.Cut(text, ":")
			header = append(header, Header{Name: name, Value: strings.TrimSpace(value)})
		}
	}
	return status, header
}
