package health

import (
	"runtime"
	"slices"
)

// Monitor watches this machine. Make one with [Start] or [Config.Start].
type Monitor struct {
	canary  *canary // nil where there is none
	system  *system
	runtime *runtimeReader
	before  counters
	now     counters
	seconds int64
	drops   int64 // seconds in a row with dropped packets
}

// Config says how a [Monitor] is to be. The zero value will do.
type Config struct {
	// Crashed is told of a panic in a goroutine of the monitor, which has ended by
	// it: the value and the stack. The goroutine itself calls it. With nil the
	// program ends by the panic.
	Crashed func(v any, stack []byte)
}

// Start is that of a zero [Config].
func Start() *Monitor { return Config{}.Start() }

// Start begins to sample: the canary runs from now on. What cannot be started
// here is reported as unknown. Close ends it.
func (c Config) Start() *Monitor {
	m := &Monitor{canary: startCanary(c.Crashed), system: openSystem("/"), runtime: newRuntimeReader()}
	m.read(&m.before)
	return m
}

// Close ends the sampling and waits for it to end.
func (m *Monitor) Close() {
	if m.canary != nil {
		m.canary.close()
	}
	m.system.close()
}

// Second judges the second that just ended. One goroutine calls it, once a
// second; it takes well under a millisecond. The report is the caller's.
func (m *Monitor) Second(second int64, f Facts) *Report {
	r := readings{first: m.seconds == 0}
	m.seconds++
	r.sched, r.gcPause = m.read(&m.now)
	r.between(&m.before, &m.now, runtime.GOMAXPROCS(0))
	m.before = m.now
	if m.canary != nil {
		m.canary.second(&r)
	}
	r.dropSeconds = m.row(r.dropped(&f))
	return judge(second, &r, &f)
}

// row counts seconds in a row with dropped packets.
func (m *Monitor) row(drops int64) int64 {
	m.drops++
	if drops == 0 {
		m.drops = 0
	}
	return m.drops
}

func (m *Monitor) read(c *counters) (sched, pauses lag) {
	*c = counters{at: monotonic()}
	m.system.read(&c.system)
	return m.runtime.read(c)
}

// median sorts values and returns the middle one.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
