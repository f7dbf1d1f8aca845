package wire

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mccutchen/go-httpbin/v2/httpbin"

	"stoke/engine/wire/wiretest"
)

// These tests hold the transport against servers that others wrote.

// talk is one request to a foreign server and what must come of it.
type talk struct {
	spec   Spec
	fault  Fault
	status int
	body   int64 // -1: not known
	closed bool
}

// hold has each conversation on one kept connection, twice over.
func hold(t *testing.T, tr *HTTP1, talks []talk) {
	t.Helper()
	c := connection(t, tr, nil)
	open := false
	for range 2 {
		for _, k := range talks {
			name := k.spec.Method + " " + k.spec.Path
			res := do(t, c, compile(t, tr, k.spec))
			if res.Fault != k.fault || res.Status != k.status || k.body >= 0 && res.Body != k.body {
				t.Errorf("%s: fault %q (%s), status %d, body %d; want %q, %d, %d", name, res.Fault, res.Detail, res.Status, res.Body, k.fault, k.status, k.body)
			}
			if res.Closed != k.closed || res.Opened == open || res.Reconnected {
				t.Errorf("%s: opened %v, closed %v, reconnected %v; was open %v", name, res.Opened, res.Closed, res.Reconnected, open)
			}
			open = !res.Closed
		}
	}
}

func TestHTTPBin(t *testing.T) {
	app := httpbin.New()
	app.MaxBodySize = 2 << 20
	talks := []talk{
		{Spec{Path: "/status/204"}, None, 204, 0, false},
		{Spec{Path: "/status/304"}, None, 304, 0, false},
		{Spec{Path: "/status/418"}, None, 418, -1, false},
		{Spec{Path: "/status/503"}, None, 503, 0, false},
		{Spec{Path: "/bytes/0"}, None, 200, 0, false},
		{Spec{Path: "/bytes/100000"}, None, 200, 100000, false},
		{Spec{Method: "HEAD", Path: "/bytes/100000"}, None, 200, 0, false},
		{Spec{Path: "/stream/20"}, None, 200, -1, false},
		{Spec{Path: "/stream-bytes/50000?chunk_size=777"}, None, 200, 50000, false},
		{Spec{Path: "/range/1024", Headers: []Header{{"Range", "bytes=100-199"}}}, None, 206, 100, false},
		{Spec{Path: "/drip?numbytes=10&duration=100ms&delay=0s"}, None, 200, 10, false},
		{Spec{Path: "/delay/50ms"}, None, 200, -1, false},
		{Spec{Path: "/redirect/3"}, None, 302, -1, false},
		{Spec{Path: "/gzip"}, None, 200, -1, false},
		{Spec{Path: "/trailers?a=b"}, None, 200, -1, false},
		{Spec{Path: "/sse?count=3&duration=30ms&delay=0s"}, None, 200, -1, false},
		{Spec{Path: "/image/png"}, None, 200, -1, false},
		{Spec{Path: "/basic-auth/u/p"}, None, 401, -1, false},
		{Spec{Method: "POST", Path: "/post", Body: make([]byte, 100000)}, None, 200, -1, false},
		{Spec{Method: "PUT", Path: "/put"}, None, 200, -1, false},
		{Spec{Method: "OPTIONS", Path: "/get"}, None, 200, 0, false},
		{Spec{Path: "/get", Headers: []Header{{"Connection", "close"}}}, None, 200, -1, true},
	}
	everyWay(t, func(t *testing.T, m manner) {
		s := httptest.NewUnstartedServer(app)
		if s.Start(); m.secure {
			s.Close()
			s = httptest.NewTLSServer(app)
		}
		t.Cleanup(s.Close)
		hold(t, transport(t, m, Config{Target: s.URL, Insecure: m.secure}), talks)
	})
}

// nginxConfig: %[1]s is the directory, %[2]s the address, %[3]s that of TLS.
const nginxConfig = `daemon off;
master_process off;
pid %[1]s/pid;
error_log %[1]s/error.log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  default_type text/plain;
  keepalive_requests 1000;
  client_max_body_size 100k;
  server {
    listen %[2]s;
    listen %[3]s ssl;
    listen unix:%[1]s/socket;
    ssl_certificate %[1]s/cert.pem;
    ssl_certificate_key %[1]s/key.pem;
    root %[1]s/files;
    location = /gif { empty_gif; }
    location = /none { return 204; }
    location = /limited { add_header Retry-After 2 always; return 429; }
    location = /moved { return 301 /gif; }
    location = /drop { return 444; }
    location = /zip { gzip on; gzip_min_length 1; gzip_types text/plain; try_files /big =404; }
    location = /last { keepalive_timeout 0; return 200 "bye"; }
  }
}
`

