package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// open makes a connection and, for https, the handshake.
func (x *exchange) open() Fault {
	c, t, res := x.c, x.c.t, x.res
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c.mu.Lock()
	c.cancel = cancel
	if c.killed() {
		cancel()
	}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.cancel = nil
		c.mu.Unlock()
	}()

	start := c.now()
	known, asked, err := t.book.get(ctx)
	if asked {
		res.DNS = c.now() - start
	}
	if err != nil {
		if c.killed() {
			return x.killed(DNSTimeout)
		}
		return x.fault(resolveFault(err), "%v", err)
	}

	start = c.now()
	tcp, ap, err := dial(ctx, known)
	res.Connect = c.now() - start
	res.Remote = ap
	if c.killed() {
		if tcp != nil {
			_ = tcp.Close()
		}
		return x.killed(DialTimeout)
	}
	if err != nil {
		var errno syscall.Errno
		if errors.As(err, &errno) {
			err = errno // the rest of the words speak of the socket's own address
		}
		return x.fault(dialFault(err), "connecting to %v: %v", ap, err)
	}
	s, err := newSocket(tcp, c.epoch, t.portable)
	if err != nil {
		_ = tcp.Close()
		return x.fault(DialOther, "%v", err)
	}
	s.out = x.cork[:0]
	c.remote, c.kept, c.rtt = ap, false, res.Connect
	res.Opened = true

	c.mu.Lock()
	c.sock = s
	if c.killed() {
		s.shut(false)
	}
	c.mu.Unlock()

	if t.tls != nil {
		if fault := x.handshake(s); fault != None {
			return fault
		}
	}
	res.T3 = c.now()
	return None
}

// dial connects to the address whose turn it is, or, as long as it is open
// which family of a host works, to one of the other family if that fails.
func dial(ctx context.Context, known *addresses) (*net.TCPConn, netip.AddrPort, error) {
	dialer := net.Dialer{KeepAlive: -1}
	ap := known.pick()
	tcp, err := dialer.DialTCP(ctx, "tcp", netip.AddrPort{}, ap)
	if err != nil && ctx.Err() == nil {
		if fault := dialFault(err); fault == DialRefused || fault == DialUnreachable {
			if other, ok := known.other(ap); ok {
				if second, err2 := dialer.DialTCP(ctx, "tcp", netip.AddrPort{}, other); err2 == nil {
					tcp, ap, err = second, other, nil
				}
			}
		}
	}
	if err == nil {
		known.works(ap)
	}
	return tcp, ap, err
}

// dialFault classifies an error of connect(2) or socket(2).
func dialFault(err error) Fault {
	var errno syscall.Errno
	errors.As(err, &errno)
	switch errno {
	case syscall.ECONNREFUSED, syscall.ECONNRESET:
		return DialRefused
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN:
		return DialUnreachable
	case syscall.ETIMEDOUT:
		return DialTimeout
	case syscall.EADDRNOTAVAIL, syscall.EADDRINUSE:
		return DialNoPort
	case syscall.EMFILE, syscall.ENFILE:
		return DialNoFile
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return DialTimeout
	}
	return DialOther
}

// handshake speaks TLS on s and sends its last flight, so that T4 is the
// request's alone.
func (x *exchange) handshake(s *socket) Fault {
	c, t := x.c, x.c.t
	start := c.now()
	c.tls = tls.Client(s, t.tls)
	err := c.tls.Handshake()
	if err == nil {
		err = s.flush()
	}
	x.res.TLS = c.now() - start
	if c.killed() {
		return x.killed(TLSTimeout)
	}
	if err != nil {
		s.farewell() // the alert that says why
		fault, detail := tlsFault(err)
		return x.fault(fault, "%s", detail)
	}
	state := c.tls.ConnectionState()
	x.res.Resumed = state.DidResume
	spoken := "HTTP/1.1, " + tls.VersionName(state.Version) + " " + tls.CipherSuiteName(state.CipherSuite)
	if t.Protocol() != spoken {
		t.protocol.Store(&spoken)
	}
	return None
}

// tlsFault classifies an error of a handshake.
func tlsFault(err error) (Fault, string) {
	var (
		host   x509.HostnameError
		cert   *tls.CertificateVerificationError
		header tls.RecordHeaderError
		op     *net.OpError
	)
	switch {
	case errors.As(err, &host):
		return TLSHostname, err.Error()
	case errors.As(err, &cert):
		return TLSCertificate, err.Error()
	case errors.As(err, &header):
		if string(header.RecordHeader[:]) == "HTTP/" {
			return TLSProtocol, "the target speaks plain HTTP on this port: write http://"
		}
		return TLSProtocol, fmt.Sprintf("the target does not speak TLS: it begins with %s", clean(header.RecordHeader[:]))
	case errors.As(err, &op) && op.Op == "remote error":
		return TLSAlert, err.Error()
	}
	if kindOf(err) == ended {
		return TLSProtocol, "connection closed in the handshake"
	}
	return TLSProtocol, "in the handshake: " + err.Error()
}
