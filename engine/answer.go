package engine

import (
	"stoke/engine/measure"
	"stoke/engine/wire"
)

// sample turns the result of an exchange into the record of its request. who
// ended it from outside, 0 if it ended by itself; left says that something of
// it left.
func (r *Run) sample(out *measure.Sample, tk *ticket, res *wire.Result, who killer, left bool) {
	*out = measure.Sample{
		T0: tk.t0, T1: tk.t1, T2: tk.t2,
		T3: res.T3, T4: res.T4, T5: res.T5, T6: res.T6, T7: res.T7, T8: res.T8,
		In: res.In, Out: res.Out, RetryAfter: -1,
		Segment: tk.segment, Endpoint: tk.endpoint, Status: uint16(res.Status), Address: res.Address,
	}
	if out.T8 == 0 {
		out.T8 = r.now()
	}
	if out.T3 == 0 && out.T4 != 0 {
		out.T3 = out.T2 // a kept connection was ready with the slot
	}
	out.Flags = set(left, measure.Departed) | set(res.Opened, measure.Opened) | set(res.Reused, measure.Reused) |
		set(res.Early, measure.Early) | set(res.Closed, measure.ConnClosed) | set(res.Reconnected, measure.Reconnected) |
		set(res.Retired, measure.Retired)
	switch {
	case who == byTimeout:
		out.Class, out.Fault = measure.Error, uint8(timeoutOf(res))
		text := "no answer within the timeout"
		if res.Fault == wire.HeadMalformed {
			text = res.Detail
		}
		r.note(wire.Fault(out.Fault), text)
	case who != 0 && !left || res.Fault == wire.Withheld:
		// What is stopped while it still connects was never sent.
		out.Class, out.T4 = measure.Superseded, 0
	case who == byCut:
		out.Class = measure.Cut
	case who == byStop:
		out.Class = measure.Stopped
	case res.Fault != wire.None:
		out.Class, out.Fault = measure.Error, uint8(res.Fault)
		r.note(res.Fault, res.Detail)
	case r.limited(res):
		out.Class, out.RetryAfter = measure.Limited, res.RetryAfter
	case !r.endpoints[tk.endpoint].expects(res.Status):
		out.Class = measure.Status
	default:
		out.Class = measure.OK
	}
}

func set(on bool, f measure.Flags) measure.Flags {
	if on {
		return f
	}
	return 0
}

// limited reports whether an answer is a rate limiter's refusal.
func (r *Run) limited(res *wire.Result) bool {
	if res.Status == 429 || res.Status == 503 && res.RetryAfter >= 0 {
		return true
	}
	for _, status := range r.profile.Limited {
		if res.Status == status {
			return true
		}
	}
	return false
}

// timeoutOf is the timeout of the phase in which a request was when its time
// ran out. A request that was complete by the time the connection was closed
// had lost the race while its body was read, and a header without a proper end
// came in time: it is that which is wrong.
func timeoutOf(res *wire.Result) wire.Fault {
	switch f := res.Fault; {
	case f == wire.DNSNotFound || f == wire.DNSFailed || f == wire.DNSTimeout:
		return wire.DNSTimeout
	case f >= wire.DialRefused && f <= wire.DialOther:
		return wire.DialTimeout
	case f >= wire.TLSTimeout && f <= wire.TLSProtocol:
		return wire.TLSTimeout
	case f >= wire.WriteReset && f <= wire.WriteTimeout:
		return wire.WriteTimeout
	case f == wire.Withheld:
		return wire.DialTimeout
	case f == wire.HeadMalformed:
		return wire.HeadMalformed
	case f >= wire.HeadTimeout && f <= wire.HeadTooLarge:
		return wire.HeadTimeout
	case f == wire.None || f >= wire.BodyTimeout && f <= wire.BodyTooLarge:
		return wire.BodyTimeout
	}
	return wire.WaitTimeout
}

// note keeps the first message of each fault for the panels.
func (r *Run) note(f wire.Fault, text string) {
	if text == "" || !r.noted[f].CompareAndSwap(false, true) {
		return
	}
	r.notesMu.Lock()
	r.notes = append(r.notes, faultNote{f, text})
	r.notesMu.Unlock()
}

// faultNote is a message on its way to the recorder.
type faultNote struct {
	fault wire.Fault
	text  string
}
