package engine

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"stoke/engine/wire"
	"stoke/engine/wire/wiretest"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// TestAddressesMove: a new setting looks the target up again, connections that
// age move to what was found, and each address is told apart: the second one
// here answers 500.
func TestAddressesMove(t *testing.T) {
	var bad atomic.Int64
	first := wiretest.NewScript(t, func(p *wiretest.Peer) {
		for p.Request() != "" {
			p.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(first.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	second := wiretest.NewScriptAt(t, "127.0.0.2:"+port, nil, func(p *wiretest.Peer) {
		for p.Request() != "" {
			bad.Add(1)
			p.Send("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
		}
	})
	var asked atomic.Int64
	p := testProfile(t, 4)
	p.Target = "http://shop.test:" + port
	p.Connections = profiles.Connections{MaxRequests: 3}
	p.Phases = []profiles.Phase{{Change: change(t, "rate 300"), Text: "rate 300"}}
	cfg := TransportConfig(p, profiles.Files{})
	cfg.Resolve = func(context.Context, string) ([]netip.Addr, error) {
		found := []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		if asked.Add(1) > 1 {
			found = append(found, netip.MustParseAddr("127.0.0.2"))
		}
		return found, nil
	}
	transport, err := wire.NewHTTP1(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, p, p.Target, Options{Transport: transport})
	until(t, r, "a second address after the first segment's look-up", func(s *Snapshot) bool { return len(s.Addrs) == 2 && bad.Load() > 20 })
	known := asked.Load()
	if _, err := r.Apply(Order{Do: change(t, "rate 200"), By: ByLine}); err != nil {
		t.Fatal(err)
	}
	until(t, r, "a look-up with the next segment", func(*Snapshot) bool { return asked.Load() > known })
	if _, err := r.Apply(Order{Do: grammar.Change{Verb: grammar.Stop}, By: ByLine}); err != nil {
		t.Fatal(err)
	}
	<-r.Done()
	law(t, r.Snapshot())
	res := r.Result()
	if len(res.Addresses) != 2 {
		t.Fatalf("addresses: %+v", res.Addresses)
	}
	good, broken := res.Addresses[0], res.Addresses[1]
	if good.Address != "127.0.0.1:"+port || good.Failed != 0 || good.OK != res.Counts.OK || good.Service.P50 == nil {
		t.Errorf("the good address: %+v", good)
	}
	if broken.Address != "127.0.0.2:"+port || broken.OK != 0 || broken.Failed != bad.Load() {
		t.Errorf("the broken address: %+v, it answered %d", broken, bad.Load())
	}
	if good.Requests+broken.Requests != res.Counts.Sent {
		t.Errorf("%d + %d requests of %d", good.Requests, broken.Requests, res.Counts.Sent)
	}
	// A dial that the stop called off may have reached the server all the same.
	c, seen := res.Connections, first.Opened()+second.Opened()
	if c.Opened > seen || seen > c.Opened+int64(p.Concurrency) || c.Closed != c.Opened || c.Opened < res.Counts.Sent/3 {
		t.Errorf("connections %+v for %d requests, the server saw %d", c, res.Counts.Sent, seen)
	}
	if res.Counts.Error != 0 {
		t.Errorf("a connection closed for its age is an error: %v", res.ByError)
	}
}
