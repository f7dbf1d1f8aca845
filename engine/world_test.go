package engine

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine/measure"
	"stoke/profiles"
	"stoke/profiles/answer"
	"stoke/profiles/feeder"
)

var (
	worlds = flag.Int("worlds", 150, "how many random worlds are lived through")
	world0 = flag.Int("world", 1, "the first of them")
)

// TestRandomWorlds runs random profiles against random targets under random
// orders, and holds what comes out against laws that always hold. A world that
// fails is run again with -run 'TestRandomWorlds/17$' -world 17.
func TestRandomWorlds(t *testing.T) {
	for n := *world0; n < *world0+*worlds; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newWorld(t, uint64(n)).live() })
		})
		if t.Failed() && *worlds <= 150 {
			return // one is enough to look at
		}
	}
}

// world is one run with all that happens to it. The target draws from a source
// of its own, under the shop's lock; what the order of goroutines decides is
// another one each time, so a seed gives the same kind of world, not the same
// world.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	p       *profiles.Profile
	o       Options
	s       *shop
	target  worldTarget
	r       *Run
	orders  []string
	patient time.Duration // how long the end of the run may take

	mu      sync.Mutex
	out     map[*flow]bool // flows that are taken
	unleft  int64          // errors of requests that never left
	busy    int64          // slot-time of the requests, by their stamps
	unclear bool           // the closed model was on for a while, so the slots' time is not known
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 1)), out: map[*flow]bool{}}
	w.target = worldTarget{rng: rand.New(rand.NewPCG(seed, 2)), jobs: map[string]worldJob{}}
	w.target.draw(w.rng)
	w.s = newShop(t, w.target.answer)
	w.s.dial = w.upTo(20 * time.Millisecond)
	if w.chance(0.3) {
		from, period := w.upTo(3*time.Second), w.upTo(2*time.Second)+time.Second
		w.s.refused = func(at time.Duration) bool { return at > from && at%period < period/3 }
	}
	w.profile()
	w.o = Options{Profile: w.p, Files: w.files(), Seed: seed, Hooks: Hooks{Samples: w.samples, flow: w.flow}, EndWithPhases: w.chance(0.5)}
	if w.chance(0.6) {
		w.o.Duration = time.Second + w.upTo(5*time.Second)
	}
	w.patient = w.p.Timeout + w.p.ConnectTimeout + 30*time.Second // within is at most 5 s; a long queue of polls may stand before the ceiling
	return w
}

func (w *world) chance(p float64) bool                 { return w.rng.Float64() < p }
func (w *world) upTo(d time.Duration) time.Duration    { return time.Duration(w.rng.Int64N(int64(d) + 1)) }
func (w *world) between(from, to int) int              { return from + w.rng.IntN(to-from+1) }
func (w *world) one(of ...string) string               { return of[w.rng.IntN(len(of))] }
func (w *world) condition(text string) (c answer.Test) { return condition(w.t, text) }
func (w *world) errorf(format string, a ...any)        { w.t.Helper(); w.t.Errorf(format, a...) }
func (w *world) rate() int                             { return w.between(1, int(w.p.Limits.Rate/3)) }
func (w *world) when(p float64, f func()) {
	if w.chance(p) {
		f()
	}
}

// profile draws a profile.
func (w *world) profile() {
	w.p = flowProfile(w.t, "rate 10")
	p := w.p
	p.Phases = nil
	p.Limits.Rate = float64(w.between(20, 300))
	p.Concurrency = w.between(1, 20)
	p.Timeout = 200*time.Millisecond + w.upTo(time.Second)
	p.ConnectTimeout = 10*time.Millisecond + w.upTo(200*time.Millisecond)
	p.MaxLate = 100*time.Millisecond + w.upTo(2*time.Second)
	p.Late, p.Arrivals, p.RateCounts = w.one("queue", "queue", "shed"), w.one("uniform", "poisson"), w.one("starts", "starts", "requests")
	p.OnLimited = w.one("", "", "obey", "backoff")
	w.when(0.3, func() { p.Retry = w.retry() })
	w.when(0.3, func() {
		p.Data = []profiles.Data{{Name: "users", File: "users.csv", Order: feeder.Order(w.one("sequential", "random", "unique"))}}
	})
	for i := range w.between(1, 4) {
		p.Requests = append(p.Requests, w.request(fmt.Sprintf("r%d", i)))
	}
	for range w.between(0, 4) {
		w.when(0.7, func() {
			text := w.phase()
			p.Phases = append(p.Phases, profiles.Phase{Change: change(w.t, text), Text: text})
		})
	}
}

