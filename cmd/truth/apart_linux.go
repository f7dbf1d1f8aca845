package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// separate keeps this process to one half of the processors that it may use and
// returns a way to start another on the other half.
func separate() (func(*exec.Cmd) error, error) {
	var all, ours, theirs unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return nil, fmt.Errorf("reading the processors: %w", err)
	}
	if all.Count() < 2 {
		return nil, errors.New("there is only one")
	}
	for cpu, left := 0, all.Count()/2; cpu < 1024; cpu++ {
		switch {
		case !all.IsSet(cpu):
		case left > 0:
			theirs.Set(cpu)
			left--
		default:
			ours.Set(cpu)
		}
	}
	// Threads to come inherit from the one that makes them.
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			continue
		}
		if err := unix.SchedSetaffinity(id, &ours); err != nil && !errors.Is(err, unix.ESRCH) {
			return nil, fmt.Errorf("choosing processors: %w", err)
		}
	}
	runtime.GOMAXPROCS(ours.Count())
	return func(c *exec.Cmd) error {
		// The child inherits from the thread that starts it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := unix.SchedSetaffinity(0, &theirs); err != nil {
			return err
		}
		return errors.Join(c.Start(), unix.SchedSetaffinity(0, &ours))
	}, nil
}
