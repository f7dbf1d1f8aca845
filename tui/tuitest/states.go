package tuitest

import (
	"time"

	"stoke/engine"
	"stoke/engine/health"
	"stoke/engine/measure"
)

// Case is a snapshot with a name for its golden frames.
type Case struct {
	Name string
	*engine.Snapshot
}

// All returns a fresh snapshot of every state.
func All() []Case {
	return append([]Case{
		{"ready", Ready()}, {"running", Running()}, {"stalled", Stalled()}, {"full", Full()}, {"invalid", Invalid()},
		{"paused", Paused()}, {"limited", Limited()}, {"draining", Draining()}, {"ended", Ended()}, {"first", First()},
		{"closed", Closed()}, {"ramp", Ramp()}, {"hostile", Hostile()}, {"empty", &engine.Snapshot{State: engine.Running}},
	}, Traffic()...)
}

// Ready is a run before its start, its probe answered.
func Ready() *engine.Snapshot {
	return &engine.Snapshot{
		Rev: 3, Run: "20261123-140349-checkout-peak", Profile: "checkout-peak", Target: "https://api.example.test", Host: "api.example.test",
		Addrs: []string{"192.0.2.17", "192.0.2.18", "2001:db8::17"}, Protocol: "HTTP/1.1", State: engine.Ready, Model: "open",
		Dial:    engine.Dial{Rate: 100, Concurrency: 64, Arrivals: "poisson", Late: "queue"},
		Ceiling: engine.Ceiling{Rate: 5000, Concurrency: 512}, Holder: engine.ByProfile,
		Phases: engine.PhaseState{Count: 3, Index: 1, Text: "rate 100", Driving: true},
		Probe: &engine.ProbeResult{
			Done: true, Request: "GET /products", Status: 302, Type: "text/html", Bytes: 138, Took: 31200 * time.Microsecond,
			Redirect: "https://www.example.test/products",
		},
		HealthVerdict: "unknown", Verdict: engine.VerdictLine{Level: engine.LevelNone, Text: "READY", Detail: "no load yet, one request was sent to look"},
	}
}

