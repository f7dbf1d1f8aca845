package driven

import "math"

// swing is a wave: the rates of its ends, per second, its period and how far
// into it the wave begins, nanoseconds. The zero swing is none.
type swing struct {
	from, to    float64
	every, into int64
}

func (w swing) is() bool { return w.every > 0 }

// rate is the rate so long after its beginning.
func (w swing) rate(gone int64) float64 {
	return (w.from+w.to)/2 - (w.to-w.from)/2*math.Cos(w.angle(gone))
}

// due is how many requests are due from its beginning to gone after it.
func (w swing) due(gone int64) float64 {
	swings := (w.to - w.from) / 2 * float64(w.every) / (2 * math.Pi) * (math.Sin(w.angle(gone)) - math.Sin(w.angle(0)))
	return ((w.from+w.to)/2*float64(gone) - swings) / 1e9
}

func (w swing) angle(gone int64) float64 {
	return 2 * math.Pi * float64((w.into+gone)%w.every) / float64(w.every)
}

// after is what is left of the wave so long after its beginning: the same one,
// further in its period.
func (w swing) after(gone int64) swing {
	if w.is() {
		w.into = (w.into + gone) % w.every
	}
	return w
}
