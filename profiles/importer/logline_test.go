package importer

import "testing"

// TestLogLines: lines of the formats that people configure are read, whatever
// stands between, before and behind what matters.
func TestLogLines(t *testing.T) {
	const stamp = "2026-11-24T10:00:00Z"
	for _, line := range []string{
		`203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 204 12 "-" "an \"agent\" [x] 500"`,
		`203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "GET /a?b=c" 204 12`,
		`203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] 0.003 "GET /a?b=c" 204 12`,
		`[2001:db8::1] - - [24/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/2.0" 204 12`,
		`203.0.113.7 - "a [b] \"c" [24/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 204 12`,
		`203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "shop.example.test" "GET /a?b=c HTTP/1.1" 204 12`,
		`203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] 204 "GET /a?b=c HTTP/1.1" 12 0.1`,
		`203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 0.003 204 12`,
		`2026-11-24T10:00:00+00:00 203.0.113.7 "GET /a?b=c HTTP/1.1" 204 12 0.003`,
		`2026-11-24 10:00:00 203.0.113.7 "GET /a?b=c HTTP/1.1" 204 12 0.003`,
		`203.0.113.7 "GET /a?b=c HTTP/1.1" 204 123456789012 2026-11-24T10:00:00+00:00`,
		`203.0.113.7|2026-11-24T10:00:00+00:00|GET /a?b=c HTTP/1.1|204|12|0.003`,
		`203.0.113.7;1795514400.000;GET /a?b=c HTTP/1.1;204;12`,
		`1795514400.000 203.0.113.7 "GET /a?b=c HTTP/1.1" 204`,
		`h2 2026-11-24T10:00:00.000000Z app/lb/50d 192.0.2.1:2817 10.0.0.1:80 0.086 0.048 204 204 0 57 "GET https://h.test:443/a?b=c HTTP/1.1" "curl/7.46.0" ECDHE TLSv1.2`,
	} {
		got, ok := parseLine(line)
		if !ok || got.method != "GET" || got.uri != "/a?b=c" || got.status != 204 || got.at.UTC().Format("2006-01-02T15:04:05Z07:00") != stamp {
			t.Errorf("%v %+v of %s", ok, got, line)
		}
	}
	for _, line := range []string{
		``, `"`, `[]""`, `GET / HTTP/1.1`, `"GET / HTTP/1.1"`, `a "GET / HTTP/1.1" b`, `[x] "\x16\x03" 400 1`, `204 GET /a`, `"GET / HTTP/1.1 204`, `204 "GET  HTTP/1.1"`,
	} {
		if got, ok := parseLine(line); ok {
			t.Errorf("%+v of %s", got, line)
		}
	}
}
