//go:build !linux

package wire

import (
	"syscall"
	"time"
)

// kernelStamps is not known on this system.
type kernelStamps struct{}

func newKernelStamps(syscall.RawConn) *kernelStamps { return nil }

func (*kernelStamps) since(time.Time) (stamp, late int64) { return 0, 0 }
