package tui

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/layout"
	"stoke/tui/theme"
	"stoke/tui/tuitest"
)

// slowLine is a line between the program and the terminal as SSH makes one:
// its buffers take in whatever is written, at once, and the bytes come out at
// the line's own speed.
type slowLine struct {
	mu     sync.Mutex
	wake   *sync.Cond
	queue  []byte
	err    error     // of the program's end
	per    float64   // nanoseconds a byte
	free   time.Time // when the line has carried what was taken from the queue
	filler sync.WaitGroup
}

// newSlowLine reads from f until it is closed.
func newSlowLine(f *os.File, bytesPerSecond int) *slowLine {
	s := &slowLine{per: float64(time.Second) / float64(bytesPerSecond)}
	s.wake = sync.NewCond(&s.mu)
	s.filler.Go(func() {
		buf := make([]byte, 4096)
		for err := error(nil); err == nil; {
			var n int
			n, err = f.Read(buf)
			s.mu.Lock()
			if now := time.Now(); len(s.queue) == 0 && s.free.Before(now) {
				s.free = now
			}
			s.queue = append(s.queue, buf[:n]...)
			s.err = err
			s.mu.Unlock()
			s.wake.Broadcast()
		}
	})
	return s
}

// Read returns the next bytes when the line has carried them. A reader that
// comes late does not make the line slower.
func (s *slowLine) Read(p []byte) (int, error) {
	s.mu.Lock()
	for len(s.queue) == 0 && s.err == nil {
		s.wake.Wait()
	}
	if len(s.queue) == 0 {
		s.mu.Unlock()
		s.filler.Wait()
		return 0, s.err
	}
	n := copy(p[:min(len(p), 64)], s.queue)
	s.queue = s.queue[n:]
	s.free = s.free.Add(time.Duration(float64(n) * s.per))
	wait, gone := time.Until(s.free), s.err != nil
	s.mu.Unlock()
	if wait > 0 && !gone {
		<-time.After(wait)
	}
	return n, nil
}

// movingRun is a busy run of which nearly every figure is another one ten
// times a second, and whose charts grow by a second every second. It ends
// with the test.
func movingRun(t *testing.T) *fakeRun {
	run := newFakeRun(engine.Running, 1200, 128)
	run.snap = tuitest.Running()
	first := run.snap
	rng := rand.New(rand.NewPCG(7, 11))
	began := time.Now()
	ticker, done := time.NewTicker(100*time.Millisecond), make(chan struct{})
	var mover sync.WaitGroup
	mover.Go(func() {
		defer ticker.Stop()
		for {
			select {
			case now := <-ticker.C:
				run.change(func(s *engine.Snapshot) { move10Hz(s, first, now.Sub(began), rng) })
			case <-done:
				return
			}
		}
	})
	t.Cleanup(func() {
		close(done)
		mover.Wait()
	})
	return run
}

