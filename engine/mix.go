package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync/atomic"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// mix chooses endpoints by weight, reproducibly for a seed. One goroutine at a
// time draws from it; the shares may be changed by another one meanwhile.
type mix struct {
	shares atomic.Pointer[shares]
	rng    *rand.Rand
}

// shares are the parts of the requests in the load. They are never changed.
type shares struct {
	of   []float64 // of each request, together 1
	upTo []float64 // their sums from the first one on
}

func newMix(requests []profiles.Request, seed uint64) *mix {
	m := &mix{rng: rand.New(rand.NewPCG(seed, 0x6d6978))}
	m.shares.Store(sharesOf(requests))
	return m
}

// sharesOf are the shares as the profile has them.
func sharesOf(requests []profiles.Request) *shares {
	var weights []float64
	for _, r := range requests {
		weights = append(weights, r.Weight)
	}
	return newShares(weights)
}

func newShares(weights []float64) *shares {
	x := &shares{}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	up, last := 0.0, 0
	for i, w := range weights {
		up += w / sum
		x.of = append(x.of, w/sum)
		x.upTo = append(x.upTo, up)
		if w > 0 {
			last = i
		}
	}
	for i := last; i < len(x.upTo); i++ {
		x.upTo[i] = 1 // whatever the rounding of the sum
	}
	return x
}

// next returns the index of the next endpoint. It draws one number for each,
// so that a change of the shares leaves the draws after it as they are.
func (m *mix) next() uint16 {
	x := m.shares.Load()
	if len(x.upTo) == 1 {
		return 0
	}
	draw := m.rng.Float64()
	return uint16(sort.Search(len(x.upTo), func(i int) bool { return x.upTo[i] > draw }))
}

// percent is a share as people write it.
func (x *shares) percent(i int) float64 { return math.Round(x.of[i]*1e6) / 1e4 }

// percents are all of them.
func (x *shares) percents() []float64 {
	var out []float64
	for i := range x.of {
		out = append(out, 100*x.of[i])
	}
	return out
}

// weigh returns the shares after a change of one of them. The others keep their
// proportions among themselves.
func (v *driver) weigh(c grammar.Change) (*shares, int, error) {
	var names []string
	for _, q := range v.d.r.profile.Requests {
		names = append(names, q.Name)
	}
	k := slices.Index(names, c.Name)
	if k < 0 {
		const few = 5
		hint := "there are " + strings.Join(names[:min(len(names), few)], ", ")
		if more := len(names) - few; more > 0 {
			hint += fmt.Sprintf(" and %d more", more)
		} else if len(names) == 1 {
			hint = "the only one is " + names[0]
		}
		if near := grammar.Nearest(c.Name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, 0, refuse(hint, "no request is called %q", c.Name)
	}
	share, rest := c.Share/100, 0.0
	for i, s := range v.mix.of {
		if i != k {
			rest += s
		}
	}
	switch {
	case rest == 0 && share == 0:
		return nil, 0, refuse("give another one a share first, or pause", "no request would be left")
	case rest == 0 && share < 1:
		return nil, 0, refuse("give another one a share, and this one gets what is left", "no other request has a share")
	}
	weights := slices.Clone(v.mix.of)
	for i := range weights {
		if rest > 0 {
			weights[i] *= (1 - share) / rest
		}
	}
	weights[k] = share
	x := newShares(weights)
	return x, k, v.tooHeavy(x)
}

// reweigh makes x the mix of everyone who draws.
func (d *dispatcher) reweigh(x *shares) {
	d.mix.shares.Store(x)
	for _, sh := range d.r.shards {
		sh.closed.mix.shares.Store(x)
	}
}

// weightText is the share of request k in the grammar.
func (v *driver) weightText(x *shares, k int) string {
	return grammar.Change{Verb: grammar.Weight, Name: v.d.r.profile.Requests[k].Name, Share: x.percent(k)}.String()
}
