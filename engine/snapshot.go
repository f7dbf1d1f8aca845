package engine

import (
	"time"

	"stoke/engine/health"
	"stoke/engine/measure"
)

// State is where a run is in its life.
type State string

// The states of a run.
const (
	Ready    State = "READY"    // nothing sent but the probe
	Running  State = "RUNNING"  // load as the dials say
	Paused   State = "PAUSED"   // load at zero, settings kept
	Stopping State = "STOPPING" // no new arrivals; what is in flight finishes
	Ended    State = "ENDED"
)

// By says who caused a change.
type By string

// The sources of a change.
const (
	ByProfile By = "profile"
	ByKey     By = "key"
	ByLine    By = "line" // the cockpit's ":" line and prompts
	ByAPI     By = "api"
	BySignal  By = "signal"
	ByGuard   By = "guard"
	ByFlag    By = "flag"
)

// Operator reports whether a person drives through this source: it takes the
// dials from the phases.
func (b By) Operator() bool { return b == ByKey || b == ByLine || b == ByAPI }

// Dial is the present setting.
type Dial struct {
	Closed      bool          // rate max: the closed model
	Rate        float64       // per second, what was asked for; where a ramp ends; of a wave and a replay the present rate, to three digits
	Now         float64       // per second at this moment; differs from Rate on a ramp and while paused
	RampLeft    time.Duration // until the ramp ends, 0 without one
	Concurrency int
	Arrivals    string
	Late        string
	Rev         uint64 // grows whenever a dial is turned, by whomever; see [Order]
	Shape       Shape  // what moves the rate by itself, besides a ramp
}

// Shape is what moves the rate by itself. The zero Shape is a rate that stays,
// or a ramp.
type Shape struct {
	Kind string        // "wave", "spike", "steps", "replay"
	Text string        // as the grammar writes it, a wave without its time: "wave 500..2k every 1m"
	Left time.Duration // until it ends; 0 for a wave that goes on until the next change
	// Of a wave: the rates of its ends, per second, its period, and how far
	// into it the wave is.
	From, To    float64
	Every, Into time.Duration
}

// Ceiling is what no change passes.
type Ceiling struct {
	Rate        float64
	Concurrency int
}

// PhaseState tells where the profile's phases are.
type PhaseState struct {
	Count   int           // 0 without phases
	Index   int           // of the present one, from 1; Count+1 when all are done
	Text    string        // the present phase as written
	Left    time.Duration // until it ends
	Driving bool          // the phases hold the dials
	Done    bool
	// Wants is the setting that the phases would set if they got the dials
	// back, for the question before it is done.
	Wants Dial
}

// Event is one thing that was done to the run. It is never changed.
type Event struct {
	ID      int           // from 1, in order
	At      time.Duration // since the start of the run
	Wall    time.Time
	By      By
	Do      string // canonical text: "rate 1200"
	From    string // "rate 1000"
	To      string // "rate 1200"
	Segment int    // the segment that it opened, or the present one
	Mark    bool   // a mark: Do holds its text
	After   Dial   // the setting from then on
	Halted  bool   // the load is at zero from then on: paused or stopping
	// Shares are what each request of the profile has of the load from then on,
	// in percent; nil while that is as the profile has it.
	Shares []float64
}

// Notice is something the operator should know that is not a number.
type Notice struct {
	At   time.Duration
	Text string
}

// ProbeResult is what the one request before the start brought.
type ProbeResult struct {
	Done     bool   // false while it is under way
	Request  string // "GET /products"
	Status   int
	Type     string // content type
	Bytes    int64
	Took     time.Duration
	Redirect string // where a 3xx points to
	Err      string // why there is no answer, with the remedy
}

// VerdictLevel is the mark before the verdict line.
type VerdictLevel string

// The levels.
const (
	LevelOK   VerdictLevel = "OK"
	LevelWait VerdictLevel = ".."
	LevelWarn VerdictLevel = "!"
	LevelBad  VerdictLevel = "X"
	LevelNone VerdictLevel = "" // ready, paused, ended
)

// VerdictLine is the one line that says how things are.
type VerdictLine struct {
	Level  VerdictLevel
	Text   string // "TARGET KEEPS UP"
	Detail string // "steady for 22 s, 0.29 % throttled since this change"
}

// Snapshot is the whole state of a run at one moment: plain data, numbers and
// texts, never changed after it is published.
type Snapshot struct {
	Rev      uint64 // grows with every published snapshot
	Run      string // the run's id
	Profile  string
	Target   string
	Host     string   // of the target, without scheme
	Addrs    []string // resolved
	Protocol string
	State    State
	Ending   string        // why it ended or is ending: "operator", "signal", "guard", "duration", "plan"
	CutShort bool          // it ended before its plan did, or by force
	Halted   time.Duration // when the load was stopped; 0 before
	Began    time.Time     // wall clock of the start; zero while READY
	At       time.Duration // since the start; stands still when Ended
	Duration time.Duration // planned length, 0 without a limit
	Model    string        // "open", "closed"
	Seed     uint64

	First      Dial // the setting before the first event
	Dial       Dial
	Ceiling    Ceiling
	Holder     By // who holds the dials: ByProfile, or an operator's source
	Phases     PhaseState
	UndoText   string   // what u would take back: "rate 1200 > 1000"; empty if nothing
	UndoRaises bool     // undo would raise the load
	Undo       []string // what u would take back, and what comes after it, newest first

	Slots                int // open slots
	Draining             int // slots above the concurrency that still finish a request
	Backlog              int64
	Oldest               time.Duration // age of the oldest waiting request
	InFlight, Connecting int64
	SlotWaitP50          int64 // median wait for a slot in the last second, nanoseconds

	View    measure.View
	Events  []Event
	Notices []Notice
	Probe   *ProbeResult

	Verdict        VerdictLine
	Audit          string         // "ok", or which numbers disagree
	Health         *health.Report // nil before the first second
	InvalidSeconds int64
	Seconds        int64
	HealthVerdict  string // ok, suspect, limiting, unknown: of the whole run
	HealthReasons  []string
	Wire           WireFacts
	Traffic        TrafficFacts
}

// WireFacts are figures of the transport.
type WireFacts struct {
	Requests int64 // sent on the wire, the probe not counted
	Probe    bool  // a probe was sent
	// Full and Resumed count TLS handshakes, those that failed not.
	Full, Resumed int64
	// Addresses are those that the target's name led to, up to the newest full
	// second; none for a target at one address for good.
	Addresses []AddressFacts
}

// AddressFacts is what one address of the target did.
type AddressFacts struct {
	Address string // with the port
	measure.Part
}
