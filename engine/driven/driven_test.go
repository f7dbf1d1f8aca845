package driven_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stoke/engine"
	"stoke/engine/driven"
	"stoke/engine/pace"
	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/grammar"
)

// server counts in virtual time what arrives in each second of a run.
type server struct {
	epoch time.Time
	mu    sync.Mutex
	count []int
}

func (f *server) Compile(wire.Spec, string) (*wire.Request, error) { return &wire.Request{}, nil }
func (f *server) Start(epoch time.Time)                            { f.epoch = epoch }
func (f *server) Protocol() string                                 { return "fake" }
func (f *server) Close() error                                     { return nil }
func (f *server) Resolve(context.Context) ([]netip.AddrPort, error) {
	return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}, nil
}
func (f *server) Conn(g wire.Gate) wire.Conn { return &conn{f, g} }

type conn struct {
	f    *server
	gate wire.Gate
}

func (c *conn) Do(_ *wire.Request, _ int64, res *wire.Result) {
	now := int64(time.Since(c.f.epoch))
	*res = wire.Result{RetryAfter: -1, T3: now, T4: now, T5: now, T6: now, T7: now, T8: now, Status: 200, Reused: true}
	if !c.gate.Depart(now) {
		res.Fault = wire.Withheld
		return
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	for k := int(now / 1e9); len(c.f.count) <= k; {
		c.f.count = append(c.f.count, 0)
	}
	c.f.count[now/1e9]++
}
func (c *conn) Kill(wire.Cause, bool) {}
func (c *conn) Nudge()                {}
func (c *conn) Close()                {}
func (c *conn) Open() bool            { return false }

func profile(phases ...string) *profiles.Profile {
	p := &profiles.Profile{
		Name: "test", Target: "http://127.0.0.1:1", Arrivals: "uniform", Limits: profiles.Limits{Rate: 100_000, Concurrency: 1000},
		Requests: []profiles.Request{{Name: "one", Weight: 3, Method: "GET", Path: "/"}, {Name: "two", Weight: 1, Method: "GET", Path: "/"}},
	}
	for _, text := range phases {
		p.Phases = append(p.Phases, profiles.Phase{Change: parse(text), Text: text})
	}
	return p.WithDefaults()
}

func parse(text string) grammar.Change {
	c, err := grammar.Parse(text)
	if err != nil {
		panic(err)
	}
	return c
}

func start(t *testing.T, p *profiles.Profile, f *server, alone bool) *engine.Run {
	t.Helper()
	r, err := engine.New(t.Context(), engine.Options{Profile: p, Transport: f, Sleeper: pace.NewTimerSleeper, NoHealth: true, Seed: 1, EndWithPhases: alone})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// hand is somebody who drives a run.
type hand struct {
	t *testing.T
	r *engine.Run
}

func (h hand) after(d time.Duration, text string, by engine.By) {
	h.t.Helper()
	time.Sleep(d)
	if _, err := h.r.Apply(engine.Order{Do: parse(text), By: by}); err != nil {
		h.t.Fatalf("%s: %v", text, err)
	}
}

// TestReplaySendsTheSame drives runs by hand, saves them, lets the phases drive
// a second run, and compares what the server counted in each second.
func TestReplaySendsTheSame(t *testing.T) {
	ms := func(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }
	for name, c := range map[string]struct {
		phases []string
		drive  func(h hand)
		most   int    // phases that may come out
		want   string // if not empty: exactly these
	}{
		"steps": {drive: func(h hand) {
			h.after(0, "rate 200", engine.ByFlag)
			h.after(ms(4012), "rate 1000", engine.ByKey)
			h.after(ms(3489), "rate 1234", engine.ByLine)
			h.after(ms(5001), "stop", engine.ByKey)
		}, want: "rate 200, hold 4.01s, rate 1k, hold 3.49s, rate 1234, hold 5s"},
		"pauses": {drive: func(h hand) {
			h.after(0, "rate 500", engine.ByFlag)
			h.after(ms(3150), "pause", engine.ByKey)
			h.after(ms(2000), "resume", engine.ByKey)
			h.after(ms(2730), "pause", engine.ByKey)
			h.after(ms(100), "rate 300", engine.ByKey)
			h.after(ms(1000), "resume", engine.ByKey)
			h.after(ms(2000), "pause", engine.ByKey)
			h.after(ms(5000), "stop", engine.ByKey)
		}, want: "rate 500, hold 3.15s, pause, hold 2s, resume, hold 2.73s, rate 0, hold 1.1s, rate 300, hold 2s"},
		"ramps that were left": {drive: func(h hand) {
			h.after(0, "rate 400", engine.ByFlag)
			h.after(ms(2000), "rate 2000 over 10s", engine.ByLine)
			h.after(ms(3333), "concurrency 100", engine.ByKey)
			h.after(ms(777), "rate 1000", engine.ByKey)
			h.after(ms(2000), "rate 100 over 8s", engine.ByLine)
			h.after(ms(3100), "pause", engine.ByKey)
			h.after(ms(1000), "resume", engine.ByKey)
			h.after(ms(2050), "mark \"half\"", engine.ByKey)
			h.after(ms(1000), "undo", engine.ByKey)
			h.after(ms(4000), "stop", engine.ByKey)
		}, most: 22},
		"phases, then a hand, then phases": {
			phases: []string{"rate 300", "hold 3s", "rate 900 over 6s", "hold 3s", "pause", "hold 1s", "resume", "hold 2s"},
			drive: func(h hand) {
				h.after(ms(5500), "rate 400", engine.ByKey)
				h.after(ms(2200), "late shed", engine.ByLine)
				h.after(ms(2000), "phases on", engine.ByKey)
				h.after(ms(12000), "stop", engine.ByKey)
			}, most: 20},
		"waves": {drive: func(h hand) {
			h.after(0, "rate 200", engine.ByFlag)
			h.after(ms(3000), "wave 100..500 every 10s", engine.ByLine)
			h.after(ms(7300), "mark \"in it\"", engine.ByKey)
			h.after(ms(5000), "pause", engine.ByKey)
			h.after(ms(2000), "resume", engine.ByKey)
			h.after(ms(6000), "rate 200", engine.ByKey)
			h.after(ms(2000), "undo", engine.ByKey)
			h.after(ms(4000), "wave 300..100 every 4s for 6s", engine.ByLine)
			h.after(ms(8000), "stop", engine.ByKey)
		}, most: 24},
		"spikes and steps": {drive: func(h hand) {
			h.after(0, "rate 200", engine.ByFlag)
			h.after(ms(3000), "spike 800 for 2s", engine.ByLine)
			h.after(ms(4000), "step 100 by 100 every 2s to 300", engine.ByLine)
			h.after(ms(8000), "stop", engine.ByKey)
		}, want: "rate 200, hold 3s, rate 800, hold 2s, rate 200, hold 2s, rate 100, hold 2s, rate 200, hold 2s, rate 300, hold 4s"},
		"weights": {drive: func(h hand) {
			h.after(0, "rate 200", engine.ByFlag)
			h.after(ms(3000), "weight two 50%", engine.ByLine)
			h.after(ms(2000), "weight one 0%", engine.ByLine)
			h.after(ms(2000), "undo", engine.ByKey)
			h.after(ms(2000), "stop", engine.ByKey)
		}, want: "rate 200, hold 3s, weight two 50%, hold 2s, weight one 0%, hold 2s, weight one 50%, hold 2s"},
		"a held key": {drive: func(h hand) {
			h.after(0, "rate 100", engine.ByFlag)
			time.Sleep(ms(3210))
			rate := 100.0
			for range 40 {
				rate *= 1.08
				h.after(ms(33), "rate "+grammar.FormatRate(math.Round(rate)), engine.ByKey)
			}
			h.after(ms(4000), "stop", engine.ByKey)
		}, most: 30},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, driver := profile(c.phases...), &server{}
				r := start(t, p, driver, false)
				c.drive(hand{t, r})
				<-r.Done()
				plan := saved(t, r, p, driver)
				if plan.want(c.want); c.most > 0 && len(plan.phases) > c.most {
					t.Errorf("%d phases, want at most %d: %s", len(plan.phases), c.most, plan.text())
				}
			})
		})
	}
}

