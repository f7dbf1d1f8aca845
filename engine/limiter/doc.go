// Package limiter infers a rate limiter from what it let through.
//
// Start with [Observer]: it is given each answered request with the moment at
// which it was sent and whether it was refused, and says what kind of limiter
// would decide like that, with its rate and burst and how sure that is. It is a
// leaf: it knows neither a run nor a recorder.
//
// Each kind has an estimate of its own (a spacing from the gaps after accepted
// requests, a bucket from the pace between refusals and the first climb, a window
// from where it opens again), and each estimate is replayed over the decisions.
// What explains them best is told, if it does so clearly better than a coin: a
// target that refuses at random, by client or by how many are under way at once
// has no kind here.
//
// If nothing explains all of the decisions, those on what was never refused are
// left out: a limiter may be before one path only.
//
// A sliding window that counts each request looks like a fixed one under an
// even load and like none under another; one that interpolates looks like a token
// bucket. A bucket of one under even arrivals leaves its rate open between two
// multiples of their distance: the roundest is told, or nothing if they lie far
// apart; another rate of arrivals settles it. Limiters above about 1000/s can be
// told only if the way to them varies by less than a few of their requests.
//
// A server that does one request at a time and refuses the others decides like a
// bucket of one: it is recognised by how long the accepted ones take, so that such
// a bucket goes untold before a server that happens to take as long as it waits. If
// the way varies by nearly as much, it may be called a leaky bucket of one.
// Clients with a window each look like one window if they are as busy.
package limiter