func (w *world) phase() string {
	return w.one("hold 500ms", "hold 1s", "pause", "resume", "segment", fmt.Sprintf("weight r0 %d%%", w.between(1, 90)), "rate max", w.turn())
}

// turn draws an order that turns a dial.
func (w *world) turn() string {
	a, b := w.rate(), w.rate()+1
	return w.one(
		fmt.Sprintf("rate %d", a), fmt.Sprintf("rate %d", 3*a), fmt.Sprintf("rate %d over 700ms", a), "rate max",
		fmt.Sprintf("wave %d..%d every 1s", a, a+b), fmt.Sprintf("spike %d for 400ms", 2*a), fmt.Sprintf("step %d by %d every 1s to %d", a, b, a+3*b),
		fmt.Sprintf("concurrency %d", w.between(1, 30)), fmt.Sprintf("concurrency %d cut", w.between(1, 5)),
		"arrivals uniform", "arrivals poisson", "late shed", "late queue")
}

// order draws what an operator does.
func (w *world) order() string {
	return w.one(w.turn(), w.turn(), "pause", "pause", "resume", "resume", "undo", "undo", "segment", `mark "x"`, "phases on", "phases off", "phases skip", "phases restart",
		fmt.Sprintf("weight %s %d%%", w.p.Requests[w.rng.IntN(len(w.p.Requests))].Name, w.between(0, 90)))
}

func (w *world) retry() *profiles.Retry {
	y := &profiles.Retry{Attempts: w.between(1, 4), Backoff: 10*time.Millisecond + w.upTo(400*time.Millisecond), Max: w.upTo(time.Second), Jitter: w.rng.Float64()}
	for _, on := range []string{"error", "limited", "503", "5xx"} {
		w.when(0.5, func() { y.On = append(y.On, on) })
	}
	w.when(0.4, func() { y.Budget = w.rng.Float64() })
	return y
}

func (w *world) request(name string) profiles.Request {
	if w.chance(0.5) {
		q := w.step("/" + name)
		q.Name, q.Weight = name, float64(w.between(1, 5))
		return q
	}
	q := profiles.Request{Name: name, Weight: float64(w.between(1, 5)), Failed: w.one("", "stop", "continue")}
	cookies := w.chance(0.5)
	q.Cookies = &cookies
	for j := range w.between(1, 4) {
		path := "/" + name
		if j > 0 && len(q.Steps[0].Capture) > 0 && w.chance(0.7) {
			path += "/${id}"
		}
		step := w.step(path)
		if step.Name = fmt.Sprintf("s%d", j); j == 0 {
			w.when(0.6, func() { step.Capture = []profiles.Capture{{Name: "id", Source: source(w.t, "json $.id")}} })
		}
		w.when(0.6, func() { step.Think = profiles.Think{From: w.upTo(300 * time.Millisecond)} })
		w.when(0.3, func() { step.Think.To = step.Think.From + w.upTo(time.Second) })
		q.Steps = append(q.Steps, step)
	}
	return q
}

func (w *world) step(path string) profiles.Request {
	q := profiles.Request{Method: "GET", Path: path}
	w.when(0.3, func() { q.Path += "?n=${seq}&r=${rand.int 1 9}" })
	w.when(0.2, func() { q.Method, q.JSON = "POST", `{"n":"${seq}"}` })
	if len(w.p.Data) > 0 {
		w.when(0.4, func() { q.Headers = []profiles.Header{{Name: "X-User", Value: "${users.name}"}} })
	}
	w.when(0.3, func() { q.Checks = []answer.Test{w.condition("json $.n != 3")} })
	w.when(0.2, func() { q.Retry = w.retry() })
	w.when(0.3, func() {
		q.Method, q.Path = "POST", "/process"+path
		failed := w.condition(`json $.status == "failed"`)
		q.Async = &profiles.Async{Poll: w.one("", "${header.location}"), Every: 50*time.Millisecond + w.upTo(500*time.Millisecond), Jitter: 0.2 * w.rng.Float64(),
			Within: 500*time.Millisecond + w.upTo(4*time.Second), Done: w.condition(`json $.status == "done"`), Failed: &failed}
	})
	return q
}

// files are the values of the profile's data.
func (w *world) files() profiles.Files {
	var b bytes.Buffer
	b.WriteString("name\n")
	for i := range w.between(20, 1000) {
		fmt.Fprintf(&b, "user%d\n", i)
	}
	table, err := feeder.Read("users.csv", &b)
	if err != nil {
		w.t.Fatal(err)
	}
	return profiles.Files{Tables: map[string]*feeder.Table{"users": table}}
}

