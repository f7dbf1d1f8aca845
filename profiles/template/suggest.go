package template

import (
	"slices"
	"strings"
)

// examples are the placeholders that need no profile, each with an example of
// what stands behind its first word.
var examples = [...][2]string{
	{"seq", ""}, {"uuid", ""}, {"rand.int", " 1 9"}, {"pick", " a b"}, {"now", ""},
	{"env", ".TOKEN"}, {"file", ".token"}, {"header", ".location"}, {"fake", ".email"},
}

// Reserved reports whether a name means something here already, so that data
// or a capture of that name could not be reached.
func Reserved(name string) bool {
	return name == "rand" || slices.ContainsFunc(examples[:], func(e [2]string) bool { return e[0] == name })
}

// ValidName reports whether data or a capture can be called name in a
// placeholder: letters, digits, _ and -, not beginning with a digit or -, and
// not [Reserved].
func ValidName(name string) bool { return isName(name) && !Reserved(name) }

// Words are the placeholders that need no profile, as examples to show:
// "seq", "rand.int 1 9", "env.TOKEN" and so on.
func Words() []string {
	words := make([]string, len(examples))
	for i, e := range examples {
		words[i] = e[0] + e[1]
	}
	return words
}

// Suggest says which placeholder may have been meant by a [Capture] or a
// [Column] whose name is not known: a text such as "uuid" or "env.TOKEN" that
// may stand between ${ and }, or "" if none is near.
func Suggest(r *Ref) string {
	name := strings.ToLower(r.Name)
	if r.Kind == Column {
		if e := nearest(name+"."+strings.ToLower(r.Arg), []string{"rand.int"}); e != "" {
			return example(e)
		}
		switch e := nearest(name, []string{"env", "file", "header", "fake"}); e {
		case "":
			return ""
		case "fake":
			if what := nearest(strings.ToLower(r.Arg), fakeNames[:]); what != "" {
				return "fake." + what
			}
			return example(e)
		default:
			return e + "." + r.Arg
		}
	}
	names := []string{"rand"}
	for _, e := range examples {
		names = append(names, e[0])
	}
	e := nearest(name, names)
	if e == "" {
		if what := nearest(name, fakeNames[:]); what != "" {
			return "fake." + what
		}
	}
	return example(e)
}

// example completes the first word of a placeholder.
func example(name string) string {
	if name == "rand" {
		name = "rand.int"
	}
	for _, e := range examples {
		if e[0] == name {
			return name + e[1]
		}
	}
	if name != "" {
		return name + ".column"
	}
	return ""
}

// orAll is a hint: the near word, or all of them if none is near.
func orAll(near string, all []string) string {
	if near != "" {
		return "did you mean " + near + "?"
	}
	return "use one of " + strings.Join(all, ", ")
}

// nearest returns the word that differs least from s, if it is near enough to
// be what was meant: by one change in a short word, by two in a longer one.
func nearest(s string, words []string) string {
	best, least := "", 3
	for _, w := range words {
		if d := distance(s, w); d < least && (d < 2 || len(w) > 5) && d < len(w) {
			best, least = w, d
		}
	}
	return best
}

// distance counts the letters to change, add, drop or swap with their
// neighbour to make b of a; 3 stands for more than 2.
func distance(a, b string) int {
	if d := len(a) - len(b); d > 2 || d < -2 {
		return 3
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j-1]+cost, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], 3)
}
