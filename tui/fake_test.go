package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/layout"
	"stoke/tui/panel"
	"stoke/tui/theme"
)

// fakeRun is a run without load: it keeps the orders and does the simple ones.
type fakeRun struct {
	mu      sync.Mutex
	snap    *engine.Snapshot
	orders  []engine.Order
	starts  int
	probes  int
	refuse  error            // of Apply
	hold    chan struct{}    // Apply waits for it, but not pause and stop
	explode bool             // Probe panics
	lag     *engine.Snapshot // if not nil, what Snapshot returns
	rev     uint64           // of the dials; 0: not counted
	made    time.Time
	ended   chan struct{}
	changed chan struct{} // gets a value, if there is room, when something was done
}

func newFakeRun(state engine.State, rate float64, concurrency int) *fakeRun {
	return &fakeRun{
		snap: &engine.Snapshot{Rev: 1, State: state, Profile: "shop", Host: "127.0.0.1:8080",
			Dial:    engine.Dial{Rate: rate, Now: rate, Concurrency: concurrency},
			Ceiling: engine.Ceiling{Rate: 1e6, Concurrency: 1e6}},
		made:    time.Now(),
		ended:   make(chan struct{}),
		changed: make(chan struct{}, 1),
	}
}

func (r *fakeRun) Snapshot() *engine.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lag != nil {
		return r.lag
	}
	return r.snap
}

// change publishes a new snapshot.
func (r *fakeRun) change(f func(*engine.Snapshot)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := *r.snap
	s.Rev++
	f(&s)
	r.snap = &s
	if s.State == engine.Ended {
		select {
		case <-r.ended:
		default:
			close(r.ended)
		}
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

func (r *fakeRun) Probe(context.Context) *engine.ProbeResult {
	if r.explode {
		panic("the probe is broken")
	}
	r.mu.Lock()
	r.probes++
	r.mu.Unlock()
	p := &engine.ProbeResult{Done: true, Request: "GET /", Status: 200}
	r.change(func(s *engine.Snapshot) { s.Probe = p })
	return p
}

func (r *fakeRun) Start() error {
	r.mu.Lock()
	r.starts++
	r.mu.Unlock()
	r.change(func(s *engine.Snapshot) { s.State = engine.Running })
	return nil
}

func (r *fakeRun) Done() <-chan struct{} { return r.ended }

func (r *fakeRun) Apply(o engine.Order) (engine.Applied, error) {
	if h := r.hold; h != nil && o.Do.Verb != grammar.Pause && o.Do.Verb != grammar.Stop {
		<-h
	}
	r.mu.Lock()
	r.orders = append(r.orders, o)
	refuse := r.refuse
	r.mu.Unlock()
	if refuse != nil {
		return engine.Applied{}, refuse
	}
	var e engine.Event
	r.change(func(s *engine.Snapshot) {
		from := s.Dial
		switch do := o.Do; do.Verb {
		case grammar.Rate:
			s.Dial.Closed = do.Amount.Op == grammar.Max
			s.Dial.Rate = do.Amount.Value
			s.Dial.Now = s.Dial.Rate
			s.Dial.RampLeft = 0
		case grammar.Concurrency:
			s.Dial.Concurrency = int(do.Amount.Value)
		case grammar.Pause:
			s.State = engine.Paused
		case grammar.Resume:
			s.State = engine.Running
		case grammar.Stop:
			s.State = engine.Ended
		case grammar.Phases:
			s.Dial = s.Phases.Wants
			s.Phases.Driving = true
		}
		e = engine.Event{ID: len(s.Events) + 1, By: o.By, Do: o.Do.String(), Mark: o.Do.Verb == grammar.Mark,
			From: fmt.Sprintf("rate %v", from.Rate)}
		s.Events = append(s.Events[:len(s.Events):len(s.Events)], e)
	})
	return engine.Applied{Event: e, Rev: r.turned(o)}, nil
}

// turned counts an order that turns a dial, and shows it.
func (r *fakeRun) turned(o engine.Order) uint64 {
	if r.rev == 0 || o.Do.Verb != grammar.Rate && o.Do.Verb != grammar.Concurrency {
		return r.rev
	}
	r.rev++
	r.change(func(s *engine.Snapshot) { s.Dial.Rev = r.rev })
	return r.rev
}

// late reports whether the run is older than d.
func (r *fakeRun) late(d time.Duration) bool { return time.Since(r.made) > d }

// did returns what was ordered so far, in the grammar.
func (r *fakeRun) did() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var did []string
	for _, o := range r.orders {
		did = append(did, o.Do.String())
	}
	return did
}

func (r *fakeRun) count() (starts, probes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.starts, r.probes
}

// load is what the run sends: what is asked for while it runs, else nothing.
func load(s *engine.Snapshot) (rate, concurrency float64) {
	if s.State != engine.Running {
		return 0, 0
	}
	return s.Dial.Now, float64(s.Dial.Concurrency)
}

// fakeScreen is a terminal that takes every picture at once, until told.
type fakeScreen struct {
	isBusy bool
	old    time.Duration
	gone   error
}

func (f *fakeScreen) busy() bool         { return f.isBusy }
func (f *fakeScreen) age() time.Duration { return f.old }
func (f *fakeScreen) sent() int64        { return 0 }
func (f *fakeScreen) lost() error        { return f.gone }

// plainFrame is a picture with all that the cockpit itself adds to it.
func plainFrame(s *engine.Snapshot, ui layout.State, w, h int, _ *theme.Theme) string {
	lines := []string{
		fmt.Sprintf("%s %s rate %s conc %d", s.Profile, s.State, panel.DialRate(s.Dial), s.Dial.Concurrency),
		"message: " + ui.Message,
	}
	if ui.Frozen {
		lines = append(lines, fmt.Sprintf("frozen; live rate %s", panel.DialRate(ui.Live.Dial)))
	}
	if p := ui.Prompt; p != nil {
		lines = append(lines, "prompt "+p.Label+" "+p.Text, "preview: "+p.Preview, "error: "+p.Error)
	}
	if d := ui.Dialog; d != nil {
		lines = append(lines, "dialog "+d.Title)
		lines = append(lines, d.Lines...)
		for _, k := range d.Keys {
			lines = append(lines, "  "+k.Key+": "+k.Does)
		}
	}
	for len(lines) < h {
		lines = append(lines, "")
	}
	lines = lines[:h]
	for i, line := range lines {
		if r := []rune(line); len(r) > w {
			lines[i] = string(r[:w])
		}
	}
	return strings.Join(lines, "\n")
}

var errRefused = errors.New("no: the ceiling is 5,000/s (raise it with --limit-rate)")
