package limiter

import (
	"math"
	"slices"
)

// slack is how far, in nanoseconds, a decision may lie on the wrong side of the
// moment at which a limiter changes its mind: the way to the target takes now
// longer, now shorter, and some limiters count in milliseconds.
const slack = 2e6

// tally is what a replay found.
type tally struct {
	agreed, n int64
	off       float64 // nanoseconds by which the limiter had to be corrected
}

func (t tally) share() float64 { return float64(t.agreed) / float64(max(t.n, 1)) }

// bucket is a token bucket, written as the generic cell rate algorithm: a
// request is accepted from the moment due on, which an accepted one moves by
// every. depth is how long a full bucket lasts ahead of its rate: every·(size−1).
// It is that of ITU-T I.371 annex A, with due as its theoretical arrival time
// less the tolerance. What nginx calls excess is (due+depth−t)/every.
type bucket struct{ every, depth float64 } // ns

func (b bucket) size() float64 { return b.depth/b.every + 1 }

// slack is less for a bucket that is emptied and filled within it: everything
// would agree.
func (b bucket) slack() float64 { return min(slack, max(b.every/4, b.depth/8)) }

// replay holds the decisions against the bucket. A decision that it would not
// have taken corrects it, so that one lost answer is one disagreement what lies
// within the slack agrees.
func (b bucket) replay(h history) (t tally) {
	ds := h.decisions
	if len(ds) == 0 {
		return t
	}
	due := float64(ds[0].at) // an empty bucket
	if h.calm {
		due -= b.depth // a full one
	}
	slack := b.slack()
	for i := range ds {
		at := float64(ds[i].at)
		early := due - at // positive: the bucket refuses
		agreed := int64(1)
		switch {
		case ds[i].refused && early < -slack:
			t.off -= early
			due, agreed = at, 0
		case !ds[i].refused && early > slack:
			t.off += early
			due, agreed = at, 0
		}
		if !ds[i].refused {
			due = max(due, at-b.depth) + b.every
		}
		t.agreed += agreed
	}
	t.n = int64(len(ds))
	return t
}

// refine walks to the rate with which the bucket has to be corrected least, in
// steps that halve. The cost is shaped like a V: a rate that is wrong by a share
// has to be corrected by that share of the time.
func (b bucket) refine(h history) (bucket, float64) {
	least := b.replay(h).off
	for step := 0.04; step > 2e-4; step /= 2 {
		moved := true
		for n := 0; moved && n < 8; n++ {
			moved = false
			for _, f := range [...]float64{1 + step, 1 / (1 + step)} {
				c := bucket{b.every * f, b.depth * f}
				if off := c.replay(h).off; off < least {
					b, least, moved = c, off, true
					break
				}
			}
		}
	}
	return b, least
}

// turns keeps of each run of refusals the last one only: while nothing is
// accepted a bucket fills, so that one tells most. It makes a refinement of a
// run that is mostly refused cheap.
func (h history) turns() history {
	kept := h.turned[:0]
	for i, d := range h.decisions {
		if d.refused && i+1 < len(h.decisions) && h.decisions[i+1].refused {
			continue
		}
		kept = append(kept, d)
	}
	h.turned, h.decisions = kept, kept
	return h
}

// pace is the rate at which requests are accepted while the limiter is at its
// limit, per nanosecond: the median over stretches from a refusal to another. A
// stretch in which the load was below the limit has no refusals inside, so it is
// but one.
func (h history) pace() float64 {
	accepted, _ := h.counts()
	least := max(accepted/40, 5)
	rates := h.rates[:0]
	from, n := int64(-1), 0
	for _, d := range h.decisions {
		if !d.refused {
			n++
			continue
		}
		if from >= 0 && n < least {
			continue
		}
		if from >= 0 && d.at > from {
			rates = append(rates, float64(n)/float64(d.at-from))
		}
		from, n = d.at, 0
	}
	h.rates = rates
	if len(rates) == 0 {
		return 0
	}
	slices.Sort(rates)
	return rates[len(rates)/2]
}

// burst is the size of a bucket of that rate, per nanosecond. What has been
// taken from a bucket since it was full does not depend on its size (it is
// Cruz' σ for the ρ, A calculus for network delay, 1991): at most the size was
// taken, and one more at the first refusal would have been too many. Of all the
// times that it was full nearly the largest, since it may have been less full
// than it seems; the size given, 0 for unknown, if it never was.
func (h history) burst(rate, size float64) float64 {
	sizes := h.sizes[:0]
	var taken, most float64
	climbing := h.calm // from a full bucket to its first refusal
	if taken = max(size-1, 0); h.calm {
		taken = 0
	}
	var ends int64 // what changed places with that refusal still counts
	last := h.decisions[0].at
	for _, d := range h.decisions {
		if ends != 0 && d.at > ends {
			size = math.Round(max(size, most))
			sizes = append(sizes, size)
			ends, climbing = 0, false
		}
		taken -= rate * float64(d.at-last)
		if last = d.at; taken <= 0 {
			if taken = 0; !climbing && size > 0 {
				climbing, most = true, 0
			}
		}
		switch {
		case !d.refused:
			taken++
			most = max(most, taken)
		case !climbing: // whatever was not seen, it is empty
			taken = max(taken, size-1)
		case ends == 0:
			size = max((most+taken+1)/2, 1)
			ends = d.at + slack
		}
	}
	h.sizes = sizes
	if len(sizes) == 0 {
		return size
	}
	slices.Sort(sizes)
	return sizes[len(sizes)*9/10]
}

// unknown is the size of a bucket that was never full, so that it does not matter.
const unknown = 10.5

// aBucket fits a token bucket of two or more. known is its size, 0 for unknown,
// as long as it is not seen full.
func (h history) aBucket(known float64) (best bucket, ok bool) {
	pace := h.pace()
	if pace == 0 {
		return bucket{}, false
	}
	turns := h.turns().newest(someDecisions)
	least := math.Inf(1)
	// The stretches in which a small bucket was full make the rate look lower
	// than it is, so that the search begins above, too.
	for _, f := range [...]float64{1, 1.1, 1.25} {
		rate, size := pace*f, 0.0
		for range 3 {
			was := size
			if size = h.burst(rate, known); size == 0 {
				size = unknown
			}
			if size == was || size < 2 {
				break
			}
			b, off := bucket{1 / rate, (size - 1) / rate}.refine(turns)
			if off < least {
				best, least = b, off
			}
			rate = 1 / b.every
		}
		if size > 8 {
			break
		}
	}
	return best, best.every > 0
}

// fit is what the bucket is called.
func (b bucket) fit(h history) fit {
	f := fit{kind: TokenBucket, rate: 1e9 / b.every, size: math.Round(b.size())}
	if math.Abs(b.size()-unknown) < 0.01 {
		f.size = 0
	}
	if b.delays(h) {
		f.kind = LeakyBucket
	}
	return f
}

// delays reports whether the accepted requests took as much longer than refused
// ones as the bucket would make them wait: until those before them have passed at
// its rate.
func (b bucket) delays(h history) bool {
	base, _ := h.took(true) // the way, and no work
	due := float64(h.decisions[0].at)
	if h.calm {
		due -= b.depth
	}
	var wait, off float64
	n := 0
	for _, d := range h.decisions {
		at := float64(d.at)
		if d.refused {
			due = max(due, at-slack)
			continue
		}
		due = min(due, at+slack)
		w := max(due+b.depth-at, 0)
		wait += w
		off += math.Abs(float64(d.took)*1e3 - base - w)
		n++
		due = max(due, at-b.depth) + b.every
	}
	return wait > slack*float64(n) && off < 0.4*wait
}