// Running is the run of the page that describes the cockpit.
func Running() *engine.Snapshot {
	s := Ready()
	s.Rev, s.State, s.Began, s.At = 2200, engine.Running, Began, 222*time.Second
	s.Dial = engine.Dial{Rate: 1200, Now: 1200, Concurrency: 128, Arrivals: "poisson", Late: "queue"}
	s.Holder = engine.ByKey
	s.Phases = engine.PhaseState{Count: 4, Index: 3, Text: "rate 2k over 2m", Left: 72 * time.Second,
		Wants: engine.Dial{Rate: 1400, Concurrency: 64}}
	s.Protocol = "HTTP/1.1, TLS 1.3 TLS_AES_128_GCM_SHA256"
	s.UndoText, s.Slots, s.InFlight = "rate 1200 > 1000", 61, 44

	one := segment(1, 0, 45, measure.Hold, 100, 100, 64, ladder(4500, 24.1, 41, 55.0, 120), measure.Steady)
	two := segment(2, 45, 118, measure.Hold, 500, 500, 128, ladder(36427, 26.8, 44, 61.0, 180), measure.Steady)
	ramp := segment(3, 118, 125, measure.Ramp, 500, 1000, 128, ladder(5236, 27.6, 50, 69.7, 200), measure.NoVerdict)
	ramp.Label = "500 to 1,000"
	four := segment(4, 125, 190, measure.Hold, 1000, 1000, 128, ladder(65000, 28.4, 55.9, 84.2, 377), measure.Steady)
	five := segment(5, 190, 222, measure.Hold, 1200, 1200, 128, ladder(38259, 31.0, 74.0, 121, 412), measure.Steady)
	five.Open = true
	five.Sure.Clustered[measure.P99], five.Sure.Clustered[measure.P999] = true, true
	c := measure.Counts{Intended: 38456, Sent: 38456, OK: 38259, Limited: 112, Status: 37, Error: 4, InFlight: 44}
	five.Stats.Counts = c
	five.Stats.ByStatus = []measure.Tally{{Name: "200", Count: 38259}, {Name: "429", Count: 112}, {Name: "500", Count: 37, Sample: "upstream timed out"}}
	five.Stats.ByFault = []measure.Tally{{Name: "wait:timeout", Count: 4}}
	five.Stats.RetryAfter = []measure.Tally{{Name: "2 s", Count: 112}}
	five.Endpoints = []measure.Endpoint{
		endpoint("browse", 32, 19168, 35, 1, 26.9, 71.2), endpoint("cart", 32, 5746, 13, 3, 30.7, 80.3),
		endpoint("checkout", 32, 3747, 30, 31, 68.0, 188), endpoint("search", 32, 7695, 28, 4, 33.1, 96.4),
		endpoint("process", 32, 1903, 6, 2, 40.2, 104),
	}
	run := measure.Counts{InFlight: 44, Opened: 64}
	for _, g := range []*measure.Segment{one, two, ramp, four, five} {
		n := g.Stats.Counts
		run.Intended += n.Intended
		run.Sent += n.Sent
		run.OK += n.OK
		run.Limited += n.Limited
		run.Status += n.Status
		run.Error += n.Error
	}
	run.Reused = run.Sent - run.Opened
	ten := measure.Counts{Intended: 12060, Sent: 12060, OK: 12004, Limited: 34, Status: 11, Error: 1, InFlight: 44}
	s.View = measure.View{
		Now: 222 * 1000 * ms,
		Run: measure.Stats{
			Counts: run, Response: ladder(run.OK, 28.9, 61, 97, 412),
			ByStatus:   []measure.Tally{{Name: "200", Count: run.OK}, {Name: "429", Count: 112}, {Name: "500", Count: 37, Sample: "upstream timed out"}},
			ByFault:    []measure.Tally{{Name: "wait:timeout", Count: 4}},
			RetryAfter: []measure.Tally{{Name: "2 s", Count: 112}},
		},
		Last1:    window(1, measure.Counts{Intended: 1206, Sent: 1206, OK: 1201, Limited: 4, Status: 1}, ladder(1201, 31.2, 75, 124, 301), ladder(1201, 31.1, 75, 123, 301)),
		Last10:   window(10, ten, ladder(12048, 31.2, 75.1, 124, 301), ladder(12004, 31.1, 75, 123, 301)),
		Since:    window(32, c, ladder(38303, 31.0, 74.0, 121, 412), ladder(38259, 30.9, 73.9, 120, 412)),
		Segments: []*measure.Segment{one, two, ramp, four, five},
		History: history(
			stretch{seconds: 45, rate: 100, p50: 14.1, p99: 32, done: 1},
			stretch{seconds: 73, rate: 500, p50: 15.8, p99: 61, done: 1},
			stretch{seconds: 7, rate: 500, rateTo: 1000, p50: 16.6, p99: 69.7, done: 1},
			stretch{seconds: 65, rate: 1000, p50: 17.4, p99: 84.2, done: 1},
			stretch{seconds: 32, rate: 1200, p50: 19.0, p99: 121, done: 0.999}),
	}
	s.View.Slowest = slowest([]time.Duration{
		193 * time.Second, 207 * time.Second, 61 * time.Second, 214 * time.Second, 118 * time.Second, 202 * time.Second, 90 * time.Second,
	})
	s.View.Against, s.View.Changes, s.View.ChangeMax = four, changes(four, five), measure.Change{Percent: 9, Valid: true, Judged: true}
	s.Events = []engine.Event{
		{ID: 1, At: 0, By: engine.ByProfile, Do: "rate 100", To: "rate 100", Segment: 1},
		{ID: 2, At: 45 * time.Second, By: engine.ByProfile, Do: "rate 500", From: "rate 100", To: "rate 500", Segment: 2},
		{ID: 3, At: 118 * time.Second, By: engine.ByProfile, Do: "rate 1000 over 7s", From: "rate 500", To: "rate 1000", Segment: 3},
		{ID: 4, At: 190 * time.Second, By: engine.ByKey, Do: "rate 1200", From: "rate 1000", To: "rate 1200", Segment: 5},
	}
	s.Verdict = engine.VerdictLine{Level: engine.LevelOK, Text: "TARGET KEEPS UP", Detail: "steady for 22 s, 0.29 % throttled since this change"}
	s.Audit, s.Health, s.Seconds, s.HealthVerdict = "ok", fine(221), 222, "ok"
	one17, one18 := run, measure.Counts{OK: 1204, Error: 3}
	one17.OK -= one18.OK
	one17.Error -= one18.Error
	s.Wire = engine.WireFacts{Requests: run.Sent, Probe: true, Full: 3, Resumed: 61, Addresses: []engine.AddressFacts{
		{Address: "192.0.2.17:443", Part: measure.Part{Address: 1, Counts: one17, Service: ladder(one17.OK, 28.8, 60, 96, 412)}},
		{Address: "192.0.2.18:443", Part: measure.Part{Address: 2, Counts: one18, Service: ladder(one18.OK, 44.1, 88, 131, 301)}},
	}}
	return heated(s)
}

