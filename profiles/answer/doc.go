// Package answer reads values out of an answer and tests them: what a
// profile's capture, expect and async.done say.
//
// Start with [ParseSource] for what is read (json $.id, header location,
// cookie session, regex "id=(\d+)", status, size, body), with [ParseTest] for
// a source that is compared (json $.status == "done"), and with [Answer] for
// what they are applied to. A parsed Source or Test is immutable and may be
// used by any number of goroutines. Nothing here knows a profile or a socket.
package answer
