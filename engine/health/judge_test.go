package health

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// healthy is a second with nothing wrong and with enough of everything to
// judge it.
func healthy() (readings, Facts) {
	return readings{
			canary: lag{count: 500, p50: 80_000, p99: 200_000, max: 900_000}, canaryOK: true, watched: 1e9,
			sched:    lag{count: 1000, p99: 20_000},
			runnable: 0.5, runnableLooks: 100,
			busy: 0.31, busyOK: true, usable: 2,
			ticks: 200, idle: 0.6, others: 0.1, hostOK: true,
			quota: true, periods: 10, throttleOK: true,
			asleepOK: true, clock: "tsc",
			files: 100, fileLimit: 1000, filesOK: true,
			portRange: 28_232, timeWait: 10, portsOK: true,
			segments: 100_000, tcpOK: true, dropsOK: true,
		}, Facts{
			SendLagCount: 1000, SendLagP50: 50_000, SendLagP99: 120_000, SendLagMax: 1_200_000,
			ServiceP50: 2 * ms, AuditOK: true, Connections: 64, Rate: 1000,
			LittleMeasured: 10, LittleExpected: 10, Looks: 640,
		}
}

func metric(t *testing.T, rep *Report, name string) Metric {
	t.Helper()
	i := slices.IndexFunc(rep.Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("no metric %q", name)
	}
	return rep.Metrics[i]
}

// lags are of a second with few requests: its median and slowest, and the p99 of
// what the seconds up to it sent.
func lags(sent, p50, most, recent, p99 int64) func(r *readings, f *Facts) {
	return func(_ *readings, f *Facts) {
		f.SendLagCount, f.SendLagP50, f.SendLagP99, f.SendLagMax = sent, p50, most, most
		f.RecentLagCount, f.RecentLagP99 = recent, p99
	}
}

// heard is what the canary of a second tells: its reads, the latest of them, and
// the p99 of the seconds up to it.
func heard(reads int, most, recent int64) func(r *readings, f *Facts) {
	return func(r *readings, _ *Facts) {
		r.canary.count, r.canary.p99, r.canary.max, r.canaryRecent = reads, most, most, recent
	}
}

