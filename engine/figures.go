package engine

import (
	"container/heap"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"stoke/engine/measure"
)

// figures are what is counted beside the requests: scenarios, jobs, further
// attempts. Workers write them, each part under a lock of its own; the
// recorder's goroutine reads them for snapshots.
type figures struct {
	scenarios []*scenarioFigures
	jobs      []*jobFigures
	retries   retryFigures
	apart     apartFigures

	mu    sync.Mutex
	unmet map[string]int64 // checks that failed, by their text

	// The recorder's own: what was counted at the last whole seconds.
	seconds []trafficSecond
}

// trafficSecond is what was counted up to one second.
type trafficSecond struct {
	at               int64
	starts, requests int64
	jobs             []jobCount
	scenarios        []int64
}

type jobCount struct{ accepted, done, backlog int64 }

// noteUnmet counts a check that failed.
func (g *figures) noteUnmet(text string) {
	g.mu.Lock()
	if g.unmet == nil {
		g.unmet = map[string]int64{}
	}
	g.unmet[text]++
	g.mu.Unlock()
}

// apartFigures are of exchanges that are no requests of the profile: polls, and
// attempts beyond the first.
type apartFigures struct{ requests, in, out, opened, closed, reused atomic.Int64 }

// attempt counts what the sample of a request that is sent again does not hold:
// the connections of its attempts so far, and the present one on the wire.
func (c *apartFigures) attempt(first, present *measure.Sample) {
	if first.Flags&present.Flags&measure.Departed != 0 {
		c.requests.Add(1)
	}
	c.flags(first.Flags)
}

// flags counts the connections of an attempt.
func (c *apartFigures) flags(f measure.Flags) {
	for _, n := range [...]struct {
		flag measure.Flags
		to   *atomic.Int64
	}{{measure.Opened, &c.opened}, {measure.Reused, &c.reused}, {measure.ConnClosed, &c.closed}, {measure.Reconnected, &c.closed}, {measure.Retired, &c.closed}} {
		if f&n.flag != 0 {
			n.to.Add(1)
		}
	}
}

// poll counts a poll.
func (c *apartFigures) poll(s *measure.Sample) {
	if s.Flags&measure.Departed != 0 {
		c.requests.Add(1)
	}
	c.in.Add(s.In)
	c.out.Add(s.Out)
	c.flags(s.Flags)
}

// spread is a distribution over the run, and over the present setting.
type spread struct {
	run, since measure.Histogram
	setting    int32 // that since is of
}

// add adds a duration of something that began under a setting.
func (d *spread) add(nanos int64, setting int32) {
	d.run.Add(nanos)
	if setting > d.setting {
		d.since.Reset()
		d.setting = setting
	}
	if setting == d.setting {
		d.since.Add(nanos)
	}
}

// ladders are the two distributions, with setting the present one.
func (d *spread) ladders(setting int32) (run, since measure.Ladder) {
	run = d.run.Ladder()
	if d.setting == setting {
		since = d.since.Ladder()
	}
	return run, since
}

// scenarioFigures count the starts of one scenario.
type scenarioFigures struct {
	name  string
	steps []string

	mu                             sync.Mutex
	started, done, failed, dropped int64
	total                          spread
}

func newScenarioFigures(name string) *scenarioFigures { return &scenarioFigures{name: name} }

func (c *scenarioFigures) start() {
	c.mu.Lock()
	c.started++
	c.mu.Unlock()
}

func (c *scenarioFigures) end(f *flow, at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.failed {
		c.failed++
		return
	}
	c.done++
	if f.pauses == 0 {
		c.total.add(at-f.began, f.segment)
	}
}

func (c *scenarioFigures) drop() {
	c.mu.Lock()
	c.dropped++
	c.mu.Unlock()
}

// jobFigures count the jobs of one request.
type jobFigures struct {
	name string

	mu                                  sync.Mutex
	accepted, done, failed, lost, polls int64
	acceptTime, completion              spread
	open                                openJobs         // those that have not come to their end
	lostFor                             map[string]int64 // jobs lost, by reason
	quietSince                          int64            // when the load went to zero; 0 while there is load
	draining                            bool             // there was a backlog then
	drained                             time.Duration
	ended                               int64 // when a job came to its end last
}