// TestNginx: the answers of a server in wide use, over TCP, TLS and a unix
// socket.
func TestNginx(t *testing.T) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program = "/usr/sbin/nginx"; func() error { _, err := os.Stat(program); return err }() != nil {
			t.Skip("needs nginx (apt-get install nginx-light)")
		}
	}
	dir, err := os.MkdirTemp("", "nginx") // short, for the path of the socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	der, err := x509.MarshalPKCS8PrivateKey(cert.TLS.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "files"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("cert.pem", cert.PEM)
	write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	write("files/big", []byte(strings.Repeat("0123456789", 30_000)))
	write("files/empty", nil)
	// A port that is free now may be taken by another test a moment later: then
	// nginx ends, and is started again on others.
	plain, secure := "", ""
	for attempt := 1; !listens(t, program, dir); attempt++ {
		if attempt == 5 {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Fatalf("nginx does not listen: %s", log)
		}
		plain, secure = free(t), free(t)
		write("nginx.conf", fmt.Appendf(nil, nginxConfig, dir, plain, secure))
	}
	talks := []talk{
		{Spec{Path: "/gif"}, None, 200, 43, false},
		{Spec{Path: "/big"}, None, 200, 300_000, false},
		{Spec{Method: "HEAD", Path: "/big"}, None, 200, 0, false},
		{Spec{Path: "/empty"}, None, 200, 0, false},
		{Spec{Path: "/big", Headers: []Header{{"Range", "bytes=10-19"}}}, None, 206, 10, false},
		{Spec{Path: "/big", Headers: []Header{{"If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"}}}, None, 200, -1, false},
		{Spec{Path: "/zip", Headers: []Header{{"Accept-Encoding", "gzip"}}}, None, 200, -1, false},
		{Spec{Path: "/none"}, None, 204, 0, false},
		{Spec{Path: "/limited"}, None, 429, -1, false},
		{Spec{Path: "/moved"}, None, 301, -1, false},
		{Spec{Path: "/nowhere"}, None, 404, -1, false},
		{Spec{Method: "POST", Path: "/gif", Body: make([]byte, 50_000)}, None, 405, -1, false},
		{Spec{Path: "/last"}, None, 200, 3, true},
		{Spec{Path: "/drop"}, WaitEOF, 0, 0, true},
	}
	for name, cfg := range map[string]Config{
		"tcp":  {Target: "http://" + plain},
		"tls":  {Target: "https://" + secure, CA: cert.PEM},
		"1.2":  {Target: "https://" + secure, CA: cert.PEM, MaxTLS: tls.VersionTLS12},
		"unix": {Target: "http://app.test", UnixSocket: filepath.Join(dir, "socket")},
	} {
		for _, portable := range ways() {
			m := manner{portable: portable}
			t.Run(fmt.Sprint(name, " ", m), func(t *testing.T) { hold(t, transport(t, m, cfg), talks) })
		}
	}
	t.Run("plain to the port of TLS", func(t *testing.T) {
		hold(t, transport(t, manner{}, Config{Target: "http://" + secure}), []talk{{Spec{Path: "/gif"}, None, 400, -1, true}})
	})
	t.Run("too large", func(t *testing.T) {
		tr := transport(t, manner{portable: !canFuse}, Config{Target: "http://" + plain})
		res := do(t, connection(t, tr, nil), compile(t, tr, Spec{Method: "POST", Path: "/gif", Body: make([]byte, 5<<20)}))
		if res.Status != 413 {
			t.Errorf("an upload that is too large: %+v", res)
		}
	})
}

// free is an address of loopback at which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// listens starts nginx with the configuration in dir, if there is one, and
// reports whether it came to listen: on the last of its addresses, which nobody
// else can have.
func listens(t *testing.T, program, dir string) bool {
	t.Helper()
	config := filepath.Join(dir, "nginx.conf")
	if _, err := os.Stat(config); err != nil {
		return false
	}
	cmd := exec.Command(program, "-p", dir, "-c", config, "-e", filepath.Join(dir, "error.log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	end := time.After(10 * time.Second)
	for {
		if c, err := net.Dial("unix", filepath.Join(dir, "socket")); err == nil {
			c.Close()
			t.Cleanup(func() { _ = cmd.Process.Kill(); <-exited })
			return true
		}
		select {
		case <-exited:
			return false
		case <-end:
			_ = cmd.Process.Kill()
			<-exited
			return false
		case <-time.After(5 * time.Millisecond):
		}
	}
}
