// Package layout arranges the boxes of the cockpit on a screen of any size.
//
// [Frame] is a pure function of a snapshot, the cockpit's own [State] and the
// size: it keeps nothing and changes nothing. There are three pictures: from
// 120 by 33 cells everything, from 80 by 16 the compact one, below that single
// lines, of which the most important stay: state, dials, p99, error share,
// this machine.
//
// The picture depends on the size and on the state of the run only, never on
// the numbers: boxes do not move while a run goes on.
package layout
