// Package measure keeps what happened: samples come in, histograms, counts,
// windows, segments and verdicts come out.
//
// A [Recorder] is fed by one goroutine with batches of [Sample] and with a
// [Gauge] scanned at each tick. It sums them in cells keyed by (second of the
// last byte, segment of the intended time), so that live windows and segments
// are sums of the same cells: histograms are added, percentiles never
// averaged. It has no clock and no goroutine of its own; all times are
// nanoseconds since the start of the run.
package measure