// limitCases holds one case for each side of each limit.
var limitCases = []struct {
	what string
	name string
	set  func(r *readings, f *Facts)
	want State
}{
	{"at 1 ms", "send lag p99", func(r *readings, f *Facts) { f.SendLagP99 = 1 * ms }, OK},
	{"over 1 ms", "send lag p99", func(r *readings, f *Facts) { f.SendLagP99 = 1*ms + 1 }, Warn},
	{"at 10 ms", "send lag p99", func(r *readings, f *Facts) { f.SendLagP99 = 10 * ms }, Warn},
	{"over 10 ms", "send lag p99", func(r *readings, f *Facts) { f.SendLagP99 = 10*ms + 1 }, Invalid},
	{"at 5 % of the service time", "send lag p99", func(r *readings, f *Facts) { f.ServiceP50, f.SendLagP99 = 100*ms, 5*ms }, OK},
	{"over 5 % of it", "send lag p99", func(r *readings, f *Facts) { f.ServiceP50, f.SendLagP99 = 100*ms, 5*ms+1 }, Warn},
	{"at 25 % of it", "send lag p99", func(r *readings, f *Facts) { f.ServiceP50, f.SendLagP99 = 100*ms, 25*ms }, Warn},
	{"over 25 % of it", "send lag p99", func(r *readings, f *Facts) { f.ServiceP50, f.SendLagP99 = 100*ms, 25*ms+1 }, Invalid},
	{"nothing sent", "send lag p99", func(r *readings, f *Facts) { *f = Facts{AuditOK: true, SendLagP99: 20 * ms} }, Unknown},
	{"few, the tail of seconds late", "send lag p99", lags(200, 1*ms, 3*ms, 1000, 1*ms+1), Warn},
	{"few, the tail of seconds very late", "send lag p99", lags(200, 1*ms, 30*ms, 1000, 10*ms+1), Invalid},
	{"few, three late, the tail of seconds not", "send lag p99", lags(200, 1*ms, 9*ms, 1000, 1*ms), OK},
	{"few, the seconds before late", "send lag p99", lags(200, 0, 1*ms, 1000, 50*ms), OK},
	{"one of very few late", "send lag p99", lags(99, 1*ms, 10*ms, 999, 10*ms), OK},
	{"one of very few very late", "send lag p99", lags(99, 1*ms, 10*ms+1, 999, 20*ms), Warn},
	{"half of very few late", "send lag p99", lags(9, 1*ms+1, 2*ms, 90, 2*ms), Warn},
	{"half of very few very late", "send lag p99", lags(9, 10*ms+1, 20*ms, 90, 20*ms), Invalid},

	{"at 1 ms", "read canary p99", heard(500, 1*ms, 1*ms), OK},
	{"over 1 ms", "read canary p99", heard(500, 1*ms+1, 1*ms+1), Warn},
	{"at 5 ms", "read canary p99", heard(500, 5*ms, 5*ms), Warn},
	{"over 5 ms", "read canary p99", heard(500, 5*ms+1, 5*ms+1), Invalid},
	{"late, but hardly read", "read canary p99", heard(99, 9*ms, 9*ms), Unknown},
	{"six late, the tail of seconds not", "read canary p99", heard(500, 4*ms, 1*ms), OK},
	{"the seconds before late", "read canary p99", heard(500, 1*ms, 50*ms), OK},
	{"never read", "read canary p99", func(r *readings, f *Facts) { r.canary = lag{} }, Unknown},
	{"none here", "read canary p99", func(r *readings, f *Facts) { r.canaryOK = false }, Unknown},

	{"at 10 ms", "hiccup max", func(r *readings, f *Facts) { r.canary.max = 10 * ms }, OK},
	{"over 10 ms", "hiccup max", func(r *readings, f *Facts) { r.canary.max = 10*ms + 1 }, Warn},
	{"at 100 ms", "hiccup max", func(r *readings, f *Facts) { r.canary.max = 100 * ms }, Warn},
	{"over 100 ms", "hiccup max", func(r *readings, f *Facts) { r.canary.max = 100*ms + 1 }, Invalid},
	{"hardly watched", "hiccup max", func(r *readings, f *Facts) { r.canary.max, r.watched = 200*ms, 499*ms }, Unknown},
	{"none here", "hiccup max", func(r *readings, f *Facts) { r.canaryOK = false }, Unknown},

	{"at 1 ms", "scheduler latency p99", func(r *readings, f *Facts) { r.sched.p99 = 1 * ms }, OK},
	{"over 1 ms", "scheduler latency p99", func(r *readings, f *Facts) { r.sched.p99 = 1*ms + 1 }, Warn},
	{"at 10 ms", "scheduler latency p99", func(r *readings, f *Facts) { r.sched.p99 = 10 * ms }, Warn},
	{"over 10 ms", "scheduler latency p99", func(r *readings, f *Facts) { r.sched.p99 = 10*ms + 1 }, Invalid},
	{"few, and quick", "scheduler latency p99", func(r *readings, f *Facts) { r.sched.count = 99 }, OK},
	{"few, and slow", "scheduler latency p99", func(r *readings, f *Facts) { r.sched = lag{count: 99, p99: 50 * ms} }, Unknown},
	{"none", "scheduler latency p99", func(r *readings, f *Facts) { r.sched = lag{} }, Unknown},

	{"at 4", "tasks waiting for each CPU", func(r *readings, f *Facts) { r.runnable = 4 }, OK},
	{"over 4", "tasks waiting for each CPU", func(r *readings, f *Facts) { r.runnable = 4.5 }, Warn},
	{"at 32", "tasks waiting for each CPU", func(r *readings, f *Facts) { r.runnable = 32 }, Warn},
	{"over 32", "tasks waiting for each CPU", func(r *readings, f *Facts) { r.runnable = 32.5 }, Invalid},
	{"hardly looked", "tasks waiting for each CPU", func(r *readings, f *Facts) { r.runnable, r.runnableLooks = 99, 19 }, Unknown},
	{"never looked", "tasks waiting for each CPU", func(r *readings, f *Facts) { r.runnableLooks = 0 }, Unknown},

	{"at 0.5 ms", "GC pause p99", func(r *readings, f *Facts) { r.gcPause.p99 = 500_000 }, OK},
	{"over 0.5 ms", "GC pause p99", func(r *readings, f *Facts) { r.gcPause.p99 = 500_001 }, Warn},
	{"at 5 ms", "GC pause p99", func(r *readings, f *Facts) { r.gcPause.p99 = 5 * ms }, Warn},
	{"over 5 ms", "GC pause p99", func(r *readings, f *Facts) { r.gcPause.p99 = 5*ms + 1 }, Invalid},
	{"at 5 %", "GC share of CPU", func(r *readings, f *Facts) { r.gcShare = 0.05 }, OK},
	{"over 5 %", "GC share of CPU", func(r *readings, f *Facts) { r.gcShare = 0.051 }, Warn},
	{"at 20 %", "GC share of CPU", func(r *readings, f *Facts) { r.gcShare = 0.2 }, Warn},
	{"over 20 %", "GC share of CPU", func(r *readings, f *Facts) { r.gcShare = 0.201 }, Invalid},
	{"at 2", "GC cycles a second", func(r *readings, f *Facts) { r.gcCycles = 2 }, OK},
	{"over 2", "GC cycles a second", func(r *readings, f *Facts) { r.gcCycles = 2.1 }, Warn},
	{"very many", "GC cycles a second", func(r *readings, f *Facts) { r.gcCycles = 1000 }, Warn},

	{"at 70 %", "own CPU", func(r *readings, f *Facts) { r.busy = 0.7 }, OK},
	{"over 70 %", "own CPU", func(r *readings, f *Facts) { r.busy = 0.701 }, Warn},
	{"at 90 %", "own CPU", func(r *readings, f *Facts) { r.busy = 0.9 }, Warn},
	{"over 90 %", "own CPU", func(r *readings, f *Facts) { r.busy = 0.901 }, Invalid},
	{"not told", "own CPU", func(r *readings, f *Facts) { r.busyOK = false }, Unknown},

	{"at 50 %", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy = 0.5 }, OK},
	{"over 50 %", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy = 0.501 }, Warn},
	{"at 80 %", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy = 0.8 }, Warn},
	{"over 80 %", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy = 0.801 }, Invalid},
	{"foretold 52 %", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy, f.SendLagCount = 0.31, 600 }, Warn},
	{"foretold over 80 %, used less", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy, f.SendLagCount = 0.5, 500 }, Warn},
	{"sent a little more than asked", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy, f.SendLagCount = 0.5, 1010 }, OK},
	{"a target that stalls", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy, f.SendLagCount = 0.1, 499 }, Unknown},
	{"closed model", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busy, f.Rate = 0.9, 0 }, Unknown},
	{"not told", "own CPU at the asked rate", func(r *readings, f *Facts) { r.busyOK = false }, Unknown},

	{"at 15 %", "idle CPU of this machine", func(r *readings, f *Facts) { r.idle = 0.15 }, OK},
	{"under 15 %", "idle CPU of this machine", func(r *readings, f *Facts) { r.idle = 0.149 }, Warn},
	{"none", "idle CPU of this machine", func(r *readings, f *Facts) { r.idle = 0 }, Warn},
	{"few ticks", "idle CPU of this machine", func(r *readings, f *Facts) { r.idle, r.ticks = 0, 49 }, Unknown},
	{"not told", "idle CPU of this machine", func(r *readings, f *Facts) { r.hostOK = false }, Unknown},
	{"at 1 %", "stolen CPU", func(r *readings, f *Facts) { r.steal, r.stolen, r.ticks = 0.01, 4, 400 }, OK},
	{"over 1 %", "stolen CPU", func(r *readings, f *Facts) { r.steal, r.stolen = 0.02, 4 }, Warn},
	{"at 5 %", "stolen CPU", func(r *readings, f *Facts) { r.steal, r.stolen = 0.05, 10 }, Warn},
	{"over 5 %", "stolen CPU", func(r *readings, f *Facts) { r.steal, r.stolen = 0.055, 11 }, Invalid},
	{"the grain of a tick", "stolen CPU", func(r *readings, f *Facts) { r.steal, r.stolen = 0.015, 3 }, OK},
	{"few ticks", "stolen CPU", func(r *readings, f *Facts) { r.steal, r.stolen, r.ticks = 0.1, 4, 40 }, Unknown},
	{"not told", "stolen CPU", func(r *readings, f *Facts) { r.hostOK = false }, Unknown},

	{"none", "CPU quota stops", func(r *readings, f *Facts) { r.throttled = 0 }, OK},
	{"1 of 20", "CPU quota stops", func(r *readings, f *Facts) { r.throttled, r.periods = 1, 20 }, Warn},
	{"1 of 10", "CPU quota stops", func(r *readings, f *Facts) { r.throttled = 1 }, Invalid},
	{"no quota", "CPU quota stops", func(r *readings, f *Facts) { r.quota = false }, OK},
	{"not told", "CPU quota stops", func(r *readings, f *Facts) { r.throttleOK = false }, Unknown},

	{"clock slack", "suspended", func(r *readings, f *Facts) { r.asleep = 10 * ms }, OK},
	{"a nap", "suspended", func(r *readings, f *Facts) { r.asleep = 10*ms + 1 }, Invalid},
	{"not told", "suspended", func(r *readings, f *Facts) { r.asleepOK = false }, Unknown},
	{"quick", "clock source", func(r *readings, f *Facts) { r.clock = "kvm-clock" }, OK},
	{"slow", "clock source", func(r *readings, f *Facts) { r.clock = "hpet" }, Warn},
	{"not told", "clock source", func(r *readings, f *Facts) { r.clock = "" }, Unknown},
	{"none", "requests slept past", func(r *readings, f *Facts) { f.LateWake = 0 }, OK},
	{"one", "requests slept past", func(r *readings, f *Facts) { f.LateWake = 1 }, Invalid},

	{"at 80 %", "open files", func(r *readings, f *Facts) { r.files = 800 }, OK},
	{"over 80 %", "open files", func(r *readings, f *Facts) { r.files = 801 }, Warn},
	{"one refused", "open files", func(r *readings, f *Facts) { f.NoFile = 1 }, Invalid},
	{"refused, not counted", "open files", func(r *readings, f *Facts) { r.filesOK, f.NoFile = false, 1 }, Invalid},
	{"old kernel, at 80 %", "open files", func(r *readings, f *Facts) { r.files, r.otherFiles, f.Connections = 0, 700, 100 }, OK},
	{"old kernel, over 80 %", "open files", func(r *readings, f *Facts) { r.files, r.otherFiles, f.Connections = 0, 701, 100 }, Warn},
	{"not told", "open files", func(r *readings, f *Facts) { r.filesOK = false }, Unknown},

	{"at 60 %", "local ports", func(r *readings, f *Facts) { r.portRange, r.timeWait = 1000, 536 }, OK},
	{"over 60 %", "local ports", func(r *readings, f *Facts) { r.portRange, r.timeWait = 1000, 537 }, Warn},
	{"at 0.8 of the range a minute", "local ports", func(r *readings, f *Facts) { f.NewConnections = 376 }, OK},
	{"over 0.8 of the range a minute", "local ports", func(r *readings, f *Facts) { f.NewConnections = 377 }, Warn},
	{"local target, ports come back at once", "local ports", func(r *readings, f *Facts) {
		r.reuseLocal, f.TargetLocal, r.timeWait, f.NewConnections = true, true, 28_000, 20_000
	}, OK},
	{"they come back for a local target only", "local ports", func(r *readings, f *Facts) { r.reuseLocal, r.timeWait = true, 28_000 }, Warn},
	{"they come back for all", "local ports", func(r *readings, f *Facts) { r.reuse, r.timeWait = true, 28_000 }, OK},
	{"one refused", "local ports", func(r *readings, f *Facts) { f.NoPort = 1 }, Invalid},
	{"not told", "local ports", func(r *readings, f *Facts) { r.portsOK = false }, Unknown},

	{"at 0.1 %", "packets sent again", func(r *readings, f *Facts) { r.retransmits = 100 }, OK},
	{"over 0.1 %", "packets sent again", func(r *readings, f *Facts) { r.retransmits = 101 }, Warn},
	{"at 1 %", "packets sent again", func(r *readings, f *Facts) { r.retransmits = 1000 }, Warn},
	{"over 1 %", "packets sent again", func(r *readings, f *Facts) { r.retransmits = 1001 }, Invalid},
	{"one of few", "packets sent again", func(r *readings, f *Facts) { r.retransmits, r.segments = 1, 10 }, OK},
	{"some of few", "packets sent again", func(r *readings, f *Facts) { r.retransmits, r.segments = 9, 10 }, Warn},
	{"not told", "packets sent again", func(r *readings, f *Facts) { r.tcpOK = false }, Unknown},

	{"at 5 %", "connections with unread answers", func(r *readings, f *Facts) { f.Looks, f.Unread = 100, 5 }, OK},
	{"over 5 %", "connections with unread answers", func(r *readings, f *Facts) { f.Looks, f.Unread = 100, 6 }, Warn},
	{"at 25 %", "connections with unread answers", func(r *readings, f *Facts) { f.Looks, f.Unread = 100, 25 }, Warn},
	{"over 25 %", "connections with unread answers", func(r *readings, f *Facts) { f.Looks, f.Unread = 100, 26 }, Invalid},
	{"of few looks", "connections with unread answers", func(r *readings, f *Facts) { f.Looks, f.Unread = 39, 39 }, OK},
	{"nothing open", "connections with unread answers", func(r *readings, f *Facts) { f.Looks = 0 }, Unknown},

	{"none", "packets dropped here", func(r *readings, f *Facts) { r.drops = 0 }, OK},
	{"one", "packets dropped here", func(r *readings, f *Facts) { r.drops, r.dropSeconds = 1, 2 }, Warn},
	{"growing", "packets dropped here", func(r *readings, f *Facts) { r.drops, r.dropSeconds = 1, 3 }, Invalid},
	{"stray ones of a card", "packets dropped here", func(r *readings, f *Facts) { r.received, r.cardDrops = 1000, 1 }, OK},
	{"more than stray ones of a card", "packets dropped here", func(r *readings, f *Facts) { r.received, r.cardDrops = 1000, 2 }, Warn},
	{"of a card, growing", "packets dropped here", func(r *readings, f *Facts) { r.received, r.cardDrops, r.dropSeconds = 1000, 2, 3 }, Invalid},
	{"of a card that does not lead to the target", "packets dropped here", func(r *readings, f *Facts) { r.received, r.cardDrops, f.TargetLocal = 10, 9, true }, OK},
	{"not told", "packets dropped here", func(r *readings, f *Facts) { r.dropsOK = false }, Unknown},

	{"at 1 %", "in-flight audit", func(r *readings, f *Facts) { f.LittleMeasured, f.LittleExpected = 99, 100 }, OK},
	{"over 1 %", "in-flight audit", func(r *readings, f *Facts) { f.LittleMeasured, f.LittleExpected = 101.01, 100 }, Warn},
	{"at 5 %", "in-flight audit", func(r *readings, f *Facts) { f.LittleMeasured, f.LittleExpected = 95, 100 }, Warn},
	{"over 5 %", "in-flight audit", func(r *readings, f *Facts) { f.LittleMeasured, f.LittleExpected = 94.9, 100 }, Invalid},
	{"a grain", "in-flight audit", func(r *readings, f *Facts) { f.LittleMeasured, f.LittleExpected = 0.03, 0.01 }, OK},
	{"counted, but without times", "in-flight audit", func(r *readings, f *Facts) { f.LittleMeasured, f.LittleExpected = 3, 0 }, Invalid},
	{"nothing", "in-flight audit", func(r *readings, f *Facts) { f.LittleMeasured, f.LittleExpected = 0, 0 }, Unknown},
	{"adds up", "count audit", func(r *readings, f *Facts) { f.AuditOK = true }, OK},
	{"does not", "count audit", func(r *readings, f *Facts) { f.AuditOK, f.AuditDetail = false, "1000 asked, 999 accounted for" }, Invalid},
	{"elsewhere", "target on this machine", func(r *readings, f *Facts) { f.TargetLocal = false }, OK},
	{"here", "target on this machine", func(r *readings, f *Facts) { f.TargetLocal = true }, OK},
}

