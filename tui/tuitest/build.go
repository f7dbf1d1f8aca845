package tuitest

import (
	"fmt"
	"math"
	"time"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/measure"
)

const ms = int64(time.Millisecond)

// Began is the wall clock at which every run here began; Now is what the
// header's clock shows 3 min 42 s later.
var (
	zone  = time.FixedZone("", 3600)
	Began = time.Date(2026, 11, 23, 14, 3, 49, 0, zone)
	Now   = time.Date(2026, 11, 23, 14, 7, 31, 0, zone)
)

// ladder is a distribution of n samples with these percentiles, in
// milliseconds, the others between them.
func ladder(n int64, p50, p95, p99, longest float64) measure.Ladder {
	at := func(v float64) int64 { return int64(v * float64(ms)) }
	l := measure.Ladder{Count: n, Mean: 1.15 * p50 * float64(ms), Min: at(p50 * 0.6), Max: at(longest)}
	mid := func(a, b, f float64) int64 { return at(a * math.Pow(b/a, f)) }
	l.P = [measure.NumPercentiles]int64{
		at(p50), mid(p50, p95, 0.4), mid(p50, p95, 0.8), at(p95), at(p99), mid(p99, longest, 0.5), mid(p99, longest, 0.8),
	}
	for i, p := range measure.Percentiles {
		l.Enough[i] = float64(n)*(100-p)/100 >= 10-1e-9
	}
	return l
}

// sure is how sure the percentiles of a distribution of that shape are. Between
// them the logarithm of the time goes with the normal quantile of the rank.
func sure(l measure.Ladder) (s measure.Sure) {
	normal := func(q float64) float64 { return math.Sqrt2 * math.Erfinv(2*q-1) }
	n := float64(l.Count)
	at := func(q float64) int64 {
		z, z0, v0 := normal(q), normal(1/(n+1)), float64(max(l.Min, 1))
		for i, v := range l.P {
			z1, v1 := normal(measure.Percentiles[i]/100), float64(max(v, 1))
			if z <= z1 {
				return int64(v0 * math.Pow(v1/v0, max(0, (z-z0)/(z1-z0))))
			}
			z0, v0 = z1, v1
		}
		return l.Max
	}
	for i, p := range measure.Percentiles {
		if l.Enough[i] {
			half := 1.96 * math.Sqrt(n*p/100*(1-p/100)) / n
			s.P[i] = measure.Interval{Low: at(p/100 - half), High: at(min(p/100+half, 1))}
		}
	}
	return s
}

// slowest are requests that took longest: most of them waited for the target.
func slowest(at []time.Duration) []measure.Slow {
	var list []measure.Slow
	for i, due := range at {
		x := measure.Slow{Name: []string{"checkout", "browse", "search"}[i%3]}
		t0 := int64(due)
		x.T0, x.T1, x.T2, x.Status, x.Flags = t0, t0+30_000, t0+31_000, 200, measure.Departed
		x.T3, x.T8 = x.T2, t0+(412-23*int64(i))*ms
		switch i % 4 {
		case 1:
			x.T2, x.T3 = t0+290*ms, t0+290*ms
		case 2:
			x.T3, x.Class, x.Status, x.Cause = x.T2+3*ms, measure.Error, 0, "wait:timeout"
		case 3:
			x.Class, x.Status = measure.Status, 500
		}
		x.T4 = x.T3 + 12_000
		list = append(list, x)
	}
	return list
}

// bound marks the percentiles from i on as lower bounds.
func bound(l measure.Ladder, i int) measure.Ladder {
	for ; i < measure.NumPercentiles; i++ {
		l.Open[i] = true
	}
	l.MaxOpen = true
	return l
}

