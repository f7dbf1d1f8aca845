// Package target is the server that Stoke brings along to be tried against: a
// small shop over plain net/http whose latency, errors, rate limit, stalls and
// capacity are settings.
//
// Start with [New], which returns an http.Handler, and [Target.Serve], which
// also numbers connections for the log. A request passes, in this order: the
// stall, the rate limiter, the queue for a worker, the drawn latency, the drawn
// error. It is counted once, under the status it was answered with, before the
// answer is written, so that the counts are never behind what a client saw.
//
// POST /process is answered when its job is queued; jobs have workers of their
// own, which no stall, limit or capacity touches, and polling for one is a
// request like any other. What clients make here is kept in bounded memory:
// jobs are forgotten a minute after their end, of carts the newest stay.
//
// Delays are ordinary Go timers: on a machine that is otherwise idle they end
// up to about 1 ms late. A latency of 0 sets no timer at all.
package target
