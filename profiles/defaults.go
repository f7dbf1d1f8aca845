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
	DefaultRateCounts  = CountStarts
	DefaultOnLimited   = LimitedIgnore
)

// What a rate counts.
const (
	CountStarts   = "starts"   // a request, or a scenario with all its steps
	CountRequests = "requests" // every intended request, steps too
)

// What a client does that was throttled.
const (
	LimitedIgnore  = "ignore"
	LimitedObey    = "obey" // waits as long as Retry-After says
	LimitedBackoff = "backoff"
)

// onLimitedKey is written with a blank, as stop when is.
const onLimitedKey = "on limited"

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
	c.RateCounts = or(c.RateCounts, DefaultRateCounts)
	c.OnLimited = or(c.OnLimited, DefaultOnLimited)
	keep := c.KeepAlive == nil || *c.KeepAlive
	c.KeepAlive = &keep
	weightless := !slices.ContainsFunc(c.Requests, func(q Request) bool { return q.Weight > 0 })
	for i := range c.Requests {
		q := &c.Requests[i]
		q.withDefaults()
		if weightless {
			q.Weight = 1
		}
	}
	return &c
}

// withDefaults says the method of a request, or how its steps belong together.
func (q *Request) withDefaults() {
	if len(q.Steps) == 0 {
		q.Method = or(q.Method, "GET")
		return
	}
	q.Failed = or(q.Failed, FailedStop)
	cookies := q.Cookies == nil || *q.Cookies
	q.Cookies = &cookies
	for i := range q.Steps {
		q.Steps[i].withDefaults()
	}
}

// Clone returns a copy that shares nothing with the profile that may be changed.
func (p *Profile) Clone() *Profile {
	c := *p
	c.Headers = slices.Clone(c.Headers)
	c.Data = slices.Clone(c.Data)
	c.Limited = slices.Clone(c.Limited)
	c.Retry = c.Retry.clone()
	c.Source = slices.Clone(c.Source)
	c.Phases = slices.Clone(c.Phases)
	c.Mentions = slices.Clone(c.Mentions)
	c.Requests = cloneRequests(c.Requests)
	return &c
}

func cloneRequests(requests []Request) []Request {
	requests = slices.Clone(requests)
	for i := range requests {
		q := &requests[i]
		q.Headers = slices.Clone(q.Headers)
		q.Form = slices.Clone(q.Form)
		q.Multipart = slices.Clone(q.Multipart)
		q.Expect = slices.Clone(q.Expect)
		q.Checks = slices.Clone(q.Checks)
		q.Capture = slices.Clone(q.Capture)
		q.Retry = q.Retry.clone()
		if q.Async != nil {
			a := *q.Async // its tests are immutable
			a.Headers = slices.Clone(a.Headers)
			q.Async = &a
		}
		q.Steps = cloneRequests(q.Steps)
	}
	return requests
}

func (r *Retry) clone() *Retry {
	if r == nil {
		return nil
	}
	c := *r
	c.On = slices.Clone(c.On)
	return &c
}

// PlanLength is how long the phases last together, replayed files not counted.
func (p *Profile) PlanLength() time.Duration {
	var length time.Duration
	for _, phase := range p.Phases {
		length += phase.Lasts()
	}
	return length
}