func TestEveryLimitFromBothSides(t *testing.T) {
	reached := map[string]map[State]bool{}
	for _, c := range limitCases {
		t.Run(c.name+"/"+c.what, func(t *testing.T) {
			r, f := healthy()
			c.set(&r, &f)
			rep := judge(7, &r, &f)
			m := metric(t, rep, c.name)
			if m.State != c.want {
				t.Fatalf("%s is %s, want %s: %+v", m.Name, m.State, c.want, m)
			}
			bad := c.want == Warn || c.want == Invalid
			if bad && (m.Note == "" || m.Excess <= 0) {
				t.Errorf("%s is %s without a note or excess: %+v", m.Name, m.State, m)
			}
			if !bad && m.Excess != 0 {
				t.Errorf("%s is %s with excess %v", m.Name, m.State, m.Excess)
			}
			if m.Value == "" {
				t.Errorf("%s has no value", m.Name)
			}
			if bad != slices.Contains(rep.Reasons, m.reason()) {
				t.Errorf("%s is %s, reasons %q", m.Name, m.State, rep.Reasons)
			}
			if rep.State.rank() < m.State.rank() {
				t.Errorf("report is %s with %s %s", rep.State, m.Name, m.State)
			}
		})
		if reached[c.name] == nil {
			reached[c.name] = map[State]bool{}
		}
		reached[c.name][c.want] = true
	}
	// A limit that is shown has a case that crosses it and one that does not.
	r, f := healthy()
	for _, m := range judge(1, &r, &f).Metrics {
		seen := reached[m.Name]
		if !seen[OK] || m.Warn != "" && !seen[Warn] || m.Invalid != "" && !seen[Invalid] {
			t.Errorf("%s: limits %q and %q, cases reach %v", m.Name, m.Warn, m.Invalid, seen)
		}
	}
}

