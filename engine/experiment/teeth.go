package experiment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/pace"
)

// The experiments of this file hurt the machine that makes the load, which is a
// process of its own, and look whether it says so: soon, in words that name the
// cause, and never as if it were the target.

// noticedWithin is how soon a hurt must be told.
const noticedWithin = 2 * time.Second

// not makes a mutant in which metrics are not measured.
func not(name, bug string, metrics ...string) Mutant {
	return Mutant{Name: name, Bug: bug, put: func(f *fault) { f.blind = metrics }}
}

// blames are the verdicts that speak of the target.
var blames = []string{"OVERLOADED", "CONCURRENCY FULL", "TARGET FAILS", "DRIFTING", "TARGET KEEPS UP"}

func blamesTarget(w *telling) bool {
	return slices.ContainsFunc(blames, func(b string) bool { return strings.HasPrefix(w.Verdict.Text, b) })
}

// names reports whether a reason of the report begins so.
func names(rep *health.Report, metric string) bool {
	return slices.ContainsFunc(rep.Reasons, func(s string) bool { return strings.HasPrefix(s, metric) })
}

// noticed judges what was told after a hurt: a report as bad as want, within
// noticedWithin, with a reason of each kind; the alternatives of a kind are
// names of metrics.
func (d *driven) noticed(r *Report, hurt time.Time, want health.State, kinds ...[]string) {
	var why []string
	w := d.until(hurt.Add(noticedWithin), func(w *telling) bool {
		if w.Report == nil || !w.at.After(hurt) {
			return false
		}
		why = append(why, fmt.Sprintf("%s %q", w.Report.State, w.Report.Reasons))
		if w.Report.State != want && w.Report.State != health.Invalid {
			return false
		}
		for _, kind := range kinds {
			if !slices.ContainsFunc(kind, func(m string) bool { return names(w.Report, m) }) {
				return false
			}
		}
		return true
	})
	what := fmt.Sprintf("%s, with the reason %q", want, kinds)
	if w == nil {
		r.add(false, what, "within "+show(noticedWithin), strings.Join(why, " "))
		return
	}
	r.add(true, what, "within "+show(noticedWithin), "after "+show(w.at.Sub(hurt))+": "+strings.Join(w.Report.Reasons, ", "))
	r.add(!blamesTarget(w), "verdict", "not of the target", w.Verdict.Text+", "+w.Verdict.Detail)
}

// hurtable opens a target and starts a load against it, of an hour if nothing
// is said: it is ended with the experiment.
func (l *Lab) hurtable(b Behaviour, a assignment, do doing) (Target, *driven, error) {
	target, err := l.World.Open(b)
	if err != nil {
		return nil, nil, err
	}
	a.URL = target.URL()
	if a.Length == 0 {
		a.Length = time.Hour
	}
	d, err := l.start(a, do)
	if err != nil {
		return nil, nil, errors.Join(err, target.Close())
	}
	return target, d, target.Begin(d.began)
}

var quota = &Experiment{
	ID: "T13 quota", Title: "A quota of CPU", Where: Apart,
	Proves:  "a control group that gives a fifth of the CPU it needs is named within 2 s, and the numbers are invalid",
	Mutants: []Mutant{not("quota not looked at", "the limits of the container are not known", "CPU quota stops")},
	run: func(l *Lab, r *Report) (err error) {
		g, err := newGroup()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, g.close()) }()
		target, d, err := l.hurtable(Behaviour{}, assignment{Rate: "3000", Concurrency: 200}, doing{before: g.take})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.end(), target.Close()) }()
		var seen []*telling
		if d.until(d.began.Add(10*time.Second), func(w *telling) bool {
			seen = append(seen, w)
			return len(seen) == 2
		}) == nil {
			return errors.New("two seconds of the load were not told in ten")
		}
		needs := float64(seen[1].CPU-seen[0].CPU) / float64(seen[1].at.Sub(seen[0].at))
		hurt := time.Now()
		if err := g.limit(needs / 5); err != nil {
			return err
		}
		d.noticed(r, hurt, health.Invalid, []string{"CPU quota stops"})
		return nil
	},
}

