package measure

// Percentiles are the ranks that a [Ladder] reports, in 0 to 100.
var Percentiles = [...]float64{50, 75, 90, 95, 99, 99.9, 99.99}

// Indices into [Percentiles] and [Ladder.P].
const (
	P50 = iota
	P75
	P90
	P95
	P99
	P999
	P9999
	NumPercentiles
)

// Ladder is the summary of one distribution. Times are nanoseconds.
type Ladder struct {
	Count int64
	Mean  float64
	Min   int64
	Max   int64
	P     [NumPercentiles]int64
	// Enough says for each percentile whether Count allows printing it:
	// count·(1−p) ≥ 10.
	Enough [NumPercentiles]bool
	// Open says that the rank fell on a request that is still open (or, in an
	// intended ladder, on one that never succeeded): P is a lower bound.
	Open    [NumPercentiles]bool
	MaxOpen bool
	// Fail says, in an intended ladder, that the rank fell on a request that
	// ended in something else than OK: the percentile has no value.
	Fail [NumPercentiles]bool
}

// Counts obeys, at every moment, the law
//
//	Intended = OK+Status+Limited+Assert+Error + Expired+Shed+Superseded+Generator + Cut+Stopped + Backlog+Connecting+InFlight
type Counts struct {
	Intended                             int64
	Sent                                 int64 // requests of which a byte left, open ones included
	OK, Status, Limited, Assert, Error   int64
	Expired, Shed, Superseded, Generator int64
	Cut, Stopped                         int64
	Backlog, Connecting, InFlight        int64
	BytesIn, BytesOut                    int64
	Opened, Closed, Reused, Reconnected  int64
	Early                                int64
}

// Answered is the number of complete answers.
func (c *Counts) Answered() int64 { return c.OK + c.Status + c.Limited + c.Assert }

// Done is the number of requests that ended by themselves.
func (c *Counts) Done() int64 { return c.Answered() + c.Error }

// Failed is what counts as an error of the target: Status, Assert and Error.
func (c *Counts) Failed() int64 { return c.Status + c.Assert + c.Error }

// Unsent is the number of requests that never left.
func (c *Counts) Unsent() int64 { return c.Expired + c.Shed + c.Superseded + c.Generator }

// Tally is a count under a name, with one cleaned sample message.
type Tally struct {
	Name   string // "200", "wait:timeout"
	Count  int64
	Sample string
}

// Stats is everything known about a set of requests: a segment, an endpoint,
// a window or the whole run.
type Stats struct {
	Counts
	ByStatus   []Tally // by falling count
	ByFault    []Tally // by falling count
	RetryAfter []Tally // "2 s", by falling count

	Response                                 Ladder // T8−T0 of OK
	Answered                                 Ladder // T8−T0 of every complete answer
	Intended                                 Ladder // T8−T0, everything not OK ranks as infinite; what the operator caused is left out
	Service                                  Ladder // T8−T4 of OK
	TTFB                                     Ladder // T6−T4 of OK
	PacerLag, SlotWait, Connect, DispatchLag Ladder // P, Q, C, X of all that was sent
}

// Rates are per second over a window.
type Rates struct {
	Intended, Sent, Done, OK, Limited, Failed, Unsent float64
}

// Window is a live window that ends now.
type Window struct {
	Seconds  float64 // its length; shorter than asked at the start of a run
	Rates    Rates
	Counts   Counts // of the window; the open ones are of now
	Response Ladder // OK and open, with lower bounds
	Service  Ladder
}

// Verdict is the steadiness of a segment.
type Verdict string

// The verdicts.
const (
	Settling   Verdict = "SETTLING"
	Steady     Verdict = "STEADY"
	Drifting   Verdict = "DRIFTING"
	Diverging  Verdict = "DIVERGING"
	Overloaded Verdict = "OVERLOADED"
	NoVerdict  Verdict = "NONE" // a ramp, a pause, a transit or an empty segment
)

// Kind says what a segment is.
type Kind string

// The kinds of segment.
const (
	Hold    Kind = "hold"
	Ramp    Kind = "ramp"
	Paused  Kind = "pause"
	Wave    Kind = "wave"
	Spike   Kind = "spike"
	Replay  Kind = "replay"  // of recorded arrivals
	Transit Kind = "transit" // settings that lasted less than a second, summed
)