func TestHealthySecond(t *testing.T) {
	r, f := healthy()
	rep := judge(42, &r, &f)
	if rep.Second != 42 || rep.State != OK || rep.Busy != 0.31 || rep.Reasons != nil {
		t.Errorf("report %+v", rep)
	}
	for _, m := range rep.Metrics {
		if m.State != OK || m.Note != "" {
			t.Errorf("in a healthy second %+v", m)
		}
	}
}

// TestNothingMeasured: what cannot be seen is unknown, never ok.
func TestNothingMeasured(t *testing.T) {
	rep := judge(1, &readings{}, &Facts{AuditOK: true})
	if rep.State != Unknown {
		t.Errorf("without a measurement the second is %s", rep.State)
	}
	if sent := judge(1, &readings{}, &Facts{AuditOK: true, SendLagCount: 5000, SendLagP50: 1000, SendLagP99: 2000, SendLagMax: 3000}); sent.State != Unknown {
		t.Errorf("with the send lag alone the second is %s", sent.State)
	}
	if rep.Busy >= 0 {
		t.Errorf("busy is %v without a measurement", rep.Busy)
	}
	known := []string{"GC pause p99", "GC share of CPU", "GC cycles a second", "requests slept past", "count audit", "target on this machine"}
	for _, m := range rep.Metrics {
		if got, want := m.State == Unknown, !slices.Contains(known, m.Name); got != want {
			t.Errorf("%s is %s", m.Name, m.State)
		}
	}
	if m := metric(t, rep, "read canary p99"); m.Value != "not available" {
		t.Errorf("canary without a canary reads %q", m.Value)
	}
}

