package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func stokeSample(t *testing.T) (result stokeResult, text map[string]any) {
	t.Helper()
	raw := sample(t, "stoke.json")
	result, err := readStoke(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(raw), &text); err != nil {
		t.Fatal(err)
	}
	return result, text
}

func TestMeasuredAll(t *testing.T) {
	result, _ := stokeSample(t)
	if err := measuredAll(result, result.Counts.Sent); err != nil {
		t.Error(err)
	}
	if err := measuredAll(result, result.Counts.Sent-1); err == nil || !strings.Contains(err.Error(), "the server counted") {
		t.Errorf("the server saw one less: %v", err)
	}
}

// TestUnmeasuredIsCaught: a stoke that leaves out any histogram, or samples of
// it, is found out, whichever it is.
func TestUnmeasuredIsCaught(t *testing.T) {
	for _, path := range []string{
		"latency response ok", "latency response answered", "latency response intended", "latency service ok", "latency ttfb ok",
		"latency pacer_lag", "latency slot_wait", "latency connect", "latency dispatch_lag",
	} {
		for _, count := range []float64{0, 11845} { // none; one less
			_, text := stokeSample(t)
			node := text
			for key := range strings.FieldsSeq(path) {
				node = node[key].(map[string]any)
			}
			node["count"] = count
			changed, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			result, err := readStoke(string(changed))
			if err != nil {
				t.Fatal(err)
			}
			words := strings.Fields(path)
			want := "the count of " + strings.Join(words[1:], ".")
			if err := measuredAll(result, result.Counts.Sent); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s has %v samples: %v", path, count, err)
			}
		}
	}
	result, _ := stokeSample(t)
	result.Health.Audit = "broken"
	if err := measuredAll(result, result.Counts.Sent); err == nil {
		t.Error("a broken audit passes")
	}
	result, _ = stokeSample(t)
	result.Segments = nil
	if err := measuredAll(result, result.Counts.Sent); err == nil {
		t.Error("a result without segments passes")
	}
	result, _ = stokeSample(t)
	result.Segments[0].Latency.DispatchLag.Count--
	if err := measuredAll(result, result.Counts.Sent); err == nil {
		t.Error("a segment that lost a sample passes")
	}
}
