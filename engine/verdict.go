package engine

import (
	"strings"
	"time"

	"stoke/engine/health"
	"stoke/engine/measure"
)

const (
	// failsFrom and throttledFrom are the shares, in percent, from which the
	// verdict line speaks of them.
	failsFrom     = 1
	throttledFrom = 1
	// unsentFrom is the share of requests not sent, in percent, from which a
	// setting is overloaded.
	unsentFrom = 0.1
	// slotWaitFull is the median wait for a slot from which the concurrency
	// counts as full. Nanoseconds.
	slotWaitFull = int64(1e6)
	// oldestFull is the age of the oldest waiting request from which it does,
	// too: while the target stalls nothing leaves, so no wait is ever complete.
	oldestFull = 100 * time.Millisecond
)

// verdict is the one line that says how things are: the first that applies.
func verdict(s *Snapshot) VerdictLine {
	switch s.State {
	case Ready:
		if s.Wire.Probe {
			return VerdictLine{LevelNone, "READY", "no load yet, one request was sent to look"}
		}
		return VerdictLine{LevelNone, "READY", "no load yet"}
	case Ended:
		return VerdictLine{LevelNone, "ENDED", endedBy(s.Ending)}
	case Stopping:
		return VerdictLine{LevelNone, "STOPPING", stillOpen(s)}
	case Paused:
		detail := "load is at zero"
		// What waits for its next attempt waits on.
		if n := s.InFlight + s.Connecting - s.Traffic.Retry.Waiting; n > 0 {
			detail += ", " + measure.Count(n) + " in flight finish"
		}
		if n := jobsOpen(s); n > 0 {
			detail += ", " + measure.Count(n) + " accepted jobs wait"
		}
		return VerdictLine{LevelNone, "PAUSED", detail}
	}
	seg := s.current()
	if seg == nil {
		return VerdictLine{LevelWait, "SETTLING", "no numbers yet"}
	}
	n := &seg.Stats.Counts
	if h := s.Health; h != nil && h.State == health.Invalid {
		return VerdictLine{LevelBad, "THIS MACHINE IS THE BOTTLENECK, NUMBERS INVALID", first(h.Reasons)}
	}
	if s.Audit != auditOK {
		return VerdictLine{LevelBad, "THIS MACHINE IS THE BOTTLENECK, NUMBERS INVALID", "the count of requests does not add up: " + s.Audit}
	}
	if u := n.Expired + n.Shed; u > 0 && share(u, n.Intended) >= unsentFrom {
		return VerdictLine{LevelBad, "OVERLOADED", percent(u, n.Intended) + " of what was asked was not sent since this change"}
	}
	if seg.Verdict == measure.Diverging || seg.Verdict == measure.Overloaded {
		return VerdictLine{LevelBad, "OVERLOADED", seg.Detail}
	}
	if s.full() {
		return VerdictLine{LevelWarn, "CONCURRENCY FULL", "load is now set by the target: " + measure.Count(s.Backlog) + " waiting for one of " + measure.Count(int64(s.Dial.Concurrency))}
	}
	if share(n.Failed(), n.Done()) >= failsFrom {
		return VerdictLine{LevelBad, "TARGET FAILS " + percent(n.Failed(), n.Done()), worst(&seg.Stats)}
	}
	for i := range s.Traffic.Jobs {
		if j := &s.Traffic.Jobs[i]; 100*j.unfinished() >= failsFrom {
			return VerdictLine{LevelBad, "TARGET FAILS " + measure.Percent(j.unfinished()) + " OF ITS JOBS",
				j.Name + ": " + measure.Count(j.Failed) + " failed, " + measure.Count(j.Lost) + " lost so far"}
		}
	}
	if share(n.Limited, n.Done()) >= throttledFrom {
		return VerdictLine{LevelWarn, "THROTTLED " + percent(n.Limited, n.Done()), "the target's limiter refuses"}
	}
	if share(n.Generator, n.Intended) >= unsentFrom {
		return VerdictLine{LevelWarn, "CHECK THIS MACHINE", "it stalled: " + measure.Count(n.Generator) + " requests were not sent since this change"}
	}
	if h := s.Health; h != nil && h.State == health.Warn {
		return VerdictLine{LevelWarn, "CHECK THIS MACHINE", first(h.Reasons)}
	}
	switch seg.Verdict {
	case measure.Drifting:
		return VerdictLine{LevelWarn, "DRIFTING", seg.Detail}
	case measure.Steady:
		detail := "steady " + seg.Detail
		if n.Limited > 0 {
			detail += ", " + percent(n.Limited, n.Done()) + " throttled since this change"
		}
		return VerdictLine{LevelOK, "TARGET KEEPS UP", detail}
	}
	switch seg.Kind {
	case measure.Ramp:
		return VerdictLine{LevelWait, "SETTLING", "the rate is on its way"}
	case measure.Wave, measure.Spike, measure.Replay:
		return VerdictLine{LevelWait, "SETTLING", "the rate moves: " + seg.Label}
	}
	return VerdictLine{LevelWait, "SETTLING", measure.Span(s.At-time.Duration(seg.From)) + " since the change"}
}

// jobsOpen is how many jobs were accepted and have not come to their end.
func jobsOpen(s *Snapshot) (n int64) {
	for i := range s.Traffic.Jobs {
		n += s.Traffic.Jobs[i].Backlog
	}
	return n
}

// stillOpen says what is still under way after a stop: jobs that were accepted
// are asked for to their end.
func stillOpen(s *Snapshot) string {
	var parts []string
	if n := s.InFlight + s.Connecting; n > 0 {
		parts = append(parts, measure.Count(n)+" in flight")
	}
	if n := jobsOpen(s); n > 0 {
		parts = append(parts, measure.Count(n)+" accepted jobs")
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, " and ") + " finish"
}

// percent writes part of whole.
func percent(part, whole int64) string { return measure.Percent(share(part, whole) / 100) }

// full reports whether the concurrency, and not the rate, sets the load.
func (s *Snapshot) full() bool {
	if s.Model == "closed" {
		return false
	}
	n := &s.View.Last1.Counts
	return n.Expired+n.Shed > 0 || s.Backlog > 0 && s.Slots >= s.Dial.Concurrency && (s.SlotWaitP50 > slotWaitFull || s.Oldest > oldestFull)
}

// worst names what fails most.
func worst(s *measure.Stats) string {
	var parts []string
	for _, t := range s.ByStatus {
		if t.Name >= "400" && t.Name != "429" {
			parts = append(parts, t.Name+" x"+measure.Count(t.Count))
			break
		}
	}
	if s.Assert > 0 {
		parts = append(parts, "checks x"+measure.Count(s.Assert))
	}
	if len(s.ByFault) > 0 {
		parts = append(parts, s.ByFault[0].Name+" x"+measure.Count(s.ByFault[0].Count))
	}
	return strings.Join(parts, ", ")
}

func first(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return reasons[0]
}

// endedBy is why a run ended, in words.
func endedBy(why string) string {
	switch why {
	case "duration":
		return "its time was up"
	case "plan":
		return "its phases are done"
	case "data":
		return "its data is used up"
	}
	return "stopped by " + why
}
