// Package wire carries one request to the target and its answer back, and
// stamps what happened on the way.
//
// A [Transport] makes a [Conn] for each slot of concurrency; a Conn is used by
// one goroutine, has at most one request in flight and at most one TCP
// connection open. Nothing is retried, redirected or decompressed. There are
// no deadlines on the path: who wants a limit calls [Conn.Kill] from outside.
// Start with [NewHTTP1].
//
// From the bottom: a socket is a TCP connection that corks what is written and
// sends it when it is read from, in one visit to the poller where the system
// allows it; it stamps and counts. crypto/tls, a bufio.Reader and fasthttp's
// header parser sit on it unaware. A conn is a slot's connection, which lives
// on between requests; an exchange is what a request needs only while it is
// under way, borrowed from the transport, so that an idle connection stays
// small. An exchange that fails classifies its own end (broken.go), since
// fasthttp calls many different ends an EOF.
//
// A request may have holes ([Hole]), which [Request.Fill] fills before each
// send into a request of the caller's (fill.go); one whose holes are open is
// never sent. What a request asks to be kept of its answer (capture.go) lies in
// a buffer that the connection borrows as long as it may be looked at.
//
// Invariants: a request leaves at most once; nothing leaves without the gate's
// consent; no value that fills a hole makes two requests of one; the byte
// counts are the socket's; a kept connection is never reused with anything
// unread on it.
package wire
