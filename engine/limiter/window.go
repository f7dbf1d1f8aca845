package limiter

import (
	"math"
	"slices"
)

// window is a limiter that accepts so many in each window. The windows of a
// rolling one begin with the first request after the last one's end, as a
// counter does that is created with an expiry; the others follow each other.
type window struct {
	length float64 // ns
	count  int
	start  float64 // ns, of any one
	roll   bool
}

// replay holds the decisions against the window, which follows what it would
// not have done, so that one lost answer is one disagreement.
func (w window) replay(h history) (t tally) {
	start, n := w.start, 0
	if first := w.first(h); w.roll {
		start = first
	} else {
		start += math.Floor((first-start)/w.length) * w.length
	}
	for _, d := range h.decisions {
		at := float64(d.at)
		if at < start {
			continue
		}
		t.n++
		if late := at - start - w.length; late >= 0 && (!w.roll || !d.refused || late > slack) {
			if n = 0; w.roll {
				start = at
			} else {
				start += math.Floor((at-start)/w.length) * w.length
			}
		}
		// Requests within the slack of each other may have changed places.
		near := int(slack * float64(n) / max(at-start, slack))
		switch {
		case d.refused && n < w.count-near && at-start > slack:
			n = w.count
		case !d.refused && n >= w.count+near:
			early := start+w.length-at > slack
			if !early {
				t.agreed++
			}
			switch n = 1; {
			case w.roll:
				start = at
			case early:
				n = w.count
			default:
				start += w.length
			}
		default:
			t.agreed++
			if !d.refused {
				n++
			}
		}
	}
	return t
}

// first is the moment from which on it can be held against the decisions: that
// of the first, or if there were others before, the first opening.
func (w window) first(h history) float64 {
	if h.whole {
		return float64(h.decisions[0].at)
	}
	return w.start
}

// opening is where a limiter began to accept again.
type opening struct {
	refused, accepted float64 // the last before, the first after, ns
	n                 int     // accepted up to the next opening
}

func (o opening) middle() float64 { return (o.refused + o.accepted) / 2 }

// openings are where longer runs of accepted requests begin. Shorter runs, a
// quarter of the long ones, are requests that changed places on the way.
func (h history) openings() []opening {
	lengths := h.lengths[:0]
	h.runs(func(_ opening, run int) { lengths = append(lengths, run) })
	h.lengths = lengths
	if len(lengths) == 0 {
		return nil
	}
	slices.Sort(lengths)
	least := max(lengths[len(lengths)*9/10]/4, 1)
	out := h.opened[:0]
	h.runs(func(o opening, run int) {
		if run >= least {
			out = append(out, o)
		} else if len(out) > 0 {
			out[len(out)-1].n += run
		}
	})
	h.opened = out
	return out
}

// runs calls f with each run of accepted requests that follows a refusal.
func (h history) runs(f func(o opening, run int)) {
	ds := h.decisions
	for i := 1; i < len(ds); i++ {
		if ds[i].refused || !ds[i-1].refused {
			continue
		}
		j := i
		for j < len(ds) && !ds[j].refused {
			j++
		}
		f(opening{float64(ds[i-1].at), float64(ds[i].at), j - i}, j-i)
		i = j - 1
	}
}

// shortest is the length of the shortest window, in nanoseconds. A bucket that
// even arrivals empty repeats itself after some of them like a shorter one.
const shortest = 40 * slack

// windows fits the two kinds of fixed window, as far as there are any.
func (h history) windows() []window {
	all := h.openings()
	if len(all) < 3 {
		return nil
	}
	spaced := h.spaced[:0]
	for i := range len(all) - 1 {
		spaced = append(spaced, all[i+1].accepted-all[i].accepted)
	}
	h.spaced = spaced
	length := median(spaced)
	if length < shortest {
		return nil
	}
	if all = apart(all, length/2); len(all) < 3 {
		return nil
	}
	even := window{length: length}
	for range 3 {
		even.length, even.start = line(all, even.length)
	}
	// Of the windows that follow each other: how many, and what lies between
	// the beginning of one and of the next.
	counts, gaps := h.counted[:0], h.gapped[:0]
	for i := range len(all) - 1 {
		a, b := all[i], all[i+1]
		if math.Round((b.accepted-a.accepted)/length) > 1 {
			continue
		}
		counts = append(counts, float64(a.n))
		gaps = append(gaps, gap{b.refused - a.accepted, true}, gap{b.accepted - a.accepted, false})
	}
	h.counted, h.gapped = counts, gaps
	count := int(median(counts))
	if count < 2 {
		return nil
	}
	even.count = count
	low, high, _ := threshold(gaps)
	return []window{even, {length: (low + high) / 2, count: count, start: all[0].accepted, roll: true}}
}

// apart joins openings that are closer to each other.
func apart(all []opening, least float64) []opening {
	out := all[:1]
	for _, o := range all[1:] {
		if last := &out[len(out)-1]; o.accepted-last.accepted < least {
			last.n += o.n
		} else {
			out = append(out, o)
		}
	}
	return out
}

// line is the least squares line through the middles of the openings, each at
// the multiple of about that length at which it lies: length and offset. The
// middle tells the multiple, too: where nobody came at first only its end is late.
func line(all []opening, length float64) (slope, start float64) {
	origin := all[0].accepted
	var n, x, y, xx, xy, k float64
	for i, o := range all {
		if i > 0 {
			k += max(1, math.Round((o.middle()-all[i-1].middle())/length))
		}
		v := o.middle() - origin
		n, x, y, xx, xy = n+1, x+k, y+v, xx+k*k, xy+k*v
	}
	slope = (n*xy - x*y) / (n*xx - x*x)
	return slope, origin + (y-slope*x)/n
}

// median sorts what it is given; it is 0 of nothing.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}
