//go:build unix && !linux

package wire

import "golang.org/x/sys/unix"

// silent reports whether the connection is open and nothing has arrived on it.
// It asks poll(2), because a peek would take an error from who waits to read.
func silent(fd uintptr) bool {
	look := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(look[:], 0)
		if err != unix.EINTR {
			return err == nil && n == 0
		}
	}
}
