// Package opening is the first screen: what can be driven, to choose from.
//
// A [List] is plain state: keys go in, a picture comes out. It opens no file
// and no terminal; start with [New].
//
// Invariants: every size from 1x1 gets a whole picture; nothing is chosen but
// by enter; a profile that cannot be used says why and is not chosen.
package opening
