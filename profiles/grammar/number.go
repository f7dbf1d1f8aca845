package grammar

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseRate reads a rate in requests per second: 2k, 1.5k, 1,200, 90/m. Zero
// is a rate. Its error is an [*Error].
func ParseRate(text string) (float64, error) {
	v, err := rateOf(text)
	if err != nil {
		return 0, err
	}
	return v, nil
}

// ParseCount reads a whole number from 1 to [MaxConcurrency], written as a
// rate's number is: 64, 1,200, 2k. Its error is an [*Error].
func ParseCount(text string) (int, error) {
	n, err := countOf(text, false)
	if err != nil {
		return 0, err
	}
	return n, nil
}

// ParseDuration reads a length of time above 0 and up to [MaxDuration]: 30s,
// 5m, 1h30m, 500ms. Its error is an [*Error].
func ParseDuration(text string) (time.Duration, error) {
	d, err := durationOf(text)
	if err != nil {
		return 0, err
	}
	return d, nil
}

const rateExample = "write it like 200, 1.5k or 90/m"

func rateOf(text string) (float64, *Error) {
	if len(text) > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9' {
		return 0, &Error{Msg: "the rate " + show(text) + " is negative", Hint: "write 0 for no load"}
	}
	v, unit, err := number(text)
	if err != nil {
		if len(text) > 0 && text[0] >= '0' && text[0] <= '9' {
			return 0, err
		}
		return 0, &Error{Msg: show(text) + " is not a rate", Hint: rateExample}
	}
	switch unit {
	case "", "/s":
	case "/m":
		v /= 60
	case "/h":
		v /= 3600
	default:
		return 0, wrongUnit(text, unit)
	}
	if v > MaxRate {
		return 0, &Error{Msg: "the rate " + show(text) + " is absurd", Hint: "the highest is " + FormatRate(MaxRate)}
	}
	if v > 0 && v < MinRate {
		return 0, &Error{Msg: "the rate " + show(text) + " is absurd", Hint: "the lowest above 0 is " + FormatRate(MinRate)}
	}
	return v, nil
}

// wrongUnit says what was probably meant by a number followed by something
// that is no unit of a rate.
func wrongUnit(text, unit string) *Error {
	n := strings.TrimSuffix(text, unit)
	e := &Error{Offset: len(n), Msg: show(text) + " is not a rate", Hint: rateExample}
	switch strings.ToLower(unit) {
	case "m":
		e.Hint = "did you mean " + n + "/m, a minute?"
		if v, rest, err := number(n); err == nil && rest == "" && v > 0 && v*1e6 <= MaxRate {
			e.Hint = fmt.Sprintf("did you mean %s/m, a minute, or %s, millions a second?", n, FormatRate(v*1e6))
		}
	case "s", "rps", "qps", "tps", "r/s", "req/s", "/sec", "/second":
		e.Hint = "did you mean " + n + "/s?"
	case "min", "rpm", "/min", "/minute":
		e.Hint = "did you mean " + n + "/m?"
	case "h", "rph", "/hr", "/hour":
		e.Hint = "did you mean " + n + "/h?"
	case "ms":
		e.Hint = "a rate is a number of requests, not a time"
	case "%":
		e.Hint = "write +" + text + " or -" + text
	}
	return e
}

// FormatRate prints a rate as [ParseRate] reads it, exactly: 2k, 1200, 1.5,
// 100/m. It expects a rate that ParseRate can return.
func FormatRate(perSecond float64) string {
	if perSecond >= 1000 && math.Mod(perSecond, 1000) == 0 {
		return plain(perSecond/1000) + "k"
	}
	text := plain(perSecond)
	if len(text) <= len("1234.567") {
		return text
	}
	// A long fraction is often a whole number a minute or an hour.
	for _, per := range []struct {
		seconds float64
		unit    string
	}{{60, "/m"}, {3600, "/h"}} {
		if n := math.Round(perSecond * per.seconds); n/per.seconds == perSecond {
			if short := plain(n) + per.unit; len(short) < len(text) {
				return short
			}
		}
	}
	return text
}

