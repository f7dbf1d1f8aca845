package health

// State is the judgement on a metric or on the whole machine.
type State string

// The states. Verdicts of a whole report use the same words; Warn is
// "suspect" and Invalid is "limiting" in the result schema.
const (
	OK      State = "ok"
	Warn    State = "warn"
	Invalid State = "invalid"
	Unknown State = "unknown"
)

// Verdict is the word of the result schema for s.
func (s State) Verdict() string {
	switch s {
	case Warn:
		return "suspect"
	case Invalid:
		return "limiting"
	default:
		return string(s)
	}
}

// rank orders states by how bad they are.
func (s State) rank() int {
	switch s {
	case Invalid:
		return 3
	case Warn:
		return 2
	case OK:
		return 1
	default:
		return 0
	}
}

// Facts are what the engine knows of the second that just ended. Times are
// nanoseconds; a count of 0 makes the figures beside it meaningless.
type Facts struct {
	SendLagCount                       int64 // requests sent in the second
	SendLagP50, SendLagP99, SendLagMax int64
	// RecentLagCount and RecentLagP99 are of this second and of as many before it
	// as it takes for 1,000 requests, at most nine.
	RecentLagCount, RecentLagP99 int64
	ServiceP50                   int64
	AuditOK                      bool
	AuditDetail                  string  // which numbers disagree
	NoPort, NoFile               int64   // faults of this kind in the second
	LateWake                     int64   // requests not sent because this machine slept
	Connections                  int64   // open now
	NewConnections               int64   // opened in the second
	Rate                         float64 // asked for, per second; 0 in the closed model and in a pause
	// LittleMeasured and LittleExpected are the two sides of Little's law for
	// the second: mean requests in flight, and the sum of their overlaps.
	LittleMeasured, LittleExpected float64
	TargetLocal                    bool
	// KernelStamps says that the kernel was asked when answers came, on some
	// connections; the lags are by how much later those were read.
	KernelStamps                             bool
	KernelLagCount                           int64
	KernelLagP50, KernelLagP99, KernelLagMax int64
	// Looks is how often a connection was looked at in the second; Unread is how
	// many of the looks found bytes that nobody read for a while, Resent how many
	// packets those connections sent again.
	Looks, Unread, Resent int64
}

// Metric is one row of the list on screen and in the result.
type Metric struct {
	Name    string // "send lag p99"
	Value   string // with unit: "0.12 ms"; "not available" when it cannot be measured here
	Detail  string // further figures: "p50 0.05 ms, max 1.2 ms"; may be empty
	Warn    string // the limits, with unit; empty if there is none
	Invalid string
	State   State
	Note    string // what it means, and how to mend it, when not OK
	// Excess is how many times the value is beyond the limit of its state, 0
	// when there is nothing wrong. It orders reasons.
	Excess float64

	hint string // said behind the value in a reason
}

// Report is the state of this machine in one second.
type Report struct {
	Second  int64
	State   State    // the worst of Metrics; Unknown counts only if the read canary is: then nothing is OK
	Busy    float64  // own CPU, 0 to 1 of what the process may use; negative if unknown
	Reasons []string // "read canary p99 2.1 ms", worst first, of this second
	Metrics []Metric // in a fixed order; the report owns them
}
