package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"stoke/engine"
)

// fastapiProfile asks for 20 jobs a second where 13.3 can be done, for 4 s.
const fastapiProfile = `stoke: 1
name: fastapi
target: http://%s
arrivals: uniform
requests:
  - name: process
    post: /process
    async: {poll: "${header.location}", every: 200ms, jitter: 10%%, done: json $.status == "done", within: 30s}
phases: [rate 20, hold 4s]
`

// TestFastAPIJobs follows the background tasks of a FastAPI application to
// their end, and holds what is said of them against the application's books.
func TestFastAPIJobs(t *testing.T) {
	address := startFastAPI(t)
	dir := t.TempDir()
	profile, result := filepath.Join(dir, "fastapi.yaml"), filepath.Join(dir, "result.json")
	if err := os.WriteFile(profile, fmt.Appendf(nil, fastapiProfile, address), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// This test binary is the program when it is called by that name.
	stoke := filepath.Join(dir, "stoke")
	if err := os.Link(program, stoke); err != nil {
		if err := os.Symlink(program, stoke); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.Command(stoke, "run", profile, "--headless", "--json", result)
	run.Env = append(os.Environ(), "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	out, err := run.CombinedOutput()
	if code := run.ProcessState.ExitCode(); code != 0 && code != 3 { // 3: this machine is busy with other tests
		t.Fatalf("exit %d: %v\n%s", code, err, out)
	}
	text, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	var got engine.Result
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Async) != 1 {
		t.Fatalf("no jobs in the result\n%s", out)
	}
	truth := askTruth(t, address)
	j := got.Async[0]
	if j.Accepted != 80 || j.Accepted != truth.Accepted || j.Done != 80 || j.Backlog != 0 || j.Lost != 0 || j.Failed != 0 {
		t.Errorf("accepted %d, done %d, failed %d, lost %d, backlog %d; the application accepted %d and did %d", j.Accepted, j.Done, j.Failed, j.Lost, j.Backlog, truth.Accepted, truth.Done)
	}
	if j.Polls != truth.Polls {
		t.Errorf("%d polls were counted, the application saw %d", j.Polls, truth.Polls)
	}
	if got.Counts.Intended != 80 || got.Wire.Requests != 80+truth.Polls {
		t.Errorf("intended %d, on the wire %d; polls are counted apart", got.Counts.Intended, got.Wire.Requests)
	}
	// Seen done not before it was, and one pause between polls later at most,
	// give or take what a busy machine adds.
	mean := 0.0
	for _, took := range truth.Took {
		mean += 1000 * took / float64(len(truth.Took))
	}
	if late := *j.Complete.Mean - mean; late < 0 || late > 600 {
		t.Errorf("completion takes %.0f ms on average, by the application's clock %.0f ms", *j.Complete.Mean, mean)
	}
	// 80 jobs take four workers 6 s, two of them after the last arrival.
	if j.Drained == nil || *j.Drained < 1.5 || *j.Drained > 6 {
		t.Errorf("the backlog drained in %v s", j.Drained)
	}
	if !strings.Contains(string(out), "jobs of process") {
		t.Errorf("the progress does not tell of the jobs:\n%s", out)
	}
}

// fastapiTruth is what the application knows.
type fastapiTruth struct {
	Accepted, Polls, Done int64
	Took                  []float64 // seconds from acceptance to the end
}

func askTruth(t *testing.T, address string) (truth fastapiTruth) {
	t.Helper()
	answer, err := http.Get("http://" + address + "/truth")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&truth); err != nil {
		t.Fatal(err)
	}
	return truth
}

// startFastAPI serves the application with uvicorn until the test ends.
func startFastAPI(t *testing.T) (address string) {
	t.Helper()
	python := ""
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import fastapi, uvicorn").Run() == nil {
			python = name
			break
		}
	}
	if python == "" {
		t.Skip("skipped: no FastAPI and uvicorn here (apt-get install python3-fastapi python3-uvicorn)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close()
	server := exec.Command(python, "-m", "uvicorn", "--app-dir", "testdata/fastapi", "--host", "127.0.0.1", "--port", port, "--log-level", "warning", "app:app")
	server.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	said := &strings.Builder{}
	server.Stdout, server.Stderr = said, said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { server.Wait(); close(gone) }()
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGTERM)
		select {
		case <-gone:
		case <-time.After(5 * time.Second):
			server.Process.Kill()
		}
	})
	deadline := time.After(30 * time.Second)
	for retry := time.NewTicker(50 * time.Millisecond); ; {
		if answer, err := http.Get("http://" + address + "/truth"); err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			retry.Stop()
			return address
		}
		select {
		case <-retry.C:
		case <-gone:
			t.Fatalf("uvicorn ended: %s", said)
		case <-deadline:
			t.Fatal("uvicorn did not answer within 30 s")
		}
	}
}
