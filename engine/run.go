package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"stoke/engine/health"
	"stoke/engine/measure"
	"stoke/engine/pace"
	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// Options are what a run needs besides its profile. The zero value of a field
// means its default.
type Options struct {
	Profile       *profiles.Profile // with defaults applied; required
	Files         profiles.Files    // what the files that the profile names hold
	ID            string            // default: UTC time and the profile's name
	Version       string            // of this program, for the User-Agent
	Seed          uint64            // of arrivals and of the choice of requests; default random
	Duration      time.Duration     // ends the run; 0 for no limit
	SeqHeader     string            // adds a running number to each request
	Ceiling       Ceiling           // from flags
	EndWithPhases bool              // end when the last phase ends, unless the operator drove
	Grace         time.Duration     // how long a stop waits for what is in flight; default a little over the timeout
	Transport     wire.Transport    // default: HTTP/1.1 to the profile's target
	Sleeper       func(epoch time.Time) pace.Sleeper
	NoHealth      bool // do not watch this machine: every metric is unknown
	// Crashed is called in a goroutine of the run that panicked, with the value
	// and the stack, to put the terminal in order and to end the process: the
	// run is broken from then on. With nil a panic ends the process by itself.
	Crashed func(v any, stack []byte)
	// KernelStamps is the share of connections on which the kernel is asked when
	// an answer came, for the health of this machine: 0, the default, to 1.
	KernelStamps float64
	Hooks        Hooks // for experiments
}

// graceMargin lets a request that left last come to its own timeout.
const graceMargin = 250 * time.Millisecond

// Order asks for a change.
type Order struct {
	Do      grammar.Change
	By      By
	Gesture uint64 // orders of one gesture (a held key) share a number other than 0 and are one step to undo
	// Rev, if not 0, is the [Dial.Rev] that a change of a dial was made out
	// from. If the dials were turned since, it is refused with [ErrMoved]: a
	// step of a key is sent as the value it leads to, and from another setting
	// that would be another step.
	Rev uint64
}

// Applied is what an order did.
type Applied struct {
	Event   Event
	Clamped bool   // a key's order was held at a ceiling
	Rev     uint64 // of the dials after it
}

// Run is one run. Its methods may be called from any goroutine.
type Run struct {
	options   Options
	profile   *profiles.Profile
	transport wire.Transport
	base      *url.URL // the target
	scripts   []*script
	endpoints []endpoint
	tables    []table
	extras    bool   // there is more than plain requests
	policy    string // how requests are sent again; empty if they are not
	flows     sync.Pool
	figures   figures
	openJobs  atomic.Int64
	kernel    kernelLag
	tries     tries
	ceiling   Ceiling
	addrs     atomic.Pointer[[]string]
	local     bool

	epoch   time.Time // the start; set once, before any goroutine that reads it
	disp    dispatcher
	sleeper pace.Sleeper
	shards  []*shard
	batches sync.Pool
	workers sync.WaitGroup

	closed    atomic.Bool   // the closed model
	surplus   atomic.Bool   // more slots are open than the concurrency
	openSlots atomic.Int64  // at least 1
	halts     atomic.Uint32 // pauses and stops so far
	segment   atomic.Int32
	seq       atomic.Int64
	retired   atomic.Int64 // connections closed because their slot left

	noted   [wire.NumFaults]atomic.Bool
	notesMu sync.Mutex
	notes   []faultNote

	rec      recording
	snapshot atomic.Pointer[Snapshot]
	probe    atomic.Pointer[ProbeResult]
	poked    chan struct{}
	moved    chan struct{} // a segment was opened: the target is to be looked up again
	ended    chan struct{} // closed when no request is open any more
	done     chan struct{}
	started  atomic.Bool
}

