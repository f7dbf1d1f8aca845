package pace

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"
)

const second = int64(time.Second)

// take advances the schedule past every intended time before end.
func take(s *Schedule, end int64) []int64 {
	var taken []int64
	for {
		t0, ok := s.Next()
		if !ok || t0 >= end {
			return taken
		}
		taken = append(taken, t0)
		s.Advance()
	}
}

func count(times []int64, from, to int64) int {
	n := 0
	for _, t := range times {
		if t >= from && t < to {
			n++
		}
	}
	return n
}

// TestHoldIsExact compares intended times with exact rationals, from the first
// request to one after hours of 100,000 a second.
func TestHoldIsExact(t *testing.T) {
	for _, rate := range []float64{1, 7, 1.0 / 3, 999.999, 30_000, 44_100, 100_000, 0.001} {
		for _, start := range []int64{0, 1, 12_345_678_901} {
			t.Run(fmt.Sprintf("%v/s from %d", rate, start), func(t *testing.T) {
				s := New(Uniform, 1)
				s.Hold(start, rate)
				for _, skip := range []int64{0, 1000, 1_000_000, 30_000_000, 4_000_000_000} {
					s.left.whole += skip
					s.aim()
					for range 300 {
						k := s.left.whole
						got, ok := s.Next()
						if float64(k)/rate > 1e9 { // half a life; 64 bits end at 292 years
							break
						}
						if !ok {
							t.Fatalf("request %d is not due", k)
						}
						exact := new(big.Rat).SetInt64(k * second)
						exact.Quo(exact, new(big.Rat).SetFloat64(rate))
						exact.Add(exact, new(big.Rat).SetInt64(start))
						off, _ := exact.Sub(exact, new(big.Rat).SetInt64(got)).Float64()
						// Rounded down, so exactly 0 to 1 behind; the slack is
						// two units in the last place of the time itself.
						slack := float64(got-start) * 0x1p-51
						if off < -slack || off >= 1+slack {
							t.Fatalf("request %d at %d: the exact time is %g ns later", k, got, off)
						}
						s.Advance()
					}
				}
			})
		}
	}
}

// TestCountOverTime is T8b of the acceptance list: a period cut to whole
// nanoseconds would give 30 requests too many at 30,000/s for 100 s.
func TestCountOverTime(t *testing.T) {
	for _, c := range []struct {
		rate    float64
		seconds int64
		want    int
	}{
		{30_000, 100, 3_000_000},
		{7, 1000, 7000},
		{999.999, 1000, 999_999},
		{1.0 / 3, 3000, 1000},
		{100_000, 30, 3_000_000},
		{1, 30, 30},
	} {
		s := New(Uniform, 1)
		s.Hold(0, c.rate)
		n := 0
		for t0, _ := s.Next(); t0 < c.seconds*second; t0, _ = s.Next() {
			s.Advance()
			n++
		}
		if n != c.want {
			t.Errorf("%v/s for %d s: %d requests, want %d", c.rate, c.seconds, n, c.want)
		}
	}
}

func TestStepUp(t *testing.T) {
	for _, change := range []int64{second, second + 3_300_000, second + 9_999_999} {
		s := New(Uniform, 1)
		s.Hold(0, 100)
		take(s, change)
		s.Hold(change, 1000)
		got := take(s, change+2*second)
		if first := got[0] - change; first > 1_000_000 {
			t.Errorf("change at %d: first arrival %d ns after it, want at most one new gap", change, first)
		}
		if n := count(got, change, change+second); n != 1000 {
			t.Errorf("change at %d: %d arrivals in the second after it, want 1000", change, n)
		}
		for bin := change; bin < change+second; bin += 10_000_000 {
			if n := count(got, bin, bin+10_000_000); n < 9 || n > 11 {
				t.Errorf("change at %d: %d arrivals in the 10 ms from %d, want 10±1", change, n, bin-change)
			}
		}
	}
}

func TestStepDown(t *testing.T) {
	change := second + 333_333
	s := New(Uniform, 1)
	s.Hold(0, 1000)
	before := take(s, change)
	s.Hold(change, 10)
	got := take(s, change+2*second)
	if gap := got[0] - before[len(before)-1]; gap > 101_000_000 {
		t.Errorf("gap over the change is %d ns, want at most 101 ms", gap)
	}
	for i := 1; i < len(got); i++ {
		if gap := got[i] - got[i-1]; gap < 99_999_999 || gap > 100_000_001 {
			t.Errorf("gap %d after the change is %d ns, want 100 ms", i, gap)
		}
	}
	// A third of a gap was gained before the change, two thirds are left.
	if after := got[0] - change; after < 66_666_600 || after > 66_666_800 {
		t.Errorf("first arrival %d ns after the change, want two thirds of the new gap", after)
	}
}

