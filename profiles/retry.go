package profiles

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stoke/profiles/grammar"
)

// maxAttempts bounds how often one request is sent.
const maxAttempts = 100

// DefaultRetry returns what retries mean that say nothing more: what clients
// commonly do.
func DefaultRetry() Retry {
	return Retry{
		Attempts: 3, On: []string{"error", "limited", "502", "503", "504"},
		Backoff: 100 * time.Millisecond, Max: 5 * time.Second, Jitter: 0.5,
	}
}

func retryKeys() []field[Retry] {
	return []field[Retry]{
		{key: "attempts", form: "3", is: isAttempts, standard: "3", doc: "most attempts, the first included; 1 is never again", read: readAttempts},
		{key: "on", form: "[error, limited, 5xx]", is: isMany(isRetryOn), standard: "error, limited, 502-504", doc: "what is tried again: error is no complete answer, limited is throttled, or statuses", read: readRetryOn},
		{key: "backoff", form: "100ms", is: isTime, standard: "100ms", doc: "pause before the second attempt; doubled for each further one",
			read: func(v value, r *Retry) { measured(v, grammar.ParseDuration, &r.Backoff) }},
		{key: "max", form: "5s", is: isTime, standard: "5s", doc: "longest pause",
			read: func(v value, r *Retry) { measured(v, grammar.ParseDuration, &r.Max) }},
		{key: "jitter", form: "50%", is: isShare, standard: "50%", doc: "share of the pause that is drawn at random",
			read: func(v value, r *Retry) { readShare(v, 1, &r.Jitter) }},
		{key: "budget", form: "20%", is: isShare, standard: "no bound", doc: "retries per first attempt that are allowed over the last 10 s",
			read: func(v value, r *Retry) {
				if readShare(v, 1, &r.Budget) && r.Budget == 0 {
					v.wrong("a budget of 0 never retries", "write a share above 0, or leave retries out")
				}
			}},
	}
}

func readRetry(v value) *Retry {
	r := DefaultRetry()
	at := decode(v, &r, "retries", retryKeys())
	if r.Max < r.Backoff {
		if max, said := at["max"]; said {
			v.fail(max, "the longest pause is shorter than the first, "+grammar.FormatDuration(r.Backoff), "raise max, or lower backoff")
		} else {
			r.Max = r.Backoff
		}
	}
	return &r
}

func readAttempts(v value, r *Retry) {
	text, ok := v.scalar()
	if !ok {
		return
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxAttempts {
		v.wrong(show(text)+" is no number of attempts", fmt.Sprintf("write a whole number from 1 to %d", maxAttempts))
		return
	}
	r.Attempts = n
}

func readRetryOn(v value, r *Retry) {
	const hint = "write error, limited, a status like 503, or 5xx"
	items := []value{v}
	if v.kind() == "a list" {
		items, _ = v.items("")
	}
	if len(items) == 0 {
		v.wrong("the list is empty", hint)
	}
	r.On = nil
	for _, item := range items {
		text, ok := item.scalar()
		if !ok {
			continue
		}
		_, class := statusClass(text)
		_, one := status(text)
		switch {
		case slices.Contains(r.On, text):
			item.wrong(show(text)+" is given twice", "leave one out")
		case class || one || text == "error" || text == "limited":
			r.On = append(r.On, text)
		default:
			meant := hint
			if near := grammar.Nearest(text, []string{"error", "limited"}); near != "" {
				meant = "did you mean " + near + "?"
			}
			item.wrong("nothing is tried again on "+show(text), meant)
		}
	}
}

// readShare reads a share like 20% as a fraction of up to most.
func readShare(v value, most float64, into *float64) bool {
	text, ok := v.scalar()
	if !ok {
		return false
	}
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64) // in percent
	if err != nil || !percent || strings.Trim(number, "0123456789.") != "" {
		hint := "write it like 20%"
		if err == nil && share > 0 && share <= most {
			hint = "did you mean " + percentText(share) + "?"
		}
		v.wrong(show(text)+" is not a share", hint)
		return false
	}
	if share > most*100 {
		v.wrong("the share "+show(text)+" is too large", "write up to "+percentText(most))
		return false
	}
	*into, _ = strconv.ParseFloat(number+"e-2", 64) // as near as decimals get
	return true
}

// percentText prints a share as readShare reads it.
func percentText(share float64) string {
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(share, 'e', -1, 64), "e")
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return "0%"
	}
	// In decimals, not times 100: 0.07*100 is not quite 7.
	percent, _ := strconv.ParseFloat(digits+"e"+strconv.Itoa(n+2), 64)
	return strconv.FormatFloat(percent, 'f', -1, 64) + "%"
}
