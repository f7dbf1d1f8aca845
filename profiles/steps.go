package profiles

import (
	"fmt"
	"strings"
	"time"

	"stoke/profiles/grammar"
)

// maxSteps bounds the steps of one scenario.
const maxSteps = 200

// What a failed step does to its scenario.
const (
	FailedStop     = "stop" // the steps after it are not sent; the default
	FailedContinue = "continue"
)

// stepKeys are the keys of a step: those of a request that say what is sent and
// expected, and its own.
func stepKeys() []field[requestDraft] { return append(sendKeys(), ownStepKeys()...) }

func ownStepKeys() []field[requestDraft] {
	return []field[requestDraft]{
		{key: "think", form: "1s..3s", is: isThink, doc: "pause before the step; at random between two", read: readThink},
	}
}

// readSteps reads the steps of a scenario.
func readSteps(v value, q *requestDraft) {
	items, ok := v.items("begin each step with a dash")
	if !ok {
		return
	}
	switch {
	case len(items) == 0:
		v.wrong("there are no steps", "write [{get: /}]")
	case len(items) > maxSteps:
		v.wrong(fmt.Sprintf("more than %d steps", maxSteps), "make it two scenarios")
		return
	}
	before := v.here
	defer func() { v.here = before }()
	var drafts []*requestDraft
	for i, item := range items {
		v.here.step = i
		if step := readOne(item, "a step", stepKeys()); step != nil {
			drafts = append(drafts, step)
		}
	}
	v.checkNames(drafts, "steps")
	for _, step := range drafts {
		q.Steps = append(q.Steps, step.Request)
	}
}

// readThink reads 1s, or 1s..3s.
func readThink(v value, q *requestDraft) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	first, last, ranged := strings.Cut(text, "..")
	pause := func(part string, offset int) (time.Duration, bool) {
		d, err := grammar.ParseDuration(strings.TrimSpace(part))
		if err != nil {
			v.refusedPart(text, offset, err)
		}
		return d, err == nil
	}
	from, ok1 := pause(first, 0)
	to, ok2 := from, true
	if ranged {
		to, ok2 = pause(last, len(first)+len(".."))
	}
	switch {
	case !ok1 || !ok2:
	case from > to:
		v.wrong("the pause ends before it begins", "write "+grammar.FormatDuration(to)+".."+grammar.FormatDuration(from))
	default:
		q.Think = Think{from, to}
	}
}

// thinkText prints a pause as readThink reads it.
func thinkText(t Think) string {
	if t.From == t.To {
		return grammar.FormatDuration(t.From)
	}
	return grammar.FormatDuration(t.From) + ".." + grammar.FormatDuration(t.To)
}

// checkScenario looks at the keys of a request that has steps.
func (d *decoder) checkScenario(q *requestDraft) {
	for _, f := range sendKeys() {
		at, said := q.at[f.key]
		switch {
		case !said || f.key == "name":
		case isWay(f.key):
			d.fail(at, "a request has steps or a method, not both", "write "+f.key+": as a step of its own")
		default:
			d.fail(at, f.key+" belongs to a step, not to its scenario", "write it in the steps")
		}
	}
	if q.Name == "" {
		if _, said := q.at["name"]; !said {
			d.fail(q.whole, "a scenario needs a name", "add name: checkout")
		}
	}
}
