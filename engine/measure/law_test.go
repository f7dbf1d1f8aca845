package measure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// request is one request of a made-up run, with its truth.
type request struct {
	s         Sample
	delivered int64 // when its sample reaches the recorder
}

// play is a made-up run: changes at random times, some within a second of each
// other, all classes, samples that come late, long requests that outlive their
// segment.
type play struct {
	segments  []Segment
	requests  []request // by T0
	end       int64
	endpoints int
	closed    bool // the model
}

func newPlay(seed uint64, closed bool) *play {
	rng := rand.New(rand.NewPCG(seed, 9))
	p := &play{end: 13*secondNanos + rng.Int64N(secondNanos), endpoints: 1 + rng.IntN(3), closed: closed}
	model := "open"
	if closed {
		model = "closed"
	}
	for at, id := int64(0), 1; at < p.end; id++ {
		kind := []Kind{Hold, Hold, Ramp, Paused}[rng.IntN(4)]
		p.segments = append(p.segments, Segment{ID: id, Kind: kind, From: at, By: "key", Setting: Setting{Model: model, Rate: 500, RateTo: 500}})
		if rng.IntN(2) == 0 {
			at += rng.Int64N(900e6)
		} else {
			at += secondNanos + rng.Int64N(4*secondNanos)
		}
	}
	for t0, seg := int64(0), 0; ; {
		t0 += int64(2e6 * rng.ExpFloat64())
		if t0 >= p.end {
			break
		}
		for seg+1 < len(p.segments) && p.segments[seg+1].From <= t0 {
			seg++
		}
		p.requests = append(p.requests, p.request(rng, t0, int32(seg+1), closed))
	}
	return p
}

func (p *play) request(rng *rand.Rand, t0 int64, seg int32, closed bool) request {
	c := []Class{OK, OK, OK, OK, OK, OK, OK, OK, OK, OK, Status, Limited, Assert, Error, Error, Expired, Shed, Superseded, Generator, Cut, Stopped}[rng.IntN(21)]
	s := Sample{T0: t0, Segment: seg, Class: c, Endpoint: uint16(rng.IntN(p.endpoints)), RetryAfter: -1}
	took := int64(10e6 * rng.ExpFloat64())
	if rng.IntN(50) == 0 {
		took += rng.Int64N(3 * secondNanos)
	}
	stamp := func(by float64) int64 { t0 += int64(by * rng.Float64()); return t0 }
	s.T1 = stamp(1e5)
	if closed {
		s.T1 = s.T0
	}
	s.T2 = s.T1
	if !closed {
		s.T2 = stamp(1e6)
	}
	s.T3, s.T4 = stamp(1e4), stamp(1e5)
	s.T5 = s.T4 + 1
	s.T8 = s.T5 + took
	s.T6, s.T7 = s.T5+took/2, s.T8
	s.In, s.Out = rng.Int64N(1000), rng.Int64N(100)
	s.Flags = Departed | Flags(rng.IntN(32))
	switch c {
	case OK:
		s.Status = uint16(200 + rng.IntN(2))
	case Status, Assert:
		s.Status = uint16(500 + rng.IntN(4))
	case Limited:
		s.Status, s.RetryAfter = 429, int32(rng.IntN(3))
	case Error:
		s.Fault = uint8(rng.IntN(3))
		if s.Fault == 0 { // before the request left
			s.Flags &^= Departed
			s.T4, s.T5, s.T6, s.T7 = 0, 0, 0, 0
		}
	case Expired, Shed, Superseded, Generator:
		s.Flags = 0
		s.In, s.Out = 0, 0
		s.T2, s.T3, s.T4, s.T5, s.T6, s.T7 = 0, 0, 0, 0, 0, 0
	}
	return request{s, s.T8 + rng.Int64N(30e6) + rng.Int64N(2)*rng.Int64N(300e6)}
}

