package importer

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"stoke/profiles"
	"stoke/profiles/grammar"
)

// k6Reader reads a script of k6, or its options alone.
type k6Reader struct {
	*mix
	script script
	sleeps float64 // seconds that an iteration sleeps
	noted  bool
}

// K6 imports a script of k6 or its options in JSON, without running it: stages
// and scenarios become phases, and the calls of its http module requests, as
// far as they are literal.
func K6(in io.Reader, o Options) (*Result, error) {
	data, err := o.readAll(in)
	if err != nil {
		return nil, err
	}
	if len(data) > 4<<20 {
		return nil, o.fail("a script of more than 4 MiB", "import the file with the options alone")
	}
	k := &k6Reader{mix: newMix("k6 script", o), script: script{src: strings.ReplaceAll(strings.ToValidUTF8(string(data), "\ufffd"), "\x00", " "), names: map[string]int{}}}
	k.declare()
	options := k.options()
	k.k6Calls()
	if options == nil && len(k.calls) == 0 {
		return nil, o.fail("there are neither options nor calls of k6 in it", "it is to have export const options = {…} or http.get('…')")
	}
	if len(k.calls) == 0 {
		c := &call{method: "GET", path: "/", weight: 1, remark: "No call could be read from the script: write what is to be sent."}
		k.calls = append(k.calls, c)
		k.note("", "no call could be read: GET / stands in the profile")
	}
	if len(k.calls) > 1 {
		k.scenario = true
		k.remarks = append(k.remarks, "An iteration of the script is a scenario here: a rate counts how often it is started.")
	}
	if options != nil {
		k.settings(options)
		k.k6Plan(options)
	}
	if options == nil || len(k.profile.Phases) == 0 {
		k.note("", "no load could be read from options: add phases: [rate 100, hold 5m]")
	}
	return k.finish()
}

var (
	declaration = regexp.MustCompile(`\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=[^=]`)
	optionsAt   = regexp.MustCompile(`\bexport\s+(?:const|let|var)\s+options(?:\s*:\s*\w+)?\s*=\s*|\bexports\.options\s*=\s*`)
	callAt      = regexp.MustCompile(`\bhttp\.(get|post|put|patch|del|head|options|request|batch|asyncRequest)\s*\(|\bsleep\s*\(`)
)

// plainSource is the script with its comments blanked out, so that nothing is
// found in them.
func (s *script) plainSource() string {
	b := []byte(s.src)
	for s.at = 0; s.at < len(s.src); {
		from := s.at
		if s.blanks(); s.at > from {
			for i := from; i < s.at; i++ {
				if b[i] != '\n' {
					b[i] = ' '
				}
			}
			continue
		}
		if c := s.src[s.at]; c == '"' || c == '\'' {
			s.quoted()
			continue
		}
		s.at++
	}
	return string(b)
}

// declare finds where the values of names begin.
func (k *k6Reader) declare() {
	k.script.src = k.script.plainSource()
	for _, m := range declaration.FindAllStringSubmatchIndex(k.script.src, maxScriptNames) {
		k.script.names[k.script.src[m[2]:m[3]]] = m[1] - 1
	}
}

// options is the object of options, or nil.
func (k *k6Reader) options() *jsValue {
	s := &k.script
	if at := optionsAt.FindStringIndex(s.src); at != nil {
		s.at = at[1]
	} else if s.at = 0; s.peek() != '{' {
		return nil
	}
	v := s.value()
	if v.kind != '{' {
		k.note(fmt.Sprintf("line %d", v.line), "options are computed and cannot be read: %s", show(v.text))
		return nil
	}
	if inner := v.get("options"); inner != nil && inner.kind == '{' {
		return inner
	}
	return v
}

// settings carries over what options say besides the load.
func (k *k6Reader) settings(o *jsValue) {
	carried := []string{"stages", "vus", "duration", "iterations", "scenarios", "tags", "summaryTrendStats", "noUsageReport", "discardResponseBodies", "setupTimeout", "teardownTimeout", "systemTags", "cloud", "ext"}
	for i, key := range o.keys {
		v := o.kids[i]
		where := fmt.Sprintf("line %d", v.line)
		switch {
		case slices.Contains(carried, key):
		case key == "thresholds":
			k.note(where, "thresholds were left out: %s", cut(printable(k.thresholds(v)), 200))
		case key == "insecureSkipTLSVerify":
			k.profile.TLS.Insecure = v.text == "true"
		case key == "userAgent" && v.kind == '"':
			for _, c := range k.calls {
				if c.header("user-agent") == "" {
					k.addHeader(c, "user-agent", v.text)
				}
			}
		default:
			k.note(where, "the option %s was left out", show(key))
		}
	}
}

