package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryLimit(t *testing.T) {
	write := func(text string) string {
		name := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	machine := write("MemTotal:        2048 kB\nMemFree:  17 kB\n")
	for _, c := range []struct {
		group string
		want  int64
	}{
		{write("max\n"), 2 << 20},
		{write("1048576\n"), 1 << 20},
		{write("9223372036854775807\n"), 2 << 20},
		{"/nowhere", 2 << 20},
	} {
		if got := memoryLimit(c.group, machine); got != c.want {
			t.Errorf("%d bytes, want %d", got, c.want)
		}
	}
	if got := memoryLimit("/nowhere", "/nowhere"); got != 0 {
		t.Errorf("%d bytes where nothing is known", got)
	}
}
