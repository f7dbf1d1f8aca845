package limiter

import (
	"cmp"
	"math"
	"slices"
)

// gap is how long after the last accepted request another one came.
type gap struct {
	length  float64 // ns
	refused bool
}

// gaps returns the time since the last accepted request, for each.
func (h history) gaps() []gap {
	out := h.gapped[:0]
	var last float64
	some := false
	for _, d := range h.decisions {
		at := float64(d.at)
		if some {
			out = append(out, gap{math.Round((at-last)/1e4) * 1e4, d.refused}) // less is not a difference
		}
		if !d.refused {
			last, some = at, true
		}
	}
	h.gapped = out
	return out
}

// threshold is where gaps turn from refused to accepted: the range without a gap
// in it that has the fewest on its wrong sides, and how many. It sorts the gaps.
func threshold(gaps []gap) (low, high float64, least int) {
	slices.SortFunc(gaps, func(a, b gap) int { return cmp.Compare(a.length, b.length) })
	wrong := 0 // accepted ones below, refused ones above
	for _, g := range gaps {
		if g.refused {
			wrong++
		}
	}
	least = math.MaxInt
	for i, g := range gaps {
		if wrong < least && (i == 0 || g.length > gaps[i-1].length) {
			least, high = wrong, g.length
			if low = 0; i > 0 {
				low = gaps[i-1].length
			}
		}
		if g.refused {
			wrong--
		} else {
			wrong++
		}
	}
	return low, high, least
}

// balance is the gap below which as many were accepted as refused above it:
// where gaps turn from refused to accepted when the way blurs them.
func balance(sorted []gap) float64 {
	above := 0 // refused ones
	for _, g := range sorted {
		if g.refused {
			above++
		}
	}
	below := 0
	for _, g := range sorted {
		if g.refused {
			above--
		} else {
			below++
		}
		if below >= above {
			return g.length
		}
	}
	return 0
}

// near are the gaps within a third of a length. What is refused after a much
// longer one followed an accepted request whose answer was lost.
func near(sorted []gap, length float64) []gap {
	at := func(x float64) int {
		i, _ := slices.BinarySearchFunc(sorted, x, func(g gap, x float64) int { return cmp.Compare(g.length, x) })
		return i
	}
	return sorted[at(length*2/3):at(length*4/3)]
}

// aSpacing fits a bucket of one: it refuses what comes sooner after the last
// accepted one than its spacing. open is how far, as a share, the rate may
// lie on either side: even arrivals leave it open between two multiples of
// their distance.
func (h history) aSpacing() (b bucket, open float64) {
	h = h.newest(someDecisions)
	all := h.gaps()
	low, high, wrong := threshold(all)
	accepted, refused := h.counts()
	if low <= 0 || wrong*10 > 9*min(accepted, refused) {
		return bucket{}, 1
	}
	if middle := balance(near(all, (low+high)/2)); middle < low || middle > high || high < 1.04*low {
		low, high = 0.98*middle, 1.02*middle // blurred, not open
	} else {
		open = (high - low) / (high + low)
	}
	// A clock of milliseconds, as nginx has, lets half a millisecond less pass
	// on average: most of that is allowed for. It does not tell by itself, but
	// people write round numbers.
	const tick = 0.35e6
	rate := roundest(1e9/(high+tick), 1e9/max(low, 1))
	return bucket{every: 1e9 / rate}, open
}

// roundest is the number with the fewest digits between two, and of several the
// one nearest to the middle.
func roundest(low, high float64) float64 {
	middle := math.Sqrt(low * high)
	for unit := math.Pow(10, math.Floor(math.Log10(high))); unit > low*1e-6; unit /= 10 {
		for _, step := range [...]float64{unit, unit / 2} {
			n := math.Round(middle / step)
			for _, n := range [...]float64{n, n - 1, n + 1} {
				if v := n * step; v >= low && v <= high && v > 0 {
					return v
				}
			}
		}
	}
	return middle
}
