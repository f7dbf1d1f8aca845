// Package engine is what a run is: a plan is started, driven through one door
// ([Run.Apply]), watched through immutable [Snapshot]s and summed up in one
// [Result].
//
// The dispatcher alone knows the future: it holds the schedule, the backlog and
// the idle slots under one mutex, so a change or a pause reaches everyone at
// once. A slot is one worker goroutine with one connection. Samples go in
// batches to one recorder goroutine, which owns every histogram and publishes
// snapshots at most ten times a second. Nothing here draws, prints or listens.
package engine
