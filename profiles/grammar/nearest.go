package grammar

import "strings"

// Nearest returns the known word that was probably meant by a misspelt one, or
// "" if none is near: a few slips of the keys, or a beginning of at least two
// letters that fits one word only.
func Nearest(text string, known []string) string {
	text = strings.ToLower(text)
	if len(text) > 64 {
		return "" // not a slip
	}
	best, least := "", 2+min(len(text)/5, 2) // the first distance that is too far
	for _, k := range known {
		d := slips(text, strings.ToLower(k))
		completes := best != "" && d == least && strings.HasPrefix(k, text) && !strings.HasPrefix(best, text)
		if d < len(k) && (d < least || completes) {
			best, least = k, d
		}
	}
	if best != "" || len(text) < 2 {
		return best
	}
	for _, k := range known {
		if strings.HasPrefix(k, text) {
			if best != "" {
				return ""
			}
			best = k
		}
	}
	return best
}

// slips counts the letters added, left out, changed or swapped with their
// neighbour between a and b: the optimal string alignment distance.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(x)][len(y)]
}
