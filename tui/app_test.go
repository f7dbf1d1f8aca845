package tui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"stoke/engine"
)

// hand drives a model by hand, with a clock of its own: no program, no
// terminal, no goroutine.
type hand struct {
	t      *testing.T
	a      *app
	run    *fakeRun
	screen *fakeScreen
	now    time.Time
	quit   bool
}

func byHand(t *testing.T, run *fakeRun, o Options) *hand {
	t.Helper()
	h := &hand{t: t, run: run, screen: &fakeScreen{}, now: time.Date(2026, 11, 23, 14, 7, 31, 0, time.UTC)}
	o.Run = run
	if o.frame == nil {
		o.frame = plainFrame
	}
	h.a = newApp(context.Background(), o, h.screen, func() time.Time { return h.now })
	h.do(h.a.open())
	h.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	h.wait(time.Second)
	return h
}

// send gives the model a message and does what it wants done.
func (h *hand) send(msg tea.Msg) {
	_, cmd := h.a.Update(msg)
	h.do(cmd)
}

func (h *hand) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.QuitMsg:
		h.quit = true
	case tea.BatchMsg:
		for _, c := range msg {
			h.do(c)
		}
	case appliedMsg, startedMsg, probedMsg, savedMsg, failedMsg, keptMsg, profileMsg:
		h.send(msg)
	}
}

// wait lets time pass, with a poll at its end.
func (h *hand) wait(d time.Duration) {
	h.now = h.now.Add(d)
	_, _ = h.a.Update(pollMsg{})
}

// press presses keys one after the other, as fast as a person does.
func (h *hand) press(names ...string) {
	h.t.Helper()
	for _, name := range names {
		h.wait(150 * time.Millisecond)
		h.tap(name)
	}
}

// slowly presses keys so late that every question accepts them.
func (h *hand) slowly(names ...string) {
	for _, name := range names {
		h.wait(time.Second)
		h.tap(name)
		h.wait(time.Second)
	}
}

func (h *hand) tap(name string) { h.send(keyMsg{key: keyFor(name), at: h.now}) }

// keyFor is the key that a terminal sends under a name.
func keyFor(name string) tea.Key {
	special := map[string]rune{"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "backspace": tea.KeyBackspace, "tab": tea.KeyTab,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd}
	var k tea.Key
	if rest, ok := strings.CutPrefix(name, "shift+"); ok {
		k.Mod, name = tea.ModShift, rest
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		k.Mod, name = tea.ModCtrl, rest
	}
	switch code, ok := special[name]; {
	case ok:
		k.Code = code
	case name == "space":
		k.Code, k.Text = ' ', " "
	default:
		k.Code = []rune(name)[0]
		if k.Mod == 0 {
			k.Text = name
		}
	}
	return k
}

func (h *hand) typed(text string) {
	for _, r := range text {
		name := string(r)
		if r == ' ' {
			name = "space"
		}
		h.tap(name)
	}
}

func (h *hand) wantDid(want ...string) {
	h.t.Helper()
	if got := h.run.did(); !slices.Equal(got, want) {
		h.t.Fatalf("ordered %q, want %q\n%s", got, want, h.a.frame)
	}
}

func (h *hand) wantShown(parts ...string) {
	h.t.Helper()
	h.wait(time.Second)
	for _, part := range parts {
		if !strings.Contains(h.a.frame, part) {
			h.t.Fatalf("the picture does not show %q:\n%s", part, h.a.frame)
		}
	}
}

func TestReadyProbesOnceAndEnterStarts(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Ready, 10, 64), Options{})
	if starts, probes := h.run.count(); starts != 0 || probes != 1 {
		t.Fatalf("at the opening: %d starts, %d probes; want 0, 1", starts, probes)
	}
	h.slowly("enter")
	h.slowly("enter")
	if starts, probes := h.run.count(); starts != 1 || probes != 1 {
		t.Fatalf("after enter: %d starts, %d probes; want 1, 1", starts, probes)
	}
}

func TestAutoStartSendsNoProbe(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Ready, 10, 64), Options{AutoStart: true})
	if starts, probes := h.run.count(); starts != 1 || probes != 0 {
		t.Fatalf("%d starts, %d probes; want 1, 0", starts, probes)
	}
}

func TestEnterMustFindAPictureThatSaysWhatItDoes(t *testing.T) {
	run := newFakeRun(engine.Ready, 10, 64)
	h := byHand(t, run, Options{})
	h.run.change(func(s *engine.Snapshot) { s.State = engine.Running })
	h.wait(time.Second)
	h.tap("space")
	h.now = h.now.Add(50 * time.Millisecond)
	h.tap("enter") // the picture shows RUNNING
	h.wait(150 * time.Millisecond)
	h.now = h.now.Add(150 * time.Millisecond)
	h.tap("enter") // it shows PAUSED, but only just
	h.wantDid("pause")
	h.slowly("enter")
	h.wantDid("pause", "resume")
}

