package tui

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"stoke/engine"
	"stoke/tui/layout"
	"stoke/tui/theme"
)

// nice is the niceness of the thread that it runs on.
func nice(t *testing.T) int {
	t.Helper()
	p, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	return 20 - p
}

// TestPicturesAreDrawnBehindTheLoad: what draws and what writes pictures runs on
// threads of lower priority; nothing else does, also not afterwards.
func TestPicturesAreDrawnBehindTheLoad(t *testing.T) {
	usual := nice(t)
	want := max(usual, drawNice)
	nices := make(chan int, 1)
	y := openTTY(t, newFakeRun(engine.Running, 1000, 64), line{}, Options{
		frame: func(s *engine.Snapshot, st layout.State, w, h int, th *theme.Theme) string {
			select {
			case nices <- nice(t):
			default:
			}
			return layout.Frame(s, st, w, h, th)
		}})
	if n := <-nices; n != want {
		t.Errorf("pictures are drawn at niceness %d, not %d", n, want)
	}
	y.leave()
	if err := y.left(2 * time.Second); err != nil {
		t.Fatal(err)
	}

	l, r, _ := piped(t)
	go func() {
		_, _ = l.Write([]byte("a"))
		_, _ = l.Write([]byte("b"))
		nices <- nice(t)
	}()
	takes(t, r, "ab")
	if n := <-nices; n != want {
		t.Errorf("pictures are written at niceness %d, not %d", n, want)
	}

	// A thread that was given back would show among all that there are.
	const many = 64
	seen, hold := make(chan int, many), make(chan struct{})
	for range many {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			seen <- nice(t)
			<-hold
		}()
	}
	for range many {
		if n := <-seen; n != usual {
			t.Errorf("another goroutine runs at niceness %d, not %d", n, usual)
		}
	}
	close(hold)
}