// heated is the snapshot with the heat map of its history.
func heated(s *engine.Snapshot) *engine.Snapshot {
	s.View.Heat = heat(s.View.History)
	return s
}

// current replaces what was asked for since the change: the open segment, the
// windows and the whole run agree with it.
func current(s *engine.Snapshot, c measure.Counts, since measure.Ladder, ten measure.Window) {
	g := s.View.Segments[len(s.View.Segments)-1]
	old := g.Stats.Counts
	g.Stats.Counts = c
	g.Stats.Response = ladder(c.OK, float64(since.P[measure.P50])/float64(ms), float64(since.P[measure.P95])/float64(ms), float64(since.P[measure.P99])/float64(ms), float64(since.Max)/float64(ms))
	stages(&g.Stats)
	g.Sure = sure(g.Stats.Response)
	s.View.Since = window(s.View.Since.Seconds, c, since, g.Stats.Response)
	s.View.Last10 = ten
	r := &s.View.Run.Counts
	r.Intended += c.Intended - old.Intended
	r.Sent += c.Sent - old.Sent
	r.OK += c.OK - old.OK
	r.Status += c.Status - old.Status
	r.Limited += c.Limited - old.Limited
	r.Error += c.Error - old.Error
	r.Expired, r.Shed, r.Superseded, r.Generator = c.Expired, c.Shed, c.Superseded, c.Generator
	r.Cut, r.Stopped = c.Cut, c.Stopped
	r.Backlog, r.Connecting, r.InFlight = c.Backlog, c.Connecting, c.InFlight
	s.InFlight, s.Connecting, s.Backlog = c.InFlight, c.Connecting, c.Backlog
	s.Wire.Requests = r.Sent
}

// unjudged says that the setting cannot be compared with another.
func unjudged(s *engine.Snapshot) {
	for i := range s.View.Changes {
		s.View.Changes[i].Judged, s.View.Changes[i].Different = false, false
	}
	s.View.ChangeMax.Judged = false
}

// Stalled is a target that stopped answering 3 s ago: the percentiles are
// bounds.
func Stalled() *engine.Snapshot {
	s := Running()
	unjudged(s)
	s.Dial.Concurrency, s.Slots = 512, 512
	c := measure.Counts{Intended: 38456, Sent: 35320, OK: 34661, Limited: 110, Status: 36, Error: 1, InFlight: 512, Backlog: 3136}
	since := bound(ladder(38309, 31.0, 1980, 2760, 3040), measure.P95)
	ten := window(10, measure.Counts{Intended: 12050, Sent: 8914, OK: 8402, InFlight: 512, Backlog: 3136}, bound(ladder(12050, 36.4, 2640, 2960, 3040), measure.P90), ladder(8402, 31.1, 75, 123, 301))
	current(s, c, since, ten)
	s.Oldest = 3040 * time.Millisecond
	last := s.View.Segments[4]
	last.Setting.Concurrency = 512
	last.Verdict, last.Slope, last.Detail = measure.Diverging, 1198, "unanswered requests grow by 1,200/s"
	rows := s.View.History.Chunks[0]
	for i := len(rows) - 3; i < len(rows); i++ {
		n := int64(i - len(rows) + 4)
		rows[i].Done, rows[i].OK, rows[i].P50, rows[i].P99, rows[i].Max, rows[i].Bound = 0, 0, n*500*ms, n*990*ms, n*1010*ms, true
	}
	s.Verdict = engine.VerdictLine{Level: engine.LevelBad, Text: "OVERLOADED", Detail: "unanswered requests grow by 1,200/s"}
	return heated(s)
}

