package experiment

import (
	"fmt"
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
)

// leak keeps connections open that should be closed.
var leak = Mutant{
	Name: "connections kept", Bug: "fewer connections are used, none is closed",
	put: func(f *fault) {
		f.transport = func(t wire.Transport) wire.Transport { return &leaking{t} }
	},
}

type leaking struct{ wire.Transport }

func (l *leaking) Conn(g wire.Gate) wire.Conn { return leakyConn{l.Transport.Conn(g)} }

type leakyConn struct{ wire.Conn }

func (leakyConn) Close() {}

// reclass makes a mutant that books one outcome as another.
func reclass(from, to measure.Class) func(f *fault) {
	return func(f *fault) {
		f.hooks.Samples = eachSample(func(s *measure.Sample) {
			if s.Class == from {
				s.Class = to
			}
		})
	}
}

var (
	cutIsError  = Mutant{Name: "cut is an error", Bug: "what the operator cut counts as the target's failure", put: reclass(measure.Cut, measure.Error)}
	cutIsSample = Mutant{Name: "cut is an answer", Bug: "what the operator cut is a latency like any other", put: reclass(measure.Cut, measure.OK)}
)

var drain = &Experiment{
	ID: "T10 drain", Title: "Concurrency down, drained", Where: Anywhere,
	Proves:  "with 200 > 50 and a service of 500 ms, 50 are in flight after 0.5 s, nothing fails and 150 connections close",
	Mutants: []Mutant{leak, lost},
	run: func(l *Lab, r *Report) error {
		return l.narrow(r, "concurrency 50", 500*time.Millisecond, 0)
	},
}

var cut = &Experiment{
	ID: "T10 cut", Title: "Concurrency down, cut", Where: Anywhere,
	Proves:  "a cut ends 150 requests at once, as the operator's doing: no error, no latency",
	Mutants: []Mutant{cutIsError, cutIsSample},
	run: func(l *Lab, r *Report) error {
		return l.narrow(r, "concurrency 50 cut", 0, 150)
	},
}

// narrow lowers the concurrency from 200 to 50 while all of it is busy, and
// looks after the time that it may take.
func (l *Lab) narrow(r *Report, order string, may time.Duration, cuts int64) error {
	var inFlight, slots, fins int64
	t, err := l.try(r, plan{
		behaviour: Behaviour{Service: 500 * time.Millisecond}, concurrency: 200, phases: hold("1000", time.Hour),
		during: func(t *trial) error {
			t.at(3*time.Second + ms(3))
			before, err := t.target.Tally()
			if err != nil {
				return err
			}
			if err := t.do(order); err != nil {
				return err
			}
			done := t.now() + int64(may+50*time.Millisecond+l.slack(0, ms(200)))
			t.at(time.Duration(done))
			s := t.fresh(done)
			inFlight, slots = s.InFlight, int64(s.Slots)
			now, err := t.target.Tally()
			if err != nil {
				return err
			}
			fins = before.Open - now.Open
			return t.do("stop")
		},
	})
	if err != nil {
		return err
	}
	t.sound(r)
	c := &t.last.View.Run
	r.count("in flight afterwards", inFlight, 50, 0).timed()
	r.count("slots afterwards", slots, 50, 0).timed()
	r.count("connections that the target saw closed", fins, 150, 0).timed()
	r.count("connections open at the target in the end", t.tally.Open, 0, 0)
	r.count("cut", c.Cut, cuts, 0).timed()
	r.add(c.Cut <= cuts && (c.Cut > 0) == (cuts > 0), "cut, about", fmt.Sprintf("up to %d", cuts), fmt.Sprint(c.Cut))
	r.count("errors", c.Error, 0, 0)
	r.count("answers among the latencies", c.Response.Count, c.OK, 0)
	r.least("shortest latency", c.Response.Min, 500*time.Millisecond)
	return nil
}

