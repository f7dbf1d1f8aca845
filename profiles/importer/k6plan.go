package importer

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// k6Plan makes phases of what options say about the load.
func (k *k6Reader) k6Plan(o *jsValue) {
	scenarios := o.get("scenarios")
	if scenarios == nil || scenarios.kind != '{' {
		k.shape("options", o, &plan{})
		return
	}
	p := &plan{several: len(scenarios.keys) > 1}
	for i, name := range scenarios.keys {
		k.add(p, name, scenarios.kids[i])
	}
	k.take(p)
}

// plan sums up scenarios.
type plan struct {
	several     bool
	open        curve // starts per second
	closed      []profiles.Phase
	concurrency int
}

func (k *k6Reader) shape(name string, o *jsValue, p *plan) {
	k.add(p, name, o)
	k.take(p)
}

// take makes the plan that of the profile.
func (k *k6Reader) take(p *plan) {
	switch {
	case len(p.open) > 0:
		if len(p.closed) > 0 {
			k.note("", "scenarios with a fixed number of users were left out beside those with a rate")
		}
		k.profile.Phases = p.open.phases()
		if len(k.profile.Phases) > 2000 {
			k.profile.Phases = p.open.simplified(1000, 0).phases()
		}
	case len(p.closed) > 0:
		k.profile.Phases = p.closed
	}
	if p.concurrency > 0 {
		k.profile.Concurrency = min(p.concurrency, grammar.MaxConcurrency)
	}
}

// add takes in a scenario: an executor with its settings.
func (k *k6Reader) add(p *plan, name string, o *jsValue) {
	where := fmt.Sprintf("line %d", o.line)
	executor, _ := o.get("executor").asText()
	number := func(key string, otherwise float64) float64 {
		v := o.get(key)
		if v == nil {
			return otherwise
		}
		n, ok := v.number()
		if !ok {
			k.note(where, "%s of %s is computed and cannot be read: %s stands in its place", key, show(name), plainFloat(otherwise))
			return otherwise
		}
		return n
	}
	if executor == "" {
		switch {
		case o.get("stages") != nil:
			executor = "ramping-vus"
		case o.get("iterations") != nil:
			executor = "shared-iterations"
		case o.get("vus") != nil || o.get("duration") != nil:
			executor = "constant-vus"
		default:
			return
		}
	}
	start := k.seconds(where, o.get("startTime"), 0)
	unit := k.seconds(where, o.get("timeUnit"), time.Second).Seconds()
	c := curve{}
	if start > 0 {
		c = append(c, point{0, 0}, point{start, 0})
	}
	switch executor {
	case "constant-arrival-rate":
		rate := number("rate", 1) / unit
		length := k.seconds(where, o.get("duration"), time.Minute)
		c = append(c, point{start, rate}, point{start + length, rate})
	case "ramping-arrival-rate":
		c = k.stages(where, o, c, start, number("startRate", 0), 1/unit)
	case "constant-vus", "ramping-vus":
		from, scale := number("vus", 1), 1.0
		if executor == "ramping-vus" {
			from = number("startVUs", cmp.Or(number("vus", 1), 1))
		}
		if k.sleeps > 0 {
			scale = 1 / k.sleeps
			k.note(where, "users that pause %s s in each iteration became a rate: users / pause, which they reach if the target answers at once", plainFloat(k.sleeps))
		}
		var users curve
		if executor == "constant-vus" {
			length := k.seconds(where, o.get("duration"), time.Minute)
			users = curve{{start, from}, {start + length, from}}
		} else {
			users = k.stages(where, o, nil, start, from, 1)
		}
		most := 0.0
		for i := range users {
			most = max(most, users[i].rate)
		}
		if k.sleeps == 0 {
			k.closedPlan(p, where, users)
			return
		}
		p.concurrency += int(min(most, 1e6))
		for _, u := range users {
			c = append(c, point{u.at, u.rate * scale})
		}
	case "shared-iterations", "per-vu-iterations":
		k.note(where, "%s counts iterations, which phases do not: a closed load of 1 minute stands in its place", executor)
		n := max(1, number("vus", 1))
		k.closedPlan(p, where, curve{{start, n}, {start + time.Minute, n}})
		return
	default:
		k.note(where, "the executor %s of %s was left out", show(executor), show(name))
		return
	}
	p.concurrency += int(min(max(number("maxVUs", 0), number("preAllocatedVUs", 0)), 1e6))
	p.open = p.open.plus(c)
	if exec, ok := o.get("exec").asText(); ok && p.several {
		k.note(where, "%s runs the function %s: here all calls are in one scenario", show(name), show(exec))
	}
}

