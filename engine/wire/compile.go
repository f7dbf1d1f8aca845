package wire

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
)

// compiled is a request as bytes: head, the running number if it has one, and
// the rest.
type compiled struct {
	before []byte // up to the running number; without one the whole request, but for the body of one that had holes
	after  []byte // from behind the running number, or what before leaves out
	counts bool   // it carries the running number
	isHead bool   // its answer has no body
	closes bool   // it asks the server to close the connection
	keep   Keep

	form *form     // what is to be filled; nil for a request that can be sent
	own  [2][]byte // the buffers that Fill fills, of a request made by it
}

// Bytes returns a copy of what is sent, the running number being 0 and a hole
// that is not filled being as [Hole] writes it.
func (r *Request) Bytes() []byte { return r.appendTo(nil, 0) }

// size is the length with the largest running number.
func (r *Request) size() int { return len(r.before) + 20 + len(r.after) }

// appendTo appends the request as it is sent with the running number seq.
func (r *Request) appendTo(dst []byte, seq int64) []byte {
	if !r.counts {
		return append(append(dst, r.before...), r.after...)
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
// Errors name the part of spec that cannot be sent. Where spec has holes, the
// text around them is checked here and what fills them by [Request.Fill].
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

	root := 0 // where the path begins, if that is with a hole
	if _, first := hasHole(uri); first {
		root = len(method) + len(" ")
	}
	if t.way.absolute(t.target) {
		if uri == "*" {
			uri = ""
		}
		host := "http://" + t.target.header
		if root > 0 {
			root += len(host)
		}
		uri = host + uri
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
	r.isHead, r.keep = method == "HEAD", spec.Keep
	length := strconv.Itoa(len(spec.Body))
	bodyHoles, _ := hasHole(spec.Body)
	if bodyHoles {
		length = Hole(lengthHole)
	}
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
		if err := checkHeader(h, length); err != nil {
			return nil, err
		}
		if strings.EqualFold(h.Name, "Connection") && hasToken(h.Value, "close") {
			r.closes = true
		}
		head.Add(h.Name, h.Value)
	}
	if !given("Content-Length") && (len(spec.Body) > 0 || method == "POST" || method == "PUT" || method == "PATCH") {
		head.Add("Content-Length", length)
	}
	if t.cfg.NoKeepAlive && !r.closes {
		head.Add("Connection", "close")
		r.closes = true
	}

	r.before = head.AppendBytes(nil)
	if seqHeader == "" {
		r.after = bytes.Clone(spec.Body)
		if r.takeApart(root); r.form == nil {
			r.before, r.after = append(r.before, spec.Body...), nil
		}
		return r, nil
	}
	if !isToken(seqHeader) || given(seqHeader) {
		return nil, fmt.Errorf("header %q cannot carry the running number", seqHeader)
	}
	r.counts = true
	end := len(r.before) - len("\r\n")
	r.before = append(r.before[:end], seqHeader+": "...)
	r.after = append([]byte("\r\n\r\n"), spec.Body...)
	r.takeApart(root)
	return r, nil
}

// inPath and inHeader report whether a byte may stand in a path and in a
// header's value.
func inPath(c byte) bool   { return c > ' ' && c != 0x7f }
func inHeader(c byte) bool { return c >= ' ' && c != 0x7f || c == '\t' }

// join makes the request target of a path: as written, behind the prefix unless
// it begins with a hole.
func (t target) join(path string) (string, error) {
	for i := range len(path) {
		if c := path[i]; !inPath(c) {
			return "", fmt.Errorf("path %q: character %q must be written as %%%02X", readable(path), c, c)
		}
	}
	prefix := t.prefix
	_, hole := hasHole(path)
	switch {
	case hole:
		prefix = ""
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
		return "", fmt.Errorf("path %q: does not begin with /", readable(path))
	}
	if i := strings.IndexByte(path, '#'); i >= 0 {
		return "", fmt.Errorf("path %q: a fragment is never sent; write %%23 for #", readable(path))
	}
	return prefix + path, nil
}

// checkHeader checks a header line of a request whose body has the length.
func checkHeader(h Header, length string) error {
	if !isToken(h.Name) {
		return fmt.Errorf("header %q: not a header name", h.Name)
	}
	for i := range len(h.Value) {
		if c := h.Value[i]; !inHeader(c) {
			return fmt.Errorf("header %s: character %q cannot be sent", h.Name, c)
		}
	}
	filled, _ := hasHole(h.Value)
	switch {
	case strings.EqualFold(h.Name, "Content-Length"):
		open, _ := hasHole(length)
		switch {
		case filled, open:
			return fmt.Errorf("header %s: is known when the request is filled; leave the header out", h.Name)
		case h.Value != length:
			return fmt.Errorf("header %s: is %q, the body has %s bytes; leave the header out", h.Name, h.Value, length)
		}
	case strings.EqualFold(h.Name, "Connection") && filled:
		return fmt.Errorf("header %s: is the same for every request; write it out", h.Name)
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
