package wire

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// canFuse says that step works here: sockets are non-blocking descriptors that
// may be written to and read from directly.
const canFuse = true

// fused is the step of RawConn.Read, called until it returns true, with a wait
// for readability between the calls. RawConn.Read forgets earlier readiness
// before the first call, hence before the write: an answer to what is written
// here is never missed, but what arrived earlier may be. So it waits without
// having tried to read only if it has itself just written and the connection
// was quiet before.
func (s *socket) fused(fd uintptr) bool {
	if len(s.out) > 0 {
		request := s.armed != nil
		if request {
			if s.err = s.depart(func() bool { return silent(fd) }); s.err != nil {
				return true
			}
		}
		n, errno := call(syscall.SYS_WRITE, fd, s.out)
		s.sent += int64(n)
		switch {
		case errno == syscall.EAGAIN || errno == 0 && n < len(s.out):
			s.help(s, s.out[n:])
			s.out = nil
		case errno != 0:
			s.writeErr = errno
		case request:
			s.t5 = s.now()
		}
		s.out = s.out[:0]
		if s.quiet && errno == 0 {
			return false
		}
	}
	if s.lender != nil {
		s.into = s.lender.lend()
	}
	var n int
	var errno syscall.Errno
	if s.stamps == nil {
		n, errno = call(syscall.SYS_READ, fd, s.into)
	} else {
		n, errno = s.stamps.read(fd, s.into)
	}
	switch {
	case errno == 0:
		s.n = n
		s.in += int64(n)
		if s.stamps == nil {
			s.last = s.now()
		} else {
			s.last, s.late = s.stamps.since(s.epoch)
		}
	case errno == syscall.EAGAIN:
		if s.lender != nil {
			s.lender.unlend()
		}
		return false
	default:
		s.err = errno
	}
	return true
}

// silent reports whether the connection is open and nothing has arrived on it.
// It asks poll(2), because it may be called while another goroutine waits to
// read: a peek would take the socket's error from that one, and turn its reset
// into an end of stream.
func silent(fd uintptr) bool {
	look := unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	var now unix.Timespec // no wait
	for {
		n, _, errno := syscall.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&look)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
		if errno != syscall.EINTR {
			return errno == 0 && n == 0
		}
	}
}

// call is read(2) or write(2) on a non-blocking descriptor. It does not tell
// the scheduler, as the call cannot wait.
func call(trap, fd uintptr, p []byte) (int, syscall.Errno) {
	if len(p) == 0 {
		return 0, 0
	}
	for {
		n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return 0, errno
		}
		return int(n), 0
	}
}
