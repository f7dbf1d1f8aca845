package engine

import (
	"fmt"

	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/answer"
	"stoke/profiles/template"
)

// script is what one start does: a single request, or the steps of a scenario
// one after the other. It is immutable once the run is prepared.
type script struct {
	name     string
	first    uint16 // the endpoint of the first step; the others follow it
	steps    int
	set      template.Set
	captured []string // names, by number
	tables   []int    // numbers of the run's tables that it draws a row of
	cookies  bool
	goesOn   bool // after a failed step
	scenario int  // its number in the figures of scenarios, -1 for a single request
	bare     bool // one request without placeholders that nothing follows: it needs no flow
}

// capture is a value that an answer leaves to the steps after it.
type capture struct {
	name   int // number within the script
	ref    int // number of its placeholder, -1 if no step uses it
	source answer.Source
}

// compile turns the profile's requests into scripts and endpoints that the
// run's transport can send.
func (r *Run) compile(seqHeader string) error {
	p := r.profile
	for i := range p.Requests {
		q := &p.Requests[i]
		steps := []profiles.Request{*q}
		sc := &script{name: q.Name, first: uint16(len(r.endpoints)), scenario: -1}
		if len(q.Steps) > 0 {
			steps = q.Steps
			sc.scenario = len(r.figures.scenarios)
			sc.cookies = q.Cookies == nil || *q.Cookies
			sc.goesOn = q.Failed == "continue"
			r.figures.scenarios = append(r.figures.scenarios, newScenarioFigures(q.Name))
		}
		sc.steps = len(steps)
		w := &scriptWriter{r: r, script: sc}
		for j := range steps {
			e, err := w.endpoint(&steps[j], seqHeader)
			if err != nil {
				return fmt.Errorf("request %q: %w", stepName(q, j), err)
			}
			e.name = stepName(q, j)
			if sc.scenario >= 0 {
				f := r.figures.scenarios[sc.scenario]
				f.steps = append(f.steps, e.name)
			}
			r.endpoints = append(r.endpoints, e)
		}
		w.link(r.endpoints[sc.first:])
		only := &r.endpoints[sc.first]
		sc.bare = sc.steps == 1 && sc.scenario < 0 && !only.req.Holes() && len(only.checks) == 0 && only.retry == nil && only.job == nil
		r.extras = r.extras || !sc.bare
		r.scripts = append(r.scripts, sc)
	}
	if len(r.endpoints) > maxEndpoints {
		return fmt.Errorf("the profile has more than %d requests and steps", maxEndpoints)
	}
	return nil
}

// maxEndpoints is what an endpoint's number has room for.
const maxEndpoints = 1 << 16

// stepName is how step j of q is called in the figures.
func stepName(q *profiles.Request, j int) string {
	if len(q.Steps) == 0 {
		return q.Name
	}
	name := q.Steps[j].Name
	if name == "" {
		name = q.Steps[j].Method + " " + q.Steps[j].Path
	}
	return q.Name + " / " + name
}

// scriptWriter compiles the steps of one script.
type scriptWriter struct {
	r      *Run
	script *script
}

// endpoint compiles one step.
func (w *scriptWriter) endpoint(q *profiles.Request, seqHeader string) (endpoint, error) {
	r := w.r
	e := endpoint{path: q.Path, script: w.script, expect: q.Expect, checks: q.Checks, think: q.Think}
	for _, c := range q.Capture {
		e.captures = append(e.captures, capture{name: w.name(c.Name), source: c.Source})
	}
	if err := w.request(q, &e); err != nil {
		return e, err
	}
	if q.Async != nil {
		job, err := w.job(q, &e)
		if err != nil {
			return e, err
		}
		e.job = job
	}
	if e.retry = retriesOf(r.profile, q); e.retry != nil && r.policy == "" {
		r.policy = e.retry.String()
	}
	e.spec.Keep = e.keeps()
	req, err := r.transport.Compile(e.spec, seqHeader)
	if err != nil {
		return e, err
	}
	e.req = req
	return e, nil
}

// name is the number of a captured value.
func (w *scriptWriter) name(text string) int {
	for i, known := range w.script.captured {
		if known == text {
			return i
		}
	}
	w.script.captured = append(w.script.captured, text)
	return len(w.script.captured) - 1
}

// link finds, once all steps are compiled, which placeholder shows what a step
// captures, and which tables the script draws from.
func (w *scriptWriter) link(steps []endpoint) {
	sc := w.script
	for i := range steps {
		for j := range steps[i].captures {
			c := &steps[i].captures[j]
			c.ref = -1
			for n, ref := range sc.set.Refs() {
				if ref.Kind == template.Capture && ref.Name == sc.captured[c.name] {
					c.ref = n
				}
			}
		}
	}
	seen := map[int]bool{}
	for _, ref := range sc.set.Refs() {
		if ref.Kind != template.Column {
			continue
		}
		if t := w.r.table(ref.Name); t >= 0 && !seen[t] {
			seen[t] = true
			sc.tables = append(sc.tables, t)
		}
	}
}

// keeps is what of an answer the step's rules look at.
func (e *endpoint) keeps() wire.Keep {
	var keep wire.Keep
	look := func(s *answer.Source) {
		if s.NeedsBody() {
			keep |= wire.KeepBody
		}
		if s.NeedsHead() {
			keep |= wire.KeepHead
		}
	}
	for i := range e.checks {
		look(&e.checks[i].Source)
	}
	for i := range e.captures {
		look(&e.captures[i].source)
	}
	if e.script.cookies {
		keep |= wire.KeepHead
	}
	if j := e.job; j != nil {
		keep |= j.keepAccept | wire.KeepWait
		look(&j.done.Source)
	}
	return keep
}

// fits reports whether an answer passes the step's checks, and which one it
// does not.
func (e *endpoint) fits(a *answer.Answer) (failed *answer.Test, ok bool) {
	for i := range e.checks {
		if !e.checks[i].Holds(a) {
			return &e.checks[i], false
		}
	}
	return nil, true
}
