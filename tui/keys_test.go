package tui

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/layout"
	"stoke/tui/panel"
)

// most is the load up to which one key may raise.
func most(v float64) float64 {
	if v < 10 {
		return v + 1
	}
	return v * 1.25
}

// presser presses single keys at any setting, fast enough to try them all.
type presser struct {
	run *fakeRun
	a   *app
	now time.Time
}

func newPresser() *presser {
	p := &presser{run: newFakeRun(engine.Running, 100, 100), now: time.Unix(1e9, 0)}
	p.a = newApp(context.Background(), Options{Run: p.run, frame: plainFrame}, &fakeScreen{}, func() time.Time { return p.now })
	p.a.width, p.a.height = 80, 24
	return p
}

// at puts the run into a state as if it had been in it for long.
func (p *presser) at(s *engine.Snapshot) {
	s.Ceiling = engine.Ceiling{Rate: 1e9, Concurrency: 1e9}
	p.run.snap = s
	p.run.orders = p.run.orders[:0]
	p.a.want, p.a.prompt, p.a.ask, p.a.note = want{}, nil, nil, ""
	p.a.look, p.a.topic = look{view: 1}, panel.NoHelp
	p.now = p.now.Add(time.Hour)
	p.a.refresh(p.now)
}

func (p *presser) press(name string) {
	p.now = p.now.Add(time.Second)
	_, cmd := p.a.Update(keyMsg{key: keyFor(name), at: p.now})
	if cmd == nil {
		return
	}
	if msg, ok := cmd().(appliedMsg); ok {
		_, _ = p.a.Update(msg)
	}
}

// raised says whether the load went up by more than one key may.
func raised(before, after *engine.Snapshot) bool {
	r0, c0 := load(before)
	r1, c1 := load(after)
	if after.Dial.Closed && !before.Dial.Closed {
		return true
	}
	return r1 > most(r0)*(1+nearly) || c1 > most(c0)*(1+nearly)
}

// situations are the states in which a key could do something large.
func situations(v float64) map[string]*engine.Snapshot {
	dial := engine.Dial{Rate: v, Now: v, Concurrency: max(int(v), 1)}
	huge := engine.Dial{Rate: 1e6, Now: 1e6, Concurrency: 1e6}
	rising, falling := dial, dial
	rising.Rate, rising.RampLeft = 50*v, time.Minute
	falling.Rate, falling.RampLeft = v/50, time.Second
	return map[string]*engine.Snapshot{
		"running": {State: engine.Running, Dial: dial},
		"rising":  {State: engine.Running, Dial: rising},
		"falling": {State: engine.Running, Dial: falling},
		"paused":  {State: engine.Paused, Dial: dial, UndoText: "pause", UndoRaises: true, Phases: engine.PhaseState{Count: 1, Wants: huge}},
		"ready":   {State: engine.Ready, Dial: dial},
		"phases":  {State: engine.Running, Dial: dial, Phases: engine.PhaseState{Count: 1, Wants: huge}},
		"undo":    {State: engine.Running, Dial: dial, UndoText: "rate 1000000 > 1", UndoRaises: true},
		"closed":  {State: engine.Running, Dial: engine.Dial{Closed: true, Concurrency: dial.Concurrency}},
	}
}

// TestNoKeyRaisesByMoreThanAQuarter holds the promise for every key of the
// table, over all settings; TestStepsAreReversible tries each whole one.
func TestNoKeyRaisesByMoreThanAQuarter(t *testing.T) {
	p := newPresser()
	try := func(name string, v float64) {
		for situation, s := range situations(v) {
			p.at(s)
			p.press(name)
			if after := p.run.Snapshot(); raised(s, after) {
				t.Fatalf("%s at %v, %s: dial %+v became %+v, %s", name, v, situation, s.Dial, after.Dial, after.State)
			}
		}
	}
	for _, k := range keyTable() {
		grow := 3.0 // a key that turns no dial is tried at some settings
		if k.Load {
			grow = 1 + 1.0/60
		}
		for _, name := range k.Names {
			if name == "enter" {
				continue // it is what anything more takes
			}
			for v := 1.0; v <= 1e5; v += max(1, math.Floor(v*(grow-1))) {
				try(name, v)
				try(name, v+0.37)
			}
		}
	}
}

