// Package tui is the cockpit: it shows a run and turns keys into orders.
//
// It reads immutable snapshots and sends orders through [Run]; it measures
// nothing and never makes the load wait. Start with [Open].
package tui
