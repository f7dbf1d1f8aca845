package profiles

import (
	"slices"
	"strings"

	"stoke/profiles/grammar"
)

// KeyDoc is a line of the table of keys.
type KeyDoc struct {
	Key      string // with the keys around it: limits.rate, requests[].weight
	Form     string // an example of its value
	Default  string // "" if there is none
	Doc      string // one line
	Required bool
}

// Keys returns the keys of the format in the order to show them. The slice is
// the caller's.
func Keys() []KeyDoc {
	docs := keyDocs("", profileKeys())
	docs = insertAfter(docs, "limits", keyDocs("limits.", limitKeys()))
	docs = insertAfter(docs, "connections", keyDocs("connections.", connectionKeys()))
	docs = insertAfter(docs, "tls", keyDocs("tls.", tlsKeys()))
	docs = insertAfter(docs, "data", keyDocs("data.NAME.", dataKeys()))
	docs = insertAfter(docs, "retries", keyDocs("retries.", retryKeys()))
	docs = insertAfter(docs, "requests", keyDocs("requests[].", requestKeys()))
	docs = insertAfter(docs, "requests[].multipart", keyDocs("requests[].multipart[].", partKeys()))
	docs = insertAfter(docs, "requests[].expect", keyDocs("requests[].expect.", expectKeys()))
	docs = insertAfter(docs, "requests[].expect.body", keyDocs("requests[].expect.body.", bodyTestKeys()))
	docs = insertAfter(docs, "requests[].async", keyDocs("requests[].async.", asyncKeys()))
	return insertAfter(docs, "requests[].steps", keyDocs("requests[].steps[].", ownStepKeys()))
}

func insertAfter(docs []KeyDoc, key string, more []KeyDoc) []KeyDoc {
	for i, doc := range docs {
		if doc.Key == key {
			return append(docs[:i+1:i+1], append(more, docs[i+1:]...)...)
		}
	}
	return docs
}

// field declares a key of a map: what reads it, what documents it and what its
// value looks like. A field
// without a reader is known to the format, but this version cannot do it.
type field[T any] struct {
	key      string
	form     string
	is       shape  // for the schema
	standard string // the default
	doc      string
	required bool
	read     func(v value, into *T)
}

func keyDocs[T any](prefix string, fields []field[T]) []KeyDoc {
	var docs []KeyDoc
	for _, f := range fields {
		if f.read != nil {
			docs = append(docs, KeyDoc{prefix + f.key, f.form, f.standard, f.doc, f.required})
		}
	}
	return docs
}

// decode reads a map into a struct and returns where its values stand.
func decode[T any](v value, into *T, what string, fields []field[T]) map[string]place {
	at := map[string]place{}
	var known []string
	for _, f := range fields {
		if f.read != nil {
			known = append(known, f.key)
		}
	}
	entries, ok := v.entries("write " + fields[0].key + ": " + fields[0].form)
	if !ok {
		return at
	}
	for _, e := range entries {
		f, ok := find(fields, e.key)
		switch {
		case !ok:
			v.unknownKey(e, what, known)
		case f.read == nil:
			v.fail(e.at, "this version of stoke has no "+e.key+" in "+what, "leave it out")
			at[e.key] = e.value.at
		case e.value.isNull() && !(f.key == "json" && e.value.saysNull()): // null is a JSON value
			hint := "write " + e.key + ": " + f.form
			if !f.required {
				hint += ", or leave it out"
			}
			v.fail(e.at, e.key+" has no value", hint)
			at[e.key] = e.value.at
		default:
			at[e.key] = e.value.at
			f.read(e.value, into)
		}
	}
	return at
}

func find[T any](fields []field[T], key string) (field[T], bool) {
	for _, f := range fields {
		if f.key == key {
			return f, true
		}
	}
	return field[T]{}, false
}

func (v value) unknownKey(e entry, what string, known []string) {
	hint := what + " has " + strings.Join(known, ", ")
	if meant := meantBy(what, e.key); meant != "" {
		hint = meant
	} else if near := grammar.Nearest(e.key, known); near != "" {
		hint = "did you mean " + near + "?"
	} else if e.value.isNull() && len(e.key) == 3 && strings.Trim(e.key, "0123456789") == "" {
		hint = "within { } a comma ends a value: write 1,200 as 1200"
	}
	v.fail(e.at, "unknown key "+show(e.key), hint)
}

