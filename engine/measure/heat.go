package measure

import "math"

// The buckets of a heat map are eighths of a decade from 10 µs to 100 s, with
// one below and one above: every fourth edge is a half decade, as on an axis.
const (
	HeatPerDecade = 8
	HeatBuckets   = 7*HeatPerDecade + 2
	heatLowest    = 4 // decades of nanoseconds: 10 µs
)

// HeatSecond is where the response times of a second lay: of OK that ended in
// it, by bucket.
type HeatSecond struct {
	Second int64
	First  int      // the bucket of N[0]
	N      []uint32 // up to the last one that is not 0; nil without an answer
}

// Heat is the run second by second, in chunks of 256. A published Heat is never
// changed.
type Heat struct {
	Chunks [][]HeatSecond
}

// HeatFrom returns the smallest value of a bucket, in nanoseconds.
func HeatFrom(bucket int) int64 {
	if bucket <= 0 {
		return 0
	}
	return int64(math.Round(math.Pow(10, heatLowest+float64(bucket-1)/HeatPerDecade)))
}

// heatLog grows the published Heat. It is written once a second, from the
// second's histogram; a sample costs nothing.
type heatLog struct {
	edges  [HeatBuckets]int // bucket of a Histogram at which each begins
	chunks [][]HeatSecond
	rows   int
	view   [][]HeatSecond
}

func (l *heatLog) init() {
	for i := range l.edges {
		l.edges[i] = bucketOf(HeatFrom(i))
	}
}

func (l *heatLog) append(second int64, h *Histogram) {
	if l.rows%chunkRows == 0 {
		l.chunks = append(l.chunks, make([]HeatSecond, 0, chunkRows))
	}
	row := HeatSecond{Second: second}
	var n [HeatBuckets]uint32
	at, last := 0, -1
	row.First = HeatBuckets
	for i, pg := range h.pages {
		if pg == nil {
			continue
		}
		for j := 0; j < pageSize; j++ {
			if j%strideSize == 0 && strideSum(pg, j) == 0 {
				j += strideSize - 1
				continue
			}
			if pg[j] == 0 {
				continue
			}
			for at+1 < HeatBuckets && l.edges[at+1] <= i<<pageBits+j {
				at++
			}
			n[at] += pg[j]
			row.First, last = min(row.First, at), at
		}
	}
	if h.over > 0 {
		last = HeatBuckets - 1
		n[last] += uint32(h.over)
		row.First = min(row.First, last)
	}
	if last >= 0 {
		row.N = append([]uint32(nil), n[row.First:last+1]...)
	}
	c := len(l.chunks) - 1
	l.chunks[c] = append(l.chunks[c], row)
	l.rows++
	l.view = nil
}

// publish returns what there is so far: what is appended later lies behind the
// length of every slice handed out.
func (l *heatLog) publish() Heat {
	if l.view == nil {
		l.view = append([][]HeatSecond(nil), l.chunks...)
	}
	return Heat{Chunks: l.view}
}
