package measure

import (
	"math"
	"runtime"
	"testing"
)

// Little's law: what the engine counted as occupied and what the requests say
// agree, with an open request that spans several seconds; a lost sample shows.
func TestLittle(t *testing.T) {
	for _, lose := range []bool{false, true} {
		s := newStage(t, open1000)
		long := answer(1, 500*ms, 4000*ms) // open from 0.5 to 4.5 s
		var busy int64
		for now := int64(0); now <= 6000*ms; now += 100 * ms {
			if now > 0 { // ten answers of 20 ms in each tenth
				for i := range int64(10) {
					if lose && i == 0 {
						continue
					}
					s.add(answer(1, now-100*ms+i*ms, 20*ms))
				}
				busy += 10 * 20 * ms
				if now > 500*ms && now <= 4500*ms {
					busy += 100 * ms
				}
			}
			g := Gauge{Busy: busy}
			if now >= 500*ms && now < 4500*ms {
				g.InFlight, g.OpenBusy = 1, now-500*ms
			}
			if now == 4500*ms {
				s.add(long)
			}
			s.tick(now, g)
			if f := s.LastSecond(); f.Number >= 1 {
				want, expected := 2.0, 2.0
				if lose {
					expected = 1.8
				}
				switch f.Number {
				case 1, 2, 3:
					want, expected = want+1, expected+1
				case 4:
					want, expected = want+0.5, expected+0.5
				}
				if math.Abs(f.LittleMeasured-want) > 1e-9 || math.Abs(f.LittleExpected-expected) > 1e-9 || f.LittleRough {
					t.Fatalf("second %d: measured %g expected %g, want %g and %g", f.Number, f.LittleMeasured, f.LittleExpected, want, expected)
				}
			}
		}
	}
}

// Without the engine's integral the gauge at the ticks serves, and says so;
// without the ages of occupied slots there is nothing to compare.
func TestLittleWithoutIntegral(t *testing.T) {
	s := newStage(t, open1000)
	for now := int64(0); now <= 3000*ms; now += 100 * ms {
		s.tick(now, Gauge{InFlight: 2, OpenBusy: 2 * now})
	}
	if f := s.LastSecond(); f.LittleMeasured != 2 || f.LittleExpected != 2 || !f.LittleRough {
		t.Errorf("%+v", f)
	}
	s = newStage(t, open1000)
	for now := int64(0); now <= 3000*ms; now += 100 * ms {
		s.tick(now, Gauge{InFlight: 2})
	}
	if f := s.LastSecond(); f.LittleMeasured != 0 || f.LittleExpected != 0 {
		t.Errorf("%+v", f)
	}
}

func TestLastSecond(t *testing.T) {
	s := newStage(t, open1000)
	for i := range int64(100) {
		q := answer(1, i*ms, 7*ms)
		q.T1 = q.T0 + i*1000 // pacer lag 0 to 99 µs
		q.T2, q.T3 = q.T1+500, q.T1+900
		q.T4 = q.T3 + 100
		s.add(q)
	}
	fault := answer(1, 200*ms, ms)
	fault.Class, fault.Status = Error, 0
	s.add(fault)
	if n := s.LastSecond().Number; n != -1 {
		t.Errorf("second %d before the first", n)
	}
	s.tick(1049*ms, Gauge{})
	if n := s.LastSecond().Number; n != -1 {
		t.Errorf("second %d is closed 49 ms after its end", n)
	}
	s.tick(1050*ms, Gauge{})
	f := s.LastSecond()
	if f.Number != 0 || f.LagN != 101 || f.LagP50 != highest(bucketOf(49100)) || f.LagMax != 99100 || f.SlotP50 != 500 || f.Counts.OK != 100 || f.Faults[0] != 1 || f.Late != 0 {
		t.Errorf("%+v", f)
	}
	if f.ServiceP50 < 7*ms-60000 || f.ServiceP50 > 7*ms {
		t.Errorf("service %d", f.ServiceP50)
	}
	s.add(answer(1, 990*ms, 5*ms)) // ended in a second that is closed
	s.tick(2050*ms, Gauge{})
	if f = s.LastSecond(); f.Number != 1 || f.Late != 1 || f.Counts.OK != 1 || f.Faults[0] != 0 {
		t.Errorf("%+v", f)
	}
	if v := s.View(); v.Late != 1 || v.Run.OK != 101 {
		t.Errorf("late %d, %d OK", v.Late, v.Run.OK)
	}
}

