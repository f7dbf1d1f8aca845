package grammar

import "strings"

// VerbHelp is one line of help: a form of the language and what it does.
type VerbHelp struct {
	Verb  Verb
	Form  string // as typed; a|b are alternatives
	Does  string // one line
	Live  bool   // may be ordered while a run is going
	Phase bool   // may stand in the phases of a profile
}

// Verbs returns the help of the language, in the order to show it. The slice
// is the caller's.
func Verbs() []VerbHelp {
	return []VerbHelp{
		{Rate, "rate 2k", "ask for so many requests a second: 200, 1.5k, 1,200, 90/m", true, true},
		{Rate, "rate +50|-50|+10%|-10%|x2", "change the rate from what it is", true, true},
		{Rate, "rate 2k over 30s", "go to the rate in a straight line", true, true},
		{Rate, "rate 500 requests|starts", "say what the rate counts, where requests come in scenarios", true, true},
		{Rate, "rate max", "closed model: send as fast as the target answers", true, true},
		{Rate, "rate file arrivals.csv", "send at recorded times; x2 each twice, speed x2 in half the time", false, true},
		{Wave, "wave 500..2k every 60s for 10m", "swing between two rates; without for until the next change", true, true},
		{Spike, "spike 5k for 10s", "go to the rate at once, and back after that time", true, true},
		{Step, "step 100 by 100 every 30s to 2k", "climb in steps, or go down by -100", true, true},
		{Concurrency, "concurrency 64", "allow so many requests in flight; the surplus finishes first", true, true},
		{Concurrency, "concurrency +8|-8|x2", "change the concurrency from what it is", true, true},
		{Concurrency, "concurrency 20 cut", "the same, and end the surplus at once", true, true},
		{Hold, "hold 5m", "keep the setting for so long", false, true},
		{Pause, "pause", "no new requests until resume", true, true},
		{Resume, "resume", "go on at the rate before the pause", true, true},
		{Undo, "undo", "take the last change back", true, false},
		{Weight, "weight checkout 30%", "give a request that share; the others keep theirs among themselves", true, true},
		{Arrivals, "arrivals poisson|uniform", "space the requests at random, or evenly", true, true},
		{Late, "late queue|shed", "let requests wait for a free slot, or drop them", true, true},
		{Mark, `mark "deploy v2"`, "write a note on the chart and into the record", true, true},
		{Segment, "segment", "begin the figures anew without a change", true, true},
		{Stop, "stop", "no new requests; what is in flight finishes", true, true},
		{Stop, "stop now", "cut what is in flight too", true, false},
		{Phases, "phases on|off|skip|restart", "hand the dials to the phases, take them, go to the next, begin again", true, false},
	}
}

// verbNames returns each verb once, in the order of the help.
func verbNames() []string {
	var names []string
	for _, h := range Verbs() {
		if n := len(names); n == 0 || names[n-1] != string(h.Verb) {
			names = append(names, string(h.Verb))
		}
	}
	return names
}

func verbList() string { return strings.Join(verbNames(), ", ") }
