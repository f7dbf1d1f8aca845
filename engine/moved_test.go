package engine

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A key's step is sent as the value it leads to. If the phases turn the dial
// between the picture and the key, that value is no step any more: here 10/s
// would have become 1,100/s.
func TestOrderFromAnOldPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 1000", "hold 5s", "rate 10", "hold 1h")})
		time.Sleep(4950 * time.Millisecond)
		seen := r.Snapshot().Dial
		time.Sleep(51 * time.Millisecond)
		step := Order{Do: change(t, "rate 1100"), By: ByKey, Rev: seen.Rev}
		if _, err := r.Apply(step); !errors.Is(err, ErrMoved) {
			t.Errorf("a step from 1,000/s when the rate was 10/s: %v", err)
		}
		if s := awaitRev(r); s.Dial.Rate != 10 || !s.Phases.Driving || s.Holder != ByProfile {
			t.Errorf("the refused step left %+v, %s holding", s.Dial, s.Holder)
		}
		// Steps follow each other without a picture in between.
		rev := r.Snapshot().Dial.Rev
		for _, text := range []string{"rate 11", "rate 12", "concurrency 65", "rate 13"} {
			a, err := r.Apply(Order{Do: change(t, text), By: ByKey, Rev: rev})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			rev = a.Rev
		}
		if s := awaitRev(r); s.Dial.Rate != 13 || s.Dial.Rev != rev {
			t.Errorf("after four steps: %+v, want rev %d", s.Dial, rev)
		}
		// What does not say what it has seen is carried out.
		do(t, r, "rate 20")
		do(t, r, "undo")
		if _, err := r.Apply(Order{Do: change(t, "rate 14"), By: ByKey, Rev: rev}); !errors.Is(err, ErrMoved) {
			t.Errorf("a step across a change and its undoing: %v", err)
		}
		finish(t, r)
	})
}

// Every step that undo can take back says what it is, the newest first.
func TestUndoStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTransport{service: constant(ms(1))}
		r := begin(t, f, Options{Profile: testProfile(t, 64, "rate 100", "hold 1h")})
		time.Sleep(time.Second)
		do(t, r, "rate 200")
		do(t, r, "concurrency 32")
		do(t, r, "phases on")
		want := []string{
			"rate 100, concurrency 64 back to rate 200, concurrency 32", "concurrency 32 back to concurrency 64", "rate 200 back to rate 100",
		}
		for ; len(want) > 0; want = want[1:] {
			if s := awaitRev(r); !slices.Equal(s.Undo, want) || s.UndoText != want[0] {
				t.Errorf("undo shows %q and %q, want %q", s.UndoText, s.Undo, want)
			}
			do(t, r, "undo")
		}
		if s := awaitRev(r); len(s.Undo) != 0 || s.Dial.Rate != 100 {
			t.Errorf("after all steps: %q, %+v", s.Undo, s.Dial)
		}
		finish(t, r)
	})
}
