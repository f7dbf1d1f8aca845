package measure

import (
	"math"
	"math/rand/v2"
	"testing"
)

// hold plays seconds of a steady hold and returns the last view.
func hold(s *stage, rng *rand.Rand, id int32, seconds int64, median, sigma float64) View {
	s.t.Helper()
	var v View
	for range seconds {
		n := s.now / secondNanos
		for i := range int64(300) {
			s.add(answer(id, n*secondNanos+i*ms, int64(median*math.Exp(sigma*rng.NormFloat64()))))
		}
		for range 10 {
			v = s.tick(s.now+100*ms, Gauge{})
		}
	}
	if v.Audit != "" {
		s.t.Fatal(v.Audit)
	}
	return v
}

func two(t *testing.T, seed uint64, median float64) View {
	rng := rand.New(rand.NewPCG(seed, 0))
	s := newStage(t, open1000)
	hold(s, rng, 1, 14, 20e6, 0.2)
	s.Open(Segment{ID: 2, Kind: Hold, Setting: open1000, From: s.now})
	return hold(s, rng, 2, 14, median, 0.2)
}

// 5 % more in the median is found with 4,200 requests on each side; nothing is
// found where nothing changed, but for a few in a hundred.
func TestChanges(t *testing.T) {
	found, alarms, judged := 0, 0, 0
	const rounds = 12
	for seed := range uint64(rounds) {
		if v := two(t, seed, 21e6); v.Changes[P50].Different && math.Abs(v.Changes[P50].Percent-5) < 2 {
			found++
		}
		v := two(t, seed+1000, 20e6)
		if v.Changes[P50].Judged {
			judged++
		}
		if v.Changes[P50].Different {
			alarms++
		}
		if v.Against == nil || v.Against.ID != 1 || !v.Changes[P99].Valid || v.Changes[P9999].Valid || !v.ChangeMax.Valid {
			t.Fatalf("against %v, changes %+v", v.Against, v.Changes)
		}
	}
	if found < rounds*9/10 || alarms > rounds/4 || judged < rounds*9/10 {
		t.Errorf("of %d: %d found, %d false alarms, %d judged", rounds, found, alarms, judged)
	}
}

// Ramps, transits, too few answers, another model and invalid segments are not
// compared with.
func TestAgainst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := newStage(t, open1000)
	hold(s, rng, 1, 12, 20e6, 0.1)
	id := 1
	next := func(k Kind, set Setting, seconds int64) View {
		id++
		s.Open(Segment{ID: id, Kind: k, Setting: set, From: s.now})
		return hold(s, rng, int32(id), seconds, 20e6, 0.1)
	}
	closed := Setting{Model: "closed", Concurrency: 8}
	for _, c := range []struct {
		kind    Kind
		set     Setting
		seconds int64
		want    int // the segment it is compared with
	}{
		{Ramp, open1000, 3, 1},
		{Hold, open1000, 3, 1},
		{Hold, closed, 3, 0},
		{Hold, closed, 3, 4},
		{Hold, open1000, 3, 3},
	} {
		v := next(c.kind, c.set, c.seconds)
		if got := v.Against; (got == nil) != (c.want == 0) || got != nil && got.ID != c.want {
			t.Errorf("segment %d is compared with %+v, want %d", id, got, c.want)
		}
		if v.Changes[P50].Judged {
			t.Errorf("segment %d is judged after %d s", id, c.seconds)
		}
	}
	for n := range int64(3) { // the last seconds of segment 3 turn out invalid
		s.Mark(12+3+n, false, true)
	}
	if v := s.View(); v.Against == nil || v.Against.ID != 1 {
		t.Errorf("compared with %+v after segment 3 was found invalid", v.Against)
	}
}

// Blocks merge in pairs when they become too many, and nothing is lost.
func TestBlocksKeepEverything(t *testing.T) {
	var b blocks
	var want int64
	for i := range int64(1500) {
		h := fill([]int64{i * 1000, i * 3000, 5})
		want += 3
		b.add(coarseBlock(h))
		if len(b.list) > maxBlocks {
			t.Fatalf("%d blocks", len(b.list))
		}
	}
	count := func() (n, most int64) {
		for _, bl := range b.list {
			for i, c := range bl.buckets {
				n += int64(c.n)
				if i > 0 && bl.buckets[i-1].bucket >= c.bucket {
					t.Fatal("buckets are not in order")
				}
			}
			most = max(most, bl.max)
		}
		return n, most
	}
	if n, most := count(); n != want || most != 1499*3000 {
		t.Errorf("%d values up to %d, want %d up to %d", n, most, want, 1499*3000)
	}
	if len(b.list) <= maxBlocks/2 || b.width != 8 {
		t.Errorf("%d blocks of %d s", len(b.list), b.width)
	}
	b.compact()
	if n, _ := count(); n != want || len(b.list) > frozenBlocks {
		t.Errorf("compact: %d values in %d blocks", n, len(b.list))
	}
}

func BenchmarkCompare(b *testing.B) { // the work of one second
	rng := rand.New(rand.NewPCG(1, 1))
	then, now := &segment{id: 1, closed: true}, &segment{id: 2}
	for range 200 {
		var h Histogram
		for range 2000 {
			h.Add(int64(20e6 * math.Exp(0.8*rng.NormFloat64())))
		}
		then.blocks.add(coarseBlock(&h))
		now.blocks.add(coarseBlock(&h))
	}
	then.blocks.compact()
	var c comparison
	var second int64
	for b.Loop() {
		second++
		c.update(then, now, second)
	}
}

// Any two settings compare as the newest does with the one before it, and the
// open and the closed model not at all.
func TestComparePairs(t *testing.T) {
	v := two(t, 3, 21e6)
	then, now := v.Segments[0], v.Segments[1]
	changes, most := Compare(then, now)
	for i, c := range changes {
		if w := v.Changes[i]; c.Percent != w.Percent || c.Valid != w.Valid || c.Judged != w.Judged {
			t.Errorf("percentile %v: %+v, want %+v", Percentiles[i], c, w)
		}
	}
	if !changes[P50].Different || !most.Valid {
		t.Errorf("5 %% more is not seen: %+v", changes[P50])
	}
	if same, _ := Compare(now, now); same[P50].Different || same[P50].Percent != 0 {
		t.Errorf("a setting differs from itself: %+v", same[P50])
	}
	other := *now
	other.Setting.Model = "closed"
	if c, _ := Compare(then, &other); c[P50].Valid {
		t.Error("open and closed model were compared")
	}
	other = *now
	other.Invalid = true
	if c, _ := Compare(then, &other); !c[P50].Valid || c[P50].Judged {
		t.Errorf("an invalid setting was judged: %+v", c[P50])
	}
	if c, _ := Compare(nil, now); c[P50].Valid {
		t.Error("nothing was compared")
	}
}
