package engine

import "stoke/profiles"

// CeilingOf is what no change passes in a run of p with the ceilings that flags
// give, if any.
func CeilingOf(p *profiles.Profile, flags Ceiling) Ceiling { return ceilingOf(p, flags) }

// Expected reports whether status is one that the request q accepts.
func Expected(q *profiles.Request, status int) bool {
	e := endpoint{expect: q.Expect}
	return e.expects(status)
}
