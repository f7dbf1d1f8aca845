package engine

import (
	"time"

	"stoke/engine/limiter"
	"stoke/engine/measure"
)

// TrafficFacts are the figures of what goes beyond single requests. The zero
// value is that of a profile without scenarios, jobs and retries.
type TrafficFacts struct {
	// PerStart is how many requests a start asks for by plan, over the mix: 1
	// without scenarios. CountsRequests says that the rate dial counts
	// requests; otherwise it counts starts.
	PerStart       float64
	CountsRequests bool
	// Starts and Requests are per second over the last 10 s: arrivals, and
	// requests on the wire with steps, polls and retries.
	Starts, Requests float64

	Scenarios []ScenarioFacts
	Jobs      []JobFacts
	Retry     RetryFacts
	Limiter   *limiter.Estimate // nil without a refusal
	// RetryAfter tells how often limited answers asked for which wait, the
	// most frequent first; Seconds is -1 where they named none.
	RetryAfter []RetryAfterFact
	// Unmet counts the checks that answers failed, besides their status.
	Unmet []measure.Tally
}

// ScenarioFacts is what one scenario did. Started = Done + Failed + Dropped +
// Open.
type ScenarioFacts struct {
	Name    string
	Steps   []string // names of the endpoints
	Started int64
	Done    int64 // every step succeeded
	Failed  int64 // a step failed, or was not sent
	Dropped int64 // ended by the operator: stop, pause, cut
	Open    int64
	Rate    float64        // starts per second, last 10 s
	Total   measure.Ladder // from the first step's intended time to the last one's end, of Done but for those that a pause held up, whole run
	Since   measure.Ladder // the same, of starts since the last change
}

// JobFacts is what the jobs of one asynchronous request did. Accepted = Done +
// Failed + Lost + Backlog.
type JobFacts struct {
	Name     string
	Accepted int64
	Done     int64
	Failed   int64
	Lost     int64           // not done within the time given, or it could not be asked for
	LostFor  []measure.Tally // the lost ones by reason
	Backlog  int64
	Polls    int64 // requests on the wire, counted nowhere else
	Oldest   time.Duration
	// AcceptedRate, DoneRate and Slope are per second over the last 10 s; Slope
	// is how fast the backlog grows.
	AcceptedRate, DoneRate, Slope float64
	Accept                        measure.Ladder // intended time to the accepting answer, whole run
	Complete                      measure.Ladder // intended time to the answer that says done, but where a pause held the polls up, whole run
	Since                         measure.Ladder // Complete, of jobs begun since the last change
	// Draining says that no new jobs come: the load is at zero. Drained is how
	// long the backlog then took to empty, 0 while it has not.
	Draining bool
	// Held says that a pause holds the backlog: no time passes for it, and nobody
	// asks for its jobs.
	Held    bool
	Drained time.Duration
}

// unfinished is the share of the jobs that ended in the last 10 s which failed
// or were lost: what was accepted and is neither done nor in the backlog.
func (j *JobFacts) unfinished() float64 {
	bad := j.AcceptedRate - j.Slope - j.DoneRate
	if bad <= 0 {
		return 0
	}
	return bad / (bad + j.DoneRate)
}

// RetryFacts is what retries did.
type RetryFacts struct {
	Policy   string  // "3 attempts on error, 503", "obey Retry-After"; empty without any
	Retries  int64   // requests on the wire beyond the first attempts
	Waiting  int64   // requests that wait for their next attempt
	Rescued  int64   // requests that a retry turned into a success
	GaveUp   int64   // requests whose attempts were used up
	Denied   int64   // retries that the budget or the ceiling did not allow
	PerStart float64 // requests on the wire for each intended one, last 10 s: the amplification
}

// RetryAfterFact is one row of the table of waits asked for.
type RetryAfterFact struct {
	Seconds int
	Count   int64
}
