package wire

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
)

// A hole is written as holeBegin, its number and holeEnd.
const (
	holeBegin = "\xff\xfehole"
	holeEnd   = "\xff"

	noHole     = -1            // of the last piece
	lengthHole = math.MaxInt32 // the length of the body; no hole of a caller's has this number
	maxDigits  = 9             // of a number
)

// errUnfilled says that a request with holes was to be sent.
var errUnfilled = errors.New("the request has holes that were not filled")

// Hole returns the text that stands, in the path, a header's value or the body
// of a [Spec], for hole number n, which [Request.Fill] fills; n is from 0 to
// 999999999. The text is not valid UTF-8, so no text of an operator holds it.
//
// A path that begins with a hole is the whole of it: the target's prefix is not
// put before it. What decides how a request is framed cannot be filled in: the
// headers Connection and Content-Length. A header line whose whole value is one
// hole is left out if that is filled with nothing.
func Hole(n int) string { return holeBegin + strconv.Itoa(n) + holeEnd }

// Holes reports whether the request has holes to fill before it is sent.
func (r *Request) Holes() bool { return r.form != nil }

// form is a request with holes, in pieces.
type form struct {
	line, head []piece // the request line; the lines behind it
	body       []piece // what follows the running number or the header; nil if it has no holes
	frame      int     // bytes of the body's pieces that are not the body's
	root       int     // where the line must have a slash, if the path begins with a hole
}

// piece is a text and the number of the hole behind it.
type piece struct {
	text []byte
	hole int
	line int // of a header: the bytes of text that go as well if the hole, all of a value, is filled with nothing
}

// Fill makes into the request as it is to be sent: the text of r with value's
// text in each hole and the right Content-Length. value appends the text of
// hole n to dst and returns it; it must keep to what may stand there. into is
// the caller's, its buffers are used again, and it may be sent until the next
// Fill. It allocates nothing once the buffers have grown.
//
// It reports false, and into is not sent, if value reported false or its text
// would break the request apart: in the path a blank, a control character or
// #, in a header a control character other than a tab, in the place of a whole
// path one that does not begin with a slash. A request without holes is made
// into as it is.
func (r *Request) Fill(into *Request, value func(dst []byte, n int) ([]byte, bool)) bool {
	own, f := into.own, r.form
	into.compiled = r.compiled
	into.own = own
	if f == nil {
		return true
	}
	head, tail := own[0][:0], r.after
	ok := true
	if f.body != nil {
		tail, ok = render(own[1][:0], f.body, 0, value, nil)
		into.own[1] = tail
	}
	if ok {
		head, ok = render(head, f.line, 0, value, &notInPath)
	}
	if ok && f.root > 0 {
		ok = head[f.root] == '/' // there is a blank and the version behind the path
	}
	if ok {
		head, ok = render(head, f.head, len(tail)-f.frame, value, &notInHeader)
	}
	into.own[0] = head
	if ok {
		into.before, into.after, into.form = head, tail, nil
	}
	return ok
}

// render appends the pieces with their holes filled. It reports false if value
// did or a hole was filled with a byte of bad.
func render(dst []byte, pieces []piece, length int, value func([]byte, int) ([]byte, bool), bad *[256]bool) ([]byte, bool) {
	for i := range pieces {
		p := &pieces[i]
		dst = append(dst, p.text...)
		switch p.hole {
		case noHole:
			continue
		case lengthHole:
			dst = strconv.AppendInt(dst, int64(length), 10)
			continue
		}
		from := len(dst)
		filled, ok := value(dst, p.hole)
		if !ok || len(filled) < from {
			return dst, false
		}
		dst = filled
		if len(dst) == from {
			dst = dst[:from-p.line]
			continue
		}
		if bad == nil {
			continue
		}
		for _, c := range dst[from:] {
			if bad[c] {
				return dst, false
			}
		}
	}
	return dst, true
}

// notInPath and notInHeader are the bytes that end a path and a header's value
// before their time, or that no path and no value has.
var notInPath, notInHeader = func() (path, header [256]bool) {
	for c := range path {
		header[c] = !inHeader(byte(c))
		path[c] = !inPath(byte(c)) || c == '#'
	}
	return path, header
}()

// takeApart makes a request with holes ready to be filled. root is as in form.
func (r *Request) takeApart(root int) {
	end := bytes.Index(r.before, []byte("\r\n"))
	f := &form{line: pieces(r.before[:end]), head: pieces(r.before[end:]), body: pieces(r.after), root: root}
	if len(f.body) == 1 {
		f.body = nil
	}
	for i := range f.head[:len(f.head)-1] {
		if bytes.HasPrefix(f.head[i+1].text, []byte("\r\n")) {
			f.head[i].line = nameOnly(f.head[i].text)
		}
	}
	if r.counts {
		f.frame = len("\r\n\r\n")
	}
	if len(f.line)+len(f.head) > 2 || f.body != nil {
		r.form = f
	}
}

// nameOnly is how many bytes at the end of a text of header lines are the end of
// one line and the name of the next, without any of its value; 0 if there is
// some.
func nameOnly(text []byte) int {
	at := bytes.LastIndex(text, []byte("\r\n"))
	if at < 0 || bytes.Index(text[at:], []byte(": ")) != len(text)-at-len(": ") {
		return 0
	}
	return len(text) - at
}

// pieces cuts a text at its holes; the last piece has none.
func pieces(text []byte) []piece {
	var all []piece
	for {
		at, n, length := findHole(text)
		if length == 0 {
			return append(all, piece{text: text, hole: noHole})
		}
		all = append(all, piece{text: text[:at], hole: n})
		text = text[at+length:]
	}
}

// findHole finds the first hole of a text: where it is, its number and its
// length, which is 0 if there is none.
func findHole[T []byte | string](text T) (at, n, length int) {
	for s := string(text); ; {
		i := strings.Index(s[at:], holeBegin)
		if i < 0 {
			return 0, 0, 0
		}
		at += i
		digits, _, ok := strings.Cut(s[at+len(holeBegin):min(len(s), at+len(holeBegin)+maxDigits+2)], holeEnd)
		number, err := strconv.ParseUint(digits, 10, 31)
		if ok && err == nil && (len(digits) <= maxDigits || number == lengthHole) {
			return at, int(number), len(holeBegin) + len(digits) + len(holeEnd)
		}
		at++
	}
}

// hasHole reports whether a text has a hole, and whether it begins with one.
func hasHole[T []byte | string](text T) (has, first bool) {
	at, _, length := findHole(text)
	return length > 0, length > 0 && at == 0
}

// readable is a text of a [Spec] as a message shows it.
func readable(text string) string {
	var b strings.Builder
	for {
		at, _, length := findHole(text)
		if length == 0 {
			return b.String() + text
		}
		b.WriteString(text[:at] + "${…}")
		text = text[at+length:]
	}
}