// Setting is what the dials say in a segment. Rate is requests per second; it
// is 0 and Model is "closed" when the rate is max. On a ramp Rate is where it
// begins and RateTo where it ends, and of a wave they are its two ends; otherwise
// they are equal.
type Setting struct {
	Model       string // "open", "closed"
	Rate        float64
	RateTo      float64
	Concurrency int
	Arrivals    string
	Late        string
}

// Segment is the part of a run under one setting.
type Segment struct {
	ID        int   // from 1
	Aliases   []int // IDs of settings that were folded into this transit
	Kind      Kind
	Setting   Setting
	By        string // who made the change that opened it
	Label     string // what moves the rate or the mix, in the grammar, or empty
	From      int64
	To        int64 // now, while it is open
	Settled   int64 // when the last request of an older segment ended; 0 if not yet
	Open      bool
	Verdict   Verdict
	Detail    string  // "in flight grows by 41/s", empty if nothing to add
	Slope     float64 // of backlog + in flight, per second, when DIVERGING
	Invalid   bool    // this machine was the bottleneck in it
	Stats     Stats
	Endpoints []Endpoint // of the newest segments only, nil in older ones

	Sure   Sure   // how sure the percentiles of Stats.Response are
	WarmUp WarmUp // what an analysis would leave out of its start; nothing here does

	shape []block // of its response times, for Compare; like Endpoints
}

// Endpoint is what is known about one request of the profile.
type Endpoint struct {
	Name  string
	Rates Rates // over the segment
	Stats Stats
}

// Row is one second of the run for charts. Counts are keyed by their own time:
// Intended and Unsent by T0, Sent by T4, the rest by T8.
type Row struct {
	Second                                            int64
	Segment                                           int32
	Rate                                              float64 // the dial at the end of the second
	Intended, Sent, Done, OK, Limited, Failed, Unsent int64
	InFlight, Backlog, Connecting                     int64
	P50, P90, P99, Max                                int64 // response time of OK that ended in it, or the open bound; 0 without any
	ServiceP50, ServiceP99                            int64
	Bound                                             bool // P99 is a lower bound
	Warn, Invalid                                     bool // this machine
}

// History is the run second by second in chunks of 256 rows. A published
// History is never changed.
type History struct {
	Chunks [][]Row
}

// Age is N open requests that have been open for at least Nanos.
type Age struct {
	Nanos int64
	N     int64
}

// Gauge is what the engine scanned, at one moment.
type Gauge struct {
	Intended   int64 // since the start of the run
	Sent       int64 // since the start of the run
	Unsent     int64 // since the start of the run, dropped without being sent
	Backlog    int64
	Connecting int64
	InFlight   int64
	Oldest     int64   // segment of the oldest open request, 0 without any
	Rate       float64 // of the dial, per second
	Open       []Age   // in flight, connecting and waiting; any order; valid during the call
	// OpenBySegment and OpenByEndpoint are the open requests by their keys.
	// Without OpenBySegment all of them belong to the current segment.
	OpenBySegment  map[int32]Counts
	OpenByEndpoint map[uint16]Counts
	// IntendedBySegment is what was due in each segment so far, aliases apart;
	// old segments may be left out. It is only compared with the sums.
	IntendedBySegment map[int32]int64
	// Busy is the time that all slots together were occupied (T2 to T8) since
	// the start, ∫ occupied dt in nanoseconds, kept by the engine as slots are
	// granted and given back; OpenBusy is Σ(now−T2) of those occupied now. They
	// are the two sides of the audit by Little's law.
	Busy, OpenBusy int64
}

// View is the state of a recorder at a tick. Everything reachable from it is
// immutable.
type View struct {
	Now      int64
	Run      Stats
	Last1    Window // the last complete second
	Last10   Window
	Since    Window     // since the change: the current segment, open requests included
	Segments []*Segment // all, oldest first; the last one is current; aliases appear once, as a transit
	History  History
	Heat     Heat // where the answers of each second lay
	// Endpoints are those of the whole run, by their index. Like those of a
	// segment they are refreshed once a second, and at the end.
	Endpoints []Endpoint
	Late      int64 // samples that came after their own second had closed
	Overflow  int64 // response times above MaxValue: counted, and read as the maximum
	// Against is the earlier setting to compare the current one with, nil if
	// there is none; Changes and ChangeMax are how its response times differ.
	Against   *Segment
	Changes   [NumPercentiles]Change
	ChangeMax Change
	// Slowest are those of the whole run that took longest and were tried at the
	// target, slowest first, at most 50.
	Slowest []Slow
	Audit   string // which totals of the gauge disagree with the sums, empty if none
}
