//go:build !linux

package main

import (
	"errors"
	"os/exec"
)

// separate cannot choose processors here.
func separate() (func(*exec.Cmd) error, error) {
	return nil, errors.New("this system does not let a program choose")
}
