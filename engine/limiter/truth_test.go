package limiter

import (
	"math"
	"math/rand/v2"
	"slices"
)

// truth decides at a moment of the target, in nanoseconds; wait is how long it
// makes an accepted request wait.
type truth func(at int64) (refused bool, wait int64)

// tokens is a token bucket that counts tokens, unlike the one under test.
func tokens(rate, size float64) truth {
	have, last := size, int64(0)
	return func(at int64) (bool, int64) {
		have = min(size, have+rate*float64(at-last)/1e9)
		last = at
		if have < 1 {
			return true, 0
		}
		have--
		return false, 0
	}
}

// limitReq is nginx's: whole milliseconds, thousandths of a request, nothing
// changes when it refuses. rate is per second.
func limitReq(rate, burst int64, delayed bool) truth {
	excess, last, some := int64(0), int64(0), false
	return func(at int64) (bool, int64) {
		now := (at + 300_000) / 1e6
		if !some {
			some, last = true, now
			return false, 0
		}
		e := max(excess-rate*max(now-last, 0)+1000, 0)
		if e > burst*1000 {
			return true, 0
		}
		excess, last = e, now
		if !delayed {
			return false, 0
		}
		return false, e / rate * 1e6
	}
}

// counter is a fixed window of the clock, offset ns late.
func counter(count int, length, offset int64) truth {
	n, current := 0, int64(-1)
	return func(at int64) (bool, int64) {
		if w := (at + length - offset) / length; w != current {
			current, n = w, 0
		}
		n++
		return n > count, 0
	}
}

// expiring is a window that begins with the first request after the last one's
// end.
func expiring(count int, length int64) truth {
	n, ends := 0, int64(0)
	return func(at int64) (bool, int64) {
		if at >= ends {
			ends, n = at+length, 0
		}
		n++
		return n > count, 0
	}
}

// atRandom refuses a share.
func atRandom(share float64, seed uint64) truth {
	r := rand.New(rand.NewPCG(seed, 7))
	return func(int64) (bool, int64) { return r.Float64() < share, 0 }
}

// perKey has a limiter for each of some clients, drawn at random.
func perKey(keys int, seed uint64, each func() truth) truth {
	r := rand.New(rand.NewPCG(seed, 8))
	all := make([]truth, keys)
	for i := range all {
		all[i] = each()
	}
	return func(at int64) (bool, int64) { return all[r.IntN(keys)](at) }
}

// atOnce is a limit of requests under way, that take so long on average.
func atOnce(limit int, service float64, seed uint64, even bool) truth {
	r := rand.New(rand.NewPCG(seed, 9))
	var ends []int64
	return func(at int64) (bool, int64) {
		ends = slices.DeleteFunc(ends, func(e int64) bool { return e <= at })
		if len(ends) >= limit {
			return true, 0
		}
		wait := service
		if !even {
			wait *= r.ExpFloat64()
		}
		ends = append(ends, at+int64(wait))
		return false, int64(wait)
	}
}

// leg is a load for some time.
type leg struct{ rate, seconds float64 }

// load is what is offered, and what happens on the way.
type load struct {
	legs    []leg
	uniform bool
	jitter  float64 // ns, each way
	stalls  float64 // share that is held up for up to 8 ms, each way
	lost    float64 // share whose answer is not seen
	service float64 // ns that each accepted one takes
	seed    uint64
}

// drive offers the load to a limiter, and gives the observer what a client sees,
// in the order of the answers.
func drive(o *Observer, limit truth, l load) { driveFrom(o, 0, limit, l) }

// driveFrom is a drive that begins so many ns after the start.
func driveFrom(o *Observer, start int64, limit truth, l load) {
	r := rand.New(rand.NewPCG(l.seed, 1))
	type request struct{ sent, there, back int64 }
	var all []request
	at := 0.0
	end := 0.0
	for _, leg := range l.legs {
		end += leg.seconds * 1e9
		for at < end {
			way := func() float64 {
				if r.Float64() < l.stalls {
					return 8e6 * r.Float64()
				}
				return l.jitter * r.Float64()
			}
			all = append(all, request{start + int64(at), start + int64(at+way()), int64(way())})
			if step := 1e9 / leg.rate; l.uniform {
				at += step
			} else {
				at += step * r.ExpFloat64()
			}
		}
	}
	slices.SortFunc(all, func(a, b request) int { return int(a.there - b.there) })
	type answer struct {
		at, done int64
		refused  bool
	}
	answers := make([]answer, 0, len(all))
	for _, q := range all {
		refused, wait := limit(q.there)
		done := q.there + q.back + 200_000 + wait
		if !refused {
			done += int64(l.service)
		}
		if r.Float64() >= l.lost {
			answers = append(answers, answer{q.sent, done, refused})
		}
	}
	slices.SortFunc(answers, func(a, b answer) int { return int(a.done - b.done) })
	for _, a := range answers {
		o.Add(0, a.at, a.done-a.at, a.refused)
	}
}

func off(got, want float64) float64 { return math.Abs(got-want) / want }
