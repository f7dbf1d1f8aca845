package pace

import (
	"slices"
	"testing"
	"time"
)

func millis(of ...int) []time.Duration {
	var out []time.Duration
	for _, ms := range of {
		out = append(out, time.Duration(ms)*time.Millisecond)
	}
	return out
}

// seen is what a schedule yields before end, in milliseconds since at.
func seen(s *Schedule, at, end int64) []int {
	var out []int
	for _, t := range take(s, end) {
		out = append(out, int((t-at)/1e6))
	}
	return out
}

func TestReplay(t *testing.T) {
	recorded := millis(0, 100, 100, 250, 4000)
	for name, c := range map[string]struct {
		times, speed float64
		want         []int
	}{
		"as recorded":    {1, 1, []int{0, 100, 100, 250, 4000}},
		"twice":          {2, 1, []int{0, 0, 100, 100, 100, 100, 250, 250, 4000, 4000}},
		"one and a half": {1.5, 1, []int{0, 100, 100, 100, 250, 250, 4000}},
		"every other":    {0.5, 1, []int{100, 250}},
		"faster":         {1, 4, []int{0, 25, 25, 62, 1000}},
		"slower":         {1, 0.5, []int{0, 200, 200, 500, 8000}},
	} {
		s := New(Poisson, 1)
		r := NewRecording(recorded, c.times, c.speed)
		s.Replay(second, r, 0)
		if got := seen(s, second, 100*second); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if _, ok := s.Next(); ok {
			t.Errorf("%s: something is due after the end", name)
		}
		if n := r.Count(); n != int64(len(c.want)) {
			t.Errorf("%s: counts %d", name, n)
		}
		if want := time.Duration(4000/c.speed+1) * time.Millisecond; r.Length() != want {
			t.Errorf("%s: lasts %v, want %v", name, r.Length(), want)
		}
	}
}

// TestReplayInterrupted: left and entered again where it was left, nothing is
// sent twice and nothing is missing; the rate before goes on in its phase.
func TestReplayInterrupted(t *testing.T) {
	r := NewRecording(millis(0, 100, 250, 260, 400), 1, 1)
	s := New(Uniform, 1)
	s.Hold(0, 10)
	before := take(s, second+30e6) // the next one is due 70 ms later
	s.Replay(second+30e6, r, 0)
	first := seen(s, second+30e6, second+30e6+250e6)
	s.Hold(second+280e6, 10)
	between := seen(s, second+280e6, second+400e6)
	s.Replay(2*second, r, 250*time.Millisecond)
	rest := seen(s, 2*second-250e6, 3*second)
	if len(before) != 11 || !slices.Equal(first, []int{0, 100}) || !slices.Equal(between, []int{70}) || !slices.Equal(rest, []int{250, 260, 400}) {
		t.Errorf("%d before, then %v, between %v, then %v", len(before), first, between, rest)
	}
}

func TestPeak(t *testing.T) {
	recorded := millis(0, 900, 950, 1000, 1899, 5000)
	for _, c := range []struct {
		times, speed float64
		want         int64
	}{{1, 1, 4}, {3, 1, 12}, {1, 2, 5}, {1, 10, 6}, {0.5, 1, 2}, {1, 0.01, 1}} {
		if got := NewRecording(recorded, c.times, c.speed).Peak(); got != c.want {
			t.Errorf("x%v speed x%v: %d in a second, want %d", c.times, c.speed, got, c.want)
		}
	}
}

func TestBetween(t *testing.T) {
	r := NewRecording(millis(0, 100, 100, 250), 2, 1)
	if a, b := r.Between(0, 100*time.Millisecond), r.Between(100*time.Millisecond, time.Second); a != 2 || b != 6 {
		t.Errorf("%d and %d, want 2 and 6", a, b)
	}
}
