//go:build !linux

package wire

// canFuse says that step does not work here.
const canFuse = false

func (s *socket) fused(uintptr) bool { panic("wire: no fused read on this system") }
