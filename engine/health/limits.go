package health

import (
	"fmt"
	"math"
	"strconv"
)

// unit says how a value and its limits are written.
type unit uint8

const (
	nanos  unit = iota // nanoseconds, shown in µs, ms or s
	share              // 0 to 1, shown in percent
	number             // plain
)

// rule is one metric with its limits, which are crossed by going beyond them:
// above, or below if falling.
type rule struct {
	name          string
	unit          unit
	warn, invalid float64 // never for none
	falling       bool
	// any says that a limit of 0 reads "any" on screen.
	any  bool
	hard bool // a fact, no measurement: judged in the first second too
	note string
}

const (
	never = math.MaxFloat64
	ms    = 1e6
)

// rules holds every limit, in the order of the list on screen. They are those
// of the table "Generator self-health" in the measurement rules, but for what ten
// minutes on an idle machine crossed: the longest hiccup is judged from where one
// request in a hundred meets it, pauses as one moment in a hundred meets them, and
// a p99 over as many values as it needs.
var rules = struct {
	sendLag, canary, kernel, sched, runnable, gcPause, gcShare, gcCycles, ownCPU, headroom, idle, steal, throttled,
	hiccup, suspend, clockSource, lateWake, files, ports, retransmits, unread, drops, little, audit, local rule
}{
	sendLag: rule{name: "send lag p99", unit: nanos, warn: 1 * ms, invalid: 10 * ms,
		note: "requests left this machine late, and response times hold the delay: lower the rate, free CPU or use a larger machine"},
	canary: rule{name: "read canary p99", unit: nanos, warn: 1 * ms, invalid: 5 * ms,
		note: "answers waited on this machine before they were read, so latencies read too high by up to this: free CPU or lower the rate"},
	kernel: rule{name: "kernel stamp to read p99", unit: nanos, warn: 1 * ms, invalid: 5 * ms,
		note: "the kernel had the answers so much earlier than this program read them, so latencies read too high by up to this: free CPU or lower the rate"},
	sched: rule{name: "scheduler latency p99", unit: nanos, warn: 1 * ms, invalid: 10 * ms,
		note: "work of this program that was ready waited for a CPU: give it more CPUs, or lower rate or concurrency"},
	runnable: rule{name: "tasks waiting for each CPU", unit: number, warn: 4, invalid: 32,
		note: "more work of this program is ready than its CPUs can run: give it more CPUs, or lower rate or concurrency"},
	gcPause: rule{name: "GC pause p99", unit: nanos, warn: 0.5 * ms, invalid: 5 * ms,
		note: "this program stopped to collect garbage: free CPU, or let it use more memory with GOGC=800"},
	gcShare: rule{name: "GC share of CPU", unit: share, warn: 0.05, invalid: 0.20,
		note: "much of this program's CPU goes into collecting garbage: let it use more memory with GOGC=800"},
	gcCycles: rule{name: "GC cycles a second", unit: number, warn: 2, invalid: never,
		note: "garbage is collected often: let this program use more memory with GOGC=800"},
	ownCPU: rule{name: "own CPU", unit: share, warn: 0.70, invalid: 0.90,
		note: "this program uses nearly all the CPU it may use: lower the rate, or use more CPUs or a larger machine"},
	headroom: rule{name: "own CPU at the asked rate", unit: share, warn: 0.50, invalid: 0.80,
		note: "little CPU is left for this program at the rate asked for: lower the rate, or use more CPUs"},
	idle: rule{name: "idle CPU of this machine", unit: share, warn: 0.15, invalid: never, falling: true,
		note: "this machine's CPUs are nearly all busy, with other programs too: stop those or use a larger machine"},
	steal: rule{name: "stolen CPU", unit: share, warn: 0.01, invalid: 0.05,
		note: "the host gave this virtual machine's CPU time to others: use a machine with CPUs of its own"},
	throttled: rule{name: "CPU quota stops", unit: share, warn: 0, invalid: 0.05, any: true,
		note: "the CPU quota of the container or service stopped this program: raise it (cpu.max, or the CPU limit of the pod)"},
	// 10 ms are a hundredth of the second: one request in a hundred meets them.
	hiccup: rule{name: "hiccup max", unit: nanos, warn: 10 * ms, invalid: 100 * ms,
		note: "for this long this machine did not let the program run: look for other load, or a paused or moved virtual machine"},
	suspend: rule{name: "suspended", unit: nanos, warn: never, invalid: 10 * ms, any: true, hard: true,
		note: "this machine was asleep: keep it awake during a run"},
	clockSource: rule{name: "clock source", unit: number, warn: 0, invalid: never, any: true, hard: true,
		note: "reading this clock is slow and costs time at each stamp: let the kernel use tsc or kvm-clock"},
	lateWake: rule{name: "requests slept past", unit: number, warn: never, invalid: 0, any: true, hard: true,
		note: "this machine slept past the time of these requests and did not send them: free CPU, or keep it awake"},
	files: rule{name: "open files", unit: share, warn: 0.80, invalid: never, hard: true,
		note: "connections are running out of file descriptors: raise the limit with ulimit -n"},
	ports: rule{name: "local ports", unit: share, warn: 0.60, invalid: never, hard: true,
		note: "new connections are running out of local ports: keep connections open, widen net.ipv4.ip_local_port_range or use more addresses"},
	retransmits: rule{name: "packets sent again", unit: share, warn: 0.001, invalid: 0.01,
		note: "the network loses packets, so latencies hold the wait for them: look at the network, it is neither the target nor this program"},
	unread: rule{name: "connections with unread answers", unit: share, warn: 0.05, invalid: 0.25,
		note: "answers lay on this machine unread, so latencies read too high: free CPU, lower the rate or the concurrency"},
	drops: rule{name: "packets dropped here", unit: number, warn: 0, invalid: never, any: true,
		note: "the kernel of this machine dropped what it received: raise net.core.netdev_max_backlog and net.ipv4.tcp_rmem, or lower the rate"},
	little: rule{name: "in-flight audit", unit: share, warn: 0.01, invalid: 0.05,
		note: "requests in flight and their times do not match, so this second cannot be trusted: free CPU, and report it if it stays"},
	audit: rule{name: "count audit", hard: true, any: true, warn: never, invalid: 0,
		note: "requests were lost or counted twice, so do not trust these numbers: please report this"},
	local: rule{name: "target on this machine", warn: never, invalid: never,
		note: "the target shares CPUs and ports with this program: what one uses the other lacks"},
}

