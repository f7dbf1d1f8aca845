package wire

import (
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// A look at a connection must not change what it brings: a reset stays a reset
// although the look comes between its arrival and the reader.
func TestNudgeLeavesTheReset(t *testing.T) {
	plainly(t, func(t *testing.T, m manner) {
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			p.Head()
			<-time.After(time.Millisecond) // or the reset comes before the first look
			p.Reset()
		})
		req := compile(t, tr, Spec{})
		const tries = 100
		other := 0
		for range tries {
			c := connection(t, tr, nil)
			stop, over := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(over)
				for {
					select {
					case <-stop:
						return
					default:
						c.Nudge()
					}
				}
			}()
			if res := do(t, c, req); res.Fault != WaitReset {
				other++
			}
			close(stop)
			<-over
		}
		if other > 0 {
			t.Errorf("%d of %d resets became something else", other, tries)
		}
	})
}
