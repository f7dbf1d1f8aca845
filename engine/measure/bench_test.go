package measure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("endpoint ", i)
	}
	return out
}

// traffic is one second of lognormal samples over the endpoints, at 20,000/s.
func traffic(endpoints int) []Sample {
	rng := rand.New(rand.NewPCG(4, 4))
	out := make([]Sample, 20000)
	for i := range out {
		t0 := int64(i) * secondNanos / int64(len(out))
		t1 := t0 + int64(20e3*(1+rng.ExpFloat64()))
		t2 := t1 + int64(1e3*rng.ExpFloat64())
		t4 := t2 + int64(15e3*(1+rng.ExpFloat64()))
		t8 := t4 + int64(2e6*math.Exp(0.8*rng.NormFloat64()))
		out[i] = Sample{T0: t0, T1: t1, T2: t2, T3: t2, T4: t4, T5: t4 + 900, T6: t8, T7: t8, T8: t8, In: 300, Out: 120, RetryAfter: -1,
			Segment: 1, Endpoint: uint16(i % endpoints), Status: 200, Flags: Departed | Reused}
	}
	return out
}

func shift(batch []Sample, by int64) {
	for i := range batch {
		s := &batch[i]
		s.T0, s.T1, s.T2, s.T3, s.T4 = s.T0+by, s.T1+by, s.T2+by, s.T3+by, s.T4+by
		s.T5, s.T6, s.T7, s.T8 = s.T5+by, s.T6+by, s.T7+by, s.T8+by
	}
}

// loaded is a recorder in the middle of a run at 20,000/s.
func loaded(endpoints int) (r *Recorder, batch []Sample, now int64) {
	r = New(Config{Endpoints: names(endpoints), Faults: []string{"wait:timeout"}})
	r.Open(Segment{ID: 1, Kind: Hold, Setting: Setting{Model: "open", Rate: 20000, RateTo: 20000}})
	batch = traffic(endpoints)
	for now = 0; now < 15*secondNanos; {
		now = playSecond(r, batch, now)
	}
	return r, batch, now
}

var ages = []Age{{3e6, 41}}

// playSecond adds one second in tenths and leaves the samples a second later.
func playSecond(r *Recorder, batch []Sample, now int64) int64 {
	n := len(batch) / 10
	for i := range 10 {
		r.Add(batch[i*n : (i+1)*n])
		now += secondNanos / 10
		c := r.sumOfCounts(&r.run.counts, nil)
		r.Tick(now, Gauge{Intended: c.ended() + 41, Sent: c.Sent + 40, InFlight: 40, Connecting: 1, Open: ages, Oldest: 1})
	}
	shift(batch, secondNanos)
	return now
}

// One operation is one sample; they come in batches of 500, and every second
// of them is closed.
func BenchmarkAdd(b *testing.B) {
	for _, endpoints := range []int{1, 50} {
		b.Run(fmt.Sprintf("%dendpoints", endpoints), func(b *testing.B) {
			r, batch, now := loaded(endpoints)
			b.ReportAllocs()
			b.ResetTimer()
			i := 0
			for n := 0; n < b.N; n += 500 {
				r.Add(batch[i : i+500])
				if i += 500; i == len(batch) {
					i = 0
					shift(batch, secondNanos)
					now += secondNanos
					r.Tick(now, Gauge{InFlight: 40, Open: []Age{{3e6, 40}}, Oldest: 1})
				}
			}
		})
	}
}

func BenchmarkView(b *testing.B) {
	for _, endpoints := range []int{1, 50} {
		b.Run(fmt.Sprintf("%dendpoints", endpoints), func(b *testing.B) {
			r, batch, _ := loaded(endpoints)
			r.Add(batch[:len(batch)/2])
			b.ReportAllocs()
			for b.Loop() {
				r.View()
			}
		})
	}
}

func BenchmarkSecond(b *testing.B) { // 20,000 samples, ten ticks and ten views
	r, batch, now := loaded(50)
	b.ReportAllocs()
	for b.Loop() {
		now = playSecond(r, batch, now)
		for range 10 {
			runtime.KeepAlive(r.View())
		}
	}
}
