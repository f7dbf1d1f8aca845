package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/panel"
)

// TestViewsHoldTheLoadKeysBack: in a view nothing but pausing and stopping
// changes the load, whatever key is pressed.
func TestViewsHoldTheLoadKeysBack(t *testing.T) {
	allowed := []string{"pause", "stop now"}
	for view := 2; view <= numViews; view++ {
		for _, k := range keyTable() {
			for _, name := range k.Names {
				if slices.Contains([]string{"m", "n", "1", "tab", "shift+tab", "esc"}, name) {
					continue // they set marks, or leave the view
				}
				p := newPresser()
				p.at(situations(1000)["undo"])
				p.press(fmt.Sprint(view))
				p.press(name)
				for _, did := range p.run.did() {
					if !slices.Contains(allowed, did) {
						t.Errorf("%s in view %d ordered %s", name, view, did)
					}
				}
				if p.a.prompt != nil && name != ":" && name != "/" {
					t.Errorf("%s in view %d opened a prompt", name, view)
				}
			}
		}
	}
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.slowly("2", "r")
	h.wantShown("message: no load keys in a view")
	h.slowly("esc", "up")
	h.wantDid("rate 110")
}

func TestViewKeys(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	at := func(want int) {
		t.Helper()
		if h.a.look.view != want {
			t.Fatalf("view %d, want %d", h.a.look.view, want)
		}
	}
	h.press("5")
	at(5)
	h.press("tab", "tab")
	at(1)
	h.press("shift+tab")
	at(6)
	h.press("4", "/")
	h.typed("CHECK")
	h.press("enter")
	if h.a.look.filter != "CHECK" {
		t.Errorf("the filter is %q", h.a.look.filter)
	}
	h.press("/")
	h.typed("zzz")
	h.press("esc")
	if h.a.look.filter != "CHECK" {
		t.Errorf("leaving the filter left %q", h.a.look.filter)
	}
	h.press("esc") // first the filter goes
	at(4)
	if h.a.look.filter != "" {
		t.Errorf("esc left the filter %q", h.a.look.filter)
	}
	h.press("s")
	if h.a.look.sortBy != 1 {
		t.Errorf("s sorts by %d", h.a.look.sortBy)
	}
	h.press("left", "left")
	if h.a.look.sortBy != panel.NumSorts-1 {
		t.Errorf("left sorts by %d", h.a.look.sortBy)
	}
	h.press("esc", "z", "x")
	at(1)
	if h.a.look.Span != 1 || !h.a.look.Linear {
		t.Errorf("z and x left %+v", h.a.look.Look)
	}
	h.press("z", "z", "z")
	if h.a.look.Span != 0 {
		t.Errorf("four times z left %+v", h.a.look.Look)
	}
	h.wantDid()
}

