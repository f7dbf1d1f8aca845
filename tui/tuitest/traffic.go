package tuitest

import (
	"fmt"
	"time"

	"stoke/engine"
	"stoke/engine/limiter"
	"stoke/engine/measure"
)

// Traffic returns a fresh snapshot of every state of a run whose profile does
// more than send single requests.
func Traffic() []Case {
	return []Case{{"scenarios", Scenarios()}, {"jobs", Jobs()}, {"drained", Drained()}, {"retries", Retries()}, {"crowded", Crowded()}, {"wave", Waving()}}
}

// checkoutSteps are the endpoints of the scenario in all states here.
var checkoutSteps = []string{"checkout / POST /carts", "checkout / POST /carts/${cart}/items", "checkout / POST /carts/${cart}/checkout"}

// Scenarios is a run of which each seventh start or so is a scenario of three
// steps, and some are jobs whose backlog grows: 840 starts/s are 1,200
// requests/s, and more with the polls.
func Scenarios() *engine.Snapshot {
	s := Running()
	counted(s, 0.7)
	g := s.View.Segments[4]
	g.Endpoints = []measure.Endpoint{
		endpoint("browse", 32, 19168, 35, 1, 26.9, 71.2),
		endpoint(checkoutSteps[0], 32, 5746, 18, 3, 30.7, 80.3),
		endpoint(checkoutSteps[1], 32, 5738, 18, 4, 33.1, 96.4),
		endpoint(checkoutSteps[2], 32, 5700, 35, 25, 68.0, 188),
		endpoint("process", 32, 1903, 6, 8, 40.2, 104),
	}
	s.Traffic = engine.TrafficFacts{
		PerStart: 1.4286, Starts: 843, Requests: 1521,
		Scenarios: []engine.ScenarioFacts{{
			Name: "checkout", Steps: checkoutSteps, Started: 21480, Done: 21312, Failed: 116, Open: 52, Rate: 181,
			Total: ladder(21312, 132, 240, 355, 1210), Since: ladder(5660, 141, 260, 402, 1210),
		}},
		Jobs: []engine.JobFacts{{
			Name: "process", Accepted: 7140, Done: 6801, Failed: 9, Lost: 2, Backlog: 328, Polls: 21804, Oldest: 5310 * time.Millisecond,
			AcceptedRate: 60.1, DoneRate: 53.4, Slope: 6.7,
			Accept: ladder(7140, 40.2, 71, 104, 220), Complete: ladder(6801, 1420, 3900, 5100, 6020), Since: ladder(1650, 2870, 4900, 5240, 5310),
		}},
	}
	return s
}

// Waving is the same run while a wave moves its rate.
func Waving() *engine.Snapshot {
	s := Scenarios()
	s.Dial.Rate, s.Dial.Now = 1230, 1232.8
	s.Dial.Shape = engine.Shape{Kind: "wave", Text: "wave 840..1400 every 1m", Left: 8*time.Minute + 12*time.Second,
		From: 840, To: 1400, Every: time.Minute, Into: 22 * time.Second}
	g := s.View.Segments[4]
	g.Kind, g.Label = measure.Wave, "wave 840..1400 every 1m"
	g.Setting.Rate, g.Setting.RateTo = 840, 1400
	e := &s.Events[3]
	e.Do, e.To = "wave 840..1400 every 1m for 9m", "wave 840..1400 every 1m"
	s.UndoText = "wave 840..1400 every 1m back to rate 700"
	s.Verdict = engine.VerdictLine{Level: engine.LevelWait, Text: "SETTLING", Detail: "the rate moves: wave 840..1400 every 1m"}
	return s
}

// counted scales the rates that were set, for a dial that counts something else
// than requests.
func counted(s *engine.Snapshot, by float64) {
	s.Dial.Rate, s.Dial.Now = s.Dial.Rate*by, s.Dial.Now*by
	s.Phases.Wants.Rate *= by
	s.UndoText = "rate 840 > 700"
	for _, g := range s.View.Segments {
		g.Setting.Rate, g.Setting.RateTo = g.Setting.Rate*by, g.Setting.RateTo*by
		if g.Label != "" {
			g.Label = "350 to 700"
		}
	}
	for i, rate := range []string{"rate 70", "rate 350", "rate 700", "rate 840"} {
		s.Events[i].Do, s.Events[i].To = rate, rate
		if i > 0 {
			s.Events[i].From = s.Events[i-1].To
		}
	}
	s.Events[2].Do = "rate 700 over 7s"
}