// meantBy knows the names that other tools have for what a key here does.
func meantBy(what, key string) string {
	const phase = "write it as a phase: phases: [rate 100, hold 5m]"
	key = strings.ToLower(key)
	if key == "retry" {
		return "did you mean retries?"
	}
	if what == "a step" && key == "weight" {
		return "a scenario has a weight, its steps have none"
	}
	if what == "a request" && key == "think" {
		return "a pause stands before a step: steps: [{get: /}, {think: 1s, get: /next}]"
	}
	if what == "a request" || what == "a step" {
		switch key {
		case "url", "uri":
			return "write get: /path, or method: and path:"
		case "data", "payload":
			return "write body:, json: or form:"
		case "status":
			return "write expect: {status: 200}"
		case "content-type", "accept", "authorization":
			return "write headers: {" + key + ": …}"
		case "timeout", "rate", "concurrency":
			return "it stands in the profile, for all requests"
		}
		return ""
	}
	if what == "expect" && slices.ContainsFunc(bodyTestKeys(), func(f field[requestDraft]) bool { return f.key == key }) {
		return "write body: {" + key + ": …}"
	}
	switch key {
	case "on-limited":
		return "did you mean on limited?"
	case "url", "host", "base", "baseurl", "base-url":
		return "did you mean target?"
	case "vus", "users", "connections", "workers", "threads":
		return "did you mean concurrency?"
	case "rate", "rps", "qps", "duration", "stages":
		if what == "a profile" {
			return phase
		}
	}
	return ""
}

