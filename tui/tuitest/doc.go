// Package tuitest makes snapshots to draw: a run in every state that the
// cockpit can show.
//
// They are made by hand but obey the laws of measurement: every intended
// request is in exactly one state ([Check] proves it), shares and rates agree
// with the counts, percentiles have the samples that they claim. Start with
// [All].
package tuitest
