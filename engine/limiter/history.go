package limiter

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// decision is what became of one request.
type decision struct {
	at      int64 // ns
	took    int32 // µs
	of      uint16
	refused bool
}

func earlier(a, b decision) int { return cmp.Compare(a.at, b.at) }

// merge brings the pending decisions into order.
func (o *Observer) merge() {
	if len(o.pending) == 0 {
		return
	}
	slices.SortFunc(o.pending, earlier)
	n := len(o.sorted)
	if n == 0 {
		o.sorted, o.pending = o.pending, nil
		return
	}
	if !o.began && o.limited > kept/2 {
		o.look() // the first refusals tell the burst, and are soon not seen any more
		o.began = true
	}
	if n+len(o.pending) > 2*kept {
		o.calm = o.calm && !anyRefused(o.sorted[:n-kept])
		o.sorted, o.whole = o.sorted[:copy(o.sorted, o.sorted[n-kept:])], false
	}
	// From behind: only what is later than the first pending one moves.
	i, j := len(o.sorted)-1, len(o.pending)-1
	o.sorted = append(o.sorted, o.pending...)
	for k := len(o.sorted) - 1; j >= 0; k-- {
		if i >= 0 && o.sorted[i].at > o.pending[j].at {
			o.sorted[k] = o.sorted[i]
			i--
		} else {
			o.sorted[k] = o.pending[j]
			j--
		}
	}
	o.pending = o.pending[:0]
}

// history is what a fit looks at.
type history struct {
	decisions []decision // ascending
	whole     bool       // nothing was sent before the first
	calm      bool       // nothing was refused before the first: a bucket was full, or soon is
	*scratch
}

// scratch is what a fit writes to: each of its parts has room of its own, that
// is used again for the next fit.
type scratch struct {
	drawn, turned   []decision
	part            []decision
	had             []bool
	gapped          []gap
	lasted          []int32
	rates, sizes    []float64
	lengths         []int
	opened          []opening
	counted, spaced []float64
	soonest, latest []int64
	underA, underR  []int
}

func anyRefused(ds []decision) bool {
	return slices.ContainsFunc(ds, func(d decision) bool { return d.refused })
}

// behind is the part of it that may be behind a limiter: of what was refused at
// least once. It reports whether that is less than all.
func (h history) behind() (part history, less bool) {
	h.had, h.part = h.had[:0], h.part[:0]
	for _, d := range h.decisions {
		for len(h.had) <= int(d.of) {
			h.had = append(h.had, false)
		}
		h.had[d.of] = h.had[d.of] || d.refused
	}
	for _, d := range h.decisions {
		if h.had[d.of] {
			h.part = append(h.part, d)
		}
	}
	less = len(h.part) < len(h.decisions)
	h.decisions = h.part
	return h, less
}

// newest returns the last n of it.
func (h history) newest(n int) history {
	if older := len(h.decisions) - n; older > 0 {
		h.calm = h.calm && !anyRefused(h.decisions[:older])
		h.decisions, h.whole = h.decisions[older:], false
	}
	return h
}

// counts returns how many were accepted and refused.
func (h history) counts() (accepted, refused int) {
	for i := range h.decisions {
		if h.decisions[i].refused {
			refused++
		}
	}
	return len(h.decisions) - refused, refused
}

// coin returns the same requests with decisions drawn by a coin that accepts
// as many: what a limiter must explain better than.
func (h history) coin() history {
	_, refused := h.counts()
	coin := rand.New(rand.NewPCG(1, 2))
	h.drawn = append(h.drawn[:0], h.decisions...)
	h.decisions = h.drawn
	for i := range h.decisions {
		h.decisions[i].refused = coin.IntN(len(h.decisions)) < refused
	}
	return h
}

// took is how long an answer takes, in nanoseconds: a refusal, or the others.
// The median of the newest, and the range of the half of them around it.
func (h history) took(refused bool) (median, spread float64) {
	took := h.lasted[:0]
	for _, d := range h.newest(someDecisions).decisions {
		if d.refused == refused {
			took = append(took, d.took)
		}
	}
	h.lasted = took
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	n := len(took)
	return float64(took[n/2]) * 1e3, float64(took[n*3/4]-took[n/4]) * 1e3
}