// live runs it to its end.
func (w *world) live() {
	r, err := New(w.t.Context(), w.o2())
	if err != nil {
		if refused := new(Refusal); errors.As(err, &refused) {
			return // a phase is above the ceiling
		}
		w.t.Fatal(err)
	}
	w.r = r
	defer func() {
		if w.t.Failed() {
			w.t.Logf("%d requests, phases %v, orders %v", len(w.s.log), w.p.Phases, w.orders)
		}
	}()
	if err := r.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.operate()
	last := w.end()
	sound(w.t, last)
	w.judge(last)
}

func (w *world) o2() Options {
	o := w.o
	o.Transport, o.Sleeper, o.NoHealth = w.s, timerSleeper, true
	return o
}

// operate gives orders for a while, or until the run has ended.
func (w *world) operate() {
	pausedAt := time.Duration(-1)
	for range w.between(0, 15) {
		select {
		case <-w.r.Done():
			return
		case <-time.After(w.upTo(600 * time.Millisecond)):
		}
		sound(w.t, w.r.Snapshot())
		if w.t.Failed() {
			return
		}
		text := w.order()
		_, err := w.r.Apply(Order{Do: change(w.t, text), By: ByLine})
		if refused := new(Refusal); err != nil && !errors.As(err, &refused) {
			w.errorf("%s: %v", text, err)
		}
		at := w.now()
		if err != nil {
			continue
		}
		w.unclear = w.unclear || w.r.Snapshot().Dial.Closed || text == "rate max"
		w.orders = append(w.orders, fmt.Sprintf("%v %s", at, text))
		switch text {
		case "pause":
			pausedAt = at
		case "resume":
			if n := w.leftBetween(pausedAt, at); pausedAt >= 0 && n > 0 {
				w.errorf("%d requests left between the pause at %v and the resume at %v", n, pausedAt, at)
			}
			pausedAt = -1
		}
	}
}

func (w *world) now() time.Duration { return time.Since(w.r.epoch) }

// leftBetween counts what left after from and before to.
func (w *world) leftBetween(from, to time.Duration) (n int) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	for _, a := range w.s.log {
		if a.at > from && a.at < to {
			n++
		}
	}
	return n
}

// end ends the run in one way or the other.
func (w *world) end() *Snapshot {
	if w.chance(0.5) {
		select {
		case <-w.r.Done():
			return w.r.Snapshot()
		case <-time.After(w.upTo(2 * time.Second)):
		}
	}
	now := w.chance(0.4)
	text := "stop"
	if now {
		text = "stop now"
	}
	_, err := w.r.Apply(Order{Do: change(w.t, text), By: ByLine})
	at := w.now()
	w.orders = append(w.orders, fmt.Sprintf("%v %s", at, text))
	select {
	case <-w.r.Done():
	case <-time.After(w.patient):
		w.errorf("%v after the end was ordered the run goes on: %d open jobs, %+v", w.patient, w.r.openJobs.Load(), w.r.Snapshot().Traffic.Jobs)
		_ = w.r.Close()
		return w.r.Snapshot()
	}
	if took := w.now() - at; now && err == nil && took > 200*time.Millisecond {
		w.errorf("stop now took %v", took)
	}
	if n := w.leftBetween(at, math.MaxInt64); now && err == nil && n > 0 {
		w.errorf("%d requests left after stop now", n)
	}
	return w.r.Snapshot()
}

