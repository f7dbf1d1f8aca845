package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// evenly makes n arrivals, each moved by what move says.
func evenly(n int, gap time.Duration, move func(k int) time.Duration) []int64 {
	at := make([]int64, n)
	for k := range at {
		at[k] = int64(7*time.Hour) + int64(k)*int64(gap) + int64(move(k))
	}
	slices.Sort(at)
	return at
}

func TestPacing(t *testing.T) {
	const rate, gap = 5000, 200 * time.Microsecond
	random := rand.New(rand.NewPCG(1, 2))
	for _, test := range []struct {
		name                   string
		arrivals               []int64
		rate, even             float64
		deviation, deviation99 time.Duration
		within                 time.Duration // what the last two may be off
	}{
		{"a clock", evenly(10000, gap, func(int) time.Duration { return 0 }), 5000, 1, 0, 0, 0},
		{"every other 100 µs late", evenly(10000, gap, func(k int) time.Duration { return time.Duration(k%2) * 100 * time.Microsecond }),
			5000, 0, 50 * time.Microsecond, 50 * time.Microsecond, time.Microsecond},
		// Ten at a time: of ten gaps nine are 0 and one is 2 ms.
		{"bunches of ten", evenly(10000, gap, func(k int) time.Duration { return -time.Duration(k%10) * gap }),
			5000, 0, 500 * time.Microsecond, 900 * time.Microsecond, 110 * time.Microsecond},
		// 1 % slow: over 1.5 s of schedule the last is 15 ms late, and the
		// schedule is not bent to hide it. Of a straight line from −a to a the
		// absolute median is a/2.
		{"one percent slow", evenly(10000, gap*101/100, func(int) time.Duration { return 0 }),
			5000 / 1.01, 1, 3763 * time.Microsecond, 7450 * time.Microsecond, 40 * time.Microsecond},
		// A few late ones do not move where the schedule lies, as with a mean they would.
		{"stragglers", evenly(20000, gap, func(k int) time.Duration {
			if k%50 == 7 {
				return 30 * time.Microsecond
			}
			return 0
		}), 5000, 1, 0, 30 * time.Microsecond, 0},
		// Uniform noise of ±20 µs: the median distance is 10 µs.
		{"noise", evenly(20000, gap, func(int) time.Duration { return time.Duration(random.Int64N(40001) - 20000) }),
			5000, 1, 10 * time.Microsecond, 19800 * time.Nanosecond, 300 * time.Nanosecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := pacingOf(test.arrivals, rate)
			if !ok {
				t.Fatal("not judged")
			}
			if math.Abs(got.rate/test.rate-1) > 0.002 || math.Abs(got.evenGaps-test.even) > 0.001 {
				t.Errorf("rate %.2f, even gaps %.4f; want %.2f, %.4f", got.rate, got.evenGaps, test.rate, test.even)
			}
			if (got.deviation-test.deviation).Abs() > test.within || (got.deviation99-test.deviation99).Abs() > test.within {
				t.Errorf("off by %v, p99 %v; want %v, %v", got.deviation, got.deviation99, test.deviation, test.deviation99)
			}
		})
	}
}

// TestPacingLeavesTheLeadInOut: what happens while a tool warms up is not held
// against it, what happens right after is.
func TestPacingLeavesTheLeadInOut(t *testing.T) {
	burst := evenly(10000, 200*time.Microsecond, func(k int) time.Duration {
		if k < 2400 { // all at once, until just before 0.5 s
			return -time.Duration(k) * 200 * time.Microsecond
		}
		return 0
	})
	got, ok := pacingOf(burst, 5000)
	if !ok || got.evenGaps != 1 || got.deviation != 0 {
		t.Errorf("%+v, %t: the lead-in counts", got, ok)
	}
	for _, few := range [][]int64{nil, {1}, evenly(2000, 200*time.Microsecond, func(int) time.Duration { return 0 })} {
		if got, ok := pacingOf(few, 5000); ok {
			t.Errorf("%d arrivals judged: %+v", len(few), got)
		}
	}
}

func TestMedianAndRank(t *testing.T) {
	if m := medianOf([]float64{9, 1, 4}); m != 4 {
		t.Errorf("median of three: %v", m)
	}
	if m := medianOf([]float64{9, 1, 4, 2}); m != 3 {
		t.Errorf("median of four: %v", m)
	}
	if !math.IsNaN(medianOf(nil)) {
		t.Error("nothing has a median")
	}
	var hundred []float64
	for k := range 160 {
		hundred = append(hundred, float64(k+1))
	}
	if r := nearestRank(hundred, 0.99); r != 159 {
		t.Errorf("p99 of 1..160 is %v, not 159", r)
	}
}

// TestTruth: the table of T1 without its millisecond of service.
func TestTruth(t *testing.T) {
	for p, want := range map[float64]time.Duration{
		0.5: 0, 0.9: 0, 0.905: 50 * time.Millisecond, 0.95: 500 * time.Millisecond,
		0.99: 900 * time.Millisecond, 0.999: 990 * time.Millisecond, 0.9999: 999 * time.Millisecond,
	} {
		if got := stalls.truth(p); (got - want).Abs() > time.Microsecond {
			t.Errorf("P%v is %v, not %v", p, got, want)
		}
	}
	for since, want := range map[time.Duration]time.Duration{
		0: 0, 4999 * time.Millisecond: 0, 5 * time.Second: time.Second, 5900 * time.Millisecond: 100 * time.Millisecond,
		6 * time.Second: 0, 15500 * time.Millisecond: 500 * time.Millisecond,
	} {
		if got := stalls.shutFor(since); got != want {
			t.Errorf("after %v the gate is shut for %v, not %v", since, got, want)
		}
	}
	if (gate{}).shutFor(time.Hour) != 0 {
		t.Error("the zero gate shuts")
	}
}