// window is what happened in so many seconds, its rates made from its counts.
func window(seconds float64, c measure.Counts, response, service measure.Ladder) measure.Window {
	per := func(n int64) float64 { return float64(n) / seconds }
	return measure.Window{
		Seconds: seconds, Counts: c, Response: response, Service: service,
		Rates: measure.Rates{
			Intended: per(c.Intended), Sent: per(c.Sent), Done: per(c.Done()), OK: per(c.OK),
			Limited: per(c.Limited), Failed: per(c.Failed()), Unsent: per(c.Unsent()),
		},
	}
}

func endpoint(name string, seconds float64, ok, limited, failed int64, p50, p99 float64) measure.Endpoint {
	c := measure.Counts{Intended: ok + limited + failed, Sent: ok + limited + failed, OK: ok, Limited: limited, Status: failed}
	r := ladder(ok, p50, math.Sqrt(p50*p99), p99, 2*p99)
	e := measure.Endpoint{
		Name:  name,
		Rates: window(seconds, c, r, r).Rates,
		Stats: measure.Stats{Counts: c, Response: r, ByStatus: []measure.Tally{{Name: "200", Count: ok}}},
	}
	stages(&e.Stats)
	if limited > 0 {
		e.Stats.ByStatus = append(e.Stats.ByStatus, measure.Tally{Name: "429", Count: limited})
	}
	if failed > 0 {
		e.Stats.ByStatus = append(e.Stats.ByStatus, measure.Tally{Name: "500", Count: failed, Sample: "upstream timed out"})
	}
	return e
}

// segment is a closed part of the run in which everything was answered.
func segment(id int, from, to int64, kind measure.Kind, rate, rateTo float64, c int, l measure.Ladder, v measure.Verdict) *measure.Segment {
	s := &measure.Segment{
		ID: id, Kind: kind, From: from * 1000 * ms, To: to * 1000 * ms, Settled: from*1000*ms + 200*ms, Verdict: v, By: string(engine.ByKey),
		Setting: measure.Setting{Model: "open", Rate: rate, RateTo: rateTo, Concurrency: c, Arrivals: "poisson", Late: "queue"},
		Stats:   measure.Stats{Counts: measure.Counts{Intended: l.Count, Sent: l.Count, OK: l.Count}, Response: l, Service: l, ByStatus: []measure.Tally{{Name: "200", Count: l.Count}}},
	}
	stages(&s.Stats)
	s.Sure = sure(l)
	return s
}

// changes is how a setting differs from an earlier one.
func changes(then, now *measure.Segment) (c [measure.NumPercentiles]measure.Change) {
	for i := range c {
		a, b := then.Stats.Response.P[i], now.Stats.Response.P[i]
		c[i] = measure.Change{
			Percent: 100 * (float64(b)/float64(a) - 1), Judged: true, Different: true,
			Valid: then.Stats.Response.Enough[i] && now.Stats.Response.Enough[i],
		}
	}
	return c
}

// stretch is a piece of history: seconds under one rate, which may move.
type stretch struct {
	seconds      int
	rate, rateTo float64
	p50, p99     float64 // milliseconds
	done         float64 // share of what was asked
	bound        bool
	invalid      bool
}

// history is the run second by second, with a small, always equal, unrest.
func history(parts ...stretch) measure.History {
	var rows []measure.Row
	for n, s := range parts {
		for i := range s.seconds {
			f := float64(i) / float64(s.seconds)
			rate := s.rate
			if s.rateTo > 0 {
				rate += (s.rateTo - s.rate) * f
			}
			wave := 1 + 0.06*math.Sin(float64(len(rows))*0.7) + 0.03*math.Sin(float64(len(rows))*2.3)
			asked := int64(math.Round(rate * (1 + 0.01*math.Sin(float64(len(rows))*1.9))))
			done := int64(math.Round(float64(asked) * s.done))
			row := measure.Row{
				Second: int64(len(rows)), Segment: int32(n + 1), Rate: rate,
				Intended: asked, Sent: done, Done: done, OK: done, InFlight: asked - done,
				Bound: s.bound, Invalid: s.invalid, Warn: s.invalid,
			}
			if s.p50 > 0 {
				row.P50, row.P99 = int64(s.p50*wave*float64(ms)), int64(s.p99*wave*wave*float64(ms))
				row.P90, row.Max = (row.P50+row.P99)/2, 3*row.P99
			}
			rows = append(rows, row)
		}
	}
	var h measure.History
	for len(rows) > 0 {
		n := min(256, len(rows))
		h.Chunks = append(h.Chunks, rows[:n])
		rows = rows[n:]
	}
	return h
}

