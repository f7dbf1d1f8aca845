package wire

import (
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/wire/wiretest"
)

// TestT4IsBehindTheLook: a request leaves after the look whether its connection
// stands; that takes its time.
func TestT4IsBehindTheLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &socket{epoch: time.Now()}
		time.Sleep(time.Second)
		s.armed = &conn{kept: true}
		err := s.depart(func() bool { time.Sleep(time.Millisecond); return true })
		if want := int64(time.Second + time.Millisecond); err != nil || s.t4 != want {
			t.Errorf("left at %v, %v; want %v", time.Duration(s.t4), err, time.Duration(want))
		}
	})
}

// TestRoundTripIsThatOfTheConnect: the rule of stale connections needs to know
// how far the target is.
func TestRoundTripIsThatOfTheConnect(t *testing.T) {
	tr, _ := script(t, manner{portable: !canFuse}, func(p *wiretest.Peer) {
		for p.Request() != "" {
			p.Send(hello)
		}
	})
	c := connection(t, tr, nil)
	res := do(t, c, compile(t, tr, Spec{}))
	want(t, res, None)
	if rtt := c.rtt; rtt <= 0 || rtt != res.Connect {
		t.Errorf("round trip %v, connected in %v", time.Duration(rtt), time.Duration(res.Connect))
	}
}
