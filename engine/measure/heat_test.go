package measure

import "testing"

// Every answer of a second is in the bucket that holds its time, and what was
// handed out earlier stays as it was.
func TestHeatCountsEveryAnswer(t *testing.T) {
	var l heatLog
	l.init()
	values := []int64{1, 9_000, 11_000, 10e6, 12e6, 13.5e6, 31e6, 33e6, 900e6, 99e9, 200e9, 2 * MaxValue}
	var h Histogram
	for i, v := range values {
		h.AddN(v, int64(i+1))
	}
	l.append(7, &h)
	first := l.publish()
	l.append(8, &Histogram{})
	if len(first.Chunks[0]) != 1 {
		t.Error("a published map grew")
	}
	row := l.publish().Chunks[0][0]
	if row.Second != 7 || row.First != 0 {
		t.Errorf("%+v", row)
	}
	at := func(v int64) int {
		k := 0
		for k+1 < HeatBuckets && HeatFrom(k+1) <= v {
			k++
		}
		return k
	}
	want := make([]uint32, HeatBuckets)
	for i, v := range values {
		want[at(v)] += uint32(i + 1)
	}
	for k, n := range want {
		if k >= len(row.N) || row.N[k] != n {
			t.Errorf("bucket %d from %d ns has %v, want %d", k, HeatFrom(k), row.N, n)
			break
		}
	}
	if e := l.publish().Chunks[0][1]; e.N != nil || e.Second != 8 {
		t.Errorf("an empty second: %+v", e)
	}
	if HeatFrom(1) != 10_000 || HeatFrom(1+3*HeatPerDecade) != 10_000_000 || HeatFrom(5) != 31_623 {
		t.Errorf("edges: %d %d %d", HeatFrom(1), HeatFrom(1+3*HeatPerDecade), HeatFrom(5))
	}
}

func TestHeatCrossesChunks(t *testing.T) {
	var l heatLog
	l.init()
	var h Histogram
	h.Add(1e6)
	for i := range int64(chunkRows + 3) {
		l.append(i, &h)
	}
	c := l.publish().Chunks
	if len(c) != 2 || len(c[1]) != 3 || c[1][2].Second != chunkRows+2 {
		t.Errorf("%d chunks", len(c))
	}
}
