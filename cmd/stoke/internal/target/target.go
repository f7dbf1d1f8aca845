package target

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Target answers requests as its Config says. It is an http.Handler; all
// methods may be called from any goroutine.
type Target struct {
	config  Config
	began   time.Time
	limiter *limiter      // nil without a rate limit
	workers chan struct{} // nil without a capacity
	journal *journal      // nil without a log
	shop    *shop
	server  *http.Server

	drawn       atomic.Uint64
	connections atomic.Int64
	statuses    [600]atomic.Int64
	gone        atomic.Int64
}

// New prepares a target. Close releases it.
func New(c Config) *Target {
	t := &Target{config: c, began: time.Now(), shop: newShop(&c)}
	if c.RateLimit > 0 {
		t.limiter = newLimiter(c.RateLimit, c.Burst)
	}
	if c.Capacity > 0 {
		t.workers = make(chan struct{}, c.Capacity)
	}
	if c.Log != nil {
		t.journal = newJournal(c.Log)
	}
	t.server = &http.Server{
		Handler:           t,
		ReadHeaderTimeout: 30 * time.Second,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, t.connections.Add(1))
		},
	}
	return t
}

// connKey finds the number of the connection in a request's context.
type connKey struct{}

// Serve answers on l until Shutdown, and then returns nil.
func (t *Target) Serve(l net.Listener) error {
	if err := t.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops serving: idle connections are closed at once, the others when
// their request has ended or ctx is done. Then the log is written out; the
// error is that of the log.
func (t *Target) Shutdown(ctx context.Context) error {
	if t.server.Shutdown(ctx) != nil {
		t.server.Close()
	}
	if t.journal == nil {
		return nil
	}
	return t.journal.close()
}

// Counts are what the target has answered so far.
type Counts struct {
	Requests    int64         // all of them, those whose client had gone included
	Status      map[int]int64 // without the statuses that never occurred
	Gone        int64         // the client left before the answer
	Connections int64         // accepted, ever
}

// Counts returns the counts of this moment.
func (t *Target) Counts() Counts {
	c := Counts{Status: map[int]int64{}, Gone: t.gone.Load(), Connections: t.connections.Load()}
	c.Requests = c.Gone
	for status := range t.statuses {
		if n := t.statuses[status].Load(); n > 0 {
			c.Status[status] = n
			c.Requests += n
		}
	}
	return c
}

// answer is what the shop says to a request that is worked on.
type answer struct {
	status   int
	body     []byte
	location string        // of what was made; empty for none
	cookie   string        // to be set; empty for none
	wait     time.Duration // to be named as Retry-After; 0 for none
	slower   float64       // factor on the latency; 0 is 1
	free     bool          // neither limited nor queued nor delayed nor failed

	// late makes the rest of the answer once the work is done, for what changes
	// something or depends on the time; nil where the answer is always the same.
	late func(now time.Duration) answer
}

// ServeHTTP answers one request.
func (t *Target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	arrived := time.Since(t.began)
	a := t.work(r, t.shop.answer(r))
	if a.status == 0 {
		t.gone.Add(1)
		return
	}
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	if a.location != "" {
		h["Location"] = []string{a.location}
	}
	if a.cookie != "" {
		h["Set-Cookie"] = []string{a.cookie}
	}
	if a.wait > 0 {
		h["Retry-After"] = []string{t.retryAfter(a.wait)}
	}
	status := a.status
	t.statuses[status].Add(1)
	w.WriteHeader(status)
	w.Write(a.body)
	if t.journal == nil {
		return
	}
	// Out to the socket now, so that the departure is not stamped early.
	http.NewResponseController(w).Flush()
	conn, _ := r.Context().Value(connKey{}).(int64)
	began := t.began.UnixNano()
	t.journal.add(entry{
		seq:       r.Header.Get("X-Seq"),
		conn:      conn,
		arrival:   began + int64(arrived),
		departure: began + int64(time.Since(t.began)),
		status:    status,
	})
}

var jsonType = []string{"application/json"}

var (
	tooMany  = []byte(`{"error":"too many requests"}` + "\n")
	upstream = []byte(`{"error":"upstream timed out"}` + "\n")
)

// retryAfter writes a wait as the header has it, rounded up to whole seconds.
func (t *Target) retryAfter(wait time.Duration) string {
	if t.config.RetryDate {
		at := time.Now().Add(wait + time.Second - 1) // a date has no fraction
		return at.UTC().Format(http.TimeFormat)
	}
	return strconv.Itoa(int(math.Ceil(wait.Seconds())))
}

// work makes the request wait and fail as configured and returns what to
// answer; status 0 means that the client has gone.
func (t *Target) work(r *http.Request, a answer) answer {
	gone := r.Context().Done()
	if !sleep(t.stallLeft(), gone) {
		return answer{}
	}
	if a.free {
		return a
	}
	if t.limiter != nil {
		if wait, ok := t.limiter.take(time.Since(t.began)); !ok {
			return answer{status: http.StatusTooManyRequests, body: tooMany, wait: wait}
		}
	}
	if t.workers != nil {
		select {
		case t.workers <- struct{}{}:
			defer func() { <-t.workers }()
		case <-gone:
			return answer{}
		}
	}
	latency, failed := t.draw()
	if a.slower > 0 {
		latency = time.Duration(float64(latency) * a.slower)
	}
	// What is at work when a stall begins is held by it too.
	if !sleep(latency, gone) || !sleep(t.stallLeft(), gone) {
		return answer{}
	}
	switch {
	case failed:
		return answer{status: http.StatusInternalServerError, body: upstream}
	case a.late != nil:
		return a.late(time.Since(t.began))
	}
	return a
}

// draw decides how long the next request takes and whether it fails. Each
// request has its own generator, derived from the seed and its number, so no
// lock is shared.
func (t *Target) draw() (latency time.Duration, failed bool) {
	if t.config.Errors == 0 && t.config.Latency.Sigma == 0 {
		return t.config.Latency.Median, false
	}
	n := t.drawn.Add(1)
	random := rand.New(rand.NewPCG(t.config.Seed, n*0x9e3779b97f4a7c15))
	failed = random.Float64() < t.config.Errors
	return t.config.Latency.at(random.NormFloat64()), failed
}

// stallLeft is how long the present stall goes on, 0 outside a stall. The
// first one ends one period after the start.
func (t *Target) stallLeft() time.Duration {
	every := t.config.StallEvery
	if every <= 0 {
		return 0
	}
	left := every - time.Since(t.began)%every
	if left > t.config.StallFor {
		return 0
	}
	return left
}

// sleep waits for d and reports false if gone was closed before.
func sleep(d time.Duration, gone <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-gone:
		return false
	}
}