// TestStepsAreReversible also tries every whole setting without the model.
func TestStepsAreReversible(t *testing.T) {
	for v := 1.0; v <= 1e5; v++ {
		for name, step := range map[string]struct{ up, down func(float64) float64 }{
			"notch": {notchUp, notchDown},
			"fine rate": {func(v float64) float64 { return fineUp(v, leastRate) },
				func(v float64) float64 { return fineDown(v, leastRate) }},
			"fine concurrency": {func(v float64) float64 { return fineUp(v, leastConcurrency) },
				func(v float64) float64 { return fineDown(v, leastConcurrency) }},
		} {
			up, down := step.up(v), step.down(v)
			if up <= v || up > most(v) {
				t.Fatalf("%s up from %v: %v", name, v, up)
			}
			if down > v || down == v && v > 1 || down < v*0.5 && v > 1 {
				t.Fatalf("%s down from %v: %v", name, v, down)
			}
			if back := step.down(up); step.up(back) != up {
				t.Fatalf("%s: %v up %v, down %v, up %v", name, v, up, back, step.up(back))
			}
		}
	}
}

func TestTheLadder(t *testing.T) {
	v, got := 1.0, []float64{}
	for range 60 {
		got = append(got, v)
		v = notchUp(v)
	}
	want := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 40, 43, 47, 51, 56, 62, 68, 75, 82, 91,
		100, 110, 120, 130, 150, 160, 180, 200, 220, 240, 270, 300, 330, 360, 400, 430, 470, 510, 560, 620, 680, 750, 820, 910, 1000, 1100, 1200}
	if !slices.Equal(got, want) {
		t.Fatalf("up the ladder: %v", got)
	}
	for i := len(want) - 2; i >= 0; i-- {
		if v = notchDown(want[i+1]); v != want[i] {
			t.Fatalf("down from %v: %v, want %v", want[i+1], v, want[i])
		}
	}
	for _, c := range []struct{ at, up, down, fineUp, fineDown float64 }{
		{1250, 1300, 1200, 1260, 1240},
		{1234.5, 1300, 1200, 1240, 1230},
		{1000, 1100, 910, 1010, 999},
		{50000, 51000, 47000, 50100, 49900},
		{50, 51, 47, 50.1, 49.9},
		{0.5, 1, 1, 0.6, 0.4},
		{0, 1, 1, 0.1, 0.1},
	} {
		if got := [4]float64{notchUp(c.at), notchDown(c.at), fineUp(c.at, leastRate), fineDown(c.at, leastRate)}; got != [4]float64{c.up, c.down, c.fineUp, c.fineDown} {
			t.Errorf("at %v: %v, want %v", c.at, got, c)
		}
	}
}

// TestNoKeysWithoutEnterRaiseMuch presses keys at random, prompts, questions
// and help included, and holds every single one to the promise.
func TestNoKeysWithoutEnterRaiseMuch(t *testing.T) {
	names := []string{"esc", "backspace"}
	for _, k := range keyTable() {
		names = append(names, k.Names...)
	}
	for c := '!'; c <= '~'; c++ {
		names = append(names, string(c))
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "enter" })
	rng := rand.New(rand.NewPCG(7, 11))
	for range 200 {
		p := newPresser()
		v := math.Pow(10, 5*rng.Float64())
		for _, s := range situations(v) {
			p.at(s)
			if rng.IntN(2) == 0 {
				break
			}
		}
		for range 200 {
			before := p.run.Snapshot()
			name := names[rng.IntN(len(names))]
			p.press(name)
			if _, cmd := p.a.Update(pollMsg{}); cmd == nil {
				t.Fatal("a poll must go on")
			}
			if after := p.run.Snapshot(); raised(before, after) {
				t.Fatalf("%s: %s %+v became %s %+v", name, before.State, before.Dial, after.State, after.Dial)
			}
		}
	}
}

