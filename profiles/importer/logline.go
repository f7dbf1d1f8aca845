package importer

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// logged is what one line of an access log says of a request.
type logged struct {
	method, uri string
	status      int
	at          time.Time // zero if not known
	origin      string    // scheme://host, if the line says both
}

// parseLine reads a line of the common or the combined format or of one like
// them, in whatever order they have the time, the request and the status, or an
// object of a JSON log.
func parseLine(line string) (logged, bool) {
	if strings.HasPrefix(line, "{") {
		return parseJSONLine(line)
	}
	if i := strings.Index(line, "{\""); i > 0 && i < 80 && strings.HasSuffix(line, "}") { // behind the prefix of a collector
		return parseJSONLine(line[i:])
	}
	before, request, after, ok := requestOf(line)
	if !ok {
		return logged{}, false
	}
	l := logged{at: stampIn(before, after)}
	if l.status, ok = statusIn(before, after); !ok {
		return logged{}, false
	}
	return l, l.setRequest(request)
}

// requestOf finds the request of a line, GET /path HTTP/1.1: in quotes, without
// any, or without a protocol as the first quotes behind the time.
func requestOf(line string) (before, request, after string, ok bool) {
	at := 0
	for {
		i := strings.IndexByte(line[at:], '"')
		if i < 0 {
			break
		}
		inside, rest, closed := cutQuote(line[at+i+1:])
		if !closed {
			break
		}
		from := at + i
		at = len(line) - len(rest)
		if strings.Contains(inside, " HTTP/") && bareRequest().FindString(inside) == inside {
			return line[:from], inside, rest, true
		}
		if !ok && strings.HasSuffix(strings.TrimRight(line[:from], "0123456789. "), "]") {
			before, request, after, ok = line[:from], inside, rest, true
		}
	}
	if !ok && strings.Contains(line, " HTTP/") {
		if m := unquotedRequest().FindStringSubmatchIndex(line); m != nil {
			return line[:m[2]], line[m[2]:m[3]], line[m[3]:], true
		}
	}
	return before, request, after, ok
}

var (
	bareRequest     = lazily(`^[A-Z][A-Z-]* .+ HTTP/[0-9.]+$`)
	unquotedRequest = lazily(`(?:^|[\s|;,])([A-Z][A-Z-]* \S+ HTTP/[0-9.]+)(?:[\s|;,]|$)`)
)

// logFields are the fields of a part of a line that has no quotes.
func logFields(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`|;,"'[]`, r) })
}

// statusIn is the first status behind a request, or the last before it.
func statusIn(before, after string) (int, bool) {
	for _, field := range logFields(after) {
		if n, ok := statusOf(field); ok && len(field) == 3 {
			return n, true
		}
	}
	fields := logFields(before)
	for _, field := range slices.Backward(fields) {
		if n, ok := statusOf(field); ok && len(field) == 3 && n < 600 {
			return n, true
		}
	}
	return 0, false
}

// stampIn is the time of a line: in brackets, or a field that is one.
func stampIn(before, after string) time.Time {
	for _, part := range []string{before, after} {
		for rest := part; ; {
			_, inner, found := strings.Cut(rest, "[")
			stamp, behind, closed := strings.Cut(inner, "]")
			if !found || !closed {
				break
			}
			if at := stampOf(stamp); !at.IsZero() {
				return at
			}
			rest = inner
			if !strings.Contains(stamp, "[") {
				rest = behind
			}
		}
	}
	fields := logFields(before)
	for i, field := range fields {
		if len(field) < 10 {
			continue
		}
		if i+1 < len(fields) && len(field) == 10 {
			if at := stampOf(field + " " + fields[i+1]); !at.IsZero() { // a date and a time
				return at
			}
		}
		if at := stampOf(field); !at.IsZero() {
			return at
		}
	}
	for _, field := range logFields(after) {
		if strings.Contains(field, ":") { // a number there may be of bytes
			if at := stampOf(field); !at.IsZero() {
				return at
			}
		}
	}
	return time.Time{}
}