// Full is a run whose concurrency is all in use: the target sets the load.
func Full() *engine.Snapshot {
	s := Running()
	unjudged(s)
	s.Slots = 128
	c := measure.Counts{Intended: 38456, Sent: 31328, OK: 31100, Limited: 70, Status: 26, Error: 4, InFlight: 128, Backlog: 1877, Expired: 5251}
	since := bound(ladder(33105, 1620, 1890, 1990, 2020), measure.P9999)
	ten := window(10, measure.Counts{Intended: 12010, Sent: 9819, OK: 9691, InFlight: 128, Backlog: 1877, Expired: 314},
		ladder(11696, 1640, 1910, 1990, 2020), ladder(9691, 130, 150, 170, 300))
	current(s, c, since, ten)
	s.Oldest = 1910 * time.Millisecond
	g := s.View.Segments[4]
	g.Verdict, g.Detail = measure.Overloaded, "13.7 % not sent"
	g.Stats.PacerLag, g.Stats.SlotWait, g.Stats.DispatchLag = ladder(31328, 0.05, 0.2, 0.4, 2), ladder(31328, 1490, 1750, 1830, 1880), ladder(31328, 0.03, 0.1, 0.2, 1)
	rows := s.View.History.Chunks[0]
	for i := len(rows) - 32; i < len(rows); i++ {
		rows[i].Done, rows[i].OK, rows[i].P50, rows[i].P99, rows[i].Unsent = 981, 981, 1600*ms, 1990*ms, 190
	}
	s.Verdict = engine.VerdictLine{Level: engine.LevelWarn, Text: "CONCURRENCY FULL", Detail: "load is now set by the target: 2,280 waiting for one of 128"}
	return heated(s)
}

// Invalid is a run in which this machine is the bottleneck.
func Invalid() *engine.Snapshot {
	s := Running()
	unjudged(s)
	s.Health = fine(221)
	s.Health.State, s.Health.Busy, s.Health.Reasons = health.Invalid, 0.97, []string{"read canary p99 12.1 ms", "own CPU 97 %"}
	slow(s.Health, "read canary p99", "12.1 ms", health.Invalid, "answers waited on this machine before they were read, so latencies read too high by up to this: free CPU or lower the rate")
	slow(s.Health, "own CPU", "97 %", health.Invalid, "this program uses nearly all the CPU it may use: lower the rate, or use more CPUs or a larger machine")
	slow(s.Health, "target on this machine", "yes", health.Warn, "the target shares CPUs and ports with this program: what one uses the other lacks")
	s.InvalidSeconds, s.HealthVerdict, s.HealthReasons = 9, "limiting", []string{"read canary p99 12.1 ms"}
	rows := s.View.History.Chunks[0]
	for i := len(rows) - 9; i < len(rows); i++ {
		rows[i].Invalid, rows[i].P50, rows[i].P99 = true, 3*rows[i].P50, 3*rows[i].P99
	}
	s.View.Segments[4].Invalid = true
	s.Verdict = engine.VerdictLine{Level: engine.LevelBad, Text: "THIS MACHINE IS THE BOTTLENECK, NUMBERS INVALID", Detail: "read canary p99 12.1 ms"}
	return heated(s)
}

// Paused is a run at zero.
func Paused() *engine.Snapshot {
	s := Running()
	s.State, s.Dial.Now, s.InFlight, s.Slots, s.At = engine.Paused, 0, 0, 61, 232*time.Second
	s.Events = append(s.Events, engine.Event{ID: 5, At: 222 * time.Second, By: engine.ByKey, Do: "pause", From: "rate 1.2k", To: "rate 0", Segment: 6})
	five := s.View.Segments[4]
	five.Open = false
	c := five.Stats.Counts
	c.Intended, c.Sent, c.InFlight = c.Intended-44, c.Sent-44, 0
	current(s, c, s.View.Since.Response, window(10, measure.Counts{}, measure.Ladder{}, measure.Ladder{}))
	six := &measure.Segment{ID: 6, Kind: measure.Paused, From: 222 * 1000 * ms, To: 232 * 1000 * ms, Open: true, Verdict: measure.NoVerdict, By: string(engine.ByKey),
		Setting: measure.Setting{Model: "open", Concurrency: 128, Arrivals: "poisson", Late: "queue"}}
	s.View.Segments = append(s.View.Segments, six)
	// As the recorder has it: the newest that has ended, and nothing to compare.
	s.View.Against, s.View.Changes, s.View.ChangeMax = five, [measure.NumPercentiles]measure.Change{}, measure.Change{}
	s.View.Since, s.View.Now = s.View.Last10, 232*1000*ms
	rows := s.View.History.Chunks[0]
	for i := range int64(10) {
		rows = append(rows, measure.Row{Second: 222 + i, Segment: 6})
	}
	s.View.History.Chunks[0] = rows
	s.Verdict = engine.VerdictLine{Level: engine.LevelNone, Text: "PAUSED", Detail: "load is at zero"}
	return heated(s)
}

