package health

import "time"

// counters are what the system and the runtime have counted up to one moment.
// The second that is judged lies between two of them. A field whose ok is
// false could not be read.
type counters struct {
	at       int64 // CLOCK_MONOTONIC, or time since start where there is none
	system   systemCounters
	gcCPU    float64 // seconds
	gcCycles uint64
}

// systemCounters are read from the operating system.
type systemCounters struct {
	cpu   time.Duration // used by this process
	cpuOK bool

	usable   float64 // CPUs that this process may use at once
	usableOK bool

	host   hostTimes
	hostOK bool

	quota                bool // a CPU quota is set
	periods, throttled   int64
	throttleOK           bool
	asleep, asleepWithin int64 // time spent suspended since boot, ns, and the error of it
	asleepOK             bool
	clock                string // clock source; empty if unknown

	files, otherFiles, fileLimit int64 // files is 0 on kernels that do not count
	filesOK                      bool

	portRange, timeWait int64
	reuse, reuseLocal   bool // a port in TIME_WAIT is taken again after a second: always, or to this machine
	portsOK             bool

	segments, retransmits int64
	tcpOK                 bool

	drops   int64 // in the kernel's queues and at sockets
	dropsOK bool
	// What the network cards received and dropped; 0 where it is not told.
	received, cardDrops int64
}

// hostTimes are the clock ticks of all CPUs together.
type hostTimes struct{ total, idle, steal int64 }

// lag sums up delays seen in one second, in nanoseconds.
type lag struct {
	count         int
	p50, p99, max int64
}

// readings are the second that just ended, ready to be judged.
type readings struct {
	first bool // since the start: not judged worse than Warn

	canary       lag
	canaryRecent int64 // p99 of the seconds that a p99 needs, this one the last
	canaryOK     bool
	watched      int64 // ns of the second that the canary covers

	sched lag // p50 and max are not known

	runnable      float64 // median of runnable goroutines for each CPU
	runnableLooks int
	gcPause       lag
	gcShare       float64
	gcCycles      float64 // a second

	busy   float64 // own CPU as a share of usable
	busyOK bool
	usable float64

	ticks               int64
	stolen              int64
	idle, steal, others float64 // shares of the machine's CPUs; others: used by other programs
	hostOK              bool

	quota, throttleOK  bool
	periods, throttled int64

	asleep   int64
	asleepOK bool
	clock    string

	files, otherFiles, fileLimit int64
	filesOK                      bool

	portRange, timeWait int64
	reuse, reuseLocal   bool
	portsOK             bool

	segments, retransmits int64
	tcpOK                 bool

	drops, dropSeconds  int64 // dropSeconds: seconds in a row with drops, this one included
	received, cardDrops int64 // packets of network cards
	dropsOK             bool
}

// dropped is how many packets this machine threw away that may have been
// answers. What network cards dropped counts if the target is reached through
// one, and if it is more than the stray packets that no program wanted, which
// the kernel counts there too.
func (r *readings) dropped(f *Facts) int64 {
	if f.TargetLocal || float64(r.cardDrops) <= strayDrops*float64(r.received) {
		return r.drops
	}
	return r.drops + r.cardDrops
}

// between fills in what follows from two readings of the counters. A counter
// that was not readable both times stays unknown.
func (r *readings) between(from, to *counters, procs int) {
	elapsed := float64(to.at - from.at)
	if elapsed <= 0 {
		return
	}
	a, b := &from.system, &to.system

	r.usable = float64(procs)
	if b.usableOK {
		r.usable = min(r.usable, b.usable)
	}
	if a.cpuOK && b.cpuOK && r.usable > 0 {
		r.busyOK = true
		r.busy = max(float64(b.cpu-a.cpu)/elapsed/r.usable, 0)
	}
	r.gcShare = max(to.gcCPU-from.gcCPU, 0) * 1e9 / elapsed / float64(procs)
	r.gcCycles = float64(to.gcCycles-from.gcCycles) * 1e9 / elapsed

	if a.hostOK && b.hostOK && b.host.total > a.host.total {
		r.hostOK = true
		r.ticks = b.host.total - a.host.total
		r.stolen = max(b.host.steal-a.host.steal, 0)
		total := float64(r.ticks)
		r.idle = min(max(float64(b.host.idle-a.host.idle), 0)/total, 1)
		r.steal = float64(r.stolen) / total
		r.others = max(1-r.idle-r.steal-ownShare(a, b, elapsed, total), 0)
	}

	r.throttleOK = a.throttleOK && b.throttleOK
	r.quota = b.quota
	r.periods, r.throttled = max(b.periods-a.periods, 0), max(b.throttled-a.throttled, 0)

	// The two clocks are read one after the other. What may have passed
	// between them is no sleep.
	r.asleepOK = a.asleepOK && b.asleepOK
	r.asleep = max(b.asleep-a.asleep-a.asleepWithin-b.asleepWithin, 0)
	r.clock = b.clock

	r.filesOK, r.fileLimit = b.filesOK, b.fileLimit
	r.files, r.otherFiles = b.files, b.otherFiles
	r.portsOK, r.portRange, r.timeWait = b.portsOK, b.portRange, b.timeWait
	r.reuse, r.reuseLocal = b.reuse, b.reuseLocal

	r.tcpOK = a.tcpOK && b.tcpOK
	r.segments, r.retransmits = max(b.segments-a.segments, 0), max(b.retransmits-a.retransmits, 0)
	r.dropsOK = a.dropsOK && b.dropsOK
	r.drops = max(b.drops-a.drops, 0)
	r.received, r.cardDrops = max(b.received-a.received, 0), max(b.cardDrops-a.cardDrops, 0)
}

// ownShare is the part of the machine's ticks that this process used. Ticks
// come 100 a second for each CPU.
func ownShare(a, b *systemCounters, elapsed, ticks float64) float64 {
	if !a.cpuOK || !b.cpuOK {
		return 0
	}
	const ticksPerSecond = 100
	cpus := ticks / (elapsed / 1e9 * ticksPerSecond)
	return float64(b.cpu-a.cpu) / elapsed / max(cpus, 1)
}