// gauge scans the run at a moment; what is not delivered counts as open.
func (p *play) gauge(now int64) Gauge {
	g := Gauge{OpenBySegment: map[int32]Counts{}, OpenByEndpoint: map[uint16]Counts{}, IntendedBySegment: map[int32]int64{}}
	for i := range p.requests {
		q := &p.requests[i]
		if q.s.T0 > now {
			break
		}
		g.Intended++
		g.IntendedBySegment[q.s.Segment]++
		if q.delivered <= now {
			if q.s.Flags&Departed != 0 {
				g.Sent++
			}
			switch q.s.Class {
			case Expired, Shed, Superseded, Generator:
				g.Unsent++
			}
			continue
		}
		a, b := g.OpenBySegment[q.s.Segment], g.OpenByEndpoint[q.s.Endpoint]
		switch {
		case q.s.T2 == 0 || now < q.s.T2:
			g.Backlog, a.Backlog, b.Backlog = g.Backlog+1, a.Backlog+1, b.Backlog+1
		case q.s.T4 == 0 || now < q.s.T4:
			g.Connecting, a.Connecting, b.Connecting = g.Connecting+1, a.Connecting+1, b.Connecting+1
		default:
			g.Sent++
			g.InFlight, a.InFlight, b.InFlight = g.InFlight+1, a.InFlight+1, b.InFlight+1
		}
		g.OpenBySegment[q.s.Segment], g.OpenByEndpoint[q.s.Endpoint] = a, b
		g.Open = append(g.Open, Age{now - q.s.T0, 1})
		if g.Oldest == 0 {
			g.Oldest = int64(q.s.Segment)
		}
	}
	return g
}

// run feeds the play to a recorder and calls back with the view of each tick.
func (p *play) run(seen func(*Recorder, View)) (*Recorder, View) {
	r := New(Config{Endpoints: names(p.endpoints), Faults: []string{"dial:refused", "wait:timeout", "wait:eof"}})
	byDelivery := slices.Clone(p.requests)
	slices.SortStableFunc(byDelivery, func(a, b request) int { return int(a.delivered - b.delivered) })
	next, seg := 0, 0
	tick := func(now int64) {
		for ; seg < len(p.segments) && p.segments[seg].From <= now; seg++ {
			r.Open(p.segments[seg])
		}
		var batch []Sample
		for ; next < len(byDelivery) && byDelivery[next].delivered <= now; next++ {
			s := byDelivery[next].s
			if next%2 == 0 && s.Class >= Expired && s.Class <= Generator {
				r.Drop(Drop{Class: s.Class, At: s.T8, Segment: s.Segment, Endpoint: s.Endpoint, N: 1})
				continue
			}
			batch = append(batch, s)
		}
		r.Add(batch)
	}
	for now := int64(0); now < p.end; now += 97 * ms {
		tick(now)
		r.Tick(now, p.gauge(now))
		seen(r, r.View())
	}
	last := byDelivery[len(byDelivery)-1].delivered
	for now := p.end; now < last; now += 97 * ms {
		tick(now)
		r.Tick(now, p.gauge(now))
		seen(r, r.View())
	}
	tick(last)
	r.End(last, last, p.gauge(last))
	return r, r.View()
}

func law(t *testing.T, what string, c *Counts) {
	t.Helper()
	sum := c.OK + c.Status + c.Limited + c.Assert + c.Error + c.Expired + c.Shed + c.Superseded + c.Generator +
		c.Cut + c.Stopped + c.Backlog + c.Connecting + c.InFlight
	if c.Intended != sum {
		t.Fatalf("%s: intended %d, states add up to %d", what, c.Intended, sum)
	}
}

func total(ts []Tally) (n int64) {
	for _, t := range ts {
		n += t.Count
	}
	return n
}

