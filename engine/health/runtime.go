package health

import (
	"runtime/metrics"
	"slices"
)

// runtimeReader reads what Go's runtime counts. It keeps the histograms of the
// second before, to see what came since.
type runtimeReader struct {
	samples       []metrics.Sample
	sched, pauses []uint64 // as they stood before
	at            int64    // that was then
}

func newRuntimeReader() *runtimeReader {
	return &runtimeReader{samples: []metrics.Sample{
		{Name: "/sched/latencies:seconds"},
		{Name: "/sched/pauses/total/gc:seconds"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/gc/cycles/total:gc-cycles"},
	}}
}

// read fills c, whose time is set, and returns the waits for a CPU and the pauses
// since the last call; those of the first call are since the program began.
func (rt *runtimeReader) read(c *counters) (sched, pauses lag) {
	metrics.Read(rt.samples)
	sched = since(&rt.sched, rt.samples[0].Value, bucketP99)
	pauses = since(&rt.pauses, rt.samples[1].Value, func(before, now []uint64, edges []float64) lag {
		return stillness(before, now, edges, c.at-rt.at)
	})
	rt.at = c.at
	if v := rt.samples[2].Value; v.Kind() == metrics.KindFloat64 {
		c.gcCPU = v.Float64()
	}
	if v := rt.samples[3].Value; v.Kind() == metrics.KindUint64 {
		c.gcCycles = v.Uint64()
	}
	return sched, pauses
}

// since sums up what came to a histogram, and keeps how it stands now.
func since(before *[]uint64, v metrics.Value, sum func(before, now []uint64, edges []float64) lag) lag {
	if v.Kind() != metrics.KindFloat64Histogram {
		return lag{}
	}
	h := v.Float64Histogram()
	l := sum(*before, h.Counts, h.Buckets)
	*before = append(slices.Grow((*before)[:0], len(h.Counts)), h.Counts...)
	return l
}
