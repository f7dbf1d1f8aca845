package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"stoke/engine/measure"
)

// crowd is a run with 50 scenarios and as many kinds of jobs, of
// which 100,000 are open, and as many requests between two attempts.
func crowd(b *testing.B) *Run {
	const kinds, open = 50, 100_000
	p := flowProfile(b, "rate 0")
	for i := range kinds {
		q := checkout(b)
		q.Name, q.Weight = fmt.Sprint("checkout", i), 1
		j := process(b)
		j.Name, j.Weight = fmt.Sprint("process", i), 1
		p.Requests = append(p.Requests, q, j)
	}
	r, err := New(context.Background(), Options{Profile: p, Transport: newShop(b, nil), NoHealth: true, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	for i := range open {
		j := r.endpoints[r.scripts[2*(i%kinds)+1].first].job
		f := &flow{r: r, stage: polling, job: jobState{job: j, began: int64(i)}}
		j.figures.accept(f, &measure.Sample{T0: int64(i), T8: int64(i) + 1e7})
		r.figures.scenarios[i%kinds].end(&flow{began: 0}, int64(i)*1000)
		r.disp.retries.push(&flow{r: r, stage: retrying, first: measure.Sample{Flags: measure.Departed}}, int64(time.Hour))
	}
	return r
}

// BenchmarkTrafficFacts is what each snapshot pays for scenarios and jobs.
func BenchmarkTrafficFacts(b *testing.B) {
	r := crowd(b)
	c := &recording{}
	c.r = r
	c.state.now = int64(time.Second)
	b.ReportAllocs()
	for b.Loop() {
		c.traffic(c.state.now, nil)
	}
}

// BenchmarkCountRetries is how long a snapshot's scan holds the locks for the
// requests that wait for another attempt.
func BenchmarkCountRetries(b *testing.B) {
	r := crowd(b)
	c := &recording{byEndpoint: make([]measure.Counts, len(r.endpoints))}
	c.r = r
	for b.Loop() {
		c.gauge.Open = c.gauge.Open[:0]
		c.countRetries(&r.disp.retries, 1e9)
	}
}
