package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the program itself for the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stoke": main})
}

// TestScripts runs testdata/*.txtar: what a user types, what comes out, and the
// exit code.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TERM", "xterm-256color")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":    exits,
			"laws":     laws,
			"appears":  appears,
			"logged":   logged,
			"nobody":   nobody,
			"answers":  answers,
			"target":   startTarget,
			"signal":   signalProcess,
			"noescape": noEscape,
		},
	})
}

// exits CODE PROGRAM ARG… runs a program, compares its exit code and sets $CODE.
// Of a run that may be INVALID because this machine is busy with other tests,
// the code is written 0,3.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	ts.Setenv("CODE", strconv.Itoa(got))
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("%s: exit code %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// nobody VAR sets VAR to an address on which nobody listens.
func nobody(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// answers VAR TEXT sets VAR to the address of a server that says TEXT, with \r
// and \n understood, to whoever has sent something, and hangs up. Without a
// text it keeps silent and does not.
func answers(ts *testscript.TestScript, _ bool, args []string) {
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Defer(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for buf := make([]byte, 4096); ; {
					if _, err := c.Read(buf); err != nil || text != "" {
						break
					}
				}
				c.Write([]byte(text))
			}()
		}
	}()
}

// target VAR ARG… starts `stoke target ARG…` and sets VAR to its URL.
func startTarget(ts *testscript.TestScript, _ bool, args []string) {
	a := newApp()
	path, err := exec.LookPath(filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], "stoke"))
	ts.Check(err)
	for i, arg := range args {
		if arg == "--log" {
			args[i+1] = ts.MkAbs(args[i+1])
		}
	}
	c, err := a.startChild(path, args[1:])
	ts.Check(err)
	ts.Defer(c.stop)
	ts.Setenv(args[0], c.url)
	ts.Setenv("ADDRESS", strings.TrimPrefix(c.url, "http://"))
}

// logged LOG RESULT checks that a target's log has as many requests as the
// result says were sent, each with a running number of its own. The lines may
// still be on their way.
func logged(ts *testscript.TestScript, _ bool, args []string) {
	var r struct{ Counts struct{ Sent int } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &r))
	var seen map[string]int
	lines := 0
	for deadline := time.Now().Add(10 * time.Second); lines < r.Counts.Sent && time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		seen, lines = map[string]int{}, 0
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		ts.Check(err)
		for line := range strings.Lines(string(data)) {
			var e struct{ Seq string }
			if json.Unmarshal([]byte(line), &e) == nil {
				seen[e.Seq]++
				lines++
			}
		}
	}
	if lines != r.Counts.Sent || len(seen) != lines || seen[""] > 0 {
		ts.Fatalf("%d requests sent, %d logged, with %d different numbers", r.Counts.Sent, lines, len(seen))
	}
}

// signal NAME FILE… sends SIGINT or SIGTERM to the process whose number FILE
// holds, once the file named last, if any, exists and is not empty.
func signalProcess(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}
	for _, file := range args[1:] {
		waitFor(ts, ts.MkAbs(file), 20*time.Second)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Check(syscall.Kill(pid, signals[args[0]]))
}

// appears FILE DURATION waits for a file with content, so long at most.
func appears(ts *testscript.TestScript, _ bool, args []string) {
	limit, err := time.ParseDuration(args[1])
	ts.Check(err)
	waitFor(ts, ts.MkAbs(args[0]), limit)
}

// waitFor returns when the file has content.
func waitFor(ts *testscript.TestScript, path string, limit time.Duration) {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
	}
	ts.Fatalf("%s does not come within %v", path, limit)
}

// noescape FILE… fails if a file holds a control sequence.
func noEscape(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		if strings.Contains(ts.ReadFile(file), "\x1b") {
			ts.Fatalf("%s holds an escape sequence: %q", file, ts.ReadFile(file))
		}
	}
}

// laws FILE [KEY=VALUE…] checks the laws of a result's counts, and values.
func laws(ts *testscript.TestScript, _ bool, args []string) {
	type counts struct {
		Intended, Sent, OK, Status, Limited, Assert, Error int64
		Unsent                                             map[string]int64
		Abandoned                                          map[string]int64
		Backlog, Connecting                                int64
		InFlight                                           int64 `json:"in_flight"`
	}
	var all map[string]any
	var r struct {
		Stoke    int
		Exit     *int
		Counts   counts
		ByStatus map[string]int64 `json:"by_status"`
		ByError  map[string]int64 `json:"by_error"`
		Segments []struct{ Counts counts }
		Latency  struct {
			Response map[string]struct{ Count int64 }
		}
		Wire struct{ Requests int64 }
	}
	data := []byte(ts.ReadFile(args[0]))
	ts.Check(json.Unmarshal(data, &all))
	ts.Check(json.Unmarshal(data, &r))
	equal := func(what string, a, b int64) {
		if a != b {
			ts.Fatalf("%s: %d is not %d\n%s", what, a, b, data)
		}
	}
	total := func(m map[string]int64) (sum int64) {
		for _, n := range m {
			sum += n
		}
		return sum
	}
	balance := func(what string, c counts) {
		answered := c.OK + c.Status + c.Limited + c.Assert
		equal(what+": intended = Σ states", c.Intended, answered+c.Error+total(c.Unsent)+total(c.Abandoned)+c.Backlog+c.Connecting+c.InFlight)
	}
	balance("run", r.Counts)
	var segments int64
	for i, s := range r.Segments {
		balance("segment "+strconv.Itoa(i+1), s.Counts)
		segments += s.Counts.Intended
	}
	c := r.Counts
	equal("schema", int64(r.Stoke), 1)
	equal("Σ segments = run", segments, c.Intended)
	equal("answered = Σ by_status", c.OK+c.Status+c.Limited+c.Assert, total(r.ByStatus))
	equal("error = Σ by_error", c.Error, total(r.ByError))
	equal("latencies of ok", r.Latency.Response["ok"].Count, c.OK)
	equal("nothing open", c.Backlog+c.Connecting+c.InFlight, 0)
	var before int64
	for name, n := range r.ByError {
		if strings.HasPrefix(name, "dns:") || strings.HasPrefix(name, "dial:") || strings.HasPrefix(name, "tls:") {
			before += n
		}
	}
	equal("sent", c.Sent, c.Intended-total(c.Unsent)-c.Backlog-c.Connecting-before)
	equal("requests on the wire", r.Wire.Requests, c.Sent)
	for _, arg := range args[1:] {
		check(ts, all, arg)
	}
}

// check compares one value of the result: a.b=text, or a.b>number.
func check(ts *testscript.TestScript, v any, arg string) {
	i := strings.IndexAny(arg, "=>")
	for _, key := range strings.Split(arg[:i], ".") {
		m, ok := v.(map[string]any)
		if !ok {
			ts.Fatalf("%s: there is no %q", arg, key)
		}
		v = m[key]
	}
	want := arg[i+1:]
	if arg[i] == '=' {
		if got := strings.Trim(string(must(json.Marshal(v))), `"`); got != want {
			ts.Fatalf("%s: is %s", arg, got)
		}
		return
	}
	least, err := strconv.ParseFloat(want, 64)
	ts.Check(err)
	if got, ok := v.(float64); !ok || got <= least {
		ts.Fatalf("%s: is %v", arg, v)
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		return []byte(err.Error())
	}
	return b
}
