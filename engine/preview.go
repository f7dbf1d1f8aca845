package engine

import (
	"strings"

	"stoke/engine/wire"
	"stoke/profiles/template"
)

// Preview returns the requests of a start of the profile's request number i,
// without sending any. What only an answer could fill in stands as its
// placeholder; of a job there is one poll.
func (t *Trial) Preview(i int) ([]Exchange, error) {
	tk, err := t.begin(i)
	if err != nil {
		return nil, err
	}
	f := tk.flow
	defer f.release()
	var all []Exchange
	for range f.script.steps {
		e := &t.r.endpoints[f.endpoint]
		x := Exchange{Name: e.name}
		switch {
		case !e.req.Holes():
			x.Sent = e.req.Bytes()
		case e.req.Fill(&f.out, f.orPlaceholder):
			x.Sent = f.out.Bytes()
		default:
			x.Unsent = f.unfilled(e)
		}
		all = append(all, x)
		if e.job != nil {
			all = append(all, f.previewPoll(e))
		}
		f.endpoint++
	}
	return all, nil
}

// orPlaceholder is [flow.value], but for what comes with an answer.
func (f *flow) orPlaceholder(dst []byte, n int) ([]byte, bool) {
	e := &f.r.endpoints[f.endpoint]
	h := &e.holes[n]
	if h.cookie {
		return dst, true
	}
	if text, ok := f.ofAnswer(h.ref); ok {
		if n == 0 && strings.HasPrefix(e.spec.Path, wire.Hole(0)) {
			text = "/" + text // an address, which has to begin so
		}
		return append(dst, text...), true
	}
	return f.value(dst, n)
}

// ofAnswer is a placeholder as it is written, if an answer gives it its value.
func (f *flow) ofAnswer(ref int) (string, bool) {
	switch r := f.script.set.Refs()[ref]; r.Kind {
	case template.Capture, template.Header:
		return "${" + r.Text + "}", true
	}
	return "", false
}

// previewPoll is a poll of a step's job.
func (f *flow) previewPoll(e *endpoint) Exchange {
	x := Exchange{Name: e.name, Poll: 1}
	var at []byte
	for _, p := range e.job.address {
		if p.ref < 0 {
			at = append(at, p.literal...)
		} else if text, ok := f.ofAnswer(p.ref); ok {
			at = append(at, text...)
		} else {
			at, _ = f.values.Append(at, p.ref, p.escape, f)
		}
	}
	if len(at) == 0 || at[0] != '/' {
		at = append([]byte("/"), at...)
	}
	f.job.at = at
	if e.job.req.Fill(&f.out, func(dst []byte, _ int) ([]byte, bool) { return append(dst, at...), true }) {
		x.Sent = f.out.Bytes()
	} else {
		x.Unsent = "its address cannot be sent"
	}
	return x
}

// unfilled says which placeholder of a step has no value.
func (f *flow) unfilled(e *endpoint) string {
	for n, h := range e.holes {
		if h.cookie {
			continue
		}
		if _, ok := f.value(nil, n); !ok {
			return "${" + f.script.set.Refs()[h.ref].Text + "} has no value"
		}
	}
	return "the value of a placeholder cannot stand where it is to"
}
