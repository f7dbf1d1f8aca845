package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// quantiles are the response times a tool printed, by percentile ("p99.9"). A
// percentile that is not in it was not reported.
type quantiles map[string]time.Duration

// shown are the percentiles of the stall table, with their share.
var shown = []struct {
	name  string
	share float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}}

// put stores a percentile (0–100) if it is one that is shown.
func (q quantiles) put(percentile, value float64, unit time.Duration) {
	name := "p" + strconv.FormatFloat(percentile, 'f', -1, 64)
	for _, p := range shown {
		if p.name == name {
			q[name] = time.Duration(value * float64(unit))
		}
	}
}

// orNone returns what was found, or an error if that is nothing.
func (q quantiles) orNone() (quantiles, error) {
	if len(q) == 0 {
		return nil, errors.New("no percentiles in its output")
	}
	return q, nil
}

// lines collects the percentiles that a pattern finds: its first group is the
// percentile, its second the value, which read understands.
func lines(output string, pattern *regexp.Regexp, read func(string) (time.Duration, error)) (quantiles, error) {
	found := quantiles{}
	for _, match := range pattern.FindAllStringSubmatch(output, -1) {
		percentile, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			return nil, err
		}
		value, err := read(match[2])
		if err != nil {
			return nil, err
		}
		found.put(percentile, float64(value), time.Nanosecond)
	}
	return found.orNone()
}

// of reads a plain number in a unit.
func of(unit time.Duration) func(string) (time.Duration, error) {
	return func(number string) (time.Duration, error) {
		value, err := strconv.ParseFloat(number, 64)
		return time.Duration(value * float64(unit)), err
	}
}

var wrkLine = regexp.MustCompile(`(?m)^\s+(\d+(?:\.\d+)?)%\s+([\d.]+(?:us|ms|s|m|h))\s*$`)

// parseWrk reads wrk's "Latency Distribution".
func parseWrk(output string) (quantiles, error) {
	return lines(output, wrkLine, time.ParseDuration)
}

// parseWrk2 reads wrk2's, which has more digits and is followed by a plot with
// the steps between.
func parseWrk2(output string) (quantiles, error) {
	distribution, spectrum, _ := strings.Cut(output, "Detailed Percentile spectrum")
	found, err := lines(distribution, wrkLine, time.ParseDuration)
	if err != nil {
		return nil, err
	}
	for name, value := range plot(spectrum) {
		if _, has := found[name]; !has {
			found[name] = value
		}
	}
	return found, nil
}

// parseH2load finds nothing: h2load prints least, most, mean and deviation.
func parseH2load(output string) (quantiles, error) {
	if !strings.Contains(output, "time for request:") {
		return nil, errors.New("no times in its output")
	}
	return quantiles{}, nil
}

var abLine = regexp.MustCompile(`(?m)^\s+(\d+)%\s+(\d+)`)

// parseAb reads ab's table of whole milliseconds.
func parseAb(output string) (quantiles, error) {
	return lines(output, abLine, of(time.Millisecond))
}

var ohaLine = regexp.MustCompile(`(?m)^\s+([\d.]+)%\s+in\s+([\d.]+ ?(?:ns|us|µs|ms|secs|sec|s))\s*$`)

// parseOha reads oha's text, in which older versions write seconds only.
func parseOha(output string) (quantiles, error) {
	return lines(output, ohaLine, func(text string) (time.Duration, error) {
		text = strings.ReplaceAll(text, " ", "")
		return time.ParseDuration(strings.Replace(strings.TrimSuffix(text, "ecs"), "sec", "s", 1))
	})
}

// parseVegeta reads the plot that vegeta prints.
func parseVegeta(output string) (quantiles, error) { return plot(output).orNone() }

// plot reads the steps of an HdrHistogram plot: value in milliseconds,
// quantile, count, 1/(1-quantile). A percentile is the first step at or above.
func plot(output string) quantiles {
	found := quantiles{}
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		value, err1 := strconv.ParseFloat(fields[0], 64)
		quantile, err2 := strconv.ParseFloat(fields[1], 64)
		if err1 != nil || err2 != nil {
			continue
		}
		for _, p := range shown {
			if _, has := found[p.name]; !has && quantile >= p.share-1e-9 {
				found[p.name] = time.Duration(value * float64(time.Millisecond))
			}
		}
	}
	return found
}

// parseFortio reads fortio's JSON, in seconds.
func parseFortio(output string) (quantiles, error) {
	var result struct {
		DurationHistogram struct {
			Percentiles []struct{ Percentile, Value float64 }
		}
	}
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		return nil, err
	}
	found := quantiles{}
	for _, p := range result.DurationHistogram.Percentiles {
		found.put(p.Percentile, p.Value, time.Second)
	}
	return found.orNone()
}

// parseBombardier reads bombardier's JSON, in microseconds.
func parseBombardier(output string) (quantiles, error) {
	var result struct {
		Result struct {
			Latency struct{ Percentiles map[string]float64 }
		}
	}
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		return nil, err
	}
	found := quantiles{}
	for percent, value := range result.Result.Latency.Percentiles {
		p, err := strconv.ParseFloat(percent, 64)
		if err != nil {
			return nil, err
		}
		found.put(p, value, time.Microsecond)
	}
	return found.orNone()
}

// parsePlow reads plow's JSON, whose values carry their units.
func parsePlow(output string) (quantiles, error) {
	var result struct{ Percentiles map[string]string }
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		return nil, err
	}
	found := quantiles{}
	for name, text := range result.Percentiles {
		value, err := time.ParseDuration(text)
		if err != nil {
			return nil, err
		}
		percentile, err := strconv.ParseFloat(strings.TrimPrefix(name, "P"), 64)
		if err != nil {
			return nil, err
		}
		found.put(percentile, float64(value), time.Nanosecond)
	}
	return found.orNone()
}

// heyLine allows for the doubled percent sign of some versions.
var heyLine = regexp.MustCompile(`(?m)^\s+(\d+)%+ in ([\d.]+) secs`)

// parseHey reads hey's text, in seconds to four places.
func parseHey(output string) (quantiles, error) {
	return lines(output, heyLine, of(time.Second))
}

// parseK6 reads the summary that k6 exports, in milliseconds.
func parseK6(output string) (quantiles, error) {
	var result struct {
		Metrics map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		return nil, err
	}
	found := quantiles{}
	for key, value := range result.Metrics["http_req_duration"] {
		var percentile float64
		number, isNumber := value.(float64)
		if _, err := fmt.Sscanf(key, "p(%g)", &percentile); err == nil && isNumber {
			found.put(percentile, number, time.Millisecond)
		}
	}
	return found.orNone()
}

// parseAutocannon reads autocannon's JSON, in milliseconds, with p99_9 for
// p99.9.
func parseAutocannon(output string) (quantiles, error) {
	var result struct{ Latency map[string]float64 }
	if err := json.Unmarshal([]byte(output), &result); err != nil {
		return nil, err
	}
	found := quantiles{}
	for key, value := range result.Latency {
		percentile, err := strconv.ParseFloat(strings.Replace(strings.TrimPrefix(key, "p"), "_", ".", 1), 64)
		if err == nil {
			found.put(percentile, value, time.Millisecond)
		}
	}
	return found.orNone()
}