// New prepares a run: it compiles the requests, checks the limits of this
// machine and resolves the target. Nothing is sent.
func New(ctx context.Context, o Options) (*Run, error) {
	p := o.Profile
	if p == nil || len(p.Requests) == 0 {
		return nil, errors.New("engine: a run needs a profile with requests")
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()>>11 | 1 // readable as a number in JSON
	}
	if o.Grace == 0 {
		o.Grace = p.Timeout + graceMargin
	}
	if o.ID == "" {
		o.ID = time.Now().UTC().Format("20060102-150405") + "-" + p.Name
	}
	if o.Sleeper == nil {
		o.Sleeper = pace.NewSleeper
	}
	r := &Run{
		options: o, profile: p, ceiling: ceilingOf(p, o.Ceiling),
		poked: make(chan struct{}, 1), moved: make(chan struct{}, 1), ended: make(chan struct{}), done: make(chan struct{}),
	}
	_, r.local = Destination(p)
	r.batches.New = func() any { return new([batchLen]measure.Sample) }
	if r.transport = o.Transport; r.transport == nil {
		cfg := TransportConfig(p, o.Files)
		cfg.Crashed = o.Crashed
		cfg.KernelStamps = o.KernelStamps
		cfg.UserAgent = "stoke/" + o.Version + " run/" + o.ID
		t, err := wire.NewHTTP1(cfg)
		if err != nil {
			return nil, err
		}
		r.transport = t
	}
	var err error
	if r.base, err = url.Parse(p.Target); err != nil {
		return nil, err
	}
	if err := r.openTables(); err != nil {
		return nil, err
	}
	if err := r.compile(o.SeqHeader); err != nil {
		return nil, err
	}
	room := descriptorRoom()
	if p.Concurrency > room {
		return nil, refuse("raise the limit with ulimit -n, or lower the concurrency",
			"concurrency %d needs more open files than this machine allows (room for %d connections)", p.Concurrency, room)
	}
	if p.Concurrency > r.ceiling.Concurrency {
		return nil, refuse("lower it, or raise limits.concurrency in the profile or --limit-concurrency",
			"concurrency %d is above the ceiling of %d", p.Concurrency, r.ceiling.Concurrency)
	}
	if err := r.lookUp(ctx); err != nil {
		return nil, fmt.Errorf("resolving %s: %w", hostOf(p.Target), err)
	}
	r.prepare(room)
	if r.disp.driver.replays, err = recordings(p, o.Files.Arrivals, Ceiling{Rate: r.ceiling.Rate / r.perStart()}); err != nil {
		return nil, err
	}
	return r, nil
}

// prepare fills what Start needs and publishes the first snapshot.
func (r *Run) prepare(room int) {
	p, o := r.profile, &r.options
	d := &r.disp
	d.r = r
	d.sched = o.Hooks.newSchedule(pace.Arrivals(p.Arrivals), o.Seed)
	if r.countsRequests() && r.extras {
		d.sched = inRequests{d.sched, r}
	}
	d.mix = newMix(p.Requests, o.Seed)
	d.maxLate = int64(p.MaxLate)
	d.opening = openBurst
	for i := range 2 * runtime.GOMAXPROCS(0) {
		sh := &shard{}
		sh.closed.mix = newMix(p.Requests, o.Seed+uint64(i)+1)
		r.shards = append(r.shards, sh)
	}
	r.openSlots.Store(1)
	v := &d.driver
	v.d = d
	v.state, v.holder, v.rev = Ready, ByProfile, 1
	if len(p.Phases) == 0 {
		v.holder = ByFlag
	}
	v.bounds = bounds{Ceiling: r.dialCeiling(), wire: r.ceiling.Rate, descriptors: room}
	v.phases, v.endAfter = p.Phases, o.EndWithPhases
	v.end, v.phaseEnd = never, never
	v.dials = v.base()
	d.limit, d.shed = v.concurrency, v.late == "shed"
	r.rec.init(r)
	r.publishUnbegun()
}

