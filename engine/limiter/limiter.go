package limiter

import "time"

// Kind is the kind of a limiter. The texts are part of the result schema.
type Kind string

// The kinds.
const (
	None        Kind = "none seen"    // too few refusals to tell, none, or none that a limiter explains
	TokenBucket Kind = "token bucket" // a burst, then a steady rate; refuses at once
	LeakyBucket Kind = "leaky bucket" // a burst is let in but delayed to the rate
	FixedWindow Kind = "fixed window" // so many in each window, then none until the next
)

// Estimate is what was inferred.
type Estimate struct {
	Kind Kind
	// Rate is what it sustains, accepted per second.
	Rate float64
	// Burst is how many a full token bucket lets in at once, 1 or more, and how
	// many a leaky bucket lets wait; 0 for a fixed window, and where nothing told:
	// the bucket was never seen full. nginx's "burst=20" is
	// 20 that wait, and with nodelay 21 at once.
	Burst  float64
	Window time.Duration // of a fixed window
	// Confidence is the share of the decisions that the fitted limiter would
	// have taken too, of those that chance does not explain: 1 when all agree,
	// 0 when a coin would do as well; less when few were seen, or when the
	// decisions leave room for other rates.
	Confidence float64
	Accepted   int64 // decisions seen since the start
	Refused    int64
}

// Sizes of what is kept, and the least that is judged.
const (
	kept          = 1 << 15 // decisions that a fit looks at: the newest
	someDecisions = 1 << 12 // of them where fewer tell as well
	batch         = 1 << 11 // decisions that are sorted together
	fewest        = 20      // accepted, and refused
	convincing    = 0.8     // confidence below which nothing is claimed
)

// Observer collects decisions. It is not safe for concurrent use. It keeps the
// newest 32 768 decisions in order and up to as many again before it drops
// the older half: 1 MB, and another 3 MB to fit them once something was refused.
type Observer struct {
	sorted  []decision // ascending
	pending []decision // not yet merged
	whole   bool       // sorted begins with the first decision of all
	calm    bool       // nothing was refused before those in sorted
	fresh   int        // decisions since the last fit
	limited int        // decisions since the first refusal
	began   bool       // the first refusals were looked at
	scratch scratch

	accepted, refused int64
	last              fit
	size              float64 // of the bucket when it was last seen full, 0 for none
}

// NewObserver returns an empty observer.
func NewObserver() *Observer { return &Observer{whole: true, calm: true} }

// Add gives one decision: of is the number of what was asked for, from 0; at is
// when the request was sent, in nanoseconds since the start of the run, took how
// long its answer took. Decisions may come out
// of order by seconds. Until the first refusal they are only remembered; from
// then on they are brought into order, some thousand at once.
func (o *Observer) Add(of uint16, at, took int64, refused bool) {
	if refused {
		o.refused++
	} else {
		o.accepted++
	}
	o.fresh++
	if o.refused > 0 {
		o.limited++
	}
	o.pending = append(o.pending, decision{at: at, took: int32(min(max(took, 0)/1000, 1<<31-1)), of: of, refused: refused})
	switch {
	case len(o.pending) < batch:
	case o.refused > 0:
		o.merge()
	case len(o.pending) >= 2*kept: // nothing is in order yet, and may never need to be
		o.pending, o.whole = o.pending[:copy(o.pending, o.pending[kept:])], false
	}
}

// Estimate fits what was seen up to now. It takes some milliseconds, and nothing
// before a refusal or while less than a thirty-second part of what it looks at
// is new.
func (o *Observer) Estimate() Estimate {
	if o.refused > 0 && o.fresh*32 > min(len(o.sorted)+len(o.pending), kept) {
		o.refit()
	}
	e := o.last.estimate()
	e.Accepted, e.Refused = o.accepted, o.refused
	return e
}

func (o *Observer) refit() {
	o.merge()
	o.fresh = 0
	o.look()
}

// look fits what is in order.
func (o *Observer) look() {
	h := history{decisions: o.sorted, whole: o.whole, calm: o.calm, scratch: &o.scratch}
	o.last = h.newest(kept).fit(o.size)
	if o.last.kind == None {
		if part, less := h.behind(); less {
			o.last = part.newest(kept).fit(o.size)
		}
	}
	if o.last.kind != FixedWindow && o.last.confidence >= convincing {
		o.size = o.last.size
	}
}
