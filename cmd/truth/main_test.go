package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"stoke/engine/experiment"
)

func TestChoose(t *testing.T) {
	for only, want := range map[string]string{"T1": "T1", "t9": "T9 a b,T9 c,T9 d,T9 e", "T9 c,T20": "T9 c,T20", "T5b": "T5b"} {
		list, err := choose(only)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range list {
			names = append(names, e.ID)
		}
		if got := strings.Join(names, ","); got != want {
			t.Errorf("%q chooses %q, want %q", only, got, want)
		}
	}
	if _, err := choose("T99"); err == nil || !strings.Contains(err.Error(), "T99") {
		t.Errorf("an experiment that is not there: %v", err)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"--long", "--quick"}, {"--only", "T99"}, {"what"}, {"--nonsense"}} {
		if code, err := run(args, io.Discard, io.Discard); code != 2 || err == nil {
			t.Errorf("%q: code %d, error %v", args, code, err)
		}
	}
}

// The tables of an experiment and of its faults, and the exit codes.
func TestTables(t *testing.T) {
	var out bytes.Buffer
	code, err := run([]string{"--only", "T20,T21", "--quick", "--mutants", "--inside"}, &out, io.Discard)
	if code != 0 || err != nil {
		t.Fatalf("code %d, error %v\n%s", code, err, &out)
	}
	for _, want := range []string{
		"| **T20** Histogram | p0.01 of", "| pass |", "2 experiments passed, 0 failed",
		"| T21 | mean of percentiles |", "| noticed |", "\n0 faults not noticed\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 6 {
			t.Errorf("a row of another width: %s", line)
		}
	}
}

// What failed, what could not be judged and what was missed is said, and counts.
func TestVerdicts(t *testing.T) {
	e := &experiment.Experiment{ID: "T0", Title: "None"}
	report := func(ok bool, unjudged string) *experiment.Report {
		return &experiment.Report{Findings: []*experiment.Finding{{What: "x", OK: ok, Unjudged: unjudged}}}
	}
	for _, c := range []struct {
		r    *experiment.Report
		want string
		sum  tally
	}{
		{report(true, ""), "| pass |", tally{passed: 1}},
		{report(false, ""), "| **FAILED** |", tally{failed: 1}},
		{report(false, "busy"), "| not judged (busy) |", tally{partly: 1}},
	} {
		var out bytes.Buffer
		var sum tally
		sum.add(&table{&out}, e, c.r, nil)
		if !strings.Contains(out.String(), c.want) || sum != c.sum {
			t.Errorf("%+v: %s", sum, &out)
		}
	}
	timed := experiment.Mutant{Name: "m", Timed: true}
	for _, c := range []struct {
		m    experiment.Mutant
		r    *experiment.Report
		want bool
	}{
		{timed, report(false, ""), true}, {timed, report(true, ""), false},
		{timed, report(false, "busy"), true}, {experiment.Mutant{}, report(false, "busy"), false},
	} {
		if got := judgeMutant(&table{io.Discard}, e, c.m, c.r, nil); got != c.want {
			t.Errorf("%+v with %+v: %v", c.m, c.r.Findings[0], got)
		}
	}
}
