package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
)

// k6Reader reads a script of k6, or its options alone.
type k6Reader struct {
	*mix
	script script
	sleeps float64 // seconds that an iteration sleeps
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
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] == '{' && !json.Valid(text) { // the options alone
		var any any
		return nil, o.badJSON(data, json.Unmarshal(data, &any), "write the options as k6 takes them with --config, or import the script")
	}
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
	declaration = lazily(`\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=[^=]`)
	optionsAt   = lazily(`\bexport\s+(?:const|let|var)\s+options(?:\s*:\s*\w+)?\s*=\s*|\bexports\.options\s*=\s*`)
	callAt      = lazily(`\bhttp\.(get|post|put|patch|del|head|options|request|batch|asyncRequest)\s*\(|\b(sleep|check)\s*\(`)
	loopAt      = lazily(`\bfor\s*\(\s*$`)
	onceAt      = lazily(`\bexport\s+(?:async\s+)?function\s+(setup|teardown|handleSummary)\s*\(`)
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
		if c := s.src[s.at]; c == '"' || c == '\'' || c == '`' {
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
	for _, m := range declaration().FindAllStringSubmatchIndex(k.script.src, maxScriptNames) {
		if name := k.script.src[m[2]:m[3]]; loopAt().MatchString(k.script.src[max(0, m[0]-20):m[0]]) {
			delete(k.script.names, name) // it is counted up
		} else {
			k.script.names[name] = m[1] - 1
		}
	}
}

// options is the object of options, or nil.
func (k *k6Reader) options() *jsValue {
	s := &k.script
	if at := optionsAt().FindStringIndex(s.src); at != nil {
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
		case key == "thresholds" && len(v.keys) == 0:
		case key == "thresholds":
			k.note(where, "thresholds were left out: %s", cut(printable(k.thresholds(v)), 200))
		case key == "insecureSkipTLSVerify":
			k.profile.TLS.Insecure = v.text == "true"
		case key == "noConnectionReuse":
			if v.text == "true" {
				k.profile.KeepAlive = new(bool)
			}
		case key == "rps":
			if n, ok := v.number(); !ok {
				k.note(where, "the option %s is computed and was left out", show(key))
			} else if n > 0 { // 0 is no limit
				k.profile.Limits.Rate = roundRate(n)
			}
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
	once := k.once()
	for _, m := range callAt().FindAllStringSubmatchIndex(s.src, 2000) {
		where := fmt.Sprintf("line %d", s.lineAt(m[0]))
		if name := once(m[0]); name != "" {
			k.note("", "what %s does was left out: it is not part of an iteration", name)
			continue
		}
		if m[4] >= 0 && s.src[m[4]:m[5]] == "check" {
			k.note("", "checks were left out: write them as expect, as expect: {status: 200, body: {contains: text}}")
			continue
		}
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
		before := len(k.calls)
		if verb := s.src[m[2]:m[3]]; verb == "batch" {
			k.k6Batch(where, args)
		} else {
			k.k6Call(where, verb, args)
		}
		if len(k.calls) > before {
			if before > 0 && pause >= 0.001 {
				k.calls[before].think = time.Duration(math.Round(pause*1000)) * time.Millisecond
			}
			pause = 0
		}
	}
}

// once returns a function that names what runs around the iterations and holds
// a place of the script; empty within an iteration.
func (k *k6Reader) once() func(at int) string {
	s := &k.script
	type part struct {
		name     string
		from, to int
	}
	var parts []part
	for _, m := range onceAt().FindAllStringSubmatchIndex(s.src, 100) {
		s.at = m[1]
		s.skipTo(')')
		if !s.take('{') {
			continue
		}
		s.skipTo('}')
		parts = append(parts, part{s.src[m[2]:m[3]], m[0], s.at})
	}
	return func(at int) string {
		for _, p := range parts {
			if at >= p.from && at < p.to {
				return p.name
			}
		}
		return ""
	}
}

// k6Batch reads http.batch([…]) or ({name: …}): of URLs, [method, url, body,
// params] and objects with these keys.
func (k *k6Reader) k6Batch(where string, args []*jsValue) {
	if len(args) == 0 || args[0].kind != '[' && args[0].kind != '{' {
		k.note(where, "left out: the requests of http.batch are computed")
		return
	}
	for _, v := range args[0].kids {
		switch v.kind {
		case '[':
			k.k6Call(where, "request", v.kids)
		case '{':
			call := []*jsValue{v.get("method"), v.get("url"), v.get("body"), v.get("params")}
			if call[0] == nil {
				call[0] = &jsValue{kind: '"', text: "GET"}
			}
			k.k6Call(where, "request", call)
		default:
			k.k6Call(where, "get", []*jsValue{v})
		}
	}
	if len(args[0].kids) > 1 {
		k.note(where, "http.batch sends at once; here its requests follow one another")
	}
}

// k6Call reads http.get(url, params), http.post(url, body, params) and their
// like.
func (k *k6Reader) k6Call(where, verb string, args []*jsValue) {
	c := &call{where: where, weight: 1, method: strings.ToUpper(verb)}
	switch verb {
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
			return
		}
	}
	if len(args) == 0 || args[0] == nil || !k.k6URL(c, args[0]) {
		return
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
		k.note(c.where, "left out: its URL is computed: %s", show(v.text))
		return false
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

// holeWords are the words of the holes in a text.
func holeWords(text string) (all []string) {
	holesAs(text, func(words string) string { all = append(all, words); return "" })
	return all
}
