package health

import (
	"slices"
	"testing"
)

const statText = `cpu  69024 10 22037 301908 434 5 1383 50 7 0
cpu0 34508 0 10914 151173 60 0 701 21 0 0
intr 5 6
`

const netstatText = `TcpExt: SyncookiesSent PruneCalled RcvPruned OfoPruned TCPBacklogDrop TCPZeroWindowDrop TCPRcvQDrop
TcpExt: 9 1 2 3 4 5 6
IpExt: InNoRoutes PruneCalled
IpExt: 8 1000
`

const snmpText = `Ip: Forwarding DefaultTTL
Ip: 1 64
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
Tcp: 1 200 120000 -1 196 163 0 206 0 6638004 6637361 12 0 145 0
Udp: InDatagrams NoPorts
Udp: 1 2
`

const sockstatText = `sockets: used 15
TCP: inuse 1 orphan 0 tw 367 alloc 1 mem 195
UDP: inuse 0 mem 0
`

const softnetText = `0036775e 0000000a 00000000 00000000
002ed283 00000010 00000005 00000000
`

func TestParse(t *testing.T) {
	// user+nice+system+idle+iowait+irq+softirq+steal; guest time is in user.
	if got, ok := parseStat([]byte(statText)); !ok || got != (hostTimes{total: 394_851, idle: 302_342, steal: 50}) {
		t.Errorf("stat: %+v, %v", got, ok)
	}
	if got, ok := parseStat([]byte("cpu 1 2 3 4\n")); !ok || got != (hostTimes{total: 10, idle: 4}) {
		t.Errorf("stat of an old kernel: %+v, %v", got, ok)
	}
	const four = "cpu 40 0 0 400 0 0 0 4\ncpu0 10 0 0 100 0 0 0 1\ncpu1 0 0 0 110 0 0 0 0\ncpu2 20 0 0 90 0 0 0 3\ncpu3 10 0 0 100 0 0 0 0\nintr 5\n"
	for _, c := range []struct {
		cpus []int
		want hostTimes
	}{
		{[]int{0, 1, 2, 3}, hostTimes{444, 400, 4}}, // the line of all
		{[]int{2}, hostTimes{113, 90, 3}},
		{[]int{0, 1}, hostTimes{221, 210, 1}},
		{[]int{77}, hostTimes{444, 400, 4}},
	} {
		if got, ok := parseStatOf([]byte(four), func(cpu int) bool { return slices.Contains(c.cpus, cpu) }); !ok || got != c.want {
			t.Errorf("CPUs %v: %+v, %v", c.cpus, got, ok)
		}
	}
	if got, ok := parsePairs([]byte("usage_usec 5\nnr_periods 12\nnr_throttled 3\n"), "nr_throttled"); !ok || got != 3 {
		t.Errorf("pairs: %d, %v", got, ok)
	}
	if got, ok := parseSockstat([]byte(sockstatText)); !ok || got != 367 {
		t.Errorf("sockstat: %d, %v", got, ok)
	}
	if got, ok := parseSoftnet([]byte(softnetText)); !ok || got != 26 {
		t.Errorf("softnet: %d, %v", got, ok)
	}
	if got, ok := parseRange([]byte("32768\t60999\n")); !ok || got != 28_232 {
		t.Errorf("range: %d, %v", got, ok)
	}
	var segments [2]int64
	if n := parseTable([]byte(snmpText), "Tcp:", []string{"OutSegs", "RetransSegs"}, segments[:]); n != 2 || segments != [2]int64{6_637_361, 12} {
		t.Errorf("snmp: %d found, %v", n, segments)
	}
	drops := make([]int64, 6)
	names := []string{"PruneCalled", "RcvPruned", "OfoPruned", "TCPBacklogDrop", "TCPRcvQDrop", "TCPZeroWindowDrop"}
	if n := parseTable([]byte(netstatText), "TcpExt:", names, drops); n != 6 || !slices.Equal(drops, []int64{1, 2, 3, 4, 6, 5}) {
		t.Errorf("netstat: %d found, %v", n, drops)
	}
	for _, c := range []struct {
		text    string
		cpus    float64
		limited bool
	}{{"150000 100000\n", 1.5, true}, {"max 100000\n", 0, false}, {"20000 100000", 0.2, true}, {"0 100000", 0, false}} {
		if cpus, limited := parseCPUMax([]byte(c.text)); cpus != c.cpus || limited != c.limited {
			t.Errorf("cpu.max %q: %v, %v", c.text, cpus, limited)
		}
	}
}

