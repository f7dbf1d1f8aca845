//go:build !linux

package main

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// Pinning, epoll and the accounting of a child are those of Linux.
var errNotLinux = errors.New("versus measures on Linux only")

type usage struct {
	user, system time.Duration
	peakKB       int64
	started      int64
}

func serveTarget() error                                      { return errNotLinux }
func usableCores() ([]int, error)                             { return nil, errNotLinux }
func ownGroup(*exec.Cmd)                                      {}
func startOn(*exec.Cmd, int) error                            { return errNotLinux }
func runChild(context.Context, *exec.Cmd, int) (usage, error) { return usage{}, errNotLinux }
