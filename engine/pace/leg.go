package pace

import (
	"math"
	"time"
)

// leg is what one change set: the rate moves in a straight line, then stays, or
// it swings in a wave. Rates are per second, times are nanoseconds.
type leg struct {
	at       int64   // start
	over     float64 // length of the line, 0 for none
	from, to float64 // rate at its two ends
	slope    float64 // size of the change of rate, per second per nanosecond
	gain     amount  // of Λ over the line
	wave     *wave   // nil for a line
}

func newLeg(at int64, from, to float64, over time.Duration) leg {
	l := leg{at: at, from: from, to: to}
	if over > 0 {
		l.over = float64(over)
		l.slope = math.Abs(to-from) / l.over
		l.gain = product((from+to)/2, l.over)
	}
	return l
}

// rate returns the rate at time t.
func (l *leg) rate(t int64) float64 {
	gone := float64(t - l.at)
	switch {
	case l.wave != nil:
		return l.wave.rate(max(t-l.at, 0))
	case gone >= l.over:
		return l.to
	case gone <= 0:
		return l.from
	case l.to >= l.from:
		return l.from + l.slope*gone
	default:
		return l.to + l.slope*(l.over-gone)
	}
}

// gained returns Λ from the start of the leg to time t.
//
// On the line it is counted from the slow end, and so does reaches: sums of
// like signs lose no digits, and the number under the root cannot be negative.
func (l *leg) gained(t int64) amount {
	gone := float64(t - l.at)
	switch {
	case gone <= 0:
		return amount{}
	case l.wave != nil:
		return l.wave.gained(t - l.at)
	case gone >= l.over:
		return l.gain.add(product(l.to, gone-l.over))
	case l.to >= l.from:
		return product(l.from+l.slope*gone/2, gone)
	default:
		ahead := l.over - gone
		return l.gain.minus(product(l.to+l.slope*ahead/2, ahead))
	}
}

// reaches returns the time at which Λ since the start of the leg passes need,
// rounded down to the nanosecond. It reports false if Λ comes to rest before
// or at need, or if the time is beyond what 64 bits hold. near is a time not
// far from it, for a wave, which has to search.
func (l *leg) reaches(need amount, near int64) (int64, bool) {
	if l.wave != nil {
		gone, ok := l.wave.reaches(need, near-l.at)
		return l.at + gone, ok && gone < math.MaxInt64-l.at
	}
	var gone float64
	switch {
	case need.less(l.gain) && l.to >= l.from:
		gone = min(lineTime(need, l.from, l.slope), l.over)
	case need.less(l.gain):
		gone = max(l.over-lineTime(l.gain.minus(need), l.to, l.slope), 0)
	case l.to > 0:
		gone = l.over + need.minus(l.gain).nanos()/l.to
	default:
		return 0, false
	}
	if gone >= float64(math.MaxInt64-l.at) {
		return 0, false
	}
	return l.at + int64(gone), true
}

// lineTime returns the nanoseconds after which a rate that starts at slow and
// grows by slope has gained u: the root of slow·t + slope·t²/2 = u, in the form
// 2u / (slow + √(slow² + 2·slope·u)), which is exact for slope 0 too.
func lineTime(u amount, slow, slope float64) float64 {
	v := u.nanos()
	if v == 0 {
		return 0
	}
	return 2 * v / (slow + math.Sqrt(slow*slow+2*slope*v))
}

// amount is an amount of integrated rate, in requests: whole and a part in
// [0, 1). Kept apart, the part has the same 53 bits in the first second and
// after a thousand million requests.
type amount struct {
	whole int64
	part  float64
}

func (a amount) plus(x float64) amount {
	a.part += x
	return a.carried()
}

func (a amount) add(b amount) amount {
	a.whole += b.whole
	return a.plus(b.part)
}

func (a amount) minus(b amount) amount {
	a.whole -= b.whole
	return a.plus(-b.part)
}

func (a amount) less(b amount) bool {
	return a.whole < b.whole || a.whole == b.whole && a.part < b.part
}

func (a amount) carried() amount {
	if whole := math.Floor(a.part); whole != 0 {
		a.whole += int64(whole)
		a.part -= whole
		if a.part >= 1 { // a part just below 0 was rounded up to 1
			a.whole++
			a.part = 0
		}
	}
	return a
}

// nanos returns the amount in requests·1e9, the unit of a rate per second
// times nanoseconds. Whole amounts up to 2⁵³/5⁹, 4.6·10⁹ requests, are exact.
func (a amount) nanos() float64 { return float64(a.whole)*1e9 + a.part*1e9 }

// product returns rate·ns/1e9 without the rounding of the product: with rate a
// million and a day of nanoseconds a float64 would be off by 1e-5 requests.
func product(rate, ns float64) amount {
	high := rate * ns
	low := math.FMA(rate, ns, -high)
	whole := math.Floor(high / 1e9)
	rest := math.FMA(-whole, 1e9, high) + low
	return amount{whole: int64(whole)}.plus(rest / 1e9)
}
