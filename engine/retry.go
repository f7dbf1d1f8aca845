package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/profiles"
)

// retries is when and how a request is sent again.
type retries struct {
	attempts     int
	errors       bool
	limited      bool
	obey         bool // a limited answer's Retry-After
	statuses     []profiles.StatusRange
	backoff, max time.Duration
	jitter       float64
	budget       float64
}

// What holds for a client that reacts to a limiter and says nothing else.
const (
	limitedAttempts = 5
	limitedBackoff  = time.Second
	limitedMax      = 30 * time.Second
)

// retriesOf is the policy of a request: its own, else the profile's, and what
// the profile says of limited answers. Nil if it is never sent again.
func retriesOf(p *profiles.Profile, q *profiles.Request) *retries {
	said := q.Retry
	if said == nil {
		said = p.Retry
	}
	heeds := p.OnLimited == "obey" || p.OnLimited == "backoff"
	if said == nil && !heeds {
		return nil
	}
	y := &retries{attempts: limitedAttempts, backoff: limitedBackoff, max: limitedMax, jitter: 0.5}
	if said != nil {
		y = &retries{attempts: said.Attempts, backoff: said.Backoff, max: said.Max, jitter: said.Jitter, budget: said.Budget}
		for _, on := range said.On {
			switch on {
			case "error":
				y.errors = true
			case "limited":
				y.limited = true
			default:
				y.statuses = append(y.statuses, statusRange(on))
			}
		}
	}
	y.limited = y.limited || heeds
	y.obey = p.OnLimited == "obey"
	return y
}

// statusRange reads 503 or 5xx, which the profile's reader has checked.
func statusRange(text string) profiles.StatusRange {
	if class, ok := strings.CutSuffix(text, "xx"); ok {
		n, _ := strconv.Atoi(class)
		return profiles.StatusRange{From: 100 * n, To: 100*n + 99}
	}
	n, _ := strconv.Atoi(text)
	return profiles.StatusRange{From: n, To: n}
}

// wants reports whether an outcome asks for another attempt.
func (y *retries) wants(sample *measure.Sample) bool {
	switch sample.Class {
	case measure.Error:
		return y.errors
	case measure.Limited:
		if y.limited {
			return true
		}
	case measure.Status:
	default:
		return false
	}
	return slices.ContainsFunc(y.statuses, func(r profiles.StatusRange) bool {
		return int(sample.Status) >= r.From && int(sample.Status) <= r.To
	})
}

// pause is the wait before attempt number next, from 2, in nanoseconds:
// exponential backoff with a share of it drawn at random, or what the limiter
// asked for.
func (y *retries) pause(next int, sample *measure.Sample, rng *rand.Rand) int64 {
	if y.obey && sample.Class == measure.Limited && sample.RetryAfter >= 0 {
		return int64(sample.RetryAfter) * 1e9
	}
	wait := float64(y.backoff)
	for n := 2; n < next && (y.max == 0 || wait < float64(y.max)); n++ {
		wait *= 2
	}
	if y.max > 0 {
		wait = min(wait, float64(y.max))
	}
	return int64(wait * (1 - y.jitter*rng.Float64()))
}

// String says the policy in short: "3 attempts on error, 5xx".
func (y *retries) String() string {
	var on []string
	if y.errors {
		on = append(on, "error")
	}
	if y.limited {
		on = append(on, "throttled")
	}
	for _, r := range y.statuses {
		switch {
		case r.From == r.To:
			on = append(on, strconv.Itoa(r.From))
		default:
			on = append(on, strconv.Itoa(r.From/100)+"xx")
		}
	}
	text := fmt.Sprintf("%d attempts on %s", y.attempts, strings.Join(on, ", "))
	if y.obey {
		text += ", obeying Retry-After"
	}
	return text
}

// again reports whether a request is to be sent once more, and after which wait
// in nanoseconds.
func (f *flow) again(e *endpoint, sample *measure.Sample, who killer) (int64, bool) {
	y := e.retry
	if y == nil {
		return 0, false
	}
	if f.attempts == 1 {
		f.r.figures.retries.first(sample.T8)
	}
	if who != 0 && who != byTimeout || sample.Fault == uint8(wire.Unfilled) || !y.wants(sample) || f.attempts >= y.attempts {
		return 0, false
	}
	if !f.r.figures.retries.allow(sample.T8, y.budget) {
		return 0, false
	}
	return y.pause(f.attempts+1, sample, f.rng), true
}

// retryFigures count what retries did. Any goroutine may call its methods.
type retryFigures struct {
	mu      sync.Mutex
	retries int64
	rescued int64
	gaveUp  int64
	denied  int64
	firsts  tenSeconds
	agains  tenSeconds
}

// first counts a first attempt that ended at the time at.
func (c *retryFigures) first(at int64) {
	c.mu.Lock()
	c.firsts.add(at)
	c.mu.Unlock()
}

// sent counts a further attempt that left.
func (c *retryFigures) sent() {
	c.mu.Lock()
	c.retries++
	c.mu.Unlock()
}

// allow books a retry, or says that the budget has none: so many for each
// first attempt over the last 10 s.
func (c *retryFigures) allow(at int64, budget float64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if budget > 0 && float64(c.agains.sum(at)+1) > budget*float64(c.firsts.sum(at)) {
		c.denied++
		return false
	}
	c.agains.add(at)
	return true
}

// end counts the end of a request that took so many attempts.
func (c *retryFigures) end(attempts int, ok bool) {
	if attempts < 2 {
		return
	}
	c.mu.Lock()
	if ok {
		c.rescued++
	} else {
		c.gaveUp++
	}
	c.mu.Unlock()
}

// tenSeconds counts over the last ten whole seconds and the open one.
type tenSeconds struct {
	newest int64
	counts [11]int64
}

func (t *tenSeconds) roll(at int64) {
	second := at / 1e9
	for n := 0; t.newest < second && n < len(t.counts); n++ {
		t.newest++
		t.counts[t.newest%int64(len(t.counts))] = 0
	}
	t.newest = max(t.newest, second)
}

func (t *tenSeconds) add(at int64) {
	t.roll(at)
	t.counts[t.newest%int64(len(t.counts))]++
}

func (t *tenSeconds) sum(at int64) (n int64) {
	t.roll(at)
	for _, c := range t.counts {
		n += c
	}
	return n
}
