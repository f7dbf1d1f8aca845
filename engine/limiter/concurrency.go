package limiter

import (
	"math"
	"slices"
)

// concurrency is how well a limit of requests under way at once explains the
// decisions: refused while as many accepted ones are not answered yet. Such a
// limiter has no rate, and what looks like one is that of the answers.
func (h history) concurrency() float64 {
	// When each was over, at the soonest and at the latest: for what was
	// accepted, and for what was refused.
	soonest, latest := h.soonest[:0], h.latest[:0]
	for _, d := range h.decisions {
		if !d.refused {
			took := int64(d.took) * 1000
			about := min(slack, took/4)
			soonest = append(soonest, d.at+took-about)
			latest = append(latest, d.at+took+about)
		}
	}
	h.soonest, h.latest = soonest, latest
	slices.Sort(soonest)
	slices.Sort(latest)
	accepted, refused := h.underA[:0], h.underR[:0] // by how many were under way
	started, over, surely := 0, 0, 0
	for _, d := range h.decisions {
		for over < len(soonest) && soonest[over] <= d.at {
			over++
		}
		for surely < len(latest) && latest[surely] <= d.at {
			surely++
		}
		under := max(started-over, 0)
		if d.refused {
			under = max(started-surely, 0)
		}
		for len(accepted) <= under {
			accepted, refused = append(accepted, 0), append(refused, 0)
		}
		if d.refused {
			refused[under]++
		} else {
			accepted[under]++
			started++
		}
	}
	h.underA, h.underR = accepted, refused
	// The best limit: accepted below, refused from it on.
	a, r := h.counts()
	right := r
	best := right
	for under := range accepted {
		right += accepted[under] - refused[under]
		best = max(best, right)
	}
	chance := max(a, r)
	if chance == a+r {
		return 0
	}
	return float64(best-chance) / float64(a+r-chance)
}

// busy reports whether accepted requests take as much longer than refused ones
// as lies between two of them, within what the way blurs: then it is a server
// that does one at a time, and refuses while it does. The other decisions are
// those of a bucket of one.
func (h history) busy(every float64) bool {
	way, spread := h.took(true)
	took, _ := h.took(false)
	return math.Abs(took-way-every) < min(0.05*every+spread, every/3)
}
