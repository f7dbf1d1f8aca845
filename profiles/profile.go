package profiles

import (
	"net/netip"
	"time"

	"stoke/profiles/answer"
	"stoke/profiles/feeder"
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
	Data           []Data        // files of values, in the order of the file
	RateCounts     string        // what a rate counts: "starts", "requests"
	Limited        []int         // statuses that mean throttled, besides 429
	OnLimited      string        // what a client does then: "ignore", "obey", "backoff"
	Retry          *Retry        // of every request that has none of its own; nil: none
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
	Mentions       []Mention // of what [Profile.ReadFiles] looks up; for messages only
}

// Mention is a place at which a profile names something outside itself: a
// column, a variable, a file.
type Mention struct {
	Text   string // a placeholder's text, as products.sku or env.TOKEN, or the name of a file
	Line   int    // from 1
	Column int    // in characters, from 1
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

// Data is a file of values: ${name.column} is a column of the row that a start
// was given.
type Data struct {
	Name  string
	File  string // beside the profile
	Order feeder.Order
}

// Request is one kind of request and its share of the traffic, or a scenario of
// several: then it has Steps and no method of its own. A step is a Request
// without a weight and without steps.
//
// Path, header values, Body, JSON, form and multipart values may hold
// placeholders, as package template reads them.
//
// JSON is a template as a whole, and what stands between its placeholders is
// JSON: one within the quotes of a string is filled in as a part of that text,
// one outside of quotes stands for a whole value and is filled in bare.
type Request struct {
	Name      string
	Weight    float64 // a share relative to the sum of all weights
	Method    string
	Path      string
	Headers   []Header
	Body      string
	BodyFile  string   // in place of Body: a file beside the profile, sent as it is
	JSON      string   // a JSON text; sets Content-Type unless given
	Form      []Header // fields sent as application/x-www-form-urlencoded
	Multipart []Part
	Expect    []StatusRange // accepted statuses; empty: 200 to 399
	Checks    []answer.Test // what else an answer must hold
	Capture   []Capture
	Retry     *Retry // nil: the profile's
	Async     *Async

	Steps   []Request
	Cookies *bool  // a scenario's user keeps cookies; nil: yes
	Think   Think  // a step's pause before it is sent
	Failed  string // what a failed step does to its scenario: "stop" (the default), "continue"
}

// Part is one part of a multipart/form-data body.
type Part struct {
	Name  string
	Value string
	File  string // in place of Value: a file beside the profile
	Type  string // content type; empty: by the file's name, none for a value
}

// Capture keeps a value of an answer under a name for the steps that follow.
type Capture struct {
	Name   string
	Source answer.Source
}

// Think is a pause, at random between its ends.
type Think struct{ From, To time.Duration }

// Retry says when and how often a failed request is sent again. Nothing is
// unless a profile asks for it. [Read] says all of it: see [DefaultRetry].
type Retry struct {
	Attempts int           // at most, the first included; 1 is never again
	On       []string      // "error" (no complete answer), "limited", a status as "503" or "5xx"
	Backoff  time.Duration // before the second attempt; doubled for each further one
	Max      time.Duration // longest pause
	Jitter   float64       // share of the pause that is drawn at random, 0 to 1
	Budget   float64       // retries per first attempt that are allowed over the last 10 s, 0: no bound
}

// Async says how an accepted job is followed to its end. The job is accepted
// when the answer to the request is a success. [Read] says all of it: see
// [DefaultAsync].
type Async struct {
	Poll     string        // URL or path, a template; default ${header.location}
	Headers  []Header      // of the poll, in place of the request's
	Every    time.Duration // between two polls
	Jitter   float64       // share of Every, at most 0.2
	Within   time.Duration // a job not done by then is lost
	Accepted *answer.Test  // besides success, what says that it was accepted; nil: status 202
	Done     answer.Test   // what says that it is done
	Failed   *answer.Test  // what says that it failed; nil: never
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
