package engine

import (
	"math/rand/v2"
	"sort"

	"stoke/profiles"
)

// mix chooses endpoints by weight, reproducibly for a seed.
type mix struct {
	upTo []float64 // cumulative shares, the last one is 1
	rng  *rand.Rand
}

func newMix(requests []profiles.Request, seed uint64) *mix {
	m := &mix{rng: rand.New(rand.NewPCG(seed, 0x6d6978))}
	sum := 0.0
	for _, r := range requests {
		sum += r.Weight
	}
	up := 0.0
	for _, r := range requests {
		up += r.Weight / sum
		m.upTo = append(m.upTo, up)
	}
	m.upTo[len(m.upTo)-1] = 1
	return m
}

// next returns the index of the next endpoint.
func (m *mix) next() uint16 {
	if len(m.upTo) == 1 {
		return 0
	}
	return uint16(sort.SearchFloat64s(m.upTo, m.rng.Float64()))
}
