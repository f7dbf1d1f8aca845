package engine

import (
	"context"
	"time"

	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// Options are what a run needs besides its profile. The zero value is usable.
type Options struct {
	Profile       *profiles.Profile // with defaults applied; required
	ID            string            // default: UTC time and the profile's name
	Seed          uint64            // of arrivals and of the choice of requests; default random
	Duration      time.Duration     // ends the run; 0 for no limit
	SeqHeader     string            // adds a running number to each request
	Ceiling       Ceiling           // from flags; lowers the profile's
	EndWithPhases bool              // end when the last phase ends, unless the operator drove
	Grace         time.Duration     // how long a stop waits for what is in flight; default the timeout
	Transport     wire.Transport    // default: HTTP/1.1 to the profile's target
}

// Order asks for a change.
type Order struct {
	Do      grammar.Change
	By      By
	Gesture uint64 // orders of one gesture (a held key) share a number other than 0 and are one step to undo
}

// Applied is what an order did.
type Applied struct {
	Event   Event
	Clamped bool // a key's order was held at the ceiling
}

// Run is one run. Its methods may be called from any goroutine.
type Run struct{}

// New prepares a run: it compiles the requests, checks the limits of this
// machine and resolves the target. Nothing is sent.
func New(ctx context.Context, o Options) (*Run, error) { panic("not written") }

// Probe sends one request that is not counted and keeps what came back for
// the snapshots. It may only be called before Start.
func (r *Run) Probe(ctx context.Context) *ProbeResult { panic("not written") }

// Start begins the load.
func (r *Run) Start() error { panic("not written") }

// Apply is the one door for changes: it validates, stamps, opens a segment
// and marks the chart. Its error says what is allowed.
func (r *Run) Apply(o Order) (Applied, error) { panic("not written") }

// Snapshot returns the newest snapshot; it is never nil.
func (r *Run) Snapshot() *Snapshot { panic("not written") }

// Done is closed when the run has ended and its last snapshot is published.
func (r *Run) Done() <-chan struct{} { panic("not written") }

// Close ends the run at once if it is still going, and releases everything.
func (r *Run) Close() error { panic("not written") }
