package profiles

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"stoke/profiles/grammar"
)

// unixFrom is the number from which a time counts as seconds since 1970 and
// not since the start of the recording: no recording lasts 31 years.
const unixFrom = 1e9

// ParseArrivals reads recorded arrivals: the first column of a CSV file, one
// arrival a line, either all in seconds since the start of the recording, or
// all as a moment: RFC 3339, or seconds since 1970. Moments count from the
// first of them. A line that begins with # says nothing, and the first line may
// be a heading. Lines out of order, as logs have them, are put in order. Its
// error is a [*Problem] with the place in the file.
func ParseArrivals(data []byte) ([]time.Duration, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.Comment, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord, r.TrimLeadingSpace = '#', -1, true, true, true
	var out []time.Duration
	var first arrival // of the file
	for heading := true; ; heading = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return nil, &Problem{Line: at.Line, Column: at.Column, Msg: "not CSV: " + at.Err.Error()}
			}
			return nil, &Problem{Msg: err.Error()}
		}
		line, column := r.FieldPos(0)
		a, problem := parseArrival(strings.TrimSpace(row[0]))
		switch {
		case problem != nil && heading && len(out) == 0 && !startsWithDigit(row[0]):
			continue
		case problem == nil && len(out) > 0 && a.moment != first.moment:
			problem = &Problem{Msg: "an offset and a moment in one file", Hint: "write all lines in the way of the first"}
		case problem == nil && len(out) == maxArrivals:
			problem = &Problem{Msg: fmt.Sprintf("more than %d arrivals", maxArrivals), Hint: "cut the file, or send each several times, as in x2"}
		}
		if problem != nil {
			problem.Line, problem.Column = line, column
			return nil, problem
		}
		if len(out) == 0 {
			first = a
		}
		// Between moments of 1970 and now the difference is what counts.
		out = append(out, a.since-first.base())
	}
	if len(out) == 0 {
		return nil, &Problem{Msg: "there are no arrivals in it", Hint: "write one a line, in seconds since the start: 0.25"}
	}
	slices.Sort(out)
	if first.moment {
		earliest := out[0]
		for i := range out {
			out[i] -= earliest
		}
	}
	if last := out[len(out)-1]; last > grammar.MaxDuration {
		return nil, &Problem{Msg: "the arrivals last longer than " + grammar.FormatDuration(grammar.MaxDuration)}
	}
	return out, nil
}

// maxArrivals bounds the lines of a file of arrivals.
const maxArrivals = 10_000_000

// arrival is one line: the time since the start of the recording, or since
// 1970.
type arrival struct {
	since  time.Duration
	moment bool
}

// base is what the times of a file are counted from.
func (a arrival) base() time.Duration {
	if a.moment {
		return a.since
	}
	return 0
}

func parseArrival(text string) (arrival, *Problem) {
	const hint = "write seconds since the start, like 12.345, or a moment, like 2026-11-23T08:15:00.25Z"
	if text == "" {
		return arrival{}, &Problem{Msg: "no time in this line", Hint: hint}
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && !strings.ContainsAny(text, "xXpP_nN") {
		switch {
		case v < 0:
			return arrival{}, &Problem{Msg: show(text) + " is before the start", Hint: hint}
		case v >= unixFrom*10:
			return arrival{}, &Problem{Msg: show(text) + " is too far away for seconds", Hint: "are these milliseconds? " + hint}
		case v >= unixFrom:
			// In two parts: a float64 of seconds since 1970 has no nanoseconds.
			whole, fraction, _ := strings.Cut(text, ".")
			seconds, err := strconv.ParseInt(whole, 10, 64)
			part, bad := strconv.ParseFloat("0."+fraction+"0", 64)
			if err == nil && bad == nil {
				return arrival{time.Duration(seconds)*time.Second + time.Duration(math.Round(part*1e9)), true}, nil
			}
		case v <= grammar.MaxDuration.Seconds():
			return arrival{time.Duration(math.Round(v * 1e9)), false}, nil
		}
		return arrival{}, &Problem{Msg: show(text) + " is longer than " + grammar.FormatDuration(grammar.MaxDuration), Hint: hint}
	}
	moment, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || moment.Year() < 1970 || moment.Year() > 2200 {
		return arrival{}, &Problem{Msg: show(text) + " is no time", Hint: hint}
	}
	return arrival{time.Duration(moment.UnixNano()), true}, nil
}

func startsWithDigit(text string) bool {
	text = strings.TrimLeft(text, " \t-+.")
	return text != "" && text[0] >= '0' && text[0] <= '9'
}

// checkArrivals looks at recorded arrivals that were read.
func (r *filesReader) checkArrivals(name string) {
	data, read := r.files.Arrivals[name]
	if !read {
		return // reported already
	}
	if _, err := ParseArrivals(data); err != nil {
		var p *Problem
		if errors.As(err, &p) {
			where := printable(name)
			if p.Line > 0 {
				where += fmt.Sprintf(":%d:%d", p.Line, p.Column)
			}
			r.fail(name, where+": "+printable(p.Msg), p.Hint)
		}
	}
}
