package engine

import (
	"encoding/json"
	"math"

	"stoke/engine/measure"
)

// Schema is the version of [Result].
const Schema = 1

// Result is the result of a run for machines. Times are milliseconds unless the
// name says otherwise; a percentile with too few samples, or of a population
// that failed, is null. Additions keep the version, a change of meaning does
// not.
type Result struct {
	Stoke       int              `json:"stoke"`
	Run         string           `json:"run"`
	Profile     string           `json:"profile"`
	Target      string           `json:"target"`
	Model       string           `json:"model"`
	Arrivals    string           `json:"arrivals"`
	Seed        uint64           `json:"seed"`
	Seconds     float64          `json:"seconds"`
	Verdict     string           `json:"verdict"` // met, missed, invalid, stopped
	Exit        int              `json:"exit"`
	Ending      string           `json:"ending"` // why the run ended
	Counts      ResultCounts     `json:"counts"`
	ByStatus    map[string]int64 `json:"by_status"`
	ByError     map[string]int64 `json:"by_error"`
	Rate        ResultRate       `json:"rate"`
	Bytes       ResultBytes      `json:"bytes"`
	Connections ResultConns      `json:"connections"`
	Latency     ResultLatency    `json:"latency"`
	Segments    []ResultSegment  `json:"segments"`
	Endpoints   []ResultEndpoint `json:"endpoints"`
	Addresses   []ResultAddress  `json:"addresses"` // none if the target was written as an address
	Thresholds  []struct{}       `json:"thresholds"`
	Changes     []ResultChange   `json:"changes"`
	Wire        ResultWire       `json:"wire"`

	ResultTraffic
	Slowest []ResultSlow `json:"slowest"`
	Crashed *float64     `json:"crashed"`
	Health  ResultHealth `json:"health"`
}

// ResultCounts obeys the laws that [measure.Counts] states.
type ResultCounts struct {
	Intended   int64           `json:"intended"`
	Sent       int64           `json:"sent"`
	OK         int64           `json:"ok"`
	Status     int64           `json:"status"`
	Limited    int64           `json:"limited"`
	Assert     int64           `json:"assert"`
	Error      int64           `json:"error"`
	Unsent     ResultUnsent    `json:"unsent"`
	Abandoned  ResultAbandoned `json:"abandoned"`
	Backlog    int64           `json:"backlog"`
	Connecting int64           `json:"connecting"`
	InFlight   int64           `json:"in_flight"`
}

// ResultUnsent are requests that never left.
type ResultUnsent struct {
	Expired    int64 `json:"expired"`
	Shed       int64 `json:"shed"`
	Superseded int64 `json:"superseded"`
	Generator  int64 `json:"generator"`
}

// ResultAbandoned are requests that left and were given up by the operator.
type ResultAbandoned struct {
	Cut  int64 `json:"cut"`
	Stop int64 `json:"stop"`
}

// ResultRate is per second over the whole of its part of the run.
type ResultRate struct {
	Intended float64 `json:"intended"`
	Sent     float64 `json:"sent"`
	Done     float64 `json:"done"`
}

// ResultBytes are bytes on the sockets: headers, and under TLS its records and
// handshakes, included.
type ResultBytes struct {
	In  int64 `json:"in"`
	Out int64 `json:"out"`
}

// ResultConns counts connections, and requests on kept ones.
type ResultConns struct {
	Opened int64 `json:"opened"`
	Closed int64 `json:"closed"`
	Reused int64 `json:"reused"`
}

// ResultLatency holds the distributions, by metric and population.
type ResultLatency struct {
	Response    map[string]ResultLadder `json:"response"`
	Service     map[string]ResultLadder `json:"service"`
	TTFB        map[string]ResultLadder `json:"ttfb"`
	PacerLag    ResultLadder            `json:"pacer_lag"`
	SlotWait    ResultLadder            `json:"slot_wait"`
	Connect     ResultLadder            `json:"connect"`
	DispatchLag ResultLadder            `json:"dispatch_lag"`
}

