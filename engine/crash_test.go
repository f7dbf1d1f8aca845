package engine

import (
	"strings"
	"testing"
	"time"

	"stoke/engine/measure"
	"stoke/engine/pace"
)

// panickySleeper panics at its first wait.
type panickySleeper struct{ pace.Sleeper }

func (panickySleeper) SleepUntil(int64) { panic("the pacer is broken") }

// A panic in any goroutine of a run is handed to Crashed, with where it was.
func TestCrashed(t *testing.T) {
	answer := constant(time.Millisecond)
	broken := func(time.Duration) (time.Duration, int) { panic("the worker is broken") }
	for name, c := range map[string]struct {
		service func(time.Duration) (time.Duration, int)
		options Options
		frame   string // in the stack
	}{
		"worker":   {broken, Options{}, "(*slot).work"},
		"recorder": {answer, Options{Hooks: Hooks{Gauge: func(*measure.Gauge) { panic("the recorder is broken") }}}, "(*Run).record"},
		"pacer": {answer, Options{Sleeper: func(epoch time.Time) pace.Sleeper {
			return panickySleeper{pace.NewTimerSleeper(epoch)}
		}}, "(*Run).pace"},
	} {
		t.Run(name, func(t *testing.T) {
			type crash struct {
				value any
				stack string
			}
			crashes := make(chan crash, 100)
			o := c.options
			o.Profile, o.Transport, o.NoHealth, o.Seed = testProfile(t, 1, "rate 50", "hold 1h"), &fakeTransport{service: c.service}, true, 1
			o.Crashed = func(v any, stack []byte) { crashes <- crash{v, string(stack)} }
			r, err := New(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			got := <-crashes
			if got.value != "the "+name+" is broken" || !strings.Contains(got.stack, c.frame) {
				t.Errorf("crashed with %q, and %s is not in the stack:\n%s", got.value, c.frame, got.stack)
			}
			// A broken run cannot end; this takes the load off what is left of it.
			do(t, r, "stop now")
		})
	}
}
