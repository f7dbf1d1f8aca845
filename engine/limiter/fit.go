package limiter

import (
	"math"
	"time"
)

// fit is a limiter and how well it explains what was seen. The zero value is
// that nothing was fitted yet.
type fit struct {
	kind       Kind
	rate       float64 // per second
	size       float64 // of a bucket
	window     float64 // ns
	confidence float64
}

func (f fit) estimate() Estimate {
	if f.confidence < convincing || f.kind == "" {
		return Estimate{Kind: None}
	}
	e := Estimate{Kind: f.kind, Rate: f.rate, Burst: f.size, Confidence: f.confidence, Window: time.Duration(f.window)}
	if f.kind == LeakyBucket && f.size > 0 {
		e.Burst--
	}
	return e
}

// skill is how much better than chance a limiter explains the decisions: Cohen's
// kappa, with the share that it agrees with when a coin decides as what chance
// gives.
func (h history) skill(replay func(history) tally, coin history) float64 {
	got, chance := replay(h).share(), replay(coin).share()
	if chance >= 1 {
		return 0
	}
	return max((got-chance)/(1-chance), 0)
}

// clearly is how much better the less simple kind must explain what was seen.
const clearly = 0.1

// fit infers the limiter. The simpler kind is preferred to one that explains
// hardly more: a bucket of one, a bucket, a window. size is that of the bucket,
// as far as it is known from what came before; 0 for unknown.
func (h history) fit(size float64) fit {
	accepted, refused := h.counts()
	if accepted < fewest || refused < fewest {
		return fit{kind: None}
	}
	coin := h.coin()
	best := fit{kind: None}
	if b, open := h.aSpacing(); open < 0.25 {
		best = fit{kind: TokenBucket, rate: 1e9 / b.every, size: 1, confidence: (1 - open/2) * h.skill(b.replay, coin)}
	}
	if b, ok := h.aBucket(size); ok {
		f := b.fit(h)
		f.confidence = h.skill(b.replay, coin)
		enough := best.confidence - clearly
		if f.size > 2 {
			enough = min(enough, convincing) // a burst speaks against a bucket of one, though it is few decisions
		}
		if f.confidence > enough {
			best = f
		}
	}
	simplest, pace := best.confidence, h.pace()*1e9
	for _, w := range h.windows() {
		f := fit{kind: FixedWindow, rate: float64(w.count) * 1e9 / w.length, window: w.length}
		if f.rate > 1.25*pace {
			continue // half a window, every second of which lets nothing in
		}
		f.confidence = h.skill(w.replay, coin)
		if f.confidence > max(simplest+clearly, best.confidence) {
			best = f
		}
	}
	if best.confidence < convincing || best.kind != LeakyBucket && h.concurrency() > best.confidence-clearly {
		return fit{kind: None}
	}
	took, _ := h.took(false)
	switch {
	case best.kind == FixedWindow && math.Abs(took-best.window) < 0.05*best.window:
		return fit{kind: None} // a window as long as an answer takes is so many at once
	case best.kind == TokenBucket && best.size <= 2 && h.busy(1e9/best.rate):
		return fit{kind: None}
	}
	few := float64(min(accepted, refused))
	best.confidence *= few / (few + 4)
	return best
}
