package measure

import (
	"strconv"
	"time"
)

// Percent writes a share with three significant digits, zeros kept, so that the
// words around it stay where they are: "36.0 %", "1.50 %", "0.29 %".
func Percent(share float64) string {
	digits := 2
	if share >= 0.09995 {
		digits = 1
	}
	return strconv.FormatFloat(100*share, 'f', digits, 64) + " %"
}

// Span writes a length of time in one unit: "32 s", "12 min", "3 h". It is
// rounded down, as a clock is read.
func Span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	case d < 2*time.Hour:
		return strconv.FormatInt(int64(d/time.Minute), 10) + " min"
	}
	return strconv.FormatInt(int64(d/time.Hour), 10) + " h"
}