// A p99 of the send lag takes in the seconds that it needs for 1,000 requests, and
// no more of them than the live window has.
func TestRecentLag(t *testing.T) {
	for _, c := range []struct {
		name                   string
		each, long, want, tail int64
	}{
		{"enough in one second", 1000, 0, 1000, 5 * ms},
		{"enough in one second, but the late one is before it", 1000, 1, 1000, 0},
		{"four seconds", 250, 0, 1000, 5 * ms},
		{"four seconds, but the late one is the fifth", 250, 1, 1000, 0},
		{"never enough", 20, 0, 200, 5 * ms},
	} {
		s := newStage(t, open1000)
		for second := range int64(12) {
			for i := range c.each {
				q := answer(1, second*secondNanos+i*secondNanos/c.each, ms/2)
				if second == 11-min(c.want/c.each-1, 9)-c.long && i < c.each/10+1 { // the oldest that counts
					q.T1 = q.T0 + 5*ms
					q.T2, q.T3, q.T4 = q.T1, q.T1, q.T1
				}
				s.add(q)
			}
			s.tick((second+1)*secondNanos+50*ms, Gauge{})
		}
		f := s.LastSecond()
		if f.Number != 11 || f.RecentLagN != c.want {
			t.Errorf("%s: second %d with %d requests, want %d", c.name, f.Number, f.RecentLagN, c.want)
		}
		if off := f.RecentLagP99 - c.tail; off < 0 || off > c.tail/1000 {
			t.Errorf("%s: p99 %d, want %d", c.name, f.RecentLagP99, c.tail)
		}
	}
}

// Rows split what the gauge saw between two ticks along the line, and add up.
func TestRowsInterpolate(t *testing.T) {
	s := newStage(t, open1000)
	r := s.Recorder
	r.Tick(0, Gauge{})
	r.Tick(900*ms, Gauge{Intended: 90, Sent: 80, Unsent: 10})
	r.Tick(1100*ms, Gauge{Intended: 110, Sent: 100, Unsent: 10, Rate: 100})
	r.Tick(4300*ms, Gauge{Intended: 430, Sent: 420, Unsent: 10})
	r.End(4800*ms, 4800*ms, Gauge{Intended: 431, Sent: 421, Unsent: 10})
	h := r.View().History
	want := []int64{100, 100, 100, 100, 31}
	if h.Len() != len(want) {
		t.Fatalf("%d rows", h.Len())
	}
	for i, n := range want {
		if row := h.At(i); row.Intended != n || row.Second != int64(i) || row.Segment != 1 {
			t.Errorf("row %d: %+v, want %d intended", i, row, n)
		}
	}
	if h.At(0).Sent != 90 || h.At(0).Unsent != 10 || h.At(0).Rate != 0 || h.At(1).Rate != 100 || h.At(1).Unsent != 0 || h.At(5) != nil || h.At(-1) != nil {
		t.Errorf("rows %+v %+v", h.At(0), h.At(1))
	}
}

