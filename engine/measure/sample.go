package measure

// Class is the one state in which an intended request ends.
type Class uint8

// The classes. Their names, from String, are those of the result schema.
const (
	OK         Class = iota // answered as expected
	Status                  // answered with an unexpected status
	Limited                 // refused by a rate limiter: 429, or 503 with Retry-After
	Assert                  // answered, but a check on the answer failed
	Error                   // no complete answer; Sample.Fault says why
	Expired                 // never sent: waited for a slot longer than max-late
	Shed                    // never sent: no free slot, and the policy is shed
	Superseded              // never sent: the operator changed the rate, paused or stopped
	Generator               // never sent: this machine was asleep when it was due
	Cut                     // sent, then cut by the operator
	Stopped                 // sent, then abandoned by the stop
	NumClasses
)

// String is the class as results name it.
func (c Class) String() string {
	return [NumClasses]string{"ok", "status", "limited", "assert", "error", "expired", "shed", "superseded", "generator", "cut", "stopped"}[c]
}

// Sample is the record of one intended request that has ended. Times are
// nanoseconds since the start of the run; a stamp that was not reached is 0.
type Sample struct {
	T0 int64 // intended
	T1 int64 // due: the pacer released it
	T2 int64 // slot granted
	T3 int64 // connection ready
	T4 int64 // just before the first write
	T5 int64 // after the last write
	T6 int64 // after the read that brought the first byte of the final answer
	T7 int64 // after the read that completed the header
	T8 int64 // end: last byte, or the moment of failure or of the drop

	In, Out    int64 // bytes on the socket: headers, and under TLS its records and handshakes, included
	RetryAfter int32 // seconds asked for by a Limited answer, -1 if none
	Segment    int32 // of T0
	Endpoint   uint16
	Status     uint16 // 0 without an answer
	Class      Class
	Fault      uint8 // index into Config.Faults for Error
	Flags      Flags
	Address    uint8 // which of the target's addresses it went to, from 1; 0 if that is not told apart
}

// Flags are facts about one exchange.
type Flags uint8

// The flags.
const (
	Opened      Flags = 1 << iota // this request opened a connection
	Reused                        // it travelled on a connection used before
	Early                         // the answer began before the request was written
	ConnClosed                    // the connection was closed after it
	Reconnected                   // a kept connection was found closed before the send and replaced
	Departed                      // at least one byte of the request left (T4 is a send)
	Retired                       // a kept connection was closed by us before the send
)

// Drop is a run of requests that ended without being sent, all for the same
// reason.
type Drop struct {
	Class    Class
	At       int64 // when they were dropped
	Segment  int32 // of their T0
	Endpoint uint16
	N        int64 // how many
}