// EndpointLatency holds what is kept for each endpoint.
type EndpointLatency struct {
	Response map[string]ResultLadder `json:"response"`
	Service  map[string]ResultLadder `json:"service"`
}

// ResultLadder is one distribution in milliseconds.
type ResultLadder struct {
	Count int64    `json:"count"`
	Mean  *float64 `json:"mean"`
	P50   *float64 `json:"p50"`
	P75   *float64 `json:"p75"`
	P90   *float64 `json:"p90"`
	P95   *float64 `json:"p95"`
	P99   *float64 `json:"p99"`
	P999  *float64 `json:"p99.9"`
	P9999 *float64 `json:"p99.99"`
	Max   *float64 `json:"max"`
}

// ResultDial is a setting.
type ResultDial struct {
	Rate        *float64 `json:"rate"` // null in the closed model
	RateTo      *float64 `json:"rate_to,omitempty"`
	Concurrency int      `json:"concurrency"`
	Arrivals    string   `json:"arrivals"`
	Late        string   `json:"late"`
}

// ResultSegment is the part of a run under one setting.
type ResultSegment struct {
	ID       int              `json:"id"`
	Kind     string           `json:"kind"`
	Model    string           `json:"model"`
	From     float64          `json:"from"` // seconds
	To       float64          `json:"to"`
	Dial     ResultDial       `json:"dial"`
	By       string           `json:"by"`
	Verdict  string           `json:"verdict"`
	Invalid  bool             `json:"invalid"`
	WarmUp   *float64         `json:"warm_up"` // seconds that MSER-5 would leave out of its start, nothing does; null if that cannot be told
	Counts   ResultCounts     `json:"counts"`
	Rate     ResultRate       `json:"rate"`
	Latency  ResultLatency    `json:"latency"`
	ByStatus map[string]int64 `json:"by_status"`
	ByError  map[string]int64 `json:"by_error"`
}

// ResultEndpoint is one request of the profile over the whole run.
type ResultEndpoint struct {
	Name     string           `json:"name"`
	Counts   ResultCounts     `json:"counts"`
	Latency  EndpointLatency  `json:"latency"`
	ByStatus map[string]int64 `json:"by_status"`
	ByError  map[string]int64 `json:"by_error"`
}

// ResultChange is one thing that was done to the run.
type ResultChange struct {
	At   float64 `json:"at"` // seconds
	By   string  `json:"by"`
	Do   string  `json:"do"`
	From string  `json:"from"`
	To   string  `json:"to"`
}

// ResultWire says what went out.
type ResultWire struct {
	Protocol    string   `json:"protocol"`
	Requests    int64    `json:"requests"`
	PerIntended *float64 `json:"per_intended"`
	// Handshakes are those of TLS that succeeded.
	Handshakes ResultHandshakes `json:"handshakes"`
}

// ResultHandshakes counts TLS handshakes; a resumed one is another load than a
// full one.
type ResultHandshakes struct {
	Full    int64 `json:"full"`
	Resumed int64 `json:"resumed"`
}

// ResultAddress is one address that the target's name led to.
type ResultAddress struct {
	Address  string       `json:"address"`
	Requests int64        `json:"requests"` // ended, those that could not connect too
	OK       int64        `json:"ok"`
	Limited  int64        `json:"limited"`
	Failed   int64        `json:"failed"`  // status, assert and error
	Service  ResultLadder `json:"service"` // of ok
}

// ResultHealth says whether this machine shaped the numbers.
type ResultHealth struct {
	Verdict       string   `json:"verdict"` // ok, suspect, limiting, unknown
	InvalidCells  int64    `json:"invalid_cells"`
	Reasons       []string `json:"reasons"`
	TargetIsLocal bool     `json:"target_is_local"`
	Audit         string   `json:"audit"`
}

