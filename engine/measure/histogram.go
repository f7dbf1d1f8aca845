package measure

import (
	"math"
	"math/bits"
)

// The layout is that of HdrHistogram for 1 ns to 1 h at three digits: values
// below 2048 have a bucket each, above that every power of two is cut into
// 1024 buckets.
const (
	pageBits = 10
	pageSize = 1 << pageBits
	numPages = 33

	// MaxValue is the largest value with a bucket, in nanoseconds: one hour.
	MaxValue int64 = 3_600_000_000_000
)

type page [pageSize]uint32

// pagePool keeps cleared pages for reuse, so that a recorder in its steady
// state allocates nothing. A nil pool allocates and forgets.
type pagePool struct{ free []*page }

func (p *pagePool) get() *page {
	if p == nil || len(p.free) == 0 {
		return new(page)
	}
	last := len(p.free) - 1
	pg := p.free[last]
	p.free = p.free[:last]
	return pg
}

func (p *pagePool) put(pg *page) {
	if p == nil {
		return
	}
	*pg = page{}
	p.free = append(p.free, pg)
}

// Histogram counts values in nanoseconds. A percentile read from it is never
// below the exact one and at most 1/1024 above it; below 2048 ns it is exact.
// Count, sum, minimum and maximum are exact. Values above [MaxValue] are
// counted, never dropped: see [Histogram.Overflow].
//
// Its pages appear as values fall into them. The zero value is an empty
// histogram; one goroutine uses it at a time.
type Histogram struct {
	pages [numPages]*page
	high  map[int]uint64 // what no longer fits the 32 bits of a counter
	pool  *pagePool
	count int64
	over  int64
	sumLo uint64 // 128 bits: the run's sum must not wrap
	sumHi uint64
	min   int64
	max   int64
}

// bucketOf returns the bucket of a value in 0 to MaxValue.
func bucketOf(v int64) int {
	e := bits.Len64(uint64(v)|(2*pageSize-1)) - (pageBits + 1)
	return e<<pageBits + int(v>>uint(e))
}

// lowest returns the smallest value of a bucket.
func lowest(bucket int) int64 {
	if bucket < 2*pageSize {
		return int64(bucket)
	}
	e := uint(bucket>>pageBits) - 1
	return int64(bucket&(pageSize-1)+pageSize) << e
}

// highest returns the largest value of a bucket.
func highest(bucket int) int64 { return lowest(bucket+1) - 1 }

// Add counts one value. A negative one counts as 0: stamps of one monotonic
// clock cannot produce it.
func (h *Histogram) Add(v int64) {
	if uint64(v) > uint64(MaxValue) {
		h.AddN(v, 1)
		return
	}
	b := bucketOf(v)
	pg := h.pages[b>>pageBits]
	if pg == nil {
		pg = h.newPage(b >> pageBits)
	}
	c := &pg[b&(pageSize-1)]
	*c++
	if *c == 0 {
		h.carry(b)
	}
	if v < h.min || h.count == 0 {
		h.min = v
	}
	if v > h.max {
		h.max = v
	}
	h.count++
	lo := h.sumLo + uint64(v)
	if lo < h.sumLo {
		h.sumHi++
	}
	h.sumLo = lo
}

// AddN counts n equal values; n ≤ 0 does nothing.
func (h *Histogram) AddN(v, n int64) {
	if n <= 0 {
		return
	}
	v = max(v, 0)
	if v > MaxValue {
		h.over += n
	} else {
		h.addBucket(bucketOf(v), uint64(n))
	}
	if v < h.min || h.count == 0 {
		h.min = v
	}
	h.max = max(h.max, v)
	h.count += n
	hi, lo := bits.Mul64(uint64(v), uint64(n))
	h.addSum(hi, lo)
}

func (h *Histogram) addSum(hi, lo uint64) {
	var c uint64
	h.sumLo, c = bits.Add64(h.sumLo, lo, 0)
	h.sumHi += hi + c
}

func (h *Histogram) newPage(i int) *page {
	h.pages[i] = h.pool.get()
	return h.pages[i]
}

func (h *Histogram) carry(bucket int) {
	if h.high == nil {
		h.high = make(map[int]uint64)
	}
	h.high[bucket] += 1 << 32
}

// addBucket adds to a counter only; count, sum and extremes are the caller's.
func (h *Histogram) addBucket(bucket int, n uint64) {
	pg := h.pages[bucket>>pageBits]
	if pg == nil {
		pg = h.newPage(bucket >> pageBits)
	}
	c := &pg[bucket&(pageSize-1)]
	sum := uint64(*c) + n
	*c = uint32(sum)
	for ; sum > math.MaxUint32; sum -= 1 << 32 {
		h.carry(bucket)
	}
}

