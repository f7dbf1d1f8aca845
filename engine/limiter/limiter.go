package limiter

import "time"

// Kind is the kind of a limiter. The texts are part of the result schema.
type Kind string

// The kinds.
const (
	None        Kind = "none seen"    // too few refusals to tell, or none
	TokenBucket Kind = "token bucket" // a burst, then a steady rate; refuses at once
	LeakyBucket Kind = "leaky bucket" // a burst is let in but delayed to the rate
	FixedWindow Kind = "fixed window" // so many in each window, then none until the next
)

// Estimate is what was inferred.
type Estimate struct {
	Kind       Kind
	Rate       float64       // accepted per second that it sustains
	Burst      float64       // requests at once above the rate; 0 for a fixed window
	Window     time.Duration // of a fixed window
	Confidence float64       // 0 to 1: the share of the decisions that the fitted limiter would have taken too
	Accepted   int64         // decisions looked at
	Refused    int64
}

// Observer collects decisions. It is not safe for concurrent use.
type Observer struct{}

// NewObserver returns an empty observer.
func NewObserver() *Observer { return &Observer{} }

// Add gives one decision: at is when the request was sent, in nanoseconds since
// the start of the run, took how long its answer took. Decisions may come out
// of order by up to two seconds.
func (o *Observer) Add(at, took int64, refused bool) {}

// Estimate fits what was seen up to now. It may take a millisecond.
func (o *Observer) Estimate() Estimate { return Estimate{Kind: None} }