func TestPauseIsNotCaughtUp(t *testing.T) {
	s := New(Uniform, 1)
	s.Hold(0, 1000)
	pause := second + 400_000
	take(s, pause)
	s.Hold(pause, 0)
	if t0, ok := s.Next(); ok {
		t.Fatalf("a request is due at %d in a pause", t0)
	}
	s.Advance() // must not lose the pending target
	if r := s.RateAt(pause + 1); r != 0 {
		t.Errorf("rate in a pause is %v", r)
	}
	resume := pause + 10*second
	s.Hold(resume, 1000)
	got := take(s, resume+second)
	if first := got[0] - resume; first < 599_998 || first > 600_000 {
		t.Errorf("first arrival %d ns after the resume, want the 600 µs that were left", first)
	}
	if n := count(got, resume, resume+second/10); n != 100 {
		t.Errorf("%d arrivals in the first 100 ms, want 100", n)
	}
	if len(got) != 1000 {
		t.Errorf("%d arrivals in the first second, want 1000", len(got))
	}
}

// TestChangesBetweenArrivals would put the intended time in the past if the
// phase were carried as a fraction of the last gap.
func TestChangesBetweenArrivals(t *testing.T) {
	s := New(Uniform, 1)
	s.Hold(0, 1)
	take(s, 1)
	s.Hold(500_000_000, 10) // 0.5 gained
	s.Hold(540_000_000, 1)  // 0.9 gained
	if t0, ok := s.Next(); !ok || t0 < 639_999_999 || t0 > 640_000_000 {
		t.Fatalf("next at %d, %v; want 640 ms", t0, ok)
	}

	// A held key: 30 changes a second, one arrival pending, no burst.
	s = New(Uniform, 1)
	s.Hold(0, 1)
	var times []int64
	rate, gained := 1.0, 0.0
	for press := int64(0); press < 90; press++ {
		at, until := press*second/30, (press+1)*second/30
		s.Hold(at, rate)
		got := take(s, until)
		if len(got) > 0 && got[0] < at {
			t.Fatalf("press %d at %d: arrival at %d lies before it", press, at, got[0])
		}
		times = append(times, got...)
		gained += rate * float64(until-at) / 1e9
		rate *= 1.1
	}
	if d := float64(len(times)) - gained; d < 0 || d > 1 {
		t.Errorf("%d arrivals for %.3f of integrated rate", len(times), gained)
	}
}

// TestUntakenIsNoBurst: an owner that takes too little before a change gets the
// rest once, and the time does not run backwards.
func TestUntakenIsNoBurst(t *testing.T) {
	s := New(Uniform, 1)
	s.Hold(0, 1000)
	s.Hold(second, 10)
	if got := take(s, 2*second); len(got) != 10 || got[0] != second {
		t.Errorf("got %d arrivals from %d, want 10 from the change on", len(got), got[0])
	}
	s.Hold(second/2, 100) // before the last change
	if t0, _ := s.Next(); t0 < 2*second-second/10 {
		t.Errorf("next at %d lies before what was taken", t0)
	}
}

// lineOracle returns the exact nanosecond, relative to the start of a ramp, at
// which u requests were gained, in 300 bits.
func lineOracle(from, to, over, u *big.Float) *big.Float {
	f := func() *big.Float { return new(big.Float).SetPrec(300) }
	slope := f().Quo(f().Sub(to, from), over) // per second per second
	root := f().Mul(from, from)
	root.Add(root, f().Mul(f().Mul(big.NewFloat(2), slope), u))
	if root.Sign() < 0 {
		return nil
	}
	root.Sqrt(root)
	t := f().Quo(f().Mul(big.NewFloat(2), u), root.Add(root, from))
	return t.Mul(t, big.NewFloat(1e9))
}

func TestRampIsExact(t *testing.T) {
	for _, c := range []struct {
		from, to float64
		over     time.Duration
		want     int // ⌈Λ⌉ of the ramp: the targets 0, 1, … below it
	}{
		{0, 100, 10 * time.Second, 500},
		{100, 0, 10 * time.Second, 500},
		{100, 1000, 30 * time.Second, 16_500},
		{1000, 100, 30 * time.Second, 16_500},
		{7, 7, 3 * time.Second, 21},
		{0, 3, time.Second, 2},
		{3, 0, time.Second, 2},
		{0.5, 0, time.Second, 1},
		{0, 999.999, 7 * time.Second, 3500},
		{50_000, 0, 20 * time.Second, 500_000},
	} {
		t.Run(fmt.Sprintf("%v to %v over %v", c.from, c.to, c.over), func(t *testing.T) {
			big300 := func(x float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(x) }
			const start = 5_000_000_007
			s := New(Uniform, 1)
			s.Ramp(start, c.from, c.to, c.over)
			got := take(s, start+int64(c.over))
			if len(got) != c.want {
				t.Fatalf("%d arrivals, want %d", len(got), c.want)
			}
			if got[0] != start {
				t.Fatalf("first arrival at %d, want the start %d", got[0], start)
			}
			for k := 1; k < len(got); k += 1 + len(got)/5000 {
				t0 := got[k]
				exact := lineOracle(big300(c.from), big300(c.to), big300(c.over.Seconds()), big300(float64(k)))
				off, _ := exact.Sub(exact, big300(float64(t0-start))).Float64()
				if off < -0.01 || off > 1.01 {
					t.Fatalf("arrival %d at %d: the exact time is %g ns later", k, t0, off)
				}
			}
			t0, ok := s.Next()
			if ok != (c.to > 0) {
				t.Fatalf("after the ramp: due %v at %d", ok, t0)
			}
			if ok && t0 < start+int64(c.over) {
				t.Fatalf("arrival at %d after the ramp lies inside it", t0)
			}
		})
	}
}

