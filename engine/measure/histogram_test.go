package measure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// logUniform draws n values between two bounds.
func logUniform(n int, from, to float64, seed uint64) []int64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(from * math.Pow(to/from, rng.Float64()))
	}
	return v
}

// nearestRank is the exact percentile, q parts of 10,000, of sorted values.
func nearestRank(sorted []int64, q int64) int64 {
	n := int64(len(sorted))
	return sorted[max((n*q+9999)/10000, 1)-1]
}

func fill(values []int64) *Histogram {
	h := new(Histogram)
	for _, v := range values {
		h.Add(v)
	}
	return h
}

func TestErrorBound(t *testing.T) {
	values := logUniform(1e6, 1e3, 60e9, 7)
	h := fill(values)
	slices.Sort(values)
	for q := int64(1); q <= 10000; q += 33 {
		exact, got := nearestRank(values, q), h.Percentile(float64(q)/100)
		if got < exact || float64(got-exact) > float64(exact)/1024 || exact < 2048 && got != exact {
			t.Fatalf("p%.2f reads %d, exact %d", float64(q)/100, got, exact)
		}
	}
	var sum float64
	for _, v := range values {
		sum += float64(v)
	}
	if h.Min() != values[0] || h.Max() != values[len(values)-1] || math.Abs(h.Mean()*1e6/sum-1) > 1e-9 {
		t.Errorf("min %d max %d mean %g, want %d %d %g", h.Min(), h.Max(), h.Mean(), values[0], values[len(values)-1], sum/1e6)
	}
	l := summarize([]*Histogram{h}, nil, 0)
	for j, p := range Percentiles {
		if l.P[j] != h.Percentile(p) {
			t.Errorf("the ladder's p%g is %d, the histogram's %d", p, l.P[j], h.Percentile(p))
		}
	}
}

func TestBucketsAreContiguous(t *testing.T) {
	for b := range numPages * pageSize {
		lo, hi := lowest(b), highest(b)
		if bucketOf(lo) != b || bucketOf(hi) != b || b > 0 && highest(b-1) != lo-1 {
			t.Fatalf("bucket %d holds %d to %d, but they fall into %d and %d", b, lo, hi, bucketOf(lo), bucketOf(hi))
		}
	}
	if b := bucketOf(MaxValue); b >= numPages*pageSize {
		t.Errorf("one hour falls into bucket %d of %d", b, numPages*pageSize)
	}
}

func TestNearestRank(t *testing.T) {
	var h Histogram
	for v := range int64(160) {
		h.Add(v + 1)
	}
	for _, c := range []struct {
		p    float64
		want int64
	}{{0, 1}, {50, 80}, {99, 159}, {99.9, 160}, {100, 160}, {0.625, 1}, {0.626, 2}} {
		if got := h.Percentile(c.p); got != c.want {
			t.Errorf("p%g of 1..160 is %d, want %d", c.p, got, c.want)
		}
	}
	// 0.999·n is no whole number in floating point where it is one in fact.
	if got := rankOf(99.9, 3000); got != 2997 {
		t.Errorf("rank of p99.9 of 3000 is %d, want 2997", got)
	}
	if got := rankOf(99.99, math.MaxInt64/2); got <= 0 {
		t.Errorf("a huge count gives rank %d", got)
	}
}

func TestOutOfRangeIsCounted(t *testing.T) {
	var h Histogram
	h.Add(5)
	h.Add(MaxValue)
	h.Add(MaxValue + 1)
	h.Add(2 * MaxValue)
	if h.Count() != 4 || h.Overflow() != 2 || h.Max() != 2*MaxValue || h.Percentile(99) != 2*MaxValue || h.Percentile(50) != highest(bucketOf(MaxValue)) {
		t.Errorf("count %d overflow %d max %d p99 %d p50 %d", h.Count(), h.Overflow(), h.Max(), h.Percentile(99), h.Percentile(50))
	}
	var m Histogram
	m.Merge(&h)
	m.MergeFrozen(h.Freeze())
	if m.Count() != 8 || m.Overflow() != 4 {
		t.Errorf("merged: count %d overflow %d", m.Count(), m.Overflow())
	}
	l := summarize([]*Histogram{&h}, nil, 0)
	if l.P[P99] != 2*MaxValue || l.Count != 4 || l.Open[P99] {
		t.Errorf("ladder %+v", l)
	}
	var zero Histogram
	zero.Add(-3)
	if zero.Count() != 1 || zero.Max() != 0 || zero.Percentile(50) != 0 {
		t.Errorf("a negative value: %d %d", zero.Count(), zero.Max())
	}
}

