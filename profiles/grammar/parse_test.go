package grammar

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		text  string
		want  Change
		canon string // of want; "" if it is text itself
	}{
		{"rate 2k", Change{Verb: Rate, Amount: Amount{Set, 2000}}, ""},
		{"rate 1.5k", Change{Verb: Rate, Amount: Amount{Set, 1500}}, "rate 1500"},
		{"rate 2.3k", Change{Verb: Rate, Amount: Amount{Set, 2300}}, "rate 2300"},
		{"rate 1,200", Change{Verb: Rate, Amount: Amount{Set, 1200}}, "rate 1200"},
		{"rate 1,234,567.5", Change{Verb: Rate, Amount: Amount{Set, 1234567.5}}, "rate 1234567.5"},
		{"rate 90/m", Change{Verb: Rate, Amount: Amount{Set, 1.5}}, "rate 1.5"},
		{"rate 100/m", Change{Verb: Rate, Amount: Amount{Set, 100.0 / 60}}, ""},
		{"rate 100/s", Change{Verb: Rate, Amount: Amount{Set, 100}}, "rate 100"},
		{"rate 6000/h", Change{Verb: Rate, Amount: Amount{Set, 6000.0 / 3600}}, "rate 100/m"},
		{"rate 7/h", Change{Verb: Rate, Amount: Amount{Set, 7.0 / 3600}}, ""},
		{"rate 6k/m", Change{Verb: Rate, Amount: Amount{Set, 100}}, "rate 100"},
		{"rate 0", Change{Verb: Rate, Amount: Amount{Set, 0}}, ""},
		{"rate 0.25", Change{Verb: Rate, Amount: Amount{Set, 0.25}}, ""},
		{"rate max", Change{Verb: Rate, Amount: Amount{Op: Max}}, ""},
		{"rate +10%", Change{Verb: Rate, Amount: Amount{Percent, 10}}, ""},
		{"rate -12.5%", Change{Verb: Rate, Amount: Amount{Percent, -12.5}}, ""},
		{"rate -0%", Change{Verb: Rate, Amount: Amount{Percent, 0}}, "rate +0%"},
		{"rate x2", Change{Verb: Rate, Amount: Amount{Times, 2}}, ""},
		{"rate x0.5", Change{Verb: Rate, Amount: Amount{Times, 0.5}}, ""},
		{"rate +50", Change{Verb: Rate, Amount: Amount{Add, 50}}, ""},
		{"rate -1k", Change{Verb: Rate, Amount: Amount{Add, -1000}}, ""},
		{"rate -0", Change{Verb: Rate, Amount: Amount{Add, 0}}, "rate +0"},
		{"rate 2k over 30s", Change{Verb: Rate, Amount: Amount{Set, 2000}, Over: 30 * time.Second}, ""},
		{"rate x2 over 90s", Change{Verb: Rate, Amount: Amount{Times, 2}, Over: 90 * time.Second}, "rate x2 over 1m30s"},
		{"  rate \t 2K  over  60m ", Change{Verb: Rate, Amount: Amount{Set, 2000}, Over: time.Hour}, "rate 2k over 1h"},
		{"rate 500 requests", Change{Verb: Rate, Amount: Amount{Set, 500}, Word: "requests"}, ""},
		{"rate 100 starts over 30s", Change{Verb: Rate, Amount: Amount{Set, 100}, Word: "starts", Over: 30 * time.Second}, ""},
		{"rate file arrivals.csv", Change{Verb: Rate, Name: "arrivals.csv", Times: 1, Speed: 1}, ""},
		{"rate file arrivals.csv x0.5 speed x2", Change{Verb: Rate, Name: "arrivals.csv", Times: 0.5, Speed: 2}, ""},
		{"rate file arrivals.csv x1 speed x0.25", Change{Verb: Rate, Name: "arrivals.csv", Times: 1, Speed: 0.25}, "rate file arrivals.csv speed x0.25"},
		{`rate file "Black \"Friday\" 2026.csv" x3`, Change{Verb: Rate, Name: `Black "Friday" 2026.csv`, Times: 3, Speed: 1}, ""},
		{"wave 500..2k every 60s", Change{Verb: Wave, From: 500, To: 2000, Every: time.Minute}, "wave 500..2k every 1m"},
		{"wave 2k..0 every 1h from 15m for 3h", Change{Verb: Wave, From: 2000, Every: time.Hour, Into: 15 * time.Minute, For: 3 * time.Hour}, ""},
		{"wave 90/m..1,200 every 10s for 10m", Change{Verb: Wave, From: 1.5, To: 1200, Every: 10 * time.Second, For: 10 * time.Minute}, "wave 1.5..1200 every 10s for 10m"},
		{"spike 5k for 10s", Change{Verb: Spike, Amount: Amount{Set, 5000}, For: 10 * time.Second}, ""},
		{"spike x3 for 500ms", Change{Verb: Spike, Amount: Amount{Times, 3}, For: 500 * time.Millisecond}, ""},
		{"spike 0 for 1m", Change{Verb: Spike, Amount: Amount{Set, 0}, For: time.Minute}, ""},
		{"step 100 by 100 every 30s to 2k", Change{Verb: Step, From: 100, By: 100, Every: 30 * time.Second, To: 2000}, ""},
		{"step 2k by -200 every 30s to 200", Change{Verb: Step, From: 2000, By: -200, Every: 30 * time.Second, To: 200}, ""},
		{"step 0 by +0.5 every 1s to 3", Change{Verb: Step, By: 0.5, Every: time.Second, To: 3}, "step 0 by 0.5 every 1s to 3"},
		{"weight checkout 30%", Change{Verb: Weight, Name: "checkout", Share: 30}, ""},
		{`weight "add to cart" 0%`, Change{Verb: Weight, Name: "add to cart"}, ""},
		{`weight "browse" 12.5%`, Change{Verb: Weight, Name: "browse", Share: 12.5}, "weight browse 12.5%"},
		{"concurrency 64", Change{Verb: Concurrency, Amount: Amount{Set, 64}}, ""},
		{"concurrency 1.5k", Change{Verb: Concurrency, Amount: Amount{Set, 1500}}, "concurrency 1500"},
		{"concurrency +8", Change{Verb: Concurrency, Amount: Amount{Add, 8}}, ""},
		{"concurrency -8 cut", Change{Verb: Concurrency, Amount: Amount{Add, -8}, Cut: true}, ""},
		{"concurrency x1.5", Change{Verb: Concurrency, Amount: Amount{Times, 1.5}}, ""},
		{"concurrency +10%", Change{Verb: Concurrency, Amount: Amount{Percent, 10}}, ""},
		{"concurrency 20 cut", Change{Verb: Concurrency, Amount: Amount{Set, 20}, Cut: true}, ""},
		{"hold 5m", Change{Verb: Hold, For: 5 * time.Minute}, ""},
		{"hold 1h30m", Change{Verb: Hold, For: 90 * time.Minute}, ""},
		{"hold 500ms", Change{Verb: Hold, For: 500 * time.Millisecond}, ""},
		{"hold 1.5h", Change{Verb: Hold, For: 90 * time.Minute}, "hold 1h30m"},
		{"pause", Change{Verb: Pause}, ""},
		{"resume", Change{Verb: Resume}, ""},
		{"undo", Change{Verb: Undo}, ""},
		{"arrivals uniform", Change{Verb: Arrivals, Word: "uniform"}, ""},
		{"late shed", Change{Verb: Late, Word: "shed"}, ""},
		{"mark", Change{Verb: Mark}, ""},
		{`mark ""`, Change{Verb: Mark}, "mark"},
		{`mark "deploy v2"`, Change{Verb: Mark, Text: "deploy v2"}, ""},
		{"mark  deploy  v2 ", Change{Verb: Mark, Text: "deploy  v2"}, `mark "deploy  v2"`},
		{`mark say "no"`, Change{Verb: Mark, Text: `say "no"`}, `mark "say \"no\""`},
		{`mark " C:\\x \"y\" "`, Change{Verb: Mark, Text: ` C:\x "y" `}, ""},
		{"mark größer ✓", Change{Verb: Mark, Text: "größer ✓"}, `mark "größer ✓"`},
		{"segment", Change{Verb: Segment}, ""},
		{"stop", Change{Verb: Stop}, ""},
		{"stop now", Change{Verb: Stop, Now: true}, ""},
		{"phases skip", Change{Verb: Phases, Word: "skip"}, ""},
	} {
		got, err := Parse(tc.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tc.text, err)
			continue
		}
		if got != tc.want {
			t.Errorf("Parse(%q) = %+v, want %+v", tc.text, got, tc.want)
		}
		if canon := cmpOr(tc.canon, tc.text); got.String() != canon {
			t.Errorf("Parse(%q) prints as %q, want %q", tc.text, got.String(), canon)
		}
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// TestParseErrors compares every refusal with testdata/errors.golden, where a
// caret stands under the byte at which the text went wrong.
func TestParseErrors(t *testing.T) {
	texts := []string{
		"", "   ", "rat 200", "Rate 200", "conc 20", "puase", "200", "+10%", "seek p99<250ms", "quit",
		"rate", "rate fast", "rate 1,5k", "rate 1,5", "rate 1,2000", "rate 0,200", "rate 1,200k", "rate 1,2,3", "rate 5m", "rate 5M", "rate 50m", "rate 5s",
		"rate 100rps", "rate 100/min", "rate 100 /s", "rate 100/d", "rate abc%", "rate 2k ovr 30s", "rate 100ms", "rate .5", "rate 5.", "rate 1.2.3", "rate 1e3",
		"rate NaN", "rate Inf", "rate 11000k", "rate 0.0000001", "rate 10%", "rate 2x", "rate x0", "rate x-1", "rate x", "rate x5000", "rate +", "rate --5", "rate -100%", "rate +x%", "rate +10%%",
		"rate 2k over", "rate 2k over 30", "rate 2k over 0s", "rate 2k over -5s", "rate 2k over 5min", "rate 2k over 2d", "rate 2k over soon", "rate 2k over +5s", "rate 2k over 9999h", "rate 2k in 30s", "rate max over 30s", "rate 2k over 30s now",
		"rate " + strings.Repeat("9", 400),
		"concurrency", "concurrency 0", "concurrency -0.5", "concurrency 1.5", "concurrency 2m", "concurrency max", "concurrency 2,000k", "concurrency 2000k", "concurrency 20 cutt", "concurrency 20 over 5s",
		"rate 500 request", "rate +50 requests", "rate max requests", "rate 500 requests starts", "rate file", "rate file a.csv 2", "rate file a.csv x0", "rate file a.csv speed 2", "rate file a.csv sped x2", `rate file "a.csv`, `rate file "a.csv"x2`, `rate file ""`,
		"wave", "wave 500", "wave 500-2k every 60s", "wave 500..2m every 60s", "wave ..2k every 60s", "wave 500..500 every 60s", "wave 500..2k", "wave 500..2k evry 60s", "wave 500..2k every 100ms", "wave 500..2k every 60s fro 5s", "wave 500..2k every 60s from 60s", "wave 500..2k every 60s for", "wave 1..99000k every 60s",
		"spike", "spike 5k", "spike max for 10s", "spike 5k over 10s", "spike 5k for 10s for 5s",
		"step", "step 100", "step 100 by", "step 100 by 0 every 30s to 2k", "step 100 by --5 every 30s to 2k", "step 100 by 100 every 30s", "step 100 by 100 every 30s to 100", "step 2k by 200 every 30s to 200", "step 100 by -100 every 30s to 2k", "step 0 by 1 every 30s to 2k", "step 100 by x2 every 30s to 2k", "step 0 by 1 every 8000h to 5",
		"weight", "weight 30%", "weight checkout", "weight checkout 30", "weight checkout +5%", "weight checkout 101%", "weight checkout much", `weight "a b 30%`, "weight \"a\tb\" 30%",
		"hold", "hold 5", "hold 0s", "hold 5m 5s",
		"pause now", "arrivals", "arrivals poison", "arrivals bursty", "late drop", "phases of", "phases maybe", "stop nwo",
		`mark "open`, `mark "a" b`, `mark "a\b"`, `mark "a\`, "mark a\tb", "mark a\x1b[2J", "mark a\u202eb", "mark \xff", "pause\npause", "mark " + strings.Repeat("ü", 121), "mark " + strings.Repeat("x", 2000),
	}
	var b strings.Builder
	for _, text := range texts {
		got, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%.40q) = %v, %v: want an *Error", text, got, err)
			continue
		}
		if got != (Change{}) {
			t.Errorf("Parse(%.40q) gives %+v with its error", text, got)
		}
		shown := text
		if len(shown) > 60 {
			shown = shown[:60]
		}
		b.WriteString("| " + strings.Trim(strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if r < ' ' || r == '\u202e' {
				return '?'
			}
			return r
		}, shown), "?"), "\n") + "\n| " + strings.Repeat(" ", min(e.Offset, 61)) + "^ " + err.Error() + "\n")
	}
	golden(t, "testdata/errors.golden", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (UPDATE_GOLDEN=1 writes it):\n%s", path, diff)
	}
}

func TestNumbersForFlags(t *testing.T) {
	if v, err := ParseRate("1.5k"); v != 1500 || err != nil {
		t.Errorf("ParseRate = %v, %v", v, err)
	}
	if n, err := ParseCount("2k"); n != 2000 || err != nil {
		t.Errorf("ParseCount = %v, %v", n, err)
	}
	if d, err := ParseDuration("1h30m"); d != 90*time.Minute || err != nil {
		t.Errorf("ParseDuration = %v, %v", d, err)
	}
	for _, text := range []string{"", "-5", "-1k", "+5", "max", "x2", "5 ", "5m"} {
		if v, err := ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", text, v)
		}
	}
	for _, text := range []string{"", "0", "-5", "1.5", "max", "1/s"} {
		if n, err := ParseCount(text); err == nil {
			t.Errorf("ParseCount(%q) = %v, want an error", text, n)
		}
	}
}

// TestFormatRateIsExact tries rates of every size, the awkward ones included.
func TestFormatRateIsExact(t *testing.T) {
	rates := []float64{0, MinRate, MaxRate, 1.0 / 3, 999.9999999, math.Nextafter(1000, 0), math.Nextafter(1000, 2000), 1e6 + 1}
	for n := 1.0; n <= 5000; n++ {
		rates = append(rates, n/60, n/3600, n*1000, n*1.1, n/7)
	}
	for _, v := range rates {
		text := FormatRate(v)
		if got, err := ParseRate(text); got != v || err != nil {
			t.Fatalf("FormatRate(%v) = %q, which reads as %v, %v", v, text, got, err)
		}
	}
}

// TestVerbs holds the help to the parser: each form parses to its verb, and
// each verb has help.
func TestVerbs(t *testing.T) {
	seen := map[Verb]bool{}
	for _, h := range Verbs() {
		seen[h.Verb] = true
		head, last := h.Form, ""
		if i := strings.LastIndex(h.Form, " "); i >= 0 && h.Verb != Mark {
			head, last = h.Form[:i+1], h.Form[i+1:]
		}
		for _, alternative := range strings.Split(last, "|") {
			c, err := Parse(head + alternative)
			if err != nil || c.Verb != h.Verb {
				t.Errorf("%q of the help reads as %v, %v", head+alternative, c, err)
			}
		}
		if h.Does == "" || (!h.Live && !h.Phase) {
			t.Errorf("%q has no use", h.Form)
		}
	}
	for verb := range readers {
		if !seen[verb] {
			t.Errorf("%s has no help", verb)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"timeout", "target", "tls", "connect-timeout"}
	for text, want := range map[string]string{
		"timout": "timeout", "Timeout": "timeout", "tiemout": "timeout", "traget": "target", "connect_timeout": "connect-timeout", "conn": "connect-timeout",
		"ssl": "", "t": "", "xyz": "", "colour": "", strings.Repeat("t", 70): "",
	} {
		if got := Nearest(text, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzParse: no text makes the parser panic; a refusal points into the text;
// what is accepted prints in a form that means the same and is final.
func FuzzParse(f *testing.F) {
	for _, h := range Verbs() {
		f.Add(h.Form)
	}
	for _, text := range []string{"rate 2k over 30s", "rate 1,5k", "rate 100/m", "concurrency -8 cut", "hold 1h30m", `mark "a \"b\" c\\"`, `rate file "a \"b\".csv" x2 speed x0.5`, "wave 2k..0 every 1h from 15m for 3h", "step 2k by -200 every 30s to 150", `weight "a b" 30%`, "rate 5 starts over 1s", "rate x0.001", "rate +0.1%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) || e.Msg == "" {
				t.Fatalf("Parse(%q): %#v", text, err)
			}
			return
		}
		again, err := Parse(c.String())
		if err != nil || again != c {
			t.Fatalf("Parse(%q) = %+v prints as %q, which reads as %+v, %v", text, c, c.String(), again, err)
		}
		switch {
		case c.Lasts() < 0 || c.Lasts() > MaxDuration:
			t.Fatalf("Parse(%q) lasts %v", text, c.Lasts())
		case c.Verb == Step && (c.Steps() < 2 || c.Steps() > MaxSteps+1 || c.StepRate(0) != Tidy(c.From) || c.StepRate(c.Steps()-1) != c.To):
			t.Fatalf("Parse(%q) has %d steps from %v to %v", text, c.Steps(), c.StepRate(0), c.StepRate(c.Steps()-1))
		case c.Verb == Wave && (c.Every < MinPeriod || c.Into >= c.Every || c.From == c.To || c.Top() > MaxRate):
			t.Fatalf("Parse(%q) accepts the wave %+v", text, c)
		case c.Verb == Rate && c.Amount.Op == Set && !(c.Amount.Value >= 0 && c.Amount.Value <= MaxRate):
			t.Fatalf("Parse(%q) accepts the rate %v", text, c.Amount.Value)
		case c.Verb == Concurrency && c.Amount.Op == Set && !(c.Amount.Value >= 1 && c.Amount.Value == math.Trunc(c.Amount.Value)):
			t.Fatalf("Parse(%q) accepts the concurrency %v", text, c.Amount.Value)
		case c.Over < 0 || c.For < 0 || (c.Verb == Hold && c.For == 0):
			t.Fatalf("Parse(%q) accepts the time of %+v", text, c)
		}
	})
}

// TestSteps: a staircase ends at its last rate, also where the steps do not
// come out even.
func TestSteps(t *testing.T) {
	for text, want := range map[string]string{
		"step 100 by 100 every 30s to 400":   "100 200 300 400, 2m",
		"step 100 by 150 every 10s to 500":   "100 250 400 500, 40s",
		"step 2k by -700 every 10s to 0":     "2k 1300 600 0, 40s",
		"step 0.1 by 0.1 every 1s to 0.3":    "0.1 0.2 0.3, 3s",
		"step 90/m by 60/m every 1s to 2.51": "1.5 2.5 2.51, 3s",
	} {
		c, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var rates []string
		for k := range c.Steps() {
			rates = append(rates, FormatRate(c.StepRate(k)))
		}
		if got := strings.Join(rates, " ") + ", " + FormatDuration(c.Lasts()); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
