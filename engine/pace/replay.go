package pace

import (
	"math"
	"sort"
	"time"
)

// Recording is a list of arrivals to be sent again. It is never changed and may
// be shared by goroutines.
type Recording struct {
	offsets []time.Duration
	times   float64
	speed   float64
}

// NewRecording makes a recording of offsets since its beginning, which must not
// fall and stay in use. times is how often each arrival is sent: of 0.5 every
// other one, of 2.5 two and three copies in turn, all at the recorded moment.
// speed is how much faster it is played. Both are above 0.
func NewRecording(offsets []time.Duration, times, speed float64) *Recording {
	return &Recording{offsets: offsets, times: times, speed: speed}
}

// at is when arrival i is due, in nanoseconds since the beginning, rounded down.
func (r *Recording) at(i int) int64 {
	if r.speed == 1 {
		return int64(r.offsets[i])
	}
	return int64(float64(r.offsets[i]) / r.speed)
}

// upTo is how often the first n arrivals are sent together: every part of the
// list gets its share of a factor that is no whole number, to within one.
func (r *Recording) upTo(n int) int64 { return int64(math.Floor(float64(n) * r.times)) }

// first is the number of arrivals before a moment, in nanoseconds since the
// beginning.
func (r *Recording) first(moment int64) int {
	return sort.Search(len(r.offsets), func(i int) bool { return r.at(i) >= moment })
}

// Between is how many arrivals are due from from to just before to, both since
// the beginning.
func (r *Recording) Between(from, to time.Duration) int64 {
	return r.upTo(r.first(int64(to))) - r.upTo(r.first(int64(from)))
}

// Count is how many arrivals it sends altogether.
func (r *Recording) Count() int64 { return r.upTo(len(r.offsets)) }

// Length is how long it lasts: to the end of the millisecond of its last
// arrival, so that this one is sent before what follows.
func (r *Recording) Length() time.Duration {
	if len(r.offsets) == 0 {
		return 0
	}
	return (time.Duration(r.at(len(r.offsets)-1))/time.Millisecond + 1) * time.Millisecond
}

// Peak is the most arrivals that are due within one second, wherever that
// second begins.
func (r *Recording) Peak() int64 {
	most, from := int64(0), 0
	for i := range r.offsets {
		for r.at(i)-r.at(from) >= int64(time.Second) {
			from++
		}
		most = max(most, r.upTo(i+1)-r.upTo(from))
	}
	return most
}

// replay is how far a recording is.
type replay struct {
	recording *Recording
	began     int64 // on the clock of the schedule
	next      int   // arrival
	left      int64 // copies of it that are to be sent
}

func newReplay(r *Recording, at, into int64) replay {
	p := replay{recording: r, began: at - into, next: r.first(into)}
	p.count()
	return p
}

// count finds the next arrival that is sent at all.
func (p *replay) count() {
	r := p.recording
	for p.left = 0; p.next < len(r.offsets); p.next++ {
		if p.left = r.upTo(p.next+1) - r.upTo(p.next); p.left > 0 {
			return
		}
	}
}

func (p *replay) due() (int64, bool) {
	if p.left == 0 {
		return 0, false
	}
	return p.began + p.recording.at(p.next), true
}

func (p *replay) advance() {
	if p.left--; p.left == 0 {
		p.next++
		p.count()
	}
}
