package profiles

import (
	"fmt"
	"strings"
	"testing"
)

// TestReadHostile: texts made to take a YAML reader long, or deep. That they
// end soon is held by the time limit of the test run: without the bounds some
// take minutes, or the whole stack.
func TestReadHostile(t *testing.T) {
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "k%d: v\n", i)
		}
		return b.String()
	}
	head := "stoke: 1\ntarget: http://x\nrequests:\n  - post: /\n    json: "
	for name, text := range map[string]string{
		"brackets":        head + strings.Repeat("[", 60_000),
		"closed brackets": head + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"braces":          head + strings.Repeat("{a: ", 60_000),
		"dashes":          strings.Repeat("- ", 60_000),
		"questions":       strings.Repeat("? ", 60_000),
		"indentation":     stairs(1400),
		"keys":            keys(20_000),
		"keys, few":       keys(16_000),
		"items":           head + "[" + strings.Repeat("1,", 20_000) + "1]",
		"many items":      head + "[" + strings.Repeat("1,", 60_000) + "1]",
		"maps":            head + "[" + strings.Repeat("{},", 16_000) + "1]",
		"anchors":         strings.Repeat("&a ", 60_000),
		"aliases":         "a: &a [x]\nb: [" + strings.Repeat("*a,", 30_000) + "]",
		"tags":            strings.Repeat("!!str ", 60_000),
		"documents":       strings.Repeat("---\n", 60_000),
		"comments":        strings.Repeat("#\n", 60_000),
		"long text":       head + `"` + strings.Repeat(`\n`, 500_000) + `"`,
		"long key":        strings.Repeat("k", 1_000_000) + ": 1",
		"phases":          "stoke: 1\ntarget: http://x\nrequests: [{get: /}]\nphases:\n" + strings.Repeat("- rate x2\n", 11_000),
		"problems":        "stoke: 1\ntarget: http://x\nrequests: [{get: /}]\nphases:\n" + strings.Repeat("- rat\n", 9_000),
		"placeholders":    head + `"` + strings.Repeat("${a}", 200_000) + `"`,
		"in one line":     head + `"` + strings.Repeat("${a}"+strings.Repeat("x", 190), 4990) + `"`,
		"escaped":         head + `"\t` + strings.Repeat("${a}"+strings.Repeat("x", 190), 4990) + `"`,
		"in a block":      head + "|\n      " + strings.Repeat("${a}"+strings.Repeat("x", 190), 4990),
		"open":            head + `"` + strings.Repeat("${", 400_000) + `"`,
		"large":           strings.Repeat("x", MaxFile+1),
	} {
		_, err := Read(name, []byte(text))
		if err == nil && name != "items" && name != "long text" && name != "maps" {
			t.Errorf("%s: accepted", name)
		}
		if err != nil && strings.Count(err.Error(), "\n") > shownProblems {
			t.Errorf("%s: a message of %d lines", name, strings.Count(err.Error(), "\n"))
		}
	}
}

// stairs is a map in a map in a map, each a blank deeper.
func stairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
