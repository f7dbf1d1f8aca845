package measure

import (
	"encoding/json"
	"slices"
	"testing"
)

// stage is a recorder in a test that drives it by hand.
type stage struct {
	*Recorder
	t    *testing.T
	now  int64
	gone int64 // samples so far
}

func newStage(t *testing.T, setting Setting) *stage {
	r := New(Config{Endpoints: []string{"a", "b"}, Faults: []string{"wait:timeout"}})
	s := &stage{Recorder: r, t: t}
	s.Open(Segment{ID: 1, Kind: Hold, Setting: setting})
	return s
}

// tick passes to a time with a gauge of which Intended and Sent are completed.
func (s *stage) tick(now int64, g Gauge) View {
	s.t.Helper()
	g.Intended += s.gone + g.Backlog + g.Connecting + g.InFlight
	g.Sent += s.gone + g.InFlight
	s.Tick(now, g)
	s.now = now
	return s.View()
}

func (s *stage) add(samples ...Sample) {
	s.Recorder.Add(samples)
	s.gone += int64(len(samples))
}

var open1000 = Setting{Model: "open", Rate: 1000, RateTo: 1000}

// A setting that lasted less than a second is folded with its neighbours; what
// ends for it later is counted there.
func TestShortSettingsBecomeOneTransit(t *testing.T) {
	s := newStage(t, open1000)
	s.tick(0, Gauge{})
	for i, at := range []int64{2000 * ms, 2300 * ms, 2500 * ms, 2600 * ms} { // 2, 3 and 4 are short, 5 stays
		s.tick(at, Gauge{})
		s.Open(Segment{ID: i + 2, Kind: Hold, Setting: open1000, From: at, By: "key"})
		s.add(answer(int32(i+2), at, ms))
	}
	v := s.tick(5000*ms, Gauge{InFlight: 1, Oldest: 3, OpenBySegment: map[int32]Counts{3: {InFlight: 1}}, Open: []Age{{2650 * ms, 1}}})
	if len(v.Segments) != 3 {
		t.Fatalf("%d segments, want a hold, a transit and a hold", len(v.Segments))
	}
	tr := v.Segments[1]
	slices.Sort(tr.Aliases)
	if tr.Kind != Transit || tr.ID != 2 || !slices.Equal(tr.Aliases, []int{3, 4}) || tr.From != 2000*ms || tr.To != 2600*ms || tr.Verdict != NoVerdict || tr.Label != "3 settings in 0.6 s" {
		t.Errorf("transit %+v", tr)
	}
	if tr.Stats.OK != 3 || tr.Stats.InFlight != 1 || tr.Stats.Intended.Count != 4 || tr.Stats.Intended.Max != 2650*ms || !tr.Stats.Intended.MaxOpen {
		t.Errorf("transit has %d OK, %d in flight, intended %+v", tr.Stats.OK, tr.Stats.InFlight, tr.Stats.Intended)
	}
	if tr.Settled == 0 || v.Segments[2].Settled != 0 {
		t.Errorf("settled at %d and %d: a request of setting 3 is open", tr.Settled, v.Segments[2].Settled)
	}
	s.add(answer(3, 2350*ms, 4000*ms)) // ends long after its setting was folded
	v = s.tick(6400*ms, Gauge{})
	if tr = v.Segments[1]; tr.Stats.OK != 4 || tr.Stats.Response.Max != 4000*ms || s.Resolve(4) != 2 || s.Resolve(5) != 5 {
		t.Errorf("after a late end: %d OK, max %d; 4 is in %d", tr.Stats.OK, tr.Stats.Response.Max, s.Resolve(4))
	}
}

// A held key makes at most two segments: one transit and the last setting.
func TestHeldKeyMakesTwoSegments(t *testing.T) {
	s := newStage(t, open1000)
	s.tick(3000*ms, Gauge{})
	for i := range 90 {
		at := 3000*ms + int64(i)*33*ms
		s.Open(Segment{ID: i + 2, Kind: Hold, Setting: open1000, From: at})
		s.add(answer(int32(i+2), at, ms))
		if v := s.tick(at+20*ms, Gauge{}); len(v.Segments) > 3 {
			t.Fatalf("%d segments after %d presses", len(v.Segments), i+1)
		}
	}
}

