package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"stoke/engine/wire/wiretest"
)

// TestAddressesInTurn: the addresses of a name are dialled in turn, and the
// next look-up replaces them.
func TestAddressesInTurn(t *testing.T) {
	s := wiretest.NewScriptAt(t, "0.0.0.0:0", nil, func(p *wiretest.Peer) {
		for p.Request() != "" {
			p.Send(hello)
		}
	})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL(), "http://"))
	answers := [][]netip.Addr{
		{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")},
		{netip.MustParseAddr("127.0.0.9")},
	}
	var asked atomic.Int64
	tr := transport(t, manner{portable: !canFuse}, Config{Target: "http://x.test:" + port, Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
		if host != "x.test" {
			t.Errorf("asked for %q", host)
		}
		n := asked.Add(1)
		if n > 2 {
			return nil, errors.New("no more")
		}
		return answers[n-1], nil
	}})
	dialled := map[string]int{}
	for range 6 {
		res := get(t, tr)
		want(t, res, None)
		dialled[res.Remote.Addr().String()]++
	}
	for _, a := range answers[0] {
		if dialled[a.String()] != 2 {
			t.Errorf("dialled: %v", dialled)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("looked up %d times", asked.Load())
	}
	addrs, err := tr.Resolve(context.Background())
	if err != nil || len(addrs) != 1 || addrs[0].String() != "127.0.0.9:"+port {
		t.Errorf("resolved %v, %v", addrs, err)
	}
	for range 2 { // the second after a failed look-up
		if res := get(t, tr); res.Remote != addrs[0] {
			t.Errorf("dialled %v", res.Remote)
		}
		if _, err := tr.Resolve(context.Background()); err == nil {
			t.Error("no error")
		}
	}
}

// TestFamilies: of a host with addresses of both families the one that works
// is used.
func TestFamilies(t *testing.T) {
	s := wiretest.NewScript(t, func(p *wiretest.Peer) {
		for p.Request() != "" {
			p.Send(hello)
		}
	})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL(), "http://"))
	tr := transport(t, manner{portable: !canFuse}, Config{Target: "http://x.test:" + port, Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")}, nil
	}})
	for range 3 {
		res := get(t, tr)
		want(t, res, None)
		if !res.Remote.Addr().Is4() {
			t.Errorf("dialled %v", res.Remote)
		}
	}
	ips, err := tr.Resolve(context.Background())
	if err != nil || len(ips) != 2 {
		t.Errorf("resolved %v, %v", ips, err)
	}
}

func TestIPv6(t *testing.T) {
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("needs IPv6 on loopback: ", err)
	}
	probe.Close()
	everyWay(t, func(t *testing.T, m manner) {
		var cert *wiretest.Certificate
		cfg := Config{}
		if m.secure {
			c := wiretest.NewCertificate(t, time.Time{}, "::1")
			cert, cfg.CA = &c, c.PEM
		}
		s := wiretest.NewScriptAt(t, "[::1]:0", cert, func(p *wiretest.Peer) {
			if got := header(p.Request(), "Host"); !strings.HasPrefix(got, "[::1]:") {
				t.Errorf("host %q", got)
			}
			p.Send(hello)
		})
		cfg.Target = s.URL()
		res := get(t, transport(t, m, cfg))
		want(t, res, None)
		if !res.Remote.Addr().Is6() {
			t.Errorf("remote %v", res.Remote)
		}
	})
}