// saved saves a run that was driven, replays it and compares both.
func saved(t *testing.T, r *engine.Run, p *profiles.Profile, driver *server) outcome {
	t.Helper()
	plan, err := driven.Phases(r.Snapshot(), p)
	if err != nil {
		t.Fatal(err)
	}
	again := *p
	again.Phases = plan.Phases
	data, err := again.YAML()
	if err != nil {
		t.Fatal(err)
	}
	read, err := profiles.Read("again", data)
	if err != nil {
		t.Fatalf("the saved profile is refused: %v\n%s", err, data)
	}
	replay := &server{}
	second := start(t, read.WithDefaults(), replay, true)
	<-second.Done()
	o := outcome{t, plan.Phases}
	for k := range max(len(driver.count), len(replay.count)) {
		a, b := at(driver.count, k), at(replay.count, k)
		if off := math.Abs(float64(a - b)); off > max(0.02*float64(a), 1) {
			t.Errorf("second %d: %d requests when it was driven, %d in the replay\n%s", k, a, b, o.text())
		}
	}
	if len(driver.count) < 5 {
		t.Errorf("only %d seconds were compared", len(driver.count))
	}
	return o
}

func at(counts []int, k int) int {
	if k < len(counts) {
		return counts[k]
	}
	return 0
}

