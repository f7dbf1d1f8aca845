// Package layout arranges the boxes of the cockpit on a screen of any size.
//
// [Frame] is a pure function of a snapshot, the cockpit's own [State] and the
// size: it keeps nothing and changes nothing.
package layout
