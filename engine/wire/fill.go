package wire

// Hole returns the text that stands, in the path, a header's value or the body
// of a [Spec], for hole number n, which [Request.Fill] fills. It is not valid
// UTF-8, so no text of an operator holds it.
func Hole(n int) string { return "" }

// Holes reports whether the request has holes to fill before it is sent.
func (r *Request) Holes() bool { return false }

// Fill makes into the request as it is to be sent: the text of r with value's
// text in each hole and the right Content-Length. value appends the text of
// hole n to dst and returns it; it must keep to what may stand there. into is
// the caller's, its buffer is used again, and it may be sent until the next
// Fill. It reports false, and into is not to be sent, if value reported false.
// It allocates nothing once the buffer has grown.
func (r *Request) Fill(into *Request, value func(dst []byte, n int) ([]byte, bool)) bool {
	return false
}
