package wire

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	for _, c := range []struct {
		name   string
		target string
		spec   Spec
		seq    string
		want   string
	}{
		{"least", "http://h", Spec{}, "", "GET / HTTP/1.1|Host: h|User-Agent: stoke||"},
		{"port and prefix", "http://h:81/api/", Spec{Path: "/x?a=b&c=%20"}, "", "GET /api/x?a=b&c=%20 HTTP/1.1|Host: h:81|User-Agent: stoke||"},
		{"prefix alone", "http://h/api", Spec{}, "", "GET /api HTTP/1.1|Host: h|User-Agent: stoke||"},
		{"query alone", "http://h", Spec{Path: "?q"}, "", "GET /?q HTTP/1.1|Host: h|User-Agent: stoke||"},
		{"nothing is normalised", "http://[::1]:8080", Spec{Path: "//a/../b/./%7e"}, "", "GET //a/../b/./%7e HTTP/1.1|Host: [::1]:8080|User-Agent: stoke||"},
		{"options for all", "http://h/api", Spec{Method: "OPTIONS", Path: "*"}, "", "OPTIONS * HTTP/1.1|Host: h|User-Agent: stoke||"},
		{"headers as written", "http://h", Spec{Headers: []Header{{"x-b", "1"}, {"X-A", "2"}, {"x-b", "3"}, {"Cookie", "b=1; a=2"}, {"content-type", "a/b"}, {"Empty", ""}}}, "",
			"GET / HTTP/1.1|Host: h|User-Agent: stoke|x-b: 1|X-A: 2|x-b: 3|Cookie: b=1; a=2|content-type: a/b|Empty: ||"},
		{"their own host and agent", "http://h", Spec{Headers: []Header{{"user-agent", "me"}, {"host", "other"}}}, "", "GET / HTTP/1.1|user-agent: me|host: other||"},
		{"body", "http://h", Spec{Method: "PUT", Body: []byte("hello")}, "", "PUT / HTTP/1.1|Host: h|User-Agent: stoke|Content-Length: 5||hello"},
		{"no body", "http://h", Spec{Method: "POST"}, "", "POST / HTTP/1.1|Host: h|User-Agent: stoke|Content-Length: 0||"},
		{"get with a body", "http://h", Spec{Body: []byte("x")}, "", "GET / HTTP/1.1|Host: h|User-Agent: stoke|Content-Length: 1||x"},
		{"own length", "http://h", Spec{Method: "POST", Headers: []Header{{"Content-Length", "1"}}, Body: []byte("x")}, "", "POST / HTTP/1.1|Host: h|User-Agent: stoke|Content-Length: 1||x"},
		{"running number", "http://h", Spec{Method: "POST", Body: []byte("x")}, "X-Seq", "POST / HTTP/1.1|Host: h|User-Agent: stoke|Content-Length: 1|X-Seq: 0||x"},
	} {
		tr, err := NewHTTP1(Config{Target: c.target})
		if err != nil {
			t.Fatal(err)
		}
		req, err := tr.Compile(c.spec, c.seq)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.ReplaceAll(string(req.Bytes()), "\r\n", "|"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestRunningNumber: what is sent is Bytes with the number in place, and an
// independent parser agrees.
func TestRunningNumber(t *testing.T) {
	tr, err := NewHTTP1(Config{Target: "http://h"})
	if err != nil {
		t.Fatal(err)
	}
	req, err := tr.Compile(Spec{Method: "POST", Body: []byte("hello")}, "X-Seq")
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range []int64{0, 7, 1234567890123, 1<<63 - 1} {
		text := req.appendTo(nil, seq)
		if len(text) > req.size() {
			t.Errorf("%d bytes, size says %d", len(text), req.size())
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		if got := r.Header.Get("X-Seq"); got != fmt.Sprint(seq) || string(body) != "hello" {
			t.Errorf("number %s, body %q, want %d", got, body, seq)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tr, err := NewHTTP1(Config{Target: "http://h"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec Spec
		seq  string
		part string // of the message
	}{
		{Spec{Method: "GET /"}, "", "method"},
		{Spec{Method: "CONNECT"}, "", "method"},
		{Spec{Path: "x"}, "", "path"},
		{Spec{Path: "http://other/x"}, "", "path"},
		{Spec{Path: "/a b"}, "", "%20"},
		{Spec{Path: "/a\r\nX: y"}, "", "path"},
		{Spec{Path: "/a#b"}, "", "fragment"},
		{Spec{Headers: []Header{{"", "x"}}}, "", "header"},
		{Spec{Headers: []Header{{"A b", "x"}}}, "", "header"},
		{Spec{Headers: []Header{{"A", "x\r\nB: y"}}}, "", "header A"},
		{Spec{Headers: []Header{{"Transfer-Encoding", "chunked"}}}, "", "Transfer-Encoding"},
		{Spec{Headers: []Header{{"Content-Length", "5"}}}, "", "Content-Length"},
		{Spec{}, "X Seq", "X Seq"},
		{Spec{Headers: []Header{{"x-seq", "1"}}}, "X-Seq", "X-Seq"},
	} {
		if _, err := tr.Compile(c.spec, c.seq); err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%+v: error %v, want one about %q", c.spec, err, c.part)
		}
	}
}

func TestTargetErrors(t *testing.T) {
	for target, part := range map[string]string{
		"":                   "http://",
		"host":               "http://",
		"ftp://h":            "http://",
		"http://":            "host",
		"http://h:0":         "port",
		"http://h:65536":     "port",
		"http://h:x":         "port",
		"http://u:p@h":       "Authorization",
		"http://h/?q":        "query",
		"http://h/#f":        "fragment",
		"http://b\u00fccher": "punycode",
	} {
		if _, err := NewHTTP1(Config{Target: target}); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v, want one about %q", target, err, part)
		}
	}
	if _, err := NewHTTP1(Config{Target: "https://h", CA: []byte("no")}); err == nil {
		t.Error("a CA without a certificate is accepted")
	}
}
