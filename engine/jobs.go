package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/answer"
	"stoke/profiles/template"
)

// maxJitter bounds the share of the pause between two polls that is drawn at
// random.
const maxJitter = 0.2

// job is how the work that a request began is followed to its end. It is
// immutable but for its figures.
type job struct {
	figures    *jobFigures
	address    []addressPart
	ofServer   bool          // the address is the server's, not a path of the profile
	req        *wire.Request // a poll
	holes      []hole        // of it; the first is its path
	every      time.Duration
	within     time.Duration
	jitter     float64
	accepted   *answer.Test // nil: status 202
	done       answer.Test
	failed     *answer.Test
	keepAccept wire.Keep
}

// addressPart is a stretch of a poll's address: text, or placeholder ref.
type addressPart struct {
	literal string
	ref     int // -1 for text
	escape  template.Escape
}

// jobState is where the job of a flow is.
type jobState struct {
	job      *job
	at       []byte // path and query of its polls; nil before it was accepted
	began    int64  // T0 of the request that began it
	accepted int64
	segment  int32
	pauses   int // of the flow when the job began
	place    int // among the open ones
}

// job compiles how a step's job is followed.
func (w *scriptWriter) job(q *profiles.Request, e *endpoint) (*job, error) {
	a := q.Async
	j := &job{every: a.Every, within: a.Within, jitter: min(a.Jitter, maxJitter), accepted: a.Accepted, done: a.Done, failed: a.Failed}
	text := a.Poll
	if text == "" {
		text = "${header.location}"
	}
	parsed, err := template.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("async.poll: %w", err)
	}
	how, escape := template.Path, pathEscape()
	for i, part := range parsed.Parts {
		if part.Ref == nil {
			j.ofServer = j.ofServer || i == 0 && strings.Contains(part.Literal, "://")
			how = escape(part.Literal)
			j.address = append(j.address, addressPart{literal: part.Literal, ref: -1})
			continue
		}
		p := addressPart{ref: w.script.set.Add(part.Ref), escape: how}
		if part.Ref.Kind == template.Header {
			j.keepAccept |= wire.KeepHead
		}
		if i == 0 { // the server wrote the whole of it
			j.ofServer = j.ofServer || part.Ref.Kind == template.Header || part.Ref.Kind == template.Capture
			p.escape = template.Raw
		}
		j.address = append(j.address, p)
	}
	for _, t := range []*answer.Test{a.Accepted, &a.Done} {
		if t != nil && t.NeedsBody() {
			j.keepAccept |= wire.KeepBody
		}
		if t != nil && t.NeedsHead() {
			j.keepAccept |= wire.KeepHead
		}
	}
	if err = w.poll(q, j); err != nil {
		return nil, fmt.Errorf("async: %w", err)
	}
	name := q.Name
	if name == "" {
		name = w.script.name
	}
	j.figures = &jobFigures{name: name}
	w.r.figures.jobs = append(w.r.figures.jobs, j.figures)
	return j, nil
}

// poll compiles a poll: a GET with the headers of the request that began the
// job, but for those of its body.
func (w *scriptWriter) poll(q *profiles.Request, j *job) error {
	bare := profiles.Request{Headers: q.Headers}
	if len(q.Async.Headers) > 0 {
		bare.Headers = q.Async.Headers
	}
	said := &endpoint{holes: []hole{{}}}
	out := wire.Spec{Method: "GET", Path: wire.Hole(0), Keep: wire.KeepWait}
	for _, h := range Spec(w.r.profile, &bare).Headers {
		if !strings.HasPrefix(strings.ToLower(h.Name), "content-") {
			out.Headers = append(out.Headers, h)
		}
	}
	if err := w.headers(said, &out); err != nil {
		return err
	}
	j.holes = said.holes
	for _, h := range j.holes[1:] {
		if !h.cookie && w.script.set.Refs()[h.ref].Kind == template.Header {
			j.keepAccept |= wire.KeepHead
		}
	}
	for _, t := range []*answer.Test{&j.done, j.failed} {
		if t != nil && t.NeedsBody() {
			out.Keep |= wire.KeepBody
		}
		if t != nil && t.NeedsHead() {
			out.Keep |= wire.KeepHead
		}
	}
	if w.script.cookies {
		out.Keep |= wire.KeepHead
	}
	var err error
	j.req, err = w.r.transport.Compile(out, "")
	return err
}

// accepts reports whether an answer says that a job began.
func (j *job) accepts(a *answer.Answer) bool {
	if j.accepted != nil {
		return j.accepted.Holds(a)
	}
	return a.Status == 202
}

// pause is the time from an answer to the next poll, in nanoseconds: longer than
// the profile says where the answer asks for it.
func (j *job) pause(rng *rand.Rand, res *wire.Result) int64 {
	wait := int64(float64(j.every) * (1 + j.jitter*(2*rng.Float64()-1)))
	return max(wait, int64(res.RetryAfter)*1e9)
}