func TestKeyTableIsSound(t *testing.T) {
	type place struct {
		name string
		view int
	}
	seen := map[place]bool{}
	for _, k := range keyTable() {
		if k.Shown == "" || k.Does == "" || k.Group == "" || k.do == nil {
			t.Errorf("incomplete: %+v", k)
		}
		for _, name := range k.Names {
			for view := 1; view <= numViews; view++ {
				if k.In.has(view) && seen[place{name, view}] {
					t.Errorf("%s is declared twice for view %d", name, view)
				}
				seen[place{name, view}] = seen[place{name, view}] || k.In.has(view)
			}
			if got := keyName(keyFor(name)); got != name {
				t.Errorf("%s: the terminal's key is called %s", name, got)
			}
		}
		for _, name := range k.Raises {
			if !slices.Contains(k.Names, name) || !k.Load {
				t.Errorf("%s raises, but is not a load key of its row", name)
			}
		}
	}
	// What changes the load by itself is marked, so that a watcher's cockpit
	// can leave it out.
	for _, k := range keyTable() {
		for _, name := range k.Names {
			for situation, s := range situations(1000) {
				p := newPresser()
				p.at(s)
				if name == "enter" {
					continue
				}
				for !k.In.has(p.a.look.view) {
					p.a.look.view++
				}
				p.press(name)
				changes := len(p.run.orders) > 0 && p.run.orders[0].Do.Verb != grammar.Mark && p.run.orders[0].Do.Verb != grammar.Segment
				if changes && !k.Load {
					t.Errorf("%s, %s: ordered %v, but is not marked as a load key", name, situation, p.run.did())
				}
			}
		}
	}
}

// TestHelpComesFromTheTable: every key is in the help, which has a screen of
// its own for each topic, whole at 80x24.
func TestHelpComesFromTheTable(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{frame: layout.Frame})
	h.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	h.slowly("?")
	all := ""
	for range int(panel.LastTopic) {
		h.wait(time.Second)
		all += " " + ansi.Strip(h.a.frame)
		h.press("right")
	}
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, k := range KeyTable() {
		if !strings.Contains(words(all), words(k.Keys+" "+k.Does)) {
			t.Errorf("the help lacks %s: %s", k.Keys, k.Does)
		}
	}
	if h.a.topic != panel.HelpKeys {
		t.Errorf("the topics do not go round: %v", h.a.topic)
	}
	h.press("3")
	if h.a.topic != panel.HelpCommands {
		t.Errorf("3 leads to %v", h.a.topic)
	}
	h.slowly("esc", "?", "up")
	h.wantDid()
	if h.a.topic == panel.NoHelp {
		t.Error("an arrow closed the help")
	}
	h.slowly("space")
	h.wantDid("pause")
	if h.a.topic != panel.NoHelp {
		t.Error("the help is still there")
	}
}

