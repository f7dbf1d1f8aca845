package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"
)

// maxInterim bounds the 1xx answers skipped before the final one.
const maxInterim = 16

// answer reads the whole answer and stamps it.
func (x *exchange) answer() Fault {
	s, res := x.c.sock, x.res
	for {
		first, err := x.br.Peek(1)
		if err != nil {
			return x.broken()
		}
		if s.t4 == 0 {
			return None // something lay unread under the encryption; carry knows better
		}
		res.T6 = s.last
		late := s.late // 0 without a stamp of the kernel's
		if c := first[0]; c != 'H' && c != '\r' && c != '\n' {
			return x.notHTTP(nil)
		}
		if fault := x.readHead(); fault != None {
			return fault
		}
		status := x.head.StatusCode()
		if status < 100 {
			return x.fault(HeadMalformed, "status %03d", status)
		}
		if status >= 200 || status == http.StatusSwitchingProtocols {
			res.Status, res.T7 = status, s.last
			res.Kernel = credible(late, res.T6-s.t4)
			if x.keep != nil && x.keep.head {
				x.keep.block = append(x.keep.block, x.block...)
			}
			break
		}
		if res.Interim++; res.Interim > maxInterim {
			return x.fault(HeadMalformed, "more than %d interim answers", maxInterim)
		}
		res.T6 = 0
	}
	if res.Status >= 300 || x.req.keep&KeepWait != 0 {
		res.RetryAfter = x.retryAfter()
	}
	if fault := x.body(); fault != None {
		return fault
	}
	res.T8 = s.last
	return None
}

// whole takes an answer that came with one read, repeats the header block that
// was parsed last and ends with its body, as most do. It reports false, and has
// taken nothing, if the answer must be read step by step.
func (x *exchange) whole() bool {
	s, res := x.c.sock, x.res
	b, n := x.src.begun, len(x.known)
	if n == 0 || len(b) < n || s.t4 == 0 || x.req.isHead || x.req.keep != 0 || x.keep != nil {
		return false
	}
	body := x.head.ContentLength()
	if body < 0 || len(b) != n+body || int64(body) > x.c.t.cfg.MaxBody {
		return false
	}
	// Others may have no body, whatever their header says, or are looked at closer.
	status := x.head.StatusCode()
	if status < 200 || status >= 300 || status == http.StatusNoContent || !bytes.Equal(b[:n], x.known) {
		return false
	}
	x.src.begun = nil
	res.Status, res.Body = status, int64(body)
	res.T6, res.T7, res.T8 = s.last, s.last, s.last
	res.Kernel = credible(s.late, s.last-s.t4)
	return true
}

// credible is how late a read was by the kernel's stamp, or 0, unknown: an
// answer did not arrive before its request left, nor after it was read. Who
// says so had the wall clock set meanwhile.
func credible(late, sinceSend int64) int64 {
	if late < 0 || late > sinceSend {
		return 0
	}
	return late
}

// readHead reads one header block.
func (x *exchange) readHead() Fault {
	look := x.req.isHead || x.keep != nil && x.keep.head
	if x.repeated() {
		if look {
			x.block = append(x.block[:0], x.known[:len(x.known)-len("\r\n")]...)
		}
		return None
	}
	ahead := x.remember()
	if look {
		x.lookAhead()
	}
	err := x.head.Read(x.br)
	if err == nil {
		x.learn(ahead - x.br.Buffered())
		return None
	}
	x.known = x.known[:0]
	if isSmallBuffer(err) {
		if x.br != x.small || x.c.t.cfg.MaxHeader <= x.small.Size() {
			return x.tooLarge()
		}
		x.enlarge()
		if err = x.head.Read(x.br); err == nil {
			return None
		}
		if isSmallBuffer(err) {
			return x.tooLarge()
		}
	}
	if x.src.err != nil {
		return x.broken()
	}
	return x.notHTTP(err)
}

// A target's answers mostly repeat one header block to the byte, but for the
// seconds of its date. Bytes that were just parsed need not be parsed again:
// the parser still holds what they say.

// maxKnown bounds the block that is kept for comparison.
const maxKnown = 1024

