package measure

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The fifty slowest of many are those of the sorted whole, with every stamp.
func TestSlowest(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	r := New(Config{Endpoints: []string{"a", "b"}, Faults: []string{"wait:timeout"}})
	r.Open(Segment{ID: 1, Kind: Hold, Setting: Setting{Model: "open", Rate: 1000}})
	if got := r.View().Slowest; len(got) != 0 {
		t.Errorf("%d before the first", len(got))
	}
	var all []int64
	for _, n := range []int{10, 39, 1, 1, 3000} {
		var batch []Sample
		for range n {
			t0 := 1 + rng.Int64N(9e8)
			s := Sample{T0: t0, T1: t0 + 1, T2: t0 + 2, T3: t0 + 3, T4: t0 + 4, T8: t0 + 10 + rng.Int64N(1e9), Segment: 1, Flags: Departed, Endpoint: uint16(rng.IntN(2))}
			switch rng.IntN(10) {
			case 0:
				s.Class = Error
			case 1: // not tried, or taken back
				s.Class = Shed + Class(rng.IntN(int(NumClasses-Shed)))
			}
			if batch = append(batch, s); s.Class <= Error {
				all = append(all, s.T8-s.T0)
			}
		}
		r.Add(batch)
		slices.SortFunc(all, func(a, b int64) int { return int(b - a) })
		got := r.View().Slowest
		if len(got) != min(len(all), 50) {
			t.Fatalf("%d of %d are kept", len(got), len(all))
		}
		for i := range got {
			if got[i].Response() != all[i] {
				t.Fatalf("number %d of %d took %d, want %d", i, len(all), got[i].Response(), all[i])
			}
			if s := &got[i]; s.T4 != s.T0+4 || s.Name != []string{"a", "b"}[s.Endpoint] || (s.Cause == "wait:timeout") != (s.Class == Error) {
				t.Fatalf("kept %+v", s)
			}
		}
	}
	before := r.View().Slowest
	copied := slices.Clone(before)
	r.Add([]Sample{{T0: 1, T8: 5e9, Segment: 1, Flags: Departed}})
	if !slices.Equal(before, copied) || r.View().Slowest[0].Response() != 5e9-1 {
		t.Error("a list that was handed out has changed, or the new one has not")
	}
}

// The parts add up to the response time, for what failed on its way too.
func TestParts(t *testing.T) {
	for name, c := range map[string]struct {
		s    Sample
		want Parts
	}{
		"answered":        {Sample{T0: 10, T1: 11, T2: 13, T3: 17, T4: 25, T8: 100}, Parts{1, 2, 4, 8, 75}},
		"closed model":    {Sample{T0: 10, T1: 10, T2: 10, T3: 10, T4: 12, T8: 50}, Parts{0, 0, 0, 2, 38}},
		"dial failed":     {Sample{T0: 10, T1: 11, T2: 13, T8: 100}, Parts{1, 2, 87, 0, 0}},
		"first of a run":  {Sample{T0: 0, T1: 0, T2: 0, T3: 0, T4: 2, T8: 50}, Parts{0, 0, 0, 2, 48}},
		"never picked up": {Sample{T0: 10, T8: 100}, Parts{Pacer: 90}},
	} {
		s := Slow{Sample: c.s}
		p := s.Parts()
		if p != c.want || p.Pacer+p.Slot+p.Connect+p.Dispatch+p.Service != s.Response() {
			t.Errorf("%s: %+v of %d, want %+v", name, p, s.Response(), c.want)
		}
	}
}

// An ordinary sample costs nothing but a comparison.
func BenchmarkSlowest(b *testing.B) {
	s := slowest{floor: -1}
	for i := range int64(100) {
		s.offer(&Sample{T8: 1e9 + i})
	}
	x := Sample{T8: 1e6}
	b.ReportAllocs()
	for b.Loop() {
		s.offer(&x)
	}
}