// cutQuote cuts a text at its closing quote, and undoes what servers escape.
func cutQuote(text string) (inside, rest string, ok bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			inside = text[:i]
			if strings.Contains(inside, `\`) {
				if plain, err := strconv.Unquote(`"` + inside + `"`); err == nil {
					inside = plain
				}
			}
			return inside, text[i+1:], true
		}
	}
	return "", "", false
}

// setRequest reads GET /path HTTP/1.1.
func (l *logged) setRequest(request string) bool {
	method, rest, ok := strings.Cut(request, " ")
	uri, proto, hasProto := cutLast(rest)
	if hasProto && !strings.HasPrefix(proto, "HTTP/") {
		uri = rest
	}
	l.method, l.uri = method, uri
	return ok && l.plausible()
}

func cutLast(s string) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, ' '); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// plausible reports whether this was a request that can be sent again.
func (l *logged) plausible() bool {
	if i := strings.Index(l.uri, "://"); i > 0 && i < 6 { // as a proxy logs it
		rest := l.uri[i+3:]
		if j := strings.IndexByte(rest, '/'); j >= 0 {
			l.origin, l.uri = strings.ToLower(l.uri[:i+3]+rest[:j]), rest[j:]
		} else {
			l.uri = "/"
		}
	}
	return isToken(l.method) && l.method == strings.ToUpper(l.method) && l.method != "CONNECT" && strings.HasPrefix(l.uri, "/") && len(l.uri) <= maxPath
}

func statusOf(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 100 && n <= 999
}

// stampForms are the ways in which servers write a time.
var stampForms = []string{"02/Jan/2006:15:04:05 -0700", time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006/01/02 15:04:05", http.TimeFormat, time.ANSIC}

// stampOf reads a time, or seconds or milliseconds since 1970.
func stampOf(text string) time.Time {
	for _, form := range stampForms {
		if t, err := time.Parse(form, text); err == nil {
			return t
		}
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return stampNumber(v)
	}
	return time.Time{}
}

func stampNumber(v float64) time.Time {
	if !(v < 1e20) { // nor infinite
		return time.Time{}
	}
	for v > 1e11 { // milliseconds, microseconds, nanoseconds
		v /= 1000
	}
	if v < 1e8 {
		return time.Time{}
	}
	return time.Unix(0, int64(v*1e9)).UTC()
}

// The keys of JSON logs, in the order to look for them: nginx and Apache as
// people configure them, Caddy, Traefik.
var (
	methodKeys = []string{"request_method", "method", "requestmethod", "http_method", "verb"}
	uriKeys    = []string{"request_uri", "requestpath", "uri", "url", "path", "requesturi", "http_path"}
	statusKeys = []string{"status", "downstreamstatus", "status_code", "statuscode", "response_code", "code", "originstatus", "http_status"}
	timeKeys   = []string{"startutc", "time_iso8601", "@timestamp", "timestamp", "ts", "time", "time_local", "msec", "datetime", "date"}
	hostKeys   = []string{"http_host", "requesthost", "host", "server_name", "vhost"}
	schemeKeys = []string{"scheme", "requestscheme", "http_scheme"}
)

func parseJSONLine(line string) (logged, bool) {
	var object map[string]any
	if json.Unmarshal([]byte(line), &object) != nil {
		return logged{}, false
	}
	flat := map[string]any{}
	for _, within := range []string{"http", "httprequest", "request"} {
		for key, value := range object {
			if inner, ok := value.(map[string]any); ok && strings.ToLower(key) == within {
				for k, v := range inner {
					flat[strings.ToLower(k)] = v
				}
			}
		}
	}
	for key, value := range object {
		if _, nested := value.(map[string]any); !nested {
			flat[strings.ToLower(key)] = value
		}
	}
	text := func(keys []string) string {
		for _, key := range keys {
			switch v := flat[key].(type) {
			case string:
				if v != "" && v != "-" {
					return v
				}
			case float64:
				return strconv.FormatFloat(v, 'f', -1, 64)
			}
		}
		return ""
	}
	l := logged{method: text(methodKeys), uri: text(uriKeys), at: stampOf(text(timeKeys))}
	var ok bool
	if l.status, ok = statusOf(text(statusKeys)); !ok {
		return logged{}, false
	}
	if args := text([]string{"args", "query_string", "querystring"}); args != "" && !strings.Contains(l.uri, "?") {
		l.uri += "?" + strings.TrimPrefix(args, "?")
	}
	scheme := text(schemeKeys)
	if flat["tls"] != nil || flat["tlsversion"] != nil {
		scheme = "https"
	}
	if host := text(hostKeys); host != "" && (scheme == "http" || scheme == "https") {
		l.origin = scheme + "://" + strings.ToLower(host)
	}
	if request := text([]string{"request"}); l.method == "" && request != "" {
		return l, l.setRequest(request)
	}
	return l, l.plausible()
}