// accept counts a job that began with the answer to a request.
func (c *jobFigures) accept(f *flow, sample *measure.Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accepted++
	c.acceptTime.add(sample.T8-sample.T0, sample.Segment)
	heap.Push(&c.open, f)
}

// doneAtOnce counts a job that the answer to its request says is done already.
func (c *jobFigures) doneAtOnce(sample *measure.Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accepted++
	c.done++
	c.acceptTime.add(sample.T8-sample.T0, sample.Segment)
	c.completion.add(sample.T8-sample.T0, sample.Segment)
}

func (c *jobFigures) polled() {
	c.mu.Lock()
	c.polls++
	c.mu.Unlock()
}

// complete counts a job that was seen done at the time at.
func (c *jobFigures) complete(f *flow, at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	if f.pauses == f.job.pauses {
		c.completion.add(at-f.job.began, f.job.segment)
	}
	c.close(f, at)
}

// fail counts a job that was seen failed at the time at.
func (c *jobFigures) fail(f *flow, at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed++
	c.close(f, at)
}

// close takes a job out that came to its end at the time at. The caller holds
// the lock.
func (c *jobFigures) close(f *flow, at int64) {
	c.open.remove(f)
	c.ended = max(c.ended, at)
}

// forget leaves a job open for good: nobody asks for it any more.
func (c *jobFigures) forget(f *flow) {
	c.mu.Lock()
	c.open.remove(f)
	c.mu.Unlock()
}

// openJobs are jobs that are followed, as a heap: the oldest is first.
type openJobs []*flow

// remove takes a job out.
func (q *openJobs) remove(f *flow) { heap.Remove(q, f.job.place) }

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (q openJobs) Len() int           { return len(q) }
func (q openJobs) Less(i, j int) bool { return q[i].job.began < q[j].job.began }
func (q openJobs) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].job.place, q[j].job.place = i, j
}
func (q *openJobs) Push(x any) {
	f := x.(*flow)
	f.job.place = len(*q)
	*q = append(*q, f)
}
func (q *openJobs) Pop() any {
	last := len(*q) - 1
	f := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return f
}

// lose counts a job that was given up at the time at, for a reason to be shown.
func (c *jobFigures) lose(f *flow, at int64, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost++
	c.close(f, at)
	if c.lostFor == nil {
		c.lostFor = map[string]int64{}
	}
	if len(c.lostFor) < maxReasons || c.lostFor[why] > 0 {
		c.lostFor[why]++
	}
}

// maxReasons bounds the reasons kept apart, which hold text of the target.
const maxReasons = 20

// backlog is how many jobs have not come to their end. The caller holds the
// lock.
func (c *jobFigures) backlog() int64 { return c.accepted - c.done - c.failed - c.lost }

// facts are the figures at now. setting is the present one; quietFrom is when
// the load went to zero, never if it did not.
func (c *jobFigures) facts(now int64, setting int32, quietFrom int64) JobFacts {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := JobFacts{Name: c.name, Accepted: c.accepted, Done: c.done, Failed: c.failed, Lost: c.lost, Backlog: c.backlog(), Polls: c.polls}
	f.Accept, _ = c.acceptTime.ladders(setting)
	f.Complete, f.Since = c.completion.ladders(setting)
	if len(c.open) > 0 {
		f.Oldest = time.Duration(now - c.open[0].job.began)
	}
	for why, n := range c.lostFor {
		f.LostFor = append(f.LostFor, measure.Tally{Name: why, Count: n})
	}
	slices.SortFunc(f.LostFor, func(a, b measure.Tally) int { return strings.Compare(a.Name, b.Name) })
	quiet := quietFrom != never
	switch {
	case !quiet:
		c.quietSince, c.drained = 0, 0
	case c.quietSince == 0:
		c.quietSince, c.draining = quietFrom, false
	}
	if f.Backlog > 0 { // what was on its way may have begun jobs after the load went to zero
		c.draining, c.drained = quiet, 0
	}
	if quiet && c.draining && f.Backlog == 0 && c.drained == 0 {
		c.drained = max(1, time.Duration(c.ended-c.quietSince))
	}
	f.Draining, f.Drained = quiet, c.drained
	return f
}
