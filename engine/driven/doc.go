// Package driven turns what was done in a run into phases that do it again.
//
// Start with [Phases]. Two promises hold, and both are tested:
//   - In every second of the plan as many requests are due as were due in that
//     second of the run, within 0.7 %. Times, values and held keys are made
//     simpler only as far as that allows.
//   - The phases are the language of profiles and pass its checks.
package driven
