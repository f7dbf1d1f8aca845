// Package grammar is the one small language in which Stoke's load is changed.
//
// The cockpit's ":" line, the phases of a profile, the command line's flags
// and every remote order are parsed here, by [Parse], so that a text means the
// same wherever it is typed. Start with [Parse] and [Change].
//
// Invariants: parsing is pure; an accepted change prints in one canonical form
// that parses back to the same change; a refused text says at which byte it
// went wrong and what was probably meant.
package grammar
