// Package profiles reads, checks, finds and lists saved traffic profiles.
//
// A [Profile] is what a file says, with defaults left out until
// [Profile.WithDefaults]. [Read] is strict: it reports every problem at once,
// each with line and column. Start with [Read] for text, [Open] for a name or
// a path.
package profiles
