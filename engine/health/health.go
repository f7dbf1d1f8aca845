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

// Facts are what the engine knows of the second that just ended. Times are
// nanoseconds; a count of 0 makes the figures beside it meaningless.
type Facts struct {
	SendLagCount                       int64
	SendLagP50, SendLagP99, SendLagMax int64
	ServiceP50                         int64
	AuditOK                            bool
	AuditDetail                        string // which numbers disagree
	NoPort, NoFile                     int64  // faults of this kind in the second
	LateWake                           int64  // requests not sent because this machine slept
	Connections                        int64  // open now
	NewConnections                     int64  // opened in the second
	Rate                               float64
	// LittleMeasured and LittleExpected are the two sides of Little's law for
	// the second: mean requests in flight, and the sum of their overlaps.
	LittleMeasured, LittleExpected float64
	TargetLocal                    bool
}

// Metric is one row of the list on screen and in the result.
type Metric struct {
	Name    string // "send lag p99"
	Value   string // with unit: "0.12 ms"; "not available" when Unknown
	Warn    string // the limits, with unit; empty if there is none
	Invalid string
	State   State
	Note    string // what it means, or how to mend it, when not OK
}

// Report is the state of this machine in one second.
type Report struct {
	Second  int64
	State   State    // the worst of Metrics, Unknown not counting
	Busy    float64  // own CPU, 0 to 1 of what the process may use; negative if unknown
	Reasons []string // "read canary p99 2.1 ms", worst first, of this second
	Metrics []Metric
}

// Monitor watches this machine.
type Monitor struct{}

// Start begins to sample: the canary's threads run from now on.
func Start() *Monitor { panic("not written") }

// Second judges the second that just ended. One goroutine calls it, once a
// second; it takes well under a millisecond.
func (m *Monitor) Second(second int64, f Facts) *Report { panic("not written") }

// Close stops the monitor and waits for its goroutines.
func (m *Monitor) Close() { panic("not written") }
