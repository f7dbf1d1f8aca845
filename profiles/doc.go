// Package profiles reads, checks, finds and lists saved traffic profiles.
//
// A [Profile] is what a file says, with defaults left out until
// [Profile.WithDefaults]. [Read] is strict: it reports every problem at once,
// each with line and column. Start with [Read] for text, [Open] for what an
// argument names, [Library] for the saved profiles and the examples.
//
// Invariants: each key is declared once, in a table that both reads it and
// documents it ([Keys]); a profile that was read can be sent as it is and
// keeps its own ceilings; what a text costs to read is bounded, whoever wrote
// it; a message never holds what a terminal would act on. Nothing here touches
// the network, and the only files opened are those that an argument names, the
// saved profiles, and what lies beside a profile that names it
// ([Profile.ReadFiles]).
package profiles
