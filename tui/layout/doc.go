// Package layout arranges the boxes of the cockpit on a screen of any size.
//
// [Frame] is a pure function of a snapshot, the cockpit's own [State] and the
// size: it keeps nothing and changes nothing. State.View says what is shown: the
// overview, one of the views of a single matter from 60 by 20 cells on, or, with
// State.Help, a topic of the help. There are three overviews: from 120 by 33
// cells everything, from 80 by 16 the compact one, below that single lines, of
// which the most important stay: state, dials, p99, error share, this machine.
// [Rows] tells how far State.Scroll goes; what is beyond is put right.
//
// The picture depends on the size, on the state of the run and on what was
// chosen, never on the numbers: boxes do not move while a run goes on.
package layout