// Jobs is a run of requests whose work goes on behind them, without scenarios:
// one kind keeps up, the other is at its end.
func Jobs() *engine.Snapshot {
	s := Running()
	s.Traffic = engine.TrafficFacts{
		PerStart: 1, Starts: 1206, Requests: 1498,
		Jobs: []engine.JobFacts{
			{Name: "process", Accepted: 7140, Done: 7098, Backlog: 42, Polls: 9804, Oldest: 910 * time.Millisecond,
				AcceptedRate: 60.1, DoneRate: 60, Slope: 0.1, Complete: ladder(7098, 702, 990, 1240, 1502), Since: ladder(1890, 702, 990, 1240, 1502)},
			{Name: "render-thumbnails", Accepted: 2412, Done: 1290, Failed: 31, Lost: 112, Backlog: 979, Polls: 31022, Oldest: 31400 * time.Millisecond,
				AcceptedRate: 20.2, DoneRate: 24.9, Slope: -4.7, Complete: ladder(1290, 18200, 41000, 58100, 59900), Since: ladder(640, 22100, 44000, 58100, 59900)},
		},
	}
	return s
}

// Drained is a run at zero whose jobs have ended but for a few.
func Drained() *engine.Snapshot {
	s := Paused()
	s.Traffic = Jobs().Traffic
	s.Traffic.Starts, s.Traffic.Requests = 0, 21.5
	j := s.Traffic.Jobs
	j[1].LostFor = []measure.Tally{{Name: "not done within 60 s", Count: 104}, {Name: "the poll was answered 404", Count: 8}}
	j[0].Done, j[0].Backlog, j[0].Oldest, j[0].AcceptedRate, j[0].DoneRate, j[0].Slope = 7140, 0, 0, 0, 0, 0
	j[0].Draining, j[0].Drained = true, 1400*time.Millisecond
	j[1].AcceptedRate, j[1].DoneRate, j[1].Slope, j[1].Draining = 0, 25.3, -25.3, true
	return s
}

// Retries is a run that its target throttles and whose profile sends again
// what was refused; the dial counts requests.
func Retries() *engine.Snapshot {
	s := Limited()
	s.Traffic = Scenarios().Traffic
	s.Traffic.Jobs = nil
	s.Traffic.CountsRequests = true
	s.Traffic.Unmet = []measure.Tally{{Name: `body has no $.state == "paid"`, Count: 31}}
	s.Traffic.Requests = 1580
	g := s.View.Segments[4]
	g.Endpoints = Scenarios().View.Segments[4].Endpoints
	s.Traffic.Retry = engine.RetryFacts{Policy: "3 attempts on error, 429, 503, after 200 ms doubling, budget 20 %",
		Retries: 11922, Waiting: 14, Rescued: 9208, GaveUp: 1310, Denied: 402, PerStart: 1.31}
	s.Traffic.Limiter = &limiter.Estimate{Kind: limiter.TokenBucket, Rate: 100, Burst: 20, Confidence: 0.984, Accepted: 32064, Refused: 6342}
	s.Traffic.RetryAfter = []engine.RetryAfterFact{{Seconds: 2, Count: 6300}, {Seconds: 5, Count: 42}}
	return s
}

// Crowded is a run with more scenarios and jobs than a screen holds, large
// figures, and names that try to act on the terminal.
func Crowded() *engine.Snapshot {
	s := Hostile()
	counted(s, 0.7)
	evil := s.Profile
	g := s.View.Segments[4]
	t := &s.Traffic
	t.PerStart, t.Starts, t.Requests = 12.5, 98765, 1234567
	for i := range 12 {
		name := fmt.Sprintf("%d%s", i, evil)
		steps := make([]string, 3)
		for k := range steps {
			steps[k] = fmt.Sprintf("%s / step %d%s", name, k, evil)
			g.Endpoints = append(g.Endpoints, endpoint(steps[k], 32, 0, 0, 0, 40.2, 104))
		}
		t.Scenarios = append(t.Scenarios, engine.ScenarioFacts{
			Name: name, Steps: steps, Started: 98765432, Done: 88888888, Failed: 4444444, Dropped: 3333333, Open: 2098767, Rate: 98765,
			Since: ladder(5, 6780, 6900, 6950, 6990),
		})
		t.Jobs = append(t.Jobs, engine.JobFacts{
			Name: name, Accepted: 98765432, Done: 88888888, Failed: 4444444, Lost: 3333333, Backlog: 2098767, Oldest: 5000 * time.Second,
			AcceptedRate: 98765, DoneRate: 4321, Slope: 94444, Since: ladder(88888888, 1e6, 2e6, 3e6, 4e6),
		})
	}
	t.Retry = engine.RetryFacts{Policy: evil, Retries: 98765432, Waiting: 98765, Rescued: 12345678, GaveUp: 2345678, Denied: 98765432, PerStart: 31.4}
	t.Limiter = &limiter.Estimate{Kind: limiter.FixedWindow, Rate: 98765, Window: time.Minute, Confidence: 0.5}
	return s
}
