package target

import (
	"container/heap"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

const (
	keepJob = time.Minute // how long a job that has ended can still be asked for
	maxJobs = 1 << 18     // remembered at a time, those that wait included
)

// jobs is the background work that POST /process queues. Workers take jobs in
// the order in which they came, so when a job begins and ends is known as soon
// as it is queued: nothing runs, its state is a matter of the clock.
type jobs struct {
	length Latency
	fail   float64
	seed   uint64

	mu    sync.Mutex
	first int64 // number of list[0]
	list  []job // in the order in which they were queued
	free  times // when each worker is next free; nil without a limit
}

// job is one piece of work. Times are since the start of the target.
type job struct {
	begins, ends time.Duration
	failed       bool
}

func newJobs(c *Config) *jobs {
	j := &jobs{length: c.JobTime, fail: c.JobFail, seed: c.Seed, first: 1}
	if c.JobWorkers > 0 {
		j.free = make(times, c.JobWorkers) // all zero, which is a heap
	}
	return j
}

// add queues a job and returns its number; false when too many wait.
func (j *jobs) add(now time.Duration) (number int64, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.list) > 0 && (j.list[0].ends+keepJob < now || len(j.list) >= maxJobs && j.list[0].ends <= now) {
		j.list = j.list[1:] // its room goes when the list grows into a new array
		j.first++
	}
	if len(j.list) >= maxJobs {
		return 0, false
	}
	number = j.first + int64(len(j.list))
	random := rand.New(rand.NewPCG(j.seed, uint64(number)*0xd1342543de82ef95))
	work := job{begins: now, failed: random.Float64() < j.fail}
	length := j.length.at(random.NormFloat64())
	if j.free != nil {
		work.begins = max(now, j.free[0])
		j.free[0] = work.begins + length
		heap.Fix(&j.free, 0)
	}
	work.ends = work.begins + length
	j.list = append(j.list, work)
	return number, true
}

// state is what a poll for a job hears; false when it is not known, or not any
// more.
func (j *jobs) state(number string, now time.Duration) (word string, ok bool) {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "", false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if n < j.first || n >= j.first+int64(len(j.list)) {
		return "", false
	}
	switch work := j.list[n-j.first]; {
	case now < work.begins:
		return "queued", true
	case now < work.ends:
		return "running", true
	case now > work.ends+keepJob:
		return "", false
	case work.failed:
		return "failed", true
	}
	return "done", true
}

// times is a heap of moments, the earliest first.
type times []time.Duration

func (t times) Len() int           { return len(t) }
func (t times) Less(a, b int) bool { return t[a] < t[b] }
func (t times) Swap(a, b int)      { t[a], t[b] = t[b], t[a] }
func (t *times) Push(any)          {} // their number is that of the workers
func (t *times) Pop() any          { return nil }
