package measure

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from outside fit for one line of a terminal: at most limit
// characters, cut with "…"; blanks of any kind become one space, and what is
// not printable or has no width of its own becomes a visible escape like \u202e.
func Clean(s string, limit int) string {
	var b strings.Builder
	written, marks, blank := 0, 0, true
	for i, c := range s {
		piece := string(c)
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			piece = fmt.Sprintf(`\x%02x`, s[i])
		case c == ' ' || c == '\n' || c == '\t':
			if blank {
				continue
			}
			piece = " "
		case !unicode.IsPrint(c) || unseen(c):
			piece = escape(c)
		case unicode.In(c, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				piece = escape(c)
			}
		}
		if !unicode.In(c, unicode.Mn, unicode.Me) {
			marks = 0
		}
		blank = piece == " "
		n := utf8.RuneCountInString(piece)
		if written+n > limit {
			return cut(b.String(), limit)
		}
		b.WriteString(piece)
		written += n
	}
	return strings.TrimRight(b.String(), " ")
}

// maxMarks is how many accents one letter may carry; more would paint over the
// lines around it.
const maxMarks = 2

// unseen reports characters that Unicode calls printable but that show nothing.
func unseen(c rune) bool {
	return unicode.In(c, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || c == '\u2800'
}

func escape(c rune) string {
	switch {
	case c == '\r':
		return `\r`
	case c < 0x100:
		return fmt.Sprintf(`\x%02x`, c)
	case c < 0x10000:
		return fmt.Sprintf(`\u%04x`, c)
	}
	return fmt.Sprintf(`\U%08x`, c)
}

// cut shortens s to limit characters, the last of them "…".
func cut(s string, limit int) string {
	if limit <= 0 {
		return ""
	}
	r := []rune(s)
	return string(append(r[:min(len(r), limit-1)], '…'))
}

// noteWidth is how much of a target's message is kept.
const noteWidth = 120

// notes keep the newest message of each status and fault, cleaned.
type notes struct {
	status map[int32]string
	fault  map[int32]string
}

func newNotes() notes {
	return notes{map[int32]string{}, map[int32]string{}}
}

// NoteStatus keeps a message that came with a status: the newest one stands
// beside the status in every tally. It is cleaned here.
func (r *Recorder) NoteStatus(status uint16, text string) { keep(r.notes.status, int32(status), text) }

// NoteFault keeps the message of an error with this index in Config.Faults.
func (r *Recorder) NoteFault(fault uint8, text string) { keep(r.notes.fault, int32(fault), text) }

func keep(m map[int32]string, key int32, text string) {
	if _, known := m[key]; known || len(m) < maxKeys {
		m[key] = Clean(text, noteWidth)
	}
}
