package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The test binary is the server, as versus itself is, and a load generator:
// clientFlag URL REQUESTS sends so many requests one after the other and prints
// how many cores it could use.
const clientFlag = "--load-as-a-tool"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == serveFlag {
		exitWith(serveTarget())
	}
	if len(os.Args) == 4 && os.Args[1] == clientFlag {
		exitWith(actAsTool(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func exitWith(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func actAsTool(url, requests string) error {
	count, err := strconv.Atoi(requests)
	if err != nil {
		return err
	}
	if count < 0 {
		return errors.New("asked to fail")
	}
	cores, err := usableCores()
	if err != nil {
		return err
	}
	fmt.Println(len(cores), "core")
	conn, err := dial(url)
	if err != nil {
		return err
	}
	defer conn.Close()
	for range count {
		if err := conn.ask(); err != nil {
			return err
		}
	}
	return nil
}

// A client is one keep-alive connection.
type client struct {
	net.Conn
	answers *bufio.Reader
}

func dial(url string) (*client, error) {
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"))
	if err != nil {
		return nil, err
	}
	// A server that owes an answer fails the test; it does not stop it.
	return &client{conn, bufio.NewReader(conn)}, conn.SetDeadline(time.Now().Add(20 * time.Second))
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// ask sends one request and waits for its answer.
func (c *client) ask() error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	return c.hear()
}

func (c *client) hear() error {
	got := make([]byte, len(answer))
	if _, err := io.ReadFull(c.answers, got); err != nil {
		return err
	}
	if !bytes.Equal(got, answer) {
		return fmt.Errorf("answered %q", got)
	}
	return nil
}

func newServer(t *testing.T, mode serverMode) *server {
	t.Helper()
	s, err := startServer(t.Context(), -1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	if err := s.reset(mode); err != nil {
		t.Fatal(err)
	}
	return s
}

func mustDial(t *testing.T, s *server) *client {
	t.Helper()
	c, err := dial(s.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestServerCounts: every request once, however it is cut, and stamps in order.
func TestServerCounts(t *testing.T) {
	s := newServer(t, stampAll)
	before := monotonic()
	whole, cut := mustDial(t, s), mustDial(t, s)
	for range 20 {
		if err := whole.ask(); err != nil {
			t.Fatal(err)
		}
	}
	for at := range len(request) { // the answer shows that the rest was waited for
		if _, err := io.WriteString(cut, request[:at]); err != nil {
			t.Fatal(err)
		}
		if err := whole.ask(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(cut, request[at:]); err != nil {
			t.Fatal(err)
		}
		if err := cut.hear(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(cut, request+request+request); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := cut.hear(); err != nil {
			t.Fatal(err)
		}
	}
	seen, err := s.tally()
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(20 + 2*len(request) + 3); seen.requests != want || int64(len(seen.arrivals)) != want || seen.connections != 2 {
		t.Errorf("%d requests, %d arrivals, %d connections; want %d, %d, 2", seen.requests, len(seen.arrivals), seen.connections, want, want)
	}
	if !slices.IsSorted(seen.arrivals) || seen.first < before || seen.last > monotonic() || seen.first != seen.arrivals[0] {
		t.Errorf("arrivals from %d to %d, asked from %d on", seen.first, seen.last, before)
	}
	if err := s.reset(countOnly); err != nil {
		t.Fatal(err)
	}
	if err := whole.ask(); err != nil {
		t.Fatal(err)
	}
	if seen, err = s.tally(); err != nil || seen.requests != 1 || len(seen.arrivals) != 0 {
		t.Errorf("after a reset: %+v, %v", seen, err)
	}
}

// TestServerHolds: the gate holds what comes while it is shut until it opens.
func TestServerHolds(t *testing.T) {
	const offset, length = 50 * time.Millisecond, 150 * time.Millisecond
	s := newServer(t, serverMode{gate: gate{period: time.Hour, offset: offset, length: length}})
	c := mustDial(t, s)
	first := monotonic()
	var slowest, after time.Duration
	for time.Duration(monotonic()-first) < offset+length {
		asked := monotonic()
		if err := c.ask(); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Duration(monotonic()-asked))
		after = time.Duration(monotonic() - first)
	}
	// One that came right when the gate shut waits the whole length.
	if slowest < length*8/10 || after < offset+length {
		t.Errorf("the slowest answer took %v and came %v after the first request", slowest, after)
	}
}

// fake is a tool that sends so many requests.
func fake(t *testing.T, requests int) contender {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return contender{path: self, tool: tool{
		name: "fake", language: "Go", paced: true,
		command: func(j job) command {
			return command{args: []string{clientFlag, j.url, strconv.Itoa(requests)}}
		},
		parse: func(string) (quantiles, error) { return quantiles{"p99": time.Second}, nil },
	}}
}

// TestObserve: what a run cost is that of the child, and its requests are those
// that the server counted.
func TestObserve(t *testing.T) {
	// The mask is that of a thread: stay on the one that starts the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s := newServer(t, countOnly)
	cores, err := usableCores()
	if err != nil {
		t.Fatal(err)
	}
	seen, err := observe(t.Context(), fake(t, 5000), s, countOnly, job{connections: 1, seconds: 1}, cores[0])
	if err != nil {
		t.Fatal(err)
	}
	if seen.output != "1 core\n" {
		t.Errorf("pinned to one core it had %q", seen.output)
	}
	if seen.requests != 5000 || seen.connections != 1 {
		t.Errorf("%d requests on %d connections, not 5000 on 1", seen.requests, seen.connections)
	}
	if cost := seen.microsPerRequest(); cost <= 0 || cost > 1e5 || seen.toFirst() <= 0 || seen.toFirst() > grace {
		t.Errorf("%.1f µs a request, the first after %v", cost, seen.toFirst())
	}
	if seen.peakKB < 1000 || seen.peakKB > 1<<20 {
		t.Errorf("%d KB at most", seen.peakKB)
	}
	after, err := usableCores()
	if err != nil || !slices.Equal(after, cores) {
		t.Errorf("pinning a child left us on %v of %v (%v)", after, cores, err)
	}
	if _, err := observe(t.Context(), fake(t, -1), s, countOnly, job{seconds: 1}, -1); err == nil || !strings.Contains(err.Error(), "it said asked to fail") {
		t.Errorf("a tool that fails: %v", err)
	}
	if _, err := observe(t.Context(), fake(t, 0), s, countOnly, job{seconds: 1}, -1); err == nil || !strings.Contains(err.Error(), "no request reached") {
		t.Errorf("a tool that sends nothing: %v", err)
	}
}

// TestInterrupt: a tool that runs for ever is killed when versus is told to end,
// and so is a server that is just being started.
func TestInterrupt(t *testing.T) {
	why := errors.New("enough")
	for _, when := range []string{"a tool is started", "the server is started"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		endless := fake(t, 1<<30)
		if plain := endless.command; when == "a tool is started" {
			endless.command = func(j job) command {
				time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
				return plain(j)
			}
		} else {
			cancel(why)
		}
		b := &bench{found: []contender{endless}, rounds: 1, progress: io.Discard, failed: map[string]error{}}
		began := time.Now()
		_, err := b.closed(ctx, placement{name: "free", client: -1, server: -1, threads: 1}, job{connections: 1, seconds: 1})
		if !errors.Is(err, why) || time.Since(began) > grace/2 {
			t.Errorf("interrupted when %s, it ended after %v: %v", when, time.Since(began), err)
		}
	}
}

// TestUnmeasuredStokeFails: the run of a stoke that wrote a result in which the
// counts are right and the histograms empty is reported, and versus fails.
func TestUnmeasuredStokeFails(t *testing.T) {
	stoke := fake(t, 10)
	stoke.name = stokeName
	result := `{"stoke":1,"model":"closed","counts":{"intended":10,"sent":10,"ok":10},"latency":{"response":{"ok":{"count":0}}},"segments":[],"health":{"audit":"ok"}}`
	plain := stoke.command
	stoke.command = func(j job) command {
		what := plain(j)
		what.output, what.files = resultFile, map[string]string{resultFile: result}
		return what
	}
	b := &bench{found: []contender{stoke}, rounds: 1, progress: io.Discard, failed: map[string]error{}}
	table, err := b.closed(t.Context(), placement{name: "free", client: -1, server: -1, threads: 1}, job{connections: 1, seconds: 1})
	if err != nil || !strings.Contains(table, "**stoke**") {
		t.Fatalf("%v\n%s", err, table)
	}
	if err := b.verdict(); err == nil || !strings.Contains(err.Error(), "the count of service.ok is 0, not 10") || strings.Contains(err.Error(), "the server counted") {
		t.Errorf("the verdict is %v", err)
	}
}

func TestHighWater(t *testing.T) {
	if kb, ok := highWater("Name:\twrk\nVmPeak:\t 9000 kB\nVmHWM:\t    5120 kB\nVmRSS:\t 100 kB\n"); kb != 5120 || !ok {
		t.Errorf("%d, %t", kb, ok)
	}
	for _, none := range []string{"", "Name:\tzombie\n", "VmHWM:", "VmHWM: much kB"} {
		if kb, ok := highWater(none); ok {
			t.Errorf("%d KB in %q", kb, none)
		}
	}
}
