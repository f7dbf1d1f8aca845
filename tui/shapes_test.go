package tui

import (
	"slices"
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

// TestKeysStepFromTheWave: a key steps from where the wave is.
func TestKeysStepFromTheWave(t *testing.T) {
	s := tuitest.Running()
	s.Dial = engine.Dial{Rate: 437, Now: 436.6, Shape: engine.Shape{Kind: "wave", Every: time.Minute}}
	if got := rateNow(s, 0); got != 436.6 {
		t.Errorf("from %v", got)
	}
}
