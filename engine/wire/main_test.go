package wire

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"stoke/engine/wire/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience ends an exchange that hangs, as a timeout: a wrong fault rather
// than a test that never ends.
const patience = 5 * time.Second

// manner is a way to run the transport.
type manner struct{ portable, secure bool }

func (m manner) String() string {
	s := "fused"
	if m.portable {
		s = "portable"
	}
	if m.secure {
		s += " tls"
	}
	return s
}

// plainly runs f over TCP, everyWay over TCP and TLS, both with the fused and
// the portable reads.
func plainly(t *testing.T, f func(t *testing.T, m manner)) {
	for _, portable := range ways() {
		m := manner{portable: portable}
		t.Run(m.String(), func(t *testing.T) { f(t, m) })
	}
}

func everyWay(t *testing.T, f func(t *testing.T, m manner)) {
	plainly(t, f)
	for _, portable := range ways() {
		m := manner{portable: portable, secure: true}
		t.Run(m.String(), func(t *testing.T) { f(t, m) })
	}
}

func ways() []bool {
	if canFuse {
		return []bool{false, true}
	}
	return []bool{true}
}

// script starts a scripted server for the manner and a transport to it.
func script(t testing.TB, m manner, play func(p *wiretest.Peer)) (*HTTP1, *wiretest.Script) {
	t.Helper()
	if !m.secure {
		s := wiretest.NewScript(t, play)
		return transport(t, m, Config{Target: s.URL()}), s
	}
	cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
	s := wiretest.NewScriptAt(t, "", &cert, play)
	return transport(t, m, Config{Target: s.URL(), CA: cert.PEM}), s
}

// server starts a truth server for the manner and a transport to it, on the
// same clock.
func server(t testing.TB, m manner, o wiretest.Options) (*HTTP1, *wiretest.Server) {
	t.Helper()
	o.Epoch = time.Now()
	cfg := Config{Epoch: o.Epoch}
	if m.secure {
		cert := wiretest.NewCertificate(t, time.Time{}, "127.0.0.1")
		o.Certificate, cfg.CA = &cert, cert.PEM
	}
	s := wiretest.NewServer(t, o)
	cfg.Target = s.URL()
	return transport(t, m, cfg), s
}

func transport(t testing.TB, m manner, cfg Config) *HTTP1 {
	t.Helper()
	tr, err := NewHTTP1(cfg)
	if err != nil {
		t.Fatal(err)
	}
	tr.portable = m.portable
	return tr
}

func connection(t testing.TB, tr *HTTP1, gate Gate) *conn {
	c := tr.Conn(gate).(*conn)
	t.Cleanup(c.Close)
	return c
}

func compile(t testing.TB, tr *HTTP1, spec Spec) *Request {
	t.Helper()
	req, err := tr.Compile(spec, "")
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// do runs one exchange, but not for ever.
func do(t testing.TB, c Conn, req *Request) Result {
	t.Helper()
	var res Result
	watchdog := time.AfterFunc(patience, func() { c.Kill(Timeout, true) })
	c.Do(req, 0, &res)
	watchdog.Stop()
	return res
}

// get runs one GET on a new connection.
func get(t testing.TB, tr *HTTP1) Result {
	t.Helper()
	return do(t, connection(t, tr, nil), compile(t, tr, Spec{}))
}

// want checks the fault, and what every result owes: stamps in their order and
// words for a fault.
func want(t testing.TB, res Result, fault Fault) {
	t.Helper()
	if res.Fault != fault {
		t.Fatalf("fault %q (%s), want %q: %+v", res.Fault, res.Detail, fault, res)
	}
	if (res.Detail == "") != (fault == None) {
		t.Errorf("fault %q with detail %q", fault, res.Detail)
	}
	if strings.ContainsFunc(res.Detail, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Errorf("detail with control characters: %q", res.Detail)
	}
	before := int64(0)
	for i, stamp := range []int64{res.T3, res.T4, res.T5, res.T6, res.T7, res.T8} {
		if i == 2 && res.Early {
			continue // the answer may begin before T5
		}
		if stamp != 0 && stamp < before {
			t.Errorf("stamp %d of %+v is before the one before", i+3, res)
		}
		before = max(before, stamp)
	}
	if res.T8 == 0 {
		t.Error("no T8")
	}
	if fault == None && (res.T4 == 0 || res.T6 == 0 || res.T7 == 0 || res.Status == 0) {
		t.Errorf("a complete answer without its stamps: %+v", res)
	}
	if fault.BeforeSend() && (res.T4 != 0 || res.T6 != 0) {
		t.Errorf("not sent, but stamped: %+v", res)
	}
}

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
