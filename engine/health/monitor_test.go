package health

import (
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestMonitor runs one on the real machine. What it finds depends on the
// machine; that it can tell does not.
func TestMonitor(t *testing.T) {
	m := Start()
	var rep *Report
	for range 3 {
		began := m.before.at
		rep = m.Second(1, Facts{AuditOK: true})
		if m.before.at <= began {
			t.Error("the next second would begin where this one began")
		}
	}
	m.Close()
	if len(rep.Metrics) < 20 || rep.Second != 1 {
		t.Fatalf("report %+v", rep)
	}
	if runtime.GOOS != "linux" {
		return
	}
	if rep.Busy < 0 || rep.Busy > 1 {
		t.Errorf("busy %v", rep.Busy)
	}
	for _, name := range []string{"own CPU", "open files", "local ports", "packets sent again", "packets dropped here"} {
		if metric(t, rep, name).State == Unknown {
			t.Errorf("%s is unknown on Linux: %+v", name, metric(t, rep, name))
		}
	}
}

// TestDropsGrow: drops count as growing only second after second.
func TestDropsGrow(t *testing.T) {
	m := Start()
	defer m.Close()
	for i, c := range []struct {
		drops int64
		want  int64
	}{{0, 0}, {1, 1}, {2, 2}, {0, 0}, {5, 1}} {
		if m.row(c.drops); m.drops != c.want {
			t.Errorf("second %d: %d in a row, want %d", i, m.drops, c.want)
		}
	}
}

// TestSecondIsCheap: it runs beside the load.
func TestSecondIsCheap(t *testing.T) {
	m := Start()
	defer m.Close()
	f := Facts{SendLagCount: 1000, AuditOK: true, Rate: 1000}
	m.Second(0, f)
	if n := testing.AllocsPerRun(20, func() { m.Second(1, f) }); n > 200 {
		t.Errorf("%v allocations a second", n)
	}
	best := time.Hour
	for range 10 {
		start := time.Now()
		m.Second(2, f)
		best = min(best, time.Since(start))
	}
	if best > 5*time.Millisecond {
		t.Errorf("one second's judgement takes %v", best)
	}
}

func BenchmarkSecond(b *testing.B) {
	m := Start()
	defer m.Close()
	f := Facts{SendLagCount: 1000, AuditOK: true, Rate: 1000}
	b.ReportAllocs()
	for b.Loop() {
		m.Second(1, f)
	}
}
