package tui

import (
	"context"

	"stoke/engine"
)

// Run is what the cockpit needs of a run. The local run satisfies it.
type Run interface {
	// Snapshot returns the newest snapshot, never nil.
	Snapshot() *engine.Snapshot
	// Probe sends the one request before the start.
	Probe(ctx context.Context) *engine.ProbeResult
	// Start begins the load of a run that is READY.
	Start() error
	// Apply asks for a change.
	Apply(o engine.Order) (engine.Applied, error)
	// Done is closed when the run has ended.
	Done() <-chan struct{}
}
