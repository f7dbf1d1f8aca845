// Package measure keeps what happened: samples come in, histograms, counts,
// windows, segments and verdicts come out.
//
// A [Recorder] is fed by one goroutine with batches of [Sample] and [Drop] and
// with a [Gauge] scanned at each tick, and answers with a [View]. It sums them
// in cells keyed by (second of the last byte, segment of the intended time), so
// that live windows and segments are sums of the same cells: histograms are
// added, percentiles never averaged. A [Histogram] is never below the exact
// value and at most 1/1024 above it.
//
// The order of a tick: Open for a change, Add and Drop for all that has ended,
// Tick with the scan, Mark for the second that just closed, View.
//
// What holds at every View: each intended request is in exactly one state, the
// run is the sum of its segments, and nothing that was published changes. What
// the requests add up to is compared with the engine's own totals in
// View.Audit; the law within [Counts] alone would prove nothing, since Intended
// is that sum.
//
// The recorder has no clock and no goroutine of its own; all times are
// nanoseconds since the start of the run. In its steady state a sample
// allocates nothing.
package measure
