package wire

import (
	"context"
	"errors"
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

	under, fault := x.connect(ctx)
	if fault != None {
		return fault
	}
	s, err := newSocket(under, c.epoch, t.portable)
	if err != nil {
		_ = under.Close()
		return x.fault(DialOther, "%v", err)
	}
	s.out, s.crashed = x.cork[:0], t.cfg.Crashed
	if t.sampled() {
		s.stamps = newKernelStamps(s.raw)
	}
	c.kept, c.carried, c.rtt = false, 0, res.Connect
	res.Opened = true

	c.mu.Lock()
	c.sock = s
	if c.killed() {
		s.shut(false)
	}
	c.mu.Unlock()

	if t.way.tunnels(t.target) {
		if fault := x.tunnel(s); fault != None {
			return fault
		}
	}
	if t.tls != nil {
		if fault := x.handshake(s); fault != None {
			return fault
		}
	}
	res.T3 = c.now()
	c.born = res.T3
	return None
}

// connect looks the host up, if that must be, and connects to it.
func (x *exchange) connect(ctx context.Context) (stream, Fault) {
	c, t, res := x.c, x.c.t, x.res
	var known *addresses
	if t.way.unix == "" {
		start := c.now()
		var asked bool
		var err error
		known, asked, err = t.book.get(ctx)
		if asked {
			res.DNS = c.now() - start
		}
		if err != nil {
			if c.killed() {
				return nil, x.killed(DNSTimeout)
			}
			return nil, x.fault(resolveFault(err), "%v", err)
		}
	}

	start := c.now()
	under, ap, err := t.way.dial(ctx, known)
	res.Connect = c.now() - start
	res.Remote, res.Address = ap, t.numbers.of(ap)
	c.remote, c.address = ap, res.Address
	if c.killed() {
		if under != nil {
			_ = under.Close()
		}
		return nil, x.killed(DialTimeout)
	}
	if err != nil {
		var errno syscall.Errno
		if errors.As(err, &errno) {
			err = errno // the rest of the words speak of the socket's own address
		}
		return nil, x.fault(dialFault(err), "connecting to %s: %v", t.way.name(ap), err)
	}
	return under, None
}

// dialFault classifies an error of connect(2) or socket(2).
func dialFault(err error) Fault {
	var errno syscall.Errno
	errors.As(err, &errno)
	switch errno {
	case syscall.ECONNREFUSED, syscall.ECONNRESET,
		syscall.ENOENT, syscall.EAGAIN: // of a unix socket: nobody made it, or its queue is full
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
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return DialTimeout
	case errors.Is(err, errNoSource):
		return DialUnreachable
	}
	return DialOther
}
