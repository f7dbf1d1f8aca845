package main

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const us = time.Microsecond

// TestParsers: each parser against what its tool really printed.
func TestParsers(t *testing.T) {
	for _, test := range []struct {
		file  string
		parse func(string) (quantiles, error)
		want  quantiles
	}{
		{"stoke.json", parseStoke, quantiles{"p50": 201599, "p90": 6443007, "p95": 20922367, "p99": 76808191, "p99.9": 135004159}},
		{"wrk.txt", parseWrk, quantiles{"p50": 199 * us, "p90": 109050 * us, "p99": 254470 * us}},
		{"wrk2.txt", parseWrk2, quantiles{"p50": 3290 * us, "p90": 43260 * us, "p95": 63103 * us, "p99": 98050 * us, "p99.9": 103420 * us}},
		{"h2load.txt", parseH2load, quantiles{}},
		{"ab.txt", parseAb, quantiles{"p50": 0, "p90": 0, "p95": 0, "p99": 4000 * us}},
		{"oha.txt", parseOha, quantiles{"p50": 400 * us, "p90": 8500 * us, "p95": 20400 * us, "p99": 75100 * us, "p99.9": 104400 * us}},
		{"oha-units.txt", parseOha, quantiles{"p50": 412500, "p90": 8500 * us, "p95": 20400 * us, "p99": 75100 * us, "p99.9": 104400 * us}},
		{"vegeta.txt", parseVegeta, quantiles{"p50": 282522, "p90": 2186559, "p95": 6979794, "p99": 88334550, "p99.9": 157321532}},
		{"fortio.json", parseFortio, quantiles{"p50": 519628, "p90": 909778, "p95": 958546, "p99": 997561, "p99.9": 7085724}},
		{"bombardier.json", parseBombardier, quantiles{"p50": 265 * us, "p90": 3140 * us, "p95": 16168 * us, "p99": 27975 * us}},
		{"plow.json", parsePlow, quantiles{"p50": 269 * us, "p90": 9764 * us, "p95": 29623 * us, "p99": 75178 * us, "p99.9": 102186 * us}},
		{"hey.txt", parseHey, quantiles{"p50": 400 * us, "p90": 10700 * us, "p95": 26100 * us, "p99": 2272 * time.Millisecond}},
		{"k6.json", parseK6, quantiles{"p50": 249401, "p90": 540734, "p95": 1373301, "p99": 2625748, "p99.9": 4362921}},
		{"autocannon.json", parseAutocannon, quantiles{"p50": 5000 * us, "p90": 43000 * us, "p99": 68000 * us, "p99.9": 73000 * us}},
	} {
		t.Run(test.file, func(t *testing.T) {
			got, err := test.parse(sample(t, test.file))
			if err != nil {
				t.Fatal(err)
			}
			if !maps.EqualFunc(got, test.want, func(a, b time.Duration) bool { return (a - b).Abs() <= 1 }) {
				t.Errorf("got  %v\nwant %v", got, test.want)
			}
			for _, junk := range []string{"", "connect: connection refused\n", "{}", "[1"} {
				if got, err := test.parse(junk); err == nil {
					t.Errorf("read %v out of %q", got, junk)
				}
			}
		})
	}
}

// TestEveryToolHasASample: a tool without a captured output is an untested
// parser.
func TestEveryToolHasASample(t *testing.T) {
	for _, tool := range tools {
		files, err := filepath.Glob("testdata/" + tool.name + ".*")
		if err != nil || len(files) != 1 {
			t.Errorf("%s has the samples %q (%v)", tool.name, files, err)
			continue
		}
		if _, err := tool.parse(sample(t, filepath.Base(files[0]))); err != nil {
			t.Errorf("%s: %v", tool.name, err)
		}
	}
}

func sample(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
