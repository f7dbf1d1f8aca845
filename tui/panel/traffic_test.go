package panel

import (
	"strings"
	"testing"
	"time"

	"stoke/engine"
	"stoke/engine/limiter"
	"stoke/tui/canvas"
	"stoke/tui/theme"
)

func TestTrend(t *testing.T) {
	for _, c := range []struct {
		j    engine.JobFacts
		want string
		role theme.Role
	}{
		{engine.JobFacts{AcceptedRate: 60, Slope: 6.7, Backlog: 9}, "growing 6.70/s", theme.Warn},
		{engine.JobFacts{AcceptedRate: 60, Slope: 0.59, Backlog: 9}, "steady", theme.Dim}, // below one in a hundred
		{engine.JobFacts{AcceptedRate: 1, Slope: -0.04, Backlog: 9}, "steady", theme.Dim},
		{engine.JobFacts{AcceptedRate: 20, Slope: -4.7, Backlog: 9}, "draining 4.70/s", theme.Wait},
		{engine.JobFacts{Draining: true, Backlog: 9}, "draining", theme.Wait},
		{engine.JobFacts{Draining: true, Backlog: 9, Slope: 3}, "draining", theme.Wait}, // the last seconds reach back before the stop
		{engine.JobFacts{Draining: true}, "drained", theme.OK},
		{engine.JobFacts{Draining: true, Held: true, Backlog: 9, Slope: -0.1}, "held by pause", theme.Wait},
		{engine.JobFacts{Draining: true, Drained: 11200 * time.Millisecond}, "drained in 11.2 s", theme.OK},
	} {
		if got, _, role := trend(&c.j); got != c.want || role != c.role {
			t.Errorf("%+v: %q in role %d, want %q in %d", c.j, got, role, c.want, c.role)
		}
	}
}

func TestLimiterWords(t *testing.T) {
	for _, c := range []struct {
		e    *limiter.Estimate
		want string
	}{
		{nil, ""},
		{&limiter.Estimate{Kind: limiter.None, Rate: 5}, ""},
		{&limiter.Estimate{Kind: limiter.TokenBucket, Rate: 100, Burst: 20, Confidence: 0.984}, "limiter seen: token bucket, 100/s, burst 20 (sure 98 %)"},
		{&limiter.Estimate{Kind: limiter.LeakyBucket, Rate: 9.9961, Burst: 5.2, Confidence: 1}, "limiter seen: leaky bucket, 10/s, burst 5 (sure 100 %)"},
		{&limiter.Estimate{Kind: limiter.FixedWindow, Rate: 1.6667, Window: time.Minute, Confidence: 0.9999}, "limiter seen: fixed window, 1.67/s, 100 each 60 s (sure 99 %)"},
		{&limiter.Estimate{Kind: limiter.FixedWindow, Rate: 40, Window: 250 * time.Millisecond, Confidence: 0.5}, "limiter seen: fixed window, 40/s, 10 each 250 ms (sure 50 %)"},
		{&limiter.Estimate{Kind: limiter.TokenBucket, Rate: 100}, "limiter seen: token bucket, 100/s (sure 0 %)"},
	} {
		words := LimiterWords(c.e)
		if got := strings.Join(words[:min(1, len(words))], ""); got != c.want {
			t.Errorf("%+v: %q, want %q", c.e, got, c.want)
		}
		for i := 1; i < len(words); i++ {
			if len(words[i]) >= len(words[i-1]) {
				t.Errorf("%q is no shorter than %q", words[i], words[i-1])
			}
		}
	}
}

func TestCountedRate(t *testing.T) {
	s := &engine.Snapshot{State: engine.Running, Dial: engine.Dial{Rate: 98765, Now: 98765}}
	check := func(w int, want string) {
		t.Helper()
		if got := countedRate(s, w); got != want {
			t.Errorf("in %d cells: %q, want %q", w, got, want)
		}
	}
	check(16, "98,765/s")
	s.Traffic.Scenarios = []engine.ScenarioFacts{{Name: "a"}}
	check(16, "98,765 starts/s")
	check(14, "98.8k starts/s")
	check(9, "98,765/s")
	s.Traffic.CountsRequests = true
	check(17, "98,765 requests/s")
	check(16, "98.8k requests/s")
	check(14, "98,765 req/s")
	check(11, "98.8k req/s")
	s.Dial.RampLeft, s.Dial.Now = time.Second, 1540.4
	check(16, "1,540 requests/s")
	s.Dial.Closed = true
	check(16, "max")
}

func TestShares(t *testing.T) {
	for _, c := range [][5]int{ // rows, scenarios, jobs: rows of each
		{4, 1, 1, 1, 1}, {4, 5, 5, 1, 1}, {6, 5, 5, 2, 2}, {5, 5, 5, 1, 2}, {3, 1, 1, 0, 1}, {3, 0, 2, 0, 2}, {2, 3, 0, 1, 0}, {1, 1, 1, 0, 0}, {0, 1, 1, 0, 0}, {9, 1, 1, 1, 1}, {8, 1, 9, 1, 5},
	} {
		if a, b := shares(c[0], c[1], c[2]); a != c[3] || b != c[4] {
			t.Errorf("%d rows for %d scenarios and %d jobs: %d and %d, want %d and %d", c[0], c[1], c[2], a, b, c[3], c[4])
		}
	}
}

func TestMiddleKeepsBothEnds(t *testing.T) {
	const name = "checkout / POST /carts/${cart}/checkout"
	for w := range 50 {
		got := middle(name, w)
		if canvas.Width(got) > w {
			t.Errorf("%q has more than %d cells", got, w)
		}
		if w >= 8 && w < len(name) && (!strings.HasPrefix(got, "c") || !strings.HasSuffix(got, "out")) {
			t.Errorf("in %d cells: %q", w, got)
		}
	}
	if got := middle("日本語日本語日本語", 9); canvas.Width(got) > 9 || !strings.HasSuffix(got, "語") {
		t.Errorf("%q", got)
	}
}
