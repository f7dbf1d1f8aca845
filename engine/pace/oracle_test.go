package pace

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// oracle is Λ in exact rationals, told of the same changes as a schedule.
type oracle struct {
	at       int64
	from, to *big.Rat
	over     int64
	base     *big.Rat // Λ at the change
	period   int64    // of a wave
	into     int64
}

func rat(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

func (o *oracle) set(at int64, from, to float64, over time.Duration) {
	o.base = o.lambda(at)
	o.period = 0
	o.at, o.from, o.to, o.over = at, rat(from), rat(to), max(int64(over), 0)
}

func (o *oracle) lambda(t int64) *big.Rat {
	total := new(big.Rat)
	if o.base == nil {
		return total
	}
	total.Set(o.base)
	gone := t - o.at
	if o.period > 0 {
		return total.Add(total, o.waved(gone))
	}
	if line := min(gone, o.over); line > 0 {
		// from·x + (to−from)·x²/(2·over)
		x := big.NewRat(line, second)
		rise := new(big.Rat).Sub(o.to, o.from)
		rise.Mul(rise, big.NewRat(line, 2*o.over))
		rise.Add(rise, o.from)
		total.Add(total, rise.Mul(rise, x))
	}
	if rest := gone - o.over; rest > 0 {
		total.Add(total, new(big.Rat).Mul(o.to, big.NewRat(rest, second)))
	}
	return total
}

// checkAgainstOracle drives a schedule with changes drawn from a seed and says
// what is wrong with it.
func checkAgainstOracle(t *testing.T, seed uint64, changes int) {
	t.Helper()
	draw := rand.New(rand.NewPCG(seed, 1))
	rates := []float64{0, 0, 1, 1.0 / 3, 7, 999.999, 10_000, 0.01, 123.456}
	pick := func() float64 { return rates[draw.IntN(len(rates))] }
	s, o := New(Uniform, seed), &oracle{}
	at, last, taken := int64(0), int64(0), int64(0)
	for range changes {
		from, to, over := pick(), pick(), time.Duration(draw.Int64N(int64(time.Second)))
		switch draw.IntN(3) {
		case 0:
			s.Hold(at, to)
			o.set(at, to, to, 0)
		case 1:
			s.Ramp(at, from, to, over)
			o.set(at, from, to, over)
		default:
			period, into := 1+over/20, time.Duration(draw.Int64N(int64(time.Second)))
			s.Wave(at, from, to, period, into)
			o.wave(at, from, to, period, into)
		}
		until := at
		if draw.IntN(4) > 0 {
			until += draw.Int64N(int64(300 * time.Millisecond))
		}
		for {
			t0, ok := s.Next()
			if !ok || t0 >= until {
				break
			}
			if t0 < at {
				t.Fatalf("seed %d: arrival at %d lies before the change at %d", seed, t0, at)
			}
			if t0 < last {
				t.Fatalf("seed %d: arrival at %d follows one at %d", seed, t0, last)
			}
			last = t0
			taken++
			s.Advance()
		}
		// The targets are 0, 1, 2, …: at Λ the next one is ⌈Λ⌉. Right at a
		// target rounding may decide either way, elsewhere it must not.
		exact := o.lambda(until)
		for _, slack := range []float64{-1e-6, 1e-6} {
			shifted := new(big.Rat).Add(exact, rat(slack))
			ceiling := new(big.Int).Neg(new(big.Int).Div(new(big.Int).Neg(shifted.Num()), shifted.Denom()))
			if n := ceiling.Int64(); slack < 0 && taken < n || slack > 0 && taken > n {
				got, _ := exact.Float64()
				t.Fatalf("seed %d: %d arrivals before %d, where Λ is %v", seed, taken, until, got)
			}
		}
		at = until
	}
}

func TestRandomChangesAgainstOracle(t *testing.T) {
	for seed := range uint64(200) {
		checkAgainstOracle(t, seed, 60)
	}
}

func FuzzChanges(f *testing.F) {
	f.Add(uint64(1), uint8(10))
	f.Add(uint64(99), uint8(255))
	f.Fuzz(func(t *testing.T, seed uint64, changes uint8) {
		checkAgainstOracle(t, seed, int(changes))
	})
}

// TestPhaseAfterHours: hours at a high rate leave the phase of a low one exact,
// which a Λ in one float64 would not.
func TestPhaseAfterHours(t *testing.T) {
	s, o := New(Uniform, 1), &oracle{}
	s.Hold(0, 99_999.999)
	o.set(0, 99_999.999, 99_999.999, 0)
	change := 7*int64(time.Hour) + 123_456_789
	reached := o.lambda(change)
	s.left.whole = new(big.Int).Div(reached.Num(), reached.Denom()).Int64() + 1
	s.aim()
	s.Hold(change, 1)
	want := new(big.Rat).Sub(new(big.Rat).SetInt64(new(big.Int).Div(reached.Num(), reached.Denom()).Int64()+1), reached)
	exact, _ := want.Mul(want, rat(1e9)).Float64()
	t0, ok := s.Next()
	if off := exact - float64(t0-change); !ok || off < -0.01 || off > 1.01 {
		t.Errorf("first arrival %d ns after the change, exact is %v", t0-change, exact)
	}
}
