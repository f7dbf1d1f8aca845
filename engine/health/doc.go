// Package health answers "is it me?": whether this machine, and not the
// target, shaped the numbers of a second.
//
// A [Monitor] samples the machine and the process once a second, is told by the
// engine what the engine alone knows ([Facts]), and judges each metric against
// a limit for WARN and one for INVALID. What cannot be measured here is
// reported as unknown, never as ok.
package health
