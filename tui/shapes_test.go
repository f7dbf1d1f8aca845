package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/tuitest"
)

// TestCompletesWeights: after weight the names of the requests stand, and after
// the other verbs none of them.
func TestCompletesWeights(t *testing.T) {
	requests := []string{"browse", "checkout", "add to cart"}
	for text, want := range map[string][]string{
		"weight ":               {"browse", "checkout"},
		"weight ch":             {"checkout"},
		"weight checkout ":      nil,
		"wave 100..200 ":        {"every"},
		"wave 100..200 every ":  nil,
		"spike 5k f":            {"for"},
		"step 1 by 1 every 5s ": {"to"},
	} {
		if got, _ := candidates(text, requests); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestWeighsShapes: what leads to more than twice the rate asks, whichever verb
// leads there.
func TestWeighsShapes(t *testing.T) {
	s := tuitest.Running()
	s.Dial = engine.Dial{Rate: 1000, Now: 1000, Concurrency: 64}
	for text, want := range map[string]bool{
		"wave 500..1500 every 1m": false, "wave 500..5k every 1m": true, "spike x3 for 10s": true, "spike 1200 for 10s": false,
		"step 100 by 100 every 30s to 1k": false, "step 100 by 1k every 30s to 5k": true, "weight browse 30%": false,
	} {
		c, err := grammar.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if said, twice := Weigh(s, c); twice != want {
			t.Errorf("%s: asks %v (%s), want %v", text, twice, said, want)
		}
	}
}

// TestKeysStepFromTheWave: a key steps from where the wave is, and where it
// falls, from where it will be when the order is applied.
func TestKeysStepFromTheWave(t *testing.T) {
	for _, c := range []struct {
		from, to, now float64
		every, into   time.Duration
		low, high     float64
	}{
		{100, 500, 300, time.Minute, 15 * time.Second, 300, 300},                    // rising
		{100, 500, 300, time.Minute, 45 * time.Second, 290, 296},                    // falling slowly
		{1, 5000, 2500.5, 2 * time.Second, 1500 * time.Millisecond, 1000, 1033},     // falling fast
		{1, 5000, 200, 2 * time.Second, 1900 * time.Millisecond, 1, 1},              // the low end comes
		{5000, 1, 200, 2 * time.Second, 900 * time.Millisecond, 1, 1},               // of a wave from above
		{5000, 1, 2500.5, 2 * time.Second, 1500 * time.Millisecond, 2500.5, 2500.5}, // which rises again
		{5000, 1, 4999, 2 * time.Second, 1999 * time.Millisecond, 4520, 4535},       // and turns
	} {
		s := tuitest.Running()
		s.Dial = engine.Dial{Rate: c.now, Now: c.now, Shape: engine.Shape{Kind: "wave", From: c.from, To: c.to, Every: c.every, Into: c.into}}
		if got := rateNow(s, 0); got < c.low || got > c.high {
			t.Errorf("%+v: from %v", c, got)
		}
	}
}

// shops is a run of scenarios: a start is four requests by plan.
func shops(requests bool) *engine.Snapshot {
	s := tuitest.Scenarios()
	s.Dial = engine.Dial{Rate: 100, Now: 100, Concurrency: 64}
	s.Traffic.PerStart, s.Traffic.CountsRequests = 4, requests
	s.Traffic.Scenarios = []engine.ScenarioFacts{{Name: "buy", Steps: make([]string, 5)}, {Name: "look", Steps: make([]string, 2)}}
	return s
}

// TestWeighsWhatTheRateCounts: a rate in the other unit and a heavier mix are
// weighed by the requests that they come to.
func TestWeighsWhatTheRateCounts(t *testing.T) {
	for _, c := range []struct {
		text     string
		requests bool
		twice    bool
		said     string
	}{
		{"rate 100 starts", true, true, "100 → 400 requests/s (×4)"},
		{"rate 30 starts", true, false, "100 → 120 requests/s (×1.2)"},
		{"rate 500 requests", false, false, "100 → 125 starts/s (×1.2)"},
		{"rate 1k requests", false, true, "100 → 250 starts/s (×2.5)"},
		{"rate x3", true, true, "100 → 300 requests/s (×3)"},
		{"wave 50..300 every 1m", false, true, "100 → 50 to 300 starts/s (×3)"},
		{"weight buy 90%", false, false, ""},
		{"weight buy 90%", true, false, ""},
	} {
		do, err := grammar.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if said, twice := Weigh(shops(c.requests), do); said != c.said || twice != c.twice {
			t.Errorf("%s: %q, asks %v", c.text, said, twice)
		}
	}
	closed := shops(false)
	closed.Dial.Closed = true
	for text, want := range map[string]string{"rate 30": "max → 30 starts/s", "rate 400 requests": "max → 100 starts/s"} {
		do, err := grammar.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if said, _ := Weigh(closed, do); said != want {
			t.Errorf("%s: %q, want %q", text, said, want)
		}
	}
	heavy, _ := grammar.Parse("weight buy 90%")
	s := shops(false)
	s.Traffic.PerStart = 1.2
	if said, twice := Weigh(s, heavy); !twice || said != "1.20 → up to 4.70 requests for each start" {
		t.Errorf("%q, asks %v", said, twice)
	}
}

// TestWeighsWhatPhasesWant: a wave counts by its high end, and where the size
// of a raise is not known before, it asks.
func TestWeighsWhatPhasesWant(t *testing.T) {
	s := tuitest.Running()
	s.Dial = engine.Dial{Rate: 100, Now: 100, Concurrency: 64}
	wants := engine.Dial{Rate: 50, Now: 50, Concurrency: 64, Shape: engine.Shape{Kind: "wave", Text: "wave 50..900 every 1m"}}
	s.Phases = engine.PhaseState{Count: 3, Index: 2, Wants: wants}
	s.UndoText, s.UndoRaises = "rate 100 > 5000", true
	for text, want := range map[string]bool{
		"phases on": true, "phases off": false, "phases skip": true, "phases restart": true, "undo": true,
	} {
		do, err := grammar.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if said, twice := Weigh(s, do); twice != want {
			t.Errorf("%s: asks %v (%s)", text, twice, said)
		}
	}
	s.UndoRaises, s.Phases.Wants.Shape.Text = false, "wave 50..120 every 1m"
	for _, text := range []string{"phases on", "undo"} {
		do, _ := grammar.Parse(text)
		if said, twice := Weigh(s, do); twice {
			t.Errorf("%s asks (%s)", text, said)
		}
	}
}

// Without phases nothing is promised of them, and a large factor is read.
func TestWeighsWithoutPhases(t *testing.T) {
	s := tuitest.Running()
	s.Dial = engine.Dial{Rate: 100, Now: 100, Concurrency: 64}
	s.Phases = engine.PhaseState{}
	for text, want := range map[string]string{
		"phases on": noPhases, "phases off": noPhases, "phases skip": noPhases, "phases restart": noPhases,
		"rate 1000k": "100 → 1,000,000 (×10,000)", "rate 250": "100 → 250 (×2.5)",
	} {
		do, err := grammar.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		said, twice := Weigh(s, do)
		if said != want || twice != (do.Verb == grammar.Rate) {
			t.Errorf("%s: %q, asks %v; want %q", text, said, twice, want)
		}
	}
}

// TestUndoOfAWeightAsks: taking back a weight asks if a start then has more
// requests.
func TestUndoOfAWeightAsks(t *testing.T) {
	for _, c := range []struct {
		per      float64
		requests bool
		undo     string
		asks     bool
	}{
		{2.6, false, "weight look 60% back to weight look 25%", true},
		{2.6, true, "weight look 60% back to weight look 25%", false},
		{4.9, false, "weight look 0% back to weight look 60%", false},
		{2.6, false, "rate 200 back to rate 100", false},
	} {
		p := newPresser()
		s := shops(c.requests)
		s.Traffic.PerStart, s.UndoText = c.per, c.undo
		p.at(s)
		p.press("u")
		if asks := p.a.ask != nil; asks != c.asks || len(p.run.orders) == 0 != c.asks {
			t.Errorf("%+v: asks %v, orders %v", c, asks, p.run.orders)
		}
	}
}

// TestNoteEndsWithTheNextOrder: what was said about a pause does not stand
// beside the load that goes on.
func TestNoteEndsWithTheNextOrder(t *testing.T) {
	p := newPresser()
	p.at(tuitest.Running())
	p.press("space")
	if !strings.Contains(p.a.note, "load to zero") {
		t.Fatalf("after space: %q", p.a.note)
	}
	p.at(p.run.snap)
	p.a.say("load to zero")
	p.now = p.now.Add(time.Second)
	p.press("down")
	if p.a.note != "" {
		t.Errorf("after the next order: %q", p.a.note)
	}
}
