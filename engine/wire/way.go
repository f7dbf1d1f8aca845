package wire

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

// way is how connections get to the target: directly, to another host, through
// a proxy or over a unix socket, and from which addresses of this machine.
type way struct {
	host   string // to look up and to dial
	port   uint16
	unix   string // path; then there is no host
	proxy  bool   // host is a proxy
	auth   string // a secret: the value of Proxy-Authorization
	source []netip.Addr
	turn   atomic.Uint32 // of the sources
}

// errNoSource says that no source address can reach an address.
var errNoSource = errors.New("no source address of its family")

// find checks how cfg wants to reach the target.
func (w *way) find(cfg Config, t target) (err error) {
	w.host, w.port, w.source = t.host, t.port, cfg.Source
	given := 0
	for _, text := range []string{cfg.ConnectTo, cfg.UnixSocket, cfg.Proxy} {
		given += min(len(text), 1)
	}
	switch {
	case given > 1:
		return errors.New("connect-to, unix-socket and proxy exclude each other")
	case cfg.UnixSocket != "" && len(cfg.Source) > 0:
		return errors.New("a unix socket has no source address")
	case cfg.UnixSocket != "":
		w.unix, w.host, w.port = cfg.UnixSocket, "", 0
	case cfg.ConnectTo != "":
		if w.host, w.port, err = hostPort(cfg.ConnectTo); err != nil {
			return fmt.Errorf("connect-to %q: %w", cfg.ConnectTo, err)
		}
	case cfg.Proxy != "":
		if err := w.through(cfg.Proxy); err != nil {
			return fmt.Errorf("proxy: %w", err)
		}
	}
	for _, a := range w.source {
		// An address that is not this machine's would fail as if its ports had
		// run out.
		ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(a, 0)))
		if err != nil {
			return fmt.Errorf("source %v is no address of this machine", a)
		}
		_ = ln.Close()
	}
	return nil
}

// through reads the URL of a proxy. Its errors do not show the URL.
func (w *way) through(text string) error {
	const form = "write it as http://host:port or http://user:password@host:port"
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New(form)
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if w.host, w.port, err = hostPort(net.JoinHostPort(u.Hostname(), port)); err != nil {
		return err
	}
	w.proxy = true
	if u.User != nil {
		password, _ := u.User.Password()
		w.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	return nil
}

// hostPort takes host:port apart.
func hostPort(text string) (string, uint16, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" {
		return "", 0, errors.New("write it as host:port")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", 0, fmt.Errorf("the port is not between 1 and 65535")
	}
	return host, uint16(n), nil
}

// tunnels reports whether the way begins with a CONNECT, absolute whether
// requests carry the whole URL.
func (w *way) tunnels(t target) bool  { return w.proxy && t.secure }
func (w *way) absolute(t target) bool { return w.proxy && !t.secure }

// name is where a connection leads, for messages.
func (w *way) name(ap netip.AddrPort) string {
	if w.unix != "" {
		return w.unix
	}
	return ap.String()
}

// dial connects to the address whose turn it is, or, as long as it is open
// which family of a host works, to one of the other family if that fails.
func (w *way) dial(ctx context.Context, known *addresses) (stream, netip.AddrPort, error) {
	if w.unix != "" {
		var d net.Dialer
		c, err := d.DialUnix(ctx, "unix", nil, &net.UnixAddr{Name: w.unix, Net: "unix"})
		if err != nil {
			return nil, netip.AddrPort{}, err
		}
		return c, netip.AddrPort{}, nil
	}
	ap := known.pick()
	tcp, err := w.dialTCP(ctx, ap)
	if err != nil && ctx.Err() == nil {
		if fault := dialFault(err); fault == DialRefused || fault == DialUnreachable {
			if other, ok := known.other(ap); ok {
				if second, err2 := w.dialTCP(ctx, other); err2 == nil {
					tcp, ap, err = second, other, nil
				}
			}
		}
	}
	if err != nil {
		return nil, ap, err
	}
	known.works(ap)
	return tcp, ap, nil
}

// dialTCP connects to ap from the source address whose turn it is.
func (w *way) dialTCP(ctx context.Context, ap netip.AddrPort) (*net.TCPConn, error) {
	dialer := net.Dialer{KeepAlive: -1}
	var from netip.AddrPort
	if len(w.source) > 0 {
		turn := w.turn.Add(1) - 1
		for i := range len(w.source) {
			a := w.source[(int(turn)+i)%len(w.source)]
			if a.Is4() == ap.Addr().Is4() {
				from = netip.AddrPortFrom(a, 0)
				break
			}
		}
		if !from.IsValid() {
			return nil, errNoSource
		}
		dialer.Control = lateBind
	}
	return dialer.DialTCP(ctx, "tcp", from, ap)
}

// maxProxyHead bounds a proxy's answer to CONNECT.
const maxProxyHead = 8 << 10

// tunnel asks the proxy for a connection to the target.
func (x *exchange) tunnel(s *socket) Fault {
	c, t := x.c, x.c.t
	start := c.now()
	to := net.JoinHostPort(t.target.host, strconv.Itoa(int(t.target.port)))
	ask := "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\nUser-Agent: " + t.cfg.UserAgent + "\r\n"
	if t.way.auth != "" {
		ask += "Proxy-Authorization: " + t.way.auth + "\r\n"
	}
	_, _ = s.Write([]byte(ask + "\r\n")) // corked until the read
	head, err := readHead(s)
	x.res.Connect += c.now() - start
	if c.killed() {
		return x.killed(DialTimeout)
	}
	if err != nil {
		return x.fault(DialProxy, "the proxy did not answer CONNECT: %v", err)
	}
	status, _, _ := strings.Cut(head, "\r\n")
	version, code, _ := strings.Cut(status, " ")
	switch {
	case !strings.HasPrefix(version, "HTTP/1."):
		return x.fault(DialProxy, "the proxy does not speak HTTP: it begins with %s", clean([]byte(status)))
	case !strings.HasPrefix(code, "2"):
		return x.fault(DialProxy, "the proxy refused CONNECT: %s", clean([]byte(status)))
	case !strings.HasSuffix(head, "\r\n\r\n"):
		return x.fault(DialProxy, "the proxy spoke before it was asked")
	}
	return None
}

// readHead reads up to the end of a header; more behind it stays attached.
func readHead(s *socket) (string, error) {
	var head []byte
	for !strings.Contains(string(head), "\r\n\r\n") {
		if len(head) >= maxProxyHead {
			return "", fmt.Errorf("its header is larger than %d KiB", maxProxyHead>>10)
		}
		piece := make([]byte, 512)
		n, err := s.Read(piece)
		head = append(head, piece[:n]...)
		if err != nil {
			return "", err
		}
	}
	return string(head), nil
}
