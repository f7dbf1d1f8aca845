package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// answer is what every request gets. "Connection: keep-alive" is there for ab,
// which speaks HTTP/1.0 and closes without it; all tools get the same bytes.
var answer = []byte("HTTP/1.1 200 OK\r\nServer: versus\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")

var endOfHead = []byte("\r\n\r\n")

// A target is the server inside its own process: one locked thread, one epoll,
// raw system calls, so that neither Go's scheduler nor its collector adds to
// what is measured. Requests have no body, which is all that versus sends.
type target struct {
	listener, poll int
	mode           serverMode
	tally
	spentBefore int64          // CPU at the last reset, ns
	stamps      []int64        // maxStamps, touched; arrivals is its front
	buffer      []byte         // what the last read brought
	rest        map[int][]byte // the beginning of a request, by connection
	held        []int          // connections owed an answer when the gate opens
	asked       []byte         // what came over standard input
}

// serveTarget is the whole life of the server process: it prints its port and
// serves until its standard input ends.
func serveTarget() error {
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	t := &target{rest: map[int][]byte{}, buffer: make([]byte, 1<<16), stamps: make([]int64, maxStamps)}
	for i := range t.stamps {
		t.stamps[i] = 1 // a page touched now is no fault during a run
	}
	port, err := t.listen()
	if err != nil {
		return fmt.Errorf("listening on 127.0.0.1: %w", err)
	}
	fmt.Println(port)
	return t.serve()
}

func (t *target) listen() (port int, err error) {
	if t.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return 0, err
	}
	if err = unix.Bind(t.listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	if err = unix.Listen(t.listener, 4096); err != nil {
		return 0, err
	}
	if t.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return 0, err
	}
	for _, fd := range []int{t.listener, 0} {
		if err = t.watch(fd); err != nil {
			return 0, err
		}
	}
	name, err := unix.Getsockname(t.listener)
	if err != nil {
		return 0, err
	}
	return name.(*unix.SockaddrInet4).Port, nil
}

func (t *target) watch(fd int) error {
	return unix.EpollCtl(t.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// serve returns when standard input ends.
func (t *target) serve() error {
	events := make([]unix.EpollEvent, 256)
	spoken := false // a command waits until no request does
	for {
		wait := t.untilOpen()
		if spoken {
			wait = 0
		}
		n, err := unix.EpollWait(t.poll, events, wait)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("waiting for requests: %w", err)
		}
		t.open()
		idle := true
		for _, event := range events[:n] {
			switch fd := int(event.Fd); fd {
			case 0:
				spoken = true
			case t.listener:
				t.accept()
				idle = false
			default:
				t.read(fd)
				idle = false
			}
		}
		if spoken && idle {
			spoken = false
			if more, err := t.obey(); !more || err != nil {
				return err
			}
		}
	}
}

func (t *target) accept() {
	for {
		fd, _, err := unix.Accept4(t.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return // nobody waits any more, or has left again
		}
		// Neither can fail on a socket that was just accepted, short of memory.
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		_ = t.watch(fd)
		t.connections++
	}
}

// read takes what one connection sent, and answers.
func (t *target) read(fd int) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&t.buffer[0])), uintptr(len(t.buffer)))
	if errno == unix.EAGAIN {
		return
	}
	if errno != 0 || n == 0 {
		t.close(fd)
		return
	}
	now := monotonic()
	got := t.buffer[:n]
	if len(t.rest) > 0 {
		if begun := t.rest[fd]; begun != nil {
			got = append(begun, got...)
			delete(t.rest, fd)
		}
	}
	for len(got) > 0 {
		end := bytes.Index(got, endOfHead)
		if end < 0 {
			t.rest[fd] = append([]byte(nil), got...)
			return
		}
		got = got[end+len(endOfHead):]
		t.arrived(fd, now)
	}
}

// arrived counts a request and answers it, now or when the gate opens.
func (t *target) arrived(fd int, now int64) {
	if t.requests == 0 {
		t.first = now
	}
	t.requests++
	t.last = now
	if t.mode.log && len(t.arrivals) < maxStamps {
		t.arrivals = append(t.arrivals, now)
	}
	if t.gateOpens(now) > 0 {
		t.held = append(t.held, fd)
		return
	}
	t.answer(fd)
}

// answer writes to a connection that has read all it was sent before: the
// socket takes so little whole. One that is gone shows at its next read.
func (t *target) answer(fd int) {
	unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&answer[0])), uintptr(len(answer)))
}

func (t *target) close(fd int) {
	unix.Close(fd)
	delete(t.rest, fd)
	kept := t.held[:0]
	for _, other := range t.held {
		if other != fd {
			kept = append(kept, other)
		}
	}
	t.held = kept
}

// gateOpens is the time until the gate opens, 0 if it is open.
func (t *target) gateOpens(now int64) time.Duration {
	return t.mode.gate.shutFor(time.Duration(now - t.first))
}

// untilOpen is how long to wait for events: for ever, unless answers are held.
func (t *target) untilOpen() (milliseconds int) {
	if len(t.held) == 0 {
		return -1
	}
	return int(t.gateOpens(monotonic()) / time.Millisecond)
}

// open answers what was held, if the gate is open.
func (t *target) open() {
	if len(t.held) == 0 || t.gateOpens(monotonic()) > 0 {
		return
	}
	for _, fd := range t.held {
		t.answer(fd)
	}
	t.held = t.held[:0]
}

// obey reads what versus says and does it; more is false at the end.
func (t *target) obey() (more bool, err error) {
	n, err := unix.Read(0, t.buffer)
	if err != nil || n == 0 {
		return false, err
	}
	t.asked = append(t.asked, t.buffer[:n]...)
	for {
		line, rest, whole := bytes.Cut(t.asked, []byte("\n"))
		if !whole {
			return true, nil
		}
		t.asked = append([]byte(nil), rest...)
		if string(line) == tallyWord {
			t.serverCPU = processCPU() - t.spentBefore
			err = writeTally(os.Stdout, t.tally)
		} else {
			err = t.reset(string(line) + "\n")
		}
		if err != nil {
			return false, fmt.Errorf("answering versus: %w", err)
		}
	}
}

// reset takes the mode from a line of resetForm.
func (t *target) reset(line string) error {
	g := &t.mode.gate
	if _, err := fmt.Sscanf(line, resetForm, &t.mode.log, &g.period, &g.offset, &g.length); err != nil {
		return fmt.Errorf("%q: %w", line, err)
	}
	t.tally = tally{arrivals: t.stamps[:0]}
	t.spentBefore = processCPU()
	_, err := fmt.Println("ok")
	return err
}

// processCPU is the user and system time of this process, in nanoseconds.
func processCPU() int64 {
	var used unix.Rusage
	// Cannot fail for a process that asks about itself.
	_ = unix.Getrusage(unix.RUSAGE_SELF, &used)
	return used.Utime.Nano() + used.Stime.Nano()
}

// monotonic is CLOCK_MONOTONIC in nanoseconds, the same for all processes.
func monotonic() int64 {
	var now unix.Timespec
	// The clock exists on every Linux; there is nothing to do about an error.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return now.Nano()
}
