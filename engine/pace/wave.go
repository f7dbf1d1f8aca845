package pace

import "math"

// wave is a rate that swings: r(x) = mid − half·cos(2πx/period), x being the
// time since a crest or trough at the rate mid − half. Rates are per second,
// times are nanoseconds.
type wave struct {
	mid, half float64 // half is negative for a wave that begins at its high end
	period    int64
	into      int64   // x at the start of the leg, in [0, period)
	swing     float64 // half·period/2π: how far Λ swings around its mean, in requests·1e9
	sine      float64 // of the angle at into
	cycle     amount  // Λ of a whole period
}

func newWave(from, to float64, period, into int64) *wave {
	w := &wave{mid: from/2 + to/2, half: to/2 - from/2, period: max(period, 1)}
	w.into = into % w.period
	if w.into < 0 {
		w.into += w.period
	}
	w.swing = w.half * float64(w.period) / (2 * math.Pi)
	w.sine, _ = w.angle(0)
	w.cycle = product(w.mid, float64(w.period))
	return w
}

// angle returns the sine and the cosine at x nanoseconds after the start. Whole
// periods are taken out as whole numbers, so that hours cost no digits.
func (w *wave) angle(x float64) (sin, cos float64) {
	phase := math.Mod(float64(w.into)+math.Mod(x, float64(w.period)), float64(w.period))
	return math.Sincos(2 * math.Pi * (phase / float64(w.period)))
}

func (w *wave) rate(gone int64) float64 {
	_, cos := w.angle(float64(gone))
	return max(w.mid-w.half*cos, 0)
}

// gained returns Λ from the start to gone ≥ 0 nanoseconds after it:
// mid·x − half·period/2π·(sin at x − sin at the start). The first part is
// exact, and after whole periods the second one is 0.
func (w *wave) gained(gone int64) amount {
	sin, _ := w.angle(float64(gone))
	return product(w.mid, float64(gone)).plus(-w.swing * (sin - w.sine) / 1e9)
}

// newtonMost is after how many steps Newton's method is taken to be lost in
// the rounding of a rate near 0.
const newtonMost = 24

// reaches returns the last nanosecond after the start at which Λ has not passed
// need. Whole periods are counted off first; then Newton's method runs between
// bounds that every step narrows, and halves them where it would leave them.
// It begins at near, where the request before was: the next one is not far.
func (w *wave) reaches(need amount, near int64) (int64, bool) {
	cycles := math.Floor(need.nanos() / w.cycle.nanos())
	if !(cycles < float64(math.MaxInt64/2)/float64(w.period)) { // not NaN either
		return 0, false
	}
	// One period more to each side forgives the rounding of cycles.
	lo, hi := max(int64(cycles)-1, 0)*w.period, (int64(cycles)+2)*w.period
	at := near
	for i := 0; lo+1 < hi; i++ {
		if at <= lo || at >= hi || i > newtonMost {
			at = lo + (hi-lo)/2
		}
		short, rate := w.look(at, need)
		step := math.Floor(short.nanos() / rate)
		if short.whole < 0 {
			hi = at
		} else {
			lo = at
			step = max(step, 1) // is the next nanosecond past it?
		}
		if at = lo; math.Abs(step) < float64(w.period) { // not NaN either
			at += int64(step)
			if short.whole < 0 {
				at = hi + int64(step)
			}
		}
	}
	return lo, true
}

// look returns what is missing of need at a time, and the rate there.
func (w *wave) look(gone int64, need amount) (amount, float64) {
	sin, cos := w.angle(float64(gone))
	gained := product(w.mid, float64(gone)).plus(-w.swing * (sin - w.sine) / 1e9)
	return need.minus(gained), w.mid - w.half*cos
}
