package panel

import (
	"strconv"
	"strings"

	"stoke/engine"
	"stoke/profiles/grammar"
	"stoke/tui/canvas"
	"stoke/tui/theme"
	"stoke/tui/units"
)

// Event draws the newest thing that was done or is to be known, and whether it
// can be taken back by a key of this view.
func Event(r canvas.Region, s *engine.Snapshot, undo bool) {
	at, text, role, free := newest(s)
	if text == "" || r.W < 20 {
		return
	}
	x := 1 + len(at) + 2
	hint := ""
	if undo && s.UndoText != "" && (s.State == engine.Running || s.State == engine.Paused) {
		hint = "u takes it back"
	}
	room := r.W - 1 - x
	if canvas.Width(text)+3+len(hint) > room && !free {
		hint = "" // what was done is worth more than how to undo it
	}
	if hint != "" {
		u := r.W - 1 - len(hint)
		r.Text(r.Text(u, 0, theme.Key, hint[:1]), 0, theme.Dim, hint[1:])
		room -= len(hint) + 3
	}
	if text = canvas.Clip(text, room); text != "" {
		r.Text(1, 0, theme.Dim, at)
		r.Text(x, 0, role, text)
	}
}

// newest is the last thing that was done or is to be known, and when; free
// says that it is a text of somebody else's, of any length.
func newest(s *engine.Snapshot) (at, text string, role theme.Role, free bool) {
	n, k := len(s.Events), len(s.Notices)
	if k > 0 && (n == 0 || s.Notices[k-1].At >= s.Events[n-1].At) {
		return units.Clock(s.Notices[k-1].At), s.Notices[k-1].Text, theme.Text, true
	}
	if n == 0 {
		return "", "", theme.Text, false
	}
	e := s.Events[n-1]
	if e.By == engine.ByGuard {
		role = theme.Warn
	}
	return units.Clock(e.At), actor(e.By) + ": " + what(e), role, e.Mark
}

// what says what was done, for people: "rate 1,000 > 1,200/s" of "rate 1000"
// and "rate 1.2k".
func what(e engine.Event) string {
	if e.Mark {
		return "mark " + e.Do
	}
	verb, _, _ := strings.Cut(e.Do, " ")
	moves := moved(e.From, e.To)
	switch {
	case verb == "stop" || verb == "pause":
		if word, from, ok := strings.Cut(e.From, " "); ok && word == "rate" && number(from) != "0" {
			return e.Do + " at " + perSecond(number(from))
		}
		return e.Do
	case strings.Contains(e.Do, ": "), e.To == "": // a phase that could not be done, with the reason; or no setting
		return grouped(e.Do)
	case verb == "undo" || verb == "phases" || verb == "resume":
		if moves != "" {
			return e.Do + ": " + moves
		}
		return e.Do
	case moves != "":
		if _, over, ok := strings.Cut(e.Do, " over "); ok {
			moves += " over " + over
		}
		return moves
	}
	return settingWords(e.To)
}

// swings writes the ends of a wave in full: "500 to 2,000/s".
func swings(word string) string {
	low, high, ok := strings.Cut(word, "..")
	if !ok {
		return word
	}
	return number(low) + " to " + perSecond(number(high))
}

// moved names what differs between two settings of the same parts: "rate 1,000 >
// 1,200/s" of "rate 1k" and "rate 1.2k".
func moved(from, to string) string {
	a, b := strings.Split(from, ", "), strings.Split(to, ", ")
	if len(a) != len(b) {
		return ""
	}
	var moves []string
	for i := range a {
		verbA, was, ok1 := strings.Cut(a[i], " ")
		verbB, is, ok2 := strings.Cut(b[i], " ")
		if !ok1 || !ok2 || verbA != verbB {
			return ""
		}
		if was == is {
			continue
		}
		is = number(is)
		if verbA == "rate" {
			is = perSecond(is)
		}
		moves = append(moves, verbA+" "+number(was)+" > "+is)
	}
	return strings.Join(moves, ", ")
}

// settingWords is a setting for people: "rate 1,200/s".
func settingWords(s string) string {
	if rate, ok := strings.CutPrefix(s, "rate "); ok && !strings.Contains(rate, " ") {
		return "rate " + perSecond(number(rate))
	}
	return grouped(s)
}

// perSecond adds the unit to a number; a word like "max" has none.
func perSecond(n string) string {
	if n == "" || n[0] < '0' || n[0] > '9' {
		return n
	}
	return n + "/s"
}

// grouped writes the numbers of an order in full and with separators.
func grouped(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		words[i] = number(swings(w))
	}
	return strings.Join(words, " ")
}

// number writes a number of the grammar, "2k" or "1200", in full; what is none
// stays as it is.
func number(s string) string {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && s != "" && s[0] >= '0' && s[0] <= '9' {
		v, err = grammar.ParseRate(s)
	}
	if err != nil || v < 0 || v > 1e12 {
		return s
	}
	return units.Setting(v)
}
