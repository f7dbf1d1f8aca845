package engine

import "time"

const (
	// lookFirst is after what silence the scanner looks whether an answer was
	// missed; it looks again each time the silence has doubled. Nanoseconds.
	lookFirst = int64(50e6)
	// sleptLimit is how late the scanner may wake before this machine counts as
	// having been stopped. Nanoseconds.
	sleptLimit = int64(100e6)
)

// slept is a time in which this machine did not run us: SIGSTOP, a closed lid,
// a stolen processor.
type slept struct{ until, nanos int64 }

// scan is the goroutine that enforces timeouts: no deadline is set on the path
// of a request, the words of the slots are looked at instead.
func (r *Run) scan() {
	defer r.guard()
	p := r.profile
	every := min(max(min(p.Timeout, p.ConnectTimeout)/50, time.Millisecond), 20*time.Millisecond)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var naps []slept
	last := r.now()
	for {
		select {
		case <-ticker.C:
		case <-r.ended:
			return
		}
		now := r.now()
		if late := now - last - int64(every); late > sleptLimit {
			naps = append(naps, slept{now, late})
		}
		last = now
		for len(naps) > 0 && now-naps[0].until > int64(p.Timeout+p.ConnectTimeout)+2*naps[0].nanos {
			naps = naps[1:]
		}
		d := &r.disp
		d.mu.Lock()
		d.expire(now)
		slots := d.slots
		d.mu.Unlock()
		for _, s := range slots {
			s.check(now, int64(p.Timeout), int64(p.ConnectTimeout), naps)
		}
	}
}

// check ends the slot's request if its time is over, and looks now and then
// whether an answer was missed. Time in which this machine slept is not the
// target's.
func (s *slot) check(now, timeout, connectTimeout int64, naps []slept) {
	w := s.word.Load()
	limit := timeout
	switch w & phaseMask {
	case inflight:
	case connecting:
		limit = connectTimeout
	default:
		return
	}
	since := s.since.Load()
	for _, n := range naps {
		if since < n.until {
			limit += min(n.nanos, n.until-since)
		}
	}
	if now-since >= limit {
		s.kill(w, byTimeout)
		return
	}
	if w&phaseMask != inflight || now-since < lookFirst {
		return
	}
	if s.looked != w {
		s.looked, s.lookAt = w, 0
	}
	if now-since >= s.lookAt {
		s.lookAt = 2 * max(lookFirst, s.lookAt)
		s.conn.Nudge()
	}
}