// stages are the points of a list of {duration, target}.
func (k *k6Reader) stages(where string, o *jsValue, c curve, start time.Duration, from, scale float64) curve {
	stages := o.get("stages")
	if stages == nil || stages.kind != '[' {
		k.note(where, "stages are computed and cannot be read")
		return nil
	}
	at := start
	c = append(c, point{at, from * scale})
	for i, st := range stages.kids {
		target, ok := st.get("target").number()
		if !ok || i >= 5000 {
			k.note(fmt.Sprintf("line %d", st.line), "a stage is computed and was left out")
			continue
		}
		length := k.seconds(where, st.get("duration"), 0)
		at += length
		c = append(c, point{at, target * scale})
	}
	return c
}

// closedPlan makes phases of users that send as fast as they are answered. A
// ramp of users becomes steps.
func (k *k6Reader) closedPlan(p *plan, where string, users curve) {
	k.note(where, "users without a pause became rate max: as many requests in flight, sent as fast as the target answers")
	if len(p.closed) > 0 || len(users) == 0 {
		k.note(where, "a further scenario of users was left out")
		return
	}
	add := func(ch grammar.Change) { p.closed = append(p.closed, profiles.Phase{Change: ch}) }
	now := 0
	set := func(users float64) {
		if n := max(1, int(min(math.Round(users), grammar.MaxConcurrency))); n != now {
			add(grammar.Change{Verb: grammar.Concurrency, Amount: grammar.Amount{Op: grammar.Set, Value: float64(n)}})
			now = n
		}
	}
	set(users[0].rate)
	add(grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Max}})
	for i := 1; i < len(users) && i < 200; i++ {
		a, b := users[i-1], users[i]
		length := b.at - a.at
		if length <= 0 {
			set(b.rate)
			continue
		}
		steps := 1
		if a.rate != b.rate {
			steps = int(min(5, max(1, math.Abs(b.rate-a.rate)), length.Seconds()+1))
		}
		for j := range steps {
			set(a.rate + (b.rate-a.rate)*float64(j+1)/float64(steps))
			add(grammar.Change{Verb: grammar.Hold, For: max(time.Millisecond, (length / time.Duration(steps)).Round(time.Millisecond))})
		}
	}
}

// seconds reads a length of time: '1m30s', or milliseconds.
func (k *k6Reader) seconds(where string, v *jsValue, otherwise time.Duration) time.Duration {
	if v == nil {
		return otherwise
	}
	if text, ok := v.asText(); ok && v.kind == '"' {
		days := 0.0
		if n, rest, found := strings.Cut(text, "d"); found {
			if f, ok := (&jsValue{kind: '0', text: n}).number(); ok {
				days, text = f, cmp.Or(rest, "0s")
			}
		}
		if d, err := time.ParseDuration(text); err == nil && d >= 0 && days < 60 && d < 1000*time.Hour {
			return d + time.Duration(days*24*float64(time.Hour))
		}
	} else if ms, ok := v.number(); ok && ms < 1e9 {
		return time.Duration(ms) * time.Millisecond
	}
	k.note(where, "a length of time is computed and cannot be read: %s stands in its place", otherwise)
	return otherwise
}
