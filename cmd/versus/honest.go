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
	Sent, OK, Status, Limited, Assert, Error int64
	Abandoned                                struct{ Cut, Stop int64 }
}

type stokeHistogram struct {
	Count         int64
	P50, P90, P99 *float64
	P999          *float64 `json:"p99.9"`
}

type stokeResult struct {
	Stoke   int
	Model   string
	Exit    int
	Counts  stokeCounts
	Latency *struct {
		Response, Service, TTFB map[string]stokeHistogram
		PacerLag                stokeHistogram `json:"pacer_lag"`
		SlotWait                stokeHistogram `json:"slot_wait"`
		Connect                 stokeHistogram
		DispatchLag             stokeHistogram `json:"dispatch_lag"`
	}
	Health struct{ Verdict, Audit string }
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
	for percentile, value := range map[float64]*float64{50: ok.P50, 90: ok.P90, 99: ok.P99, 99.9: ok.P999} {
		if value != nil {
			found.put(percentile, *value, time.Millisecond)
		}
	}
	return found.orNone()
}

// measuredAll says whether the run measured what it sent: without this, the
// fastest generator is one that leaves the histograms out. seen is how many
// requests the server counted. The error names every number that disagrees.
//
// Each stage has a sample for each request that came so far: the stages of an
// answer for each ok, the stages before sending for each request sent. In the
// closed model nothing is due before it can be sent, so there is no pacer lag
// and no wait for a slot.
func measuredAll(result stokeResult, seen int64) error {
	var wrong []error
	same := func(what string, got, want int64) {
		if got != want {
			wrong = append(wrong, fmt.Errorf("%s is %d, not %d", what, got, want))
		}
	}
	c := result.Counts
	answered := c.OK + c.Status + c.Limited + c.Assert
	if c.OK == 0 {
		wrong = append(wrong, errors.New("nothing was ok"))
	}
	same("what the server counted", seen, c.Sent)
	same("the count of response.ok", result.Latency.Response["ok"].Count, c.OK)
	same("the count of response.answered", result.Latency.Response["answered"].Count, answered)
	same("the count of service.ok", result.Latency.Service["ok"].Count, c.OK)
	same("the count of ttfb.ok", result.Latency.TTFB["ok"].Count, c.OK)
	same("the count of connect", result.Latency.Connect.Count, c.Sent)
	same("the count of dispatch_lag", result.Latency.DispatchLag.Count, c.Sent)
	if result.Model != "closed" {
		same("the count of pacer_lag", result.Latency.PacerLag.Count, c.Sent)
		same("the count of slot_wait", result.Latency.SlotWait.Count, c.Sent)
	}
	if result.Health.Audit != "ok" {
		wrong = append(wrong, fmt.Errorf("the audit says %q", result.Health.Audit))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("stoke did not measure what it sent: %w", errors.Join(wrong...))
	}
	return nil
}
