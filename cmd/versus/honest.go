package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// stokeCounts and stokeResult are what versus reads of stoke's result, version
// 1 (times in milliseconds).
type stokeCounts struct {
	Intended, Sent, OK, Status, Limited, Assert int64
	Unsent                                      struct{ Superseded int64 }
	Abandoned                                   struct{ Cut, Stop int64 }
}

type stokeHistogram struct {
	Count              int64
	P50, P90, P95, P99 *float64
	P999               *float64 `json:"p99.9"`
}

type stokeLatency struct {
	Response, Service, TTFB map[string]stokeHistogram
	PacerLag                stokeHistogram `json:"pacer_lag"`
	SlotWait                stokeHistogram `json:"slot_wait"`
	Connect                 stokeHistogram
	DispatchLag             stokeHistogram `json:"dispatch_lag"`
}

type stokeResult struct {
	Stoke    int
	Model    string
	Counts   stokeCounts
	Latency  *stokeLatency
	Segments []struct {
		Counts  stokeCounts
		Latency stokeLatency
	}
	Health struct{ Audit string }
}

// readStoke reads a result and refuses what is none.
func readStoke(output string) (stokeResult, error) {
	var result stokeResult
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		return result, fmt.Errorf("reading stoke's result: %w", err)
	}
	if result.Stoke != 1 || result.Latency == nil {
		return result, errors.New("reading stoke's result: not a result of version 1 with latencies")
	}
	return result, nil
}

// parseStoke reads the response times of what succeeded. A percentile that is
// null had too few samples.
func parseStoke(output string) (quantiles, error) {
	result, err := readStoke(output)
	if err != nil {
		return nil, err
	}
	ok := result.Latency.Response["ok"]
	found := quantiles{}
	for percentile, value := range map[float64]*float64{50: ok.P50, 90: ok.P90, 95: ok.P95, 99: ok.P99, 99.9: ok.P999} {
		if value != nil {
			found.put(percentile, *value, time.Millisecond)
		}
	}
	return found.orNone()
}

// measuredAll says whether the run measured what it sent: without this, the
// fastest generator is one that leaves the histograms out. seen is how many
// requests the server counted. The error names every number that disagrees.
func measuredAll(result stokeResult, seen int64) error {
	var wrong []error
	same := func(what string, got, want int64) {
		if got != want {
			wrong = append(wrong, fmt.Errorf("%s is %d, not %d", what, got, want))
		}
	}
	if result.Counts.OK == 0 {
		wrong = append(wrong, errors.New("nothing was ok"))
	}
	if result.Health.Audit != "ok" {
		wrong = append(wrong, fmt.Errorf("the audit says %q", result.Health.Audit))
	}
	same("what the server counted", seen, result.Counts.Sent)
	everySample("", result.Model, result.Counts, *result.Latency, same)
	var inSegments int64
	for i, segment := range result.Segments {
		everySample(fmt.Sprintf("segment %d: ", i+1), result.Model, segment.Counts, segment.Latency, same)
		inSegments += segment.Counts.Sent
	}
	same("what the segments sent", inSegments, result.Counts.Sent)
	if len(wrong) > 0 {
		return fmt.Errorf("stoke did not measure what it sent: %w", errors.Join(wrong...))
	}
	return nil
}

// everySample compares the histograms with the counts: the stages of an answer
// have a sample for each ok, the stages before sending one for each request
// sent. In the closed model nothing is due before it can be sent, so there is
// no pacer lag and no wait for a slot.
func everySample(where, model string, c stokeCounts, l stokeLatency, same func(what string, got, want int64)) {
	same(where+"the count of response.ok", l.Response["ok"].Count, c.OK)
	same(where+"the count of response.answered", l.Response["answered"].Count, c.OK+c.Status+c.Limited+c.Assert)
	same(where+"the count of response.intended", l.Response["intended"].Count, c.Intended-c.Unsent.Superseded-c.Abandoned.Cut-c.Abandoned.Stop)
	same(where+"the count of service.ok", l.Service["ok"].Count, c.OK)
	same(where+"the count of ttfb.ok", l.TTFB["ok"].Count, c.OK)
	same(where+"the count of connect", l.Connect.Count, c.Sent)
	same(where+"the count of dispatch_lag", l.DispatchLag.Count, c.Sent)
	if model != "closed" {
		same(where+"the count of pacer_lag", l.PacerLag.Count, c.Sent)
		same(where+"the count of slot_wait", l.SlotWait.Count, c.Sent)
	}
}
