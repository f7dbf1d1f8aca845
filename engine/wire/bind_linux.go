package wire

import "syscall"

// ipBindAddressNoPort is IP_BIND_ADDRESS_NO_PORT, see ip(7).
const ipBindAddressNoPort = 24

// lateBind lets connect(2) choose the port of a socket with a source address,
// so that a port is taken for one destination only. Without it every port of
// the address would serve one connection, wherever that goes. A system that
// cannot do this binds at once.
func lateBind(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, ipBindAddressNoPort, 1)
	})
}
