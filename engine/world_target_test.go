package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"stoke/engine/pace"
	"stoke/engine/wire"
)

func timerSleeper(epoch time.Time) pace.Sleeper { return pace.NewTimerSleeper(epoch) }

// worldTarget is a target that behaves at random. The shop's lock guards it.
type worldTarget struct {
	rng    *rand.Rand
	median time.Duration
	// The shares of what goes wrong.
	never, broken, limited, fails, hangsUp float64
	jobs                                   map[string]worldJob
}

type worldJob struct {
	ends time.Duration
	how  string
}

// draw decides what kind of target it is.
func (x *worldTarget) draw(rng *rand.Rand) {
	share := func() float64 {
		if rng.Float64() < 0.5 {
			return 0
		}
		return 0.2 * rng.Float64()
	}
	x.median = time.Millisecond + time.Duration(rng.Int64N(int64(60*time.Millisecond)))
	x.never, x.broken, x.limited, x.fails, x.hangsUp = share()/4, share(), 2*share(), share(), share()
}

func (x *worldTarget) chance(p float64) bool { return x.rng.Float64() < p }

// answer is what the shop says.
func (x *worldTarget) answer(at time.Duration, line, _, _ string) reply {
	after := time.Duration(float64(x.median)*x.rng.ExpFloat64()) + time.Millisecond
	switch {
	case x.chance(x.never):
		return reply{after: -1}
	case x.chance(x.broken):
		return reply{after: after, broken: []wire.Fault{wire.WaitReset, wire.WaitEOF, wire.BodyShort}[x.rng.IntN(3)]}
	case x.chance(x.limited):
		return reply{after: time.Millisecond, status: 429, wait: int32(x.rng.IntN(3))}
	case x.chance(x.fails):
		return reply{after: after, status: []int{500, 503, 404}[x.rng.IntN(3)]}
	}
	said := reply{after: after, status: 200, hangUp: x.chance(x.hangsUp), body: fmt.Sprintf(`{"id":"%d","n":%d}`, x.rng.IntN(1000), x.rng.IntN(8))}
	if x.chance(0.3) {
		said.head = "Set-Cookie: session=1; Path=/\r\n"
	}
	if id, ok := strings.CutPrefix(line, "GET /jobs/"); ok {
		job := x.jobs[id]
		if at < job.ends {
			job.how = "running"
		}
		said.body = `{"status":"` + job.how + `"}`
		return said
	}
	if strings.Contains(line, "/process") {
		switch {
		case x.chance(0.1):
			said.body = `{"id":"1","status":"done"}`
		case x.chance(0.05):
			said.status = 202 // and no word of where to ask
		case x.chance(0.95):
			id := fmt.Sprint(len(x.jobs))
			x.jobs[id] = worldJob{at + time.Duration(x.rng.Int64N(int64(3*time.Second))), []string{"done", "done", "failed", "lost"}[x.rng.IntN(4)]}
			said.status, said.head = 202, said.head+"Location: /api/jobs/"+id+"\r\n"
		}
	}
	return said
}
