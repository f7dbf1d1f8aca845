package health

import (
	"math"
	"runtime"
	"testing"
	"time"
)

func approx(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestBetween(t *testing.T) {
	from := counters{at: 5e9, gcCPU: 1, gcCycles: 10, system: systemCounters{
		cpu: 10 * time.Second, cpuOK: true, usable: 4, usableOK: true,
		host: hostTimes{total: 1000, idle: 500, steal: 7}, hostOK: true,
		throttleOK: true, periods: 100, throttled: 3, quota: true,
		asleep: 1000, asleepWithin: 200, asleepOK: true,
		segments: 1000, retransmits: 5, tcpOK: true, drops: 9, dropsOK: true,
	}}
	to := from
	to.at += 2e9 // two seconds passed: shares and rates are of these
	to.gcCPU += 0.4
	to.gcCycles += 3
	to.system.cpu += 3 * time.Second
	to.system.usable = 2
	to.system.host = hostTimes{total: 1800, idle: 700, steal: 15}
	to.system.periods, to.system.throttled = 120, 4
	to.system.asleep = 5_000_000
	to.system.segments, to.system.retransmits, to.system.drops = 3000, 7, 11

	var r readings
	r.between(&from, &to, 8)
	if !r.busyOK || !approx(r.busy, 0.75) || r.usable != 2 {
		t.Errorf("own CPU %v of %v, want 1.5 of 2", r.busy, r.usable)
	}
	if !approx(r.gcShare, 0.4/2/8) || !approx(r.gcCycles, 1.5) {
		t.Errorf("GC share %v, cycles %v", r.gcShare, r.gcCycles)
	}
	// 800 ticks in 2 s are 4 CPUs, of which this program used 1.5.
	if !r.hostOK || r.ticks != 800 || r.stolen != 8 || !approx(r.idle, 0.25) || !approx(r.steal, 0.01) || !approx(r.others, 1-0.25-0.01-0.375) {
		t.Errorf("host: %+v", r)
	}
	if !r.throttleOK || !r.quota || r.periods != 20 || r.throttled != 1 {
		t.Errorf("quota: %d of %d", r.throttled, r.periods)
	}
	if r.asleep != 5_000_000-1000-400 {
		t.Errorf("asleep %d", r.asleep)
	}
	if r.segments != 2000 || r.retransmits != 2 || r.drops != 2 {
		t.Errorf("packets: %+v", r)
	}

	// The usable CPUs are never more than the program runs on.
	r = readings{}
	r.between(&from, &to, 1)
	if r.usable != 1 || !approx(r.busy, 1.5) {
		t.Errorf("with one CPU for Go: %v of %v", r.busy, r.usable)
	}
}

// TestBetweenUnreadable: what was not read both times is not known, and what
// runs backwards is nothing.
func TestBetweenUnreadable(t *testing.T) {
	full := systemCounters{cpuOK: true, hostOK: true, throttleOK: true, asleepOK: true, tcpOK: true, dropsOK: true}
	for _, c := range []struct{ from, to counters }{
		{counters{at: 1}, counters{at: 2, system: full}},
		{counters{at: 1, system: full}, counters{at: 2}},
		{counters{at: 2, system: full}, counters{at: 2, system: full}},
	} {
		var r readings
		r.between(&c.from, &c.to, 2)
		if r.busyOK || r.hostOK || r.throttleOK || r.asleepOK || r.tcpOK || r.dropsOK {
			t.Errorf("from %+v to %+v: %+v", c.from, c.to, r)
		}
	}
	from := counters{at: 1, system: full}
	from.system.cpu, from.system.segments, from.system.drops = 5, 5, 5
	from.system.host = hostTimes{total: 10, idle: 10, steal: 10}
	to := counters{at: 1e9, system: full}
	to.system.host = hostTimes{total: 20}
	var r readings
	r.between(&from, &to, 2)
	if r.busy != 0 || r.segments != 0 || r.drops != 0 || r.idle != 0 || r.stolen != 0 {
		t.Errorf("counters that ran backwards: %+v", r)
	}
}

func TestSum(t *testing.T) {
	var delays []int64
	for i := int64(200); i > 0; i-- {
		delays = append(delays, i)
	}
	if got := sum(delays); got != (lag{count: 200, p50: 100, p99: 198, max: 200}) {
		t.Errorf("of 1 to 200: %+v", got)
	}
	if got := sum([]int64{5}); got != (lag{count: 1, p50: 5, p99: 5, max: 5}) {
		t.Errorf("of one: %+v", got)
	}
	if got := sum(nil); got != (lag{}) {
		t.Errorf("of none: %+v", got)
	}
}

func TestBucketP99(t *testing.T) {
	edges := []float64{0, 1e-6, 1e-3, math.Inf(1)}
	for _, c := range []struct {
		before, now []uint64
		want        lag
	}{
		{nil, []uint64{99, 1, 0}, lag{count: 100, p99: 1000}},
		{nil, []uint64{98, 2, 0}, lag{count: 100, p99: 1_000_000}},
		{nil, []uint64{0, 0, 5}, lag{count: 5, p99: 1_000_000}}, // no upper edge
		{[]uint64{0, 0, 7}, []uint64{10, 0, 7}, lag{count: 10, p99: 1000}},
		{[]uint64{1, 2, 3}, []uint64{1, 2, 3}, lag{}},
	} {
		if got := bucketP99(c.before, c.now, edges); got != c.want {
			t.Errorf("%v to %v: %+v, want %+v", c.before, c.now, got, c.want)
		}
	}
}

// What pauses add to the p99 of requests that come at any moment.
func TestStillness(t *testing.T) {
	edges := []float64{0, 2e-4, 1e-3, 10e-3, 15e-3, 20e-3, math.Inf(1)}
	for _, c := range []struct {
		before, now []uint64
		span, p99   int64
		max         int64
	}{
		{nil, []uint64{0, 3, 0, 0, 0, 0}, 1e9, 0, 1e6}, // 3 ms of a second: no p99 sees them
		{nil, []uint64{0, 0, 1, 0, 0, 0}, 1e9, 0, 10e6},
		{nil, []uint64{0, 0, 0, 1, 0, 0}, 1e9, 5e6, 15e6},
		{nil, []uint64{0, 0, 2, 0, 0, 0}, 1e9, 5e6, 10e6},
		{nil, []uint64{0, 100, 0, 0, 0, 0}, 1e9, 900e3, 1e6},
		{nil, []uint64{100, 0, 0, 0, 1, 0}, 1e9, 10e6, 20e6}, // the short ones do not lengthen the wait
		{nil, []uint64{0, 0, 0, 0, 0, 1}, 1e9, 10e6, 20e6},   // no upper edge
		{nil, []uint64{0, 0, 0, 1, 0, 0}, 2e9, 0, 15e6},
		{[]uint64{0, 0, 0, 1, 0, 0}, []uint64{1, 0, 0, 1, 0, 0}, 1e9, 0, 2e5},
		{[]uint64{1, 2, 3, 0, 0, 0}, []uint64{1, 2, 3, 0, 0, 0}, 1e9, 0, 0},
	} {
		got := stillness(c.before, c.now, edges, c.span)
		if off := got.p99 - c.p99; off < -1 || off > 1 || got.max != c.max {
			t.Errorf("%v to %v in %d: p99 %d, max %d, want %d and %d", c.before, c.now, c.span, got.p99, got.max, c.p99, c.max)
		}
	}
}

// TestRuntimeReader sees a garbage collection in the second in which it was.
func TestRuntimeReader(t *testing.T) {
	rt := newRuntimeReader()
	var before, after counters
	rt.read(&before)
	runtime.GC()
	_, pauses := rt.read(&after)
	if after.gcCycles <= before.gcCycles || after.gcCPU <= before.gcCPU || pauses.count == 0 || pauses.max <= 0 {
		t.Errorf("after a collection: %+v, before: %+v, pauses %+v", after, before, pauses)
	}
}
