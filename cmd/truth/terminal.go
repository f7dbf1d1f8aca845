package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/creack/pty"

	"stoke/engine"
	"stoke/engine/experiment"
	"stoke/tui"
)

// show is the cockpit of a load in a process of its own.
func show(ctx context.Context, run *engine.Run, terminal *os.File) error {
	_, err := tui.Open(ctx, tui.Options{Run: run, In: terminal, Out: terminal})
	return err
}

const (
	abuseEvery = time.Second / 60
	sipEvery   = 100 * time.Millisecond
	sip        = 100      // bytes that are read at once: 1 KB/s
	redraw     = "\x0c"   // ctrl+l
	asked      = "\x1b[c" // by which the cockpit asks whether its picture arrived
	answered   = "\x1b[?62c"
)

// badTerminal opens a terminal that takes 1 KB/s, changes its size and asks for
// the whole picture sixty times a second.
func badTerminal() (*experiment.Terminal, error) {
	ptm, pts, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("opening a terminal: %w", err)
	}
	var (
		over  = make(chan struct{})
		work  sync.WaitGroup
		taken atomic.Int64
	)
	each := func(every time.Duration, do func(turn int)) {
		work.Go(func() {
			ticker := time.NewTicker(every)
			defer ticker.Stop()
			for turn := 0; ; turn++ {
				select {
				case <-over:
					return
				case <-ticker.C:
					do(turn)
				}
			}
		})
	}
	sizes := []pty.Winsize{{Rows: 40, Cols: 120}, {Rows: 24, Cols: 80}, {Rows: 60, Cols: 200}, {Rows: 1, Cols: 1}}
	each(abuseEvery, func(turn int) {
		// A full terminal takes neither, which is abuse enough.
		_ = ptm.SetWriteDeadline(time.Now().Add(abuseEvery))
		_ = pty.Setsize(ptm, &sizes[turn%len(sizes)])
		_, _ = ptm.WriteString(redraw)
	})
	var unanswered []byte // the end of what was read, which may hold half a question
	each(sipEvery, func(int) {
		buf := make([]byte, sip)
		_ = ptm.SetReadDeadline(time.Now().Add(sipEvery))
		n, _ := ptm.Read(buf)
		taken.Add(int64(n))
		unanswered = append(unanswered, buf[:n]...)
		for {
			_, rest, found := bytes.Cut(unanswered, []byte(asked))
			if !found {
				break
			}
			unanswered = rest
			_, _ = ptm.WriteString(answered)
		}
		unanswered = unanswered[max(len(unanswered)-len(asked), 0):]
	})
	return &experiment.Terminal{
		Give: func(c *exec.Cmd) {
			c.Env = append(c.Environ(), "TERM=xterm-256color")
			c.ExtraFiles = []*os.File{pts}
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: experiment.TerminalFile}
		},
		Close: func() (int64, error) {
			close(over)
			work.Wait()
			return taken.Load(), errors.Join(ptm.Close(), pts.Close())
		},
	}, nil
}
