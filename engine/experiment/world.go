package experiment

import (
	"time"

	"stoke/engine/wire"
)

// World is where the targets of experiments are.
type World interface {
	// Open starts a target.
	Open(b Behaviour) (Target, error)
	// Virtual reports whether its time is simulated.
	Virtual() bool
}

// Target is a server that tells the truth. Its methods may be called from any
// goroutine.
type Target interface {
	URL() string
	// Transport leads to the target; nil for HTTP over TCP.
	Transport() wire.Transport
	// Begin sets the zero of its times and of its log.
	Begin(epoch time.Time) error
	// Tally is what reached it so far.
	Tally() (Tally, error)
	// Log returns the requests by arrival, those without an answer included.
	Log() ([]Entry, error)
	// Certificate is the PEM text to trust, nil without TLS.
	Certificate() []byte
	Close() error
}

// Tally counts what reached a target.
type Tally struct {
	Arrived, Departed int64
	Opened, Open      int64 // connections
	// WireIn and WireOut are bytes on the sockets, TLS included.
	WireIn, WireOut int64
}
