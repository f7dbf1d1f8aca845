package experiment

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The oracles are held against figures that were worked out elsewhere: a judge
// with the same mistake as the accused would acquit it.

func TestExactPercentile(t *testing.T) {
	values := make([]int64, 160)
	for i := range values {
		values[len(values)-1-i] = int64(i + 1)
	}
	for p, want := range map[float64]int64{0: 1, 50: 80, 99: 159, 99.9: 160, 100: 160} {
		if got := exact(values, p); got != want {
			t.Errorf("p%g of 1 … 160 is %d, want %d", p, got, want)
		}
	}
	// 99.9 % of 200,000 is 199,800 and not, as in floats, a little more.
	many := make([]int64, 200_000)
	for i := range many {
		many[i] = int64(i + 1)
	}
	if got := exact(many, 99.9); got != 199_800 {
		t.Errorf("p99.9 of 1 … 200,000 is %d", got)
	}
	if got := exact(nil, 50); got != 0 {
		t.Errorf("the median of nothing is %d", got)
	}
}

func TestLognormal(t *testing.T) {
	for p, want := range map[float64]float64{50: 20, 90: 55.76, 95: 74.56, 99: 128.6, 99.9: 237.0, 99.99: 391.9} {
		if got := lognormalAt(20, 0.8, p); math.Abs(got-want) > want/2000 {
			t.Errorf("p%g is %.3f, want %.2f", p, got, want)
		}
	}
	// The page allows 127.3 to 130.0 at n = 300,000 for the 95 % interval.
	if got := 1.96 * lognormalError(20, 0.8, 99, 300_000); math.Abs(got-1.37) > 0.05 {
		t.Errorf("half of the interval of p99 is %.3f, want 1.37", got)
	}
}

// The distance that a 1-ms timer, and even arrivals, have from a Poisson process.
func TestKolmogorov(t *testing.T) {
	draws := rand.New(rand.NewPCG(1, 1))
	const rate, n = 1000, 10_000
	var free, grid, even []int64
	at := 0.0
	for i := range int64(n + 1) {
		at += draws.ExpFloat64() * 1e9 / rate
		free = append(free, int64(at))
		grid = append(grid, int64(math.Ceil(at/1e6)*1e6))
		even = append(even, i*1e9/rate)
	}
	for _, c := range []struct {
		name       string
		times      []int64
		from, upTo float64
	}{{"exact", free, 0, 0.0163}, {"grid", grid, 0.35, 0.38}, {"even", even, 0.63, 0.64}} {
		if d := kolmogorov(gaps(c.times), rate); d < c.from || d > c.upTo {
			t.Errorf("%s: D = %.4f, want %.4f to %.4f", c.name, d, c.from, c.upTo)
		}
	}
	g := gaps(free)
	if v, l := variation(g), lagOne(g); math.Abs(v-1) > 0.03 || math.Abs(l) > 0.03 {
		t.Errorf("variation %.3f, correlation %.3f", v, l)
	}
	if d := dispersion(free, 1e8, 10e9); math.Abs(d-1) > 0.43 {
		t.Errorf("dispersion %.3f", d)
	}
	if d := dispersion(even, 1e8, 10e9); d > 0.01 {
		t.Errorf("dispersion of even arrivals %.3f", d)
	}
}

func TestStallsOfATarget(t *testing.T) {
	c := conduct{Behaviour: Behaviour{Service: 5, Stall: 100, Period: 1000}}
	for at, want := range map[int64]int64{0: 105, 99: 105, 100: 105, 101: 106, 1050: 1105} {
		if got, _ := c.answer(Call{Seq: 1, Arrival: at}); got != want {
			t.Errorf("what arrives at %d leaves at %d, want %d", at, got, want)
		}
	}
	one := conduct{Behaviour: Behaviour{Service: 10, OneByOne: true}}
	for i, want := range []int64{10, 20, 30} {
		if got, _ := one.answer(Call{Seq: 1, Arrival: int64(i)}); got != want {
			t.Errorf("request %d of one worker leaves at %d, want %d", i, got, want)
		}
	}
}