func lawOfStats(t *testing.T, what string, s *Stats) {
	t.Helper()
	law(t, what, &s.Counts)
	if n := total(s.ByStatus); n != s.Counts.Answered() {
		t.Fatalf("%s: %d by status, %d answered", what, n, s.Counts.Answered())
	}
	if n := total(s.ByFault); n != s.Error {
		t.Fatalf("%s: %d by fault, %d errors", what, n, s.Error)
	}
	if s.Response.Count != s.OK || s.Service.Count != s.OK {
		t.Fatalf("%s: %d and %d latencies of %d OK", what, s.Response.Count, s.Service.Count, s.OK)
	}
}

// Whatever comes, in whatever order: at every view each request is in exactly
// one state, the run is the sum of its segments and of its endpoints, and
// every segment has what was due in it.
func TestLawOfCounts(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			closed := seed%4 == 3
			p := newPlay(seed, closed)
			views := 0
			check := func(r *Recorder, v View) {
				views++
				if v.Audit != "" {
					t.Fatalf("at %d ms: %s", v.Now/ms, v.Audit)
				}
				lawOfStats(t, "run", &v.Run)
				var sum Counts
				for i, s := range v.Segments {
					lawOfStats(t, fmt.Sprint("segment ", s.ID), &s.Stats)
					sum.merge(&s.Stats.Counts)
					if s.Kind != Transit && (i+1 < len(v.Segments)) && s.To-s.From < secondNanos {
						t.Fatalf("segment %d lasted %d ms and is a %s", s.ID, (s.To-s.From)/ms, s.Kind)
					}
					if i > 0 && s.Kind == Transit && v.Segments[i-1].Kind == Transit {
						t.Fatalf("segments %d and %d are both transits", v.Segments[i-1].ID, s.ID)
					}
					if i > 0 && s.From != v.Segments[i-1].To {
						t.Fatalf("segment %d begins at %d, the one before ends at %d", s.ID, s.From, v.Segments[i-1].To)
					}
				}
				if sum != v.Run.Counts {
					t.Fatalf("at %d ms the segments add up to\n%+v, the run is\n%+v", v.Now/ms, sum, v.Run.Counts)
				}
				for _, e := range v.Endpoints {
					lawOfStats(t, e.Name, &e.Stats)
				}
				law(t, "since", &v.Since.Counts)
			}
			r, v := p.run(check)
			check(r, v)
			p.truth(t, r, v)
			if views < 130 {
				t.Errorf("%d views only", views)
			}
			if r.late == 0 {
				t.Error("no sample was late: the play is too tame")
			}
		})
	}
}

