package engine

import (
	"testing"
	"time"

	"stoke/engine/measure"
)

// What the line says of figures: three digits with their zeros, times with a
// space before the unit, and since when it has been so.
func TestVerdictWords(t *testing.T) {
	counts := func(ok, limited, status, assert int64) measure.Stats {
		n := measure.Counts{Intended: ok + limited + status + assert, OK: ok, Limited: limited, Status: status, Assert: assert}
		x := measure.Stats{Counts: n}
		if status > 0 {
			x.ByStatus = []measure.Tally{{Name: "500", Count: status}}
		}
		return x
	}
	steady := measure.Segment{Verdict: measure.Steady, Detail: "for 12 s", Stats: counts(997, 3, 0, 0)}
	for _, x := range []struct {
		name         string
		segment      measure.Segment
		jobs         []JobFacts
		text, detail string
	}{
		{name: "round share", segment: measure.Segment{Stats: counts(64, 36, 0, 0)},
			text: "THROTTLED 36.0 %", detail: "the target's limiter refuses"},
		{name: "small share", segment: measure.Segment{Stats: counts(985, 0, 15, 0)}, text: "TARGET FAILS 1.50 %", detail: "500 x15"},
		{name: "checks", segment: measure.Segment{Stats: counts(90, 0, 2, 8)}, text: "TARGET FAILS 10.0 %", detail: "500 x2, checks x8"},
		{name: "settling", segment: measure.Segment{Verdict: measure.Settling}, text: "SETTLING", detail: "95 s since the change"},
		{name: "steady after a drift", segment: steady, text: "TARGET KEEPS UP", detail: "steady for 12 s, 0.30 % throttled since this change"},
		{name: "jobs", segment: steady, jobs: []JobFacts{{Name: "fine", AcceptedRate: 9, DoneRate: 8.5, Slope: 0.5},
			{Name: "process", Lost: 40, Failed: 2, AcceptedRate: 6, DoneRate: 3, Slope: 1}},
			text: "TARGET FAILS 40.0 % OF ITS JOBS", detail: "process: 2 failed, 40 lost so far"},
	} {
		s := &Snapshot{State: Running, At: 95 * time.Second, Audit: auditOK}
		s.View.Segments, s.Traffic.Jobs = []*measure.Segment{&x.segment}, x.jobs
		if v := verdict(s); v.Text != x.text || v.Detail != x.detail {
			t.Errorf("%s: %q, %q; want %q, %q", x.name, v.Text, v.Detail, x.text, x.detail)
		}
	}
}

// Before and after the load: what was sent, and what is still under way.
func TestVerdictWithoutLoad(t *testing.T) {
	jobs := []JobFacts{{Backlog: 100}, {Backlog: 30}}
	for _, x := range []struct {
		s            Snapshot
		text, detail string
	}{
		{Snapshot{State: Ready}, "READY", "no load yet"},
		{Snapshot{State: Ready, Wire: WireFacts{Probe: true}}, "READY", "no load yet, one request was sent to look"},
		{Snapshot{State: Paused}, "PAUSED", "load is at zero"},
		{Snapshot{State: Paused, InFlight: 2, Connecting: 1}, "PAUSED", "load is at zero, 3 in flight finish"},
		{Snapshot{State: Paused, InFlight: 2, Traffic: TrafficFacts{Jobs: jobs}}, "PAUSED", "load is at zero, 2 in flight finish, 130 accepted jobs wait"},
		{Snapshot{State: Stopping}, "STOPPING", ""},
		{Snapshot{State: Stopping, Traffic: TrafficFacts{Jobs: jobs}}, "STOPPING", "130 accepted jobs finish"},
	} {
		if v := verdict(&x.s); v.Text != x.text || v.Detail != x.detail {
			t.Errorf("%q, %q; want %q, %q", v.Text, v.Detail, x.text, x.detail)
		}
	}
}