// saturatedNote stands for the note of a metric of CPU when the rate is max.
const saturatedNote = "with the rate at max this program asks as fast as its CPUs allow, so what is measured is where this machine ends " +
	"and not the target: ask for a rate, lower the concurrency, or use a larger machine"

// How much must be seen before a figure of a noisy kind is judged.
const (
	enoughP99      = 1000     // values for a p99: 10 above it
	recentSeconds  = 10       // that may be put together for it
	enoughKernel   = 20       // stamped answers for a p99 of theirs
	enoughCanary   = 100      // reads of the canary, a fifth of a second's
	enoughSched    = 100      // waits for a p99 of the scheduler
	enoughRunnable = 20       // looks at the run queues
	enoughTicks    = 50       // clock ticks of all CPUs together
	enoughStolen   = 4        // ticks, or the grain of a tick looks like steal
	enoughWatch    = 500 * ms // of watching for hiccups
	enoughRetrans  = 2        // segments, to warn
	muchRetrans    = 10       // segments, to invalidate
	enoughLooks    = 40       // looks at connections
	littleGrain    = 0.02     // requests by which the two sides may differ whatever their size
	strayDrops     = 0.001    // of the packets that network cards received
	growingDrops   = 3        // seconds in a row with drops are growing drops
	connsPerRange  = 0.8 / 60 // new connections a second, of the port range: TIME_WAIT lasts 60 s
	reusePerRange  = 0.8      // the same where a port is free again after a second
	headroomSent   = 0.5      // of the asked rate must be sent to foretell its cost
	sendLagWarn    = 0.05     // of the median service time, if that is more than the limit
	sendLagInvalid = 0.25
)

// format writes v as people read it: three digits, unit always.
func (u unit) format(v float64) string {
	switch u {
	case nanos:
		switch {
		case v >= 1e9:
			return digits(v/1e9) + " s"
		case v >= 1e4 || v == 0:
			return digits(v/1e6) + " ms"
		default:
			return digits(v/1e3) + " µs"
		}
	case share:
		return digits(v*100) + " %"
	default:
		return digits(v)
	}
}

// digits writes v with at most two decimals and about three digits.
func digits(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) || size >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}

// limits writes the two limits of r.
func (r *rule) limits() (warn, invalid string) {
	return r.limit(r.warn), r.limit(r.invalid)
}

func (r *rule) limit(v float64) string {
	switch {
	case v == never:
		return ""
	case r.any && v == 0:
		return "any"
	case r.falling:
		return "< " + r.unit.format(v)
	default:
		return "> " + r.unit.format(v)
	}
}

// judge returns the metric of r for the value v. The state is at most most,
// which says how much the samples can carry: a value beyond a limit that most
// does not allow to be judged is unknown, not ok.
func (r *rule) judge(v float64, most State) Metric {
	m := Metric{Name: r.name, Value: r.unit.format(v), State: OK}
	m.Warn, m.Invalid = r.limits()
	switch {
	case r.beyond(v, r.invalid):
		m.State, m.Excess = Invalid, r.excess(v, r.invalid)
	case r.beyond(v, r.warn):
		m.State, m.Excess = Warn, r.excess(v, r.warn)
	default:
		return m
	}
	m.Note = r.note
	if m.State.rank() > most.rank() {
		m.State = most
		if most == Warn {
			m.Excess = r.excess(v, r.warn)
		}
	}
	if m.State == Unknown {
		m.Excess, m.Note = 0, "too little was seen in this second to judge it"
	}
	return m
}

func (r *rule) beyond(v, limit float64) bool {
	if limit == never {
		return false
	}
	if r.falling {
		return v < limit
	}
	return v > limit
}

// excess stays finite, so that it can be sent as JSON.
func (r *rule) excess(v, limit float64) float64 {
	const most = 1e6
	if r.falling {
		v, limit = limit, v
	}
	if limit <= 0 || limit == never {
		return most
	}
	return min(v/limit, most)
}

// unknown returns the metric of r when there is nothing to judge.
func (r *rule) unknown(value, note string) Metric {
	m := Metric{Name: r.name, Value: value, State: Unknown, Note: note}
	m.Warn, m.Invalid = r.limits()
	return m
}

// notAvailable is unknown for good: this system does not tell.
func (r *rule) notAvailable() Metric {
	return r.unknown("not available", "this system does not tell")
}

func lagDetail(p50, max float64) string {
	return fmt.Sprintf("p50 %s, max %s", nanos.format(p50), nanos.format(max))
}
