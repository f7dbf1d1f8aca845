package measure

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

const (
	maxBlocks    = 256 // kept by a segment while it is open
	frozenBlocks = 32  // and after its end; also the blocks that are resampled
	minBlocks    = 5   // fewer say nothing about the spread
	resamples    = 200
	coarseBits   = 3 // 8 buckets become one: 0.8 % wide
	coarseCount  = numPages*pageSize>>coarseBits + 1
	statCount    = NumPercentiles + 1 // the percentiles and the maximum
)

// Change compares a figure of the current segment with that of an earlier one.
type Change struct {
	Percent float64 // +44 for 44 % more
	Valid   bool    // both have the figure; without it nothing else means anything
	// Judged says that both are STEADY and undisturbed and long enough to tell;
	// Different then says whether the 95 % interval of the difference excludes 0.
	Judged    bool
	Different bool
}

// block is the response times of OK of some neighbouring seconds, in coarse
// buckets: enough to resample from.
type block struct {
	buckets []coarse
	max     int64
}

type coarse struct {
	bucket uint16
	n      uint32
}

// blocks are those of a segment. When they become too many, neighbours merge.
type blocks struct {
	list  []block
	width int // seconds in a block
	fill  int // seconds in the last one
}

// add appends a second.
func (b *blocks) add(one block) {
	b.width = max(b.width, 1)
	if n := len(b.list); n > 0 && b.fill < b.width {
		b.list[n-1] = joinBlocks(b.list[n-1], one)
		b.fill++
		return
	}
	b.list, b.fill = append(b.list, one), 1
	if len(b.list) > maxBlocks {
		b.halve()
	}
}

// halve merges each block with the next.
func (b *blocks) halve() {
	if len(b.list)%2 == 0 {
		b.fill += b.width
	}
	b.list = pairUp(b.list)
	b.width *= 2
}

// compact is for the end of a segment.
func (b *blocks) compact() { b.list = atMost(b.list, frozenBlocks) }

func atMost(list []block, n int) []block {
	for len(list) > n {
		list = pairUp(list)
	}
	return list
}

func pairUp(list []block) []block {
	out := make([]block, 0, maxBlocks)[: 0 : (len(list)+1)/2]
	for i := 0; i < len(list); i += 2 {
		if i+1 == len(list) {
			out = append(out, list[i])
			break
		}
		out = append(out, joinBlocks(list[i], list[i+1]))
	}
	return out
}

func coarseBlock(h *Histogram) block {
	b := block{max: h.max}
	var buf [512]coarse
	list := buf[:0]
	for i, pg := range h.pages {
		if pg == nil {
			continue
		}
		for j := 0; j < pageSize; j += 1 << coarseBits {
			n := uint32(0)
			for _, c := range pg[j : j+1<<coarseBits] {
				n += c
			}
			if n > 0 {
				list = append(list, coarse{uint16((i<<pageBits + j) >> coarseBits), n})
			}
		}
	}
	if h.over > 0 {
		list = append(list, coarse{coarseCount - 1, uint32(h.over)})
	}
	b.buckets = slices.Clone(list)
	return b
}

func joinBlocks(a, b block) block {
	out := block{max: max(a.max, b.max), buckets: make([]coarse, 0, len(a.buckets)+len(b.buckets))}
	for i, j := 0, 0; i < len(a.buckets) || j < len(b.buckets); {
		switch {
		case j == len(b.buckets) || i < len(a.buckets) && a.buckets[i].bucket < b.buckets[j].bucket:
			out.buckets = append(out.buckets, a.buckets[i])
			i++
		case i == len(a.buckets) || b.buckets[j].bucket < a.buckets[i].bucket:
			out.buckets = append(out.buckets, b.buckets[j])
			j++
		default:
			out.buckets = append(out.buckets, coarse{a.buckets[i].bucket, a.buckets[i].n + b.buckets[j].n})
			i, j = i+1, j+1
		}
	}
	return out
}

// figures are percentiles and the maximum of one resample.
type figures [statCount]float64

