package grammar

import "time"

// Verb names what a change does. The texts are part of the saved format.
type Verb string

// The verbs of the language.
const (
	Rate        Verb = "rate"        // rate 2k, rate +10%, rate x2, rate max, rate 2k over 30s, rate file arrivals.csv
	Wave        Verb = "wave"        // wave 500..2k every 60s for 10m
	Spike       Verb = "spike"       // spike 5k for 10s
	Step        Verb = "step"        // step 100 by 100 every 30s to 2k
	Concurrency Verb = "concurrency" // concurrency 64, concurrency +8, concurrency 20 cut
	Hold        Verb = "hold"        // hold 5m (phases only)
	Pause       Verb = "pause"
	Resume      Verb = "resume"
	Undo        Verb = "undo"
	Weight      Verb = "weight"   // weight checkout 30%
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
// two changes that mean the same compare equal with ==. Rates are per second.
type Change struct {
	Verb     Verb
	Amount   Amount        // Rate, Concurrency, Spike
	Over     time.Duration // Rate: the length of a ramp; 0 is a step
	From, To float64       // Wave: the rates of its ends, it begins at From; Step: the first and the last rate
	By       float64       // Step: from one step to the next, negative downwards
	Every    time.Duration // Wave: its period; Step: how long each step lasts
	Into     time.Duration // Wave: how far into a period it begins, less than Every
	For      time.Duration // Hold, Spike; Wave: 0 goes on until the next change
	Cut      bool          // Concurrency: close busy connections at once
	Now      bool          // Stop: cut what is in flight
	Word     string        // Arrivals, Late, Phases: the chosen word; Rate: "requests", "starts" or, for the profile's own, ""
	Text     string        // Mark: the text, may be empty
	Name     string        // Weight: the request; Rate: the file to replay, "" for a rate
	Share    float64       // Weight: percent of the mix, 0 to 100
	Times    float64       // Rate with a file: how often each arrival is sent; 1 as recorded
	Speed    float64       // Rate with a file: how much faster it is played; 1 as recorded
}