// A request that ends after its segment was packed away is still counted in it.
func TestStragglerOfAFrozenSegment(t *testing.T) {
	s := newStage(t, open1000)
	s.add(answer(1, 0, 3*ms), answer(1, ms, 5*ms))
	s.tick(2000*ms, Gauge{})
	s.Open(Segment{ID: 2, Kind: Hold, Setting: open1000, From: 2000 * ms})
	for now := 2000 * ms; now <= 8000*ms; now += 100 * ms {
		s.tick(now, Gauge{})
	}
	if s.segments[0].frozen == nil {
		t.Fatal("segment 1 is not packed")
	}
	before := s.View().Segments[0]
	late := answer(1, 100*ms, 7000*ms)
	late.Endpoint = 1
	s.add(late)
	for now := 8000 * ms; now <= 12000*ms; now += 100 * ms {
		v := s.tick(now, Gauge{})
		one := v.Segments[0]
		if v.Audit != "" || one.Stats.OK != 3 || one.Stats.Response.Max != 7000*ms || one.Stats.Response.P[P50] < 5*ms || v.Run.Response.Count != 3 {
			t.Fatalf("at %d ms: audit %q, %d OK, %+v", now/ms, v.Audit, one.Stats.OK, one.Stats.Response)
		}
		if now > 9100*ms && one.Endpoints[1].Stats.OK != 1 {
			t.Fatalf("at %d ms endpoint b has %d", now/ms, one.Endpoints[1].Stats.OK)
		}
	}
	if s.segments[0].frozen == nil {
		t.Error("segment 1 was not packed again")
	}
	if before.Stats.OK != 2 {
		t.Error("a published segment was changed")
	}
}

// Nothing that was published changes afterwards.
func TestViewsAreImmutable(t *testing.T) {
	p := newPlay(5, false)
	type kept struct {
		v    View
		text []byte
	}
	var all []kept
	freeze := func(v View) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	p.run(func(r *Recorder, v View) {
		if len(all) < int(v.Now/secondNanos) {
			all = append(all, kept{v, freeze(v)})
		}
		if n := int64(v.History.Len()); n > 2 {
			r.Mark(n-2, true, n%7 == 0) // a row that was published already
		}
	})
	for _, k := range all {
		if string(freeze(k.v)) != string(k.text) {
			t.Fatalf("the view of %d ms has changed", k.v.Now/ms)
		}
	}
}

// Open requests are booked to the segment in which they were due, and their
// ages bound its percentiles from below.
func TestOpenRequestsBelongToTheirSegment(t *testing.T) {
	s := newStage(t, open1000)
	for i := range int64(100) {
		s.add(answer(1, i*ms, ms))
	}
	s.tick(2000*ms, Gauge{})
	s.Open(Segment{ID: 2, Kind: Hold, Setting: open1000, From: 2000 * ms})
	for i := range int64(100) {
		s.add(answer(2, 2000*ms+i*ms, 2*ms))
	}
	g := Gauge{InFlight: 3, Backlog: 20, Oldest: 1, Open: []Age{{2500 * ms, 3}, {500 * ms, 20}},
		OpenBySegment: map[int32]Counts{1: {InFlight: 3}, 2: {Backlog: 20}}}
	v := s.tick(3000*ms, g)
	one, two := v.Segments[0].Stats, v.Segments[1].Stats
	if l := one.Intended; l.Count != 103 || l.P[P95] != ms || !l.Open[P99] || l.P[P99] > 2500*ms || l.P[P99] < 2497*ms || l.Max != 2500*ms || !l.MaxOpen {
		t.Errorf("segment 1: %+v", l)
	}
	if l := two.Intended; l.Count != 120 || l.P[P75] != 2*ms || !l.Open[P90] || l.Max != 500*ms {
		t.Errorf("segment 2: %+v", l)
	}
	if l := v.Since.Response; l.Count != 120 || !l.Open[P95] || l.Max != 500*ms {
		t.Errorf("since the change: %+v", l)
	}
	if v.Segments[1].Settled != 0 || v.Run.Backlog != 20 {
		t.Errorf("settled %d, backlog %d", v.Segments[1].Settled, v.Run.Backlog)
	}
	// Ages that were rounded down reach into the newer segment: the numbers by
	// segment decide, and the bound stays a bound.
	g.Open = []Age{{900 * ms, 3}, {500 * ms, 20}}
	v = s.tick(3050*ms, g)
	if l := v.Segments[0].Stats.Intended; l.Count != 103 || l.Max != 1050*ms {
		t.Errorf("segment 1 with rounded ages: %+v", l)
	}
	if l := v.Segments[1].Stats.Intended; l.Count != 120 || l.Max > 501*ms {
		t.Errorf("segment 2 with rounded ages: %+v", l)
	}
	if v = s.tick(3100*ms, Gauge{InFlight: 20, Oldest: 2, OpenBySegment: map[int32]Counts{2: {InFlight: 20}}}); v.Segments[1].Settled != 3100*ms {
		t.Errorf("settled at %d", v.Segments[1].Settled)
	}
}