var busyCPUs = &Experiment{
	ID: "T13 hog", Title: "Other programs on every CPU", Where: Apart,
	Proves: "programs that take all CPUs are noticed within 2 s: by what waits, and as the doing of other programs",
	Mutants: []Mutant{
		not("waits not measured", "nothing measures how late this program runs", "read canary p99", "hiccup max", "scheduler latency p99"),
		not("others not looked at", "nothing says what other programs use", "idle CPU of this machine", "stolen CPU"),
	},
	run: func(l *Lab, r *Report) (err error) {
		target, d, err := l.hurtable(Behaviour{}, assignment{Rate: "1000", Concurrency: 500}, doing{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.end(), target.Close()) }()
		if d.until(d.began.Add(10*time.Second), func(w *telling) bool { return w.Report != nil }) == nil {
			return errors.New("no second of the load was told in ten")
		}
		hurt := time.Now()
		stop, err := l.startHog()
		if err != nil {
			return err
		}
		d.noticed(r, hurt, health.Warn,
			[]string{"read canary p99", "hiccup max", "scheduler latency p99"}, []string{"idle CPU of this machine", "stolen CPU"})
		return stop()
	},
}

var stopped = &Experiment{
	ID: "T13 stop", Title: "A stop of a second", Where: Apart,
	Proves: "of 1000/s, a stop of the program for a second keeps back all but the last 100 ms, spoils one stretch and makes no burst",
	Mutants: []Mutant{
		sleepless,
		not("stop not told", "nothing says that this program did not run", "requests slept past", "hiccup max", "read canary p99", "send lag p99",
			"scheduler latency p99", "in-flight audit", "count audit", "connections with unread answers"),
	},
	run: func(l *Lab, r *Report) (err error) {
		target, d, err := l.hurtable(Behaviour{}, assignment{Rate: "1000", Concurrency: 500, Length: 4 * time.Second, Experiment: "T13 stop", Mutant: l.fault.name}, doing{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.end(), target.Close()) }()
		d.until(d.began.Add(1500*time.Millisecond), nil)
		if err := stopProcess(d.cmd.Process.Pid); err != nil {
			return err
		}
		hurt := time.Now()
		time.Sleep(time.Second)
		if err := continueProcess(d.cmd.Process.Pid); err != nil {
			return err
		}
		awake := time.Now()
		d.noticed(r, awake, health.Invalid, []string{"requests slept past"})
		d.until(d.began.Add(20*time.Second), nil)
		if d.last == nil {
			return errors.New("the load did not end")
		}
		log, err := target.Log()
		if err != nil {
			return err
		}
		r.unwell = d.excuse(l)
		from, to := int64(hurt.Sub(d.began)), int64(awake.Sub(d.began))
		r.count("requests not sent, for this machine slept", d.last.Counts.Generator, (to-from)/1e6-100, 50).timed()
		r.atLeast("requests not sent, at least", float64(d.last.Counts.Generator), float64((to-from)/1e6-100)-100)
		var arrived []int64
		for _, e := range log {
			arrived = append(arrived, e.Arrival)
		}
		// What the last 100 ms owe, and what is due meanwhile.
		r.below("arrivals in the 10 ms after it", float64(within(arrived, to, to+1e7)), 120).timed()
		r.below("arrivals in the 100 ms after it", float64(within(arrived, to, to+1e8)), 300).timed()
		marked, gaps, inside := false, 0, true
		for _, row := range d.last.Rows {
			if row.Invalid && !marked {
				gaps++
			}
			marked = row.Invalid
			if over := (row.Second+1)*1e9 <= from-1e9 || row.Second*1e9 >= to+1e9; row.Invalid && over {
				inside = false
			}
		}
		r.atLeast("stretches of invalid seconds", float64(gaps), 1)
		r.count("stretches of invalid seconds, in all", int64(gaps), 1, 0).timed()
		r.add(inside, "invalid seconds", "around the stop", fmt.Sprint(inside)).timed()
		return nil
	},
}

// sleepless sends what a stop of the machine kept back.
var sleepless = Mutant{
	Name: "catch-up after a stop", Bug: "what was due while this machine slept is sent when it wakes",
	put: func(f *fault) {
		f.name = "catch-up after a stop"
		f.hooks.Schedule = func(a pace.Arrivals, seed uint64) engine.Schedule {
			return &retimed{Schedule: pace.New(a, seed), from: time.Now()}
		}
	},
}

// retimed is a schedule that makes what is overdue due now.
type retimed struct {
	*pace.Schedule
	from time.Time
}

func (s *retimed) Hold(at int64, rate float64) {
	if at == 0 {
		s.from = time.Now()
	}
	s.Schedule.Hold(at, rate)
}

func (s *retimed) Next() (int64, bool) {
	t0, ok := s.Schedule.Next()
	if now := int64(time.Since(s.from)); ok && now-t0 > 50e6 {
		return now, ok
	}
	return t0, ok
}