// TestCompareAnyTwoSettings: the cursor keeps its setting when new ones come,
// and the newest stays the newest.
func TestCompareAnyTwoSettings(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	h := byHand(t, run, Options{})
	segments := func(n int) {
		run.change(func(s *engine.Snapshot) {
			s.View.Segments = nil
			for i := range n {
				s.View.Segments = append(s.View.Segments, &measure.Segment{ID: i + 1})
			}
		})
		h.wait(time.Second)
	}
	row := func(want int) {
		t.Helper()
		if got := h.a.row(); got != want {
			t.Fatalf("the cursor is in row %d, want %d", got, want)
		}
	}
	segments(1)
	h.slowly("5", "c")
	h.wantShown("message: there is only one setting yet")
	segments(4)
	row(0)
	h.press("down", "down", "c")
	row(2)
	if h.a.look.other != 2 {
		t.Errorf("pinned setting %d, want 2", h.a.look.other)
	}
	segments(6)
	row(4) // the same setting
	h.press("home")
	segments(7)
	row(0) // the newest
	h.press("end")
	row(6)
	h.press("esc")
	if h.a.look.other != 0 || h.a.look.view != 5 {
		t.Errorf("esc left %+v", h.a.look)
	}
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		keys []string // typed with blanks as written, then tab so often
		tabs int
		want string
	}{
		{[]string{"ra"}, 1, "rate "},
		{[]string{"re"}, 1, "resume "},
		{[]string{"c"}, 1, "concurrency "},
		{[]string{"s"}, 1, "spike"},
		{[]string{"s"}, 2, "step"},
		{[]string{"s"}, 3, "segment"},
		{[]string{"s"}, 4, "stop"},
		{[]string{"s"}, 5, "spike"},
		{[]string{"p"}, 1, "pause"},
		{[]string{"arrivals p"}, 1, "arrivals poisson "},
		{[]string{"late "}, 1, "late queue"},
		{[]string{"late "}, 2, "late shed"},
		{[]string{"rate 2k o"}, 1, "rate 2k over "},
		{[]string{"rate m"}, 1, "rate max "},
		{[]string{"rate max o"}, 1, "rate max o"}, // no ramp to max
		{[]string{"concurrency 20 "}, 1, "concurrency 20 cut "},
		{[]string{"phases s"}, 1, "phases skip "},
		{[]string{"stop n"}, 1, "stop now "},
		{[]string{"zz"}, 1, "zz"},
		{[]string{"hold"}, 1, "hold"}, // is no order
	} {
		h := byHand(t, newFakeRun(engine.Running, 1200, 64), Options{})
		h.slowly(":")
		h.typed(c.keys[0])
		for range c.tabs {
			h.tap("tab")
		}
		if got := string(h.a.prompt.text); got != c.want {
			t.Errorf("%q and %d tabs: %q, want %q", c.keys[0], c.tabs, got, c.want)
		}
	}
}

// TestPromptSaysWhatIsAllowed while it is typed, before enter.
func TestPromptSaysWhatIsAllowed(t *testing.T) {
	run := newFakeRun(engine.Running, 1200, 64)
	run.change(func(s *engine.Snapshot) { s.Ceiling = engine.Ceiling{Rate: 5000, Concurrency: 512} })
	for text, want := range map[string]string{
		"":               "tab completes: rate wave spike step concurrency",
		"s":              "tab completes: spike step segment stop",
		"late":           "write late queue|shed",
		"rate 2k over":   "write rate 2k, rate +50",
		"rte 5":          "did you mean rate?",
		"rate 9k":        "1,200 → 9,000 (×7.5), but the ceiling is 5,000/s",
		"concurrency x9": "64 → 576 (×9), but the ceiling is 512",
	} {
		h := byHand(t, run, Options{})
		h.slowly(":")
		h.typed(text)
		h.wantShown("preview: " + strings.Split(want, "did")[0])
		if !strings.Contains(h.a.frame, want) {
			t.Errorf("%q: the picture does not say %q:\n%s", text, want, h.a.frame)
		}
	}
}

