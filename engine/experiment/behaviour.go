package experiment

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// Behaviour says how a target answers. Times count from the start of the run.
// The zero value answers at once. It is plain data, so that it can be told to
// another process.
type Behaviour struct {
	Service time.Duration // from the arrival to the answer
	// During the first Stall of each Period nothing is answered: what arrives
	// then is served when it ends. A Period of 0 stalls once.
	Stall, Period time.Duration
	Silent        time.Duration // from here on nothing is answered at all; 0 for never
	OneByOne      bool          // a single worker serves in order of arrival
	// With a Median the service is drawn from a lognormal distribution of shape
	// Sigma: a function of Seed and the request's number.
	Median time.Duration
	Sigma  float64
	Seed   uint64

	DropEvery int64         // requests with a number divisible by it find the connection closed
	HangEvery int64         // and those by this no answer ever
	IdleClose time.Duration // a connection that idles this long is closed; 0 for never
	Bodies    bool          // the body's size and framing follow from the number; see bodyOf
	TLS       bool          // with a certificate of its own making
	// Scripts says, by path, what to send instead and how to end.
	Scripts map[string]Script
}

// Script is an answer byte by byte.
type Script struct {
	Text string
	Then End
}

// End is what follows a script.
type End int

// The ends.
const (
	KeepOpen End = iota
	Finish       // close the connection
	Reset        // close it with a RST
	Hang         // say nothing more
)

// Call is a request that reached a target.
type Call struct {
	Seq     int64 // of its X-Seq header, -1 without one
	Conn    int64 // the connection's number, from 0
	Arrival int64 // nanoseconds since the start of the run
	In      int64 // bytes, header included
}

// Entry is what a target's log says about a request.
type Entry struct {
	Call
	Departure int64 // just before the answer was written, 0 without one
	Out       int64 // bytes of the answer, header included
}

// never is a departure that does not come.
const never = math.MaxInt64

// conduct is a behaviour with the state that it needs. Its methods may be called
// from any goroutine.
type conduct struct {
	Behaviour
	mu   sync.Mutex
	busy int64 // until when the one worker is
}

// answer decides when the answer to a call leaves, never for not at all. drop
// says that the connection is closed instead.
func (c *conduct) answer(call Call) (depart int64, drop bool) {
	numbered := call.Seq > 0
	switch {
	case numbered && c.HangEvery > 0 && call.Seq%c.HangEvery == 0:
		return never, false
	case numbered && c.DropEvery > 0 && call.Seq%c.DropEvery == 0:
		return call.Arrival, true
	case c.Silent > 0 && call.Arrival >= int64(c.Silent):
		return never, false
	}
	from, service := call.Arrival, int64(c.Service)
	if c.Median > 0 {
		draws := rand.New(rand.NewPCG(c.Seed, uint64(call.Seq)))
		service = int64(float64(c.Median) * math.Exp(c.Sigma*draws.NormFloat64()))
	}
	if !c.OneByOne {
		return c.awake(from) + service, false
	}
	// The worker's time is reckoned, not slept: late timers do not add up.
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = c.awake(max(from, c.busy)) + service
	return c.busy, false
}

// awake is the first moment from t on that is not in a stall.
func (c *conduct) awake(t int64) int64 {
	if c.Stall == 0 {
		return t
	}
	into := t
	if c.Period > 0 {
		into = t % int64(c.Period)
	}
	if into < int64(c.Stall) {
		return t - into + int64(c.Stall)
	}
	return t
}
