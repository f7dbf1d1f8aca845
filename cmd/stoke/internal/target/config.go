package target

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Config says how the target behaves. The zero value answers at once, never
// fails and refuses nothing.
type Config struct {
	Latency    Latency
	Errors     float64       // share of requests answered with 500, 0 to 1
	RateLimit  float64       // admitted per second; 0 is no limit
	Burst      int           // admitted above the limit at once; at least 1 is used
	StallFor   time.Duration // every handler is held for the last StallFor of each StallEvery
	StallEvery time.Duration
	Capacity   int       // requests worked on at the same time, others queue; 0 is no limit
	RetryDate  bool      // Retry-After names a date instead of seconds
	JobTime    Latency   // of the work on a job, after it was accepted
	JobWorkers int       // jobs worked on at the same time, others queue; 0 is no limit
	JobFail    float64   // share of jobs that fail, 0 to 1
	Log        io.Writer // one line of JSON per request; nil for none
	Seed       uint64    // of latencies, errors and jobs: request n draws the same with the same seed
}

// Latency is a distribution of how long the work on a request takes. The zero
// value is no time at all.
type Latency struct {
	Median time.Duration
	Sigma  float64 // of the logarithm; 0 is constant
}

// maxLatency bounds what a latency may be set to, and what is drawn from a
// wide distribution.
const maxLatency = time.Minute

// ParseLatency reads "20ms" or "lognormal 20ms 0.8": the median, and the
// standard deviation of the natural logarithm.
func ParseLatency(text string) (Latency, error) {
	const allowed = `want a duration as in "20ms", or "lognormal 20ms 0.8" (median and sigma)`
	words := strings.Fields(text)
	var l Latency
	switch {
	case len(words) == 1:
	case len(words) == 3 && words[0] == "lognormal":
		sigma, err := strconv.ParseFloat(words[2], 64)
		if err != nil || !(sigma >= 0 && sigma <= 5) {
			return Latency{}, fmt.Errorf("sigma %q: want a number from 0 to 5", words[2])
		}
		l.Sigma = sigma
		words = words[1:]
	default:
		return Latency{}, fmt.Errorf("%q: %s", text, allowed)
	}
	d, err := duration(words[0])
	if err != nil {
		return Latency{}, fmt.Errorf("%q: %s", text, allowed)
	}
	if d < 0 || d > maxLatency {
		return Latency{}, fmt.Errorf("latency %s: want 0 to %s", words[0], maxLatency)
	}
	l.Median = d
	return l, nil
}

// String prints the latency as [ParseLatency] reads it.
func (l Latency) String() string {
	if l.Sigma == 0 {
		return l.Median.String()
	}
	return fmt.Sprintf("lognormal %s %v", l.Median, l.Sigma)
}

// Mean is the expected value of the distribution: for a lognormal one
// median·exp(sigma²/2).
func (l Latency) Mean() time.Duration {
	return time.Duration(float64(l.Median) * math.Exp(l.Sigma*l.Sigma/2))
}

// at turns a standard normal draw into a latency.
func (l Latency) at(normal float64) time.Duration {
	if l.Sigma == 0 {
		return l.Median
	}
	d := float64(l.Median) * math.Exp(l.Sigma*normal)
	return time.Duration(min(d, float64(maxLatency)))
}

// ParseStall reads "1s every 10s".
func ParseStall(text string) (length, every time.Duration, err error) {
	a, b, ok := strings.Cut(text, " every ")
	if ok {
		length, err = duration(strings.TrimSpace(a))
		if err == nil {
			every, err = duration(strings.TrimSpace(b))
		}
	}
	if !ok || err != nil {
		return 0, 0, fmt.Errorf(`%q: want a length and a period, as in "1s every 10s"`, text)
	}
	if length <= 0 || every <= length {
		return 0, 0, fmt.Errorf("%q: the stall must be longer than 0 and shorter than its period", text)
	}
	return length, every, nil
}

// ParseShare reads "1%" or "0.01" as a share from 0 to 1.
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf(`%q: want a share from 0%% to 100%%, as in "1%%"`, text)
	}
	return v, nil
}

// duration is time.ParseDuration that also takes a bare 0.
func duration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	return time.ParseDuration(text)
}
