package measure

import (
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const digits = 3

// Encode returns the histogram as an HdrHistogram V2 compressed payload in
// base64, unit 1 ns, which the readers of every language understand. The
// payload holds the buckets only: carry sum, minimum, maximum and
// [Histogram.Overflow] beside it if they must stay exact.
func (h *Histogram) Encode() ([]byte, error) {
	s := &hdrhistogram.Snapshot{
		LowestTrackableValue: 1, HighestTrackableValue: MaxValue, SignificantFigures: digits,
		Counts: make([]int64, numPages*pageSize),
	}
	for i := range s.Counts {
		s.Counts[i] = int64(h.at(i))
	}
	b, err := hdrhistogram.Import(s).Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, fmt.Errorf("encoding a histogram: %w", err)
	}
	return b, nil
}

// Decode reads what [Histogram.Encode] wrote. Sum, minimum and maximum of the
// result are read at the edges of their buckets. A payload of another unit,
// range or precision is refused: its buckets would not be these.
func Decode(payload []byte) (*Histogram, error) {
	lib, err := hdrhistogram.Decode(payload)
	if err != nil {
		return nil, fmt.Errorf("decoding a histogram: %w", err)
	}
	s := lib.Export()
	if s.LowestTrackableValue != 1 || s.HighestTrackableValue != MaxValue || s.SignificantFigures != digits {
		return nil, fmt.Errorf("decoding a histogram: it is for %d to %d at %d digits, want 1 to %d at %d",
			s.LowestTrackableValue, s.HighestTrackableValue, s.SignificantFigures, MaxValue, digits)
	}
	h := new(Histogram)
	for b, n := range s.Counts {
		if n <= 0 {
			continue
		}
		if n > math.MaxInt64>>8 { // no run is that long; adding such counts would wrap
			return nil, fmt.Errorf("decoding a histogram: a bucket counts %d", n)
		}
		least := h.Min()
		if h.count == 0 {
			least = lowest(b)
		}
		h.AddN(min(highest(b), MaxValue), n)
		h.min = least
	}
	return h, nil
}
