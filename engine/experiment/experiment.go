package experiment

import (
	"fmt"
	"slices"
	"time"
)

// Where says which worlds an experiment can take place in.
type Where int

// The places.
const (
	Arithmetic Where = iota // no run: the part under test is called
	Anywhere                // a run, in virtual time or on sockets
	OnSockets               // what it proves exists on real connections only
	Apart                   // the load needs a process of its own: see [Processes]
)

// Experiment is one claim about the numbers and how to check it.
type Experiment struct {
	ID      string // "T1"
	Title   string
	Proves  string // in a sentence
	Where   Where
	Mutants []Mutant
	run     func(l *Lab, r *Report) error
}

// Length is how long runs take.
type Length int

// The lengths.
const (
	Quick Length = iota // for tests
	Usual               // some seconds each
	Full                // as the list of acceptance tests says
)

// Lab is where experiments take place. The zero value has no world, which is
// enough for arithmetic.
type Lab struct {
	World  World
	Length Length
	// Untimed keeps timed findings from being judged however well this machine
	// is: a test is not to fail because another program runs.
	Untimed bool
	// Progress, if not nil, is told now and then how far a long experiment is.
	Progress func(text string)
	fault    fault
}

// pick chooses a duration by the lab's length.
func (l *Lab) pick(quick, usual, full time.Duration) time.Duration {
	return [...]time.Duration{quick, usual, full}[l.Length]
}

// virtual reports whether time is simulated, so that it is exact.
func (l *Lab) virtual() bool { return l.World != nil && l.World.Virtual() }

// slack is a tolerance: exact in virtual time, real on sockets.
func (l *Lab) slack(exact, real time.Duration) time.Duration {
	if l.virtual() {
		return exact
	}
	return real
}

// Finding is one figure beside its expectation.
type Finding struct {
	What, Expected, Measured string
	OK                       bool
	Unjudged                 string // why it proves nothing: this machine was too busy

	unwell string // of its run
}

// timed marks a finding as one that a busy machine may spoil.
func (f *Finding) timed() { f.Unjudged = f.unwell }

// Report is what an experiment found.
type Report struct {
	Findings []*Finding
	// Starved is why this machine was the bottleneck of a run, empty if it never
	// was. Findings that are judged hold even so, but a fault may not show.
	Starved string
	unwell  string // why this machine was not fit to be judged in the present run
}

// Failed returns the judged findings that are not as expected.
func (r *Report) Failed() []*Finding {
	var bad []*Finding
	for _, f := range r.Findings {
		if !f.OK && f.Unjudged == "" {
			bad = append(bad, f)
		}
	}
	return bad
}

// Unjudged returns the findings that a busy machine kept from being judged.
func (r *Report) Unjudged() []*Finding {
	var left []*Finding
	for _, f := range r.Findings {
		if f.Unjudged != "" {
			left = append(left, f)
		}
	}
	return left
}

func (r *Report) add(ok bool, what, expected, measured string) *Finding {
	f := &Finding{What: what, Expected: expected, Measured: measured, OK: ok, unwell: r.unwell}
	r.Findings = append(r.Findings, f)
	return f
}

// time compares a time in nanoseconds; it is timed.
func (r *Report) time(what string, got int64, want, tolerance time.Duration) {
	d := time.Duration(got) - want
	r.add(d >= -tolerance && d <= tolerance, what, fmt.Sprintf("%s ± %s", show(want), show(tolerance)), show(time.Duration(got))).timed()
}

// most holds a time under a limit; it is timed.
func (r *Report) most(what string, got int64, limit time.Duration) {
	r.add(time.Duration(got) <= limit, what, "≤ "+show(limit), show(time.Duration(got))).timed()
}

// least holds a time above a limit.
func (r *Report) least(what string, got int64, limit time.Duration) *Finding {
	return r.add(time.Duration(got) >= limit, what, "≥ "+show(limit), show(time.Duration(got)))
}

// count compares a number of things.
func (r *Report) count(what string, got, want, tolerance int64) *Finding {
	expected := fmt.Sprint(want)
	if tolerance > 0 {
		expected = fmt.Sprintf("%d ± %d", want, tolerance)
	}
	return r.add(got >= want-tolerance && got <= want+tolerance, what, expected, fmt.Sprint(got))
}

// figure compares a number.
func (r *Report) figure(what string, got, want, tolerance float64) *Finding {
	d := got - want
	return r.add(d >= -tolerance && d <= tolerance, what, fmt.Sprintf("%.5g ± %.2g", want, tolerance), fmt.Sprintf("%.5g", got))
}

// below holds a number under a limit.
func (r *Report) below(what string, got, limit float64) *Finding {
	return r.add(got <= limit, what, fmt.Sprintf("≤ %.4g", limit), fmt.Sprintf("%.4g", got))
}

// atLeast holds a number above a limit.
func (r *Report) atLeast(what string, got, limit float64) *Finding {
	return r.add(got >= limit, what, fmt.Sprintf("≥ %.4g", limit), fmt.Sprintf("%.4g", got))
}

// text compares words.
func (r *Report) text(what, got string, want ...string) *Finding {
	return r.add(slices.Contains(want, got), what, fmt.Sprintf("%q", want), fmt.Sprintf("%q", got))
}

func show(d time.Duration) string {
	switch a := d.Abs(); {
	case a >= time.Second:
		return fmt.Sprintf("%.3f s", d.Seconds())
	case a >= time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.1f µs", float64(d)/1e3)
}

// Run carries the experiment out. The error says why it could not take place;
// what it found wrong is in the report.
func (e *Experiment) Run(l Lab) (*Report, error) { return e.with(l, fault{}) }

// Catch carries the experiment out with a mutant in place: it has noticed it if
// the report has failed findings.
func (e *Experiment) Catch(l Lab, m Mutant) (*Report, error) {
	var f fault
	m.put(&f)
	return e.with(l, f)
}

func (e *Experiment) with(l Lab, f fault) (*Report, error) {
	if e.Where != Arithmetic && l.World == nil || e.Where >= OnSockets && l.virtual() {
		return nil, fmt.Errorf("%s needs a world of sockets", e.ID)
	}
	if _, ok := l.World.(Processes); e.Where == Apart && !ok {
		return nil, fmt.Errorf("%s: %w", e.ID, errApart)
	}
	l.fault = f
	r := &Report{}
	if err := e.run(&l, r); err != nil {
		return nil, fmt.Errorf("%s: %w", e.ID, err)
	}
	return r, nil
}

// All returns the experiments in the order of their numbers.
func All() []*Experiment {
	return []*Experiment{
		stallBlocked, stallFIFO, stallQueue, stallShed, stallForGood,
		lognormal, coverage,
		poisson, exactSchedule,
		steps, pauses, supersedes, isolation,
		drain, cut,
		slowQueue, slowShed, slowForever,
		quota, busyCPUs, stopped, noFiles, calm,
		limiter,
		classes, retries, stale, traffic, connections, turns,
		histogram, merging,
		abusedScreen,
	}
}
