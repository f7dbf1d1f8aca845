package engine

import (
	"slices"
	"sync"

	"stoke/engine/health"
)

// kernelLag collects by how much answers were read later than the kernel had
// received them. Any goroutine may add.
type kernelLag struct {
	mu    sync.Mutex
	nanos []int64
}

func (k *kernelLag) add(nanos int64) {
	k.mu.Lock()
	k.nanos = append(k.nanos, nanos)
	k.mu.Unlock()
}

// second tells what was added since the last call.
func (k *kernelLag) second(f *health.Facts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := len(k.nanos)
	if n == 0 {
		return
	}
	slices.Sort(k.nanos)
	f.KernelLagCount = int64(n)
	f.KernelLagP50, f.KernelLagP99, f.KernelLagMax = k.nanos[(n-1)/2], k.nanos[(99*n+99)/100-1], k.nanos[n-1]
	k.nanos = k.nanos[:0]
}