// at returns the counter of a bucket.
func (h *Histogram) at(bucket int) uint64 {
	pg := h.pages[bucket>>pageBits]
	if pg == nil {
		return 0
	}
	n := uint64(pg[bucket&(pageSize-1)])
	if h.high != nil {
		n += h.high[bucket]
	}
	return n
}

// Merge adds everything counted in o; nothing is lost. o stays as it is.
func (h *Histogram) Merge(o *Histogram) {
	if o.count == 0 {
		return
	}
	for i, src := range o.pages {
		if src == nil {
			continue
		}
		dst := h.pages[i]
		if dst == nil {
			dst = h.newPage(i)
		}
		for j := 0; j < pageSize; j += strideSize {
			if strideSum(src, j) == 0 { // most of a second's strides
				continue
			}
			for k := j; k < j+strideSize; k++ {
				n := src[k]
				sum := dst[k] + n
				dst[k] = sum
				if sum < n {
					h.carry(i<<pageBits + k)
				}
			}
		}
	}
	for b, n := range o.high {
		if h.high == nil {
			h.high = make(map[int]uint64)
		}
		h.high[b] += n
	}
	h.mergeTotals(o.count, o.over, o.sumHi, o.sumLo, o.min, o.max)
}

func (h *Histogram) mergeTotals(count, over int64, hi, lo uint64, least, most int64) {
	if h.count == 0 || least < h.min {
		h.min = least
	}
	h.max = max(h.max, most)
	h.count += count
	h.over += over
	h.addSum(hi, lo)
}

// Reset empties the histogram and gives its pages back for reuse.
func (h *Histogram) Reset() {
	for i, pg := range h.pages {
		if pg != nil {
			h.pool.put(pg)
			h.pages[i] = nil
		}
	}
	*h = Histogram{pool: h.pool}
}

// Count is the number of values, those above MaxValue included.
func (h *Histogram) Count() int64 { return h.count }

// Overflow is the number of values above [MaxValue]. A percentile that falls
// on one of them reads the maximum.
func (h *Histogram) Overflow() int64 { return h.over }

// Min is the exact smallest value, 0 if there is none.
func (h *Histogram) Min() int64 { return h.min }

// Max is the exact largest value, 0 if there is none.
func (h *Histogram) Max() int64 { return h.max }

// Mean is the exact sum divided by the count, 0 if there is none.
func (h *Histogram) Mean() float64 {
	if h.count == 0 {
		return 0
	}
	return sumOf(h) / float64(h.count)
}

func sumOf(h *Histogram) float64 {
	return math.Ldexp(float64(h.sumHi), 64) + float64(h.sumLo)
}

// Percentile returns the value at percentile p, 0 to 100, by nearest rank
// ⌈p·n⌉, read at the upper edge of its bucket but never above the maximum.
// It is 0 for an empty histogram.
func (h *Histogram) Percentile(p float64) int64 {
	return h.Ranked(rankOf(p, h.count))
}

// Ranked returns the value of a rank, 1 to Count, read as Percentile does.
func (h *Histogram) Ranked(rank int64) int64 {
	b := h.bucketRanked(rank)
	if b < 0 {
		return h.max
	}
	return min(highest(b), h.max)
}

// bucketRanked returns the bucket of a rank, -1 when it is above MaxValue or
// the histogram is empty.
func (h *Histogram) bucketRanked(rank int64) int {
	rank = max(rank, 1)
	var seen int64
	for i, pg := range h.pages {
		if pg == nil {
			continue
		}
		for j := range pg {
			b := i<<pageBits + j
			if seen += int64(h.at(b)); seen >= rank {
				return b
			}
		}
	}
	return -1
}

// trim keeps the n smallest values. Sum and maximum are not corrected: it is
// for lower bounds only, where a smaller one stays true.
func (h *Histogram) trim(n int64) {
	extra := h.count - n
	if extra <= 0 {
		return
	}
	drop := min(extra, h.over)
	h.over -= drop
	h.count -= drop
	extra -= drop
	for i := numPages - 1; i >= 0 && extra > 0; i-- {
		pg := h.pages[i]
		if pg == nil {
			continue
		}
		for j := pageSize - 1; j >= 0 && extra > 0; j-- {
			drop := min(extra, int64(pg[j]))
			pg[j] -= uint32(drop)
			h.count -= drop
			extra -= drop
		}
	}
	h.max = h.Ranked(h.count)
}

// rankOf is the nearest rank ⌈p·n/100⌉, without the rounding errors of a
// floating product: p counts to the millionth.
func rankOf(p float64, n int64) int64 {
	if n <= 0 {
		return 0
	}
	part := uint64(math.Round(min(max(p, 0), 100) * 1e6))
	hi, lo := bits.Mul64(part, uint64(n))
	quo, rem := bits.Div64(hi, lo, 100e6)
	if rem > 0 {
		quo++
	}
	return max(int64(quo), 1)
}
