// Package importer turns what other tools wrote into traffic profiles: curl
// command lines, HAR recordings, OpenAPI documents, access logs, vegeta targets
// and k6 scripts.
//
// Start with [Curl], [HAR], [OpenAPI], [AccessLog], [Vegeta] or [K6]. Each
// takes the text of one input and returns a [Result]: a profile with comments
// that [profiles.Read] reads, and notes on what could not be carried over.
// Nothing is executed, no network is touched, and no file is opened but those
// that [Options] Folder holds. What looks like a secret becomes a reference to
// an environment variable; its value stands neither in the profile nor in a
// note.
package importer