func TestHistoryOfEarlierRuns(t *testing.T) {
	var kept []string
	o := Options{History: []string{"rate 300", "late shed"}}
	o.Keep.Line = func(line string) error { kept = append(kept, line); return nil }
	h := byHand(t, newFakeRun(engine.Running, 1200, 64), o)
	h.slowly(":", "up", "up")
	h.wantShown("prompt : rate 300")
	h.slowly("enter", ":", "up", "enter") // the same once more is kept once
	h.slowly("r")
	h.typed("400")
	h.slowly("enter") // a dial's value is no command
	if want := []string{"rate 300"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
	h.wantDid("rate 300", "rate 300", "rate 400")
}

func TestCopy(t *testing.T) {
	var copied string
	o := Options{}
	o.Keep.Picture = func(text string) (string, error) { copied = text; return "/state/copied/1.txt", nil }
	h := byHand(t, newFakeRun(engine.Running, 1200, 64), o)
	h.slowly("?", "esc", "y")
	h.wantShown("dialog COPIED", "copied to /state/copied/1.txt")
	h.slowly("esc")
	if !strings.HasPrefix(copied, "shop RUNNING rate 1,200/s") || strings.Contains(copied, " \n") || strings.Contains(copied, "\x1b") {
		t.Errorf("copied %q", copied)
	}
	h.a.o.Keep.Picture = func(string) (string, error) { return "", errors.New("the disk is full") }
	h.slowly("y")
	h.wantShown("message: the copy was not written: the disk is full")
}

func TestFirstRunHintGoesWithTheFirstKey(t *testing.T) {
	hinted := 0
	o := Options{FirstRun: true}
	o.Keep.Hinted = func() error { hinted++; return nil }
	h := byHand(t, newFakeRun(engine.Running, 1200, 64), o)
	h.wait(time.Hour)
	h.wantShown("message: press ↑")
	h.tap("f")
	h.tap("f")
	h.wait(time.Second)
	if strings.Contains(h.a.frame, "press ↑") || hinted != 1 {
		t.Errorf("after a key: kept %d times\n%s", hinted, h.a.frame)
	}
}

func TestSaveAsksForANameAndBeforeItReplaces(t *testing.T) {
	type call struct {
		name    string
		replace bool
	}
	var calls []call
	o := Options{Again: true}
	o.Keep.Profile = &Saver{
		Name: "shop-driven",
		Plan: func(*engine.Snapshot) (string, error) { return "4 phases, 2m", nil },
		Save: func(name string, _ *engine.Snapshot, replace bool) (string, error) {
			calls = append(calls, call{name, replace})
			switch {
			case strings.Contains(name, "/"):
				return "", errors.New("a name has no slash")
			case !replace && name == "shop":
				return "", ErrTaken
			}
			return "saved " + name, nil
		},
	}
	run := newFakeRun(engine.Running, 1200, 64)
	h := byHand(t, run, o)
	h.slowly("S")
	h.wantShown("prompt save as shop-driven", "preview: 4 phases, 2m")
	h.typed("/x")
	h.slowly("enter")
	h.wantShown("error: a name has no slash", "prompt save as shop-driven/x")
	h.slowly("ctrl+u")
	h.typed("shop")
	h.slowly("enter")
	h.wantShown("dialog REPLACE IT?")
	h.slowly("n", "esc")
	run.change(func(s *engine.Snapshot) { s.State = engine.Ended })
	h.send(doneMsg{})
	h.slowly("S", "ctrl+u")
	h.typed("shop")
	h.slowly("enter", "enter")
	h.wantShown("message: saved shop")
	want := []call{{"shop-driven/x", false}, {"shop", false}, {"shop", false}, {"shop", true}}
	if !slices.Equal(calls, want) {
		t.Errorf("saved %v, want %v", calls, want)
	}
	h.slowly("enter")
	if !h.quit || !h.a.outcome.Again {
		t.Errorf("enter at the end: quit %v, %+v", h.quit, h.a.outcome)
	}
	h.wantDid()
}

func TestUndoStackIsShown(t *testing.T) {
	run := newFakeRun(engine.Running, 1200, 64)
	h := byHand(t, run, Options{})
	h.slowly("U")
	h.wantShown("message: there is nothing to take back")
	run.change(func(s *engine.Snapshot) { s.Undo = []string{"rate 1200 back to 1000", "rate 1000 back to 500"} })
	h.slowly("U")
	h.wantShown("1  rate 1200 back to 1000", "2  rate 1000 back to 500")
	h.slowly("esc")
	h.wantDid()
}

// TestStepsSayWhatTheyHaveSeen: each step names the turn of the dials that it
// goes out from: that of the picture, or of the step before.
func TestStepsSayWhatTheyHaveSeen(t *testing.T) {
	run := newFakeRun(engine.Running, 100, 64)
	run.change(func(s *engine.Snapshot) { s.Dial.Rev = 7 })
	h := byHand(t, run, Options{})
	run.lag = run.Snapshot() // no new snapshot comes
	run.rev = 7
	for _, name := range []string{"up", "right", "down"} {
		h.now = h.now.Add(40 * time.Millisecond)
		h.tap(name)
	}
	run.lag = nil
	h.wait(2 * time.Second)
	h.tap("down")
	var revs []uint64
	for _, o := range run.orders {
		revs = append(revs, o.Rev)
	}
	if want := []uint64{7, 8, 9, 10}; !slices.Equal(revs, want) {
		t.Errorf("the steps went out from %v, want %v", revs, want)
	}
	run.refuse = engine.ErrMoved
	h.tap("down")
	h.wantShown("message: the dials have just moved")
}