// judge holds the figures of the whole run against the target's own count.
func (w *world) judge(last *Snapshot) {
	if err := w.r.Close(); err != nil {
		w.errorf("%v", err)
	}
	n, f := last.View.Run.Counts, last.Traffic
	if n.Backlog != 0 || n.Connecting != 0 || n.InFlight != 0 || f.Retry.Waiting != 0 {
		w.errorf("open at the end: %+v, %d between two attempts", n, f.Retry.Waiting)
	}
	forced := strings.HasSuffix(strings.Join(w.orders, "|"), "now")
	polls := int64(0)
	for _, j := range f.Jobs {
		if polls += j.Polls; j.Backlog != 0 && !forced {
			w.errorf("jobs left: %+v", j)
		}
	}
	if saw := int64(w.s.count("")); last.Wire.Requests != saw {
		w.errorf("%d requests on the wire, the target saw %d", last.Wire.Requests, saw)
	}
	if saw := int64(w.s.count("GET /jobs/")); polls != saw {
		w.errorf("%d polls, the target saw %d", polls, saw)
	}
	if saw := int64(w.s.count("")) - polls; n.Sent+f.Retry.Retries < saw || f.Retry.Policy == "" && n.Sent != saw {
		w.errorf("sent %d and %d retries, the target saw %d", n.Sent, f.Retry.Retries, saw)
	}
	w.laws(w.r.Result())
	if len(w.out) > 0 {
		w.errorf("%d flows were never given back", len(w.out))
	}
	w.ceiling()
	for _, ph := range w.p.Phases {
		w.unclear = w.unclear || ph.Text == "rate max"
	}
	if h := &w.r.disp.held; h.n != 0 || h.since != 0 || !w.unclear && h.nanos != w.busy {
		w.errorf("%d slots are out at the end, for %v; they were in use for %v, by the requests' stamps %v", h.n, time.Duration(h.since), time.Duration(h.nanos), time.Duration(w.busy))
	}
}

// laws are those of the counts in the result for machines.
func (w *world) laws(res *Result) {
	c := res.Counts
	sum := func(m map[string]int64) (n int64) {
		for _, v := range m {
			n += v
		}
		return n
	}
	unsent := c.Unsent.Expired + c.Unsent.Shed + c.Unsent.Superseded + c.Unsent.Generator
	answered := c.OK + c.Status + c.Limited + c.Assert
	if c.Intended != answered+c.Error+unsent+c.Abandoned.Cut+c.Abandoned.Stop {
		w.errorf("intended does not add up: %+v", c)
	}
	if answered != sum(res.ByStatus) || c.Error != sum(res.ByError) {
		w.errorf("answered %d = %v, error %d = %v", answered, res.ByStatus, c.Error, res.ByError)
	}
	if c.Sent != c.Intended-unsent-w.unleft {
		w.errorf("sent %d, but %d intended, %d unsent, %d that never left", c.Sent, c.Intended, unsent, w.unleft)
	}
	if c.Unsent.Generator > 0 {
		w.errorf("in virtual time nothing is held up: %+v", c.Unsent)
	}
	if open := res.Connections.Opened - res.Connections.Closed; open != 0 || int(res.Connections.Opened) != w.s.opened {
		w.errorf("connections: %+v, the target saw %d opened and %d closed", res.Connections, w.s.opened, w.s.closed)
	}
}

// ceiling holds what the target saw up to each moment against the ceiling. What
// was asked for at random may bunch.
func (w *world) ceiling() {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	for i, a := range w.s.log {
		allowed := w.p.Limits.Rate * a.at.Seconds()
		if got := float64(i + 1); got > allowed+8*math.Sqrt(allowed)+10 {
			w.errorf("%v requests within %v, with a ceiling of %v/s", got, a.at, w.p.Limits.Rate)
			return
		}
	}
}

// samples looks at every request that ended.
func (w *world) samples(batch []measure.Sample) []measure.Sample {
	for i := range batch {
		s := &batch[i]
		left := s.Flags&measure.Departed != 0
		if s.Class == measure.Error && !left {
			w.unleft++
		}
		switch s.Class {
		case measure.Expired, measure.Shed, measure.Generator:
		case measure.Superseded:
			if s.T2 > 0 { // it had a slot
				w.busy += s.T8 - s.T2
			} else if s.T0 == 0 { // it may have had
				w.unclear = true
			}
		default:
			w.busy += s.T8 - s.T2
		}
		stamps := []int64{s.T0, s.T1, s.T2, s.T3, s.T4, s.T8}
		if s.Class == measure.OK {
			stamps = []int64{s.T0, s.T1, s.T2, s.T3, s.T4, s.T5, s.T6, s.T7, s.T8}
		}
		for k := 1; left && k < len(stamps); k++ {
			if stamps[k] < stamps[k-1] {
				w.errorf("a stage is negative: %+v", *s)
			}
		}
		if left && (s.T4-s.T3 != 0 || s.T1-s.T0 != 0) {
			w.errorf("in virtual time this machine is never late: %+v", *s)
		}
	}
	return batch
}

// flow watches who has a flow. One that was given back is made unusable.
func (w *world) flow(f *flow, taken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case taken:
		w.out[f] = true
	case !w.out[f]:
		w.errorf("a flow was given back twice")
	default:
		delete(w.out, f)
		f.script, f.endpoint = nil, math.MaxUint16
	}
}
