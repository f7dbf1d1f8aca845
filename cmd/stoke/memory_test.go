package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMemory(t *testing.T) {
	m := memory{filepath.Join(t.TempDir(), "state", "stoke")}
	if h := m.history(); len(h) != 0 || !m.firstRun() {
		t.Errorf("before anything: %q, first run %v", h, m.firstRun())
	}
	for i := range maxHistory + 3 {
		if err := m.line(fmt.Sprint("rate ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if h := m.history(); len(h) != maxHistory || h[0] != "rate 3" || h[maxHistory-1] != fmt.Sprint("rate ", maxHistory+2) {
		t.Errorf("%d lines, from %q", len(h), h[0])
	}
	if err := m.hinted(); err != nil || m.firstRun() {
		t.Errorf("the hint is not remembered: %v", err)
	}
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	var last string
	for i := range maxPictures + 3 {
		path, err := m.picture("20261123-x/../y", now.Add(time.Duration(i)*time.Second), "picture")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
		last = path
	}
	files, err := os.ReadDir(filepath.Dir(last))
	if err != nil || len(files) != maxPictures {
		t.Errorf("%d pictures are kept, %v", len(files), err)
	}
	if _, err := os.Stat(last); err != nil {
		t.Errorf("the newest is gone: %v", err)
	}
	err = filepath.Walk(m.dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: others may read it: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestHistoryFromElsewhere: what another program wrote into the file never
// reaches the terminal as it is.
func TestHistoryFromElsewhere(t *testing.T) {
	m := memory{t.TempDir()}
	text := "rate 5\n\x1b[31mred\n\xff\n" + strings.Repeat("x", 1<<20) + "\nlate shed\r\npause\n"
	if err := os.WriteFile(m.historyFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, l := range m.history() {
		if !slices.Contains([]string{"rate 5", "pause"}, l) {
			t.Errorf("took %.40q into the history", l)
		}
	}
	if (memory{}).history() != nil || (memory{}).firstRun() {
		t.Error("without a directory something is remembered")
	}
}