// resample draws as many blocks as there are, with replacement, again and
// again: a block bootstrap, so that what happens in bursts stays in bursts.
func resample(list []block, rng *rand.Rand, out *[resamples]figures) {
	var sum [coarseCount]uint64
	low, high := uint16(coarseCount-1), uint16(0)
	for _, b := range list {
		low = min(low, b.buckets[0].bucket)
		high = max(high, b.buckets[len(b.buckets)-1].bucket)
	}
	used := sum[low : int(high)+1]
	for k := range out {
		clear(used)
		var n uint64
		var most int64
		for range list {
			b := &list[rng.IntN(len(list))]
			for _, c := range b.buckets {
				used[c.bucket-low] += uint64(c.n)
				n += uint64(c.n)
			}
			most = max(most, b.max)
		}
		out[k] = read(used, int(low), n, most)
	}
}

// read takes the percentiles from coarse buckets, on a line through each.
func read(used []uint64, low int, n uint64, most int64) figures {
	var f figures
	f[NumPercentiles] = float64(most)
	var seen uint64
	j := 0
	for i, c := range used {
		if c == 0 {
			continue
		}
		from := float64(lowest((low + i) << coarseBits))
		width := float64(lowest((low+i+1)<<coarseBits)) - from
		if low+i == coarseCount-1 {
			from, width = float64(most), 0
		}
		for ; j < NumPercentiles; j++ {
			rank := (n*uint64(perMyriad[j]) + 9999) / 10000
			if rank > seen+c {
				break
			}
			f[j] = from + width*float64(rank-seen)/float64(c)
		}
		seen += c
	}
	return f
}

// comparison keeps the resamples of the earlier segment and the answer of the
// present second: the work is done once a second.
type comparison struct {
	id      int // of the earlier segment, 0 for none
	second  int64
	current int
	base    [resamples]figures
	apart   [statCount]bool // the interval of the difference excludes 0
	judged  bool
}

// compare sets the earlier segment to compare the current one with, and how
// they differ.
func (r *Recorder) compare(v *View) {
	cur := v.Segments[len(v.Segments)-1]
	st := r.earlier()
	if st == nil {
		r.against.id = 0
		return
	}
	v.Against = st.built
	c := &r.against
	if c.id != st.id || c.second != r.second || c.current != cur.ID {
		c.update(st, r.current, r.second)
	}
	judged := c.judged && cur.Verdict == Steady && v.Against.Verdict == Steady && !cur.Invalid && !v.Against.Invalid
	set := func(i int, now, then int64, valid bool) Change {
		if !valid || then <= 0 {
			return Change{}
		}
		return Change{Percent: 100 * (float64(now)/float64(then) - 1), Valid: true, Judged: judged, Different: judged && c.apart[i]}
	}
	a, b := &v.Against.Stats.Response, &cur.Stats.Response
	for i := range v.Changes {
		v.Changes[i] = set(i, b.P[i], a.P[i], a.Enough[i] && b.Enough[i])
	}
	v.ChangeMax = set(NumPercentiles, b.Max, a.Max, a.Count > 0 && b.Count > 0)
}

// earlier is the newest finished hold under the current model that can stand
// beside the current segment.
func (r *Recorder) earlier() *segment {
	for i := len(r.segments) - 2; i >= 0; i-- {
		st := r.segments[i]
		if st.kind == Hold && st.closedModel == r.current.closedModel && st.built != nil &&
			!st.built.Invalid && st.built.Stats.Response.Enough[P90] {
			return st
		}
	}
	return nil
}

func (c *comparison) update(then, now *segment, second int64) {
	a, b := atMost(then.blocks.list, frozenBlocks), atMost(now.blocks.list, frozenBlocks)
	fresh := c.id != then.id || !then.closed || then.base != nil
	c.id, c.current, c.second = then.id, now.id, second
	c.judged = len(a) >= minBlocks && len(b) >= minBlocks
	if !c.judged {
		c.id = 0 // the base was not drawn
		c.apart = [statCount]bool{}
		return
	}
	rng := rand.New(rand.NewPCG(uint64(then.id), uint64(now.id)))
	if fresh {
		resample(a, rng, &c.base)
	}
	var draws [resamples]figures
	resample(b, rng, &draws)
	c.apart = apart(&c.base, &draws)
}

// apart tells for each figure whether the 95 % interval of the ratio excludes 1.
func apart(then, now *[resamples]figures) (out [statCount]bool) {
	var ratios [resamples]float64
	for i := range out {
		for k := range ratios {
			ratios[k] = now[k][i] / max(then[k][i], 1)
		}
		slices.SortFunc(ratios[:], cmp.Compare[float64])
		out[i] = ratios[resamples/40-1] > 1 || ratios[resamples-resamples/40] < 1
	}
	return out
}