// Limited is a run that its target throttles.
func Limited() *engine.Snapshot {
	s := Running()
	c := measure.Counts{Intended: 38456, Sent: 38456, OK: 32064, Limited: 6342, Status: 4, Error: 2, InFlight: 44}
	since := ladder(32108, 12.1, 31.0, 48.2, 190)
	ten := window(10, measure.Counts{Intended: 12060, Sent: 12060, OK: 10002, Limited: 2013, Status: 1, InFlight: 44}, ladder(10046, 12.2, 31.4, 48.9, 160), ladder(10002, 12.1, 31, 48, 160))
	current(s, c, since, ten)
	g := s.View.Segments[4]
	g.Stats.ByStatus = []measure.Tally{{Name: "200", Count: 32064}, {Name: "429", Count: 6342}, {Name: "500", Count: 4, Sample: "upstream timed out"}}
	g.Stats.ByFault = []measure.Tally{{Name: "wait:timeout", Count: 2}}
	g.Stats.RetryAfter = []measure.Tally{{Name: "2 s", Count: 6300}, {Name: "5 s", Count: 42}}
	s.Verdict = engine.VerdictLine{Level: engine.LevelWarn, Text: "THROTTLED 16.5 %", Detail: "the target's limiter refuses"}
	return heated(s)
}

// Draining is a run that was told to stop and whose last requests finish.
func Draining() *engine.Snapshot {
	s := Running()
	s.State, s.Ending, s.Dial.Now, s.Draining = engine.Stopping, "operator", 0, 44
	s.Verdict = engine.VerdictLine{Level: engine.LevelNone, Text: "STOPPING", Detail: "44 in flight finish"}
	return heated(s)
}

// Ended is a run that is over.
func Ended() *engine.Snapshot {
	s := Running()
	s.State, s.Ending, s.Dial.Now, s.Slots = engine.Ended, "operator", 0, 0
	g := s.View.Segments[4]
	g.Open = false
	c := g.Stats.Counts
	c.OK, c.InFlight = c.OK+c.InFlight, 0
	current(s, c, ladder(c.OK, 31.0, 74.0, 121, 412), window(10, measure.Counts{Intended: 12060, Sent: 12060, OK: 12014, Limited: 34, Status: 11, Error: 1}, ladder(12014, 31.2, 75.1, 124, 301), ladder(12014, 31.1, 75, 123, 301)))
	s.Verdict = engine.VerdictLine{Level: engine.LevelNone, Text: "ENDED", Detail: "stopped by operator"}
	return heated(s)
}

// First is a run in its fourth second: few samples.
func First() *engine.Snapshot {
	s := Ready()
	s.State, s.Began, s.At, s.Rev = engine.Running, Now.Add(-4*time.Second), 4*time.Second, 40
	s.Dial = engine.Dial{Rate: 40, Now: 40, Concurrency: 64, Arrivals: "poisson", Late: "queue"}
	s.Phases = engine.PhaseState{Count: 3, Index: 1, Text: "rate 40", Left: 26 * time.Second, Driving: true}
	c := measure.Counts{Intended: 158, Sent: 158, OK: 155, InFlight: 3}
	l := ladder(158, 12.4, 21, 30, 33.1)
	g := segment(1, 0, 4, measure.Hold, 40, 40, 64, l, measure.Settling)
	g.By, g.Open, g.Stats.Counts = string(engine.ByProfile), true, c
	g.Stats.ByStatus = []measure.Tally{{Name: "200", Count: 155}}
	g.Endpoints = []measure.Endpoint{endpoint("browse", 4, 110, 0, 0, 11.4, 29), endpoint("search", 4, 45, 0, 0, 14.2, 30)}
	s.InFlight, s.Slots = 3, 9
	s.View = measure.View{
		Now: 4000 * ms, Run: g.Stats, Segments: []*measure.Segment{g},
		Last1:  window(1, measure.Counts{Intended: 40, Sent: 40, OK: 39, InFlight: 1}, ladder(40, 12.4, 21, 30, 33.1), ladder(39, 12.4, 21, 30, 33.1)),
		Last10: window(4, c, l, l), Since: window(4, c, l, l),
		History: history(stretch{seconds: 4, rate: 40, p50: 12.4, p99: 30, done: 1}),
	}
	s.Events = []engine.Event{{ID: 1, By: engine.ByProfile, Do: "rate 40", To: "rate 40", Segment: 1}}
	s.Verdict = engine.VerdictLine{Level: engine.LevelWait, Text: "SETTLING", Detail: "4 s since the change"}
	s.Audit, s.Health, s.Seconds = "ok", &health.Report{Second: 3, State: health.Unknown, Busy: -1}, 4
	return heated(s)
}

