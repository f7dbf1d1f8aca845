package engine

import (
	"context"
	"strings"
	"time"

	"stoke/engine/wire"
)

// probeBody is how much of the probe's answer is kept. Bytes.
const probeBody = 512

// Probe sends the profile's first request once, uncounted, and keeps what came
// back for the snapshots. It is refused after the start. The timeout is the
// profile's.
func (r *Run) Probe(ctx context.Context) *ProbeResult {
	e := &r.endpoints[0]
	method := e.spec.Method
	if method == "" {
		method = "GET"
	}
	p := ProbeResult{Request: method + " " + e.path}
	if r.started.Load() {
		p.Done, p.Err = true, "the run has begun: a probe would be load"
		return &p
	}
	req := e.req
	if req.Holes() {
		f := r.probeFlow(e)
		defer f.release()
		if !req.Fill(&f.out, f.fill) {
			p.Done, p.Err = true, f.unfilled(e)
			r.tell(&p)
			return &p
		}
		req = &f.out
	}
	r.tell(&p)
	ctx, cancel := context.WithTimeout(ctx, r.profile.Timeout)
	defer cancel()
	a := wire.Fetch(ctx, r.transport, req, probeBody)
	done := p
	done.Done = true
	done.Status, done.Bytes = a.Result.Status, a.Result.Body
	done.Took = time.Duration(a.Result.T8 - a.Result.T4)
	done.Type = a.Get("Content-Type")
	if s := done.Status; s >= 300 && s < 400 {
		done.Redirect = a.Get("Location")
	}
	if a.Result.Fault != wire.None {
		done.Err = a.Result.Fault.String()
		if d := strings.TrimSpace(a.Result.Detail); d != "" {
			done.Err += ": " + d
		}
	}
	r.tell(&done)
	return &done
}

// probeFlow has the values of the first start. It draws no row of a table, which
// the run would then miss, but looks at the first.
func (r *Run) probeFlow(e *endpoint) *flow {
	f := r.flowFor(&ticket{seq: 1, endpoint: e.script.first})
	f.rows = append(f.rows, make([]int, len(f.script.tables))...)
	return f
}

// tell shows a state of the probe in the snapshots to come.
func (r *Run) tell(p *ProbeResult) {
	r.probe.Store(p)
	r.publishUnbegun()
}
