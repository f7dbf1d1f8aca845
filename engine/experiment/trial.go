package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/engine/pace"
	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// plan is one run of an experiment. Zero fields mean: uniform, queue, ten
// seconds for every limit.
type plan struct {
	behaviour   Behaviour
	concurrency int
	arrivals    string
	late        string
	maxLate     time.Duration
	timeout     time.Duration
	noKeepAlive bool
	requests    []profiles.Request
	phases      []string
	seed        uint64
	during      func(t *trial) error // what the operator does while it runs
}

// trial is a run and what came of it.
type trial struct {
	run    *engine.Run
	target Target
	epoch  time.Time
	fault  *fault

	// After its end:
	last    *engine.Snapshot
	log     []Entry
	tally   Tally
	samples []measure.Sample // of all that ended but what was superseded while it waited, as the recorder got them
}

// try carries a plan out, up to the end of its phases.
func (l *Lab) try(r *Report, p plan) (*trial, error) {
	target, err := l.World.Open(p.behaviour)
	if err != nil {
		return nil, err
	}
	t, err := l.runAgainst(target, p)
	if closed := target.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	if t.last.HealthVerdict == "limiting" {
		r.Starved = unwell(t.last)
	}
	switch r.unwell = ""; {
	case l.virtual():
	case l.Untimed:
		r.unwell = "a test does not judge by the clock"
	default:
		r.unwell = unwell(t.last)
	}
	return t, nil
}

// unwell is why this machine was not fit to be judged by the clock, empty if
// it was.
func unwell(s *engine.Snapshot) string {
	switch {
	case s.HealthVerdict == "ok":
		return ""
	case len(s.HealthReasons) > 0:
		return s.HealthVerdict + ": " + s.HealthReasons[0]
	}
	return s.HealthVerdict
}

func (l *Lab) runAgainst(target Target, p plan) (*trial, error) {
	t := &trial{target: target, fault: &l.fault}
	profile, err := p.profile(target.URL())
	if err != nil {
		return nil, err
	}
	if f := l.fault.profile; f != nil {
		f(profile)
	}
	o := engine.Options{
		Profile: profile, Files: profiles.Files{CA: target.Certificate()}, Seed: max(p.seed, 1), SeqHeader: "X-Seq",
		EndWithPhases: true, NoHealth: l.virtual(), Sleeper: pace.NewSleeper, Hooks: l.fault.hooks,
	}
	if l.virtual() {
		o.Sleeper = pace.NewTimerSleeper
	}
	if f, base := l.fault.sleeper, o.Sleeper; f != nil {
		o.Sleeper = func(epoch time.Time) pace.Sleeper { return f(base(epoch), epoch) }
	}
	falsify := l.fault.hooks.Samples
	o.Hooks.Samples = func(b []measure.Sample) []measure.Sample {
		if falsify != nil {
			b = falsify(b)
		}
		t.samples = append(t.samples, b...)
		return b
	}
	way := target.Transport()
	if way == nil {
		cfg := engine.TransportConfig(profile, o.Files)
		if way, err = wire.NewHTTP1(cfg); err != nil {
			return nil, err
		}
	}
	if f := l.fault.transport; f != nil {
		way = f(way)
	}
	var begun error
	o.Transport = &starting{way, func(epoch time.Time) {
		t.epoch = epoch
		begun = target.Begin(epoch)
	}}
	if t.run, err = engine.New(context.Background(), o); err != nil {
		return nil, err
	}
	if err := errors.Join(t.run.Start(), begun); err != nil {
		return nil, errors.Join(err, t.run.Close())
	}
	if p.during != nil {
		if err := p.during(t); err != nil {
			return nil, errors.Join(err, t.run.Close())
		}
	}
	<-t.run.Done()
	t.last = t.run.Snapshot()
	if err := t.run.Close(); err != nil {
		return nil, err
	}
	if err := t.settle(); err != nil {
		return nil, err
	}
	t.log, err = target.Log()
	return t, err
}

// settle takes the target's tally when it has seen the connections close, or
// has had a second for it.
func (t *trial) settle() (err error) {
	for end := time.Now().Add(time.Second); ; time.Sleep(5 * time.Millisecond) {
		if t.tally, err = t.target.Tally(); err != nil || t.tally.Open == 0 || time.Now().After(end) {
			return err
		}
	}
}

// starting is a transport that tells when the run begins, before its first
// request leaves.
type starting struct {
	wire.Transport
	begin func(epoch time.Time)
}

func (s *starting) Start(epoch time.Time) {
	s.begin(epoch)
	s.Transport.Start(epoch)
}

