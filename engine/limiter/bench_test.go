package limiter

import "testing"

// What a recorder pays for each answer: no more than 50 ns on a quiet machine,
// the sorting included.
func BenchmarkAdd(b *testing.B) {
	o := NewObserver()
	for i := range b.N {
		// Answers come a little out of order, as with some under way at once.
		o.Add(0, int64(i)*100_000+int64(i*7919%16)*100_000, 1e6, i%3 != 0)
	}
}

// What the recorder pays in a second in which everything is new, with as many
// kept as ever.
func BenchmarkEstimate(b *testing.B) {
	for _, l := range []struct {
		name string
		make func() truth
	}{
		{"token bucket", func() truth { return tokens(1000, 50) }},
		{"spacing", func() truth { return limitReq(100, 0, false) }},
		{"window", func() truth { return counter(500, 1e9, 3e8) }},
		{"random", func() truth { return atRandom(0.3, 1) }},
	} {
		b.Run(l.name, func(b *testing.B) {
			o := NewObserver()
			drive(o, l.make(), load{legs: []leg{{2000, 16}}, jitter: 1e6, seed: 1})
			for b.Loop() {
				o.fresh = kept
				o.Estimate()
			}
		})
	}
}
