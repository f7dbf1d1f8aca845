package experiment

import (
	"fmt"
	"time"

	"stoke/engine/measure"
)

// The server of these experiments blocks during the first second of each ten.
// A request that arrives x before the end of a stall waits for x, so response
// time is uniform over the stall's second for a tenth of the requests.
const stallLength, stallPeriod = time.Second, 10 * time.Second

func ms(n float64) time.Duration { return time.Duration(n * 1e6) }

// hold is a plan that keeps one rate.
func hold(rate string, d time.Duration) []string {
	return []string{"rate " + rate, fmt.Sprintf("hold %v", d)}
}

var stallBlocked = &Experiment{
	ID: "T1", Title: "Stall, blocked handlers", Where: Anywhere,
	Proves:  "response time shows a stall of the server in full: P(R ≤ x) = 0.9 + 0.1·x for x in seconds",
	Mutants: []Mutant{omission, averaged, lost},
	run: func(l *Lab, r *Report) error {
		length := l.pick(stallPeriod, 2*stallPeriod, 6*stallPeriod)
		t, err := l.try(r, plan{
			behaviour:   Behaviour{Service: ms(1), Stall: stallLength, Period: stallPeriod},
			concurrency: 2000, phases: hold("1000", length),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		t.onSchedule(r, evenly(1_000_000))
		blockedLadder(l, r, t.ladder(), ms(2))
		c := t.last.View.Run.Counts
		r.count("requests", c.Intended, int64(length/time.Millisecond), 0)
		r.count("unsent", c.Unsent(), 0, 0).timed()
		return nil
	},
}

// blockedLadder holds a ladder against 0.9 + 0.1·x. In virtual time the
// tolerance is that of the page; on sockets timers of the server add theirs.
func blockedLadder(l *Lab, r *Report, got measure.Ladder, tolerance time.Duration) {
	tolerance += l.slack(0, ms(3))
	r.time("p50", got.P[measure.P50], ms(1), tolerance)
	r.time("p75", got.P[measure.P75], ms(1), tolerance)
	if l.virtual() { // 90 % is the very edge: one request in a thousand more is 10 ms
		r.time("p90", got.P[measure.P90], ms(1), tolerance)
	}
	r.time("p95", got.P[measure.P95], ms(500.5), tolerance)
	r.time("p99", got.P[measure.P99], ms(900.5), tolerance)
	r.time("p99.9", got.P[measure.P999], ms(990.5), tolerance)
	r.time("max", got.Max, ms(1000.5), tolerance)
	r.time("mean", int64(got.Mean), ms(51), tolerance)
	// A clock that starts too late is beyond what a busy machine can do.
	r.least("p95, at least", got.P[measure.P95], ms(450))
	r.least("p99, at least", got.P[measure.P99], ms(850))
}

var stallFIFO = &Experiment{
	ID: "T2", Title: "Stall, one worker of 2000/s", Where: Anywhere,
	Proves:  "a backlog inside the server that drains at μ − λ is shown in full: P(R ≤ x) = 0.8 + 0.2·x",
	Mutants: []Mutant{omission, averaged, doubled},
	run: func(l *Lab, r *Report) error {
		t, err := l.try(r, plan{
			behaviour:   Behaviour{Service: ms(0.5), Stall: stallLength, Period: stallPeriod, OneByOne: true},
			concurrency: 3000, phases: hold("1000", l.pick(stallPeriod, 2*stallPeriod, 6*stallPeriod)),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		t.onSchedule(r, evenly(1_000_000))
		got, tolerance := t.ladder(), l.slack(ms(2), ms(5))
		r.time("p50", got.P[measure.P50], ms(0.5), tolerance)
		r.time("p90", got.P[measure.P90], ms(500), tolerance)
		r.time("p95", got.P[measure.P95], ms(750), tolerance)
		r.time("p99", got.P[measure.P99], ms(950), tolerance)
		r.time("p99.9", got.P[measure.P999], ms(995), tolerance)
		r.time("max", got.Max, ms(1000), tolerance)
		r.time("mean", int64(got.Mean), ms(100.45), tolerance)
		r.least("p95, at least", got.P[measure.P95], ms(700))
		r.least("p99, at least", got.P[measure.P99], ms(900))
		return nil
	},
}

var stallQueue = &Experiment{
	ID: "T3 queue", Title: "Stall with a concurrency of 100, late = queue", Where: Anywhere,
	Proves:  "what waits here for a slot is in the response time, in the slot wait, and not in the service time",
	Mutants: []Mutant{lateStamp, forgottenWait, averaged},
	run: func(l *Lab, r *Report) error {
		full, after := int64(0), int64(-1)
		var said [2]string
		t, err := l.try(r, plan{
			behaviour:   Behaviour{Service: ms(1), Stall: stallLength, Period: stallPeriod},
			concurrency: 100, phases: hold("1000", l.pick(2*stallPeriod, 2*stallPeriod, 6*stallPeriod)),
			during: func(t *trial) error {
				t.at(800 * time.Millisecond)
				full = t.fresh(int64(700 * time.Millisecond)).InFlight
				t.at(3 * time.Second)
				after = t.fresh(int64(2900 * time.Millisecond)).Backlog
				for i, moment := range []time.Duration{10900 * time.Millisecond, 12500 * time.Millisecond} {
					t.at(moment)
					said[i] = t.fresh(int64(moment - 100*time.Millisecond)).Verdict.Text
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
		t.sound(r)
		t.onSchedule(r, evenly(1_000_000))
		blockedLadder(l, r, t.ladder(), ms(15))
		// Of 10,000 in a period 100 are in flight and 900 wait, for up to 900 ms.
		s := &t.last.View.Run
		services := t.each(measure.OK, service)
		r.time("service p98", exact(services, 98), ms(1), l.slack(ms(1), ms(5)))
		r.time("service p99.5", exact(services, 99.5), ms(950), l.slack(ms(5), ms(15)))
		r.time("service p95 shown", s.Service.P[measure.P95], ms(1), l.slack(ms(1), ms(5)))
		r.time("slot wait p90", s.SlotWait.P[measure.P90], 0, ms(15))
		r.time("slot wait p95", s.SlotWait.P[measure.P95], ms(400), ms(15))
		r.time("slot wait p99", s.SlotWait.P[measure.P99], ms(800), ms(15))
		r.least("slot wait p99, at least", s.SlotWait.P[measure.P99], ms(750))
		r.text("said during the second stall", said[0], "CONCURRENCY FULL", "OVERLOADED").timed()
		r.text("said two seconds later", said[1], "TARGET KEEPS UP", "SETTLING", "DRIFTING").timed()
		r.count("in flight while the server stalls", full, 100, 0)
		r.count("waiting two seconds after the stall", after, 0, 0).timed()
		return nil
	},
}

var stallShed = &Experiment{
	ID: "T3 shed", Title: "Stall with a concurrency of 100, late = shed", Where: Anywhere,
	Proves:  "what is shed counts as not sent and as never served, so it fails the percentiles of what was asked",
	Mutants: []Mutant{unsentForgotten, averaged},
	run: func(l *Lab, r *Report) error {
		length := l.pick(stallPeriod, 2*stallPeriod, 6*stallPeriod)
		t, err := l.try(r, plan{
			behaviour:   Behaviour{Service: ms(1), Stall: stallLength, Period: stallPeriod},
			concurrency: 100, late: "shed", phases: hold("1000", length),
		})
		if err != nil {
			return err
		}
		t.sound(r)
		s := &t.last.View.Run
		r.count("requests", s.Counts.Intended, int64(length/time.Millisecond), 0)
		r.figure("shed, % of what was asked", 100*float64(s.Shed)/float64(s.Counts.Intended), 9, l.share(0.05, 0.3)).timed()
		r.atLeast("shed, %, at least", 100*float64(s.Shed)/float64(s.Counts.Intended), 8)
		got := t.ladder()
		r.time("ok p50", got.P[measure.P50], ms(1), l.slack(ms(1), ms(3)))
		// 100 slow ones of 9,100, their waits uniform in 901…1000 ms.
		r.time("ok p99", got.P[measure.P99], ms(909), ms(10))
		r.least("ok p99, at least", got.P[measure.P99], ms(800))
		// One in ten is slow or shed, to a hair: p90 is at the very edge.
		r.time("asked p75", s.Intended.P[measure.P75], ms(1), l.slack(ms(1), ms(5)))
		r.text("asked p95", word(s.Intended.Fail[measure.P95]), "fail")
		return nil
	},
}

// share is a tolerance in percent: exact in virtual time, real on sockets.
func (l *Lab) share(exact, real float64) float64 {
	if l.virtual() {
		return exact
	}
	return real
}

func word(failed bool) string {
	if failed {
		return "fail"
	}
	return "a value"
}

var stallForGood = &Experiment{
	ID: "T4", Title: "In-flight bound", Where: Anywhere,
	Proves:  "when the server stops answering, the live percentiles rise with the age of what is open",
	Mutants: []Mutant{openForgotten},
	run: func(l *Lab, r *Report) error {
		stop := l.pick(5*time.Second, 5*time.Second, 10*time.Second)
		var one, ten, later measure.Ladder
		blank := int64(0)
		_, err := l.try(r, plan{
			behaviour:   Behaviour{Service: ms(1), Silent: stop},
			concurrency: 5000, phases: hold("1000", stop+5*time.Second),
			during: func(t *trial) error {
				for moment := stop; moment < stop+2*time.Second; moment += 100 * time.Millisecond {
					t.at(moment)
					if w := t.run.Snapshot().View.Last1.Response; w.Count == 0 {
						blank++
					}
					if moment == stop+time.Second {
						v := t.fresh(int64(moment)).View
						one, ten = v.Last1.Response, v.Last10.Response
					}
				}
				t.at(stop + 2*time.Second)
				later = t.fresh(int64(stop + 2*time.Second)).View.Last1.Response
				return t.do("stop now")
			},
		})
		if err != nil {
			return err
		}
		r.least("live p99 of 1 s, one second later", one.P[measure.P99], ms(900))
		// Of the window of ten seconds 1 of 6 (11 at full length) is open.
		r.least("live p99 of 10 s, one second later", ten.P[measure.P99], ms(850))
		r.least("live p99 of 1 s, two seconds later", later.P[measure.P99], ms(1800))
		r.text("marked as a bound", fmt.Sprint(one.Open[measure.P99]), "true")
		r.count("frames without a live percentile", blank, 0, 0)
		return nil
	},
}
