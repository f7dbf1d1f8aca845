package wire

import (
	"net"
	"strings"
	"testing"

	"stoke/engine/wire/wiretest"
)

// panicky is a connection on which nothing can be written.
type panicky struct{ net.Conn }

func (panicky) Write([]byte) (int, error) { panic("the writer is broken") }

// TestCrashed: a panic in a goroutine that writes a large request is told, and
// the exchange ends.
func TestCrashed(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			p.Request()
			p.Send(hello)
			p.Hold()
		})
		type crash struct {
			value any
			stack string
		}
		crashes := make(chan crash, 10)
		tr.cfg.Crashed = func(v any, stack []byte) { crashes <- crash{v, string(stack)} }
		c := connection(t, tr, nil)
		want(t, do(t, c, compile(t, tr, Spec{})), None)
		s := c.sock
		s.help(panicky{}, []byte("x"))
		if !s.join(patience) || s.writeErr != errCrashed {
			t.Fatalf("the write ended with %v", s.writeErr)
		}
		got := <-crashes
		if got.value != "the writer is broken" || !strings.Contains(got.stack, "(*socket).upload") {
			t.Errorf("crashed with %q, and the writer is not in the stack:\n%s", got.value, got.stack)
		}
		if _, err := s.stream.Read(make([]byte, 1)); err == nil {
			t.Error("the connection of a writer that crashed stands")
		}
	})
}
