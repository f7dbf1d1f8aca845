package tui

import (
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// stepClock is a clock that is set by hand, from any goroutine.
type stepClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *stepClock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stepClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// piped is a link into a pipe whose other end the test reads.
func piped(t *testing.T) (*link, *os.File, *stepClock) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	clock := &stepClock{now: time.Unix(1e9, 0)}
	l := newLink(w, clock.time)
	t.Cleanup(func() {
		l.end()
		_ = r.Close()
		<-l.done
		_ = w.Close()
	})
	return l, r, clock
}

// takes reads exactly what the terminal must have got.
func takes(t *testing.T, r *os.File, want string) {
	t.Helper()
	buf := make([]byte, len(want))
	if _, err := io.ReadFull(r, buf); err != nil || string(buf) != want {
		t.Fatalf("the terminal got %q, %v; want %q", buf, err, want)
	}
}

// written waits until the writer has handed over everything.
func written(t *testing.T, l *link) {
	t.Helper()
	if !l.wait(5*time.Second, func() bool { return !l.backlog() }) {
		t.Fatal("the writer hangs")
	}
}

func TestOnePictureIsUnderWay(t *testing.T) {
	l, r, clock := piped(t)
	l.probe()
	takes(t, r, "\x1b[c")
	written(t, l)
	if l.busy() {
		t.Fatal("a terminal that may never answer holds the first picture back")
	}
	clock.step(oldPicture + time.Second)
	if _, err := l.Write([]byte("one")); err != nil {
		t.Fatal(err)
	}
	takes(t, r, "one") // and no request: it is not known whether it answers
	if !l.acknowledge() {
		t.Fatal("the first reply is not called the first")
	}
	if l.acknowledge() {
		t.Fatal("a second first reply")
	}
	_, _ = l.Write([]byte("two"))
	takes(t, r, "two\x1b[c")
	written(t, l)
	if !l.busy() || !l.replies() {
		t.Fatal("the next picture does not wait for the reply")
	}
	_, _ = l.Write([]byte("forced")) // a resize, say: no second request
	takes(t, r, "forced")
	clock.step(300 * time.Millisecond)
	l.acknowledge()
	written(t, l)
	if l.busy() || l.age() != 0 || l.replies() {
		t.Fatalf("after the reply: busy %v, age %v", l.busy(), l.age())
	}
}

func TestLateRepliesBelongToOldPictures(t *testing.T) {
	l, r, clock := piped(t)
	l.acknowledge()
	_, _ = l.Write([]byte("a"))
	takes(t, r, "a\x1b[c")
	clock.step(oldPicture)
	written(t, l)
	if l.busy() {
		t.Fatal("a picture without a reply blocks for ever")
	}
	_, _ = l.Write([]byte("b"))
	takes(t, r, "b\x1b[c")
	written(t, l)
	clock.step(time.Second)
	if age := l.age(); age != 3*time.Second {
		t.Fatalf("age %v, want 3s: the picture on the screen is from before a", age)
	}
	l.acknowledge() // of a, not of b
	if age := l.age(); age != time.Second {
		t.Fatalf("after the late reply: age %v, want 1s", age)
	}
	l.acknowledge()
	if age := l.age(); age != 0 {
		t.Fatalf("after both: age %v", age)
	}
}

func TestALostReplyIsGivenUp(t *testing.T) {
	l, r, clock := piped(t)
	l.acknowledge()
	_, _ = l.Write([]byte("a"))
	takes(t, r, "a\x1b[c")
	written(t, l)
	clock.step(lostReply + time.Second)
	if l.busy() || l.age() != 0 {
		t.Fatalf("busy %v, age %v", l.busy(), l.age())
	}
	_, _ = l.Write([]byte("b"))
	takes(t, r, "b\x1b[c")
	written(t, l)
	clock.step(time.Millisecond)
	l.acknowledge()
	if l.age() != 0 {
		t.Fatal("the reply was counted for the one that was lost")
	}
}

// TestWriteNeverBlocks fills the terminal's buffer and goes on.
func TestWriteNeverBlocks(t *testing.T) {
	l, r, clock := piped(t)
	screen := []byte(strings.Repeat("x", 1<<16))
	for range 10 {
		if n, err := l.Write(screen); n != len(screen) || err != nil {
			t.Fatal(n, err)
		}
	}
	clock.step(3 * time.Second)
	if !l.busy() || l.age() != 3*time.Second {
		t.Fatalf("busy %v, age %v", l.busy(), l.age())
	}
	if l.wait(20*time.Millisecond, func() bool { return !l.backlog() }) {
		t.Fatal("nobody reads, and yet all was written")
	}
	takes(t, r, strings.Repeat("x", 10<<16))
	written(t, l)
	if l.busy() || l.age() != 0 || l.sent() != 10<<16 {
		t.Fatalf("busy %v, age %v, sent %d", l.busy(), l.age(), l.sent())
	}
}

func TestALostTerminalIsAnError(t *testing.T) {
	l, r, _ := piped(t)
	_ = r.Close()
	_, _ = l.Write([]byte("x"))
	<-l.done
	if l.lost() == nil {
		t.Fatal("the loss is not known")
	}
	if _, err := l.Write([]byte("y")); err == nil {
		t.Fatal("writing into nothing succeeds")
	}
	l.finish() // does not wait for what cannot come
}