// TestFirstSecond: start-up noise warns at most; what was counted stays.
func TestFirstSecond(t *testing.T) {
	r, f := healthy()
	r.first = true
	heard(500, 500*ms, 50*ms)(&r, nil)
	r.busy, r.steal, r.stolen = 1, 0.5, 100
	f.SendLagP99 = 50 * ms
	if rep := judge(0, &r, &f); rep.State != Warn || len(rep.Reasons) < 5 {
		t.Errorf("first second is %s: %q", rep.State, rep.Reasons)
	}
	f.NoFile = 3
	if rep := judge(0, &r, &f); rep.State != Invalid || rep.Reasons[0] != "open files none left, 3 refused" {
		t.Errorf("with refused files it is %s: %q", rep.State, rep.Reasons)
	}
}

func TestReasonsWorstFirst(t *testing.T) {
	r, f := healthy()
	r.busy = 0.72                             // 1.03 times its limit; warns twice, for the headroom too
	heard(500, 2_100_000, 2_100_000)(&r, nil) // 2.1 times
	r.sched.p99 = 12_345_678                  // invalid, 1.2 times
	f.SendLagP99 = 30_000_000                 // invalid, 3 times
	want := []string{"send lag p99 30 ms", "scheduler latency p99 12.3 ms", "read canary p99 2.10 ms", "own CPU at the asked rate 72 %", "own CPU 72 %"}
	if rep := judge(1, &r, &f); !slices.Equal(rep.Reasons, want) {
		t.Errorf("reasons %q, want %q", rep.Reasons, want)
	}
}

