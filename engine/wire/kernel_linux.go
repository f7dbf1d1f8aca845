package wire

import (
	"encoding/binary"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernelStamps is what a connection needs whose reads ask the kernel when it
// received what they return.
type kernelStamps struct {
	msg     unix.Msghdr
	part    unix.Iovec
	control [controlSize]byte
}

const (
	controlSize = 128
	// stampFlags asks for the time at which the network stack got a packet from
	// its device.
	stampFlags = unix.SOF_TIMESTAMPING_RX_SOFTWARE | unix.SOF_TIMESTAMPING_SOFTWARE
)

// newKernelStamps makes the kernel stamp what arrives on a socket; nil if it
// will not.
func newKernelStamps(raw syscall.RawConn) *kernelStamps {
	var refused error
	err := raw.Control(func(fd uintptr) {
		refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, stampFlags)
	})
	if err != nil || refused != nil {
		return nil
	}
	return &kernelStamps{}
}

// read is call for a read, with recvmsg(2).
func (k *kernelStamps) read(fd uintptr, p []byte) (int, syscall.Errno) {
	if len(p) == 0 {
		return 0, 0
	}
	k.part.Base = &p[0]
	k.part.SetLen(len(p))
	k.msg.Iov = &k.part
	k.msg.SetIovlen(1)
	k.msg.Control = &k.control[0]
	for {
		k.msg.SetControllen(controlSize)
		n, _, errno := syscall.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&k.msg)), 0)
		if errno == syscall.EINTR {
			continue
		}
		k.part.Base = nil
		if errno != 0 {
			k.msg.SetControllen(0)
			return 0, errno
		}
		return int(n), 0
	}
}

// since is a stamp of now, and how late that is behind the kernel's stamp of
// what was just read, in nanoseconds; 0 or less if the kernel gave none. The
// kernel's is of the wall clock: time.Now reads that and the monotonic one
// together. Where one read returns several packets it is the last one's.
func (k *kernelStamps) since(epoch time.Time) (stamp, late int64) {
	now := time.Now()
	stamp = int64(now.Sub(epoch))
	if at := k.stamp(); at != 0 {
		late = now.UnixNano() - at
	}
	return stamp, late
}

// stamp is the kernel's, in nanoseconds of Unix time; 0 without one.
func (k *kernelStamps) stamp() int64 {
	const (
		header = unix.SizeofCmsghdr
		// Three times of two 64-bit numbers: by software, unused, by the device.
		software = header + 16
	)
	control := k.control[:k.msg.Controllen]
	for len(control) >= header {
		c := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		size := int(c.Len)
		if size < header || size > len(control) {
			return 0
		}
		if c.Level == unix.SOL_SOCKET && c.Type == unix.SO_TIMESTAMPING_NEW && size >= software {
			seconds := binary.NativeEndian.Uint64(control[header:])
			nanoseconds := binary.NativeEndian.Uint64(control[header+8:])
			return int64(seconds)*int64(time.Second) + int64(nanoseconds)
		}
		control = control[min(unix.CmsgSpace(size-header), len(control)):]
	}
	return 0
}
