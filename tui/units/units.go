package units

import (
	"math"
	"strconv"
	"strings"
	"time"

	"stoke/engine/measure"
)

// Right fills s with spaces on the left up to w characters.
func Right(s string, w int) string { return spaces(w-runes(s)) + s }

// Left fills s with spaces on the right up to w characters.
func Left(s string, w int) string { return s + spaces(w-runes(s)) }

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }

func runes(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

// Count writes a whole number with separators: "38,456".
func Count(n int64) string { return measure.Count(n) }

// CountIn writes a count into at most w characters, w ≥ 5: whole if it fits,
// else with three significant digits and k, M, G or T.
func CountIn(n int64, w int) string {
	if s := Count(n); len(s) <= w {
		return s
	}
	return Short(float64(n))
}

// Short writes a number with at most three significant digits and k, M, G or
// T: "950", "1.2k", "12.3k", "124k"; at most 5 characters. Trailing zeros
// behind the point are left out. Below 10 it has at most two decimals.
func Short(v float64) string {
	if !finite(v) {
		return "?"
	}
	if v < 0 {
		return "-" + Short(-v)
	}
	for i, unit := range []string{"", "k", "M", "G", "T"} {
		s := Three(v)
		if f, _ := strconv.ParseFloat(s, 64); f < 1000 || i == 4 {
			if strings.Contains(s, ".") {
				s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
			}
			return s + unit
		}
		v /= 1000
	}
	return "?"
}

// Tiny writes a count in at most 4 characters up to 999 M: "950", "1.2k", "12k",
// "950k", "1.2M". It is rounded down.
func Tiny(n int64) string {
	unit := 0
	v := float64(max(n, 0))
	for v >= 1000 && unit < 4 {
		v /= 1000
		unit++
	}
	if unit > 0 && v < 10 {
		return strconv.FormatFloat(math.Floor(v*10)/10, 'f', 1, 64) + " kMGT"[unit:unit+1]
	}
	return strings.TrimRight(strconv.FormatFloat(math.Floor(v), 'f', 0, 64)+" kMGT"[unit:unit+1], " ")
}

// Three writes a number with three significant digits and at most two
// decimals, without a unit: "0.25", "9.50", "31.2", "124", "1240".
func Three(v float64) string {
	// The decision is made on the rounded number: 9.999 is 10.0, not 10.00.
	if s := strconv.FormatFloat(v, 'f', 2, 64); len(s) <= 4 {
		return s
	}
	if s := strconv.FormatFloat(v, 'f', 1, 64); len(s) <= 4 {
		return s
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// Number writes a measured rate without its unit: decimals below 10, else
// whole with separators: "0.25", "4.98", "1,206".
func Number(v float64) string {
	if !finite(v) {
		return "?"
	}
	if v > -9.995 && v < 9.995 {
		if math.Abs(v) < 0.005 {
			return "0"
		}
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return Count(int64(math.Round(v)))
}

// Rate writes a measured rate: "1,206/s", "4.98/s".
func Rate(v float64) string { return Number(v) + "/s" }

// Setting writes a rate as it was set, with at most three decimals and
// without its unit: "1,200", "7", "999.999", "0.5".
func Setting(v float64) string {
	if !finite(v) {
		return "?"
	}
	milli := int64(math.Round(v * 1000))
	s := Count(milli / 1000)
	if frac := milli % 1000; frac != 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(1000+max(frac, -frac), 10)[1:], "0")
	}
	return s
}

// NumberIn writes a measured rate without its unit into at most w characters,
// w ≥ 5.
func NumberIn(v float64, w int) string {
	if s := Number(v); len(s) <= w {
		return s
	}
	return Short(v)
}

// Latency writes nanoseconds with three significant digits: "980 ns",
// "980 µs", "31.2 ms", "124 ms", "1.24 s", "1,240 s"; at most 7 characters up
// to an hour.
func Latency(ns int64) string {
	v := float64(ns)
	for _, unit := range []string{"ns", "µs", "ms"} {
		if math.Round(v) < 1000 || v < 999.5 {
			if unit == "ns" {
				return strconv.FormatInt(ns, 10) + " ns"
			}
			return Three(v) + " " + unit
		}
		v /= 1000
	}
	if v < 999.5 {
		return Three(v) + " s"
	}
	return Count(int64(math.Round(v))) + " s"
}

// Between writes an interval in nanoseconds: "30.8 – 31.2 ms", "980 µs – 1.02
// ms"; at most 17 characters up to an hour.
func Between(low, high int64) string {
	a, b := Latency(low), Latency(high)
	if na, ua, _ := strings.Cut(a, " "); strings.HasSuffix(b, " "+ua) {
		return na + " – " + b
	}
	return a + " – " + b
}

// Tight writes nanoseconds without the space, trailing zeros left out, for
// the smallest screens: "124ms".
func Tight(ns int64) string {
	num, unit, _ := strings.Cut(Latency(ns), " ")
	if strings.Contains(num, ".") {
		num = strings.TrimRight(strings.TrimRight(num, "0"), ".")
	}
	return num + unit
}

// Clock writes a time since the start: "00:03:42", at least 8 characters.
func Clock(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	return two(s/3600) + ":" + two(s/60%60) + ":" + two(s%60)
}

func two(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

// Span writes a length of time in one unit: "32 s", "12 min", "3 h"; at most 6
// characters up to 999 h. It is rounded down, as a clock is read.
func Span(d time.Duration) string { return measure.Span(d) }

// Countdown writes a time that is left as [Span] does, but rounded up: it does
// not say 0 while something is left.
func Countdown(d time.Duration) string { return Span(d + time.Second - 1) }

// Percent writes part of whole: "100.0 %", "99.60 %", "98.4 %", "0.29 %",
// "<0.01 %"; at most 7 characters. Without a whole it is "–".
func Percent(part, whole int64) string {
	switch {
	case whole <= 0:
		return "–"
	case part >= whole:
		return "100.0 %"
	case part <= 0:
		return "0.00 %"
	}
	v := float64(part) / float64(whole) * 100
	switch {
	case v < 0.01:
		return "<0.01 %"
	case v >= 98.95: // near the whole, rounding down keeps the promise
		return strconv.FormatFloat(math.Floor(v*100)/100, 'f', 2, 64) + " %"
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(v, 'f', 2, 64) + " %"
}

// Success writes a share as [Percent] does but always rounded down and with two
// decimals up to 99.99 %: "85.30 %", 7 characters from 10 % on.
func Success(ok, of int64) string {
	if of <= 0 || ok >= of || ok <= 0 {
		return Percent(ok, of)
	}
	return strconv.FormatFloat(math.Floor(float64(ok)/float64(of)*1e4)/100, 'f', 2, 64) + " %"
}

// Percentage writes how much a value moved, in percent: "+9 %", "-32 %", and
// from ten times on "×12"; at most 6 characters up to ×999.
func Percentage(percent float64) string {
	if !finite(percent) {
		return "?"
	}
	if f := percent/100 + 1; f >= 9.995 {
		return "×" + Short(math.Round(f))
	}
	switch p := math.Round(percent); {
	case p > 0:
		return "+" + strconv.FormatFloat(p, 'f', 0, 64) + " %"
	case p < 0:
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	}
	return "0 %"
}

// Change writes how much a value moved, as [Percentage] does. Without a value
// before it is empty.
func Change(before, now int64) string {
	if before <= 0 || now < 0 {
		return ""
	}
	return Percentage(100 * (float64(now)/float64(before) - 1))
}

// Bytes writes a number of bytes, k = 1000: "312 B", "4.10 kB"; at most 7
// characters up to a petabyte.
func Bytes(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(max(n, 0), 10) + " B"
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB"} {
		if v /= 1000; v < 999.5 {
			return Three(v) + " " + unit
		}
	}
	return Three(v/1000) + " TB"
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