// A cause comes before what follows from it, however far that is beyond its
// limit.
func TestCausesComeFirst(t *testing.T) {
	r, f := healthy()
	f.SendLagP99 = 300_000_000
	r.throttled = 9
	want := []string{"CPU quota stops 90 %", "send lag p99 300 ms"}
	if rep := judge(1, &r, &f); !slices.Equal(rep.Reasons, want) {
		t.Errorf("reasons %q, want %q", rep.Reasons, want)
	}
	f.SendLagP99, r.throttled = 0, 0
	r.steal, r.stolen = 0.02, 4 // WARN, after what is INVALID
	f.SendLagP99 = 300_000_000
	if rep := judge(1, &r, &f); len(rep.Reasons) != 2 || rep.Reasons[0] != "send lag p99 300 ms" {
		t.Errorf("reasons %q", rep.Reasons)
	}
}

// With the rate at max a machine that is used up is what was asked for: it
// invalidates as ever, and the reason says why.
func TestSaturatedOnPurpose(t *testing.T) {
	r, f := healthy()
	r.busy, f.Rate = 0.97, 0
	rep := judge(1, &r, &f)
	if m := metric(t, rep, "own CPU"); rep.State != Invalid || m.Note != saturatedNote {
		t.Errorf("%s: %+v", rep.State, m)
	}
	if want := "own CPU 97 %, rate max takes all that there is"; len(rep.Reasons) != 1 || rep.Reasons[0] != want {
		t.Errorf("reasons %q, want %q", rep.Reasons, want)
	}
	f.Rate = 1000
	if m := metric(t, judge(1, &r, &f), "own CPU"); m.Note == saturatedNote {
		t.Error("a rate that was asked for is called max")
	}
}

