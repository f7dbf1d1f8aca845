package main

import (
	"fmt"
	"time"

	"stoke/engine"
	"stoke/profiles"
	"stoke/profiles/grammar"
	"stoke/tui/units"
)

// phases prints the plan: when each phase begins, and what is not seen in its
// text.
func (c *checker) phases() {
	var length time.Duration
	for _, phase := range c.profile.Phases {
		lasts, _ := c.lasts(phase)
		length += lasts
	}
	in := " in " + grammar.FormatDuration(length.Round(time.Millisecond))
	if length == 0 {
		in = ", none of which takes time: they are the first setting, and it holds"
	}
	c.say("phases    %s%s", units.Count(int64(len(c.profile.Phases))), in)
	var at time.Duration
	for _, phase := range c.profile.Phases {
		lasts, note := c.lasts(phase)
		c.say("  %s  %s%s", units.Clock(at), phase.Change, note)
		at += lasts
	}
}

// lasts is how long a phase takes, and what its text does not say: how much a
// recording holds, and where a ceiling in requests is below a rate in starts.
func (c *checker) lasts(phase profiles.Phase) (time.Duration, string) {
	change := phase.Change
	if change.Verb == grammar.Rate && change.Name != "" {
		// A file with mistakes was refused before.
		offsets, err := profiles.ParseArrivals(c.files.Arrivals[change.Name])
		if err != nil || len(offsets) == 0 {
			return 0, ""
		}
		length := time.Duration(float64(offsets[len(offsets)-1]) / orOne(change.Speed))
		n := int64(float64(len(offsets))*orOne(change.Times) + 0.5)
		return length, fmt.Sprintf("   %s arrivals in %s", units.Count(n), grammar.FormatDuration(length.Round(time.Millisecond)))
	}
	p := c.profile
	starts := engine.CeilingOf(p, engine.Ceiling{}).Rate / engine.PerStart(p)
	if change.Verb == grammar.Rate && change.Amount.Op == grammar.Set && p.RateCounts != profiles.CountRequests && change.Amount.Value > starts {
		return change.Lasts(), fmt.Sprintf("   HELD at %s starts/s by the ceiling", units.Setting(starts))
	}
	return change.Lasts(), ""
}

// orOne is a factor, 1 where none was written.
func orOne(factor float64) float64 {
	if factor == 0 {
		return 1
	}
	return factor
}
