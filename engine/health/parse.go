package health

import (
	"bytes"
	"path"
	"strings"
)

// The texts that the kernel serves in /proc and /sys, taken apart without
// allocating. Each function says what it found; a text that has another form
// than expected is not found, never a wrong number.

// parseInt reads a decimal number with an optional minus.
func parseInt(text []byte) (int64, bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	n := int64(0)
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// field cuts the first word off text.
func field(text []byte) (word, rest []byte) {
	text = bytes.TrimLeft(text, " \t")
	end := bytes.IndexAny(text, " \t\n")
	if end < 0 {
		return text, nil
	}
	return text[:end], text[end:]
}

// line cuts the first line off text.
func line(text []byte) (first, rest []byte) {
	first, rest, _ = bytes.Cut(text, []byte{'\n'})
	return first, rest
}

// parseStat reads the line of all CPUs of /proc/stat.
func parseStat(text []byte) (hostTimes, bool) {
	first, _ := line(text)
	word, rest := field(first)
	if string(word) != "cpu" {
		return hostTimes{}, false
	}
	return parseTimes(rest)
}

// parseStatOf is parseStat for a program that is bound to some of the CPUs: of
// those that it may use. What happens on the others is none of its business.
func parseStatOf(text []byte, may func(cpu int) bool) (hostTimes, bool) {
	whole, ok := parseStat(text)
	var ours hostTimes
	used, cpus := 0, 0
	_, text = line(text)
	for len(text) > 0 {
		var l []byte
		l, text = line(text)
		word, rest := field(l)
		number, found := bytes.CutPrefix(word, []byte("cpu"))
		if !found {
			break
		}
		cpu, good := parseInt(number)
		t, good2 := parseTimes(rest)
		if !good || !good2 {
			break
		}
		cpus++
		if may(int(cpu)) {
			used++
			ours.total, ours.idle, ours.steal = ours.total+t.total, ours.idle+t.idle, ours.steal+t.steal
		}
	}
	if used == 0 || used == cpus {
		return whole, ok
	}
	return ours, ok
}

// parseTimes reads the ticks behind the name of a CPU.
func parseTimes(rest []byte) (hostTimes, bool) {
	var word []byte
	// user nice system idle iowait irq softirq steal; guest time, which
	// follows, is in user already.
	var t hostTimes
	for i := range 8 {
		word, rest = field(rest)
		n, ok := parseInt(word)
		if !ok {
			if i >= 4 { // an old kernel ends here
				break
			}
			return hostTimes{}, false
		}
		t.total += n
		switch i {
		case 3, 4:
			t.idle += n
		case 7:
			t.steal = n
		}
	}
	return t, true
}

// parsePairs finds the number after a key, as in "nr_periods 12" one a line.
func parsePairs(text []byte, key string) (int64, bool) {
	for len(text) > 0 {
		var l []byte
		l, text = line(text)
		word, rest := field(l)
		if string(word) == key {
			word, _ = field(rest)
			return parseInt(word)
		}
	}
	return 0, false
}

// parseTable sums named columns of the table with the given prefix in
// /proc/net/snmp or /proc/net/netstat: one line of names, one of values. It
// adds to sums, which goes with names, and returns how many it found.
func parseTable(text []byte, prefix string, names []string, sums []int64) (found int) {
	for len(text) > 0 {
		var head, values []byte
		head, text = line(text)
		word, head := field(head)
		if string(word) != prefix {
			continue
		}
		values, _ = line(text)
		if word, values = field(values); string(word) != prefix {
			return 0
		}
		for {
			var name, value []byte
			name, head = field(head)
			value, values = field(values)
			if len(name) == 0 || len(value) == 0 {
				return found
			}
			for i := range names {
				if string(name) == names[i] {
					if n, ok := parseInt(value); ok {
						sums[i] += n
						found++
					}
				}
			}
		}
	}
	return 0
}

// parseSockstat reads the number of TCP sockets in TIME_WAIT from
// /proc/net/sockstat. They are those of IPv4 and IPv6.
func parseSockstat(text []byte) (int64, bool) {
	for len(text) > 0 {
		var l []byte
		l, text = line(text)
		word, rest := field(l)
		if string(word) != "TCP:" {
			continue
		}
		for len(rest) > 0 {
			word, rest = field(rest)
			if string(word) == "tw" {
				word, _ = field(rest)
				return parseInt(word)
			}
		}
	}
	return 0, false
}

// parseSoftnet sums the packets dropped because a CPU's queue was full: the
// second column, in hexadecimal, of each line of /proc/net/softnet_stat.
func parseSoftnet(text []byte) (dropped int64, ok bool) {
	for len(text) > 0 {
		var l []byte
		l, text = line(text)
		_, rest := field(l)
		word, _ := field(rest)
		n, good := parseHex(word)
		if !good {
			return 0, false
		}
		dropped += n
		ok = true
	}
	return dropped, ok
}

// parseDevices sums what the network cards received and what of it was dropped,
// in packets, from /proc/net/dev. The loopback is no card.
func parseDevices(text []byte) (packets, dropped int64, ok bool) {
	for len(text) > 0 {
		var l []byte
		l, text = line(text)
		// A name, then bytes, packets, errors and drops; the two lines of the
		// head have no colon.
		name, rest, found := bytes.Cut(l, []byte{':'})
		if !found {
			continue
		}
		var figures [4]int64
		for i := range figures {
			var word []byte
			word, rest = field(rest)
			n, good := parseInt(word)
			if !good {
				return 0, 0, false
			}
			figures[i] = n
		}
		ok = true
		if string(bytes.TrimSpace(name)) != "lo" {
			packets, dropped = packets+figures[1], dropped+figures[3]
		}
	}
	return packets, dropped, ok
}

func parseHex(text []byte) (int64, bool) {
	if len(text) == 0 || len(text) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | int64(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | int64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// parseRange reads two numbers, as in ip_local_port_range, and returns how many
// ports that is.
func parseRange(text []byte) (int64, bool) {
	first, rest := field(text)
	last, _ := field(rest)
	a, ok := parseInt(first)
	b, ok2 := parseInt(last)
	return b - a + 1, ok && ok2 && b >= a
}

// parseCPUMax reads cpu.max of cgroup v2: "150000 100000" is 1.5 CPUs. It
// reports false for "max".
func parseCPUMax(text []byte) (cpus float64, limited bool) {
	first, rest := field(text)
	second, _ := field(rest)
	quota, ok := parseInt(first)
	period, ok2 := parseInt(second)
	if !ok || !ok2 || quota <= 0 || period <= 0 {
		return 0, false
	}
	return float64(quota) / float64(period), true
}

// cgroupDirs names the directories, from this process's group up to the mount,
// in which a CPU quota may be set, given /proc/self/cgroup and
// /proc/self/mountinfo. In a container the path of the group may lie outside of
// what is mounted; directories that do not exist are left to the caller to
// find out.
func cgroupDirs(cgroup, mountinfo string) (dirs []string, v2 bool) {
	paths := map[string]string{} // of the group: "" for v2, "cpu" for v1
	for l := range strings.Lines(cgroup) {
		// hierarchy:controllers:path
		part := strings.SplitN(strings.TrimSuffix(l, "\n"), ":", 3)
		if len(part) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(part[1], ",") {
			if controller == "cpu" || part[1] == "" {
				paths[controller] = part[2]
			}
		}
	}
	for _, kind := range []string{"cpu", ""} {
		group, ok := paths[kind]
		if !ok {
			continue
		}
		if mount, root, ok := cgroupMount(mountinfo, kind); ok {
			return parents(mount, root, group), kind == ""
		}
	}
	return nil, false
}

// cgroupMount finds where the hierarchy of v2, or of the named v1 controller,
// is mounted, and which of its directories is the root there.
func cgroupMount(mountinfo, controller string) (mount, root string, ok bool) {
	for l := range strings.Lines(mountinfo) {
		before, after, found := strings.Cut(strings.TrimSpace(l), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !found || len(left) < 5 || len(right) < 3 {
			continue
		}
		switch {
		case controller == "" && right[0] == "cgroup2":
		case controller != "" && right[0] == "cgroup" && strings.Contains(","+right[2]+",", ","+controller+","):
		default:
			continue
		}
		return left[4], left[3], true
	}
	return "", "", false
}

// parents lists the directory of group and those above it, down from most
// deep, ending with the mount.
func parents(mount, root, group string) []string {
	inside := strings.TrimPrefix(path.Clean(group), strings.TrimSuffix(path.Clean(root), "/"))
	var dirs []string
	for dir := path.Join("/", inside); dir != "/"; dir = path.Dir(dir) {
		dirs = append(dirs, path.Join(mount, dir))
	}
	return append(dirs, mount)
}
