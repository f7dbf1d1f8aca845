package profiles

import (
	"slices"
	"time"
)

// What holds for a profile that does not say otherwise.
const (
	DefaultRate        = 10.0 // requests per second, where no phase says a rate
	DefaultConcurrency = 64
	DefaultTimeout     = 10 * time.Second
	DefaultArrivals    = "poisson"
	DefaultLate        = "queue"
)

// WithDefaults returns a copy in which all is said but the limits, which
// depend on the target. The copy shares nothing with the profile that may be
// changed. A profile that says no weights at all has equal ones.
func (p *Profile) WithDefaults() *Profile {
	c := *p.Clone()
	if c.Concurrency == 0 {
		c.Concurrency = DefaultConcurrency
		if top := c.Limits.Concurrency; top > 0 {
			c.Concurrency = min(c.Concurrency, top)
		}
	}
	c.Timeout = or(c.Timeout, DefaultTimeout)
	c.ConnectTimeout = or(c.ConnectTimeout, c.Timeout)
	c.MaxLate = or(c.MaxLate, c.Timeout)
	c.Arrivals = or(c.Arrivals, DefaultArrivals)
	c.Late = or(c.Late, DefaultLate)
	keep := c.KeepAlive == nil || *c.KeepAlive
	c.KeepAlive = &keep
	weightless := !slices.ContainsFunc(c.Requests, func(q Request) bool { return q.Weight > 0 })
	for i := range c.Requests {
		q := &c.Requests[i]
		q.Method = or(q.Method, "GET")
		if weightless {
			q.Weight = 1
		}
	}
	return &c
}

// Clone returns a copy that shares nothing with the profile that may be changed.
func (p *Profile) Clone() *Profile {
	c := *p
	c.Headers = slices.Clone(c.Headers)
	c.Limited = slices.Clone(c.Limited)
	c.Source = slices.Clone(c.Source)
	c.Phases = slices.Clone(c.Phases)
	c.Requests = slices.Clone(c.Requests)
	for i := range c.Requests {
		q := &c.Requests[i]
		q.Headers = slices.Clone(q.Headers)
		q.Expect = slices.Clone(q.Expect)
	}
	return &c
}

// PlanLength is how long the phases last, ramps and holds together.
func (p *Profile) PlanLength() time.Duration {
	var length time.Duration
	for _, phase := range p.Phases {
		length += phase.Over + phase.For
	}
	return length
}
