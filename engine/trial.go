package engine

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/profiles/answer"
)

// Trial is a profile made ready as for a run, whose starts are walked one at a
// time, by hand, for somebody to look at. What it sends is compiled, filled,
// held against its checks and followed by the code of a run; nothing is
// scheduled, retried or counted. One goroutine at a time calls its methods.
type Trial struct {
	r      *Run
	starts int64
}

// NewTrial compiles the profile of o, of which Files, Version, Seed (default 1)
// and Transport are heeded besides. Nothing is looked up or sent. The caller
// closes it. Its errors are those of the profile.
func NewTrial(o Options) (*Trial, error) {
	p := o.Profile
	if o.Seed == 0 {
		o.Seed = 1
	}
	r := &Run{options: o, profile: p, ceiling: ceilingOf(p, o.Ceiling)}
	var err error
	if r.base, err = url.Parse(p.Target); err != nil {
		return nil, err
	}
	if r.transport = o.Transport; r.transport == nil {
		config := TransportConfig(p, o.Files)
		config.UserAgent = "stoke/" + o.Version + " check"
		if r.transport, err = wire.NewHTTP1(config); err != nil {
			return nil, err
		}
	}
	if err = r.openTables(); err == nil {
		err = r.compile(o.SeqHeader)
	}
	if err != nil {
		r.transport.Close()
		return nil, err
	}
	return &Trial{r: r}, nil
}

// Close releases the transport.
func (t *Trial) Close() error { return t.r.transport.Close() }

// Steps are the names, as in the figures of a run, of what start number i of
// the profile's requests sends: one for a single request.
func (t *Trial) Steps(i int) []string {
	sc := t.r.scripts[i]
	var names []string
	for _, e := range t.r.endpoints[sc.first:][:sc.steps] {
		names = append(names, e.name)
	}
	return names
}

// begin makes the flow of the next start, of request number i of the profile.
// The caller releases it.
func (t *Trial) begin(i int) (*ticket, error) {
	r := t.r
	t.starts++
	tk := &ticket{seq: t.starts, endpoint: r.scripts[i].first}
	tk.flow = r.flowFor(tk)
	if used := tk.flow.draw(); used != nil {
		tk.flow.release()
		return nil, fmt.Errorf("the data %s is used up: each of its %d rows was sent once", used.name, used.table.Rows())
	}
	return tk, nil
}

// Exchange is one request of a [Trial] and what became of it. It is the
// caller's.
type Exchange struct {
	Name     string       // as in the figures of a run
	Poll     int          // of a job: the number of the poll, from 1; 0 for a request of the profile
	Sent     []byte       // the request, whole; nil if it was not sent
	Unsent   string       // why it was not sent
	Answer   *wire.Answer // nil if it was not sent
	Class    measure.Class
	Checks   []Checked  // what the profile expects of the answer besides its status
	Captured []Captured // what it takes out of the answer
	Job      Job        // where the request's job is after this exchange
	Why      string     // what is wrong, besides the checks that do not hold
}

// OK reports whether the exchange brought what the profile expects.
func (x *Exchange) OK() bool { return x.Unsent == "" && x.Class == measure.OK }

// Checked is one check of an answer.
type Checked struct {
	Text  string // as a profile writes it
	Holds bool
	Got   string // the value that it looks at
	Has   bool   // there is one
}

// Captured is one value taken out of an answer.
type Captured struct {
	Name, Source string
	Value        string
	Has          bool // there is one
}

// Job is where the job of a request is.
type Job string

// What a job comes to.
const (
	NoJob      Job = ""
	JobAtOnce  Job = "done at once"
	JobBegan   Job = "accepted"
	JobWaiting Job = "not done yet"
	JobDone    Job = "done"
	JobFailed  Job = "failed"
	JobLost    Job = "lost"
)

// Walk sends a start of the profile's request number i: the request, or one
// step after the other, with captured values and cookies, without the steps'
// pauses; a job is asked for until it has ended, for at most patience. Each
// exchange is told as it ends, and at last the steps that were not sent. The
// end of ctx ends it.
func (t *Trial) Walk(ctx context.Context, i int, patience time.Duration, tell func(Exchange)) {
	sc := t.r.scripts[i]
	names := t.Steps(i)
	tk, err := t.begin(i)
	if err != nil {
		for _, name := range names {
			tell(Exchange{Name: name, Unsent: err.Error()})
		}
		return
	}
	f := tk.flow
	defer f.release()
	for n, name := range names {
		f.endpoint = sc.first + uint16(n)
		tk.endpoint, f.stage = f.endpoint, stepping
		ok := t.step(ctx, tk, patience, tell)
		if ctx.Err() != nil {
			return
		}
		if !ok && !sc.goesOn {
			for _, later := range names[n+1:] {
				tell(Exchange{Name: later, Unsent: "since " + name + " failed"})
			}
			return
		}
	}
}