// profile is the plan as a traffic profile.
func (p *plan) profile(url string) (*profiles.Profile, error) {
	const limit = 10 * time.Second
	or := func(d time.Duration) time.Duration {
		if d == 0 {
			return limit
		}
		return d
	}
	keep := !p.noKeepAlive
	q := &profiles.Profile{
		Name: "experiment", Target: url, Concurrency: p.concurrency, Arrivals: p.arrivals, Late: p.late,
		Timeout: or(p.timeout), ConnectTimeout: limit, MaxLate: or(p.maxLate), KeepAlive: &keep,
		Limits:   profiles.Limits{Rate: 100_000, Concurrency: 10_000},
		Requests: p.requests,
	}
	if q.Arrivals == "" {
		q.Arrivals = string(pace.Uniform)
	}
	if len(q.Requests) == 0 {
		q.Requests = []profiles.Request{{Name: "one", Weight: 1, Method: "GET", Path: "/"}}
	}
	for _, text := range p.phases {
		c, err := grammar.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("phase %q: %w", text, err)
		}
		q.Phases = append(q.Phases, profiles.Phase{Change: c, Text: text})
	}
	return q.WithDefaults(), nil
}

// at waits until a moment of the run.
func (t *trial) at(moment time.Duration) { time.Sleep(moment - time.Since(t.epoch)) }

// now is the time of the run.
func (t *trial) now() int64 { return int64(time.Since(t.epoch)) }

// do applies a change as an operator's line.
func (t *trial) do(text string) error {
	c, err := grammar.Parse(text)
	if err != nil {
		return err
	}
	_, err = t.run.Apply(engine.Order{Do: c, By: engine.ByLine})
	return err
}

// fresh is the newest snapshot that was scanned at or after a moment.
func (t *trial) fresh(moment int64) *engine.Snapshot {
	for {
		s := t.run.Snapshot()
		if s.View.Now >= moment || s.State == engine.Ended {
			return s
		}
		time.Sleep(time.Millisecond)
	}
}

// arrivals are the times at which requests reached the target, ascending.
func (t *trial) arrivals() []int64 {
	out := make([]int64, len(t.log))
	for i := range t.log {
		out[i] = t.log[i].Arrival
	}
	return out
}

// each collects a figure of the samples of a class.
func (t *trial) each(class measure.Class, f func(*measure.Sample) int64) []int64 {
	var out []int64
	for i := range t.samples {
		if s := &t.samples[i]; s.Class == class {
			out = append(out, f(s))
		}
	}
	return out
}

// response is T8−T0, service T8−T4.
func response(s *measure.Sample) int64 { return s.T8 - s.T0 }
func service(s *measure.Sample) int64  { return s.T8 - s.T4 }

// ladder is what the reader is shown of the response times of a run.
func (t *trial) ladder() measure.Ladder {
	l := t.last.View.Run.Response
	if f := t.fault.read; f != nil {
		f(t, &l)
	}
	return l
}

// sound holds what every run has to obey: nothing is lost, nothing is counted
// twice, and the target saw each request once and no other.
func (t *trial) sound(r *Report) {
	c := &t.last.View.Run.Counts
	sum := c.Done() + c.Unsent() + c.Cut + c.Stopped + c.Backlog + c.Connecting + c.InFlight
	r.text("audit", t.last.Audit, "ok")
	r.count("intended is the sum of the outcomes", sum, c.Intended, 0)
	seen := map[int64]bool{}
	again := int64(0)
	for _, e := range t.log {
		if e.Seq >= 0 && seen[e.Seq] {
			again++
		}
		seen[e.Seq] = true
	}
	r.count("requests that reached the target twice", again, 0, 0)
	// What failed or was cut may not have got there, and nothing else may be
	// missing.
	least := c.Sent - c.Error - c.Cut - c.Stopped
	n := int64(len(t.log))
	r.add(n >= least && n <= c.Sent, "requests at the target", fmt.Sprintf("%d … %d", least, c.Sent), fmt.Sprint(n))
}

// onSchedule holds each recorded intended time against an independent one. What
// this machine slept past has no record, and may be missing.
func (t *trial) onSchedule(r *Report, want func(k int64) int64) {
	times := make([]int64, len(t.samples))
	for i := range t.samples {
		times[i] = t.samples[i].T0
	}
	slices.Sort(times)
	off, skipped, k := int64(0), int64(0), int64(0)
	for _, t0 := range times {
		for ; k < t.asked() && want(k) < t0; k++ {
			skipped++
		}
		if k == t.asked() || want(k) != t0 {
			off++
			continue
		}
		k++
	}
	r.count("intended times off the schedule", off+max(skipped-t.last.View.Run.Generator, 0), 0, 0)
}

// asked is how many requests of the schedule were recorded, or slept past by this
// machine.
func (t *trial) asked() int64 { return int64(len(t.samples)) + t.last.View.Run.Generator }

// evenly is the schedule of a uniform process, in whole numbers:
// ⌊k·10⁹/rate⌋ for a rate of millis thousandths per second.
func evenly(millis int64) func(k int64) int64 {
	return func(k int64) int64 { return k * 1_000_000_000_000 / millis }
}
