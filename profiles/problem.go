package profiles

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is one mistake in a profile, or the reason why there is none to read.
type Problem struct {
	Line   int // from 1; 0 if the mistake is not in a file
	Column int // from 1, in characters
	Msg    string
	Hint   string // what to write instead; may be empty

	cause error // of a file that cannot be read
}

// Unwrap returns what the system said, as fs.ErrNotExist, or nil.
func (p *Problem) Unwrap() error { return p.cause }

// unreadable is the problem of a file that the user named.
func unreadable(what string, err error, hint string) *Problem {
	return &Problem{Msg: what + ": " + printable(err.Error()), Hint: hint, cause: err}
}

// Error implements error: 3:7: what is wrong: what to do.
func (p *Problem) Error() string {
	text := p.Msg
	if p.Hint != "" {
		text += ": " + p.Hint
	}
	if p.Line > 0 {
		text = fmt.Sprintf("%d:%d: %s", p.Line, p.Column, text)
	}
	return text
}

// Problems are all mistakes of one profile, in the order of the file.
type Problems struct {
	File string
	List []Problem // at least one
}

// shownProblems bounds the lines of an error message.
const shownProblems = 50

// Error implements error: one line for each problem, file:line:column first.
func (p *Problems) Error() string {
	var b strings.Builder
	for i, problem := range p.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == shownProblems {
			fmt.Fprintf(&b, "%s: and %d more", printable(p.File), len(p.List)-i)
			break
		}
		b.WriteString(printable(p.File) + ":")
		if problem.Line == 0 {
			b.WriteByte(' ')
		}
		b.WriteString(problem.Error())
	}
	return b.String()
}

// sorted puts problems in the order of the file.
func sorted(list []Problem) []Problem {
	slices.SortStableFunc(list, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return list
}

// show quotes what was written for a message, shortened if it is long.
func show(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

// printable replaces what a terminal would act on.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