// thresholds names thresholds as the script has them.
func (k *k6Reader) thresholds(v *jsValue) string {
	var all []string
	for i, key := range v.keys {
		kids := []*jsValue{v.kids[i]}
		if v.kids[i].kind == '[' {
			kids = v.kids[i].kids
		}
		for _, kid := range kids {
			if inner := kid.get("threshold"); inner != nil {
				kid = inner
			}
			text, _ := kid.asText()
			all = append(all, key+" "+text)
		}
	}
	return strings.Join(all, ", ")
}

// k6Calls finds the calls of the http module and the pauses between them.
func (k *k6Reader) k6Calls() {
	s := &k.script
	pause := 0.0
	for _, m := range callAt.FindAllStringSubmatchIndex(s.src, 2000) {
		where := fmt.Sprintf("line %d", s.lineAt(m[0]))
		s.at = m[1]
		var args []*jsValue
		for s.peek() != ')' && s.at < len(s.src) && len(args) < 5 {
			from := s.at
			args = append(args, s.value())
			if !s.take(',') || s.at == from {
				break
			}
		}
		if m[2] < 0 {
			if len(args) > 0 {
				seconds, ok := args[0].number()
				if !ok {
					seconds = 1
					k.note(where, "a pause is computed: it was taken for 1 s")
				}
				pause += min(seconds, 3600)
				k.sleeps += min(seconds, 3600)
			}
			continue
		}
		if k.k6Call(where, s.src[m[2]:m[3]], args) {
			c := k.calls[len(k.calls)-1]
			if len(k.calls) > 1 && pause >= 0.001 {
				c.think = time.Duration(math.Round(pause*1000)) * time.Millisecond
			}
			pause = 0
		}
	}
}

// k6Call reads http.get(url, params), http.post(url, body, params) and their
// like.
func (k *k6Reader) k6Call(where, verb string, args []*jsValue) bool {
	c := &call{where: where, weight: 1, method: strings.ToUpper(verb)}
	switch verb {
	case "batch":
		k.note(where, "left out: http.batch cannot be read")
		return false
	case "del":
		c.method = "DELETE"
	case "request", "asyncRequest":
		method := ""
		if len(args) > 0 {
			method, _ = args[0].asText()
			args = args[1:]
		}
		if c.method = strings.ToUpper(method); !isToken(c.method) || c.method == "CONNECT" {
			k.note(where, "left out: the method is computed")
			return false
		}
	}
	if len(args) == 0 || !k.k6URL(c, args[0]) {
		return false
	}
	args = args[1:]
	var sent, params *jsValue
	if c.method == "GET" || c.method == "HEAD" {
		if verb != "get" && verb != "head" && len(args) > 0 {
			args = args[1:]
		}
	} else if len(args) > 0 {
		sent, args = args[0], args[1:]
	}
	if len(args) > 0 {
		params = args[0]
	}
	if headers := params.get("headers"); headers != nil {
		for i, name := range headers.keys {
			if value, ok := headers.kids[i].asText(); ok && name != "" {
				k.addHeader(c, name, k.known(where, value))
			} else {
				k.note(where, "a header of the call is computed and was left out")
			}
		}
	} else if params != nil && params.kind == '?' {
		k.note(where, "parameters of the call are computed and were left out")
	}
	k.k6Body(c, sent)
	k.calls = append(k.calls, c)
	return true
}

// known writes 1 for the parts of a text that are computed.
func (k *k6Reader) known(where, text string) string {
	for _, words := range holeWords(text) {
		if name, ok := strings.CutPrefix(words, "env."); ok {
			k.vault.mention(name, "__ENV."+name+" of the script", where)
		}
	}
	if !strings.Contains(text, unknown) {
		return text
	}
	k.note(where, "a part of the call is computed: 1 stands in its place")
	return strings.ReplaceAll(text, unknown, "1")
}

// k6URL locates a call.
func (k *k6Reader) k6URL(c *call, v *jsValue) bool {
	raw, ok := v.asText()
	if !ok {
		if !strings.HasPrefix(v.text, "http.url") {
			k.note(c.where, "left out: its URL is computed: %s", show(v.text))
			return false
		}
		s := script{src: v.text}
		if i := strings.IndexByte(v.text, '`'); i >= 0 {
			s.at = i
			raw, _ = s.quoted()
		}
	}
	if rest, ok := strings.CutPrefix(raw, unknown); ok { // the base is computed
		if !strings.HasPrefix(rest, "/") {
			k.note(c.where, "left out: its URL is computed")
			return false
		}
		c.path = cleanPath(k.known(c.where, rest))
		return true
	}
	if !strings.HasPrefix(raw, holeBegin) {
		raw = k.known(c.where, raw)
	} else if _, rest, _ := strings.Cut(raw, holeEnd); rest != "" {
		raw = raw[:len(raw)-len(rest)] + k.known(c.where, rest)
	}
	return k.locate(c, raw)
}

