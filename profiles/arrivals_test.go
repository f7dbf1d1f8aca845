package profiles

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseArrivals(t *testing.T) {
	ms := time.Millisecond
	for name, c := range map[string]struct {
		text string
		want []time.Duration
	}{
		"offsets":            {"0\n0.25\n0.25\n12.3456789\n", []time.Duration{0, 250 * ms, 250 * ms, 12345678900}},
		"one line, no end":   {"1.5", []time.Duration{1500 * ms}},
		"a heading":          {"\ufeffseconds,path\r\n0.5,/a\r\n1,/b\r\n", []time.Duration{500 * ms, time.Second}},
		"comments":           {"# recorded\n1\n\n# more\n2\n", []time.Duration{time.Second, 2 * time.Second}},
		"out of order":       {"2\n1\n", []time.Duration{time.Second, 2 * time.Second}},
		"moments":            {"time\n2026-11-23T08:15:00.25Z,x\n2026-11-23T09:15:00+01:00\n2026-11-23T08:15:02.000000001Z\n", []time.Duration{0, 250 * ms, 2*time.Second + 1}},
		"seconds since 1970": {"1700000000.123456789\n1700000001\n", []time.Duration{0, 876543211}},
		"quoted":             {"\"1\",a\n\"2\",b\n", []time.Duration{time.Second, 2 * time.Second}},
	} {
		got, err := ParseArrivals([]byte(c.text))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"":                         "no arrivals",
		"seconds\n":                "no arrivals",
		"1\nsoon\n":                "2:1: \"soon\" is no time",
		"a\nb\n1\n":                "2:1:",
		"1\n-2\n":                  "2:1: \"-2\" is before the start",
		"1\n,2\n":                  "2:1: no time in this line",
		"1700000000000\n":          "milliseconds",
		"40000000\n":               "longer than",
		"1\n2026-11-23T08:15:00Z":  "2:1: an offset and a moment",
		"NaN\n1\nInf\n":            "3:1:",
		"1e400\n":                  "no time",
		"1700000000\n1999999999\n": "last longer",
		"0x10\n":                   "no time",
	} {
		got, err := ParseArrivals([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}

func FuzzParseArrivals(f *testing.F) {
	f.Add([]byte("time,path\n0.5,/a\n# x\n1,/b\n"))
	f.Add([]byte("2026-11-23T08:15:00.25Z\n1700000000.1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ParseArrivals(data)
		if (err == nil) != (len(got) > 0) || !slices.IsSorted(got) {
			t.Fatalf("%q: %v, %v", data, got, err)
		}
		if err == nil && (got[0] < 0 || got[len(got)-1] > 8760*time.Hour) {
			t.Fatalf("%q: from %v to %v", data, got[0], got[len(got)-1])
		}
	})
}

// TestArrivalsBeside: the file of a phase is read beside the profile, and what
// is wrong in it is told at the phase, with the line of the file.
func TestArrivalsBeside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.yaml")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	profile := func(phase string) (*Profile, error) {
		text := "stoke: 1\ntarget: http://127.0.0.1:1\nrequests:\n  - get: /\nphases:\n  - " + phase + "\n"
		return Read(path, []byte(text))
	}
	write("arrivals.csv", "0\n1\n")
	write("broken.csv", "0\nx\n")
	p, err := profile("rate file arrivals.csv x2")
	if err != nil {
		t.Fatal(err)
	}
	if f, err := p.ReadFiles(); err != nil || string(f.Arrivals["arrivals.csv"]) != "0\n1\n" {
		t.Errorf("%v, %v", f.Arrivals, err)
	}
	for name, want := range map[string]string{"broken.csv": ":6:5: broken.csv:2:1: \"x\" is no time", "none.csv": ":6:5: reading \"none.csv\""} {
		p, err := profile("rate file " + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.ReadFiles(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if _, err := profile("rate file ../arrivals.csv"); err == nil || !strings.Contains(err.Error(), "beside") {
		t.Errorf("a file above the profile: %v", err)
	}
}
