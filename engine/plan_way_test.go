package engine

import (
	"crypto/tls"
	"net/netip"
	"testing"
	"time"

	"stoke/profiles"
)

// TestDestination: what may be loaded without a question, and with the ample
// ceilings, is where the load goes, whatever the target is called.
func TestDestination(t *testing.T) {
	for _, c := range []struct {
		p     profiles.Profile
		host  string
		local bool
	}{
		{profiles.Profile{Target: "http://127.0.0.1:8080"}, "127.0.0.1", true},
		{profiles.Profile{Target: "http://LocalHost"}, "localhost", true},
		{profiles.Profile{Target: "https://shop.test"}, "shop.test", false},
		{profiles.Profile{Target: "http://localhost", ConnectTo: "shop.test:443"}, "shop.test", false},
		{profiles.Profile{Target: "https://shop.test", ConnectTo: "[::1]:8443"}, "::1", true},
		{profiles.Profile{Target: "https://shop.test", UnixSocket: "s"}, "localhost", true},
		{profiles.Profile{Target: "https://shop.test", Proxy: "http://127.0.0.1:3128"}, "shop.test", false},
		{profiles.Profile{Target: "http://localhost", Proxy: "http://u:p@proxy.test:3128"}, "proxy.test", false},
		{profiles.Profile{Target: "http://localhost", Proxy: "http://127.0.0.1:3128"}, "127.0.0.1", true},
	} {
		host, local := Destination(&c.p)
		if host != c.host || local != c.local {
			t.Errorf("%+v: %q, local %v; want %q, %v", c.p, host, local, c.host, c.local)
		}
		if ample := CeilingOf(&c.p, Ceiling{}).Rate == localRate; ample != c.local {
			t.Errorf("%+v: ample ceilings %v", c.p, ample)
		}
	}
}

// TestTransportConfig: no setting of the profile is lost on the way.
func TestTransportConfig(t *testing.T) {
	no := false
	p := &profiles.Profile{
		Target: "https://shop.test", KeepAlive: &no, ConnectTo: "a:1", Proxy: "http://b", DNSTTL: time.Second,
		Source: []netip.Addr{netip.MustParseAddr("127.0.0.2")}, Connections: profiles.Connections{MaxRequests: 3, MaxAge: time.Minute},
		TLS: profiles.TLS{Insecure: true, ServerName: "x", Min: "1.2", Max: "1.3", Resume: &no},
	}
	c := TransportConfig(p, profiles.Files{CA: []byte("ca"), Cert: []byte("cert"), Key: []byte("key"), Socket: "s"})
	if c.Target != p.Target || !c.NoKeepAlive || c.ConnectTo != "a:1" || c.Proxy != "http://b" || len(c.Source) != 1 || c.MaxRequests != 3 || c.MaxAge != time.Minute ||
		!c.Insecure || c.ServerName != "x" || c.MinTLS != tls.VersionTLS12 || c.MaxTLS != tls.VersionTLS13 || !c.NoResume ||
		string(c.CA) != "ca" || string(c.Cert) != "cert" || string(c.Key) != "key" || c.UnixSocket != "s" {
		t.Errorf("%+v", c)
	}
	if c := TransportConfig(&profiles.Profile{}, profiles.Files{}); c.NoResume || c.NoKeepAlive || c.MinTLS != 0 {
		t.Errorf("of nothing: %+v", c)
	}
}
