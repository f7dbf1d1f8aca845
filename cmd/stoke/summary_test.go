package main

import (
	"slices"
	"testing"

	"stoke/engine"
)

// TestConnectionsOfASummary: what was spoken is told, and addresses where there
// are several.
func TestConnectionsOfASummary(t *testing.T) {
	p50 := 12.5
	r := &engine.Result{Connections: engine.ResultConns{Opened: 64, Closed: 64, Reused: 9936}}
	r.Wire.Protocol = "HTTP/1.1"
	plain := []string{"  connections: HTTP/1.1; 64 opened, reused 9,936 times"}
	if got := connections(r); !slices.Equal(got, plain) {
		t.Errorf("%q, want %q", got, plain)
	}

	r.Wire.Protocol, r.Wire.Handshakes = "HTTP/1.1, TLS 1.3 TLS_AES_128_GCM_SHA256", engine.ResultHandshakes{Full: 1, Resumed: 63}
	r.Addresses = []engine.ResultAddress{
		{Address: "192.0.2.1:443", Requests: 5000, OK: 5000, Service: engine.ResultLadder{P50: &p50}},
		{Address: "192.0.2.2:443", Requests: 5000, OK: 1, Limited: 4, Failed: 4995},
	}
	want := []string{
		"  connections: HTTP/1.1, TLS 1.3 TLS_AES_128_GCM_SHA256; 64 opened, reused 9,936 times; handshakes 1 full, 63 resumed",
		"    192.0.2.1:443: OK 5,000, throttled 0, failed 0; service time p50 12.5 ms",
		"    192.0.2.2:443: OK 1, throttled 4, failed 4,995",
	}
	if got := connections(r); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
