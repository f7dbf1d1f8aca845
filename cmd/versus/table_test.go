package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// costing makes a run that cost so many microseconds for each of 1,000 requests.
func costing(micros float64) *observation {
	return &observation{
		tally: tally{requests: 1001, first: 1_000_000_000, last: 2_000_000_000, serverCPU: 250_000_000},
		usage: usage{user: time.Duration(micros * 1001 * 250), system: time.Duration(micros * 1001 * 750), peakKB: 5120, started: 990_000_000},
	}
}

func named(name, language string) contender {
	return contender{tool: tool{name: name, language: language, paced: true}}
}

// TestClosedTable: ratios are those of one round, not of medians, and the best
// Go peer is not stoke.
func TestClosedTable(t *testing.T) {
	found := []contender{named("wrk", "C"), named(stokeName, "Go"), named("fortio", "Go"), named("hey", "Go"), named("ab", "C")}
	got := closedTable(found, series{
		"wrk":     {costing(10), costing(20), costing(40)},
		stokeName: {costing(9), costing(20), nil},
		"fortio":  {costing(20), costing(25), costing(50)},
		"hey":     {costing(100), costing(100), costing(100)},
		"ab":      {nil, nil, nil},
	})
	want := "" +
		"| tool      |     | CPU µs per request     | of it user          | ÷ wrk             | ÷ fortio         | requests/s          | server busy      | peak memory, MB | first request after       |\n" +
		"| --------- | --- | ---------------------- | ------------------- | ----------------- | ---------------- | ------------------- | ---------------- | --------------- | ------------------------- |\n" +
		"| **stoke** | Go  | 14.50 (9.00–20.00)     | 3.62 (2.25–5.00)    | 0.95 (0.90–1.00)  | 0.62 (0.45–0.80) | 1,000 (1,000–1,000) | 25 % (25 %–25 %) | 5.0 (5.0–5.0)   | 10.0 ms (10.0 ms–10.0 ms) |\n" +
		"| wrk       | C   | 20.00 (10.00–40.00)    | 5.00 (2.50–10.00)   | 1.00 (1.00–1.00)  | 0.80 (0.50–0.80) | 1,000 (1,000–1,000) | 25 % (25 %–25 %) | 5.0 (5.0–5.0)   | 10.0 ms (10.0 ms–10.0 ms) |\n" +
		"| fortio    | Go  | 25.00 (20.00–50.00)    | 6.25 (5.00–12.50)   | 1.25 (1.25–2.00)  | 1.00 (1.00–1.00) | 1,000 (1,000–1,000) | 25 % (25 %–25 %) | 5.0 (5.0–5.0)   | 10.0 ms (10.0 ms–10.0 ms) |\n" +
		"| hey       | Go  | 100.00 (100.00–100.00) | 25.00 (25.00–25.00) | 5.00 (2.50–10.00) | 4.00 (2.00–5.00) | 1,000 (1,000–1,000) | 25 % (25 %–25 %) | 5.0 (5.0–5.0)   | 10.0 ms (10.0 ms–10.0 ms) |\n" +
		"| ab        | C   | –                      | –                   | –                 | –                | –                   | –                | –               | –                         |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestStallTable: what a tool does not print says so, and what cannot be read
// is an error of that tool alone.
func TestStallTable(t *testing.T) {
	wrk, broken := named("wrk", "C"), named("hey", "Go")
	wrk.paced, wrk.parse = false, parseWrk
	broken.parse = parseHey
	seen := costing(1)
	seen.output = sample(t, "wrk.txt")
	got, errs := stallTable([]contender{wrk, broken}, series{"wrk": {seen}, "hey": {costing(1)}})
	want := "" +
		"| tool              | requests/s | p50     | p90    | p95          | p99    | p99.9        |\n" +
		"| ----------------- | ---------- | ------- | ------ | ------------ | ------ | ------------ |\n" +
		"| *what is true*    | 1,000      | 0 ms    | 0 ms   | 500 ms       | 900 ms | 990 ms       |\n" +
		"| wrk, closed model | 1,000      | 0.20 ms | 109 ms | not reported | 254 ms | not reported |\n"
	if got != want || errs["hey"] == nil || errs["wrk"] != nil {
		t.Errorf("got\n%s\nwant\n%s\n%v", got, want, errs)
	}
}

func TestFlags(t *testing.T) {
	set, err := parseFlags([]string{"--tools", "stoke,wrk", "--rates", "100, 200", "--only", "open"}, io.Discard)
	if err != nil || len(set.tools) != 2 || len(set.rates) != 2 || set.rates[1] != 200 {
		t.Errorf("%+v, %v", set, err)
	}
	for _, bad := range [][]string{
		{"--only", "half"}, {"--rounds", "0"}, {"--seconds", "-1"}, {"--connections", "1000000"}, {"--rates", "0"}, {"--rates", "5m"},
		{"--stall-seconds", "25"}, {"--stall-seconds", "10"}, {"now"}, {"--rates", "200000", "--seconds", "120"},
	} {
		if _, err := parseFlags(bad, io.Discard); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
	if _, _, err := find([]string{"stoke", "wrrk"}, "stoke"); err == nil || !strings.Contains(err.Error(), `"wrrk"`) {
		t.Errorf("a tool that is unknown: %v", err)
	}
	if _, err := placements("maybe", []int{0, 1}); err == nil {
		t.Error("--pin maybe is accepted")
	}
	if _, err := placements("both", []int{3}); err == nil {
		t.Error("one core is enough to pin two")
	}
	if both, err := placements("both", []int{2, 5, 7}); err != nil || both[0].client != 2 || both[0].server != 5 || both[0].threads != 1 || both[1].client >= 0 || both[1].threads != 3 {
		t.Errorf("%+v, %v", both, err)
	}
}

// TestMissing: what is not installed is listed, and no failure.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	found, missing, err := find(nil, "/somewhere/stoke")
	if err != nil || len(found) != 1 || found[0].path != "/somewhere/stoke" || len(missing) != len(tools)-1 {
		t.Errorf("found %d, missing %q, %v", len(found), missing, err)
	}
	text := preamble(t.Context(), found, missing, 2)
	if !strings.Contains(text, "Run: stoke.") || !strings.Contains(text, "Not found: wrk, wrk2, ") {
		t.Error(text)
	}
}

// TestCommands: what every tool is told agrees with the job.
func TestCommands(t *testing.T) {
	for _, tool := range tools {
		for _, j := range []job{
			{url: "http://127.0.0.1:1/", connections: 64, seconds: 7, threads: 2},
			{url: "http://127.0.0.1:1/", connections: 64, seconds: 7, threads: 2, rate: 1600},
		} {
			what := tool.command(j)
			said := strings.Join(what.args, " ") + what.input + what.files["script.js"]
			for _, part := range []string{j.url, "64", "7"} {
				if !strings.Contains(said, part) {
					t.Errorf("%s %d/s is not told %q: %s", tool.name, j.rate, part, said)
				}
			}
			if total, each := strings.Contains(said, "1600"), strings.Contains(said, "25"); j.rate > 0 && tool.paced && !total && !each {
				t.Errorf("%s is not told the rate: %s", tool.name, said)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for ns, want := range map[float64]string{0: "0.00 µs", 29_000: "29.0 µs", 345_678: "346 µs", 1_234_567: "1.23 ms", 2_500_000_000: "2.50 s"} {
		if got := brief(ns); got != want {
			t.Errorf("%v is %q, not %q", ns, got, want)
		}
	}
	for v, want := range map[float64]string{7: "7", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := grouped(v); got != want {
			t.Errorf("%v is %q, not %q", v, got, want)
		}
	}
	if got := lastLine("a\nwhat it was\n\n"); got != ": it said what it was" || lastLine(" \n") != "" {
		t.Errorf("%q", got)
	}
	if err := (&bench{}).verdict(); err != nil {
		t.Error(err)
	}
	if err := (&bench{unsound: []error{errors.New("x")}}).verdict(); err == nil {
		t.Error("unsound and no error")
	}
}
