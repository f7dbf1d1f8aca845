package health

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// system reads the counters of this machine. It keeps its files open and reads
// them from the start each time, into one buffer.
type system struct {
	stat, snmp, netstat, sockstat, softnet, devices, clock, ports *os.File
	groups                                                        []cgroup
	grouped                                                       bool // groups are known, if only to be none
	reuse, reuseLocal                                             bool
	bound                                                         unix.CPUSet // the CPUs that this process may use
	otherFiles                                                    int64       // open at the start; for kernels that do not count
	fdDir                                                         string
	buf                                                           []byte
}

// cgroup is one directory that may hold a CPU quota. v1 has the quota and the
// period in two files, v2 in one.
type cgroup struct {
	max, quota, period, stat *os.File
}

// openSystem opens what there is under root, which is "/" but in tests.
func openSystem(root string) *system {
	// A file that is not there stays nil; reading it is then not ok.
	open := func(name string) *os.File {
		f, err := os.Open(filepath.Join(root, name))
		if err != nil {
			return nil
		}
		return f
	}
	s := &system{
		stat:     open("proc/stat"),
		snmp:     open("proc/self/net/snmp"),
		netstat:  open("proc/self/net/netstat"),
		sockstat: open("proc/self/net/sockstat"),
		softnet:  open("proc/self/net/softnet_stat"),
		devices:  open("proc/self/net/dev"),
		clock:    open("sys/devices/system/clocksource/clocksource0/current_clocksource"),
		ports:    open("proc/sys/net/ipv4/ip_local_port_range"),
		fdDir:    filepath.Join(root, "proc/self/fd"),
		buf:      make([]byte, 32<<10),
	}
	switch text, _ := os.ReadFile(filepath.Join(root, "proc/sys/net/ipv4/tcp_tw_reuse")); strings.TrimSpace(string(text)) {
	case "1":
		s.reuse = true
	case "2":
		s.reuseLocal = true
	}
	if entries, err := os.ReadDir(s.fdDir); err == nil {
		s.otherFiles = int64(len(entries))
	}
	groups, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	mounts, err2 := os.ReadFile(filepath.Join(root, "proc/self/mountinfo"))
	if err == nil && err2 == nil {
		dirs, v2 := cgroupDirs(string(groups), string(mounts))
		s.grouped = len(dirs) > 0
		for _, dir := range dirs {
			var g cgroup
			if v2 {
				g.max = open(filepath.Join(dir, "cpu.max"))
			} else {
				g.quota, g.period = open(filepath.Join(dir, "cpu.cfs_quota_us")), open(filepath.Join(dir, "cpu.cfs_period_us"))
			}
			if g.max == nil && (g.quota == nil || g.period == nil) {
				g.close() // not there, or a root group, which has no quota
				continue
			}
			g.stat = open(filepath.Join(dir, "cpu.stat"))
			s.groups = append(s.groups, g)
		}
	}
	return s
}

func (g *cgroup) close() {
	for _, f := range []*os.File{g.max, g.quota, g.period, g.stat} {
		_ = f.Close() // nil is an error and nothing else
	}
}

func (s *system) close() {
	for _, f := range []*os.File{s.stat, s.snmp, s.netstat, s.sockstat, s.softnet, s.devices, s.clock, s.ports} {
		_ = f.Close()
	}
	for i := range s.groups {
		s.groups[i].close()
	}
}

// text returns what f holds now, or nothing. It is valid until the next call.
func (s *system) text(f *os.File, most int) []byte {
	if f == nil {
		return nil
	}
	n, err := f.ReadAt(s.buf[:min(most, len(s.buf))], 0)
	if err != nil && err != io.EOF {
		return nil
	}
	return s.buf[:n]
}

const all = 32 << 10

// dropNames are the reasons of TcpExt for which received data is thrown away.
var dropNames = []string{"PruneCalled", "RcvPruned", "OfoPruned", "TCPBacklogDrop", "TCPRcvQDrop", "TCPZeroWindowDrop"}

var segmentNames = []string{"OutSegs", "RetransSegs"}

