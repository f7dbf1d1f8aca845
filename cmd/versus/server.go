package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// resetForm and tallyWord are what the server understands.
const (
	resetForm = "reset %t %d %d %d\n"
	tallyWord = "tally"
)

// serveFlag, as the only argument, makes this program the server.
const serveFlag = "--serve-as-target"

// A serverMode says what the server does with a request besides counting it.
type serverMode struct {
	log  bool // keep the time of every arrival, not only of the first and the last
	gate gate
}

// The modes of the three experiments.
var (
	countOnly = serverMode{}
	stampAll  = serverMode{log: true}
	stallMode = serverMode{gate: stalls}
)

// maxStamps bounds the arrival log: 32 MB.
const maxStamps = 1 << 22

// A tally is what the server saw since it was last reset. Times are
// CLOCK_MONOTONIC in nanoseconds, taken right after the read that brought the
// request.
type tally struct {
	requests    int64
	connections int64
	first, last int64
	serverCPU   int64   // what the server spent, ns
	arrivals    []int64 // in order; empty unless the mode says log
}

// seconds is the time from the first to the last request.
func (t tally) seconds() float64 { return float64(t.last-t.first) / 1e9 }

// busy is the share of that time in which the server worked, 0–1. A closed
// model near 1 is bounded by the server.
func (t tally) busy() float64 {
	if t.last <= t.first {
		return 0
	}
	return float64(t.serverCPU) / float64(t.last-t.first)
}

// rate is the requests per second between the first and the last request.
func (t tally) rate() float64 {
	if t.requests < 2 || t.last <= t.first {
		return 0
	}
	return float64(t.requests-1) / t.seconds()
}

// A server is the target as seen by versus: a child process that is spoken to
// over its standard streams, so that no control request is ever counted.
type server struct {
	url   string
	child *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
}

// startServer starts the target on the given core, any if negative. It ends
// when ctx does, on stop, and when versus is gone.
func startServer(ctx context.Context, core int) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting the target server: %w", err)
	}
	child := exec.CommandContext(ctx, self, serveFlag)
	ownGroup(child)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the target server: %w", err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the target server: %w", err)
	}
	if err := startOn(child, core); err != nil {
		return nil, fmt.Errorf("starting the target server: %w", err)
	}
	s := &server{child: child, in: in, out: bufio.NewReaderSize(out, 1<<16)}
	port, err := s.out.ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("starting the target server: it ended before it listened: %w", err)
	}
	s.url = "http://127.0.0.1:" + strings.TrimSpace(port) + "/"
	return s, nil
}

// stop ends the server and waits for it.
func (s *server) stop() {
	s.in.Close()
	// Its end was asked for; how it ended is of no interest.
	_ = s.child.Wait()
}

// reset forgets what was counted and sets the mode.
func (s *server) reset(mode serverMode) error {
	if _, err := fmt.Fprintf(s.in, resetForm, mode.log, mode.gate.period, mode.gate.offset, mode.gate.length); err != nil {
		return fmt.Errorf("resetting the target server: %w", err)
	}
	if line, err := s.out.ReadString('\n'); err != nil || line != "ok\n" {
		return fmt.Errorf("resetting the target server: it said %q: %w", line, err)
	}
	return nil
}

// tally returns what the server saw, once it has read all that was sent to it.
func (s *server) tally() (tally, error) {
	if _, err := fmt.Fprintln(s.in, tallyWord); err != nil {
		return tally{}, fmt.Errorf("asking the target server: %w", err)
	}
	t, err := readTally(s.out)
	if err != nil {
		return tally{}, fmt.Errorf("asking the target server: %w", err)
	}
	return t, nil
}

// writeTally and readTally are the two ends of a tally's way through the pipe:
// six numbers in decimal, then as many arrivals as the sixth says, eight bytes
// each.
func writeTally(w io.Writer, t tally) error {
	b := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintln(b, t.requests, t.connections, t.first, t.last, t.serverCPU, len(t.arrivals))
	var eight [8]byte
	for _, at := range t.arrivals {
		binary.LittleEndian.PutUint64(eight[:], uint64(at))
		b.Write(eight[:])
	}
	return b.Flush()
}

func readTally(r *bufio.Reader) (tally, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return tally{}, err
	}
	var numbers []int64
	for _, field := range strings.Fields(line) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return tally{}, fmt.Errorf("a tally begins with %q", line)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) != 6 || numbers[5] < 0 || numbers[5] > maxStamps {
		return tally{}, fmt.Errorf("a tally begins with %q", line)
	}
	t := tally{requests: numbers[0], connections: numbers[1], first: numbers[2], last: numbers[3], serverCPU: numbers[4]}
	raw := make([]byte, 8*numbers[5])
	if _, err := io.ReadFull(r, raw); err != nil {
		return tally{}, err
	}
	for ; len(raw) > 0; raw = raw[8:] {
		t.arrivals = append(t.arrivals, int64(binary.LittleEndian.Uint64(raw)))
	}
	return t, nil
}
