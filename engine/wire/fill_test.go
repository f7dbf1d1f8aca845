package wire

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"stoke/engine/wire/wiretest"
)

// values fills hole n with the n-th text, and has none beyond.
func values(texts ...string) func([]byte, int) ([]byte, bool) {
	return func(dst []byte, n int) ([]byte, bool) {
		if n >= len(texts) {
			return nil, false
		}
		return append(dst, texts[n]...), true
	}
}

func plainTransport(t testing.TB, cfg Config) *HTTP1 {
	t.Helper()
	tr, err := NewHTTP1(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestFill: a filled request is to the byte what Compile makes of the same
// texts written out.
func TestFill(t *testing.T) {
	long := strings.Repeat("long ", 5000)
	for _, c := range []struct {
		name   string
		target string
		proxy  string
		spec   func(hole func(int) string) Spec
		values [][]string
	}{
		{"path", "http://h/api", "", func(h func(int) string) Spec { return Spec{Path: "/a/" + h(0) + "?q=" + h(1)} },
			[][]string{{"1", "2"}, {"", ""}, {"%2F", strings.Repeat("x", 300)}}},
		{"path behind a proxy", "http://h/api", "http://p:1", func(h func(int) string) Spec { return Spec{Path: "/a/" + h(0)} }, [][]string{{"1"}}},
		{"a query only", "http://h", "", func(h func(int) string) Spec { return Spec{Path: "?" + h(0)} }, [][]string{{"a=b"}}},
		{"header", "http://h", "", func(h func(int) string) Spec {
			return Spec{Headers: []Header{{"Cookie", "a=" + h(0) + "; b=" + h(1) + h(0)}, {"Host", "x" + h(1)}, {"X", "\tö"}}}
		}, [][]string{{"1", "2"}, {"tab\tbed", "ö"}, {"", ""}}},
		{"body", "http://h", "", func(h func(int) string) Spec {
			return Spec{Method: "POST", Body: []byte(h(0) + "{" + h(1) + "}" + h(2))}
		}, [][]string{{"a", "b", "c"}, {"", "", ""}, {"\r\n\r\n", "\x00", long}, {"short", "again", ""}}},
		{"body of a GET", "http://h", "", func(h func(int) string) Spec { return Spec{Body: []byte(h(0))} }, [][]string{{"0123456789"}}},
		{"a body without holes", "http://h", "", func(h func(int) string) Spec {
			return Spec{Method: "PUT", Path: "/" + h(0), Body: []byte("body \xff\xfe\xff\xfehole \xff\xfeholex\xff \xff\xfehole")}
		}, [][]string{{"1"}}},
		{"all", "https://h", "", func(h func(int) string) Spec {
			return Spec{Method: "PATCH", Path: "/" + h(12), Headers: []Header{{"A", h(3)}}, Body: []byte(h(12) + h(3))}
		}, [][]string{{12: "twelve", 3: "three"}, {12: long[:4], 3: "3"}}},
	} {
		tr := plainTransport(t, Config{Target: c.target, Proxy: c.proxy})
		for _, seqHeader := range []string{"", "X-Seq"} {
			req, err := tr.Compile(c.spec(Hole), seqHeader)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if !req.Holes() {
				t.Errorf("%s: no holes", c.name)
			}
			var into Request
			for _, texts := range c.values {
				want, err := tr.Compile(c.spec(func(n int) string { return texts[n] }), seqHeader)
				if err != nil {
					t.Fatal(c.name, err)
				}
				if !req.Fill(&into, values(texts...)) {
					t.Errorf("%s %q: not filled", c.name, texts)
					continue
				}
				if into.Holes() || into.isHead != want.isHead || into.closes != want.closes {
					t.Errorf("%s: %+v, want %+v", c.name, into.compiled, want.compiled)
				}
				for _, seq := range []int64{0, 1<<63 - 1} {
					got, want := into.appendTo(nil, seq), want.appendTo(nil, seq)
					if !bytes.Equal(got, want) {
						t.Errorf("%s %s:\n got %.300q\nwant %.300q", c.name, seqHeader, got, want)
					}
					if len(got) > into.size() {
						t.Errorf("%s: %d bytes, size says %d", c.name, len(got), into.size())
					}
				}
			}
		}
	}
}

// TestFillLeavesOut: a header line that is a hole and nothing else is not sent
// without a value; one with other text is.
func TestFillLeavesOut(t *testing.T) {
	tr := plainTransport(t, Config{Target: "http://h"})
	spec := Spec{Method: "PUT", Headers: []Header{{"Cookie", Hole(0)}, {"A", "a: " + Hole(1)}, {"B", Hole(2) + "b"}, {"C", Hole(3)}, {"D", Hole(4)}}, Body: []byte(Hole(5))}
	for _, c := range []struct {
		values []string
		want   string
	}{
		{[]string{"0", "1", "2", "3", "4", "5"}, "Cookie: 0|A: a: 1|B: 2b|C: 3|D: 4|Content-Length: 1|X-Seq: 0||5"},
		{[]string{"", "", "", "", "", ""}, "A: a: |B: b|Content-Length: 0|X-Seq: 0||"},
		{[]string{"", "", "", "", "4", "body"}, "A: a: |B: b|D: 4|Content-Length: 4|X-Seq: 0||body"},
	} {
		req, err := tr.Compile(spec, "X-Seq")
		if err != nil {
			t.Fatal(err)
		}
		var into Request
		if !req.Fill(&into, values(c.values...)) {
			t.Fatal("not filled")
		}
		if got := strings.ReplaceAll(string(into.Bytes()), "\r\n", "|"); got != "PUT / HTTP/1.1|Host: h|User-Agent: stoke|"+c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.values, got, c.want)
		}
	}
}

