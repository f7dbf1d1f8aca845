package measure

import (
	"strconv"
	"time"
)

// Count writes a whole number with separators: "38,456".
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Three writes a number with three significant digits and never with an
// exponent: "1,200", "12.3", "0.25".
func Three(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if rounded >= 1000 {
		return Count(int64(rounded))
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

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
	switch d = max(d, 0); {
	case d < 2*time.Minute:
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	case d < 2*time.Hour:
		return strconv.FormatInt(int64(d/time.Minute), 10) + " min"
	}
	return strconv.FormatInt(int64(d/time.Hour), 10) + " h"
}