// The limits of the send lag move with the service time, and with few requests too
// the screen shows those that are judged.
func TestLimitsAreShown(t *testing.T) {
	for _, c := range []struct {
		name          string
		sent          int64
		warn, invalid string
	}{
		{"send lag p99", 1000, "> 5 ms", "> 25 ms"},
		{"send lag p99", 10, "> 5 ms", "> 25 ms"},
		{"send lag p99", 0, "> 1 ms", "> 10 ms"},
		{"idle CPU of this machine", 0, "< 15 %", ""},
		{"GC cycles a second", 0, "> 2", ""},
		{"CPU quota stops", 0, "any", "> 5 %"},
		{"requests slept past", 0, "", "any"},
		{"suspended", 0, "", "> 10 ms"},
		{"clock source", 0, "a slow one", ""},
		{"open files", 0, "> 80 %", "none left"},
		{"local ports", 0, "> 60 %", "none left"},
		{"packets dropped here", 0, "any", "3 s in a row"},
		{"count audit", 0, "", "any mismatch"},
		{"target on this machine", 0, "", ""},
	} {
		r, f := healthy()
		f.SendLagCount, f.ServiceP50 = c.sent, 100*ms
		if c.sent == 0 {
			f.ServiceP50 = 0
		}
		if m := metric(t, judge(1, &r, &f), c.name); m.Warn != c.warn || m.Invalid != c.invalid {
			t.Errorf("%s with %d sent: limits %q and %q, want %q and %q", c.name, c.sent, m.Warn, m.Invalid, c.warn, c.invalid)
		}
	}
}