var slowQueue = &Experiment{
	ID: "T11 queue", Title: "Slow server, late = queue", Where: Anywhere,
	Proves:  "with a capacity of 100/s and a rate of 200/s the queue grows to max-late and half expires there",
	Mutants: []Mutant{lateStamp, expiryForgotten},
	run: func(l *Lab, r *Report) error {
		wait := l.pick(l.slack(4*time.Second, time.Second), 2*time.Second, 4*time.Second)
		look := 2*wait + 2*time.Second // the queue is as old as it gets at twice max-late
		var diverging measure.Verdict
		var oldest time.Duration
		var verdict string
		var last measure.Window
		t, err := l.try(r, plan{
			behaviour: Behaviour{Service: slowService(l)}, concurrency: 10, maxLate: wait, phases: hold("200", time.Hour),
			during: func(t *trial) error {
				if l.Length == Full || l.virtual() {
					t.at(7 * time.Second)
					diverging = t.fresh(int64(6900 * time.Millisecond)).View.Segments[0].Verdict
				}
				t.at(look + 11*time.Second)
				s := t.fresh(int64(look + 11*time.Second))
				oldest, verdict, last = s.Oldest, s.Verdict.Text, s.View.Last10
				return t.do("stop")
			},
		})
		if err != nil {
			return err
		}
		t.sound(r)
		from, to := int64(look), int64(look+10*time.Second)
		r.count("sent in 10 s", within(t.arrivals(), from, to), 1000, 10+l.jitter()).timed()
		r.count("expired in 10 s", last.Counts.Expired, 1000, 20+l.jitter()).timed()
		r.atLeast("expired in 10 s, at least", float64(last.Counts.Expired), 500)
		r.time("service p50", last.Service.P[measure.P50], 100*time.Millisecond, ms(2))
		r.time("response p50", last.Response.P[measure.P50], wait+100*time.Millisecond, ms(150))
		r.least("response p50, at least", last.Response.P[measure.P50], wait*3/4)
		r.time("age of the oldest", int64(oldest), wait, ms(150))
		r.figure("in flight, by Little's law", l.littleOf(t, from, to), 10, 0.1+l.share(0, 0.2)).timed()
		if diverging != "" {
			r.text("verdict at 7 s", string(diverging), string(measure.Diverging)).timed()
		}
		r.text("verdict in the end", verdict, "OVERLOADED").timed()
		return nil
	},
}

// slowService is 100 ms. In virtual time it is a hair less, or a slot would be
// free at the very moment of an arrival.
func slowService(l *Lab) time.Duration {
	return 100*time.Millisecond - l.slack(time.Microsecond, 0)
}

// littleOf is the mean number of requests that the target had between two
// moments, by its own log.
func (l *Lab) littleOf(t *trial, from, to int64) float64 {
	busy := int64(0)
	for _, e := range t.log {
		if e.Departure > 0 {
			busy += max(0, min(e.Departure, to)-max(e.Arrival, from))
		}
	}
	return float64(busy) / float64(to-from)
}

var slowShed = &Experiment{
	ID: "T11 shed", Title: "Slow server, late = shed", Where: Anywhere,
	Proves:  "what finds no slot is dropped at once: half of it, and what is sent answers in 100 ms",
	Mutants: []Mutant{unsentForgotten},
	run: func(l *Lab, r *Report) error {
		t, err := l.try(r, plan{
			behaviour: Behaviour{Service: slowService(l)}, concurrency: 10, late: "shed",
			phases: hold("200", l.pick(l.slack(20*time.Second, 5*time.Second), 10*time.Second, 30*time.Second)),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		c := &t.last.View.Run
		r.figure("shed, %", 100*float64(c.Shed)/float64(c.Counts.Intended), 50, l.share(1, 3)).timed()
		r.atLeast("shed, %, at least", 100*float64(c.Shed)/float64(c.Counts.Intended), 40)
		r.time("response p50", c.Response.P[measure.P50], 100*time.Millisecond, ms(5))
		return nil
	},
}

var slowForever = &Experiment{
	ID: "T11 no limit", Title: "Slow server, no limit of waiting", Where: Anywhere,
	Proves:  "the response time grows by 0.5 s each second, and its mean is half of its end",
	Mutants: []Mutant{lateStamp, forgottenWait, averaged},
	run: func(l *Lab, r *Report) error {
		length := l.pick(l.slack(30*time.Second, 5*time.Second), 10*time.Second, 30*time.Second)
		t, err := l.try(r, plan{
			behaviour: Behaviour{Service: slowService(l)}, concurrency: 10, maxLate: time.Hour, phases: hold("200", time.Hour),
			during: func(t *trial) error {
				t.at(length)
				return t.do("stop")
			},
		})
		if err != nil {
			return err
		}
		t.sound(r)
		// Sent at s it was due at s/2: μ = λ/2. What is in flight at the end adds
		// its service.
		got := t.ladder()
		r.time("max", got.Max, length/2+100*time.Millisecond, ms(150))
		r.time("mean", int64(got.Mean), length/4+100*time.Millisecond, ms(150))
		r.time("p50", got.P[measure.P50], length/4+100*time.Millisecond, ms(150))
		r.time("p99", got.P[measure.P99], time.Duration(float64(length)*0.495)+100*time.Millisecond, ms(150))
		r.least("max, at least", got.Max, length*2/5)
		r.least("p99, at least", got.P[measure.P99], length*2/5)
		return nil
	},
}
