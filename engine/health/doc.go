// Package health answers "is it me?": whether this machine, and not the
// target, shaped the numbers of a second.
//
// A [Monitor] samples the machine and the process once a second, is told by the
// engine what the engine alone knows ([Facts]), and judges each metric against
// a limit for WARN and one for INVALID. What cannot be measured here is
// reported as unknown, never as ok; a figure of which too little was seen is
// unknown too, unless it is good. [Totals] sums the seconds of a run up, and
// [Validity] holds the rule by which INVALID seconds spoil a segment or a run.
//
// Start with limits.go: it holds every limit and the advice that goes with it.
// The judgement (judge.go) is a pure function of what was read and of the
// facts. Reading comes in two halves: counters of the kernel and the runtime,
// of which two are compared, and the canary, which is sampled all the time.
package health