func profileKeys() []field[Profile] {
	return []field[Profile]{
		{key: "stoke", form: "1", is: isVersion, required: true, doc: "version of the format", read: func(value, *Profile) {}},
		{key: "name", form: "checkout-peak", is: isLine, standard: "the file's name", doc: "shown on the screen and in records",
			read: func(v value, p *Profile) { p.Name, _ = v.line(maxName) }},
		{key: "target", form: "https://api.example.test", is: isTarget, required: true, doc: "scheme, host, port and a path to begin all paths with", read: readTarget},
		{key: "limits", form: "{rate: 5k, concurrency: 512}", is: isMap(limitKeys()), standard: "by target", doc: "ceilings that no key, command or flag passes",
			read: readLimits},
		{key: "concurrency", form: "64", is: isCount, standard: "64", doc: "most requests in flight at the start",
			read: func(v value, p *Profile) { measured(v, grammar.ParseCount, &p.Concurrency) }},
		{key: "timeout", form: "5s", is: isTime, standard: "10s", doc: "from the first byte sent to the end of the answer",
			read: func(v value, p *Profile) { measured(v, grammar.ParseDuration, &p.Timeout) }},
		{key: "connect-timeout", form: "2s", is: isTime, standard: "timeout", doc: "to look up, connect and agree on TLS",
			read: func(v value, p *Profile) { measured(v, grammar.ParseDuration, &p.ConnectTimeout) }},
		{key: "max-late", form: "5s", is: isTime, standard: "timeout", doc: "a request waiting longer for a free slot is not sent",
			read: func(v value, p *Profile) { measured(v, grammar.ParseDuration, &p.MaxLate) }},
		{key: "arrivals", form: "poisson", is: isOneOf("poisson", "uniform"), standard: "poisson", doc: "poisson: at random, as users come; uniform: evenly spaced",
			read: func(v value, p *Profile) { readChoice(v, &p.Arrivals, "poisson", "uniform") }},
		{key: "late", form: "queue", is: isOneOf("queue", "shed"), standard: "queue", doc: "queue: a request waits for a free slot; shed: it is dropped",
			read: func(v value, p *Profile) { readChoice(v, &p.Late, "queue", "shed") }},
		{key: "headers", form: "{authorization: Bearer abc}", is: isHeaders(), doc: "sent with every request", read: func(v value, p *Profile) { p.Headers = readHeaders(v) }},
		{key: "data", form: "{products: products.csv}", is: isData(), doc: "files of values beside the profile: ${products.sku} is a column of the row that a start is given", read: readData},
		{key: "rate-counts", form: "starts", is: isOneOf(CountStarts, CountRequests), standard: "starts", doc: "what a rate counts: starts, a scenario being one, or requests; a ceiling counts requests",
			read: func(v value, p *Profile) { readChoice(v, &p.RateCounts, CountStarts, CountRequests) }},
		{key: "limited", form: "[503]", is: isList(isLimited), doc: "statuses that mean throttled, besides 429", read: readLimited},
		{key: onLimitedKey, form: "ignore", is: isOneOf(LimitedIgnore, LimitedObey, LimitedBackoff), standard: "ignore", doc: "what becomes of a throttled request: ignore: nothing more; obey: it is sent again when Retry-After says; backoff: again after growing pauses; new ones come all the same",
			read: func(v value, p *Profile) {
				readChoice(v, &p.OnLimited, LimitedIgnore, LimitedObey, LimitedBackoff)
			}},
		{key: "retries", form: "{attempts: 3, on: [error, 503]}", is: isMap(retryKeys()), standard: "none", doc: "when and how often a failed request is sent again, each on the wire and counted", read: func(v value, p *Profile) { p.Retry = readRetry(v) }},
		{key: "keep-alive", form: "true", is: isFlag, standard: "true", doc: "keep connections; false opens one for each request", read: readKeepAlive},
		{key: "connections", form: "{max-age: 30s}", is: isMap(connectionKeys()), doc: "when kept connections are closed, between two requests",
			read: func(v value, p *Profile) { decode(v, &p.Connections, "connections", connectionKeys()) }},
		{key: "connect-to", form: "127.0.0.1:8443", is: isHostPort, standard: "the target", doc: "open connections to this host and port; the Host header and TLS keep the target's name",
			read: func(v value, p *Profile) { readChecked(v, CheckConnectTo, &p.ConnectTo) }},
		{key: "unix-socket", form: "app.sock", is: isFile, doc: "connect to this socket beside the profile",
			read: func(v value, p *Profile) { readBesidePath(v, "the socket", "--unix-socket", &p.UnixSocket) }},
		{key: "source", form: "[127.0.0.2, 127.0.0.3]", is: isMany(isAddress), standard: "by the system", doc: "addresses of this machine to connect from, in turn", read: readSource},
		{key: "proxy", form: "http://proxy.test:3128", is: isProxy, doc: "an HTTP proxy: CONNECT for an https target, whole URLs for http",
			read: func(v value, p *Profile) { readChecked(v, CheckProxy, &p.Proxy) }},
		{key: "dns-ttl", form: "30s", is: isTime, standard: "at each change of setting", doc: "how often the name is looked up; addresses are used in turn", read: readDNSTTL},
		{key: "tls", form: "{ca: ca.pem}", is: isMap(tlsKeys()), doc: "how to speak to an https target",
			read: func(v value, p *Profile) { decode(v, &p.TLS, "tls", tlsKeys()) }},
		{key: "requests", form: "[{get: /}]", is: isList(isCall(requestKeys(), "steps")), required: true, doc: "what is sent, drawn by weight", read: readRequests},
		{key: "phases", form: "[rate 100, rate 2k over 30s, hold 5m]", is: isPhases(), standard: "rate 10", doc: "the plan, one change a line", read: readPhases},
		{key: "thresholds"}, {key: "guards"},
	}
}

func limitKeys() []field[Limits] {
	return []field[Limits]{
		{key: "rate", form: "5k", is: isRate, doc: "most requests a second", read: func(v value, l *Limits) {
			if measured(v, grammar.ParseRate, &l.Rate) && l.Rate == 0 {
				v.wrong("a ceiling of 0 sends nothing", "write a rate above 0")
			}
		}},
		{key: "concurrency", form: "512", is: isCount, doc: "most requests in flight",
			read: func(v value, l *Limits) { measured(v, grammar.ParseCount, &l.Concurrency) }},
	}
}
