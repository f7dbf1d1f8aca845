package engine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"stoke/engine/measure"
)

// traffic are the figures beyond single requests for a snapshot at now. The
// recorder's goroutine calls it, and before the start publishUnbegun. all are the
// segments up to then.
func (c *recording) traffic(now int64, all []*measure.Segment) TrafficFacts {
	r, g, st := c.r, &c.r.figures, &c.state
	setting := driven(all, r.segment.Load())
	v := &st.driver
	quiet := int64(never)
	switch {
	case v.state == Paused || v.state == Stopping || v.state == Ended:
		quiet = v.halt
	case !v.closed && v.rateAt(now) == 0:
		quiet = now
	}
	f := TrafficFacts{PerStart: r.perStart(), CountsRequests: r.countsRequests()}
	present := trafficSecond{at: now, starts: st.starts, requests: st.sent + g.apart.requests.Load()}
	for _, s := range g.scenarios {
		x := s.facts(setting)
		present.scenarios = append(present.scenarios, x.Started)
		f.Scenarios = append(f.Scenarios, x)
	}
	for _, j := range g.jobs {
		x := j.facts(now, setting, quiet)
		x.Held = v.state == Paused && x.Backlog > 0
		present.jobs = append(present.jobs, jobCount{x.Accepted, x.Done, x.Backlog})
		f.Jobs = append(f.Jobs, x)
	}
	before := g.tenAgo(present)
	if span := float64(now-before.at) / 1e9; span > 0 {
		f.Starts = float64(present.starts-before.starts) / span
		f.Requests = float64(present.requests-before.requests) / span
		for i := range before.scenarios {
			f.Scenarios[i].Rate = float64(present.scenarios[i]-before.scenarios[i]) / span
		}
		for i, b := range before.jobs {
			x, p := &f.Jobs[i], present.jobs[i]
			x.AcceptedRate = float64(p.accepted-b.accepted) / span
			x.DoneRate = float64(p.done-b.done) / span
			x.Slope = float64(p.backlog-b.backlog) / span
		}
	}
	f.Retry = g.retries.facts()
	f.Retry.Policy = r.policy
	f.Retry.Waiting = st.retrying
	if f.Starts > 0 && r.policy != "" {
		f.Retry.PerStart = c.amplification()
	}
	g.mu.Lock()
	for text, n := range g.unmet {
		f.Unmet = append(f.Unmet, measure.Tally{Name: text, Count: n})
	}
	g.mu.Unlock()
	slices.SortFunc(f.Unmet, func(a, b measure.Tally) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	f.Limiter = c.limits.estimate
	return f
}

// driven is the setting that was driven last, where the present one is a pause:
// what was learned of it stays while nothing is asked.
func driven(all []*measure.Segment, present int32) int32 {
	for i := len(all) - 1; i >= 0; i-- {
		switch g := all[i]; {
		case int32(g.ID) > present:
		case g.Kind != measure.Paused && (g.Kind != measure.Transit || int32(g.ID) == present):
			return int32(g.ID)
		case int32(g.ID) == present && g.Stats.Counts.Intended > 0:
			return present
		}
	}
	return present
}

// retryAfterFacts is the table of the waits that limited answers asked for.
func retryAfterFacts(n *measure.Stats) []RetryAfterFact {
	var facts []RetryAfterFact
	left := n.Counts.Limited
	for _, t := range n.RetryAfter {
		seconds, err := strconv.Atoi(strings.TrimSuffix(t.Name, " s"))
		if err != nil {
			continue
		}
		facts = append(facts, RetryAfterFact{seconds, t.Count})
		left -= t.Count
	}
	if left > 0 {
		facts = append(facts, RetryAfterFact{-1, left})
	}
	slices.SortStableFunc(facts, func(a, b RetryAfterFact) int { return cmp.Compare(b.Count, a.Count) })
	return facts
}

// tenAgo keeps what was counted at each whole second and returns what was ten
// seconds before the present, or the oldest that is known.
func (g *figures) tenAgo(present trafficSecond) trafficSecond {
	if n := len(g.seconds); n == 0 || present.at-g.seconds[n-1].at >= 1e9 {
		g.seconds = append(g.seconds, present)
	}
	for len(g.seconds) > 2 && present.at-g.seconds[1].at >= 10e9 {
		g.seconds = slices.Delete(g.seconds, 0, 1)
	}
	return g.seconds[0]
}

// facts are the figures of one scenario.
func (c *scenarioFigures) facts(setting int32) ScenarioFacts {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := ScenarioFacts{Name: c.name, Steps: c.steps, Started: c.started, Done: c.done, Failed: c.failed, Dropped: c.dropped}
	f.Open = c.started - c.done - c.failed - c.dropped
	f.Total, f.Since = c.total.ladders(setting)
	return f
}

func (c *retryFigures) facts() RetryFacts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return RetryFacts{Retries: c.retries, Rescued: c.rescued, GaveUp: c.gaveUp, Denied: c.denied}
}

// amplification is how many requests go on the wire for each that is asked for,
// over the last ten seconds; polls do not count.
func (c *recording) amplification() float64 {
	g := &c.r.figures.retries
	g.mu.Lock()
	defer g.mu.Unlock()
	firsts := g.firsts.sum(c.state.now)
	if firsts == 0 {
		return 0
	}
	return 1 + float64(g.agains.sum(c.state.now))/float64(firsts)
}
