package experiment

import (
	"fmt"
	"time"

	"stoke/engine/measure"
)

var steps = &Experiment{
	ID: "T9 a b", Title: "Step of the rate, up and down", Where: Anywhere,
	Proves:  "a change of rate is neither a burst nor a gap: what was gained towards the next request is carried on",
	Mutants: []Mutant{lostPhase},
	run: func(l *Lab, r *Report) error {
		up, down := ms(2005), ms(4005)
		t, err := l.try(r, plan{
			behaviour: Behaviour{Service: ms(1)}, concurrency: 200,
			phases: []string{"rate 100", "hold 2005ms", "rate 1000", "hold 2s", "rate 10", "hold 2s"},
		})
		if err != nil {
			return err
		}
		t.sound(r)
		due := t.intended()
		first := after(due, up) - int64(up)
		r.add(first <= int64(ms(2)), "first request after 100 > 1000/s is due within", "≤ "+show(ms(2)), show(time.Duration(first)))
		r.count("requests due in the second after it", within(due, int64(up), int64(up)+1e9), 1000, 1)
		least, most := bins(due, up, time.Second)
		r.count("fewest due in 10 ms", least, 10, 1)
		r.count("most due in 10 ms", most, 10, 1)
		_, most = bins(due, down, 2*time.Second)
		r.count("most due in 10 ms after 1000 > 10/s", most, 1, 0)
		r.add(widest(due, down) <= int64(ms(101)), "widest gap after it", "≤ "+show(ms(101)), show(time.Duration(widest(due, down))))

		arrived := t.arrivals()
		r.most("first arrival after 100 > 1000/s within", after(arrived, up)-int64(up), ms(2))
		r.count("arrivals in the second after it", within(arrived, int64(up), int64(up)+1e9), 1000, 1+l.jitter()).timed()
		r.most("widest gap of arrivals after 1000 > 10/s", widest(arrived, down), ms(101)+l.slack(0, ms(5)))
		return nil
	},
}

// jitter is how many requests may move over a border on sockets.
func (l *Lab) jitter() int64 {
	if l.virtual() {
		return 0
	}
	return 3
}

// intended are the recorded intended times, ascending.
func (t *trial) intended() []int64 {
	out := make([]int64, len(t.samples))
	for i := range t.samples {
		out[i] = t.samples[i].T0
	}
	exact(out, 100) // sorts
	return out
}

// after is the first of times at or after a moment, never if there is none.
func after(times []int64, moment time.Duration) int64 {
	for _, t := range times {
		if t >= int64(moment) {
			return t
		}
	}
	return never
}

// bins are the fewest and the most of times in 10 ms, from a moment on.
func bins(times []int64, from, length time.Duration) (least, most int64) {
	const width = int64(10 * time.Millisecond)
	least = never
	for b := int64(from); b < int64(from+length); b += width {
		n := within(times, b, b+width)
		least, most = min(least, n), max(most, n)
	}
	return least, most
}

// widest is the largest gap between times after a moment, the one from the
// moment on included.
func widest(times []int64, moment time.Duration) int64 {
	last, wide := int64(moment), int64(0)
	for _, t := range times {
		if t >= int64(moment) {
			wide, last = max(wide, t-last), t
		}
	}
	return wide
}

var pauses = &Experiment{
	ID: "T9 c", Title: "Pause", Where: Anywhere,
	Proves:  "a pause owes nothing: what it kept back is never sent",
	Mutants: []Mutant{catchUp},
	run: func(l *Lab, r *Report) error {
		var from, to int64
		t, err := l.try(r, plan{
			behaviour: Behaviour{Service: ms(1)}, concurrency: 500, phases: hold("1000", time.Hour),
			during: func(t *trial) error {
				t.at(2 * time.Second)
				if err := t.do("pause"); err != nil {
					return err
				}
				from = t.now()
				t.at(2*time.Second + l.pick(l.slack(10*time.Second, 3*time.Second), 3*time.Second, 10*time.Second))
				to = t.now()
				if err := t.do("resume"); err != nil {
					return err
				}
				time.Sleep(time.Second)
				return t.do("stop")
			},
		})
		if err != nil {
			return err
		}
		t.sound(r)
		due, arrived := t.intended(), t.arrivals()
		r.count("requests due in the pause", within(due, from+1, to), 0, 0)
		r.count("requests that arrived in the pause", within(arrived, from+int64(l.slack(1, ms(20))), to), 0, 0).timed()
		r.count("requests due in the 100 ms after it", within(due, to, to+1e8), 100, 2)
		r.count("arrivals in the 100 ms after it", within(arrived, to, to+1e8), 100, 2+l.jitter()).timed()
		return nil
	},
}

