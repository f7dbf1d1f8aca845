package engine

import (
	"context"
	"time"

	"stoke/engine/wire"
)

// lookUpRest is the shortest time between two look-ups of the target, however
// fast the settings change.
const lookUpRest = time.Second

// facts are what the transport knows of its connections; one that says nothing
// has an address that stays.
func (r *Run) facts() wire.Facts {
	if t, ok := r.transport.(interface{ Facts() wire.Facts }); ok {
		return t.Facts()
	}
	return wire.Facts{Fixed: true}
}

// lookUp asks for the addresses of the target. After a failure those known
// before stay in use.
func (r *Run) lookUp(ctx context.Context) error {
	found, err := r.transport.Resolve(ctx)
	if err != nil {
		return err
	}
	var texts []string
	for _, a := range found {
		texts = append(texts, a.Addr().Unmap().String())
	}
	if p := r.profile.UnixSocket; p != "" {
		texts = []string{"unix:" + p}
	}
	r.addrs.Store(&texts)
	return nil
}

// lookUps is the goroutine that looks the target up again, every dns-ttl or
// with each segment, away from the path of requests. It ends with the run.
func (r *Run) lookUps() {
	defer r.guard()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-r.ended
		cancel()
	}()
	due, rest := r.moved, lookUpRest
	if ttl := r.profile.DNSTTL; ttl > 0 {
		due, rest = nil, ttl
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-r.ended:
			return
		}
		if due != nil {
			select {
			case <-due:
			case <-r.ended:
				return
			}
		}
		within, over := context.WithTimeout(ctx, r.profile.ConnectTimeout)
		_ = r.lookUp(within) // what is known stays in use; a host that is gone fails its dials
		over()
		timer.Reset(rest)
	}
}
