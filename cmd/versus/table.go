package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// markdown lays a table out, its columns of equal width in the source too.
func markdown(rows [][]string) string {
	width := slices.Repeat([]int{3}, len(rows[0])) // the least a rule may have
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	write := func(row []string, fill string) {
		for i, cell := range row {
			b.WriteString("| " + cell + strings.Repeat(fill, width[i]-len([]rune(cell))) + " ")
		}
		b.WriteString("|\n")
	}
	write(rows[0], " ")
	write(slices.Repeat([]string{""}, len(width)), "-")
	for _, row := range rows[1:] {
		write(row, " ")
	}
	return b.String()
}

// each collects a number of every run that has it.
func each(runs []*observation, number func(*observation) (float64, bool)) []float64 {
	var values []float64
	for _, o := range runs {
		if o == nil {
			continue
		}
		if value, ok := number(o); ok {
			values = append(values, value)
		}
	}
	return values
}

// always makes a number that every run has.
func always(number func(*observation) float64) func(*observation) (float64, bool) {
	return func(o *observation) (float64, bool) { return number(o), true }
}

// spread prints the median and, of several values, least and most.
func spread(values []float64, print func(float64) string) string {
	if len(values) == 0 {
		return "–"
	}
	median := print(medianOf(values))
	if len(values) == 1 {
		return median
	}
	return fmt.Sprintf("%s (%s–%s)", median, print(slices.Min(values)), print(slices.Max(values)))
}

// pairedRatios divides, round by round, a number of one tool by that of another.
func pairedRatios(runs, others []*observation, number func(*observation) float64) []float64 {
	var ratios []float64
	for round := range min(len(runs), len(others)) {
		if runs[round] != nil && others[round] != nil {
			ratios = append(ratios, number(runs[round])/number(others[round]))
		}
	}
	return ratios
}

func fixed(places int) func(float64) string {
	return func(v float64) string { return fmt.Sprintf("%.*f", places, v) }
}

func percent(v float64) string { return fixed(0)(v) + " %" }

// grouped prints a whole number with its thousands apart.
func grouped(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// brief prints nanoseconds to three figures.
func brief(ns float64) string {
	switch {
	case ns < 1e6:
		return figures3(ns/1e3) + " µs"
	case ns < 1e9:
		return figures3(ns/1e6) + " ms"
	}
	return figures3(ns/1e9) + " s"
}

func figures3(v float64) string {
	switch {
	case v >= 99.95:
		return fixed(0)(v)
	case v >= 9.995:
		return fixed(1)(v)
	}
	return fixed(2)(v)
}

// label is a tool's name in a table: stoke stands out.
func (t tool) label() string {
	if t.name == stokeName {
		return "**" + t.name + "**"
	}
	return t.name
}

// byMedian sorts tools by the median of a number; those without come last.
func byMedian(found []contender, seen series, number func(*observation) (float64, bool)) []contender {
	key := func(c contender) float64 {
		if median := medianOf(each(seen[c.name], number)); !math.IsNaN(median) {
			return median
		}
		return math.Inf(1)
	}
	return slices.SortedStableFunc(slices.Values(found), func(a, b contender) int { return cmp.Compare(key(a), key(b)) })
}

// bestGoPeer is the Go tool other than stoke that spends the least; "" if none.
func bestGoPeer(found []contender, seen series) string {
	for _, c := range byMedian(found, seen, always((*observation).microsPerRequest)) {
		if c.isGo() && len(each(seen[c.name], always((*observation).microsPerRequest))) > 0 {
			return c.name
		}
	}
	return ""
}

func closedTable(found []contender, seen series) string {
	cost := (*observation).microsPerRequest
	head := []string{"tool", "", "CPU µs per request", "of it user"}
	var against []string
	for _, other := range []string{"wrk", bestGoPeer(found, seen)} {
		if seen[other] != nil {
			against = append(against, other)
			head = append(head, "÷ "+other)
		}
	}
	rows := [][]string{append(head, "requests/s", "server busy", "peak memory, MB", "first request after")}
	for _, c := range byMedian(found, seen, always(cost)) {
		runs := seen[c.name]
		row := []string{c.label(), c.language, spread(each(runs, always(cost)), fixed(2)), spread(each(runs, always((*observation).userMicros)), fixed(2))}
		for _, other := range against {
			row = append(row, spread(pairedRatios(runs, seen[other], cost), fixed(2)))
		}
		rows = append(rows, append(row,
			spread(each(runs, always(func(o *observation) float64 { return o.rate() })), grouped),
			spread(each(runs, always(func(o *observation) float64 { return 100 * o.busy() })), percent),
			spread(each(runs, always(func(o *observation) float64 { return float64(o.peakKB) / 1024 })), fixed(1)),
			spread(each(runs, always(func(o *observation) float64 { return float64(o.toFirst()) })), brief)))
	}
	return markdown(rows)
}

func openTable(found []contender, seen series, rate int) string {
	of := func(number func(pacing) float64) func(*observation) (float64, bool) {
		return func(o *observation) (float64, bool) {
			p, ok := pacingOf(o.arrivals, rate)
			return number(p), ok
		}
	}
	deviation := of(func(p pacing) float64 { return float64(p.deviation) })
	rows := [][]string{{"tool", "", "off schedule, p50", "p99", "gaps within 25 %", "came, /s", "CPU µs per request"}}
	for _, c := range byMedian(found, seen, deviation) {
		runs := seen[c.name]
		rows = append(rows, []string{c.label(), c.language,
			spread(each(runs, deviation), brief),
			spread(each(runs, of(func(p pacing) float64 { return float64(p.deviation99) })), brief),
			spread(each(runs, of(func(p pacing) float64 { return 100 * p.evenGaps })), percent),
			spread(each(runs, of(func(p pacing) float64 { return p.rate })), grouped),
			spread(each(runs, always((*observation).microsPerRequest)), fixed(1))})
	}
	return markdown(rows)
}

// notReported stands where a tool does not print a percentile.
const notReported = "not reported"

// stallTable puts what the tools printed under what is true. errs are outputs
// that could not be read, by tool.
func stallTable(found []contender, seen series) (table string, errs map[string]error) {
	errs = map[string]error{}
	head := []string{"tool", "requests/s"}
	truth := []string{"*what is true*", grouped(stallRate)}
	for _, p := range shown {
		head = append(head, p.name)
		truth = append(truth, millis(stalls.truth(p.share)))
	}
	rows := [][]string{head, truth}
	for _, c := range found {
		label := c.label()
		if !c.paced {
			label += ", closed model"
		}
		for _, o := range seen[c.name] {
			if o == nil {
				continue
			}
			printed, err := c.parse(o.output)
			if err != nil {
				errs[c.name] = fmt.Errorf("reading what %s printed: %w", c.name, err)
				continue
			}
			row := []string{label, grouped(o.rate())}
			for _, p := range shown {
				value, ok := printed[p.name]
				if !ok {
					row = append(row, notReported)
					continue
				}
				row = append(row, millis(value))
			}
			rows = append(rows, row)
		}
	}
	return markdown(rows), errs
}

// millis prints a response time in milliseconds.
func millis(d time.Duration) string {
	ms := float64(d) / 1e6
	if d == 0 {
		return "0 ms"
	}
	return figures3(ms) + " ms"
}