// move10Hz makes s what first has become after so long.
func move10Hz(s, first *engine.Snapshot, after time.Duration, rng *rand.Rand) {
	unrest := func() float64 { return 0.95 + 0.1*rng.Float64() }
	ladder := func(l measure.Ladder) measure.Ladder {
		f := unrest()
		for i := range l.P {
			l.P[i] = int64(float64(l.P[i]) * f)
		}
		l.Mean, l.Max, l.Count = l.Mean*f, int64(float64(l.Max)*f), l.Count+int64(1200*after.Seconds())
		return l
	}
	counts := func(c measure.Counts) measure.Counts {
		more := int64(1200 * after.Seconds())
		c.InFlight = int64(float64(c.InFlight) * unrest())
		c.Sent, c.OK, c.Limited = c.Sent+more, c.OK+more, c.Limited+more/300
		c.Intended = c.Sent
		return c
	}
	window := func(w measure.Window) measure.Window {
		f := unrest()
		r := w.Rates
		w.Rates = measure.Rates{Intended: r.Intended * f, Sent: r.Sent * f, Done: r.Done * f, OK: r.OK * f,
			Limited: r.Limited * f, Failed: r.Failed * f, Unsent: r.Unsent}
		w.Counts, w.Response, w.Service = counts(w.Counts), ladder(w.Response), ladder(w.Service)
		return w
	}
	then, seconds := &first.View, int64(after.Seconds())
	s.At = first.At + after
	s.Seconds = first.Seconds + seconds
	s.InFlight = int64(float64(first.InFlight) * unrest())
	v := &s.View
	v.Now = then.Now + int64(after)
	v.Run.Counts, v.Run.Response = counts(then.Run.Counts), ladder(then.Run.Response)
	v.Last10, v.Since = window(then.Last10), window(then.Since)
	v.Since.Seconds += after.Seconds()
	for i := range v.Changes {
		v.Changes[i].Percent = then.Changes[i].Percent * unrest()
	}
	if last := v.History.Chunks[len(v.History.Chunks)-1]; last[len(last)-1].Second < first.Seconds-1+seconds {
		v.Last1 = window(then.Last1)
		row := last[len(last)-1]
		row.Second++
		row.P50, row.P99 = v.Last1.Response.P[measure.P50], v.Last1.Response.P[measure.P99]
		row.Done = int64(v.Last1.Rates.Done)
		v.History.Chunks = append(slices.Clip(v.History.Chunks), []measure.Row{row})
		heat := v.Heat.Chunks[len(v.Heat.Chunks)-1]
		second := heat[len(heat)-1]
		second.Second++
		v.Heat.Chunks = append(slices.Clip(v.Heat.Chunks), []measure.HeatSecond{second})
	}
	open := *then.Segments[len(then.Segments)-1]
	open.To, open.Stats.Counts, open.Stats.Response = v.Now, counts(open.Stats.Counts), ladder(open.Stats.Response)
	open.Endpoints = slices.Clone(open.Endpoints)
	for i := range open.Endpoints {
		e := &open.Endpoints[i]
		e.Stats.Counts, e.Stats.Response = counts(e.Stats.Counts), ladder(e.Stats.Response)
	}
	v.Segments = append(slices.Clone(then.Segments[:len(then.Segments)-1]), &open)
}

// stamps tells how old the pictures are that a terminal shows. Every picture
// gets a number at its top and one at its bottom.
type stamps struct {
	mu    sync.Mutex
	drawn []time.Time     // by number
	looks []string        // the pictures as they should look, by number
	wrong string          // a picture that was shown otherwise, and how
	shown int             // the newest that was wholly on the screen
	ages  []time.Duration // of pictures when their last byte came
	worst time.Duration   // the oldest that a picture got before the next one came
	since time.Time       // pictures that were drawn before it do not count
}

// frame draws the real picture and stamps it.
func (p *stamps) frame(s *engine.Snapshot, ui layout.State, w, h int, th *theme.Theme) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawn = append(p.drawn, time.Now())
	n := len(p.drawn)
	stamped := *s
	stamped.Profile = fmt.Sprintf("top-%06d", n)
	ui.Link += fmt.Sprintf(" end-%06d", n)
	frame := layout.Frame(&stamped, ui, w, h, th)
	p.looks = append(p.looks, ansi.Strip(frame))
	return frame
}

var topStamp, endStamp = regexp.MustCompile(`top-(\d{6})`), regexp.MustCompile(`end-(\d{6})`)

// see takes what the terminal shows now.
func (p *stamps) see(screen string) {
	top, end := topStamp.FindStringSubmatch(screen), endStamp.FindStringSubmatch(screen)
	if top == nil || end == nil || top[1] != end[1] {
		return // half of a picture
	}
	n, _ := strconv.Atoi(top[1])
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if n <= p.shown || n > len(p.drawn) {
		return
	}
	want, got := strings.Split(p.looks[n-1], "\n"), strings.Split(screen, "\n")
	for i, line := range want {
		if endStamp.MatchString(line) {
			break // what is behind the stamp may still be on its way
		}
		if i >= len(got) || strings.TrimRight(got[i], " ") != strings.TrimRight(line, " ") {
			p.wrong = fmt.Sprintf("picture %d, line %d shows\n%q, want\n%q", n, i+1, got[min(i, len(got)-1)], line)
		}
	}
	if drawn := p.drawn[n-1]; !p.since.IsZero() && drawn.After(p.since) {
		p.ages = append(p.ages, now.Sub(drawn))
		p.worst = max(p.worst, now.Sub(p.drawn[p.shown-1]))
	}
	p.shown = n
}

