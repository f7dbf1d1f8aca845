package experiment

import (
	"encoding/gob"
	"io"
	"sync"
	"time"
)

// A witness is a process beside that of a load which knows nothing of it: on
// each CPU a thread sleeps from one tick to the next and notes how late the
// system lets it go on. Where it was late too, something else used this machine,
// and what a load tells of such a second is no false alarm.

const (
	watchTick = 2 * time.Millisecond
	// Well below what health warns of: a thread that sleeps is late less than a
	// program that works.
	watchLate = 250 * time.Microsecond // for one tick in a hundred
	watchMost = 2 * time.Millisecond   // once
)

// sight is what a witness saw of a second.
type sight struct {
	Second      int64 // from the beginning
	Ticks, Late int64
	Most        time.Duration
}

func (s *sight) add(late time.Duration) {
	s.Ticks++
	if late > watchLate {
		s.Late++
	}
	s.Most = max(s.Most, late)
}

// calm reports whether the machine did nothing else that second.
func (s sight) calm() bool { return s.Ticks > 0 && s.Late*100 <= s.Ticks && s.Most <= watchMost }

// witness is such a process, as the experiment has it.
type witness struct {
	*bystander
	heard chan struct{} // closed when it says no more

	mu   sync.Mutex
	seen map[int64]sight
}

// watch starts a witness of a load that began so.
func (l *Lab) watch(began time.Time) (*witness, error) {
	b, err := l.beside(demand{Watch: began.UnixNano()})
	if err != nil {
		return nil, err
	}
	w := &witness{bystander: b, heard: make(chan struct{}), seen: map[int64]sight{}}
	go w.hear()
	return w, nil
}

func (w *witness) hear() {
	defer close(w.heard)
	for from := gob.NewDecoder(w.out); ; {
		var s sight
		if from.Decode(&s) != nil {
			return
		}
		w.mu.Lock()
		w.seen[s.Second] = s
		w.mu.Unlock()
	}
}

// end ends the process and waits for it.
func (w *witness) end() error {
	_ = w.in.Close()
	<-w.heard
	return w.bystander.end()
}

// calm reports whether the machine did nothing else in the seconds that a report
// on this one is about: a p99 may take in those before it.
func (w *witness) calm(second int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s := max(second-2, 0); s <= second; s++ {
		if !w.seen[s].calm() {
			return false
		}
	}
	return true
}

// testify is the whole of a witness's process, until in ends.
func testify(began time.Time, in io.Reader, say *gob.Encoder) error {
	seconds := make(chan sight, 100)
	done := make(chan struct{})
	threads, err := tickOnEachCPU(began, seconds, done)
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, in) // until whoever asked has gone
		close(done)
	}()
	all, told := map[int64]sight{}, map[int64]int{}
	for {
		select {
		case <-done:
			return nil
		case s := <-seconds:
			sum := all[s.Second]
			sum.Second, sum.Ticks, sum.Late, sum.Most = s.Second, sum.Ticks+s.Ticks, sum.Late+s.Late, max(sum.Most, s.Most)
			all[s.Second] = sum
			if told[s.Second]++; told[s.Second] < threads {
				continue
			}
			delete(all, s.Second)
			delete(told, s.Second)
			if err := say.Encode(sum); err != nil {
				return err
			}
		}
	}
}
