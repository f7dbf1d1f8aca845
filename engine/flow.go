package engine

import (
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"stoke/engine/measure"
	"stoke/engine/wire"
	"stoke/profiles/answer"
	"stoke/profiles/template"
)

// stage is what a flow is about to do.
type stage uint8

const (
	stepping stage = iota // send a request of the profile for the first time
	retrying              // send it again
	polling               // ask whether its job is done
)

// flow is what a start carries besides its ticket: the values of its
// placeholders, a scenario's user, a request that is sent again, a job. One
// goroutine owns it at a time: the worker of its slot, or whoever holds the
// dispatcher's lock while it stands in a queue.
type flow struct {
	r      *Run
	script *script
	stage  stage
	seq    int64 // running number of the start
	began  int64 // T0 of the first step

	values   template.Values
	fill     func(dst []byte, n int) ([]byte, bool) // f.value, bound once
	rows     []int                                  // of the script's tables
	captured [][]byte                               // by name
	jar      http.CookieJar                         // nil until a cookie was set
	head     []byte                                 // header block of the answer that a poll's address is made of
	source   rand.PCG                               // of rng: what is drawn follows from the run's seed and seq
	rng      *rand.Rand
	endpoint uint16 // of the present step
	failed   bool   // a step failed, and the script goes on
	pauses   int    // of the operator that it waited through: its time is not the target's
	out      wire.Request

	due      int64          // when it goes on; order of the queues
	granted  int64          // of a request between two attempts: when the schedule gave its slot out; -1 in the closed model
	segment  int32          // of the start
	attempts int            // of the present request
	first    measure.Sample // what its attempts so far came to

	job jobState
}

// flowFor is the flow of a start; the caller owns it and releases it.
func (r *Run) flowFor(tk *ticket) *flow {
	f, _ := r.flows.Get().(*flow)
	if f == nil {
		f = &flow{r: r}
		f.rng = rand.New(&f.source)
		f.fill = f.value
	}
	sc := r.endpoints[tk.endpoint].script
	f.script, f.stage, f.seq, f.began, f.endpoint = sc, stepping, tk.seq, tk.t0, tk.endpoint
	f.segment, f.granted = tk.segment, -1
	f.failed, f.pauses, f.attempts, f.jar = false, 0, 0, nil
	f.source.Seed(r.options.Seed, uint64(tk.seq))
	f.values.Begin(&sc.set, r.options.Seed, tk.seq)
	for len(f.captured) < len(sc.captured) {
		f.captured = append(f.captured, nil)
	}
	for i := range f.captured {
		f.captured[i] = f.captured[i][:0]
	}
	f.rows, f.head = f.rows[:0], f.head[:0]
	if h := r.options.Hooks.flow; h != nil {
		h(f, true)
	}
	return f
}

// draw gives the start its row of each table. It reports the table that is used
// up, nil if none is.
func (f *flow) draw() *table {
	for range f.script.tables {
		f.rows = append(f.rows, 0)
	}
	for i, n := range f.script.tables {
		t := &f.r.tables[n]
		row, ok := t.cursor.Next(f.rng)
		if !ok {
			return t
		}
		f.rows[i] = row
	}
	return nil
}

// load makes the request that a ticket is for ready to be sent, in a flow if it
// needs one. It returns nil if a placeholder has no value, or one that cannot
// stand where it is to.
func (r *Run) load(tk *ticket) *wire.Request {
	f := tk.flow
	if f == nil {
		f = r.flowFor(tk)
		tk.flow = f
		if f.script.scenario >= 0 {
			r.figures.scenarios[f.script.scenario].start()
		}
		if t := f.draw(); t != nil {
			r.usedUp(t)
			return nil
		}
	}
	e := &r.endpoints[tk.endpoint]
	switch f.stage {
	case polling:
		return f.pollRequest()
	case retrying: // the very same bytes
		if e.req.Holes() {
			return &f.out
		}
		return e.req
	}
	f.attempts = 0
	if !e.req.Holes() {
		return e.req
	}
	if !e.req.Fill(&f.out, f.fill) {
		return nil
	}
	return &f.out
}