// k6Body gives a call its body: text, an object as a form, or JSON.
func (k *k6Reader) k6Body(c *call, v *jsValue) {
	lost := func(int) { k.note(c.where, "a part of the body is computed: null or 1 stands in its place") }
	switch {
	case v == nil || v.kind == '0' && v.text == "null" || v.kind == '?' && strings.HasPrefix(v.text, "undefined"):
	case v.kind == 'j':
		t := v.kids[0].tree(lost)
		k.mentionEnv(c.where, t)
		k.takeBody(c, body{json: t})
		if t.kind != '{' && t.kind != '[' {
			c.body = body{text: t.raw()}
		}
	case v.kind == '{':
		var pairs []string
		for i, key := range v.keys {
			value, ok := v.kids[i].asText()
			if !ok {
				lost(0)
				value = "1"
			}
			pairs = append(pairs, url.QueryEscape(key)+"="+escapeQuery(k.known(c.where, value)))
		}
		if c.header("content-type") == "" {
			k.addHeader(c, "content-type", "application/x-www-form-urlencoded")
		}
		k.setBody(c, strings.Join(pairs, "&"))
	default:
		if text, ok := v.asText(); ok {
			k.setBody(c, k.known(c.where, text))
		} else {
			k.note(c.where, "the body is computed and was left out: %s", show(v.text))
		}
	}
}

func (k *k6Reader) mentionEnv(where string, t *tree) {
	t.walk("", func(_ string, leaf *tree) { k.known(where, leaf.text) })
}

// k6Plan makes phases of what options say about the load.
func (k *k6Reader) k6Plan(o *jsValue) {
	scenarios := o.get("scenarios")
	if scenarios == nil || scenarios.kind != '{' {
		k.shape("options", o, &plan{})
		return
	}
	p := &plan{several: len(scenarios.keys) > 1}
	for i, name := range scenarios.keys {
		k.add(p, name, scenarios.kids[i])
	}
	k.take(p)
}

// plan sums up scenarios.
type plan struct {
	several     bool
	open        curve // starts per second
	closed      []profiles.Phase
	concurrency int
}

func (k *k6Reader) shape(name string, o *jsValue, p *plan) {
	k.add(p, name, o)
	k.take(p)
}

// take makes the plan that of the profile.
func (k *k6Reader) take(p *plan) {
	switch {
	case len(p.open) > 0:
		if len(p.closed) > 0 {
			k.note("", "scenarios with a fixed number of users were left out beside those with a rate")
		}
		k.profile.Phases = p.open.phases()
		if len(k.profile.Phases) > 2000 {
			k.profile.Phases = p.open.simplified(1000, 0).phases()
		}
	case len(p.closed) > 0:
		k.profile.Phases = p.closed
	}
	if p.concurrency > 0 {
		k.profile.Concurrency = min(p.concurrency, grammar.MaxConcurrency)
	}
}

// add takes in a scenario: an executor with its settings.
func (k *k6Reader) add(p *plan, name string, o *jsValue) {
	where := fmt.Sprintf("line %d", o.line)
	executor, _ := o.get("executor").asText()
	number := func(key string, otherwise float64) float64 {
		v := o.get(key)
		if v == nil {
			return otherwise
		}
		n, ok := v.number()
		if !ok {
			k.note(where, "%s of %s is computed and cannot be read: %s stands in its place", key, show(name), plainFloat(otherwise))
			return otherwise
		}
		return n
	}
	if executor == "" {
		switch {
		case o.get("stages") != nil:
			executor = "ramping-vus"
		case o.get("iterations") != nil:
			executor = "shared-iterations"
		case o.get("vus") != nil || o.get("duration") != nil:
			executor = "constant-vus"
		default:
			return
		}
	}
	start := k.seconds(where, o.get("startTime"), 0)
	unit := k.seconds(where, o.get("timeUnit"), time.Second).Seconds()
	c := curve{}
	if start > 0 {
		c = append(c, point{0, 0}, point{start, 0})
	}
	switch executor {
	case "constant-arrival-rate":
		rate := number("rate", 1) / unit
		length := k.seconds(where, o.get("duration"), time.Minute)
		c = append(c, point{start, rate}, point{start + length, rate})
	case "ramping-arrival-rate":
		c = k.stages(where, o, c, start, number("startRate", 0), 1/unit)
	case "constant-vus", "ramping-vus":
		from, scale := number("vus", 1), 1.0
		if executor == "ramping-vus" {
			from = number("startVUs", cmp.Or(number("vus", 1), 1))
		}
		if k.sleeps > 0 {
			scale = 1 / k.sleeps
			k.note(where, "users that pause %s s in each iteration became a rate: users / pause, which they reach if the target answers at once", plainFloat(k.sleeps))
		}
		var users curve
		if executor == "constant-vus" {
			length := k.seconds(where, o.get("duration"), time.Minute)
			users = curve{{start, from}, {start + length, from}}
		} else {
			users = k.stages(where, o, nil, start, from, 1)
		}
		most := 0.0
		for i := range users {
			most = max(most, users[i].rate)
		}
		if k.sleeps == 0 {
			k.closedPlan(p, where, users)
			return
		}
		p.concurrency += int(min(most, 1e6))
		for _, u := range users {
			c = append(c, point{u.at, u.rate * scale})
		}
	case "shared-iterations", "per-vu-iterations":
		k.note(where, "%s counts iterations, which phases do not: a closed load of 1 minute stands in its place", executor)
		n := max(1, number("vus", 1))
		k.closedPlan(p, where, curve{{start, n}, {start + time.Minute, n}})
		return
	default:
		k.note(where, "the executor %s of %s was left out", show(executor), show(name))
		return
	}
	p.concurrency += int(min(max(number("maxVUs", 0), number("preAllocatedVUs", 0)), 1e6))
	p.open = p.open.plus(c)
	if exec, ok := o.get("exec").asText(); ok && p.several {
		k.note(where, "%s runs the function %s: here all calls are in one scenario", show(name), show(exec))
	}
}

