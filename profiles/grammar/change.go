package grammar

import "time"

// Verb names what a change does. The texts are part of the saved format.
type Verb string

// The verbs of the language.
const (
	Rate        Verb = "rate"        // rate 2k, rate +10%, rate x2, rate max, rate 2k over 30s
	Concurrency Verb = "concurrency" // concurrency 64, concurrency +8, concurrency 20 cut
	Hold        Verb = "hold"        // hold 5m (phases only)
	Pause       Verb = "pause"
	Resume      Verb = "resume"
	Undo        Verb = "undo"
	Arrivals    Verb = "arrivals" // arrivals poisson|uniform
	Late        Verb = "late"     // late queue|shed
	Mark        Verb = "mark"     // mark "deploy v2"
	Segment     Verb = "segment"
	Stop        Verb = "stop"   // stop, stop now
	Phases      Verb = "phases" // phases on|off|skip|restart
)

// Op says how an [Amount] relates to the value before it.
type Op string

// The ways to name an amount.
const (
	Set     Op = "set"     // 2k
	Add     Op = "add"     // +8, -8
	Percent Op = "percent" // +10%, -10%
	Times   Op = "times"   // x2
	Max     Op = "max"     // max: the closed model, rate only
)

// Amount is a new value for a dial, absolute or relative. The zero Amount is
// not valid. Value is in requests per second for a rate, in slots for a
// concurrency, in percent for [Percent] and a factor for [Times].
type Amount struct {
	Op    Op
	Value float64
}

// Change is one parsed order. Only the fields that its verb uses are set, so
// two changes that mean the same compare equal with ==.
type Change struct {
	Verb   Verb
	Amount Amount        // Rate, Concurrency
	Over   time.Duration // Rate: the length of a ramp; 0 is a step
	For    time.Duration // Hold
	Cut    bool          // Concurrency: close busy connections at once
	Now    bool          // Stop: cut what is in flight
	Word   string        // Arrivals, Late, Phases: the chosen word
	Text   string        // Mark: the text, may be empty
}