// FormatDuration prints d as [ParseDuration] reads it, exactly, without the
// parts that are zero at the end: 5m, 1h, 1h30m.
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// countOf reads a whole number. A step (+8) may be zero, a setting may not.
func countOf(text string, step bool) (int, *Error) {
	v, rest, err := number(text)
	if err != nil {
		return 0, err
	}
	if rest != "" || v != math.Trunc(v) {
		return 0, &Error{Msg: show(text) + " is not a whole number", Hint: "write it like 64 or 1,200"}
	}
	if v < 1 && !step {
		return 0, &Error{Msg: "concurrency is at least 1", Hint: "to send nothing write rate 0, or pause"}
	}
	if v > MaxConcurrency {
		return 0, &Error{Msg: "the concurrency " + show(text) + " is absurd", Hint: "the highest is " + plain(MaxConcurrency)}
	}
	return int(v), nil
}

// number reads the number at the start of text, with k for thousands, and
// returns what follows it. Commas may only group digits by three.
func number(text string) (v float64, rest string, err *Error) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != ',' })
	if end < 0 {
		end = len(text)
	}
	digits, rest := text[:end], text[end:]
	thousands := strings.HasPrefix(rest, "k") || strings.HasPrefix(rest, "K")
	if thousands {
		rest = rest[1:]
	}
	bad := func(hint string) (float64, string, *Error) {
		return 0, "", &Error{Msg: show(text) + " is not a number", Hint: hint}
	}
	if digits == "" {
		return bad("write it like 200 or 1.5k")
	}
	whole, fraction, dotted := strings.Cut(digits, ".")
	if strings.ContainsAny(fraction, ".,") || whole == "" || (dotted && fraction == "") {
		return bad("write it like 200 or 1.5k")
	}
	if strings.Contains(whole, ",") {
		if !grouped(whole) || thousands {
			return bad(commaHint(digits, thousands))
		}
		whole = strings.ReplaceAll(whole, ",", "")
	}
	decimal := whole
	if dotted {
		decimal += "." + fraction
	}
	if thousands {
		decimal += "e3" // not times 1000: 2.3k is 2300 exactly
	}
	v, parseErr := strconv.ParseFloat(decimal, 64)
	if parseErr != nil {
		return bad("it is too large")
	}
	return v, rest, nil
}

// grouped reports whether commas stand where thousands are: 1,200, 12,000,000.
func grouped(whole string) bool {
	parts := strings.Split(whole, ",")
	if len(parts[0]) < 1 || len(parts[0]) > 3 || parts[0][0] == '0' {
		return false
	}
	for _, part := range parts[1:] {
		if len(part) != 3 {
			return false
		}
	}
	return true
}

// commaHint reads a misplaced comma as the decimal point it probably is.
func commaHint(digits string, thousands bool) string {
	before, after, _ := strings.Cut(digits, ",")
	if before == "" || after == "" || strings.ContainsAny(after, ",.") {
		return "write it like 1,200 or 1.5k"
	}
	if thousands {
		return "did you mean " + before + "." + after + "k?"
	}
	return "did you mean " + before + "." + after + "?"
}

func isNumber(text string) bool {
	_, rest, err := number(text)
	return err == nil && rest == ""
}

func readDuration(w word) (time.Duration, *Error) {
	d, err := durationOf(w.text)
	return d, err.shift(w.at)
}

const durationExample = "write it like 30s, 5m or 1h30m"

func durationOf(text string) (time.Duration, *Error) {
	wrong := func(msg, hint string) (time.Duration, *Error) { return 0, &Error{Msg: msg, Hint: hint} }
	if text == "" {
		return wrong("a length of time is missing", durationExample)
	}
	if strings.HasPrefix(text, "-") {
		return wrong("the time "+show(text)+" is negative", durationExample)
	}
	d, err := time.ParseDuration(text)
	if err != nil || text[0] < '0' || text[0] > '9' {
		return wrong(show(text)+" is not a length of time", durationHint(text))
	}
	if d <= 0 {
		return wrong("the time "+show(text)+" is no time at all", "it must be above 0")
	}
	if d > MaxDuration {
		return wrong("the time "+show(text)+" is absurd", "the longest is "+FormatDuration(MaxDuration))
	}
	return d, nil
}

func durationHint(text string) string {
	v, unit, err := number(text)
	if err != nil || v <= 0 || v > 1e6 {
		return durationExample
	}
	n := plain(v)
	switch strings.ToLower(unit) {
	case "":
		return "did you mean " + n + "s?"
	case "sec", "secs", "second", "seconds":
		return "did you mean " + n + "s?"
	case "min", "mins", "minute", "minutes":
		return "did you mean " + n + "m?"
	case "hr", "hrs", "hour", "hours":
		return "did you mean " + n + "h?"
	case "d", "day", "days":
		return "did you mean " + plain(v*24) + "h?"
	}
	return durationExample
}