// seen is how many pictures were wholly on the screen since count.
func (p *stamps) seen() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.ages)
}

// begun reports whether the first picture, which takes long, is there, and the
// one that waited for it.
func (p *stamps) begun() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown >= 3
}

// count begins the measurement.
func (p *stamps) count() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ages, p.worst, p.since = nil, 0, time.Now()
}

// rightly fails the test if a picture looked otherwise than it was drawn.
func (p *stamps) rightly(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wrong != "" {
		t.Error(p.wrong)
	}
}

// figures are the middle and the largest age of the pictures when they came,
// and the age up to which one of them was looked at.
func (p *stamps) figures() (middle, largest, worst time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ages := slices.Sorted(slices.Values(p.ages))
	return ages[len(ages)/2], ages[len(ages)-1], p.worst
}

// TestSlowLines measures the cockpit as a person behind a slow line has it:
// how old the picture is when it comes, how soon a key acts, and how many
// bytes it takes. The line swallows everything, so that only the terminal's
// replies can tell how far the picture has come; they take a round trip of
// 80 ms on top.
func TestSlowLines(t *testing.T) {
	const (
		rtt      = 80 * time.Millisecond
		pictures = 6
		keys     = 4
		keyLimit = 300 * time.Millisecond // 100 ms, and what a busy machine adds
	)
	for name, c := range map[string]struct {
		rate int
		age  time.Duration
	}{
		"20 kB/s": {20_000, 300 * time.Millisecond},
		"5 kB/s":  {5_000, 1500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, p := movingRun(t), &stamps{}
			y := openTTY(t, run, line{rate: c.rate, swallows: true, rtt: rtt, shown: p.see}, Options{frame: p.frame})
			y.until("the first pictures are there", y.changed, p.begun)
			p.count()
			var slowest time.Duration
			for n := range keys {
				y.until("the next pictures are there", y.changed, func() bool { return p.seen() > n*pictures/keys })
				began := time.Now()
				y.write("\x1b[1;2B")
				y.until("the key acts", run.changed, func() bool { return len(run.did()) > n })
				slowest = max(slowest, time.Since(began))
			}
			y.until("enough pictures are there", y.changed, func() bool { return p.seen() >= pictures })
			p.rightly(t)
			middle, largest, worst := p.figures()
			t.Logf("age of a picture when it comes: median %v, largest %v; when the next one comes: %v; a key acts within %v",
				middle, largest, worst, slowest)
			if middle > c.age {
				t.Errorf("the picture is %v old when it comes, want at most %v", middle, c.age)
			}
			if largest > c.age+200*time.Millisecond {
				t.Errorf("a picture was %v old when it came, want at most %v", largest, c.age)
			}
			if slowest > keyLimit {
				t.Errorf("a key took %v, want at most %v", slowest, keyLimit)
			}
		})
	}
	t.Run("bytes", func(t *testing.T) {
		t.Parallel()
		const limit, span = 12_000, 2 * time.Second
		p := &stamps{}
		y := openTTY(t, movingRun(t), line{shown: p.see}, Options{frame: p.frame})
		y.until("the first pictures are there", y.changed, p.begun)
		bytes := func() int {
			y.mu.Lock()
			defer y.mu.Unlock()
			return y.raw.Len()
		}
		p.count()
		before, began := bytes(), time.Now()
		y.until("two seconds are over", y.changed, func() bool { return time.Since(began) > span })
		p.rightly(t)
		each, fps := (bytes()-before)/p.seen(), float64(p.seen())/time.Since(began).Seconds()
		t.Logf("%d bytes a picture, %.1f pictures/s", each, fps)
		if each*10 > limit {
			t.Errorf("%d bytes a picture make %d a second, want at most %d", each, each*10, limit)
		}
		if fps > 10.5 {
			t.Errorf("%.1f pictures/s, want 10", fps)
		}
	})
}
