package measure

// Second is what the recorder knows of a closed second for the judgement on
// this machine. Times are nanoseconds. Faults is valid until the next second
// closes.
type Second struct {
	Number int64 // -1 before the first
	Counts Counts
	Faults []int64 // errors by Config.Faults
	Late   int64   // samples that came after their own second had closed
	LagN   int64   // requests that left
	LagP50 int64   // send lag, P+X
	LagP99 int64
	LagMax int64
	// RecentLagN and RecentLagP99 are of this second and of as many before it as
	// a p99 needs, at most the ten of the live window.
	RecentLagN   int64
	RecentLagP99 int64
	SlotP50      int64 // slot wait of what left in it
	// ServiceP50 is over OK; 0 without any.
	ServiceP50 int64
	// LittleMeasured is the mean number of occupied slots by the engine's own
	// count and LittleExpected the same from the stamps of the requests: ended
	// ones and, through the gauge, open ones. LittleRough says that Measured
	// comes from the gauge at the ticks alone; both are 0 when the gauge has no
	// OpenBusy to go with its open requests.
	LittleMeasured, LittleExpected float64
	LittleRough                    bool

	late int64
	slot Histogram
}

// LastSecond returns the facts of the newest closed second.
func (r *Recorder) LastSecond() *Second { return &r.facts }

func (f *Second) begin(n int64) {
	slot, faults, late := f.slot, f.Faults, f.late
	slot.Reset()
	clear(faults)
	*f = Second{Number: n, Faults: faults, Late: late, slot: slot}
}

func (f *Second) add(c *cell) {
	for _, e := range c.led.faults.list {
		if e.key >= 0 && int(e.key) < len(f.Faults) {
			f.Faults[e.key] += e.count
		}
	}
	f.slot.Merge(&c.led.slot)
}

func (f *Second) finish(p *past, r *Recorder) {
	f.Counts = p.counts
	f.LagN, f.LagMax = p.lag.count, p.lag.max
	f.LagP50, f.LagP99 = p.lag.Percentile(50), p.lag.Percentile(99)
	f.RecentLagN, f.RecentLagP99 = r.recentLag(f.Number)
	f.SlotP50 = f.slot.Percentile(50)
	f.ServiceP50 = p.service.Percentile(50)
	f.LittleMeasured, f.LittleExpected, f.LittleRough = r.little.second()
}

// recentLag is the count and the p99 of the send lag over the seconds up to n.
func (r *Recorder) recentLag(n int64) (count, p99 int64) {
	r.piles = r.piles[:0]
	for back := range int64(windowSeconds) {
		p := &r.past[max(n-back, 0)%pastSeconds]
		if p.second != n-back {
			break
		}
		r.piles = append(r.piles, &p.lag)
		if count += p.lag.count; count >= enoughP99 {
			break
		}
	}
	l := summarize(r.piles, nil, 0)
	return count, l.P[P99]
}

// enoughP99 is how many samples a p99 needs: 10 above it.
const enoughP99 = 1000

// little keeps both sides of Little's law: the time that slots were occupied,
// by the engine's integral and by the requests' own stamps. Both are read at
// ticks, and a second's figures are between two ticks.
type little struct {
	done  int64 // Σ(T8−T2) of ended requests
	rough int64 // integral from the gauge at the ticks
	seen  bool  // the engine keeps its own integral
	blind bool  // open requests without OpenBusy
	prev  littleTick
	mark  littleTick // where the newest finished second began
	next  littleTick // where it ended, and the present one began
}

type littleTick struct{ at, measured, expected, occupied int64 }

func (l *little) tick(now int64, g Gauge) {
	occupied := g.Connecting + g.InFlight
	l.rough += (occupied + l.prev.occupied) * (now - l.prev.at) / 2
	l.seen = l.seen || g.Busy > 0
	l.blind = occupied > 0 && g.OpenBusy == 0
	t := littleTick{at: now, measured: g.Busy, expected: l.done + g.OpenBusy, occupied: occupied}
	if !l.seen {
		t.measured = l.rough
	}
	if now/secondNanos > l.prev.at/secondNanos {
		l.mark, l.next = l.next, t
	}
	l.prev = t
}

// second returns mean occupied slots, measured and expected, of the newest
// whole second between ticks.
func (l *little) second() (measured, expected float64, rough bool) {
	dt := float64(l.next.at - l.mark.at)
	if dt <= 0 || l.blind {
		return 0, 0, !l.seen
	}
	return float64(l.next.measured-l.mark.measured) / dt, float64(l.next.expected-l.mark.expected) / dt, !l.seen
}
