package engine

import "stoke/profiles"

// CeilingOf is what no change passes in a run of p with the ceilings that flags
// give, if any.
func CeilingOf(p *profiles.Profile, flags Ceiling) Ceiling { return ceilingOf(p, flags) }

// RetryPolicy says in short when and how often the request q of p is sent
// again, as in "3 attempts on error, 5xx"; empty if it never is.
func RetryPolicy(p *profiles.Profile, q *profiles.Request) string {
	if y := retriesOf(p, q); y != nil {
		return y.String()
	}
	return ""
}

// PerStart is how many requests a start of p, with its defaults applied, asks
// for by plan over its mix: 1 without scenarios.
func PerStart(p *profiles.Profile) float64 {
	n := 0.0
	for i, share := range sharesOf(p.Requests).of {
		n += share * float64(max(1, len(p.Requests[i].Steps)))
	}
	return n
}
