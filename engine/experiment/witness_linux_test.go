//go:build !race

package experiment

import (
	"errors"
	"testing"
	"time"
)

// TestWitness: a witness tells of every second, from the beginning of the load
// on, and what it slept past is in the second in which it did.
func TestWitness(t *testing.T) {
	t.Parallel()
	lab := Lab{World: Processes{Command: thisProgram}}
	began := time.Now().Add(-10 * time.Second)
	w, err := lab.watch(began)
	if err != nil {
		t.Fatal(err)
	}
	told := func() map[int64]sight {
		w.mu.Lock()
		defer w.mu.Unlock()
		seen := map[int64]sight{}
		for n, s := range w.seen {
			seen[n] = s
		}
		return seen
	}
	until := func(what string, ok func() bool) {
		for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("waited 20 s for %s: %+v", what, told())
			}
		}
	}
	until("a second", func() bool { return len(told()) > 0 })
	from := time.Since(began)
	err = errors.Join(stopProcess(w.cmd.Process.Pid), func() error {
		time.Sleep(300 * time.Millisecond)
		return continueProcess(w.cmd.Process.Pid)
	}())
	if err != nil {
		t.Fatal(err)
	}
	first, last := int64(from/time.Second), int64(time.Since(began)/time.Second)
	until("the seconds after the stop", func() bool { return told()[last+1].Ticks > 0 })
	most := time.Duration(0)
	for n, s := range told() {
		if n != s.Second || n < 10 {
			t.Errorf("second %d is told as %d", s.Second, n)
		}
		if n >= first && n <= last {
			most = max(most, s.Most)
		}
	}
	if most < 290*time.Millisecond {
		t.Errorf("a stop of 300 ms was seen as one of %v: %+v", most, told())
	}
	if w.calm(first) && w.calm(last) {
		t.Errorf("the stop was in no second that is not calm: %+v", told())
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
}

// TestCalm: a second is calm if hardly a tick was late, and its report if those
// before it were, too.
func TestCalm(t *testing.T) {
	late := func(n, of int, most time.Duration) sight {
		s := sight{}
		for i := range of {
			d := 50 * time.Microsecond
			if i < n {
				d = most
			}
			s.add(d)
		}
		return s
	}
	for _, c := range []struct {
		s    sight
		want bool
	}{
		{sight{}, false}, {late(0, 1000, 0), true}, {late(10, 1000, time.Millisecond), true},
		{late(11, 1000, time.Millisecond), false}, {late(1, 1000, 3*time.Millisecond), false},
	} {
		if got := c.s.calm(); got != c.want {
			t.Errorf("%+v is calm: %v", c.s, got)
		}
	}
	w := witness{seen: map[int64]sight{}}
	for n := range int64(10) {
		w.seen[n] = late(0, 1000, 0)
	}
	w.seen[4] = late(1, 1000, time.Second)
	got := ""
	for n := range int64(11) {
		got += map[bool]string{true: "c", false: "-"}[w.calm(n)]
	}
	if got != "cccc---ccc-" {
		t.Errorf("calm: %s", got)
	}
}