func TestNotesAreForOperators(t *testing.T) {
	r, f := healthy()
	f.TargetLocal = true
	if m := metric(t, judge(1, &r, &f), "target on this machine"); m.Value != "yes" || m.Note == "" || m.Detail != "other programs use 10 %" {
		t.Errorf("local target reads %+v", m)
	}
	f.AuditOK, f.AuditDetail = false, "1000 asked, 999 accounted for"
	if m := metric(t, judge(1, &r, &f), "count audit"); m.Value != f.AuditDetail {
		t.Errorf("audit reads %+v", m)
	}
	for _, c := range limitCases {
		r, f := healthy()
		c.set(&r, &f)
		m := metric(t, judge(1, &r, &f), c.name)
		if strings.Contains(m.Note, "goroutine") || strings.HasSuffix(m.Note, ".") {
			t.Errorf("%s: note %q", m.Name, m.Note)
		}
	}
}

// TestReportIsJSON: a share of an infinite limit must not break the result.
func TestReportIsJSON(t *testing.T) {
	for _, c := range limitCases {
		r, f := healthy()
		c.set(&r, &f)
		if _, err := json.Marshal(judge(1, &r, &f)); err != nil {
			t.Errorf("%s/%s: %v", c.name, c.what, err)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		unit unit
		v    float64
		want string
	}{
		{nanos, 0, "0 ms"}, {nanos, 120_000, "0.12 ms"}, {nanos, 2_100_000, "2.10 ms"}, {nanos, 9_999, "10.00 µs"},
		{nanos, 950, "0.95 µs"}, {nanos, 1.9e9, "1.90 s"}, {nanos, 123_456_789, "123 ms"}, {nanos, 34.56e6, "34.6 ms"},
		{share, 0.31, "31 %"}, {share, 0.0029, "0.29 %"}, {share, 1, "100 %"}, {share, 0.966, "96.6 %"},
		{number, 4, "4"}, {number, 0.5, "0.50"},
	} {
		if got := c.unit.format(c.v); got != c.want {
			t.Errorf("%v is %q, want %q", c.v, got, c.want)
		}
	}
}
