package main

import (
	"fmt"

	"stoke/engine"
	"stoke/engine/measure"
	"stoke/tui/units"
)

// progress is the state of a run in one line.
func progress(s *engine.Snapshot) string {
	w := &s.View.Last10
	line := fmt.Sprintf("%s  %s  rate %s  done %s", units.Clock(s.At), s.State, units.Setting(s.Dial.Rate)+"/s", units.Rate(w.Rates.Done))
	return line + fmt.Sprintf("  p50 %s  p99 %s  in flight %d  %s", rank(&w.Response, measure.P50), rank(&w.Response, measure.P99), s.InFlight, s.Verdict.Text)
}