// heat spreads the answers of each second over the buckets of a heat map, as
// a lognormal distribution with its median and its 99th percentile has them.
func heat(h measure.History) measure.Heat {
	var out measure.Heat
	for _, rows := range h.Chunks {
		chunk := make([]measure.HeatSecond, 0, len(rows))
		for _, r := range rows {
			chunk = append(chunk, heatSecond(r))
		}
		out.Chunks = append(out.Chunks, chunk)
	}
	return out
}

func heatSecond(r measure.Row) measure.HeatSecond {
	row := measure.HeatSecond{Second: r.Second}
	if r.OK == 0 || r.P50 <= 0 || r.Bound {
		return row
	}
	sigma := max(math.Log(float64(r.P99)/float64(r.P50))/2.326, 0.05)
	below := func(v int64) float64 {
		if v <= 0 {
			return 0
		}
		return 0.5 * (1 + math.Erf(math.Log(float64(v)/float64(r.P50))/sigma/math.Sqrt2))
	}
	var n [measure.HeatBuckets]uint32
	first, last := -1, -1
	for k := range n {
		to := 1.0
		if k+1 < measure.HeatBuckets {
			to = below(measure.HeatFrom(k + 1))
		}
		n[k] = uint32(math.Round((to - below(measure.HeatFrom(k))) * float64(r.OK)))
		if n[k] > 0 {
			if first < 0 {
				first = k
			}
			last = k
		}
	}
	if first < 0 {
		return row
	}
	row.First, row.N = first, append([]uint32(nil), n[first:last+1]...)
	return row
}

// stages gives a segment the parts of its response times: nearly all of it is
// the target's.
func stages(s *measure.Stats) {
	n := s.Response.Count
	scale := func(l measure.Ladder, f float64) measure.Ladder {
		l.Mean *= f
		l.Min = int64(float64(l.Min) * f)
		l.Max = int64(float64(l.Max) * f)
		for i := range l.P {
			l.P[i] = int64(float64(l.P[i]) * f)
		}
		return l
	}
	s.Service, s.TTFB = scale(s.Response, 0.995), scale(s.Response, 0.97)
	s.Answered, s.Intended = s.Response, s.Response
	s.PacerLag = ladder(n, 0.021, 0.08, 0.12, 1.1)
	s.SlotWait = ladder(n, 0.0004, 0.0009, 0.0021, 0.4)
	s.Connect = ladder(n, 0.0001, 0.0002, 0.0003, 21)
	s.DispatchLag = ladder(n, 0.009, 0.03, 0.05, 0.8)
}

