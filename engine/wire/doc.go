// Package wire carries one request to the target and its answer back, and
// stamps what happened on the way.
//
// A [Transport] makes a [Conn] for each slot of concurrency; a Conn is used by
// one goroutine, has at most one request in flight and at most one TCP
// connection open. Nothing is retried, redirected or decompressed. There are
// no deadlines on the path: who wants a limit calls [Conn.Kill] from outside.
// Start with [NewHTTP1].
package wire
