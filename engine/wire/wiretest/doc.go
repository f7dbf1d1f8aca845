// Package wiretest has servers that tell the truth about what reached them.
//
// A [Server] answers HTTP/1.1 and records when each request arrived and when
// its answer left, on the clock of the test, so that its log can be laid beside
// the client's stamps. A [Script] plays one side of a connection byte by byte,
// to make every fault there is. Neither uses fasthttp or net/http: a mistake of
// the client's library must not be hidden by the same mistake here.
//
// Everything listens on loopback and is closed by the test's cleanup, which
// waits until its goroutines have ended.
package wiretest
