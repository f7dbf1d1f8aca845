//go:build !linux

package experiment

import (
	"fmt"
	"time"
)

// errLinux is what the experiments on this machine's health say elsewhere.
var errLinux = fmt.Errorf("%w: Linux", ErrMissing)

func used() time.Duration { return 0 }

func tickOnEachCPU(time.Time, chan<- sight, <-chan struct{}) (int, error) { return 0, errLinux }

func stopProcess(int) error        { return errLinux }
func continueProcess(int) error    { return errLinux }
func allowFiles(int, uint64) error { return errLinux }

// group would be a control group.
type group struct{}

func newGroup() (*group, error) { return nil, errLinux }

func (*group) take(int) error      { return errLinux }
func (*group) limit(float64) error { return errLinux }
func (*group) close() error        { return nil }