// TestParseNonsense: what has another form is not found, and nothing panics,
// wherever a text is cut.
func TestParseNonsense(t *testing.T) {
	whole := []string{statText, netstatText, snmpText, sockstatText, softnetText, "32768\t60999\n", "150000 100000\n", "nr_throttled 3\n"}
	for _, text := range whole {
		for end := range len(text) {
			cut := []byte(text[:end])
			parseStat(cut)
			parsePairs(cut, "nr_throttled")
			parseSockstat(cut)
			parseSoftnet(cut)
			parseRange(cut)
			parseCPUMax(cut)
			parseTable(cut, "Tcp:", []string{"OutSegs"}, make([]int64, 1))
			parseTable(cut, "TcpExt:", []string{"RcvPruned"}, make([]int64, 1))
		}
	}
	for _, text := range []string{"", "\n", "cpu", "cpu x y z q", "cpu 1 2", "intr 1 2 3 4 5"} {
		if got, ok := parseStat([]byte(text)); ok {
			t.Errorf("stat %q: %+v", text, got)
		}
	}
	for _, text := range []string{"", "x", "00 zz\n", "00\n"} {
		if got, ok := parseSoftnet([]byte(text)); ok {
			t.Errorf("softnet %q: %d", text, got)
		}
	}
	for _, text := range []string{"", "5", "9 3", "a b", "1 99999999999999999999"} {
		if got, ok := parseRange([]byte(text)); ok {
			t.Errorf("range %q: %d", text, got)
		}
	}
	if got, ok := parseSockstat([]byte("TCP: inuse 1 tw\n")); ok {
		t.Errorf("sockstat without a number: %d", got)
	}
	if n := parseTable([]byte("Tcp: OutSegs\nUdp: 5\n"), "Tcp:", []string{"OutSegs"}, make([]int64, 1)); n != 0 {
		t.Errorf("a table without values: %d found", n)
	}
}

func TestCgroupDirs(t *testing.T) {
	const v1 = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
	const v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
	for _, c := range []struct {
		what           string
		cgroup, mounts string
		want           []string
		v2             bool
	}{
		{"v2 service", "0::/system.slice/stoke.service\n", v2,
			[]string{"/sys/fs/cgroup/system.slice/stoke.service", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup"}, true},
		{"v2 container", "0::/\n", v2, []string{"/sys/fs/cgroup"}, true},
		{"v2 bind mount", "0::/kubepods/pod1/c1\n", "30 23 0:26 /kubepods/pod1 /sys/fs/cgroup ro - cgroup2 cgroup ro\n",
			[]string{"/sys/fs/cgroup/c1", "/sys/fs/cgroup"}, true},
		{"v1", "4:cpuset:/x\n2:cpu,cpuacct:/docker/abc\n0::/\n", v1,
			[]string{"/sys/fs/cgroup/cpu,cpuacct/docker/abc", "/sys/fs/cgroup/cpu,cpuacct/docker", "/sys/fs/cgroup/cpu,cpuacct"}, false},
		{"v1 without v2 mount", "0::/a\n", v1, nil, false},
		{"hybrid, cpu in v2", "1:name=systemd:/a\n0::/a\n", v2 + v1, []string{"/sys/fs/cgroup/a", "/sys/fs/cgroup"}, true},
		{"nothing", "", "", nil, false},
		{"nonsense", "x\n::\n", "y - z\n - \n", nil, false},
	} {
		if got, isV2 := cgroupDirs(c.cgroup, c.mounts); !slices.Equal(got, c.want) || isV2 != c.v2 {
			t.Errorf("%s: %q, v2 %v", c.what, got, isV2)
		}
	}
}

func TestParseDevices(t *testing.T) {
	const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 125470560416 208683465    0    77    0     0          0         0 125470560416 208683465    0    0    0     0       0          0
  eth0:    1000      50    0    3    0     0          0         0        0       0    0    9    0     0       0          0
  eth1:12345       7    1    4    0     0          0         0        0       0    0    0    0     0       0          0
`
	packets, dropped, ok := parseDevices([]byte(text))
	if packets != 57 || dropped != 7 || !ok {
		t.Errorf("%d of %d dropped, %v", dropped, packets, ok)
	}
	for _, bad := range []string{"", "eth0: 1 2", "eth0: a b c d e"} {
		if _, _, ok := parseDevices([]byte(bad)); ok {
			t.Errorf("%q was understood", bad)
		}
	}
}
