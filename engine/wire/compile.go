package wire

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
)

// compiled is a request as bytes: head, the running number if it has one, and
// the rest.
type compiled struct {
	before []byte // up to the running number; the whole request without one
	after  []byte // from behind the running number
	counts bool   // it carries the running number
	isHead bool   // its answer has no body
	closes bool   // it asks the server to close the connection
}

// Bytes returns a copy of what is sent, the running number being 0.
func (r *Request) Bytes() []byte { return r.appendTo(nil, 0) }

// size is the length with the largest running number.
func (r *Request) size() int { return len(r.before) + 20 + len(r.after) }

// appendTo appends the request as it is sent with the running number seq.
func (r *Request) appendTo(dst []byte, seq int64) []byte {
	if !r.counts {
		return append(dst, r.before...)
	}
	return append(r.appendHead(dst, seq), r.after...)
}

// appendHead appends what comes before r.after.
func (r *Request) appendHead(dst []byte, seq int64) []byte {
	return strconv.AppendInt(append(dst, r.before...), seq, 10)
}

// Compile serialises a request: the lines of the operator in their order and
// spelling, preceded by Host and User-Agent where the operator gave none. A
// Content-Length is added if there is a body or the method usually has one.
// Errors name the part of spec that cannot be sent.
func (t *HTTP1) Compile(spec Spec, seqHeader string) (*Request, error) {
	method := spec.Method
	if method == "" {
		method = "GET"
	}
	if !isToken(method) || method == "CONNECT" {
		return nil, fmt.Errorf("method %q cannot be sent", method)
	}
	uri, err := t.target.join(spec.Path)
	if err != nil {
		return nil, err
	}

	if t.way.absolute(t.target) {
		if uri == "*" {
			uri = ""
		}
		uri = "http://" + t.target.header + uri
	}

	var head fasthttp.RequestHeader
	head.DisableNormalizing()
	head.DisableSpecialHeader()
	head.SetMethod(method)
	head.SetRequestURI(uri)
	given := func(name string) bool {
		for _, h := range spec.Headers {
			if strings.EqualFold(h.Name, name) {
				return true
			}
		}
		return false
	}
	r := &Request{}
	r.isHead = method == "HEAD"
	if !given("Host") {
		head.Add("Host", t.target.header)
	}
	if !given("User-Agent") {
		head.Add("User-Agent", t.cfg.UserAgent)
	}
	if t.way.absolute(t.target) && t.way.auth != "" && !given("Proxy-Authorization") {
		head.Add("Proxy-Authorization", t.way.auth)
	}
	for _, h := range spec.Headers {
		if err := checkHeader(h, len(spec.Body)); err != nil {
			return nil, err
		}
		if strings.EqualFold(h.Name, "Connection") && hasToken(h.Value, "close") {
			r.closes = true
		}
		head.Add(h.Name, h.Value)
	}
	if !given("Content-Length") && (len(spec.Body) > 0 || method == "POST" || method == "PUT" || method == "PATCH") {
		head.Add("Content-Length", strconv.Itoa(len(spec.Body)))
	}
	if t.cfg.NoKeepAlive && !r.closes {
		head.Add("Connection", "close")
		r.closes = true
	}

	r.before = head.AppendBytes(nil)
	if seqHeader == "" {
		r.before = append(r.before, spec.Body...)
		return r, nil
	}
	if !isToken(seqHeader) || given(seqHeader) {
		return nil, fmt.Errorf("header %q cannot carry the running number", seqHeader)
	}
	r.counts = true
	end := len(r.before) - len("\r\n")
	r.before = append(r.before[:end], seqHeader+": "...)
	r.after = append([]byte("\r\n\r\n"), spec.Body...)
	return r, nil
}

// join makes the request target of a path: as written, behind the prefix.
func (t target) join(path string) (string, error) {
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == 0x7f {
			return "", fmt.Errorf("path %q: character %q must be written as %%%02X", path, c, c)
		}
	}
	switch {
	case path == "":
		if t.prefix == "" {
			return "/", nil
		}
		return t.prefix, nil
	case path == "*":
		return path, nil
	case path[0] == '?':
		if t.prefix == "" {
			return "/" + path, nil
		}
	case path[0] != '/':
		return "", fmt.Errorf("path %q: does not begin with /", path)
	}
	if i := strings.IndexByte(path, '#'); i >= 0 {
		return "", fmt.Errorf("path %q: a fragment is never sent; write %%23 for #", path)
	}
	return t.prefix + path, nil
}

func checkHeader(h Header, body int) error {
	if !isToken(h.Name) {
		return fmt.Errorf("header %q: not a header name", h.Name)
	}
	for i := range len(h.Value) {
		if c := h.Value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("header %s: character %q cannot be sent", h.Name, c)
		}
	}
	switch {
	case strings.EqualFold(h.Name, "Content-Length"):
		if h.Value != strconv.Itoa(body) {
			return fmt.Errorf("header %s: is %q, the body has %d bytes; leave the header out", h.Name, h.Value, body)
		}
	case strings.EqualFold(h.Name, "Transfer-Encoding"):
		return fmt.Errorf("header %s: bodies are sent with their length; leave the header out", h.Name)
	}
	return nil
}

// isToken reports whether s is a token of RFC 9110, 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// hasToken reports whether the comma-separated list contains the token, in any
// case.
func hasToken(list, token string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(part), token) {
			return true
		}
	}
	return false
}