// stages are the points of a list of {duration, target}.
func (k *k6Reader) stages(where string, o *jsValue, c curve, start time.Duration, from, scale float64) curve {
	stages := o.get("stages")
	if stages == nil || stages.kind != '[' {
		k.note(where, "stages are computed and cannot be read")
		return nil
	}
	at := start
	c = append(c, point{at, from * scale})
	for i, st := range stages.kids {
		target, ok := st.get("target").number()
		if !ok || i >= 5000 {
			k.note(fmt.Sprintf("line %d", st.line), "a stage is computed and was left out")
			continue
		}
		length := k.seconds(where, st.get("duration"), 0)
		at += length
		c = append(c, point{at, target * scale})
	}
	return c
}

// closedPlan makes phases of users that send as fast as they are answered. A
// ramp of users becomes steps.
func (k *k6Reader) closedPlan(p *plan, where string, users curve) {
	k.note(where, "users without a pause became rate max: as many requests in flight, sent as fast as the target answers")
	if len(p.closed) > 0 || len(users) == 0 {
		k.note(where, "a further scenario of users was left out")
		return
	}
	add := func(ch grammar.Change) { p.closed = append(p.closed, profiles.Phase{Change: ch}) }
	now := 0
	set := func(users float64) {
		if n := max(1, int(min(math.Round(users), grammar.MaxConcurrency))); n != now {
			add(grammar.Change{Verb: grammar.Concurrency, Amount: grammar.Amount{Op: grammar.Set, Value: float64(n)}})
			now = n
		}
	}
	set(users[0].rate)
	add(grammar.Change{Verb: grammar.Rate, Amount: grammar.Amount{Op: grammar.Max}})
	for i := 1; i < len(users) && i < 200; i++ {
		a, b := users[i-1], users[i]
		length := b.at - a.at
		if length <= 0 {
			set(b.rate)
			continue
		}
		steps := 1
		if a.rate != b.rate {
			steps = int(min(5, max(1, math.Abs(b.rate-a.rate)), length.Seconds()+1))
		}
		for j := range steps {
			set(a.rate + (b.rate-a.rate)*float64(j+1)/float64(steps))
			add(grammar.Change{Verb: grammar.Hold, For: max(time.Millisecond, (length / time.Duration(steps)).Round(time.Millisecond))})
		}
	}
}

// seconds reads a length of time: '1m30s', or milliseconds.
func (k *k6Reader) seconds(where string, v *jsValue, otherwise time.Duration) time.Duration {
	if v == nil {
		return otherwise
	}
	if text, ok := v.asText(); ok && v.kind == '"' {
		days := 0.0
		if n, rest, found := strings.Cut(text, "d"); found {
			if f, ok := (&jsValue{kind: '0', text: n}).number(); ok {
				days, text = f, cmp.Or(rest, "0s")
			}
		}
		if d, err := time.ParseDuration(text); err == nil && d >= 0 && days < 60 && d < 1000*time.Hour {
			return d + time.Duration(days*24*float64(time.Hour))
		}
	} else if ms, ok := v.number(); ok && ms < 1e9 {
		return time.Duration(ms) * time.Millisecond
	}
	k.note(where, "a length of time is computed and cannot be read: %s stands in its place", otherwise)
	return otherwise
}

// holeWords are the words of the holes in a text.
func holeWords(text string) (all []string) {
	holesAs(text, func(words string) string { all = append(all, words); return "" })
	return all
}