func TestTargetMustBeTyped(t *testing.T) {
	kept := 0
	o := Options{Confirm: &Confirm{Host: "api.example.test", Confirmed: func() error { kept++; return nil }}}
	h := byHand(t, newFakeRun(engine.Ready, 10, 64), o)
	h.typed("api.example.tes")
	h.slowly("enter")
	h.wantShown("error: the target is api.example.test")
	if starts, probes := h.run.count(); starts+probes != 0 {
		t.Fatalf("%d starts and %d probes before the host was typed", starts, probes)
	}
	h.slowly("esc", "enter") // leaving the question is no way around it
	h.typed("api.example.test")
	h.slowly("enter")
	if starts, probes := h.run.count(); starts != 0 || probes != 1 || kept != 1 {
		t.Fatalf("after typing it: %d starts, %d probes, kept %d times; want 0, 1, 1", starts, probes, kept)
	}
	h.slowly("enter")
	if starts, _ := h.run.count(); starts != 1 {
		t.Fatalf("enter did not start")
	}
}

func TestQuickKeysStepOnFromEachOther(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	run.lag = run.Snapshot() // no new snapshot comes
	for range 3 {
		h.now = h.now.Add(40 * time.Millisecond)
		h.tap("up")
	}
	h.wantDid("rate 110", "rate 120", "rate 130")
}

func TestAHeldKeyIsOneGesture(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	for range 5 {
		h.now = h.now.Add(40 * time.Millisecond)
		h.tap("up")
	}
	h.now = h.now.Add(2 * time.Second)
	h.tap("up")
	h.now = h.now.Add(40 * time.Millisecond)
	h.tap("left")
	var got []uint64
	for _, o := range run.orders {
		if o.Gesture == 0 {
			t.Fatal("a gesture without a number")
		}
		got = append(got, o.Gesture-run.orders[0].Gesture)
	}
	if want := []uint64{0, 0, 0, 0, 0, 1, 2}; !slices.Equal(got, want) {
		t.Fatalf("gestures %v, want %v", got, want)
	}
}

func TestExcessRepeatsAreDropped(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	for range 50 { // within one moment
		h.tap("up")
	}
	h.wantDid("rate 110")
	h.now = h.now.Add(time.Second)
	h.send(keyMsg{key: keyFor("up"), at: h.now.Add(-300 * time.Millisecond)})
	h.wantDid("rate 110") // that key was meant for the picture of then
	h.send(keyMsg{key: keyFor("down"), at: h.now.Add(-300 * time.Millisecond)})
	h.wantDid("rate 110", "rate 100")
}

func TestAnOrderUnderWay(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	h.now = h.now.Add(time.Second)
	_, first := h.a.Update(keyMsg{key: keyFor("up"), at: h.now}) // not answered yet
	h.now = h.now.Add(time.Second)
	h.tap("up")
	h.tap("down")
	h.tap("down")
	h.wantDid()
	h.tap("space") // stopping never waits
	h.wantDid("pause")
	h.do(first)
	h.wantDid("pause", "rate 110") // space also took back what waited
}

func TestOneLoweringStepWaits(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	h.now = h.now.Add(time.Second)
	_, first := h.a.Update(keyMsg{key: keyFor("up"), at: h.now})
	h.tap("down")
	h.tap("down")
	h.do(first)
	h.wantDid("rate 110", "rate 91") // the newest alone
}

func TestNoStepFromASettingThatIsGone(t *testing.T) {
	run := newFakeRun(engine.Running, 5000, 64)
	h := byHand(t, run, Options{})
	h.slowly("r")
	h.typed("100")
	run.lag = run.Snapshot()
	h.tap("enter")
	h.tap("down") // 4,700 would be a raise
	h.tap("up")
	h.wantDid("rate 100")
	run.lag = nil
	h.press("up")
	h.wantDid("rate 100", "rate 110")
}

func TestOldPictureRefusesToRaise(t *testing.T) {
	run := newFakeRun(engine.Running, 1000, 64)
	h := byHand(t, run, Options{})
	h.screen.old = 3 * time.Second
	h.press("up", "right", "shift+up", "+", "shift+right")
	h.slowly("r")
	h.typed("1100")
	h.slowly("enter", "esc")
	h.wantDid()
	h.wantShown("message: picture 3 s old")
	h.press("down", "left", "-", "space")
	h.wantDid("rate 910", "concurrency 62", "rate 909", "pause")
	h.slowly("enter")
	h.wantDid("rate 910", "concurrency 62", "rate 909", "pause")
	h.screen.old = 0
	h.slowly("enter")
	h.wantDid("rate 910", "concurrency 62", "rate 909", "pause", "resume")
}

func TestInterruptInEveryMode(t *testing.T) {
	modes := map[string]func(h *hand){
		"plain":    func(*hand) {},
		"prompt":   func(h *hand) { h.slowly("r"); h.typed("900") },
		"command":  func(h *hand) { h.slowly(":"); h.typed("rate 5k") },
		"question": func(h *hand) { h.slowly("q") },
		"help":     func(h *hand) { h.slowly("?") },
		"frozen":   func(h *hand) { h.slowly("f") },
		"busy":     func(h *hand) { h.screen.isBusy, h.screen.old = true, time.Minute },
	}
	for name, enter := range modes {
		t.Run(name, func(t *testing.T) {
			h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
			enter(h)
			h.tap("ctrl+c")
			h.wantDid("pause")
			h.tap("ctrl+c")
			h.wantDid("pause", "stop now")
		})
	}
}