var supersedes = &Experiment{
	ID: "T9 d", Title: "Change of the rate with a backlog", Where: Anywhere,
	Proves:  "what waits when the rate is set is dropped in its own segment and never sent into the new one",
	Mutants: []Mutant{sentBacklog},
	run: func(l *Lab, r *Report) error {
		var change int64
		// On sockets the change must come while the server stalls, even if this
		// machine is late with it.
		stall := 2*time.Second + l.slack(ms(10), 500*time.Millisecond)
		t, err := l.try(r, plan{
			behaviour:   Behaviour{Service: ms(1), Stall: stall},
			concurrency: 50, phases: hold("1000", time.Hour),
			during: func(t *trial) error {
				t.at(2*time.Second - 1)
				if err := t.do("rate 100"); err != nil {
					return err
				}
				change = t.now()
				t.at(time.Duration(change) + 1500*time.Millisecond)
				return t.do("stop")
			},
		})
		if err != nil {
			return err
		}
		t.sound(r)
		segments := t.last.View.Segments
		if len(segments) < 2 {
			return fmt.Errorf("%d segments, want 2", len(segments))
		}
		old, now := segments[0].Stats, segments[1].Stats
		waiting := change/1e6 - 50 // what was due less what was in flight
		r.count("dropped in the old segment", old.Superseded+old.Generator, waiting, 5).timed()
		r.count("dropped in the new segment", now.Superseded, 0, 0).timed() // what waits at the stop is, too
		r.count("in flight at the change, answered in the old segment", old.Counts.OK, 50, 0).timed()
		overdue := int64(0)
		for _, e := range t.log {
			// The first two seconds are numbered 1 to 2000, one a millisecond.
			if e.Arrival > change+1e6 && (e.Seq-1)*1e6 < change {
				overdue++
			}
		}
		f := r.count("arrivals after the change of what was due before", overdue, 0, 0)
		if change >= int64(stall) { // this machine came too late with it
			f.timed()
		}
		if l.virtual() {
			r.count("arrivals in the 100 ms after the change", within(t.arrivals(), change, change+1e8), 10, 1)
		}
		return nil
	},
}

// wrongSegment books requests where they end.
var wrongSegment = Mutant{
	Name: "segment of the end", Bug: "a request counts for the setting under which it ended",
	put: func(f *fault) {
		f.hooks.Samples = eachSample(func(s *measure.Sample) {
			if s.T8 >= int64(2*time.Second) {
				s.Segment = 2
			}
		})
	},
}

var isolation = &Experiment{
	ID: "T9 e", Title: "Isolation of settings", Where: Anywhere,
	Proves:  "a request belongs to the setting of its intended time, however late it ends",
	Mutants: []Mutant{wrongSegment},
	run: func(l *Lab, r *Report) error {
		t, err := l.try(r, plan{
			behaviour: Behaviour{Service: 300 * time.Millisecond}, concurrency: 1000,
			phases: []string{"rate 1000", "hold 2s", "rate 500", "hold 2s"},
		})
		if err != nil {
			return err
		}
		t.sound(r)
		segments := t.last.View.Segments
		if len(segments) != 2 {
			return fmt.Errorf("%d segments, want 2", len(segments))
		}
		r.count("requests of the first setting", segments[0].Stats.Counts.Intended, 2000, 0)
		r.count("requests of the second setting", segments[1].Stats.Counts.Intended, 1000, 1)
		r.count("answers of the first setting", segments[0].Stats.OK+segments[0].Stats.Generator, 2000, 0)
		return nil
	},
}