// read fills c.
func (s *system) read(c *systemCounters) {
	c.cpu, c.cpuOK = ownCPU()
	s.readUsable(c)
	c.host, c.hostOK = parseStatOf(s.text(s.stat, all), s.bound.IsSet) // the lines of the CPUs are the first
	readAsleep(c)
	c.clock = strings.TrimSpace(string(s.text(s.clock, 64)))
	s.readFiles(c)

	c.portRange, c.portsOK = parseRange(s.text(s.ports, 64))
	if tw, ok := parseSockstat(s.text(s.sockstat, all)); ok {
		c.timeWait = tw
	} else {
		c.portsOK = false
	}
	c.reuse, c.reuseLocal = s.reuse, s.reuseLocal

	var segments [2]int64
	c.tcpOK = parseTable(s.text(s.snmp, all), "Tcp:", segmentNames, segments[:]) == len(segments)
	c.segments, c.retransmits = segments[0], segments[1]

	var drops [6]int64
	named := parseTable(s.text(s.netstat, all), "TcpExt:", dropNames, drops[:])
	queue, ok := parseSoftnet(s.text(s.softnet, all))
	c.dropsOK = ok || named > 0 // older kernels lack some names
	c.drops = queue
	c.received, c.cardDrops, _ = parseDevices(s.text(s.devices, all))
	for _, n := range drops {
		c.drops += n
	}
}

// readUsable finds how many CPUs this process may use at once: those it is
// bound to, and the lowest quota of the groups it is in.
func (s *system) readUsable(c *systemCounters) {
	if err := unix.SchedGetaffinity(0, &s.bound); err == nil {
		c.usable, c.usableOK = float64(s.bound.Count()), true
	}
	c.throttleOK = s.grouped
	for i := range s.groups {
		g := &s.groups[i]
		cpus, limited := s.quotaOf(g)
		if !limited {
			continue
		}
		if !c.usableOK || cpus < c.usable {
			c.usable, c.usableOK = cpus, true
		}
		text := s.text(g.stat, 2<<10)
		periods, ok := parsePairs(text, "nr_periods")
		throttled, ok2 := parsePairs(text, "nr_throttled")
		if !ok || !ok2 {
			c.throttleOK = false
			continue
		}
		// The stops of all groups hurt; their periods run side by side.
		c.periods = max(c.periods, periods)
		c.throttled += throttled
		c.quota = true
	}
}

func (s *system) quotaOf(g *cgroup) (cpus float64, limited bool) {
	if g.max != nil {
		return parseCPUMax(s.text(g.max, 64))
	}
	quota, ok := parseInt(trimmed(s.text(g.quota, 32)))
	period, ok2 := parseInt(trimmed(s.text(g.period, 32)))
	if !ok || !ok2 || quota <= 0 || period <= 0 {
		return 0, false
	}
	return float64(quota) / float64(period), true
}

func trimmed(text []byte) []byte {
	word, _ := field(text)
	return word
}

// readFiles counts open descriptors. Since Linux 6.2 the size of /proc/self/fd
// is their number; before, it is what was open at the start and the connections
// that the engine has since.
func (s *system) readFiles(c *systemCounters) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return
	}
	c.fileLimit = int64(min(limit.Cur, 1<<62))
	var st unix.Stat_t
	if err := unix.Stat(s.fdDir, &st); err == nil && st.Size > 0 && st.Mode&unix.S_IFMT == unix.S_IFDIR {
		c.files = st.Size
	}
	c.otherFiles = s.otherFiles
	c.filesOK = c.files > 0 || c.otherFiles > 0
}

// readAsleep tells how long this machine was suspended since it was booted:
// one clock counts that time, the other does not.
func readAsleep(c *systemCounters) {
	var before, boot, after unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &before) != nil ||
		unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil ||
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &after) != nil {
		return
	}
	c.asleep = boot.Nano() - before.Nano()
	c.asleepWithin = after.Nano() - before.Nano()
	c.asleepOK = true
}

// ownCPU is the CPU time that this process has used.
func ownCPU() (time.Duration, bool) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}

func monotonic() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0
	}
	return now.Nano()
}
