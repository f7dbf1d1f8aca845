// Package tui is the cockpit: it shows a run and turns keys into orders.
//
// It reads immutable snapshots and sends orders through [Run]; it measures
// nothing and never makes the load wait. Start with [Open].
//
// Invariants:
//   - One key raises the load by a quarter at most, below 10 by one unit;
//     what raises more takes enter. The key table is tested for it.
//   - Whatever the terminal does, keys act and [Open] returns: output goes
//     through a writer of its own (link.go), input through a lexer that never
//     takes a piece of a terminal's reply for a key.
//   - What draws runs on threads that the system lets run behind the load
//     (behind_linux.go), so that a request need not wait for a picture.
//   - The terminal is restored on every way out, a panic included.
package tui
