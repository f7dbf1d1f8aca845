package measure

// perMyriad are the Percentiles as whole parts of 10,000, for exact ranks.
var perMyriad = [NumPercentiles]int64{5000, 7500, 9000, 9500, 9900, 9990, 9999}

// summarize is the ladder of a population that is the sum of done, of requests
// still open at the ages in open (nil for none), and of failed ones that rank
// above every value. Mean and Min are of done alone.
//
// Within a bucket the open ones rank last, and they are read at its lower
// edge: their true value can only be higher.
func summarize(done []*Histogram, open *Histogram, failed int64) Ladder {
	var l Ladder
	var sum float64
	var completed, over int64
	for _, h := range done {
		if h.count == 0 {
			continue
		}
		if completed == 0 || h.min < l.Min {
			l.Min = h.min
		}
		l.Max = max(l.Max, h.max)
		completed += h.count
		over += h.over
		sum += sumOf(h)
	}
	if completed > 0 {
		l.Mean = sum / float64(completed)
	}
	l.Count = completed + failed
	if open != nil {
		l.Count += open.count
	}
	if l.Count == 0 {
		return l
	}
	var ranks [NumPercentiles]int64
	for j, q := range perMyriad {
		ranks[j] = (l.Count*q + 9999) / 10000
		l.Enough[j] = l.Count*(10000-q) >= 10*10000
	}

	most, j := l.Max, 0
	seen := walk(done, open, ranks[0], func(bucket int, ended, all int64) int64 {
		for ; j < NumPercentiles && ranks[j] <= ended; j++ {
			l.P[j] = min(highest(bucket), most)
		}
		for ; j < NumPercentiles && ranks[j] <= all; j++ {
			l.P[j], l.Open[j] = lowest(bucket), true
		}
		if j == NumPercentiles {
			return 0
		}
		return ranks[j]
	})
	seen += over
	for ; j < NumPercentiles && ranks[j] <= seen; j++ {
		l.P[j] = most
	}
	if open != nil && open.count > 0 && open.max > l.Max {
		l.Max, l.MaxOpen = open.max, true
	}
	for ; j < NumPercentiles; j++ {
		l.P[j], l.Open[j] = l.Max, true
		l.Fail[j] = ranks[j] > l.Count-failed
	}
	l.MaxOpen = l.MaxOpen || failed > 0
	return l
}

// walk goes through the buckets of a sum of histograms in order of their values
// and calls visit at the one that holds the wanted rank, from 1: with how many
// values there are up to and with this bucket, without those of open and with
// them. What it returns is wanted next, 0 for nothing more. Without open (nil)
// both numbers are the same. walk returns how many values it passed, which are
// all within the range of the buckets if a wanted rank was not found.
func walk(done []*Histogram, open *Histogram, want int64, visit func(bucket int, ended, all int64) int64) (seen int64) {
	high := false
	for _, h := range done {
		high = high || h.high != nil
	}
	var buf [16]*page
	for i := 0; i < numPages && want > 0; i++ {
		pages := buf[:0]
		for _, h := range done {
			if h.pages[i] != nil {
				pages = append(pages, h.pages[i])
			}
		}
		var waiting *page
		if open != nil {
			waiting = open.pages[i]
		}
		if len(pages) == 0 && waiting == nil {
			continue
		}
		for k := 0; k < pageSize && want > 0; k++ {
			if k%strideSize == 0 && !high { // most strides hold no rank: sum and skip
				n := strideSum(waiting, k)
				for _, pg := range pages {
					n += strideSum(pg, k)
				}
				if seen+n < want {
					seen += n
					k += strideSize - 1
					continue
				}
			}
			for _, pg := range pages {
				seen += int64(pg[k])
			}
			if high {
				for _, h := range done {
					seen += int64(h.high[i<<pageBits+k])
				}
			}
			ended := seen
			if waiting != nil {
				seen += int64(waiting[k])
			}
			if want <= seen {
				want = visit(i<<pageBits+k, ended, seen)
			}
		}
	}
	return seen
}

const strideSize = 16

// strideSum is the sum of 16 counters; 0 without a page.
func strideSum(pg *page, k int) int64 {
	if pg == nil {
		return 0
	}
	c := (*[strideSize]uint32)(pg[k:])
	return int64(c[0]) + int64(c[1]) + int64(c[2]) + int64(c[3]) +
		int64(c[4]) + int64(c[5]) + int64(c[6]) + int64(c[7]) +
		int64(c[8]) + int64(c[9]) + int64(c[10]) + int64(c[11]) +
		int64(c[12]) + int64(c[13]) + int64(c[14]) + int64(c[15])
}
