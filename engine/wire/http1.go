package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	defaultMaxHeader = 64 << 10
	defaultMaxBody   = 1 << 40 // a body is counted and not kept: only one that never ends is too large
	defaultKeepMost  = 1 << 20
	defaultUserAgent = "stoke"

	readerSize  = 4 << 10  // of the reader borrowed for each answer
	scratchSize = 64 << 10 // of the buffer large bodies are discarded through
)

// HTTP1 speaks HTTP/1.1 to one target, over TCP or TLS. Make one with
// [NewHTTP1]; its methods may be called from any goroutine.
type HTTP1 struct {
	cfg      Config
	target   target
	tls      *tls.Config // nil for http
	portable bool        // ordinary Write and Read instead of the fused ones

	epoch    atomic.Pointer[time.Time]
	way      way
	book     addressBook
	protocol atomic.Pointer[string]
	numbers  numbering

	full, resumed atomic.Int64 // TLS handshakes
	opened        atomic.Int64 // connections, where some of them are sampled

	exchanges sync.Pool // *exchange
	parsers   sync.Pool // *parser
	readers   sync.Pool // *bufio.Reader of MaxHeader
	scratches sync.Pool // *[scratchSize]byte
	captures  sync.Pool // *capture
}

var _ Transport = (*HTTP1)(nil)

// target is Config.Target taken apart.
type target struct {
	secure bool
	host   string // without brackets
	port   uint16
	header string // what the Host header says
	prefix string // of every path, without a trailing slash
}

// NewHTTP1 checks cfg and returns a transport. Nothing is looked up or dialled.
func NewHTTP1(cfg Config) (*HTTP1, error) {
	cfg = cfg.withDefaults()
	target, err := parseTarget(cfg.Target)
	if err != nil {
		return nil, err
	}
	t := &HTTP1{cfg: cfg, target: target, portable: !canFuse}
	if target.secure {
		if t.tls, err = tlsConfig(cfg, target.host); err != nil {
			return nil, err
		}
	}
	if err := t.way.find(cfg, target); err != nil {
		return nil, err
	}
	t.Start(cfg.Epoch)
	t.book.init(cfg.Resolve, t.way.host, t.way.port)
	t.exchanges.New = func() any { return &exchange{} }
	t.parsers.New = func() any { return newParser(min(readerSize, cfg.MaxHeader)) }
	t.readers.New = func() any { return bufio.NewReaderSize(nil, cfg.MaxHeader) }
	t.captures.New = func() any { return &capture{} }
	t.scratches.New = func() any { return new([scratchSize]byte) }
	return t, nil
}

func (c Config) withDefaults() Config {
	if c.Epoch.IsZero() {
		c.Epoch = time.Now()
	}
	if c.MaxHeader <= 0 {
		c.MaxHeader = defaultMaxHeader
	}
	if c.MaxBody <= 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.KeepMost <= 0 {
		c.KeepMost = defaultKeepMost
	}
	if c.UserAgent == "" {
		c.UserAgent = defaultUserAgent
	}
	if c.Resolve == nil {
		c.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	return c
}

func parseTarget(text string) (target, error) {
	fail := func(format string, args ...any) (target, error) {
		return target{}, fmt.Errorf("target %q: "+format, append([]any{text}, args...)...)
	}
	u, err := url.Parse(text)
	if err != nil {
		return target{}, fmt.Errorf("target: %w", err)
	}
	var t target
	switch u.Scheme {
	case "http":
		t.port = 80
	case "https":
		t.port, t.secure = 443, true
	default:
		return fail("write it as http://host or https://host")
	}
	if t.host = u.Hostname(); t.host == "" {
		return fail("has no host")
	}
	for i := range len(t.host) {
		if c := t.host[i]; c <= ' ' || c >= 0x7f {
			return fail("write the host in ASCII (punycode for other scripts)")
		}
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return fail("port %s is not between 1 and 65535", p)
		}
		t.port = uint16(n)
	}
	if u.User != nil {
		return fail("has a user name; send an Authorization header instead")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return fail("has a query or a fragment; these belong to a request's path")
	}
	t.header = u.Host
	t.prefix = strings.TrimRight(u.EscapedPath(), "/")
	return t, nil
}

// Conn returns a closed connection that asks gate before each send; a nil gate
// always agrees.
func (t *HTTP1) Conn(gate Gate) Conn { return &conn{t: t, gate: gate, epoch: *t.epoch.Load()} }

// Start sets the zero of stamps for connections made from now on, and begins
// to count handshakes anew.
func (t *HTTP1) Start(epoch time.Time) {
	t.epoch.Store(&epoch)
	t.full.Store(0)
	t.resumed.Store(0)
}

// sampled reports whether the connection being opened is one of those whose
// reads the kernel stamps: the first, and then evenly spread.
func (t *HTTP1) sampled() bool {
	share := t.cfg.KernelStamps
	if share <= 0 || t.portable {
		return false
	}
	n := float64(t.opened.Add(1))
	return math.Ceil(n*share) > math.Ceil((n-1)*share)
}

// Facts are what is known of the connections so far.
func (t *HTTP1) Facts() Facts {
	return Facts{Full: t.full.Load(), Resumed: t.resumed.Load(), Addresses: t.numbers.list(), Fixed: t.book.literal || t.way.unix != ""}
}

// Resolve looks up the host that connections are opened to, and keeps the
// addresses for dials to come, used in turn. After a failure the addresses
// known before stay in use. It returns none for a unix socket.
func (t *HTTP1) Resolve(ctx context.Context) ([]netip.AddrPort, error) {
	if t.way.unix != "" {
		return nil, nil
	}
	return t.book.refresh(ctx)
}

// Protocol names what is spoken: "HTTP/1.1", and after a TLS handshake also
// the TLS version and cipher suite of the latest one.
func (t *HTTP1) Protocol() string {
	if p := t.protocol.Load(); p != nil {
		return *p
	}
	return "HTTP/1.1"
}

// Close forgets the addresses of the target. Connections still open are not
// closed by it.
func (t *HTTP1) Close() error {
	t.book.forget()
	return nil
}
