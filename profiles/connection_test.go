package profiles

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const before, after = "stoke: 1\ntarget: https://x.test\n", "\nrequests: [{get: /}]\n"

// TestReadConnection: every key about the way to the target.
func TestReadConnection(t *testing.T) {
	p := read(t, before+`
connections: {max-requests: 1k, max-age: 30s}
connect-to: "[::1]:8443"
source: [127.0.0.2, "::1"]
dns-ttl: 30s
tls: {cert: c.pem, key: sub/k.pem, server-name: other.test, min: 1.2, max: "1.3", resume: false}
`+after)
	if p.Connections != (Connections{1000, 30 * time.Second}) || p.ConnectTo != "[::1]:8443" || p.DNSTTL != 30*time.Second ||
		!slices.Equal(p.Source, []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("::1")}) {
		t.Errorf("read %+v", p)
	}
	if c := p.TLS; c.Cert != "c.pem" || c.Key != "sub/k.pem" || c.ServerName != "other.test" || c.Min != "1.2" || c.Max != "1.3" || c.Resume == nil || *c.Resume {
		t.Errorf("read %+v", c)
	}
	if p := read(t, before+"source: 127.0.0.2\nproxy: http://user:hunter2@proxy.test:3128"+after); p.Proxy == "" || len(p.Source) != 1 {
		t.Errorf("read %+v", p)
	}
	if p := read(t, before+"unix-socket: run/app.sock"+after); p.UnixSocket != "run/app.sock" {
		t.Errorf("read %+v", p)
	}
}

// TestConnectionProblems: each is reported at its line, without a password.
func TestConnectionProblems(t *testing.T) {
	for text, want := range map[string]string{
		"connect-to: x.test":                            "no host with a port",
		"connect-to: x.test:0":                          "no host with a port",
		"connect-to: a:1\nproxy: http://b":              "proxy and connect-to exclude each other",
		"unix-socket: /var/run/docker.sock":             "only files beside it",
		"unix-socket: ../s":                             "only files beside it",
		"unix-socket: s\nsource: 127.0.0.1":             "a unix socket has no source",
		"source: x.test":                                "no address to connect from",
		"source: []":                                    "the list is empty",
		"source: 0.0.0.0":                               "no address to connect from",
		"proxy: socks5://user:hunter2@x:1":              `does not speak "socks5"`,
		"proxy: \"http://user:hunter2@x:port/\"":        "not the URL of a proxy",
		"proxy: http://user:hunter2@x:70000":            "port is not one of",
		"dns-ttl: 10ms":                                 "more than once a second",
		"tls: {cert: c.pem}":                            "belong together",
		"tls: {min: 1.3, max: 1.2}":                     "above tls.max",
		"tls: {max: 1.1}":                               "below the lowest version, 1.2",
		"tls: {min: 2}":                                 "this cannot be",
		"tls: {key: /etc/k.pem, cert: c.pem}":           "only files beside it",
		"keep-alive: false\nconnections: {max-age: 1s}": "no use with keep-alive: false",
		"connections: {max-requests: 0}":                "",
		"connections: {age: 3s}":                        "unknown key",
	} {
		_, err := Read("p.yaml", []byte(before+text+after))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestReadFiles: what a profile names is read from beside it only, and a socket
// must be one.
func TestReadFiles(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, dir, "c.pem", "cert")
	write(t, dir, "k.pem", "key")
	socket := func(dir string) string {
		path := filepath.Join(dir, "s")
		ln, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		return path
	}
	path := socket(dir)
	if err := os.Symlink(socket(outside), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	origin := filepath.Join(dir, "p.yaml")
	p := &Profile{Origin: origin, UnixSocket: "s", TLS: TLS{Cert: "c.pem", Key: "k.pem"}}
	f, err := p.ReadFiles()
	if err != nil || string(f.Cert) != "cert" || string(f.Key) != "key" || f.Socket != path || f.CA != nil {
		t.Errorf("read %+v, %v", f, err)
	}
	for _, p := range []Profile{
		{UnixSocket: "link"}, {UnixSocket: "c.pem"}, {UnixSocket: "none"}, {UnixSocket: "../" + filepath.Base(outside) + "/s"},
		{TLS: TLS{Cert: "none.pem"}}, {TLS: TLS{Key: "s"}},
	} {
		p.Origin = origin
		if f, err := p.ReadFiles(); err == nil || fmt.Sprint(f) != fmt.Sprint(Files{}) {
			t.Errorf("%+v: read %+v", p, f)
		}
	}
}