// step sends one step and follows its job.
func (t *Trial) step(ctx context.Context, tk *ticket, patience time.Duration, tell func(Exchange)) (ok bool) {
	r, f := t.r, tk.flow
	e := &r.endpoints[tk.endpoint]
	x := Exchange{Name: e.name}
	req := r.load(tk)
	if req == nil {
		x.Unsent = f.unfilled(e)
		tell(x)
		return false
	}
	sample, a := t.exchange(ctx, tk, req, &x)
	answered := sample.Class != measure.Error
	if answered {
		for i := range e.checks {
			c := &e.checks[i]
			got, has := c.Read(a)
			x.Checks = append(x.Checks, Checked{Text: c.String(), Holds: c.Holds(a), Got: string(got), Has: has})
		}
		for _, c := range e.captures {
			got, has := c.source.Read(a)
			x.Captured = append(x.Captured, Captured{Name: f.script.captured[c.name], Source: c.source.String(), Value: string(got), Has: has && len(got) > 0})
		}
	}
	fits := sample.Class == measure.OK
	began := f.judge(e, a, sample)
	if e.script.cookies {
		f.setCookies(a.Head)
	}
	if e.job != nil && fits {
		switch {
		case began && f.beginJob(e.job, sample, a):
			x.Job = JobBegan
		case began:
			began, x.Job, x.Why = false, JobLost, f.findJob(e.job)
			sample.Class = measure.Assert
		case sample.Class == measure.OK:
			x.Job = JobAtOnce
		case len(failing(x.Checks)) == 0 && !e.job.done.Holds(a):
			x.Why = "neither accepted nor done: " + e.job.done.String()
		}
	}
	x.Class = sample.Class
	tell(x)
	if !began {
		return x.OK()
	}
	return t.poll(ctx, tk, &x.Answer.Result, patience, tell)
}

func failing(checks []Checked) (all []Checked) {
	for _, c := range checks {
		if !c.Holds {
			all = append(all, c)
		}
	}
	return all
}

// exchange sends a request and says what a run would book.
func (t *Trial) exchange(ctx context.Context, tk *ticket, req *wire.Request, x *Exchange) (*measure.Sample, *answer.Answer) {
	r := t.r
	ctx, cancel := context.WithTimeout(ctx, r.profile.ConnectTimeout+r.profile.Timeout)
	defer cancel()
	x.Sent = req.Bytes()
	x.Answer = wire.Fetch(ctx, r.transport, req, KeptBody)
	res := &x.Answer.Result
	sample := &measure.Sample{}
	r.sample(sample, tk, res, 0, true)
	return sample, &answer.Answer{Status: res.Status, Head: res.Head, Body: res.Content, Size: res.Body}
}

// KeptBody is how much of a body a run looks at, in bytes: see
// [wire.Config.KeepMost].
const KeptBody = 1 << 20

// poll asks for the job that began with an answer until it has ended.
func (t *Trial) poll(ctx context.Context, tk *ticket, res *wire.Result, patience time.Duration, tell func(Exchange)) (ok bool) {
	r, f := t.r, tk.flow
	e := &r.endpoints[tk.endpoint]
	j := f.job.job
	defer j.figures.forget(f)
	f.stage = polling
	began, limit := time.Now(), min(j.within, patience)
	wait := min(limit, time.Duration(j.pause(f.rng, res)))
	for n := 1; ; n++ {
		x := Exchange{Name: e.name, Poll: n}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return false
		}
		req := r.load(tk)
		if req == nil {
			x.Job, x.Unsent = JobLost, unsendablePoll
			tell(x)
			return false
		}
		sample, a := t.exchange(ctx, tk, req, &x)
		if e.script.cookies {
			f.setCookies(a.Head)
		}
		res = &x.Answer.Result
		x.Class = measure.OK // what a poll expects is done or failed, and nothing of its status
		if sample.Class == measure.Error {
			x.Class = measure.Error
		}
		answered := res.Fault == wire.None
		switch waited := time.Since(began); {
		case answered && j.failed != nil && j.failed.Holds(a):
			x.Job, x.Class, x.Why = JobFailed, measure.Assert, j.failed.String()
		case answered && j.done.Holds(a):
			x.Job = JobDone
		case waited >= limit:
			x.Job, x.Class = JobLost, measure.Assert
			x.Why = j.overdue(res)
			if limit < j.within {
				x.Why = fmt.Sprintf("not done within %v; a run waits for %v", limit, j.within)
			}
		default:
			x.Job = JobWaiting
			wait = min(time.Duration(j.pause(f.rng, res)), max(0, limit-waited))
		}
		tell(x)
		if x.Job != JobWaiting {
			return x.Job == JobDone
		}
	}
}
