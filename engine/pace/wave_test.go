package pace

import (
	"fmt"
	"math/big"
	"testing"
	"time"
)

// wave tells the oracle of a wave.
func (o *oracle) wave(at int64, from, to float64, period, into time.Duration) {
	o.set(at, from, to, 0)
	o.period, o.into = int64(period), int64(into)
}

// waved is Λ of gone nanoseconds of the wave:
// mid·x − half·period/2π·(sin(2π(into+x)/period) − sin(2π·into/period)).
func (o *oracle) waved(gone int64) *big.Rat {
	half := func(a *big.Rat) *big.Rat { return a.Quo(a, big.NewRat(2, 1)) }
	mid := half(new(big.Rat).Add(o.from, o.to))
	swing := half(new(big.Rat).Sub(o.to, o.from))
	sines := new(big.Float).Sub(o.sine(o.into+gone), o.sine(o.into))
	sines.Quo(sines, twoPi)
	exact, _ := sines.Rat(nil)
	swing.Mul(swing, big.NewRat(o.period, second))
	swing.Mul(swing, exact)
	return mid.Mul(mid, big.NewRat(gone, second)).Sub(mid, swing)
}

// sine is sin(2πx/period), by its series.
func (o *oracle) sine(x int64) *big.Float {
	angle := new(big.Float).SetPrec(300).SetInt64(x % o.period)
	angle.Quo(angle, new(big.Float).SetInt64(o.period)).Mul(angle, twoPi)
	square := new(big.Float).Mul(angle, angle)
	sum, term := new(big.Float).SetPrec(300), new(big.Float).Copy(angle)
	for k := int64(1); term.Sign() != 0 && term.MantExp(nil) > -250; k += 2 {
		sum.Add(sum, term)
		term.Mul(term, square).Quo(term, new(big.Float).SetInt64(-(k+1)*(k+2)))
	}
	return sum
}

var twoPi = func() *big.Float {
	pi, _, err := big.ParseFloat("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798", 10, 300, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return pi.Mul(pi, big.NewFloat(2))
}()

// TestWaveIsExact compares intended times with the oracle, in the first period
// and after hours: an intended time is the last nanosecond at which Λ is not
// past its target.
func TestWaveIsExact(t *testing.T) {
	for _, c := range []struct {
		from, to     float64
		period, into time.Duration
	}{
		{500, 2000, time.Minute, 0},
		{2000, 500, time.Minute, 0},
		{0, 1000, 10 * time.Second, 0},
		{0, 50_000, time.Second, 300 * time.Millisecond},
		{99_999.5, 3, time.Hour, 11 * time.Minute},
		{1, 2, time.Second, 0},
		{1.0 / 3, 0, 24 * time.Hour, 3 * time.Hour},
	} {
		t.Run(fmt.Sprintf("%v..%v every %v from %v", c.from, c.to, c.period, c.into), func(t *testing.T) {
			const start = 12_345_678_901
			s, o := New(Uniform, 1), &oracle{}
			s.Wave(start, c.from, c.to, c.period, c.into)
			o.wave(start, c.from, c.to, c.period, c.into)
			for _, skip := range []int64{0, 1000, 1_000_000, 1_000_000_000} {
				if mean := (c.from + c.to) / 2; float64(s.left.whole+skip)/mean > 1e6 {
					continue // 11 days
				}
				s.left.whole += skip
				s.aim()
				for range 200 {
					target := new(big.Rat).SetInt64(s.left.whole)
					got, ok := s.Next()
					if !ok {
						t.Fatalf("request %v is not due", target)
					}
					// A hundredth of a nanosecond of rounding, and where the
					// rate is next to nothing that of Λ itself.
					slack := rat(s.RateAt(got)*1e-11 + 1e-11*(1+float64(c.period)/1e9*(c.from+c.to)/1e4))
					if early := new(big.Rat).Sub(o.lambda(got), slack); early.Cmp(target) > 0 {
						t.Fatalf("request %v at %d ns: Λ is past it by %v", target, got, early.Sub(early, target).FloatString(15))
					}
					if late := new(big.Rat).Add(o.lambda(got+1), slack); late.Cmp(target) <= 0 {
						t.Fatalf("request %v at %d ns: the next nanosecond has not passed it either, by %v", target, got, late.Sub(late, target).FloatString(15))
					}
					s.Advance()
				}
			}
		})
	}
}

// TestWholePeriods: over whole periods a wave sends exactly its mean, wherever
// in the period it began.
func TestWholePeriods(t *testing.T) {
	for _, into := range []time.Duration{0, 7 * time.Second, 30 * time.Second, 59 * time.Second} {
		s := New(Uniform, 1)
		s.Wave(0, 500, 2000, time.Minute, into)
		for k := int64(1); k <= 5; k++ {
			if n := len(take(s, k*60*second)); n != 75_000 {
				t.Errorf("from %v: %d requests in period %d, want 75000", into, n, k)
			}
		}
	}
}

// TestWaveRate: it begins at the first rate, is at the other after half a
// period, and in the middle after a quarter.
func TestWaveRate(t *testing.T) {
	s := New(Uniform, 1)
	s.Wave(second, 500, 2000, time.Minute, 0)
	for at, want := range map[int64]float64{1: 500, 16: 1250, 31: 2000, 46: 1250, 61: 500, 3631: 2000} {
		if got := s.RateAt(at * second); got < want-1e-6 || got > want+1e-6 {
			t.Errorf("%d s: %v/s, want %v", at, got, want)
		}
	}
	if n := len(take(s, 16*second)); n != 11589 { // targets 0 to 11588, with Λ = 1250·15 − 750·60/2π = 11588.03
		t.Errorf("%d requests in the first quarter, want 11589", n)
	}
}

// TestSilentWave: nothing is due in a wave of nothing, and what is pending is
// not lost by it.
func TestSilentWave(t *testing.T) {
	s := New(Uniform, 1)
	s.Hold(0, 10)
	take(s, second)
	s.Wave(second, 0, 0, time.Minute, 0)
	if t0, ok := s.Next(); ok {
		t.Errorf("due at %d", t0)
	}
	s.Wave(2*second, 0, 1, time.Minute, 0)
	if _, ok := s.Next(); !ok {
		t.Error("nothing is due after the silence")
	}
}

func BenchmarkWave(b *testing.B) {
	s := New(Uniform, 1)
	s.Wave(0, 500, 20_000, time.Minute, 0)
	b.ReportAllocs()
	for b.Loop() {
		s.Advance()
	}
}
