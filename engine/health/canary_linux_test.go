package health

import (
	"strings"
	"testing"
)

const tick = int64(canaryPeriod)

// caged is a canary without a timer, whose first tick is at time 0.
func caged() *canary { return &canary{} }

// TestStopShowsEveryDelay: a program that was stopped for 100 ms finds every
// tick of that time, each with the delay a reader would have had. A canary
// that only noted its own wake-ups would see one bad sample.
func TestStopShowsEveryDelay(t *testing.T) {
	c := caged()
	for i := range int64(100) {
		c.take(i*tick+50_000, 1, -1)
	}
	stopped := 100 * tick
	c.take(stopped+100*ms, 51, -1) // the ticks 100 to 150
	if len(c.delays) != 151 || c.ticks != 151 {
		t.Fatalf("%d delays for %d ticks", len(c.delays), c.ticks)
	}
	for i, delay := range c.delays[100:] {
		if want := int64(100*ms) - int64(i)*tick; delay != want {
			t.Fatalf("tick %d is %d late, want %d", 100+i, delay, want)
		}
	}
	if c.max != 100*ms {
		t.Errorf("max %d", c.max)
	}
}

// TestLongStopIsBounded: hours of sleep do not fill the memory.
func TestLongStopIsBounded(t *testing.T) {
	c := caged()
	c.take(3600e9, 3600e9/tick+1, -1)
	if len(c.delays) != maxDelays || c.max != 3600e9 {
		t.Errorf("%d delays, max %d", len(c.delays), c.max)
	}
	for _, delay := range c.delays {
		if delay < 3590e9 {
			t.Fatalf("a delay of %d in an hour's stop", delay)
		}
	}
}

// TestHangingPollerIsSeen: ticks that nobody reads count with their age.
func TestHangingPollerIsSeen(t *testing.T) {
	c := caged()
	c.due = monotonic() - int64(300*ms)
	var r readings
	c.second(&r)
	if r.canary.count < 150 || r.canary.max < int64(300*ms) || r.canary.p50 < int64(140*ms) {
		t.Errorf("after 300 ms without a read: %+v", r.canary)
	}
}

// TestRemembers: a p99 takes in the seconds that it needs for 1,000 reads, and no
// more of them than ten.
func TestRemembers(t *testing.T) {
	late := func(n, of int) []int64 {
		delays := make([]int64, of)
		for i := range n {
			delays[i] = 3 * ms
		}
		return delays
	}
	c := caged()
	for i, second := range []struct {
		delays []int64
		want   int64
	}{
		{late(6, 500), 3 * ms}, // the 5th of 500
		{late(0, 500), 0},      // the 10th of 1,000
		{late(20, 500), 3 * ms},
		{late(0, 500), 3 * ms},
		{late(0, 500), 0}, // a second ago is enough
		{late(60, 2000), 3 * ms},
		{late(0, 1200), 0},
	} {
		if got := c.remember(second.delays); got != second.want {
			t.Errorf("second %d: p99 %d, want %d", i, got, second.want)
		}
	}
	for range 2 * recentSeconds {
		c.remember(late(0, 10))
	}
	if len(c.recentLens) != recentSeconds || len(c.recent) != 10*recentSeconds {
		t.Errorf("%d delays of %d seconds are kept", len(c.recent), len(c.recentLens))
	}
}

func TestLooksAtRunQueues(t *testing.T) {
	c := caged()
	for i := range int64(9) {
		c.take(i*tick, 1, float64(i))
	}
	c.take(9*tick, 1, -1) // no look
	var r readings
	c.second(&r)
	if r.runnable != 4 || r.runnableLooks != 9 {
		t.Errorf("median %v of %d looks", r.runnable, r.runnableLooks)
	}
	c.second(&r)
	if r.runnableLooks != 0 {
		t.Errorf("%d looks came twice", r.runnableLooks)
	}
}

// TestCanaryCrashes: a panic of its goroutine is told, with its stack.
func TestCanaryCrashes(t *testing.T) {
	var value any
	var stack string
	c := &canary{crashed: func(v any, s []byte) { value, stack = v, string(s) }}
	c.run() // without a file it ends at once, and without a channel it cannot say so
	if value == nil || !strings.Contains(stack, "(*canary).run") {
		t.Errorf("told of %v, with the stack\n%s", value, stack)
	}
}

// TestCanarySings: a real canary is read all the time, and never before a tick.
func TestCanarySings(t *testing.T) {
	c := startCanary(nil)
	if c == nil {
		t.Fatal("no canary on this system")
	}
	defer c.close()
	seen := 0
	for seen < 50 {
		var r readings
		c.second(&r)
		seen += r.canary.count
		if r.canary.count > 0 && (r.canary.p50 < 0 || r.canary.p99 > r.canary.max) {
			t.Fatalf("delays %+v", r.canary)
		}
	}
}
