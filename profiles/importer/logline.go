package importer

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// logged is what one line of an access log says of a request.
type logged struct {
	method, uri string
	status      int
	at          time.Time // zero if not known
	origin      string    // scheme://host, if the line says both
}

// parseLine reads a line of the common or the combined format, with whatever
// stands before the time and behind the status, or an object of a JSON log.
func parseLine(line string) (logged, bool) {
	if strings.HasPrefix(line, "{") {
		return parseJSONLine(line)
	}
	if i := strings.Index(line, "{\""); i > 0 && i < 80 && strings.HasSuffix(line, "}") { // behind the prefix of a collector
		return parseJSONLine(line[i:])
	}
	_, rest, ok := strings.Cut(line, "[")
	stamp, rest, ok2 := strings.Cut(rest, "]")
	_, rest, ok3 := strings.Cut(rest, `"`)
	if !ok || !ok2 || !ok3 {
		return logged{}, false
	}
	request, rest, ok := cutQuote(rest)
	fields := strings.Fields(rest)
	if !ok || len(fields) == 0 {
		return logged{}, false
	}
	l := logged{at: stampOf(stamp)}
	if l.status, ok = statusOf(fields[0]); !ok {
		return logged{}, false
	}
	return l, l.setRequest(request)
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