var noFiles = &Experiment{
	ID: "T13 files", Title: "No more open files", Where: Apart,
	Proves:  "a limit of 64 open files is refused at the start for 200 connections; met on the way, it is this machine's fault and not the target's",
	Mutants: []Mutant{not("files not looked at", "refused descriptors are in no metric", "open files")},
	run: func(l *Lab, r *Report) (err error) {
		const few = 64
		target, d, err := l.hurtable(Behaviour{Service: ms(1)}, assignment{Rate: "200", Concurrency: 200}, doing{before: func(pid int) error { return allowFiles(pid, few) }})
		var no refused
		switch {
		case errors.As(err, &no):
			r.add(strings.Contains(string(no), "open files"), "the start", "refused, for open files", string(no))
		case err != nil:
			return err
		default:
			r.add(false, "the start", "refused, for open files", "accepted")
			if err := errors.Join(d.end(), target.Close()); err != nil {
				return err
			}
		}
		// Every request takes a second, so that each one of the first needs a
		// connection.
		target, d, err = l.hurtable(Behaviour{Service: time.Second}, assignment{Rate: "200", Concurrency: 200, Length: 3 * time.Second}, doing{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.end(), target.Close()) }()
		hurt := time.Now()
		if err := allowFiles(d.cmd.Process.Pid, few); err != nil {
			return err
		}
		d.noticed(r, hurt, health.Invalid, []string{"open files none left"})
		d.until(d.began.Add(20*time.Second), nil)
		if d.last == nil {
			return errors.New("the load did not end")
		}
		faults := map[string]int64{}
		for _, t := range d.last.ByFault {
			faults[t.Name] = t.Count
		}
		r.atLeast("dial:no-fd", float64(faults["dial:no-fd"]), 1)
		r.count("errors of another kind", d.last.Counts.Error-faults["dial:no-fd"], 0, 0)
		return nil
	},
}

// cryWolf warns without a reason.
var cryWolf = Mutant{
	Name: "false alarm", Bug: "health warns although nothing is wrong",
	put: func(f *fault) { f.wolf = true },
}

var calm = &Experiment{
	ID: "T13 calm", Title: "A healthy run", Where: Apart,
	Proves:  "in seconds in which this machine does nothing else, a run that it can carry warns of nothing",
	Mutants: []Mutant{cryWolf},
	run: func(l *Lab, r *Report) (err error) {
		wanted := l.pick(2*time.Second, 10*time.Second, 10*time.Minute)
		most := l.pick(5*time.Second, time.Minute, 30*time.Minute)
		target, d, err := l.hurtable(Behaviour{Service: ms(1)}, assignment{Rate: "500", Concurrency: 100, Length: most}, doing{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.end(), target.Close()) }()
		w, err := l.watch(d.began)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, w.end()) }()
		var calm, stirred int64
		var alarms []string
		d.until(d.began.Add(most+20*time.Second), func(t *telling) bool {
			// The false alarm comes however this machine is, and a test, in which it
			// never is calm, has to see it.
			if !l.Untimed && !l.fault.wolf && (!w.calm(t.Report.Second) || others(t)) {
				stirred++
			} else if calm++; len(t.Report.Reasons) > 0 {
				alarms = append(alarms, fmt.Sprintf("second %d: %s", t.Report.Second, strings.Join(t.Report.Reasons, ", ")))
			}
			if n := t.Report.Second; l.Progress != nil && n > 0 && n%30 == 0 {
				l.Progress(fmt.Sprintf("%d of %d seconds judged, %d with a warning; %d not, as other programs used this machine", calm, wanted/time.Second, len(alarms), stirred))
			}
			return calm >= int64(wanted/time.Second)
		})
		measured := fmt.Sprintf("%d, and %d not judged in which other programs used this machine", len(alarms), stirred)
		f := r.add(len(alarms) == 0, fmt.Sprintf("seconds with a warning, of %d", calm), "0", strings.Join(append([]string{measured}, alarms...), "; "))
		r.unwell = d.excuse(l)
		switch {
		case l.fault.wolf:
		case l.Untimed:
			f.Unjudged = r.unwell
		case calm < int64(wanted/time.Second) && len(alarms) == 0: // an alarm counts even so
			f.Unjudged = "too few seconds in which other programs did not use this machine"
		}
		told := int64(len(d.all))
		r.count("seconds told", told, int64(time.Since(d.began)/time.Second), 1).timed()
		r.atLeast("seconds told, at least", float64(told), 1)
		return nil
	},
}
