package health

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// machine writes files as a kernel would serve them and returns their root.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var fixture = map[string]string{
	"proc/stat":                  statText,
	"proc/self/net/snmp":         snmpText,
	"proc/self/net/netstat":      netstatText,
	"proc/self/net/sockstat":     sockstatText,
	"proc/self/net/softnet_stat": softnetText,
	"proc/self/net/dev":          "  eth0: 1 500 0 7 0\n",
	"proc/self/fd/0":             "",
	"proc/self/cgroup":           "0::/a/b\n",
	"sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet\n",
	"proc/sys/net/ipv4/ip_local_port_range":                           "32768\t60999\n",
	"proc/sys/net/ipv4/tcp_tw_reuse":                                  "2\n",
}

func TestSystemReads(t *testing.T) {
	s := openSystem(machine(t, fixture))
	defer s.close()
	var c systemCounters
	s.read(&c)
	if !c.hostOK || c.host.steal != 50 {
		t.Errorf("host %+v, %v", c.host, c.hostOK)
	}
	if !c.tcpOK || c.segments != 6_637_361 || c.retransmits != 12 {
		t.Errorf("%d of %d segments sent again, %v", c.retransmits, c.segments, c.tcpOK)
	}
	if !c.dropsOK || c.drops != 26+1+2+3+4+5+6 {
		t.Errorf("%d dropped, %v", c.drops, c.dropsOK)
	}
	if c.received != 500 || c.cardDrops != 7 {
		t.Errorf("of network cards: %d of %d dropped", c.cardDrops, c.received)
	}
	if !c.portsOK || c.portRange != 28_232 || c.timeWait != 367 || c.reuse || !c.reuseLocal {
		t.Errorf("ports: %+v", c)
	}
	if c.clock != "hpet" {
		t.Errorf("clock %q", c.clock)
	}
	if !c.cpuOK || !c.usableOK || c.usable < 1 || !c.asleepOK || c.fileLimit <= 0 {
		t.Errorf("of the process: %+v", c)
	}
	if c.otherFiles != 1 {
		t.Errorf("%d files open at the start", c.otherFiles)
	}
}

// TestSystemReadsAgain: files are read anew each time, not as they were opened.
func TestSystemReadsAgain(t *testing.T) {
	root := machine(t, fixture)
	s := openSystem(root)
	defer s.close()
	var c systemCounters
	s.read(&c)
	if err := os.WriteFile(filepath.Join(root, "proc/stat"), []byte("cpu 1 2 3 4 5 6 7 8\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c = systemCounters{}
	s.read(&c)
	if c.host != (hostTimes{total: 36, idle: 9, steal: 8}) {
		t.Errorf("host %+v after the change", c.host)
	}
}

func TestQuota(t *testing.T) {
	for _, c := range []struct {
		what               string
		files              map[string]string
		usable             float64
		quota, ok          bool
		periods, throttled int64
	}{
		{"v2, the lowest of two", map[string]string{
			"proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
			"cg/a/b/cpu.max":      "30000 100000\n", "cg/a/b/cpu.stat": "usage_usec 1\nnr_periods 40\nnr_throttled 3\n",
			"cg/a/cpu.max": "50000 100000\n", "cg/a/cpu.stat": "nr_periods 50\nnr_throttled 4\n",
			"cg/cpu.stat": "usage_usec 1\n",
		}, 0.3, true, true, 50, 7},
		{"v2, no limit", map[string]string{
			"proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
			"cg/a/b/cpu.max":      "max 100000\n", "cg/a/b/cpu.stat": "nr_periods 0\nnr_throttled 0\n",
		}, 0, false, true, 0, 0},
		{"v2, a quota whose stops are not told", map[string]string{
			"proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
			"cg/a/b/cpu.max":      "50000 100000\n",
		}, 0.5, false, false, 0, 0},
		{"v1 in a container that sees the path of its host", map[string]string{
			"proc/self/cgroup":     "3:cpu,cpuacct:/docker/0123\n0::/\n",
			"proc/self/mountinfo":  "32 31 0:29 / /cg rw - cgroup cgroup rw,cpu,cpuacct\n",
			"cg/cpu.cfs_quota_us":  "25000\n",
			"cg/cpu.cfs_period_us": "100000\n",
			"cg/cpu.stat":          "nr_periods 9\nnr_throttled 2\nthrottled_time 77\n",
		}, 0.25, true, true, 9, 2},
		{"v1, no limit", map[string]string{
			"proc/self/cgroup":     "3:cpu:/\n",
			"proc/self/mountinfo":  "32 31 0:29 / /cg rw - cgroup cgroup rw,cpu\n",
			"cg/cpu.cfs_quota_us":  "-1\n",
			"cg/cpu.cfs_period_us": "100000\n",
			"cg/cpu.stat":          "nr_periods 0\nnr_throttled 0\n",
		}, 0, false, true, 0, 0},
		{"no groups", nil, 0, false, false, 0, 0},
	} {
		t.Run(c.what, func(t *testing.T) {
			files := maps.Clone(fixture)
			maps.Copy(files, c.files)
			s := openSystem(machine(t, files))
			defer s.close()
			var got systemCounters
			s.read(&got)
			if c.usable > 0 && got.usable != c.usable || c.usable == 0 && got.usable < 1 {
				t.Errorf("usable CPUs %v, want %v", got.usable, c.usable)
			}
			if got.quota != c.quota || got.throttleOK != c.ok || got.periods != c.periods || got.throttled != c.throttled {
				t.Errorf("quota %v, known %v, %d of %d", got.quota, got.throttleOK, got.throttled, got.periods)
			}
		})
	}
}

// TestEmptyMachine: nothing is there, nothing is claimed.
func TestEmptyMachine(t *testing.T) {
	s := openSystem(t.TempDir())
	defer s.close()
	var c systemCounters
	s.read(&c)
	if c.hostOK || c.tcpOK || c.dropsOK || c.portsOK || c.throttleOK || c.filesOK || c.clock != "" {
		t.Errorf("claims %+v", c)
	}
}
