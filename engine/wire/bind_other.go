//go:build !linux

package wire

import "syscall"

// lateBind does nothing here: the port is chosen when the socket is bound.
func lateBind(string, string, syscall.RawConn) error { return nil }
