package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestStokeIsMeasured runs the real stoke as a user would, in both models, and
// holds its result against the server: the flags and the names in the JSON are
// still those that versus knows, and nothing was left unmeasured.
func TestStokeIsMeasured(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command, to build stoke")
	}
	path, err := buildStoke(t.Context(), t.TempDir(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := find([]string{stokeName}, filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, stampAll)
	for _, j := range []job{{connections: 8, seconds: 1}, {connections: 8, seconds: 1, rate: 500}} {
		seen, err := observe(t.Context(), found[0], s, stampAll, j, -1)
		if err != nil {
			t.Fatal(err)
		}
		result, err := readStoke(seen.output)
		if err != nil {
			t.Fatal(err)
		}
		if err := measuredAll(result, seen.requests); err != nil {
			t.Errorf("rate %d: %v", j.rate, err)
		}
		if closed := result.Model == "closed"; closed != (j.rate == 0) || seen.connections > 8 {
			t.Errorf("rate %d: model %q on %d connections", j.rate, result.Model, seen.connections)
		}
		if _, err := parseStoke(seen.output); err != nil {
			t.Errorf("rate %d: %v", j.rate, err)
		}
	}
}