// Exit codes that a run's result asks for.
const (
	ExitMet     = 0
	ExitInvalid = 3
	ExitShort   = 4
)

// Result sums the run up; before Done it is a result so far.
func (r *Run) Result() *Result {
	s := r.Snapshot()
	span := s.At
	if s.Halted > 0 {
		span = s.Halted
	}
	n := &s.View.Run
	seconds := span.Seconds()
	res := &Result{
		Stoke: Schema, Run: s.Run, Profile: s.Profile, Target: s.Target, Model: s.Model, Arrivals: s.Dial.Arrivals, Seed: s.Seed,
		Seconds: seconds, Ending: s.Ending,
		Counts: countsOf(&n.Counts), ByStatus: talliesOf(n.ByStatus), ByError: talliesOf(n.ByFault),
		Rate:        rateOf(&n.Counts, seconds),
		Bytes:       ResultBytes{In: n.BytesIn + r.figures.apart.in.Load(), Out: n.BytesOut + r.figures.apart.out.Load()},
		Connections: r.connections(n),
		Latency:     latencyOf(n),
		Segments:    []ResultSegment{}, Endpoints: []ResultEndpoint{}, Thresholds: []struct{}{}, Changes: []ResultChange{},
		Addresses: []ResultAddress{},
		Wire:      ResultWire{Protocol: s.Protocol, Requests: s.Wire.Requests, Handshakes: ResultHandshakes{s.Wire.Full, s.Wire.Resumed}},
		Health: ResultHealth{
			Verdict: s.HealthVerdict, InvalidCells: s.InvalidSeconds, Reasons: append([]string{}, s.HealthReasons...),
			TargetIsLocal: r.local, Audit: s.Audit,
		},
	}
	if n.Counts.Intended > 0 {
		per := float64(res.Wire.Requests) / float64(n.Counts.Intended)
		res.Wire.PerIntended = &per
	}
	res.ResultTraffic = trafficOf(&s.Traffic)
	res.Slowest = slowestOf(s.View.Slowest)
	for _, seg := range s.View.Segments {
		res.Segments = append(res.Segments, segmentOf(seg, span.Nanoseconds()))
	}
	for i := range s.View.Endpoints {
		e := &s.View.Endpoints[i]
		res.Endpoints = append(res.Endpoints, ResultEndpoint{
			Name: e.Name, Counts: countsOf(&e.Stats.Counts),
			Latency: EndpointLatency{
				Response: map[string]ResultLadder{"ok": ladderOf(&e.Stats.Response)},
				Service:  map[string]ResultLadder{"ok": ladderOf(&e.Stats.Service)},
			},
			ByStatus: talliesOf(e.Stats.ByStatus), ByError: talliesOf(e.Stats.ByFault),
		})
	}
	for i := range s.Wire.Addresses {
		a := &s.Wire.Addresses[i]
		n := &a.Counts
		res.Addresses = append(res.Addresses, ResultAddress{
			Address: a.Address, Requests: n.Intended, OK: n.OK, Limited: n.Limited, Failed: n.Status + n.Assert + n.Error, Service: ladderOf(&a.Service),
		})
	}
	for _, e := range s.Events {
		do := e.Do
		if e.Mark {
			do = "mark " + quoted(e.Do)
		}
		res.Changes = append(res.Changes, ResultChange{At: e.At.Seconds(), By: string(e.By), Do: do, From: e.From, To: e.To})
	}
	res.Verdict, res.Exit = outcome(s)
	return res
}