// TestFillDefends: no value breaks a request apart, and what Fill refuses is
// never sent.
func TestFillDefends(t *testing.T) {
	tr := plainTransport(t, Config{Target: "http://h"})
	// Whatever the byte, one request comes out or none.
	for c := range 256 {
		value := "a" + string([]byte{byte(c)}) + "b"
		for where, spec := range map[string]Spec{
			"path":   {Path: "/" + Hole(0)},
			"header": {Path: "/x", Headers: []Header{{"A", Hole(0)}}},
			"body":   {Method: "POST", Path: "/x", Body: []byte(Hole(0))},
		} {
			var into Request
			ok := compile(t, tr, spec).Fill(&into, values(value))
			bad := c < ' ' || c == 0x7f
			switch where {
			case "path":
				bad = bad || c == ' ' || c == '#'
			case "header":
				bad = bad && c != '\t'
			case "body":
				bad = false
			}
			if ok == bad {
				t.Errorf("%s with %q: filled %v", where, byte(c), ok)
			}
			if !ok {
				if !into.Holes() {
					t.Errorf("%s with %q: refused, and could be sent", where, byte(c))
				}
				continue
			}
			r := bufio.NewReader(bytes.NewReader(into.Bytes()))
			got, err := http.ReadRequest(r)
			if err != nil {
				if c < 0x80 && c != '%' { // what a URL or an older text of HTTP does not want still splits nothing
					t.Errorf("%s with %q: %v", where, byte(c), err)
				}
				continue
			}
			_, _ = io.Copy(io.Discard, got.Body)
			if r.Buffered() != 0 || len(got.Header) > 3 {
				t.Errorf("%s with %q: split: %v", where, byte(c), got.Header)
			}
		}
	}
	// A whole path begins with a slash, and is not put behind the prefix.
	tr = plainTransport(t, Config{Target: "http://h/api", Proxy: "http://p:1"})
	req := compile(t, tr, Spec{Path: Hole(0) + Hole(1)})
	for _, c := range []struct{ a, b, want string }{
		{"/jobs/1", "", "GET http://h/jobs/1 HTTP/1.1\r\n"}, {"", "/x", "GET http://h/x HTTP/1.1\r\n"},
		{"", "", ""}, {"@other/", "", ""}, {"http://other/", "", ""}, {".other/", "", ""},
	} {
		var into Request
		ok := req.Fill(&into, values(c.a, c.b))
		if ok != (c.want != "") || ok && !strings.HasPrefix(string(into.Bytes()), c.want) {
			t.Errorf("%q %q: %v %q, want %q", c.a, c.b, ok, into.Bytes(), c.want)
		}
	}
	// Values that are not there, also after a request that was filled.
	var into Request
	req = compile(t, tr, Spec{Path: "/" + Hole(0), Body: []byte(Hole(1))})
	if !req.Fill(&into, values("a", "b")) || req.Fill(&into, values("a")) || !into.Holes() {
		t.Error("a hole without a value")
	}
	if static := compile(t, tr, Spec{Path: "/s"}); static.Holes() || !static.Fill(&into, nil) || !bytes.Equal(into.Bytes(), static.Bytes()) {
		t.Error("a request without holes is not itself")
	}
}

// TestUnfilled: a request whose holes were not filled does not leave.
func TestUnfilled(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		tr, s := server(t, m, wiretest.Options{})
		c := connection(t, tr, nil)
		want(t, do(t, c, compile(t, tr, Spec{})), None)
		res := do(t, c, compile(t, tr, Spec{Path: "/" + Hole(0)}))
		want(t, res, Unfilled)
		want(t, do(t, c, compile(t, tr, Spec{})), None)
		if s.Arrived() != 2 {
			t.Errorf("%d requests arrived", s.Arrived())
		}
	})
}

