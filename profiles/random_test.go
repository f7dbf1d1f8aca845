package profiles

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"stoke/profiles/answer"
	"stoke/profiles/feeder"
)

// tricky are texts that YAML, JSON or the placeholders take for something else
// if they are not written with care.
var tricky = []string{
	"", "x", "true", "on", "null", "~", "5", "1e3", "0x1f", ".inf", "a: b", "a #b", "#", "- a", "? a", "*a", "&a", "!a", "%a", "@a", "`a`", "'", `"`, `\`, `\n`, "a\nb", "a\tb",
	"{a}", "[a]", "a, b", "| x", "> x", "<<", "---", "=", "ü – 😀", "\u2028", "\x7f", "$", "$$", "${seq}", "$${x}", "$$${seq}x", `${pick "a b" '}'}`, `${pick "a: \"b\" #" c}`, "a ${uuid} b ${goods.id}",
	" lead", "trail ", "  ", "\n", "line\n", "2024-01-01", "1_000", "0o17", "yes", "a:", ":a", "{{x}}", "%20", "a;b",
}

// TestRandomProfilesAreWritten: whatever a profile says that was made by other
// means than reading, as by an import, is written so that it reads back.
func TestRandomProfilesAreWritten(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	pick := func(keep func(string) bool) string {
		for {
			if text := tricky[rng.IntN(len(tricky))]; keep == nil || keep(text) {
				return text
			}
		}
	}
	holes := func(s string) bool { return len(s) > 1 && (strings.Contains(s, "${") || strings.Contains(s, "$$")) }
	line := func(s string) bool { return s != "" && s == printable(s) && strings.TrimSpace(s) == s && !holes(s) }
	headerText := func(s string) bool {
		return !strings.Contains(s, "\n") && !strings.Contains(s, "\x7f") && strings.Trim(s, " \t") == s
	}
	var value func(depth int) string
	value = func(depth int) string {
		switch n := rng.IntN(8); {
		case n == 0 && depth < 4:
			out := "["
			for i := range rng.IntN(3) {
				if i > 0 {
					out += ","
				}
				out += value(depth + 1)
			}
			return out + "]"
		case n <= 2 && depth < 4:
			out := "{"
			for i := range rng.IntN(4) {
				if i > 0 {
					out += ","
				}
				out += jsonText(strconv.Itoa(i)+pick(func(s string) bool { return !strings.Contains(s, `"`) })) + ":" + value(depth+1)
			}
			return out + "}"
		case n == 3:
			return []string{"${seq}", "${goods.id}", "${rand.int 1 9}"}[rng.IntN(3)]
		case n == 4:
			return []string{"1", "-2.50", "1e3", "true", "false", "null"}[rng.IntN(6)]
		}
		return jsonText(pick(func(s string) bool { return !strings.Contains(s, "pick") }))
	}
	for i := range 400 {
		q := Request{Name: "a" + pick(line), Weight: 1, Method: "POST", Path: "/" + []string{"", "a?b=c", "${goods.id}", "%20"}[rng.IntN(4)], Headers: []Header{{"x-a", pick(headerText)}}}
		switch rng.IntN(5) {
		case 0:
			q.Body = pick(func(s string) bool { return s != "" })
		case 1:
			q.JSON = value(0)
			if len(q.JSON) > 0 && q.JSON[0] == '"' && looksLikeJSON(unquoted(q.JSON)) {
				continue // a JSON text within a JSON text is refused when it is read
			}
		case 2:
			q.Form = []Header{{"f" + pick(func(s string) bool { return !holes(s) && s == printable(s) }), pick(nil)}, {"g", pick(nil)}, {"g", pick(nil)}}
		case 3:
			q.Multipart = []Part{{Name: "n" + pick(line), Value: pick(nil)}, {Name: "file", File: "cat.jpg", Type: "image/jpeg; a=b"}}
		case 4:
			q.BodyFile = "b" + pick(func(s string) bool { return line(s) && !strings.Contains(s, "\\") })
		}
		text := pick(line)
		q.Checks = []answer.Test{test(t, "body contains "+answerQuote(text)), test(t, "header x == "+answerQuote(text))}
		retry := Retry{1 + rng.IntN(5), []string{"error", "5xx"}, time.Duration(1+rng.IntN(1e6)) * time.Microsecond, 2 * time.Second, float64(rng.IntN(1001)) / 1000, float64(1+rng.IntN(100)) / 100}
		async := DefaultAsync()
		async.Done, async.Jitter, async.Headers = test(t, "body contains "+answerQuote(text)), float64(rng.IntN(21))/100, []Header{{"x", "${header.location}"}}
		q.Retry, q.Async = &retry, &async
		step := q
		step.Weight, step.Think = 0, Think{time.Second, time.Duration(1+rng.IntN(3)) * time.Second}
		q.Name += " itself"
		p := &Profile{Name: "n" + pick(line), Target: "http://127.0.0.1:1", Data: []Data{{"goods", "g" + pick(func(s string) bool { return line(s) && !strings.Contains(s, "\\") }), feeder.Unique}},
			Requests: []Request{q, {Name: "scenario", Weight: 0.25, Steps: []Request{step}}}}
		if data, err := p.YAML(); err != nil {
			t.Fatalf("profile %d: %v\n%s", i, err, data)
		}
	}
}

func unquoted(text string) (s string) {
	_ = json.Unmarshal([]byte(text), &s) // one that is no text gives none
	return s
}