// A counter that passes 32 bits carries on, in every way of adding.
func TestCountersCarry(t *testing.T) {
	const n = math.MaxUint32
	var a Histogram
	a.AddN(1000, n)
	a.AddN(2000, n)
	a.Add(1000)
	var b Histogram
	b.Merge(&a)
	b.Merge(&a)
	b.MergeFrozen(a.Freeze())
	for _, h := range []*Histogram{&a, &b} {
		k := h.Count() / (2*n + 1)
		if h.at(bucketOf(1000)) != uint64(k)*(n+1) || h.at(bucketOf(2000)) != uint64(k)*n {
			t.Fatalf("counts %d and %d, want %d and %d", h.at(bucketOf(1000)), h.at(bucketOf(2000)), k*(n+1), k*n)
		}
		if h.Percentile(50) != 1000 || h.Percentile(50.1) != 2000 {
			t.Errorf("p50 %d, p50.1 %d", h.Percentile(50), h.Percentile(50.1))
		}
		if l := summarize([]*Histogram{h}, nil, 0); l.P[P50] != 1000 || l.P[P75] != 2000 {
			t.Errorf("ladder %v", l.P)
		}
	}
}

// The sum keeps 128 bits: a mean of an hour over 2^40 requests is exact.
func TestSumDoesNotWrap(t *testing.T) {
	var h Histogram
	h.AddN(MaxValue, 1<<40)
	h.AddN(MaxValue-2, 1<<40)
	if h.Mean() != float64(MaxValue-1) {
		t.Errorf("mean %f, want %d", h.Mean(), MaxValue-1)
	}
}

func TestMergeIsTheSum(t *testing.T) {
	values := logUniform(30000, 100, 5e12, 3)
	whole := fill(values)
	var dense, frozen Histogram
	for i := range 3 {
		part := fill(values[i*10000 : (i+1)*10000])
		dense.Merge(part)
		frozen.MergeFrozen(part.Freeze())
	}
	for _, h := range []*Histogram{&dense, &frozen} {
		if got, want := summarize([]*Histogram{h}, nil, 0), summarize([]*Histogram{whole}, nil, 0); got != want {
			t.Errorf("merged %+v\nwhole  %+v", got, want)
		}
	}
}

func TestPagesAreReused(t *testing.T) {
	pool := new(pagePool)
	h := Histogram{pool: pool}
	values := logUniform(1000, 1e3, 1e9, 5)
	cycle := func() {
		for _, v := range values {
			h.Add(v)
		}
		h.Reset()
	}
	cycle()
	if n := testing.AllocsPerRun(10, cycle); n != 0 {
		t.Errorf("%g allocations after the first round", n)
	}
	h.Add(values[0])
	if h.Count() != 1 || h.Percentile(100) != values[0] {
		t.Errorf("a reused page was not clear: %d, %d", h.Count(), h.Percentile(100))
	}
}

func TestEncodeRoundTrip(t *testing.T) {
	for name, values := range map[string][]int64{
		"empty": nil, "zero": {0}, "one": {1}, "wide": logUniform(50000, 1, 3.5e12, 11), "top": {MaxValue},
	} {
		h := fill(values)
		payload, err := h.Encode()
		if err != nil {
			t.Fatal(name, err)
		}
		back, err := Decode(payload)
		if err != nil {
			t.Fatal(name, err)
		}
		for b := range numPages * pageSize {
			if h.at(b) != back.at(b) {
				t.Fatalf("%s: bucket %d counts %d, was %d", name, b, back.at(b), h.at(b))
			}
		}
		lib, err := hdrhistogram.Decode(payload)
		if err != nil {
			t.Fatal(name, err)
		}
		if lib.TotalCount() != h.Count() {
			t.Errorf("%s: the library counts %d, want %d", name, lib.TotalCount(), h.Count())
		}
		// The library rounds ranks where we take the next one up.
		for _, p := range Percentiles {
			got := lib.ValueAtPercentile(p)
			if r := rankOf(p, h.Count()); r > 1 && got != highest(h.bucketRanked(r)) && got != highest(h.bucketRanked(r-1)) {
				t.Errorf("%s: the library's p%g is %d, ours %d", name, p, got, h.Percentile(p))
			}
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	other := hdrhistogram.New(1000, MaxValue, 3)
	_ = other.RecordValue(5000)
	foreign, err := other.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	good, err := fill([]int64{1, 2, 3}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, payload := range map[string][]byte{"empty": {}, "no base64": []byte("?!"), "another unit": foreign, "cut": good[:len(good)-8]} {
		if _, err := Decode(payload); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkHistogramAdd(b *testing.B) {
	values := logUniform(1<<16, 1e5, 1e8, 1)
	var h Histogram
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		h.Add(values[i&(1<<16-1)])
		i++
	}
}