// Start begins the load.
func (r *Run) Start() error {
	d := &r.disp
	d.mu.Lock()
	v := &d.driver
	if v.state != Ready {
		d.mu.Unlock()
		return refuse("", "the run has begun already")
	}
	runtime.GC() // what came before is not to be paid for during the load
	r.epoch = time.Now()
	r.transport.Start(r.epoch)
	r.sleeper = r.options.Sleeper(r.epoch)
	if r.options.Duration > 0 {
		v.end = int64(r.options.Duration)
	}
	v.state, v.stale = Running, true
	v.flow(0)
	if v.holder == ByProfile {
		v.advance(0)
	}
	v.settle(0, v.holder, "")
	r.started.Store(true)
	d.mu.Unlock()
	if !r.options.NoHealth {
		r.rec.monitor = health.Config{Crashed: r.options.Crashed}.Start()
	}
	if !r.facts().Fixed {
		r.workers.Go(r.lookUps)
	}
	go r.pace()
	go r.scan()
	go r.record()
	return nil
}

// guard is deferred in every goroutine of a run: once for each goroutine, so
// that it costs a request nothing.
func (r *Run) guard() {
	if r.options.Crashed == nil {
		return
	}
	if v := recover(); v != nil {
		r.options.Crashed(v, debug.Stack())
	}
}

// pace is the goroutine that releases requests when they are due.
func (r *Run) pace() {
	defer r.guard()
	buf := make([]wake, 0, releaseMax)
	for {
		next := r.disp.release(buf)
		select {
		case <-r.ended:
			return
		default:
		}
		r.sleeper.SleepUntil(next)
	}
}

// now is the time since the start in nanoseconds; 0 before it.
func (r *Run) now() int64 {
	if r.epoch.IsZero() {
		return 0
	}
	return int64(time.Since(r.epoch))
}

// wall is the wall clock at time t of the run.
func (r *Run) wall(t int64) time.Time { return r.epoch.Add(time.Duration(t)).Round(0) }

// rest pauses a slot of the closed model, at most until the run ends.
func (r *Run) rest(nanos int64) {
	t := time.NewTimer(time.Duration(nanos))
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.ended:
	}
}

// ceilingPerSlot is the rate that one slot of the closed model may reach, in
// requests per second.
func (r *Run) ceilingPerSlot() float64 {
	return r.ceiling.Rate / r.perStart() / float64(r.openSlots.Load())
}

// newSlot makes slot number i; the caller starts its worker.
func (r *Run) newSlot(i int) *slot {
	s := &slot{r: r, granted: -1, shard: r.shards[i%len(r.shards)], wake: make(chan ticket, 1)}
	s.conn = r.transport.Conn(s)
	return s
}

// nextSegment opens a segment: with every shard held, so that no slot of the
// closed model begins a request under the old number at a later time.
func (r *Run) nextSegment() int {
	for _, sh := range r.shards {
		sh.mu.Lock()
	}
	id := r.segment.Add(1)
	for _, sh := range r.shards {
		sh.mu.Unlock()
	}
	select {
	case r.moved <- struct{}{}:
	default:
	}
	return int(id)
}

// poke asks for a snapshot soon.
func (r *Run) poke() {
	select {
	case r.poked <- struct{}{}:
	default:
	}
}

// Snapshot returns the newest snapshot; it is never nil.
func (r *Run) Snapshot() *Snapshot { return r.snapshot.Load() }

// Done is closed when the run has ended and its last snapshot is published.
func (r *Run) Done() <-chan struct{} { return r.done }

// Close ends the run at once if it is still going, waits for its end, and
// releases everything.
func (r *Run) Close() error {
	if r.started.Load() {
		select {
		case <-r.done:
		default:
			_, _ = r.Apply(Order{Do: grammar.Change{Verb: grammar.Stop, Now: true}, By: BySignal})
			<-r.done
		}
	}
	return r.transport.Close()
}
