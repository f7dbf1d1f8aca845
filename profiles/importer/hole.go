package importer

import (
	"crypto/rand"
	"strings"
)

// Between reading and writing, a placeholder stands in a text as a hole: its
// words between two marks that no input can hold, for they differ from one
// process to the next. Everything else is literal, and what an input has of ${
// stays what it was.
var (
	holeBegin = "\ue000" + rand.Text()[:8]
	holeEnd   = rand.Text()[:8] + "\ue001"
)

// hole is the placeholder with these words, as env.TOKEN.
func hole(words string) string { return holeBegin + words + holeEnd }

// filled is a text as a profile has it: holes are ${…}, and ${ is $${.
func filled(text string) string {
	if !strings.Contains(text, holeBegin) && !strings.Contains(text, "${") {
		return text
	}
	// A dollar before a placeholder cannot be written: $${ is not one.
	return strings.NewReplacer("$"+holeBegin, "${", holeBegin, "${", holeEnd, "}", "${", "$${").Replace(text)
}

// onlyHoles reports whether a text is placeholders and nothing else but blanks.
func onlyHoles(text string) bool {
	if text == "" {
		return false
	}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		rest, ok := strings.CutPrefix(text, holeBegin)
		if !ok {
			return false
		}
		_, text, _ = strings.Cut(rest, holeEnd)
	}
	return true
}

// holesAs writes the holes of a text another way: for names and messages.
func holesAs(text string, write func(words string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, holeBegin)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		words, after, _ := strings.Cut(rest, holeEnd)
		b.WriteString(write(words))
		text = after
	}
}
