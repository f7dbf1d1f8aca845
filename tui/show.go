package tui

import (
	"strings"
	"unicode"

	"stoke/engine/measure"
	"stoke/tui/units"
)

// number prints a setting or a count of slots.
func number(v float64) string { return units.Setting(v) }

// perSecond prints a rate as it was set.
func perSecond(v float64) string { return units.Setting(v) + "/s" }

// percentile prints one rank of a ladder: "-" without enough samples, and
// "≥" before a lower bound.
func percentile(l measure.Ladder, i int) string {
	if !l.Enough[i] {
		return "-"
	}
	if l.Open[i] {
		return "≥" + units.Latency(l.P[i])
	}
	return units.Latency(l.P[i])
}

// oneLine makes a foreign text safe for a terminal: what is not printable
// becomes a question mark, and what is too long is cut.
func oneLine(text string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > most {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = '?'
		}
		b.WriteRune(r)
	}
	return b.String()
}