// TestRampToZeroKeepsPhase: no arrival is left in the ramp; what it gained is
// carried on by the next rate.
func TestRampToZeroKeepsPhase(t *testing.T) {
	s := New(Uniform, 1)
	s.Ramp(0, 3, 0, time.Second) // Λ = 1.5: targets 0 and 1
	if n := len(take(s, math.MaxInt64)); n != 2 {
		t.Fatalf("%d arrivals, want 2", n)
	}
	s.Hold(10*second, 1)
	if t0, ok := s.Next(); !ok || t0 != 10*second+second/2 {
		t.Fatalf("next at %d, %v; want half a gap after the new rate", t0, ok)
	}
}

// TestRampIsLeftHalfway: an operator's change in the middle of a ramp.
func TestRampIsLeftHalfway(t *testing.T) {
	s := New(Uniform, 1)
	s.Ramp(0, 0, 1000, 10*time.Second)
	if n := len(take(s, 5*second)); n != 1250 {
		t.Fatalf("%d arrivals in half of the ramp, want 1250", n)
	}
	rate := s.RateAt(5 * second)
	if rate != 500 {
		t.Fatalf("rate halfway is %v, want 500", rate)
	}
	s.Ramp(5*second, rate, 0, 5*time.Second)
	if n := len(take(s, math.MaxInt64)); n != 1250 {
		t.Errorf("%d arrivals on the way down, want 1250", n)
	}
	for _, c := range []struct {
		at   int64
		want float64
	}{{5 * second, 500}, {6 * second, 400}, {9 * second, 100}, {10 * second, 0}, {60 * second, 0}} {
		if r := s.RateAt(c.at); math.Abs(r-c.want) > 1e-9 {
			t.Errorf("rate at %d is %v, want %v", c.at, r, c.want)
		}
	}
}

func TestAbsurdRates(t *testing.T) {
	for _, rate := range []float64{math.NaN(), math.Inf(-1), -1, 0} {
		s := New(Uniform, 1)
		s.Hold(0, rate)
		if _, ok := s.Next(); ok || s.RateAt(1) != 0 {
			t.Errorf("%v/s is not a pause", rate)
		}
	}
	for _, rate := range []float64{math.Inf(1), 1e300} {
		s := New(Uniform, 1)
		s.Hold(0, rate)
		if got := take(s, 1000); len(got) != 1000 {
			t.Errorf("%v/s: %d arrivals in a microsecond, want one a nanosecond", rate, len(got))
		}
	}
	s := New(Uniform, 1)
	s.Hold(0, math.SmallestNonzeroFloat64)
	s.Advance()
	if t0, ok := s.Next(); ok {
		t.Errorf("the second arrival at 5e-324/s is due at %d", t0)
	}
	s.Ramp(second, 5e-324, 1e-323, time.Hour)
	if t0, ok := s.Next(); ok {
		t.Errorf("on a ramp between vanishing rates one is due at %d", t0)
	}
	s.Ramp(2*second, 10, 20, -time.Second)
	if r := s.RateAt(2 * second); r != 20 {
		t.Errorf("a ramp over less than nothing leaves %v/s, want its end", r)
	}
}

// TestPartStaysBelowOne: taking a little from a whole number rounds back to it,
// not to one less and a part of 1, which would not compare.
func TestPartStaysBelowOne(t *testing.T) {
	if got := (amount{whole: 3}).plus(-1e-20); got != (amount{whole: 3}) {
		t.Errorf("3 - 1e-20 is %+v", got)
	}
	if got := (amount{whole: 3, part: 0.25}).minus(amount{whole: 1, part: 0.5}); got != (amount{whole: 1, part: 0.75}) {
		t.Errorf("3.25 - 1.5 is %+v", got)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	for _, arrivals := range []Arrivals{Uniform, Poisson} {
		s := New(arrivals, 1)
		at := int64(0)
		s.Hold(at, 1000)
		if n := testing.AllocsPerRun(1000, func() {
			s.Next()
			s.Advance()
			at += 1_000_000
			s.Ramp(at, 1000, 2000, time.Second)
			s.SetArrivals(at, arrivals)
		}); n != 0 {
			t.Errorf("%s: %v allocations a request, want none", arrivals, n)
		}
	}
}

func BenchmarkNextAdvance(b *testing.B) {
	for _, arrivals := range []Arrivals{Uniform, Poisson} {
		for _, shape := range []string{"hold", "ramp"} {
			b.Run(string(arrivals)+"/"+shape, func(b *testing.B) {
				s := New(arrivals, 1)
				if shape == "hold" {
					s.Hold(0, 100_000)
				} else {
					s.Ramp(0, 0, 100_000, 24*time.Hour)
				}
				b.ReportAllocs()
				for b.Loop() {
					s.Next()
					s.Advance()
				}
			})
		}
	}
}
