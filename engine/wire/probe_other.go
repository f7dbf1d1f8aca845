//go:build !linux

package wire

// Probe is not ok: this system is not asked.
func (c *conn) Probe() (retrans, unread int, ok bool) { return 0, 0, false }
