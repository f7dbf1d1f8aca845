package engine

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stoke/engine/measure"
	"stoke/profiles"
	"stoke/profiles/feeder"
)

// tryOut makes a trial of a profile's text against a handler.
func tryOut(t *testing.T, h http.HandlerFunc, text string, files profiles.Files) *Trial {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	p, err := profiles.Read("trial", []byte("stoke: 1\ntarget: "+s.URL+"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	trial, err := NewTrial(Options{Profile: p.WithDefaults(), Files: files})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trial.Close() })
	return trial
}

func walk(trial *Trial, ctx context.Context, i int, patience time.Duration) (all []Exchange) {
	trial.Walk(ctx, i, patience, func(x Exchange) { all = append(all, x) })
	return all
}

const jobText = "requests:\n  - {post: /, name: job, async: {every: 1m, done: 'json $.s == 1', within: 1m}}\n"

// TestTrialGivesAJobUp: a job that does not end is no reason to wait for as
// long as a run would, and no success.
func TestTrialGivesAJobUp(t *testing.T) {
	trial := tryOut(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/jobs/1")
		if r.Method == "POST" {
			w.WriteHeader(202)
		}
	}, jobText, profiles.Files{})
	all := walk(trial, context.Background(), 0, 50*time.Millisecond)
	first, last := all[0], all[len(all)-1]
	if first.Job != JobBegan || !first.OK() || last.Poll != len(all)-1 || last.Poll < 1 {
		t.Errorf("%d exchanges, the first %+v", len(all), first)
	}
	if last.Job != JobLost || last.OK() || !strings.Contains(last.Why, "a run waits for 1m0s") {
		t.Errorf("the last: job %q, ok %v, %q", last.Job, last.OK(), last.Why)
	}
}

// TestTrialTellsWhyAJobIsLost: an address that is not the target's is not
// asked.
func TestTrialTellsWhyAJobIsLost(t *testing.T) {
	trial := tryOut(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://elsewhere.test/jobs/1")
		w.WriteHeader(202)
	}, jobText, profiles.Files{})
	all := walk(trial, context.Background(), 0, time.Minute)
	if len(all) != 1 || all[0].Job != JobLost || all[0].OK() || !strings.Contains(all[0].Why, "elsewhere.test, which is not the target") {
		t.Errorf("%+v", all)
	}
}

// TestTrialEndsWithItsContext: nothing more is sent, and no step is told as
// failed.
func TestTrialEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	sent := 0
	trial := tryOut(t, func(http.ResponseWriter, *http.Request) { sent++; cancel() },
		"requests:\n  - {name: s, steps: [{name: a, get: /}, {name: b, get: /}]}\n", profiles.Files{})
	if all := walk(trial, ctx, 0, time.Minute); sent != 1 || len(all) != 1 {
		t.Errorf("%d sent, %d told", sent, len(all))
	}
}

// TestTrialSharesTheRows: starts draw as a run's do, so of one unique row the
// second has none.
func TestTrialSharesTheRows(t *testing.T) {
	table, err := feeder.Read("d.csv", strings.NewReader("id\n7\n"))
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 10)
	trial := tryOut(t, func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path + r.Header.Get("N") },
		"data: {d: {file: d.csv, order: unique}}\nrequests:\n  - {name: a, get: '/${d.id}', headers: {n: '-${seq}'}}\n  - {name: b, get: '/b${d.id}'}\n",
		profiles.Files{Tables: map[string]*feeder.Table{"d": table}})
	a, b := walk(trial, context.Background(), 0, 0), walk(trial, context.Background(), 1, 0)
	if len(a) != 1 || !a[0].OK() || a[0].Class != measure.OK || len(asked) != 1 {
		t.Fatalf("asked %d times, %+v", len(asked), a)
	}
	if got := <-asked; got != "/7-1" {
		t.Errorf("asked for %s", got)
	}
	if len(b) != 1 || b[0].OK() || !strings.Contains(b[0].Unsent, "the data d is used up") {
		t.Errorf("%+v", b)
	}
}

func TestPerStart(t *testing.T) {
	step := profiles.Request{}
	p := &profiles.Profile{Requests: []profiles.Request{{Weight: 3, Steps: []profiles.Request{step, step, step, step}}, {Weight: 1}}}
	if n := PerStart(p); n != 3.25 {
		t.Errorf("%v requests for a start, want 3.25", n)
	}
}