// truth compares the last view with the raw requests.
func (p *play) truth(t *testing.T, r *Recorder, v View) {
	type known struct {
		counts                      Counts
		response, service, answered []int64
		ttfb                        []int64
		pacer, slot, connect, send  []int64 // P, Q, C, X
		failed                      int64
	}
	run, bySegment, byEndpoint := &known{}, map[int]*known{}, map[int]*known{}
	get := func(m map[int]*known, k int) *known {
		if m[k] == nil {
			m[k] = &known{}
		}
		return m[k]
	}
	for i := range p.requests {
		s := &p.requests[i].s
		for _, k := range []*known{run, get(bySegment, r.Resolve(int(s.Segment))), get(byEndpoint, int(s.Endpoint))} {
			k.counts.add(s)
			k.counts.Intended++
			if s.Flags&Departed != 0 {
				if !p.closed {
					k.pacer = append(k.pacer, s.T1-s.T0)
					k.slot = append(k.slot, s.T2-s.T1)
				}
				k.connect = append(k.connect, s.T3-s.T2)
				k.send = append(k.send, s.T4-s.T3)
			}
			switch s.Class {
			case OK:
				k.ttfb = append(k.ttfb, s.T6-s.T4)
				k.response = append(k.response, s.T8-s.T0)
				k.service = append(k.service, s.T8-s.T4)
				k.answered = append(k.answered, s.T8-s.T0)
			case Status, Limited, Assert:
				k.answered = append(k.answered, s.T8-s.T0)
				k.failed++
			case Error, Expired, Shed, Generator:
				k.failed++
			}
		}
	}
	ladder := func(what string, l *Ladder, exact []int64) {
		t.Helper()
		slices.Sort(exact)
		if int(l.Count) != len(exact) {
			t.Fatalf("%s: %d values, want %d", what, l.Count, len(exact))
		}
		if len(exact) == 0 {
			return
		}
		if l.Min != exact[0] || l.Max != exact[len(exact)-1] {
			t.Fatalf("%s: %d to %d, want %d to %d", what, l.Min, l.Max, exact[0], exact[len(exact)-1])
		}
		for j, q := range perMyriad {
			if want := nearestRank(exact, q); l.P[j] < want || float64(l.P[j]-want) > float64(want)/1024 {
				t.Fatalf("%s: p%g is %d, want %d", what, Percentiles[j], l.P[j], want)
			}
		}
	}
	compare := func(what string, s *Stats, k *known) {
		t.Helper()
		if s.Counts != k.counts {
			t.Fatalf("%s: counts\n%+v, want\n%+v", what, s.Counts, k.counts)
		}
		ladder(what+" response", &s.Response, k.response)
		ladder(what+" service", &s.Service, k.service)
		if s.Answered.Count > 0 || s.Intended.Count > 0 {
			ladder(what+" answered", &s.Answered, k.answered)
			ladder(what+" first byte", &s.TTFB, k.ttfb)
			ladder(what+" pacer lag", &s.PacerLag, k.pacer)
			ladder(what+" slot wait", &s.SlotWait, k.slot)
			ladder(what+" connect", &s.Connect, k.connect)
			ladder(what+" dispatch lag", &s.DispatchLag, k.send)
			if n := int64(len(k.response)) + k.failed; s.Intended.Count != n {
				t.Fatalf("%s: %d in the intended ladder, want %d", what, s.Intended.Count, n)
			}
			for j, q := range perMyriad {
				rank := (s.Intended.Count*q + 9999) / 10000
				if fail := rank > int64(len(k.response)); fail != s.Intended.Fail[j] {
					t.Fatalf("%s: intended p%g fail is %v", what, Percentiles[j], s.Intended.Fail[j])
				} else if !fail && (s.Intended.P[j] < k.response[rank-1] || float64(s.Intended.P[j])*1024 > 1025*float64(k.response[rank-1])+1024) {
					t.Fatalf("%s: intended p%g is %d, want %d", what, Percentiles[j], s.Intended.P[j], k.response[rank-1])
				}
			}
		}
	}
	compare("run", &v.Run, run)
	seen := 0
	for _, s := range v.Segments {
		compare(fmt.Sprint("segment ", s.ID), &s.Stats, get(bySegment, s.ID))
		seen += 1 + len(s.Aliases)
	}
	if seen != len(p.segments) {
		t.Errorf("%d segments and aliases, want %d", seen, len(p.segments))
	}
	for i := range v.Endpoints {
		k := get(byEndpoint, i)
		v.Endpoints[i].Stats.Answered = Ladder{} // not kept by endpoint, like the parts of the time
		compare(v.Endpoints[i].Name, &v.Endpoints[i].Stats, k)
	}
	var rows Row
	for i := range v.History.Len() {
		row := v.History.At(i)
		if row.Second != int64(i) {
			t.Fatalf("row %d is of second %d", i, row.Second)
		}
		rows.Intended += row.Intended
		rows.Sent += row.Sent
		rows.Unsent += row.Unsent
		rows.Done += row.Done
		rows.OK += row.OK
		rows.Limited += row.Limited
		rows.Failed += row.Failed
	}
	c := &run.counts
	want := Row{Intended: c.Intended, Sent: c.Sent, Unsent: c.Unsent(), Done: c.Done(), OK: c.OK, Limited: c.Limited, Failed: c.Failed()}
	if rows != want {
		t.Errorf("the rows add up to\n%+v, want\n%+v", rows, want)
	}
}