// beginJob books an accepted job and finds out where to ask for it. It reports
// false for one that cannot be asked for: it is lost.
func (f *flow) beginJob(j *job, sample *measure.Sample, a *answer.Answer) bool {
	f.job = jobState{job: j, at: f.job.at[:0], began: sample.T0, accepted: sample.T8, segment: sample.Segment, pauses: f.pauses}
	f.r.openJobs.Add(1)
	j.figures.accept(f, sample)
	f.head = append(f.head[:0], a.Head...)
	for _, h := range j.holes[1:] {
		if !h.cookie {
			f.values.Forget(h.ref) // what an answer before said
		}
	}
	if why := f.findJob(j); why != "" {
		f.r.openJobs.Add(-1)
		j.figures.lose(f, sample.T8, why)
		return false
	}
	return true
}

// findJob makes the address of a job's polls; it says why there is none.
func (f *flow) findJob(j *job) string {
	var text []byte
	for _, p := range j.address {
		if p.ref < 0 {
			text = append(text, p.literal...)
			continue
		}
		f.values.Forget(p.ref)
		var ok bool
		if text, ok = f.values.Append(text, p.ref, p.escape, f); !ok {
			return "the answer does not say where to ask for the job"
		}
	}
	if !j.ofServer {
		f.job.at = append(append(f.job.at, f.r.base.EscapedPath()...), text...)
		return ""
	}
	u, err := url.Parse(string(text))
	if err != nil {
		return "the answer names no address that can be asked"
	}
	base := *f.r.base
	if whole, err := base.Parse(f.requested()); err == nil {
		u = whole.ResolveReference(u)
	}
	if u.Scheme != base.Scheme || !strings.EqualFold(hostOf(u.String()), hostOf(base.String())) {
		return "the answer sends the client to " + measure.Clean(u.Scheme+"://"+u.Host, 70) + ", which is not the target"
	}
	f.job.at = append(f.job.at, u.RequestURI()...)
	return ""
}

// requested is the path that the present step asked for, as it went out.
func (f *flow) requested() string {
	e := &f.r.endpoints[f.endpoint]
	sent := e.req
	if e.req.Holes() {
		sent = &f.out
	}
	line, _, _ := bytes.Cut(sent.Bytes(), []byte("\r\n"))
	if parts := strings.Fields(string(line)); len(parts) == 3 {
		return parts[1]
	}
	return "/"
}

// pollRequest is the next poll; nil if it cannot be sent.
func (f *flow) pollRequest() *wire.Request {
	if !f.job.job.req.Fill(&f.out, f.fill) {
		return nil
	}
	return &f.out
}

// unsendablePoll is why a job whose poll cannot be filled in is lost.
const unsendablePoll = "a placeholder of its poll has no value, or one that cannot stand there"

// overdue is why a job is lost that is not done in time, with what the last
// poll came to if that was no success.
func (j *job) overdue(res *wire.Result) string {
	why := "not done within " + j.within.String()
	switch {
	case res.Fault != wire.None:
		why += "; the last poll: " + res.Fault.String()
	case res.Status < 200 || res.Status > 299:
		why += fmt.Sprintf("; the last poll was answered with %d", res.Status)
	}
	return why
}

// polled decides what a poll's answer means for the job.
func (s *slot) polled(tk *ticket, res *wire.Result, a *answer.Answer, sample *measure.Sample, who killer) bool {
	r, f := s.r, tk.flow
	j, now := f.job.job, r.now()
	r.figures.apart.poll(sample)
	if sample.Flags&measure.Departed != 0 {
		j.figures.polled()
	}
	if f.script.cookies {
		f.setCookies(res.Head)
	}
	s.shard.mu.Lock()
	s.park()
	s.shard.mu.Unlock()
	s.restAfter(sample.Class == measure.Error && res.Fault.BeforeSend(), 0)
	switch answered := res.Fault == wire.None && who == 0; {
	case who == byStop:
		f.forgetJob()
		return r.disp.next(s, tk)
	case answered && j.failed != nil && j.failed.Holds(a):
		j.figures.fail(f, res.T8)
	case answered && j.done.Holds(a):
		j.figures.complete(f, res.T8)
		return s.afterJob(tk, true, res.T8)
	case now-f.job.accepted >= int64(j.within):
		j.figures.lose(f, now, j.overdue(res))
	case res.Fault == wire.Unfilled:
		j.figures.lose(f, now, unsendablePoll)
	default:
		return r.disp.hold(s, f, tk, min(now+j.pause(f.rng, res), f.job.accepted+int64(j.within)))
	}
	return s.afterJob(tk, false, now)
}

// forgetJob ends a start whose job nobody asks for any more: it stays open in the
// figures.
func (f *flow) forgetJob() {
	f.job.job.figures.forget(f)
	f.r.openJobs.Add(-1)
	f.drop()
}

// afterJob goes on with what follows a job that has come to its end.
func (s *slot) afterJob(tk *ticket, ok bool, at int64) bool {
	s.r.openJobs.Add(-1)
	return s.onward(tk, ok, at)
}
