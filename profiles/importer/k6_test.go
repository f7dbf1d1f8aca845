package importer

import (
	"fmt"
	"strings"
	"testing"
)

// TestK6Calls: the calls of an iteration are read, with those of a batch, and no
// others.
func TestK6Calls(t *testing.T) {
	const path = "/a/long/path/with/more/than/sixty/characters/in/it/so/it/is/cut/nowhere/"
	r, err := K6(strings.NewReader(`
		export const options = {thresholds: {}, stages: [{duration: '1m', target: 5}]};
		const base = 'http://127.0.0.1:1';
		export async function setup() { const r = http.post(base + '/setup', {a: '}'}); return {token: r.json('x')}; }
		export default function (data) {
			check(http.get(`+"http.url`${base}"+path+"${data.id}`"+`), {'ok': (r) => r.status === 200});
			sleep(2);
			const all = http.batch([
				['GET', base + '/b1', null, {headers: {'x-a': '1'}}],
				['POST', base + '/b2', {k: 'v'}],
				{method: 'PUT', url: base + '/b3', body: JSON.stringify({x: 1})},
				{url: base + '/b4'},
				base + '/b5',
			]);
			http.batch({one: base + '/b6'});
			http.batch(made());
			for (let i = 0; i < 3; i++) { http.del(base + '/loop/' + i); }
		}
		export function teardown(data) { http.del(base + '/teardown'); }
	`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range r.Profile.Requests[0].Steps {
		got = append(got, fmt.Sprintf("%s %s %s %d%d%s", q.Method, q.Path, q.Think.From, len(q.Headers), len(q.Form), q.JSON))
	}
	want := []string{"GET " + path + "1 0s 00", "GET /b1 2s 10", "POST /b2 0s 01", `PUT /b3 0s 00{"x":1}`, "GET /b4 0s 00", "GET /b5 0s 00", "GET /b6 0s 00", "DELETE /loop/1 0s 00"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("steps\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	all := text(r)
	for _, note := range []string{"what setup does was left out", "what teardown does was left out", "checks were left out", "line 8: http.batch sends at once", "line 16: left out: the requests of http.batch are computed"} {
		if !strings.Contains(all, note) {
			t.Errorf("no note that %s:\n%s", note, all)
		}
	}
	if strings.Contains(all, "thresholds") {
		t.Errorf("no thresholds are told as left out:\n%s", all)
	}
}

// TestK6BadOptions: options that are no JSON are told with their place.
func TestK6BadOptions(t *testing.T) {
	_, err := K6(strings.NewReader("{\"vus\": 3,\n \"stages\": }"), Options{File: "o.json", Target: "http://127.0.0.1:1"})
	if err == nil || !strings.HasPrefix(err.Error(), "o.json:2:12: it is not the JSON that was expected") {
		t.Errorf("error %v", err)
	}
}

// TestK6Names: names that stand for lists of names, each of the one before it,
// are followed so far only: a short script is read in a short time.
func TestK6Names(t *testing.T) {
	var b strings.Builder
	b.WriteString("const a0 = 'x';\n")
	for i := range 40 {
		fmt.Fprintf(&b, "const a%d = [a%d, a%d];\n", i+1, i, i)
	}
	b.WriteString("http.get('http://127.0.0.1:1/ok'); http.post('http://127.0.0.1:1/', JSON.stringify(a40));")
	r, err := K6(strings.NewReader(b.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if steps := r.Profile.Requests[0].Steps; len(steps) != 2 || steps[0].Path != "/ok" || steps[1].JSON != "" {
		t.Errorf("%d steps, the first %s", len(steps), steps[0].Path)
	}
	if all := text(r); !strings.Contains(all, "is too long for a profile") {
		t.Error("a body that is too long was left out without a word")
	}
}

// TestK6Settings: what options say of connections and of all requests is
// carried over.
func TestK6Settings(t *testing.T) {
	r, err := K6(strings.NewReader(`{"vus": 2, "duration": "10s", "noConnectionReuse": true, "rps": 20, "insecureSkipTLSVerify": true}`), Options{Target: "https://h.test"})
	if err != nil {
		t.Fatal(err)
	}
	p := r.Profile
	if p.KeepAlive == nil || *p.KeepAlive || p.Limits.Rate != 20 || !p.TLS.Insecure {
		t.Errorf("keep-alive %v, ceiling %g, insecure %v", p.KeepAlive, p.Limits.Rate, p.TLS.Insecure)
	}
	checkMeant(t, r)
}
