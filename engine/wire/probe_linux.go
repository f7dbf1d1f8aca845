package wire

import (
	"syscall"
	"unsafe"
)

// fionread is FIONREAD, alias SIOCINQ: bytes that were received and not read.
const fionread = 0x541b

// The beginning of struct tcp_info of linux/tcp.h, up to total_retrans.
const (
	infoSize    = 104
	infoRetrans = 100
)

// Probe asks the kernel about the connection of c: how many segments were sent
// again since it was opened, and how many bytes arrived that nobody has read. It
// is not ok without a connection. Any goroutine may call it; it costs two system
// calls.
func (c *conn) Probe() (retrans, unread int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sock == nil || c.cause.Load() != 0 {
		return 0, 0, false
	}
	err := c.sock.raw.Control(func(fd uintptr) {
		var waiting int32
		if _, _, errno := syscall.RawSyscall(syscall.SYS_IOCTL, fd, fionread, uintptr(unsafe.Pointer(&waiting))); errno != 0 {
			return
		}
		ok, unread = true, int(waiting)
		var info [infoSize]byte
		size := uint32(len(info))
		_, _, errno := syscall.RawSyscall6(syscall.SYS_GETSOCKOPT, fd, syscall.IPPROTO_TCP, syscall.TCP_INFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		if errno == 0 && size >= infoSize { // a unix socket has no such thing
			retrans = int(*(*uint32)(unsafe.Pointer(&info[infoRetrans])))
		}
	})
	return retrans, unread, ok && err == nil
}
