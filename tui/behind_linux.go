package tui

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// drawNice is the niceness of the threads that draw: enough that a request
// which falls due need not wait for the end of a picture, and little enough
// that a key is answered as soon with both processors busy.
const drawNice = 10

// drawBehind moves the calling goroutine, for the rest of its life, to a thread
// of its own that the system runs behind those that make the load. The thread
// ends with the goroutine. It may be called again, which does nothing.
func drawBehind() {
	runtime.LockOSThread()
	// The system call gives 20 less the niceness.
	if p, err := unix.Getpriority(unix.PRIO_PROCESS, 0); err != nil || 20-p >= drawNice ||
		unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), drawNice) != nil {
		runtime.UnlockOSThread()
	}
}
