package tui

import (
	"testing"
	"time"

	"stoke/engine"
)

// pictures counts those that are drawn while time passes, with a message every
// millisecond.
func (h *hand) pictures(d time.Duration) (drawn int) {
	last := h.a.drawn
	for range d / time.Millisecond {
		h.now = h.now.Add(time.Millisecond)
		_, _ = h.a.Update(pollMsg{})
		if h.a.drawn != last {
			drawn, last = drawn+1, h.a.drawn
		}
	}
	return drawn
}

func TestAtMostTenPicturesASecond(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	if n := h.pictures(time.Second); n < 9 || n > 10 {
		t.Errorf("%d pictures in a second, want 10", n)
	}
	h.screen.isBusy = true
	last := h.a.drawn
	h.wait(time.Second)
	if h.a.drawn != last {
		t.Error("drew although the terminal had not taken in the picture before")
	}
}

// When nobody touches anything two pictures a second are enough, but not when
// something happens.
func TestTwoPicturesASecondWhenCalm(t *testing.T) {
	h := byHand(t, newFakeRun(engine.Running, 100, 64), Options{})
	h.pictures(calmAfter)
	if n := h.pictures(4 * time.Second); n != 8 {
		t.Errorf("%d pictures in four seconds, want 8", n)
	}
	for what, happens := range map[string]func(*engine.Snapshot){
		"a verdict": func(s *engine.Snapshot) { s.Verdict.Level = engine.LevelBad },
		"a state":   func(s *engine.Snapshot) { s.State = engine.Paused },
		"an event":  func(s *engine.Snapshot) { s.Events = append(s.Events, engine.Event{ID: lastEvent(s) + 1}) },
	} {
		h.pictures(h.a.drawn.Add(calmGap).Sub(h.now) + time.Millisecond) // one was just drawn
		h.pictures(frameGap)
		h.run.change(happens)
		if n := h.pictures(2 * time.Millisecond); n != 1 {
			t.Errorf("%s is not drawn at once", what)
		}
	}
	h.press("z")
	if n := h.pictures(time.Second); n < 9 {
		t.Errorf("%d pictures in the second after a key, want 10", n)
	}
}
