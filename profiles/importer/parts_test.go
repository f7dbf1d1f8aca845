package importer

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"stoke/profiles/grammar"
)

// TestSplitWindows: a command line is split as programs on Windows split it.
func TestSplitWindows(t *testing.T) {
	for _, c := range []struct {
		text   string
		chrome bool
		want   []string
	}{
		{text: `curl "a b" c`, want: []string{"curl", "a b", "c"}},
		{text: `a "b \"c\" d"`, want: []string{"a", `b "c" d`}},
		{text: `a "b ""c"" d"`, want: []string{"a", `b "c" d`}},
		{text: `C:\x\y "d:\e\\" f`, want: []string{`C:\x\y`, `d:\e\`, "f"}},
		{text: `\\host\share`, want: []string{`\\host\share`}},
		{text: `"{\"a\":\"1\\n2\\\\3\\\"\"}"`, chrome: true, want: []string{`{"a":"1\n2\\3\""}`}},
		{text: `a ""`, want: []string{"a", ""}},
	} {
		if got, open := splitWindows(c.text, c.chrome); !slices.Equal(got, c.want) || open {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	if _, open := splitWindows(`a "b`, false); !open {
		t.Error("an open quote was not seen")
	}
	lines := cmdLines("curl a ^\r\n b & curl ^\"c^&d^\" \"e & f\"\r\n")
	if got := fmt.Sprint(lines); got != `[{1 curl a  b} {2 curl "c&d" "e & f"}]` {
		t.Errorf("lines %s", got)
	}
}

// requestsOf is how many requests phases ask for.
func requestsOf(t *testing.T, r *Result) float64 {
	t.Helper()
	now, sum := 0.0, 0.0
	for _, p := range r.Profile.Phases {
		switch p.Verb {
		case grammar.Rate:
			sum += p.Over.Seconds() * (now + p.Amount.Value) / 2
			now = p.Amount.Value
		case grammar.Hold:
			sum += p.For.Seconds() * now
		default:
			t.Fatalf("the phase %s", p.Change)
		}
	}
	return sum
}

// TestAccessLogPace: the phases ask for as many requests as the log has, times
// the scale, in as long as it lasts; the log may be compressed.
func TestAccessLogPace(t *testing.T) {
	var log bytes.Buffer
	z := gzip.NewWriter(&log)
	total := 0
	for s := range 1800 {
		n := int(20 + 15*math.Sin(float64(s)/200))
		total += n
		stamp := time.Date(2026, 3, 4, 10, 0, s, 0, time.UTC).Format("02/Jan/2006:15:04:05 -0700")
		for i := range n {
			fmt.Fprintf(z, "203.0.113.1 - - [%s] \"GET /products/%d HTTP/1.1\" 200 1\n", stamp, i)
		}
	}
	z.Close()
	for _, scale := range []float64{1, 3} {
		r, err := AccessLog(bytes.NewReader(log.Bytes()), Options{Target: "http://127.0.0.1:1", Scale: scale})
		if err != nil {
			t.Fatal(err)
		}
		want := scale * float64(total)
		if got := requestsOf(t, r); math.Abs(got-want) > 0.05*want {
			t.Errorf("scale %g: %.0f requests in phases, %.0f in the log\n%s", scale, got, want, r.Text)
		}
		if n := len(r.Profile.Phases); n > 20 || r.Profile.PlanLength() != 30*time.Minute {
			t.Errorf("%d phases of %s", n, r.Profile.PlanLength())
		}
	}
}

// endlessLog is a log of different paths, as long as it is read.
type endlessLog struct {
	n    int
	rest string
}

func (e *endlessLog) Read(b []byte) (int, error) {
	if e.rest == "" {
		e.n++
		e.rest = fmt.Sprintf("h - - [04/Mar/2026:10:00:00 +0000] \"GET /p%dx/%d HTTP/1.1\" 200 1\n", e.n%40000, e.n)
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestAccessLogBounds: what is remembered does not grow with the log.
func TestAccessLogBounds(t *testing.T) {
	l := &logReader{mix: newMix("access log", Options{}), shapes: map[string]*shape{}, origins: map[string]int{}}
	if err := l.read(io.LimitReader(&endlessLog{}, 30<<20)); err != nil {
		t.Fatal(err)
	}
	if len(l.shapes) > maxShapes || l.rows > maxAllRows || l.others == 0 || len(l.pace.buckets) != 1 {
		t.Errorf("%d shapes, %d rows, %d others, %d buckets", len(l.shapes), l.rows, l.others, len(l.pace.buckets))
	}
}

// TestCurvePlus: the sum of two curves is the sum of their rates at any time,
// jumps included.
func TestCurvePlus(t *testing.T) {
	s := time.Second
	a := curve{{0, 10}, {10 * s, 20}}
	b := curve{{0, 0}, {4 * s, 0}, {4 * s, 5}, {12 * s, 5}}
	sum := a.plus(b)
	for _, c := range []struct {
		at     time.Duration
		behind bool
		want   float64
	}{{2 * s, false, 12}, {4 * s, false, 14}, {4 * s, true, 19}, {10 * s, false, 25}, {10 * s, true, 5}, {11 * s, true, 5}} {
		if got := sum.at(c.at, c.behind); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("at %s, behind %t: %g, want %g (%v)", c.at, c.behind, got, c.want, sum)
		}
	}
}

// TestTemplateLiteralsAreTexts: the // of a URL in backticks begins no comment.
func TestTemplateLiteralsAreTexts(t *testing.T) {
	r, err := K6(strings.NewReader("const id = 7 // `one`\nhttp.get(`http://127.0.0.1:1/a//b/${id}`) // http.get('http://127.0.0.1:1/no')\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if q := r.Profile.Requests; len(q) != 1 || q[0].Path != "/a//b/7" {
		t.Errorf("requests %+v, notes %v", q, r.Notes)
	}
}

// TestRefsStayInTheFolder: a document cannot make the import read a network or
// a file outside of its folder.
func TestRefsStayInTheFolder(t *testing.T) {
	folder := fstest.MapFS{"a.yaml": {Data: []byte("S: {type: string}")}}
	for ref, ok := range map[string]bool{"a.yaml#/S": true, "../a.yaml#/S": false, "/etc/passwd": false, "http://127.0.0.1:1/a.yaml#/S": false, "file:///etc/passwd": false} {
		text := "openapi: 3.0.0\ninfo: {title: a, version: '1'}\npaths: {/: {post: {requestBody: {content: {application/json: {schema: {$ref: '" + ref + "'}}}}, responses: {}}}}"
		_, err := OpenAPI(strings.NewReader(text), Options{Target: "http://127.0.0.1:1", Folder: folder})
		if (err == nil) != ok {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

// TestSecretsLeaveNoTrace: a secret stands neither in the profile, nor in a
// note, nor in an error, wherever an input had it.
func TestSecretsLeaveNoTrace(t *testing.T) {
	const secret = "canary-S3cr3t/value+1"
	for _, c := range []struct{ kind, input string }{
		{"curl", "curl http://h/ -H 'Authorization: Digest SECRET'"},
		{"curl", "curl http://h/ -H 'X-My-Token: SECRET' -A 'tool SECRET'"},
		{"curl", "curl --oauth2-bearer SECRET http://h/"},
		{"curl", "curl -u ann:SECRET http://h/SECRET?x=SECRET"},
		{"curl", "curl http://ann:SECRET@h:99999999/"},
		{"curl", "curl -x http://ann:SECRET@proxy.test:1 -E cert.pem:SECRET https://h/"},
		{"curl", "curl https://h/ -d 'api_key=SECRET' ; curl https://h/a -d 'note=SECRET'"},
		{"curl", `curl https://h/ --json '{"a":[{"refreshToken":"SECRET"}],"b":"SECRET","SECRET":1}'`},
		{"curl", `curl https://h/ --json '{"a":"{\"password\":\"SECRET\"}"}'`},
		{"curl", "curl https://h/ -F 'password=SECRET' -F 'x=SECRET'"},
		{"curl", "curl https://h/ -b 'a=SECRET' --cookie-jar SECRET"},
		{"curl", "curl https://h/ -d '<a><clientSecret>SECRET</clientSecret></a>' -H 'content-type: text/xml'"},
		{"curl", "TOKEN=SECRET; curl https://h/ -H \"Authorization: Bearer $TOKEN\""},
		{"vegeta", "GET http://h/?sig=SECRET\nX-Api-Key: SECRET"},
		{"vegeta", "GET ftp://h/?sig=SECRET\n\nGET http://h/"},
		{"vegeta", "GET http://h/\n\nAuthorization: SECRET"},
		{"accesslog", "h - - [04/Mar/2026:10:00:00 +0000] \"GET /a?token=SECRET HTTP/1.1\" 200 1\nh - - [04/Mar/2026:10:00:00 +0000] \"GET /b?x=SECRET HTTP/1.1\" 200 1\nh - - [04/Mar/2026:10:00:00 +0000] \"GET /b?x=2 HTTP/1.1\" 200 1\npassword=SECRET"},
		{"k6", "import http from 'k6/http'; const password = 'SECRET'; export const options = {vus: 1, SECRET: 2}; http.post('http://h/login', {password: password}); http.get('http://h/SECRET')"},
		{"har", `{"log":{"entries":[{"request":{"method":"GET","url":"http://h/?access_token=SECRET","headers":[{"name":"Referer","value":"http://h/?access_token=SECRET"},{"name":"set-cookie","value":"SECRET"}]},"response":{"status":200}}]}}`},
	} {
		input := strings.ReplaceAll(c.input, "SECRET", secret)
		r, err := importers[c.kind](strings.NewReader(input), Options{File: "in"})
		all := fmt.Sprint(err)
		if err == nil {
			all = text(r)
		}
		for _, part := range []string{"S3cr3t"} {
			if strings.Contains(all, part) {
				t.Errorf("%s %s: left in\n%s", c.kind, c.input, all)
			}
		}
	}
}

// TestBrokenGzip: what begins like gzip and is none is told, also through two
// readers that look for it.
func TestBrokenGzip(t *testing.T) {
	_, err := AccessLog(Plain(strings.NewReader("\x1f\x8b no gzip")), Options{File: "a.gz", Target: "http://127.0.0.1:1"})
	if err == nil || err.Error() != "a.gz: it cannot be read: gzip: invalid header" {
		t.Errorf("error %v", err)
	}
}