func fine(second int64) *health.Report {
	r := &health.Report{Second: second, State: health.OK, Busy: 0.31}
	for _, m := range [...][5]string{
		{"send lag p99", "0.12 ms", "> 1.50 ms", "> 10 ms", "p50 0.03 ms, max 1.10 ms"},
		{"read canary p99", "0.21 ms", "> 1 ms", "> 5 ms", "p50 0.05 ms, max 0.40 ms"},
		{"hiccup max", "0.40 ms", "> 10 ms", "> 100 ms", ""},
		{"scheduler latency p99", "131 µs", "> 1 ms", "> 10 ms", "of 812 seen"},
		{"tasks waiting for each CPU", "0.25", "> 4", "> 32", ""},
		{"GC pause p99", "0 ms", "> 0.50 ms", "> 5 ms", "of any moment; 2 pauses, longest 82 µs"},
		{"GC share of CPU", "0.40 %", "> 5 %", "> 20 %", ""},
		{"GC cycles a second", "0", "> 2", "", ""},
		{"own CPU", "31 %", "> 70 %", "> 90 %", "of 4 CPUs"},
		{"own CPU at the asked rate", "31 %", "> 50 %", "> 80 %", ""},
		{"idle CPU of this machine", "64 %", "< 15 %", "", "other programs use 5 %"},
		{"stolen CPU", "0 %", "> 1 %", "> 5 %", ""},
		{"CPU quota stops", "no quota", "any", "> 5 %", ""},
		{"suspended", "0 ms", "", "any", ""},
		{"clock source", "tsc", "any", "", ""},
		{"requests slept past", "0", "", "any", ""},
		{"open files", "7.20 %", "> 80 %", "", "75 of 1,048"},
		{"local ports", "0.22 %", "> 60 %", "", "61 of 28,232"},
		{"packets sent again", "0 %", "> 0.10 %", "> 1 %", ""},
		{"connections with unread answers", "0 %", "> 5 %", "> 25 %", ""},
		{"packets dropped here", "0", "any", "", ""},
		{"in-flight audit", "0.02 %", "> 1 %", "> 5 %", "44.02 by count, 44.01 by times"},
		{"count audit", "adds up", "", "any", ""},
		{"target on this machine", "no", "", "", ""},
	} {
		r.Metrics = append(r.Metrics, health.Metric{Name: m[0], Value: m[1], Warn: m[2], Invalid: m[3], Detail: m[4], State: health.OK})
	}
	return r
}

// slow makes a figure of a report pass a limit.
func slow(r *health.Report, name, value string, to health.State, note string) {
	for i := range r.Metrics {
		if m := &r.Metrics[i]; m.Name == name {
			m.Value, m.State, m.Note, m.Excess = value, to, note, 2
		}
	}
}

// Check returns what in a snapshot breaks the laws of the counts, or nil.
func Check(s *engine.Snapshot) error {
	law := func(what string, c *measure.Counts) error {
		sum := c.OK + c.Status + c.Limited + c.Assert + c.Error + c.Expired + c.Shed + c.Superseded + c.Generator +
			c.Cut + c.Stopped + c.Backlog + c.Connecting + c.InFlight
		if c.Intended != sum {
			return fmt.Errorf("%s: intended %d, states %d", what, c.Intended, sum)
		}
		return nil
	}
	ladders := func(what string, l *measure.Ladder, n int64) error {
		if l.Count < n {
			return fmt.Errorf("%s: %d samples for %d requests", what, l.Count, n)
		}
		last := int64(0)
		for i, v := range l.P {
			if v < last || v > l.Max {
				return fmt.Errorf("%s: percentile %v is %d after %d, max %d", what, measure.Percentiles[i], v, last, l.Max)
			}
			last = v
		}
		return nil
	}
	if err := law("run", &s.View.Run.Counts); err != nil {
		return err
	}
	if err := law("since", &s.View.Since.Counts); err != nil {
		return err
	}
	if err := ladders("since", &s.View.Since.Response, s.View.Since.Counts.OK); err != nil {
		return err
	}
	if err := ladders("last 10 s", &s.View.Last10.Response, 0); err != nil {
		return err
	}
	var total measure.Counts
	for _, g := range s.View.Segments {
		if err := law(fmt.Sprintf("segment %d", g.ID), &g.Stats.Counts); err != nil {
			return err
		}
		total.Intended += g.Stats.Counts.Intended
		for _, e := range g.Endpoints {
			if err := law(fmt.Sprintf("segment %d, %s", g.ID, e.Name), &e.Stats.Counts); err != nil {
				return err
			}
		}
	}
	if len(s.View.Segments) > 0 && total.Intended != s.View.Run.Counts.Intended {
		return fmt.Errorf("segments ask %d, the run %d", total.Intended, s.View.Run.Counts.Intended)
	}
	return nil
}
