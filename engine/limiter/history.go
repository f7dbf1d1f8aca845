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
	refused bool
}

func earlier(a, b decision) int { return cmp.Compare(a.at, b.at) }

// merge brings the pending decisions into order.
func (o *Observer) merge() {
	if len(o.pending) == 0 {
		return
	}
	n := len(o.sorted)
	if o.whole && n <= kept && n+len(o.pending) > kept {
		o.look() // the start tells the burst, and is not seen from now on
	}
	if n+len(o.pending) > 2*kept {
		o.sorted, o.whole = o.sorted[:copy(o.sorted, o.sorted[n-kept:])], false
	}
	slices.SortFunc(o.pending, earlier)
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
}

// newest returns the last n of it.
func (h history) newest(n int) history {
	if len(h.decisions) > n {
		return history{decisions: h.decisions[len(h.decisions)-n:]}
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

// drawn returns the same requests with decisions drawn by a coin that accepts
// as many: what a limiter must explain better than.
func (h history) drawn() history {
	_, refused := h.counts()
	coin := rand.New(rand.NewPCG(1, 2))
	h.decisions = slices.Clone(h.decisions)
	for i := range h.decisions {
		h.decisions[i].refused = coin.IntN(len(h.decisions)) < refused
	}
	return h
}

// took is how long an answer takes, in nanoseconds: a refusal, or the others.
// The median of the newest.
func (h history) took(refused bool) float64 {
	var took []int32
	for _, d := range h.newest(someDecisions).decisions {
		if d.refused == refused {
			took = append(took, d.took)
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[len(took)/2]) * 1e3
}
