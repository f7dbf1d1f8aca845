//go:build unix

package engine

import (
	"math"
	"syscall"
)

// spareDescriptors is what the program needs besides connections.
const spareDescriptors = 64

// descriptorRoom raises the soft limit of open files to the hard one and
// returns how many connections it leaves room for.
func descriptorRoom() int {
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil {
		return math.MaxInt32
	}
	if lim.Cur < lim.Max {
		raised := lim
		raised.Cur = lim.Max
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
			lim = raised
		}
	}
	return int(min(lim.Cur, math.MaxInt32)) - spareDescriptors
}
