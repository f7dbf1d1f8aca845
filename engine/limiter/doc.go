// Package limiter infers a rate limiter from what it let through.
//
// Start with [Observer]: it is given each answered request with the moment at
// which it arrived and whether it was refused, and says what kind of limiter
// would decide like that, with its rate and burst and how sure that is. It is a
// leaf: it knows neither a run nor a recorder.
package limiter