type outcome struct {
	t      *testing.T
	phases []profiles.Phase
}

func (o outcome) text() string {
	var texts []string
	for _, p := range o.phases {
		texts = append(texts, p.Text)
	}
	return strings.Join(texts, ", ")
}

func (o outcome) want(text string) {
	o.t.Helper()
	if got := o.text(); text != "" && got != text {
		o.t.Errorf("saved as %s\nwant     %s", got, text)
	}
}

// TestReplayOfAnything: whatever is done, the replay sends the same.
func TestReplayOfAnything(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, 5))
				p, driver := profile("rate 300", "hold 4s", "rate 700 over 5s", "hold 2s"), &server{}
				r := start(t, p, driver, false)
				for range 25 {
					time.Sleep(time.Duration(rng.Int64N(int64(3 * time.Second))))
					texts := []string{"rate +10%", "rate x2", "rate -30%", "rate 250 over 4s", "rate 900 over 1500ms", "concurrency +8", "pause", "resume",
						"undo", "phases on", "phases skip", "phases restart", "mark \"x\"", "segment", "late shed", "rate 400", "arrivals uniform"}
					text := texts[rng.IntN(len(texts))]
					_, _ = r.Apply(engine.Order{Do: parse(text), By: engine.ByLine}) // what is refused is not done
				}
				_, _ = r.Apply(engine.Order{Do: parse("resume"), By: engine.ByLine})
				_, _ = r.Apply(engine.Order{Do: parse("rate 200"), By: engine.ByLine})
				time.Sleep(2 * time.Second)
				_, _ = r.Apply(engine.Order{Do: parse("stop"), By: engine.ByLine})
				<-r.Done()
				saved(t, r, p, driver)
			})
		})
	}
}

func TestNothingDriven(t *testing.T) {
	if _, err := driven.Phases(&engine.Snapshot{}, profile()); err == nil {
		t.Error("a run that has not begun was saved")
	}
	synctest.Test(t, func(t *testing.T) {
		r := start(t, profile("rate 0", "hold 2s"), &server{}, true)
		<-r.Done()
		if p, err := driven.Phases(r.Snapshot(), profile()); err == nil {
			t.Errorf("a run without a request was saved as %v", p)
		}
	})
}
