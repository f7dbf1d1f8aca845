package pace

import (
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTimerSleeperInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		epoch := time.Now()
		s := NewTimerSleeper(epoch)
		s.SleepUntil(5 * second)
		if at := time.Since(epoch); at != 5*time.Second {
			t.Errorf("slept until %v, want 5s", at)
		}
		s.SleepUntil(4 * second) // long gone
		if at := time.Since(epoch); at != 5*time.Second {
			t.Errorf("a time that has passed took until %v", at)
		}

		s.Wake() // before the sleep
		s.SleepUntil(9 * second)
		if at := time.Since(epoch); at != 5*time.Second {
			t.Errorf("an early wake did not end the sleep before %v", at)
		}
		s.SleepUntil(9 * second)
		if at := time.Since(epoch); at != 9*time.Second {
			t.Errorf("a spent wake ended the next sleep at %v", at)
		}

		time.AfterFunc(time.Second, s.Wake)
		s.SleepUntil(math.MaxInt64)
		if at := time.Since(epoch); at != 10*time.Second {
			t.Errorf("woken at %v, want 10s", at)
		}
		s.SleepUntil(11 * second)
		if at := time.Since(epoch); at != 11*time.Second {
			t.Errorf("slept until %v after a wake, want 11s", at)
		}

		time.AfterFunc(time.Second, func() { s.Close() })
		s.SleepUntil(math.MaxInt64)
		s.SleepUntil(math.MaxInt64)
		if at := time.Since(epoch); at != 12*time.Second {
			t.Errorf("closed at %v, want 12s", at)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}

// sleepers are the sleepers of this system, in real time.
var sleepers = map[string]func(time.Time) Sleeper{"precise": NewSleeper, "timer": NewTimerSleeper}

func TestSleepIsNeverShort(t *testing.T) {
	for name, open := range sleepers {
		t.Run(name, func(t *testing.T) {
			epoch := time.Now()
			s := open(epoch)
			defer s.Close()
			for _, d := range []time.Duration{1, 50, 1000, 50 * time.Microsecond, time.Millisecond, 5 * time.Millisecond} {
				for range 5 {
					until := int64(time.Since(epoch) + d)
					s.SleepUntil(until)
					if now := int64(time.Since(epoch)); now < until {
						t.Fatalf("sleep of %v ended %d ns early", d, until-now)
					}
				}
			}
		})
	}
}

// TestNoWakeIsLost has one goroutine sleep without end and another wake it, as
// fast as both can: each wake follows the end of the sleep before, so a lost
// one would leave both waiting for good.
func TestNoWakeIsLost(t *testing.T) {
	for name, open := range sleepers {
		t.Run(name, func(t *testing.T) {
			s := open(time.Now())
			defer s.Close()
			const rounds = 20_000
			ready := make(chan struct{})
			go func() {
				for range rounds {
					<-ready // the sleeper is about to sleep, or already does
					s.Wake()
				}
			}()
			for range rounds {
				ready <- struct{}{}
				s.SleepUntil(math.MaxInt64)
			}
		})
	}
}

// TestWakeIsSpentOnce: the sleep after one that was woken is a whole one.
func TestWakeIsSpentOnce(t *testing.T) {
	for name, open := range sleepers {
		t.Run(name, func(t *testing.T) {
			epoch := time.Now()
			s := open(epoch)
			defer s.Close()
			for range 50 {
				go s.Wake()
				s.SleepUntil(math.MaxInt64)
				until := int64(time.Since(epoch) + 200*time.Microsecond)
				s.SleepUntil(until)
				if now := int64(time.Since(epoch)); now < until {
					t.Fatalf("the sleep after a wake ended %d ns early", until-now)
				}
			}
		})
	}
}

// TestWakeMeetsTimer wakes around the moment at which the sleep ends by itself:
// no wake may stay behind as a sleep that does not end.
func TestWakeMeetsTimer(t *testing.T) {
	epoch := time.Now()
	s := NewSleeper(epoch)
	defer s.Close()
	stop := make(chan struct{})
	var waker sync.WaitGroup
	waker.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				s.Wake()
				runtime.Gosched()
			}
		}
	})
	for i := range int64(1000) {
		s.SleepUntil(int64(time.Since(epoch)) + i%100*1000)
	}
	close(stop)
	waker.Wait()
	until := int64(time.Since(epoch) + time.Millisecond)
	s.SleepUntil(until) // may be ended by the last wake
	s.SleepUntil(until)
	if now := int64(time.Since(epoch)); now < until {
		t.Errorf("an old wake ended a second sleep %d ns early", until-now)
	}
}

func TestCloseEndsTheSleep(t *testing.T) {
	for name, open := range sleepers {
		t.Run(name, func(t *testing.T) {
			for range 200 {
				s := open(time.Now())
				started, done := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(done)
					close(started)
					s.SleepUntil(math.MaxInt64)
					s.SleepUntil(math.MaxInt64)
				}()
				<-started
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				<-done
				s.Wake() // harmless
			}
		})
	}
}

func TestSleepAllocatesNothing(t *testing.T) {
	epoch := time.Now()
	s := NewSleeper(epoch)
	defer s.Close()
	if n := testing.AllocsPerRun(100, func() {
		s.SleepUntil(int64(time.Since(epoch)) + 1000)
	}); n != 0 {
		t.Errorf("%v allocations a sleep, want none", n)
	}
}

// BenchmarkSleep50us reports how late a sleep of 50 µs ends.
func BenchmarkSleep50us(b *testing.B) {
	epoch := time.Now()
	s := NewSleeper(epoch)
	defer s.Close()
	var late int64
	for b.Loop() {
		until := int64(time.Since(epoch)) + 50_000
		s.SleepUntil(until)
		late += int64(time.Since(epoch)) - until
	}
	b.ReportMetric(float64(late)/float64(b.N), "ns-late/op")
}