func TestWindows(t *testing.T) {
	s := newStage(t, open1000)
	var v View
	for now := int64(0); now <= 15500*ms; now += 100 * ms {
		if now > 0 {
			for i := range int64(10) { // 100/s of 1 ms, from 10 s on of 3 ms
				took := ms
				if now > 10*secondNanos {
					took = 3 * ms
				}
				s.add(answer(1, now-100*ms+i*10*ms, took))
			}
		}
		v = s.tick(now, Gauge{})
		if now == 500*ms && (v.Last10.Seconds != 0.5 || v.Last10.Counts.OK != 50 || v.Last10.Rates.Done != 100 || v.Last1.Counts.OK != 50) {
			t.Errorf("after half a second: %+v", v.Last10)
		}
	}
	w := v.Last10 // 6.0 to 15.5
	if w.Seconds != 9.5 || w.Counts.OK != 950 || w.Rates.Done != 100 || w.Rates.Intended != 100 || w.Response.Count != 950 || w.Response.P[P50] < 3*ms || w.Response.Min != ms {
		t.Errorf("ten seconds: %+v", w)
	}
	if w = v.Last1; w.Seconds != 1 || w.Counts.OK != 100 || w.Rates.Sent != 100 || w.Response.Min != 3*ms {
		t.Errorf("last second: %+v", w)
	}
	if w = v.Since; w.Seconds != 15.5 || w.Counts.OK != 1550 || math.Abs(w.Rates.OK-100) > 1e-9 {
		t.Errorf("since the change: %+v", w)
	}
}

// A sample costs no allocation, and neither do the seconds and ticks but for
// the row's and the verdict's few.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	r, batch, now := loaded(50)
	per := testing.AllocsPerRun(5, func() { now = playSecond(r, batch, now) })
	if per > 40 {
		t.Errorf("%g allocations for a second of %d samples", per, len(batch))
	}
	if n := testing.AllocsPerRun(5, func() { r.Add(batch[:500]) }); n != 0 {
		t.Errorf("%g allocations for 500 samples", n)
	}
}

// Many settings with 50 endpoints and mixed classes stay small: beyond the
// newest ones a setting costs its figures only.
func TestMemoryIsBounded(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	r := New(Config{Endpoints: names(50), Faults: []string{"wait:timeout", "dial:refused"}})
	batch := traffic(50)[:2000]
	for i := range batch { // spread over the second, and mixed
		s := &batch[i]
		by := int64(i)*500e3 - s.T0
		shift(batch[i:i+1], by)
		s.Class = []Class{OK, OK, OK, OK, OK, OK, Status, Limited, Error, Cut}[i%10]
	}
	var at50, at120 int64
	now := int64(0)
	for id := range 120 {
		r.Open(Segment{ID: id + 1, Kind: Hold, Setting: open1000, From: now})
		for range 2 {
			for i := range batch {
				batch[i].Segment = int32(id + 1)
			}
			for i := range 10 {
				r.Add(batch[i*200 : (i+1)*200])
				now += 100 * ms
				r.Tick(now, Gauge{Oldest: int64(id + 1)})
			}
			shift(batch, secondNanos)
			r.View()
		}
		switch id + 1 {
		case 50:
			at50 = heap() - before
		case 120:
			at120 = heap() - before
		}
	}
	per := (at120 - at50) / 70
	t.Logf("%d KB after 50 segments, %d KB after 120: %d KB a segment", at50>>10, at120>>10, per>>10)
	if per > 16<<10 {
		t.Errorf("a closed segment keeps %d KB", per>>10)
	}
	// What a stripped segment counted is still there, and a sample that comes
	// for it against all expectation is counted somewhere.
	v := r.View()
	if n := v.Segments[0].Stats.Counts.Intended; n != 4000 || v.Segments[0].Endpoints != nil {
		t.Errorf("the first segment holds %d requests, want 4000, and %d endpoints", n, len(v.Segments[0].Endpoints))
	}
	stray := batch[0]
	stray.Segment = 1
	r.Add([]Sample{stray})
	r.Tick(now+100*ms, Gauge{Oldest: 120})
	if got := r.View().Run.Counts.Intended; got != v.Run.Counts.Intended+1 {
		t.Errorf("a stray sample was lost: %d after %d", got, v.Run.Counts.Intended)
	}
	runtime.KeepAlive(r)
}