// value appends what stands in hole n of the present step.
func (f *flow) value(dst []byte, n int) ([]byte, bool) {
	holes := f.r.endpoints[f.endpoint].holes
	if f.stage == polling {
		if n == 0 {
			return append(dst, f.job.at...), true
		}
		holes = f.job.job.holes
	}
	h := &holes[n]
	if h.cookie {
		return f.cookies(dst), true
	}
	return f.values.Append(dst, h.ref, h.escape, f)
}

// Value implements template.Source.
func (f *flow) Value(dst []byte, ref *template.Ref) ([]byte, bool) {
	switch ref.Kind {
	case template.Column:
		for i, n := range f.script.tables {
			t := &f.r.tables[n]
			if t.name != ref.Name {
				continue
			}
			column := t.table.Column(ref.Arg)
			if column < 0 {
				return dst, false
			}
			return append(dst, t.table.Value(f.rows[i], column)...), true
		}
	case template.Capture:
		for i, name := range f.script.captured {
			if name == ref.Name && f.captured[i] != nil {
				return append(dst, f.captured[i]...), len(f.captured[i]) > 0
			}
		}
	case template.Header:
		source, err := answer.ParseSource("header " + ref.Arg)
		if err != nil {
			return dst, false
		}
		value, ok := source.Read(&answer.Answer{Head: f.head})
		return append(dst, value...), ok
	}
	return dst, false
}

// keep takes the values that the present step captures out of its answer. It
// reports which one is missing, nil if none is.
func (f *flow) keep(e *endpoint, a *answer.Answer) *answer.Source {
	for i := range e.captures {
		c := &e.captures[i]
		value, ok := c.source.Read(a)
		if !ok || len(value) == 0 {
			return &c.source
		}
		f.captured[c.name] = append(f.captured[c.name][:0], value...)
		if c.ref >= 0 {
			f.values.Forget(c.ref)
		}
	}
	return nil
}

// cookies appends the user's cookies as a Cookie header says them.
func (f *flow) cookies(dst []byte) []byte {
	if f.jar == nil {
		return dst
	}
	for i, c := range f.jar.Cookies(f.address()) {
		if i > 0 {
			dst = append(dst, "; "...)
		}
		dst = append(append(append(dst, c.Name...), '='), c.Value...)
	}
	return dst
}

// address is where the present request goes, for the rules of cookies. Its path
// is that of the profile: a placeholder in it is taken as it is written; that of
// a poll is the job's.
func (f *flow) address() *url.URL {
	u := *f.r.base
	if f.stage == polling {
		path, _, _ := strings.Cut(string(f.job.at), "?")
		u.Path = path
		return &u
	}
	path, _, _ := strings.Cut(f.r.endpoints[f.endpoint].path, "?")
	u.Path += path
	return &u
}

// setCookies keeps the cookies of an answer.
func (f *flow) setCookies(head []byte) {
	var got []*http.Cookie
	for line := range strings.SplitSeq(string(head), "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !strings.EqualFold(name, "Set-Cookie") {
			continue
		}
		if c, err := http.ParseSetCookie(strings.TrimSpace(value)); err == nil {
			got = append(got, c)
		}
	}
	if len(got) == 0 {
		return
	}
	if f.jar == nil {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return
		}
		f.jar = jar
	}
	f.jar.SetCookies(f.address(), got)
}

// keptRoom is how many bytes of a value a flow keeps room for until its next
// start.
const keptRoom = 16 << 10

// release gives the flow back.
func (f *flow) release() {
	f.jar = nil
	for i := range f.captured {
		if cap(f.captured[i]) > keptRoom {
			f.captured[i] = []byte{}
		}
	}
	if cap(f.head) > keptRoom {
		f.head = nil
	}
	if h := f.r.options.Hooks.flow; h != nil {
		h(f, false)
	}
	f.r.flows.Put(f)
}
