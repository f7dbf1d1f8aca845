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
	t := &Target{config: c, began: time.Now(), shop: newShop()}
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
	status int
	body   []byte
	slower float64 // factor on the latency; 0 is 1
	free   bool    // neither limited nor queued nor delayed nor failed
}

// ServeHTTP answers one request.
func (t *Target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	arrived := time.Since(t.began)
	a := t.shop.answer(r)
	status, body, retryAfter := t.work(r, a)
	if status == 0 {
		t.gone.Add(1)
		return
	}
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if retryAfter > 0 {
		h["Retry-After"] = []string{strconv.Itoa(retryAfter)}
	}
	t.statuses[status].Add(1)
	w.WriteHeader(status)
	w.Write(body)
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

// work makes the request wait and fail as configured and returns what to
// answer; status 0 means that the client has gone. retryAfter is in seconds, 0
// for none.
func (t *Target) work(r *http.Request, a answer) (status int, body []byte, retryAfter int) {
	gone := r.Context().Done()
	if !sleep(t.stallLeft(), gone) {
		return 0, nil, 0
	}
	if a.free {
		return a.status, a.body, 0
	}
	if t.limiter != nil {
		if wait, ok := t.limiter.take(time.Since(t.began)); !ok {
			return http.StatusTooManyRequests, tooMany, int(math.Ceil(wait.Seconds()))
		}
	}
	if t.workers != nil {
		select {
		case t.workers <- struct{}{}:
			defer func() { <-t.workers }()
		case <-gone:
			return 0, nil, 0
		}
	}
	latency, failed := t.draw()
	if a.slower > 0 {
		latency = time.Duration(float64(latency) * a.slower)
	}
	// What is at work when a stall begins is held by it too.
	if !sleep(latency, gone) || !sleep(t.stallLeft(), gone) {
		return 0, nil, 0
	}
	if failed {
		return http.StatusInternalServerError, upstream, 0
	}
	return a.status, a.body, 0
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
