// Package experiment proves the engine's numbers: each [Experiment] is a run
// whose outcome theory predicts, the comparison with it, and the faults
// ([Mutant]) that must make the comparison fail. An experiment that passes with
// its mutant in place proves nothing; the tests hold every pair.
//
// Start with [All] and [Experiment.Run]. An experiment takes place in a [World]:
// in virtual time under testing/synctest ([Virtual]), where arithmetic holds
// exactly and an hour costs a second, or on sockets against the truth server
// ([Sockets], or another process through [Processes]), which logs what reached
// it and shares no code with the client. T numbers are those of the list of
// acceptance tests.
//
// Invariants: a finding is judged against theory or the target's log, never
// against the engine's own opinion; what a busy machine may spoil is marked as
// timed and judged only when the run's health was in order; everything stays on
// loopback.
package experiment