func TestInterruptQuestion(t *testing.T) {
	for _, c := range []struct {
		key  string
		want []string
	}{{"enter", []string{"pause", "resume"}}, {"q", []string{"pause", "stop"}}, {"esc", []string{"pause"}}, {"!", []string{"pause", "stop now"}}} {
		h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
		h.slowly("ctrl+c")
		h.wantShown("dialog LOAD IS AT ZERO")
		h.slowly(c.key)
		h.wantDid(c.want...)
	}
}

func TestNothingConfirmsAtOnce(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.slowly("up")
	h.tap("ctrl+c")
	h.tap("enter")
	h.now = h.now.Add(100 * time.Millisecond)
	h.tap("q")
	h.wantDid("rate 110", "pause")
}

func TestFinalStopIsTextInAPrompt(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.slowly(":")
	h.typed("mark \"!q u\"")
	h.slowly("enter")
	h.wantDid(`mark "!q u"`)
	h.slowly("!")
	h.wantDid(`mark "!q u"`, "stop now")
}

func TestEndAsks(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.slowly("q", "esc")
	h.wantDid()
	h.slowly("q", "q")
	h.wantDid("stop")
}

func TestEndScreenStaysUntilAKey(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.now = h.now.Add(time.Second)
	h.tap("w")
	h.run.change(func(s *engine.Snapshot) { s.State = engine.Ended })
	h.send(doneMsg{})
	for range 30 { // the key is still held
		h.now = h.now.Add(40 * time.Millisecond)
		h.tap("w")
	}
	if h.quit {
		t.Fatal("a key that was held before the end left the end screen")
	}
	h.slowly("up", "x", "?", "esc", "4", "esc")
	if h.quit {
		t.Fatal("a key that has something to do left the end screen")
	}
	h.slowly("w")
	h.wantDid()
	if !h.quit || !h.a.outcome.Ended {
		t.Fatalf("quit %v, outcome %+v", h.quit, h.a.outcome)
	}
}

func TestUndoAsksOnlyIfItRaises(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	h.slowly("u")
	h.wantShown("message: there is nothing to take back")
	run.change(func(s *engine.Snapshot) { s.UndoText = "rate 200 > 100" })
	h.slowly("u")
	h.wantDid("undo")
	run.change(func(s *engine.Snapshot) { s.UndoText, s.UndoRaises = "rate 100 > 200", true })
	h.screen.isBusy = true // the question does not reach the screen
	h.slowly("u", "enter")
	h.wantDid("undo")
	h.screen.isBusy = false
	h.wantShown("dialog UNDO RAISES THE LOAD", "rate 100 > 200")
	h.slowly("enter")
	h.wantDid("undo", "undo")
}

func TestPhasesAskIfTheyWantMore(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	run.snap.Phases = engine.PhaseState{Count: 4, Index: 3, Text: "rate 2k over 2m", Wants: engine.Dial{Rate: 80, Concurrency: 64}}
	h := byHand(t, run, Options{})
	h.slowly("p")
	h.wantDid("phases on")
	run.change(func(s *engine.Snapshot) {
		s.Phases.Driving, s.Dial.Rate, s.Phases.Wants.Rate = false, 100, 2000
	})
	h.slowly("p")
	h.wantDid("phases on")
	h.wantShown("dialog THE PHASES WANT MORE", "100/s → 2,000/s")
	h.slowly("enter")
	h.wantDid("phases on", "phases on")
}

func TestFreezeKeepsThePanels(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	h.slowly("f", "up")
	h.wantShown("RUNNING rate 100/s", "live rate 110/s")
	h.slowly("f")
	h.wantShown("RUNNING rate 110/s")
}

func TestRefusalIsShown(t *testing.T) {
	run := newFakeRun(engine.Running, 4000, 64)
	h := byHand(t, run, Options{})
	run.refuse = errRefused
	h.slowly("r")
	h.typed("6k")
	h.slowly("enter")
	h.wantShown("prompt rate 6k", "error: "+errRefused.Error()) // to be mended
}

func TestLostTerminalLeaves(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.screen.gone = context.Canceled
	h.send(pollMsg{})
	if !h.quit || !h.a.outcome.Lost {
		t.Fatalf("quit %v, outcome %+v", h.quit, h.a.outcome)
	}
}

func TestPanicBecomesAnError(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.a.o.frame = nil // the next picture cannot be drawn
	h.wait(time.Second)
	_, cmd := h.a.Update(pollMsg{})
	h.do(cmd)
	if _, ok := h.a.failure.(*PanicError); !ok || !h.quit {
		t.Fatalf("failure %v, quit %v", h.a.failure, h.quit)
	}
}
