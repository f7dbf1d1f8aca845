package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// FuzzAnswer reads any bytes as an answer. Nothing may panic, every fault has
// words for it, and where net/http reads the same bytes without complaint, it
// counts the same body.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		hello, chunkedHead + "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n" + hello, "HTTP/1.0 200 OK\r\n\r\nhello", "HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 429 X\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", 5000) + "\r\n\r\n",
		"SSH-2.0-OpenSSH\r\n", "\x15\x03\x01\x00\x02\x02\x46", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	t, err := NewHTTP1(Config{Target: "http://h"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(tb *testing.T, data []byte, isHead bool) {
		req := &Request{}
		req.isHead = isHead
		res := &Result{RetryAfter: -1}
		x := &exchange{parser: newParser(readerSize)}
		x.c, x.req, x.res, x.keep = &conn{t: t, sock: &socket{t4: 1, t5: 2, last: 3}}, req, res, &capture{most: 100, head: true}
		x.src.r = bytes.NewReader(data)
		x.br.Reset(&x.src)
		fault := x.answer()
		if (fault == None) != (res.Detail == "") {
			tb.Fatalf("fault %q with detail %q", fault, res.Detail)
		}
		if int64(len(x.keep.data)) != min(res.Body, 100) {
			tb.Fatalf("kept %d of %d bytes", len(x.keep.data), res.Body)
		}
		if fault != None {
			return
		}
		status, body, err := oracle(data, isHead)
		if err == nil && (status != res.Status || body != res.Body) {
			tb.Fatalf("status %d, body %d; net/http says %d, %d", res.Status, res.Body, status, body)
		}
	})
}

// oracle reads an answer with net/http.
func oracle(data []byte, isHead bool) (status int, body int64, err error) {
	r := bufio.NewReader(bytes.NewReader(data))
	method := "GET"
	if isHead {
		method = "HEAD"
	}
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return 0, 0, err
		}
		if resp.StatusCode < 100 {
			return 0, 0, errors.New("no status") // fasthttp takes 000 for 200
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			body, err = io.Copy(io.Discard, resp.Body)
			return resp.StatusCode, body, err
		}
	}
}