func TestTypedNumbers(t *testing.T) {
	for _, c := range []struct {
		keys    string // the prompt, then what is typed
		preview string
		twice   bool
		want    string
	}{
		{"r1300", "1,200 → 1,300", false, "rate 1300"},
		{"r12k", "1,200 → 12,000 (×10)", true, "rate 12000"},
		{"r2.4k", "1,200 → 2,400 (×2)", false, "rate 2400"},
		{"rx2.1", "1,200 → 2,520 (×2.1)", true, "rate x2.1"},
		{"r+200%", "1,200 → 3,600 (×3)", true, "rate +200%"},
		{"r600", "1,200 → 600", false, "rate 600"},
		{"r5k over 30s", "1,200 → 5,000 (×4.2) in 30s", true, "rate 5000 over 30s"},
		{"rmax", "1,200 → max", true, "rate max"},
		{"c64", "64 → 64", false, "concurrency 64"},
		{"c+100", "64 → 164 (×2.6)", true, "concurrency +100"},
		{":rate 12k", "1,200 → 12,000 (×10)", true, "rate 12000"},
		{":late  shed", "late shed", false, "late shed"},
	} {
		h := byHand(t, newFakeRun(engine.Running, 1200, 64), Options{})
		h.slowly(c.keys[:1])
		h.typed(c.keys[1:])
		h.wantShown("preview: " + c.preview)
		h.slowly("enter")
		if c.twice {
			h.wantDid()
			h.wantShown("enter again does it")
			h.slowly("enter")
		}
		// The fake run's parser is the real one, so the text is canonical.
		change, err := grammar.Parse(c.want)
		if err != nil {
			t.Fatal(err)
		}
		h.wantDid(change.String())
		if by := h.run.orders[0].By; by != engine.ByLine {
			t.Errorf("%s: by %s", c.keys, by)
		}
	}
}

func TestSecondEnterMustBeMeant(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 1200, 64), Options{})
	h.slowly("r")
	h.typed("12k")
	h.tap("enter")
	h.tap("enter") // a bounce
	h.now = h.now.Add(200 * time.Millisecond)
	h.tap("enter") // the picture has not asked yet
	h.wantDid()
	h.slowly("enter")
	h.wantDid("rate 12k")
}

func TestCommandLine(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 1200, 64), Options{})
	h.slowly(":")
	h.typed("rte 900")
	h.slowly("enter")
	h.wantShown("error: unknown verb", "did you mean rate?", "prompt : rte 900")
	h.wantDid()
	h.slowly("ctrl+a", "right", "a", "enter")
	h.wantDid("rate 900")
	h.slowly(":")
	h.typed("segment")
	h.slowly("enter", ":", "up", "up")
	h.wantShown("prompt : rate 900")
	h.slowly("down")
	h.wantShown("prompt : segment")
	h.slowly("down", "ctrl+w", "enter") // empty: nothing
	h.wantDid("rate 900", "segment")
	h.slowly(":")
	h.typed("rate 5zz")
	h.slowly("enter")
	h.wantShown("error: at character 7")
	h.slowly("esc")
	if h.a.prompt != nil {
		t.Error("esc did not leave the prompt")
	}
}

func TestPastesGoIntoPromptsOnly(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 1200, 64), Options{})
	h.send(pasteMsg{"q!r900\n"})
	h.wantDid()
	if h.a.ask != nil || h.a.prompt != nil {
		t.Fatal("a paste acted")
	}
	h.slowly("r")
	h.send(pasteMsg{"90\n0\x1b"})
	h.wantShown("prompt rate 90 0")
	h.wantDid()
}

// TestStepsOnARampStartWhereItIs: the snapshot that a key sees is a little
// old, and the order takes its way.
func TestStepsOnARampStartWhereItIs(t *testing.T) {
	for _, c := range []struct {
		rate, now float64
		left, age time.Duration
	}{
		{100, 5000, 10 * time.Second, 0},
		{100, 200, 300 * time.Millisecond, 150 * time.Millisecond},
		{0, 1000, time.Second, 100 * time.Millisecond},
		{5000, 100, 10 * time.Second, 100 * time.Millisecond},
	} {
		s := &engine.Snapshot{State: engine.Running, Dial: engine.Dial{Rate: c.rate, Now: c.now, RampLeft: c.left}}
		base := rateNow(s, c.age)
		for _, later := range []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond} {
			gone := min(1, float64(c.age+later)/float64(c.left))
			if actual := c.now + (c.rate-c.now)*gone; base > actual*(1+nearly) {
				t.Errorf("%+v: steps from %v, but %v later the rate is %v", c, base, c.age+later, actual)
			}
		}
		if base < min(c.rate, c.now) {
			t.Errorf("%+v: steps from %v, below the ramp", c, base)
		}
	}
}