// What the operator took back leaves the intended ladder; everything else that
// is not OK ranks above every value.
func TestIntendedLadder(t *testing.T) {
	s := newStage(t, open1000)
	for i := range int64(90) {
		s.add(answer(1, i*ms, ms))
	}
	fast := answer(1, 100*ms, 10)
	fast.Class, fast.Status = Status, 503 // a fast failure is no fast answer
	s.add(fast)
	cut := answer(1, 100*ms, 900*ms)
	cut.Class, cut.Status = Cut, 0
	s.add(cut)
	s.Drop(Drop{Class: Expired, At: 500 * ms, Segment: 1, N: 9})
	s.Drop(Drop{Class: Superseded, At: 500 * ms, Segment: 1, N: 1000})
	s.Tick(1000*ms, Gauge{Intended: 1101, Sent: 92, Unsent: 1009})
	v := s.View()
	st := &v.Run
	if v.Audit != "" {
		t.Error(v.Audit)
	}
	if l := st.Intended; l.Count != 100 || l.P[P90] != ms || l.Fail[P90] || !l.Fail[P95] || !l.Fail[P9999] || !l.MaxOpen {
		t.Errorf("intended %+v", l)
	}
	if st.Response.Count != 90 || st.Answered.Count != 91 || st.Answered.Min != 10 || st.Response.Min != ms {
		t.Errorf("response %+v answered %+v", st.Response, st.Answered)
	}
	if !st.Response.Enough[P50] || st.Response.Enough[P90] || st.Intended.Enough[P90] == false {
		t.Errorf("enough: %v and %v", st.Response.Enough, st.Intended.Enough)
	}
	if st.Superseded != 1000 || st.Cut != 1 || st.Expired != 9 || st.Counts.Intended != 1101 {
		t.Errorf("counts %+v", st.Counts)
	}
}

// In the closed model nothing was planned: no lag and no wait exists.
func TestClosedModel(t *testing.T) {
	s := newStage(t, Setting{Model: "closed", Concurrency: 4})
	for i := range int64(1000) {
		q := answer(1, i*ms, ms)
		q.T1 = 0 // never stamped
		q.T4 = q.T3 + 5000
		s.add(q)
	}
	for now := int64(0); now <= 2000*ms; now += 100 * ms {
		s.tick(now, Gauge{})
	}
	v := s.View()
	if v.Run.PacerLag.Count != 0 || v.Run.SlotWait.Count != 0 || v.Run.DispatchLag.Count != 1000 || v.Run.DispatchLag.Max != 5000 || v.Run.Response.Max != ms {
		t.Errorf("%+v %+v %+v", v.Run.PacerLag, v.Run.SlotWait, v.Run.DispatchLag)
	}
	if v.Segments[0].Verdict != Settling {
		t.Errorf("verdict %s", v.Segments[0].Verdict)
	}
}

func TestUsedWithoutSegment(t *testing.T) {
	r := New(Config{})
	r.Add([]Sample{answer(1, 0, ms)})
	r.Drop(Drop{Class: Shed, N: 1})
	r.Tick(1000*ms, Gauge{})
	r.Mark(0, true, true)
	r.End(2000*ms, 2000*ms, Gauge{})
	if v := r.View(); v.Run.OK != 0 || v.History.Len() != 0 || len(v.Segments) != 0 {
		t.Errorf("%+v", v)
	}
	r.Open(Segment{ID: 1, Kind: Hold})
	odd := answer(77, -5, ms)
	odd.Endpoint, odd.Class, odd.Fault, odd.T8 = 900, 200, 250, 1<<60
	r.Add([]Sample{odd})
	r.Tick(2000*ms, Gauge{Open: []Age{{1 << 62, 1}, {-4, 2}}, OpenBySegment: map[int32]Counts{99: {InFlight: 3}}})
	r.End(1, 1, Gauge{})
	if v := r.View(); v.Run.Counts.Error != 1 {
		t.Errorf("%+v", v.Run.Counts)
	}
}
