package engine

import (
	"strconv"

	"stoke/engine/measure"
)

// ResultTraffic is the part of a result beyond single requests; what a run did
// not have is absent.
type ResultTraffic struct {
	Scenarios  []ResultScenario `json:"scenarios,omitempty"`
	Async      []ResultJobs     `json:"async,omitempty"`
	Retries    *ResultRetries   `json:"retries,omitempty"`
	Limiter    *ResultLimiter   `json:"limiter,omitempty"`
	RetryAfter map[string]int64 `json:"retry_after,omitempty"` // limited answers by the seconds they asked for; "none" without
	ByAssert   map[string]int64 `json:"by_assert,omitempty"`   // checks that answers failed
}

// ResultScenario counts the starts of one scenario.
type ResultScenario struct {
	Name    string       `json:"name"`
	Steps   []string     `json:"steps"` // names of endpoints
	Started int64        `json:"started"`
	Done    int64        `json:"done"`
	Failed  int64        `json:"failed"`
	Dropped int64        `json:"dropped"` // ended by the operator
	Open    int64        `json:"open"`
	Total   ResultLadder `json:"total"` // of done, but for those that a pause held up: from the first step's intended time to the last one's end
}

// ResultJobs counts the jobs of one request.
type ResultJobs struct {
	Name     string           `json:"name"`
	Accepted int64            `json:"accepted"`
	Done     int64            `json:"done"`
	Failed   int64            `json:"failed"`
	Lost     int64            `json:"lost"`
	LostFor  map[string]int64 `json:"lost_for,omitempty"`
	Backlog  int64            `json:"backlog"`
	Polls    int64            `json:"polls"`
	Drained  *float64         `json:"drained"` // seconds from the end of the load to the last job's; null if it did not come
	Accept   ResultLadder     `json:"accept"`
	Complete ResultLadder     `json:"complete"`
}

// ResultRetries says what was sent more than once.
type ResultRetries struct {
	Policy  string `json:"policy"`
	Retries int64  `json:"retries"`
	Rescued int64  `json:"rescued"`
	GaveUp  int64  `json:"gave_up"`
	Denied  int64  `json:"denied"`
}

// ResultLimiter is the limiter that was inferred.
type ResultLimiter struct {
	Kind       string  `json:"kind"`
	Rate       float64 `json:"rate"`
	Burst      float64 `json:"burst"`
	Window     float64 `json:"window,omitempty"` // seconds
	Confidence float64 `json:"confidence"`
}

// trafficOf is the result of what goes beyond single requests.
func trafficOf(f *TrafficFacts) ResultTraffic {
	var out ResultTraffic
	for i := range f.Scenarios {
		s := &f.Scenarios[i]
		out.Scenarios = append(out.Scenarios, ResultScenario{s.Name, s.Steps, s.Started, s.Done, s.Failed, s.Dropped, s.Open, ladderOf(&s.Total)})
	}
	for i := range f.Jobs {
		j := &f.Jobs[i]
		x := ResultJobs{Name: j.Name, Accepted: j.Accepted, Done: j.Done, Failed: j.Failed, Lost: j.Lost, Backlog: j.Backlog, Polls: j.Polls,
			Accept: ladderOf(&j.Accept), Complete: ladderOf(&j.Complete)}
		if len(j.LostFor) > 0 {
			x.LostFor = talliesOf(j.LostFor)
		}
		if j.Drained > 0 {
			seconds := j.Drained.Seconds()
			x.Drained = &seconds
		}
		out.Async = append(out.Async, x)
	}
	if r := &f.Retry; r.Policy != "" {
		out.Retries = &ResultRetries{r.Policy, r.Retries, r.Rescued, r.GaveUp, r.Denied}
	}
	if l := f.Limiter; l != nil {
		out.Limiter = &ResultLimiter{string(l.Kind), l.Rate, l.Burst, l.Window.Seconds(), l.Confidence}
	}
	if len(f.RetryAfter) > 0 {
		out.RetryAfter = map[string]int64{}
		for _, row := range f.RetryAfter {
			name := "none"
			if row.Seconds >= 0 {
				name = strconv.Itoa(row.Seconds)
			}
			out.RetryAfter[name] += row.Count
		}
	}
	if len(f.Unmet) > 0 {
		out.ByAssert = talliesOf(f.Unmet)
	}
	return out
}

// connections counts those of polls and further attempts too.
func (r *Run) connections(n *measure.Stats) ResultConns {
	a := &r.figures.apart
	return ResultConns{Opened: n.Opened + a.opened.Load(), Closed: n.Closed + r.retired.Load() + a.closed.Load(), Reused: n.Reused + a.reused.Load()}
}