// Closed is a run in the closed model.
func Closed() *engine.Snapshot {
	s := Running()
	s.View.Against = nil
	clear(s.View.Changes[:])
	s.Model, s.Dial.Closed, s.Dial.Rate, s.Dial.Now = "closed", true, 0, 0
	c := measure.Counts{Intended: 251034, Sent: 251034, OK: 250790, Limited: 112, Status: 4, InFlight: 128}
	l := ladder(250790, 15.9, 21.8, 28.4, 91)
	current(s, c, l, window(10, measure.Counts{Intended: 78440, Sent: 78440, OK: 78312, InFlight: 128}, ladder(78312, 16.1, 22, 28.9, 77), ladder(78312, 16.1, 22, 28.9, 77)))
	g := s.View.Segments[4]
	g.Setting.Model, g.Setting.Rate, g.Setting.RateTo = "closed", 0, 0
	s.Events[3].Do, s.Events[3].To = "rate max", "rate max"
	rows := s.View.History.Chunks[0]
	for i := len(rows) - 32; i < len(rows); i++ {
		rows[i].Rate, rows[i].Intended, rows[i].Done, rows[i].P50, rows[i].P99 = 0, 7844, 7840, 16*ms, 29*ms
	}
	s.Slots, s.InFlight = 128, 128
	s.Verdict = engine.VerdictLine{Level: engine.LevelOK, Text: "TARGET KEEPS UP", Detail: "steady for 22 s"}
	return heated(s)
}

// Ramp is a run on its way to another rate.
func Ramp() *engine.Snapshot {
	s := Running()
	unjudged(s)
	s.Dial.Now, s.Dial.Rate, s.Dial.RampLeft = 1540, 2000, 18*time.Second
	s.Holder, s.Phases.Driving = engine.ByProfile, true
	g := s.View.Segments[4]
	g.Kind, g.Setting.RateTo, g.Label, g.Verdict = measure.Ramp, 2000, "1,200 to 2,000", measure.NoVerdict
	s.UndoText = ""
	s.Events[3].By, s.Events[3].Do, s.Events[3].To = engine.ByProfile, "rate 2000 over 50s", "rate 2000"
	s.Verdict = engine.VerdictLine{Level: engine.LevelWait, Text: "SETTLING", Detail: "the rate is on its way"}
	return heated(s)
}

// Hostile is a run whose texts, from the profile and the target, try to act on
// the terminal.
func Hostile() *engine.Snapshot {
	s := Running()
	evil := "\x1b[2J\x1b]0;owned\a日本語\u202e\r\n👩‍👩‍👧 e\u0301\u200b\x9b31m"
	s.Profile, s.Target, s.Host = evil, "http://"+evil, evil
	s.Addrs = []string{evil}
	s.Verdict.Detail = evil
	s.Phases.Text = evil
	g := s.View.Segments[4]
	g.Stats.ByStatus[2].Sample = evil
	g.Endpoints[2].Name = evil
	g.Label = evil
	s.Events = append(s.Events, engine.Event{ID: 5, At: 200 * time.Second, By: engine.ByLine, Do: evil, To: evil, Segment: 5, Mark: true})
	s.Notices = []engine.Notice{{At: 201 * time.Second, Text: evil}}
	s.Health.Reasons, s.Health.State = []string{evil}, health.Warn
	return heated(s)
}
