package experiment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// used is the CPU time of this process.
func used() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func stopProcess(pid int) error     { return unix.Kill(pid, unix.SIGSTOP) }
func continueProcess(pid int) error { return unix.Kill(pid, unix.SIGCONT) }

// allowFiles sets how many files a process may have open.
func allowFiles(pid int, n uint64) error {
	return unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n}, nil)
}

// group is a control group of our own, whose CPU time can be limited.
type group struct {
	dir string
	v2  bool
}

const groupPeriod = 100 * time.Millisecond

// newGroup makes a control group for CPU time: of version 1 where the system
// has that, else of version 2.
func newGroup() (*group, error) {
	name := fmt.Sprintf("stoke-truth-%d-%d", os.Getpid(), time.Now().UnixNano())
	var why error
	for _, g := range []group{{"/sys/fs/cgroup/cpu", false}, {"/sys/fs/cgroup/cpu,cpuacct", false}, {"/sys/fs/cgroup", true}} {
		if g.v2 {
			// The controllers of a group have to be handed down to those in it.
			_ = os.WriteFile(filepath.Join(g.dir, "cgroup.subtree_control"), []byte("+cpu"), 0)
		}
		g.dir = filepath.Join(g.dir, name)
		if err := os.Mkdir(g.dir, 0o755); err != nil {
			why = errors.Join(why, err)
			continue
		}
		if _, err := os.Stat(filepath.Join(g.dir, g.file())); err != nil {
			why = errors.Join(why, err, g.close())
			continue
		}
		return &g, nil
	}
	return nil, fmt.Errorf("%w: a control group whose CPU time may be limited (as root, with /sys/fs/cgroup writable): %s",
		ErrMissing, strings.ReplaceAll(why.Error(), "\n", "; "))
}

func (g *group) file() string {
	if g.v2 {
		return "cpu.max"
	}
	return "cpu.cfs_quota_us"
}

// take moves a process into the group.
func (g *group) take(pid int) error {
	return os.WriteFile(filepath.Join(g.dir, "cgroup.procs"), fmt.Append(nil, pid), 0)
}

// limit allows the group so many CPUs.
func (g *group) limit(cpus float64) error {
	quota := max(int64(cpus*float64(groupPeriod.Microseconds())), 1000)
	text := fmt.Append(nil, quota)
	if g.v2 {
		text = fmt.Appendf(nil, "%d %d", quota, groupPeriod.Microseconds())
	}
	return os.WriteFile(filepath.Join(g.dir, g.file()), text, 0)
}

// close removes the group, whose processes have ended.
func (g *group) close() error {
	err := os.Remove(g.dir)
	for end := time.Now().Add(time.Second); errors.Is(err, syscall.EBUSY) && time.Now().Before(end); err = os.Remove(g.dir) {
		time.Sleep(time.Millisecond) // a process that has ended leaves it a moment later
	}
	return err
}