// repeated reports whether the block that comes next is the one that was parsed
// last, and takes it.
func (x *exchange) repeated() bool {
	n := len(x.known)
	if n == 0 || x.br.Buffered() < n {
		return false
	}
	if b, _ := x.br.Peek(n); !bytes.Equal(b, x.known) {
		return false
	}
	_, _ = x.br.Discard(n)
	return true
}

// remember keeps what may be the next block, and returns how many bytes are
// buffered before it is parsed.
func (x *exchange) remember() int {
	b, _ := x.br.Peek(x.br.Buffered())
	x.known = append(x.known[:0], b[:min(len(b), maxKnown)]...)
	return len(b)
}

// learn ends what remember began: the parser took n of the bytes. Unless these
// are a whole block and nothing but it, nothing is known.
func (x *exchange) learn(n int) {
	end := bytes.Index(x.known, []byte("\r\n\r\n"))
	if end < 0 || n != end+4 || x.known[0] != 'H' {
		n = 0
	}
	x.known = x.known[:n]
}

// isSmallBuffer reports whether the parser ended at the end of the buffer.
func isSmallBuffer(err error) bool {
	var small *fasthttp.ErrSmallBuffer
	return errors.As(err, &small)
}

func (x *exchange) tooLarge() Fault {
	return x.fault(HeadTooLarge, "the header is larger than %d bytes", x.c.t.cfg.MaxHeader)
}

// lookAhead waits until the whole header block is in the reader and notes what
// the parser will not tell. Whatever is wrong with the block, the parser finds.
func (x *exchange) lookAhead() {
	x.block = x.block[:0]
	for {
		b, _ := x.br.Peek(x.br.Buffered())
		block := bytes.TrimLeft(b, "\r\n") // the parser skips empty lines
		if end := bytes.Index(block, []byte("\r\n\r\n")); end >= 0 {
			x.block = append(x.block[:0], block[:end+2]...)
			return
		}
		_, err := x.br.Peek(len(b) + 1)
		if err == bufio.ErrBufferFull && x.br == x.small && x.c.t.cfg.MaxHeader > x.small.Size() {
			x.enlarge()
			continue
		}
		if err != nil {
			return
		}
	}
}

// saysClose reports whether the answer ends the connection.
func (x *exchange) saysClose() bool {
	if !x.head.ConnectionClose() {
		return x.res.Status == http.StatusSwitchingProtocols
	}
	switch n := x.head.ContentLength(); {
	case n == -2 && x.req.isHead:
		// The parser takes a missing length for a body up to the end of the
		// connection, which an answer to HEAD has not. Look for the words.
		return !blockKeeps(x.block)
	case n != -2 && !x.head.IsHTTP11():
		return !hasToken(string(x.field("Connection")), "keep-alive")
	}
	return true
}

// blockKeeps reports whether a header block leaves the connection open.
func blockKeeps(block []byte) bool {
	keeps := bytes.HasPrefix(block, []byte("HTTP/1.1"))
	for line := range bytes.SplitSeq(block, []byte("\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(bytes.TrimSpace(name), []byte("Connection")) {
			if hasToken(string(value), "close") {
				return false
			}
			keeps = keeps || hasToken(string(value), "keep-alive")
		}
	}
	return keeps
}

// enlarge goes on with a reader of the size of the largest header allowed.
func (x *exchange) enlarge() {
	x.src.begun, _ = x.small.Peek(x.small.Buffered())
	x.br = x.c.t.readers.Get().(*bufio.Reader)
	x.br.Reset(&x.src)
}

// body reads what follows the header, by the framing the header announced.
func (x *exchange) body() Fault {
	n := int64(x.head.ContentLength())
	switch status := x.res.Status; {
	case x.req.isHead, status == http.StatusNoContent, status == http.StatusNotModified, status == http.StatusSwitchingProtocols:
		return None
	case n == -1:
		return x.chunks()
	case n >= 0:
		return x.skip(n)
	}
	return x.untilEOF()
}

// skip discards n bytes of body.
func (x *exchange) skip(n int64) Fault {
	if x.res.Body+n > x.c.t.cfg.MaxBody {
		return x.bodyTooLarge()
	}
	for n > 0 {
		if x.br.Buffered() == 0 && n > int64(x.br.Size()) {
			m, err := x.readLarge(n)
			n -= m
			if err != nil && n > 0 {
				return x.broken()
			}
			continue
		}
		if x.br.Buffered() == 0 {
			if _, err := x.br.Peek(1); err != nil {
				return x.broken()
			}
		}
		n -= x.take(n)
	}
	return None
}

