package profiles

import (
	"net/netip"
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
	Connections    Connections
	ConnectTo      string        // host:port to connect to in place of the target's
	UnixSocket     string        // path, relative to the profile
	Source         []netip.Addr  // of this machine, used in turn
	Proxy          string        // URL; may hold a password, so it is not to be shown
	DNSTTL         time.Duration // how often the target is looked up
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

// Connections says when a kept connection is closed between two requests. Zero
// is never.
type Connections struct {
	MaxRequests int
	MaxAge      time.Duration
}

// TLS says how TLS is spoken to the target.
type TLS struct {
	Insecure   bool
	CA         string // path of a PEM file, relative to the profile
	Cert, Key  string // the same, of the client's certificate and key
	ServerName string
	Min, Max   string // versions: "1.2"
	Resume     *bool  // nil: as far as the server lets
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