// outcome is the verdict on the run and the exit code that goes with it. A run
// is invalid if more than half of its seconds are; it is cut short by anything
// but its own plan, unless it had none and was ended in peace.
func outcome(s *Snapshot) (string, int) {
	switch {
	case s.Audit != auditOK || s.Seconds > 0 && 2*s.InvalidSeconds > s.Seconds:
		return "invalid", ExitInvalid
	case s.State != Ended, s.CutShort:
		return "stopped", ExitShort
	}
	return "met", ExitMet
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

func countsOf(c *measure.Counts) ResultCounts {
	return ResultCounts{
		Intended: c.Intended, Sent: c.Sent, OK: c.OK, Status: c.Status, Limited: c.Limited, Assert: c.Assert, Error: c.Error,
		Unsent:    ResultUnsent{Expired: c.Expired, Shed: c.Shed, Superseded: c.Superseded, Generator: c.Generator},
		Abandoned: ResultAbandoned{Cut: c.Cut, Stop: c.Stopped},
		Backlog:   c.Backlog, Connecting: c.Connecting, InFlight: c.InFlight,
	}
}

func rateOf(c *measure.Counts, seconds float64) ResultRate {
	if seconds <= 0 {
		return ResultRate{}
	}
	return ResultRate{Intended: float64(c.Intended) / seconds, Sent: float64(c.Sent) / seconds, Done: float64(c.Done()) / seconds}
}

func talliesOf(list []measure.Tally) map[string]int64 {
	out := map[string]int64{}
	for _, t := range list {
		out[t.Name] += t.Count
	}
	return out
}

func latencyOf(s *measure.Stats) ResultLatency {
	return ResultLatency{
		Response: map[string]ResultLadder{"ok": ladderOf(&s.Response), "answered": ladderOf(&s.Answered), "intended": ladderOf(&s.Intended)},
		Service:  map[string]ResultLadder{"ok": ladderOf(&s.Service)},
		TTFB:     map[string]ResultLadder{"ok": ladderOf(&s.TTFB)},
		PacerLag: ladderOf(&s.PacerLag), SlotWait: ladderOf(&s.SlotWait), Connect: ladderOf(&s.Connect), DispatchLag: ladderOf(&s.DispatchLag),
	}
}

func ladderOf(l *measure.Ladder) ResultLadder {
	ms := func(nanos float64) *float64 {
		v := nanos / 1e6
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	out := ResultLadder{Count: l.Count}
	if l.Count > 0 {
		out.Mean = ms(l.Mean)
		if !l.MaxOpen {
			out.Max = ms(float64(l.Max))
		}
	}
	for i, at := range [...]**float64{&out.P50, &out.P75, &out.P90, &out.P95, &out.P99, &out.P999, &out.P9999} {
		if l.Enough[i] && !l.Fail[i] && !l.Open[i] {
			*at = ms(float64(l.P[i]))
		}
	}
	return out
}

func segmentOf(s *measure.Segment, end int64) ResultSegment {
	to := s.To
	if s.Open {
		to = max(end, s.From)
	}
	out := ResultSegment{
		ID: s.ID, Kind: string(s.Kind), Model: s.Setting.Model, From: float64(s.From) / 1e9, To: float64(to) / 1e9,
		Dial: ResultDial{Concurrency: s.Setting.Concurrency, Arrivals: s.Setting.Arrivals, Late: s.Setting.Late},
		By:   s.By, Verdict: string(s.Verdict), Invalid: s.Invalid,
		Counts: countsOf(&s.Stats.Counts), Rate: rateOf(&s.Stats.Counts, float64(to-s.From)/1e9), Latency: latencyOf(&s.Stats),
		ByStatus: talliesOf(s.Stats.ByStatus), ByError: talliesOf(s.Stats.ByFault),
	}
	if s.WarmUp.Known {
		seconds := float64(s.WarmUp.Nanos) / 1e9
		out.WarmUp = &seconds
	}
	if s.Setting.Model != "closed" {
		rate, rateTo := s.Setting.Rate, s.Setting.RateTo
		out.Dial.Rate = &rate
		if s.Kind == measure.Ramp || s.Kind == measure.Wave {
			out.Dial.RateTo = &rateTo
		}
	}
	return out
}

// JSON is the result as indented JSON with a final newline.
func (r *Result) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}