func (x *exchange) bodyTooLarge() Fault {
	return x.fault(BodyTooLarge, "the body is larger than %d bytes", x.c.t.cfg.MaxBody)
}

// take discards up to n buffered bytes of body.
func (x *exchange) take(n int64) int64 {
	n = min(n, int64(x.br.Buffered()))
	if x.keep != nil {
		b, _ := x.br.Peek(int(n))
		x.keep.body(b)
	}
	_, _ = x.br.Discard(int(n))
	x.res.Body += n
	return n
}

// readLarge discards up to n bytes past the reader's buffer, which is empty.
func (x *exchange) readLarge(n int64) (int64, error) {
	if x.scratch == nil {
		x.scratch = x.c.t.scratches.Get().(*[scratchSize]byte)
	}
	b := x.scratch
	m, err := x.br.Read(b[:min(n, scratchSize)])
	if x.keep != nil {
		x.keep.body(b[:m])
	}
	x.res.Body += int64(m)
	return int64(m), err
}

func (x *exchange) untilEOF() Fault {
	for {
		_, err := x.readLarge(scratchSize)
		if x.res.Body > x.c.t.cfg.MaxBody {
			return x.bodyTooLarge()
		}
		if err == io.EOF && !x.c.killed() {
			return None
		}
		if err != nil {
			return x.broken()
		}
	}
}

// chunks reads a chunked body and its trailers.
func (x *exchange) chunks() Fault {
	for {
		line, fault := x.line()
		if fault != None {
			return fault
		}
		n, ok := chunkSize(line)
		if !ok {
			return x.fault(BodyChunk, "chunk size %s", clean(line))
		}
		if n == 0 {
			break
		}
		if fault := x.skip(n); fault != None {
			return fault
		}
		if line, fault = x.line(); fault != None {
			return fault
		}
		if len(line) > 0 {
			return x.fault(BodyChunk, "chunk of %d bytes is followed by %s", n, clean(line))
		}
	}
	for size := 0; ; {
		line, fault := x.line()
		if fault != None {
			return fault
		}
		if len(line) == 0 {
			return None
		}
		if size += len(line); size > x.c.t.cfg.MaxHeader {
			return x.fault(BodyChunk, "the trailer is larger than %d bytes", x.c.t.cfg.MaxHeader)
		}
	}
}

// line reads a line of the chunk framing, without its end.
func (x *exchange) line() ([]byte, Fault) {
	line, err := x.br.ReadSlice('\n')
	if err != nil {
		if x.src.err != nil {
			return nil, x.broken()
		}
		return nil, x.fault(BodyChunk, "a line longer than %d bytes: %s", x.br.Size(), clean(line))
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), None
}

// chunkSize reads the size of a chunk in hexadecimal; extensions are ignored.
func chunkSize(line []byte) (int64, bool) {
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, " \t")
	if len(line) == 0 || len(line) > 15 {
		return 0, false
	}
	var n int64
	for _, c := range line {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		n = n<<4 | int64(c)
	}
	return n, true
}

// retryAfter reads the header of that name, in seconds, or -1. A date counts
// from the answer's Date, or from now without one.
func (x *exchange) retryAfter() int32 {
	value := x.field("Retry-After")
	if len(value) == 0 {
		return -1
	}
	if n, err := strconv.ParseUint(string(value), 10, 31); err == nil {
		return int32(n)
	}
	at, err := http.ParseTime(string(value))
	if err != nil {
		return -1
	}
	from, err := http.ParseTime(string(x.field("Date")))
	if err != nil {
		from = time.Now()
	}
	return int32(min(max(at.Sub(from)/time.Second, 0), 1<<31-1))
}

// field is the value of a header line of the answer, in any case.
func (x *exchange) field(name string) []byte {
	for k, v := range x.head.All() {
		if len(k) == len(name) && bytes.EqualFold(k, []byte(name)) {
			return v
		}
	}
	return nil
}