func TestCompileHoleErrors(t *testing.T) {
	tr := plainTransport(t, Config{Target: "http://h"})
	for _, c := range []struct {
		spec Spec
		part string
	}{
		{Spec{Path: "/a b" + Hole(0)}, `"/a b${…}"`},
		{Spec{Path: "x" + Hole(0)}, `"x${…}"`},
		{Spec{Path: Hole(0) + "#x"}, "fragment"},
		{Spec{Method: Hole(0)}, "method"},
		{Spec{Headers: []Header{{Hole(0), "x"}}}, "header name"},
		{Spec{Headers: []Header{{"A", "\r\n" + Hole(0)}}}, "header A"},
		{Spec{Headers: []Header{{"Content-Length", Hole(0)}}}, "leave the header out"},
		{Spec{Headers: []Header{{"Content-Length", "5"}}, Body: []byte(Hole(0))}, "leave the header out"},
		{Spec{Headers: []Header{{"connection", Hole(0)}}}, "write it out"},
		{Spec{Headers: []Header{{"Transfer-Encoding", Hole(0)}}}, "Transfer-Encoding"},
	} {
		if _, err := tr.Compile(c.spec, ""); err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%q: error %v, want one about %q", c.spec, err, c.part)
		}
	}
}

// TestFilledOnTheWire: filled requests of every size arrive whole, one after
// the other on one connection from one buffer.
func TestFilledOnTheWire(t *testing.T) {
	everyWay(t, func(t *testing.T, m manner) {
		type got struct{ head, body string }
		arrived := make(chan got, 1)
		tr, _ := script(t, m, func(p *wiretest.Peer) {
			for {
				head, body := p.Whole()
				if head == "" {
					return
				}
				arrived <- got{head, body}
				p.Send(hello)
			}
		})
		c := connection(t, tr, nil)
		for _, fixed := range []bool{false, true} { // whether the body has no holes
			for _, seqHeader := range []string{"", "X-Seq"} {
				spec := Spec{Method: "POST", Path: "/" + Hole(0), Headers: []Header{{"A", Hole(1)}}, Body: []byte("<" + Hole(2) + ">")}
				if fixed {
					spec.Body = bytes.Repeat([]byte("fixed"), 100_000)
				}
				req, err := tr.Compile(spec, seqHeader)
				if err != nil {
					t.Fatal(err)
				}
				var into Request
				for i, size := range []int{10, largeRequest + 100, 3 << 20, 0, 200} {
					body := strings.Repeat("b", size)
					if !req.Fill(&into, values(fmt.Sprint(i), "v", body)) {
						t.Fatal("not filled")
					}
					body = "<" + body + ">"
					if fixed {
						body = string(spec.Body)
					}
					res := do(t, c, &into)
					want(t, res, None)
					g := <-arrived
					if !strings.HasPrefix(g.head, fmt.Sprintf("POST /%d HTTP/1.1\r\n", i)) || header(g.head, "A") != "v" ||
						header(g.head, "Content-Length") != fmt.Sprint(len(body)) || g.body != body || seqHeader != "" && header(g.head, seqHeader) != "0" {
						t.Fatalf("request %d: %q with %d bytes, want %d", i, g.head, len(g.body), len(body))
					}
					if !m.secure && res.Out != int64(len(g.head)+len(body)) {
						t.Errorf("%d bytes out, %d arrived", res.Out, len(g.head)+len(body))
					}
				}
			}
		}
	})
}

// threeHoles is a request with three placeholders, and what fills them.
func threeHoles() (Spec, func([]byte, int) ([]byte, bool)) {
	return Spec{
		Method:  "POST",
		Path:    "/carts/" + Hole(0) + "/items?page=1",
		Headers: []Header{{"Content-Type", "application/json"}, {"Authorization", "Bearer " + Hole(1)}},
		Body:    []byte(`{"product":"` + Hole(2) + `","count":1,"note":"a text of some length that stays as it is"}`),
	}, values("8472-b", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "SKU-0001")
}

func TestFillAllocations(t *testing.T) {
	spec, value := threeHoles()
	tr := plainTransport(t, Config{Target: "http://h"})
	for _, seqHeader := range []string{"", "X-Seq"} {
		req, err := tr.Compile(spec, seqHeader)
		if err != nil {
			t.Fatal(err)
		}
		into := &Request{}
		if n := testing.AllocsPerRun(1000, func() {
			if !req.Fill(into, value) {
				t.Fatal("not filled")
			}
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	spec, value := threeHoles()
	tr := plainTransport(b, Config{Target: "http://h"})
	req, into := compile(b, tr, spec), &Request{}
	b.ReportAllocs()
	for b.Loop() {
		if !req.Fill(into, value) {
			b.Fatal("not filled")
		}
	}
}
