package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// addressBook knows the addresses of the target and gives them out in turn.
//
// A host may have addresses of both families while only one of them leads
// anywhere ("localhost" is the usual case). The family of the first dial that
// succeeds is used from then on, until the next look-up.
type addressBook struct {
	resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	host    string
	port    uint16
	turn    chan struct{} // held by the one goroutine that looks up
	literal bool          // the host is an address: known for good
	known   atomic.Pointer[addresses]
}

// addresses is one answer of the resolver.
type addresses struct {
	all    []netip.AddrPort
	next   atomic.Uint32
	chosen atomic.Pointer[[]netip.AddrPort] // of the family that works, nil before it is known
}

func (b *addressBook) init(resolve func(context.Context, string) ([]netip.Addr, error), host string, port uint16) {
	b.resolve, b.host, b.port = resolve, host, port
	b.turn = make(chan struct{}, 1)
	if ip, err := netip.ParseAddr(host); err == nil {
		b.literal = true
		b.known.Store(b.list(ip))
	}
}

func (b *addressBook) forget() {
	if !b.literal {
		b.known.Store(nil)
	}
}

// refresh looks the host up and keeps the result. If it brings what is known
// already, that stays, with the turn and the family that works.
func (b *addressBook) refresh(ctx context.Context) ([]netip.AddrPort, error) {
	a, err := b.lookUp(ctx)
	if err != nil {
		return nil, err
	}
	if old := b.known.Load(); old == nil || !old.same(a) {
		b.known.Store(a)
	}
	return a.all, nil
}

// get returns the addresses. If none are known it asks the resolver, or waits
// for who is asking already or for the end of its context.
func (b *addressBook) get(ctx context.Context) (a *addresses, asked bool, err error) {
	if a := b.known.Load(); a != nil {
		return a, false, nil
	}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return nil, true, ctx.Err()
	}
	if a := b.known.Load(); a != nil {
		return a, true, nil
	}
	if a, err = b.lookUp(ctx); err == nil {
		b.known.Store(a)
	}
	return a, true, err
}

func (b *addressBook) lookUp(ctx context.Context) (*addresses, error) {
	if b.literal {
		return b.known.Load(), nil
	}
	ips, err := b.resolve(ctx, b.host)
	if err != nil {
		return nil, err
	}
	if len(ips) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: b.host, IsNotFound: true}
	}
	return b.list(ips...), nil
}

func (b *addressBook) list(ips ...netip.Addr) *addresses {
	a := &addresses{}
	for _, ip := range ips {
		a.all = append(a.all, netip.AddrPortFrom(ip.Unmap(), b.port))
	}
	return a
}

// same reports whether both hold the same addresses, in any order.
func (a *addresses) same(b *addresses) bool {
	if len(a.all) != len(b.all) {
		return false
	}
	for _, ap := range a.all {
		if !slices.Contains(b.all, ap) {
			return false
		}
	}
	return true
}

// pick returns the address whose turn it is.
func (a *addresses) pick() netip.AddrPort {
	from := a.all
	if c := a.chosen.Load(); c != nil {
		from = *c
	}
	return from[int(a.next.Add(1)-1)%len(from)]
}

// other returns an address of the other family than tried, while it is open
// which family works.
func (a *addresses) other(tried netip.AddrPort) (netip.AddrPort, bool) {
	if a.chosen.Load() == nil {
		for _, ap := range a.all {
			if ap.Addr().Is4() != tried.Addr().Is4() {
				return ap, true
			}
		}
	}
	return netip.AddrPort{}, false
}

// works notes that a dial to ap succeeded.
func (a *addresses) works(ap netip.AddrPort) {
	if a.chosen.Load() != nil {
		return
	}
	var same []netip.AddrPort
	for _, x := range a.all {
		if x.Addr().Is4() == ap.Addr().Is4() {
			same = append(same, x)
		}
	}
	a.chosen.CompareAndSwap(nil, &same)
}

// resolveFault classifies an error of the resolver.
func resolveFault(err error) Fault {
	var d *net.DNSError
	switch {
	case errors.As(err, &d) && d.IsNotFound:
		return DNSNotFound
	case errors.As(err, &d) && d.IsTimeout, errors.Is(err, context.DeadlineExceeded):
		return DNSTimeout
	}
	return DNSFailed
}

// numbering gives addresses small numbers, in the order of their first dial.
type numbering struct {
	mu    sync.Mutex
	known []netip.AddrPort
}

// of returns the number of an address, from 1; 0 for none and for those that
// are too many.
func (n *numbering) of(ap netip.AddrPort) uint8 {
	if !ap.IsValid() {
		return 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.Index(n.known, ap)
	if i < 0 {
		if len(n.known) == MaxAddresses {
			return 0
		}
		i = len(n.known)
		n.known = append(n.known, ap)
	}
	return uint8(i + 1)
}

// list returns the addresses at their numbers.
func (n *numbering) list() []netip.AddrPort {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append(make([]netip.AddrPort, 1), n.known...)
}
