package profiles

import (
	"time"

	"stoke/profiles/grammar"
)

// Profile is a traffic profile, version 1 of the format. A zero field means
// "not said"; see WithDefaults.
type Profile struct {
	Origin string // path of the file, or "-" or "url"; for messages only
	Name   string
	Target string // base URL, http or https

	Limits         Limits
	Concurrency    int
	Timeout        time.Duration // from the first byte sent
	ConnectTimeout time.Duration // from the slot
	MaxLate        time.Duration // from the intended time
	Arrivals       string        // "poisson", "uniform"
	Late           string        // "queue", "shed"
	Headers        []Header      // sent with every request
	Limited        []int         // statuses that mean throttled, besides 429
	KeepAlive      *bool
	TLS            TLS
	Requests       []Request
	Phases         []Phase
}

// Limits are the ceilings that no key, command or API passes. Zero is "not
// said".
type Limits struct {
	Rate        float64 // requests per second
	Concurrency int
}

// Header is one header line.
type Header struct{ Name, Value string }

// TLS says how to trust the target.
type TLS struct {
	Insecure bool
	CA       string // path of a PEM file, relative to the profile
}

// Request is one kind of request and its share of the traffic.
type Request struct {
	Name    string
	Weight  float64 // a share relative to the sum of all weights
	Method  string
	Path    string
	Headers []Header
	Body    string
	JSON    string        // a JSON text made from the profile's json value; sets Content-Type unless given
	Expect  []StatusRange // accepted statuses; empty: 200 to 399
}

// StatusRange is a range of statuses, both ends included.
type StatusRange struct{ From, To int }

// Phase is one line of the plan.
type Phase struct {
	grammar.Change
	Text   string // as written
	Line   int    // in the file, from 1
	Column int    // in characters, from 1
}
