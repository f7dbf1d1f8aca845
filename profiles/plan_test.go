package profiles

import (
	"strings"
	"testing"
	"time"
)

// planned reads a profile with the phases, under ceilings of 2k and 100.
func planned(phases string) (*Profile, error) {
	text := "stoke: 1\ntarget: http://127.0.0.1:1\nlimits: {rate: 2k, concurrency: 100}\nrequests:\n" +
		"  - {name: browse, weight: 80%, get: /a}\n  - {name: checkout, weight: 20%, get: /b}\nphases:\n"
	for _, phase := range strings.Split(phases, ", ") {
		text += "  - " + phase + "\n"
	}
	return Read("p", []byte(text))
}

func TestPlansOfShapes(t *testing.T) {
	for phases, want := range map[string]time.Duration{
		"wave 500..2k every 60s for 10m":                                               10 * time.Minute,
		"wave 500..2k every 60s, hold 90s, rate x1.0, hold 1s":                         91 * time.Second,
		"wave 500..2k every 60s":                                                       0,
		"wave 500..2k every 60s, concurrency 20, weight browse 50%, hold 1m":           time.Minute,
		"rate 500, spike 2k for 10s, rate x4, hold 1s":                                 11 * time.Second,
		"step 100 by 100 every 30s to 2k":                                              10 * time.Minute,
		"step 2k by -200 every 30s to 200, rate x10":                                   5 * time.Minute,
		"rate file arrivals.csv x2, rate 100 over 1m":                                  time.Minute,
		"weight checkout 100%, weight browse 10%, hold 1s":                             time.Second,
		"wave 500..2k every 60s, hold 30s, pause, hold 10s, resume, hold 30s, rate x4": 70 * time.Second,
	} {
		p, err := planned(phases)
		if err != nil {
			t.Errorf("%s: %v", phases, err)
			continue
		}
		if got := p.PlanLength(); got != want {
			t.Errorf("%s lasts %v, want %v", phases, got, want)
		}
	}
	for phases, want := range map[string]string{
		"wave 500..3k every 60s, hold 1m":                     "8:5: rate 3k is above limits.rate, 2k",
		"step 100 by 500 every 30s to 2100":                   "8:5: rate 2100 is above limits.rate",
		"step 2100 by -500 every 30s to 100":                  "8:5: rate 2100 is above limits.rate",
		"rate 500, spike x5 for 10s":                          "9:5: rate 2500 is above limits.rate",
		"spike x5 for 10s":                                    "8:5: there is no rate yet",
		"rate max, hold 1s, spike +5 for 10s":                 "10:5: after rate max",
		"pause, wave 1..2 every 60s":                          "9:5: the load is paused here",
		"wave 1..2 every 60s, rate 5":                         "8:5: the wave has no time",
		"wave 1..2 every 60s, concurrency 20, spike 5 for 1s": "8:5: the wave has no time",
		"rate 500, spike -600 for 10s":                        "9:5: this leads below",
		"wave 500..2k every 60s, hold 30s, rate +1":           "10:5: rate 2001 is above", // at its crest
		"wave 500..2k every 60s for 30s, rate +1":             "9:5: rate 2001 is above",
		"wave 500..2k every 60s for 30s, hold 30s, rate +1":   "10:5: rate 2001 is above", // it stays there
		"wave 500..2k every 60s from 20s for 10s, rate +1":    "9:5: rate 2001 is above",
		"rate file arrivals.csv, hold 1s, rate +10%":          "10:5: there is no rate yet",
		"rate file ../arrivals.csv":                           "8:5: a profile names only files beside it",
		"weight chekout 30%":                                  "did you mean checkout",
		"weight browse 0%, weight checkout 50%":               "9:5: no other request has a share",
	} {
		if _, err := planned(phases); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", phases, err, want)
		}
	}
}
