package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"stoke/engine"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

func TestWorstFollowsThePrecedence(t *testing.T) {
	order := []int{exitInternal, exitUsage, exitInvalid, exitMissed, exitStopped, exitMet}
	for i, strong := range order {
		for _, weak := range order[i:] {
			if got := worst(weak, strong); got != strong {
				t.Errorf("worst(%d, %d) = %d, want %d", weak, strong, got, strong)
			}
		}
	}
}

func TestExplainKnowsEachKindOfError(t *testing.T) {
	_, language := grammar.Parse("rate 5m")
	for _, c := range []struct {
		name string
		err  error
		code int
		says string // in the message or the hint
	}{
		{"nothing", nil, 0, ""},
		{"a run that ended", outcome(3), 3, ""},
		{"usage", fmt.Errorf("x: %w", &usageError{msg: "m", hint: "do this"}), 2, "do this"},
		{"no consent", &unconfirmedError{host: "api.test"}, 2, "--confirm-target api.test"},
		{"language", language, 2, "5/m"},
		{"profile", &profiles.Problems{File: "a.yaml", List: []profiles.Problem{{Line: 3, Column: 7, Msg: "bad"}}}, 2, "a.yaml:3:7: bad"},
		{"engine", fmt.Errorf("--rate 5k: %w", &engine.Refusal{Msg: "above the ceiling", Hint: "lower it"}), 2, "lower it"},
		{"silence", &unansweredError{asked: 9, target: "http://127.0.0.1:1", fault: "dial:refused"}, 1, "start the server"},
		{"a bug", errors.New("odd"), 5, "odd"},
	} {
		var out bytes.Buffer
		if code := report(&out, c.err); code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: code %d, want %d, with %q in:\n%s", c.name, code, c.code, c.says, &out)
		}
		if c.says == "" && out.Len() > 0 {
			t.Errorf("%s: says %s", c.name, &out)
		}
	}
}

func TestEveryFaultHasARemedy(t *testing.T) {
	for _, fault := range []string{"dns:nxdomain", "dial:refused", "dial:timeout", "dial:no-fd", "dial:proxy", "tls:cert", "tls:protocol", "head:malformed", "wait:timeout", "body:short", "something:new"} {
		if faultHint(fault) == "" {
			t.Errorf("%s: no remedy", fault)
		}
	}
	if hint := faultHint("dial:proxy"); !strings.Contains(hint, "--proxy") {
		t.Errorf("of a proxy: %s", hint)
	}
}
