// Package examples holds the profiles that come with Stoke. Each runs against
// the demo target (stoke target, http://127.0.0.1:8080) and explains itself in
// comments: they are for running and for copying. Start with [Names] and
// [Text].
package examples
