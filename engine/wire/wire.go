package wire

import (
	"context"
	"net/netip"
	"time"
)

// Config says how to reach the target. The zero value of a field means its
// default.
type Config struct {
	// Epoch is the zero of all stamps, which are nanoseconds since then.
	Epoch time.Time
	// Target is the base URL: scheme, host, port and an optional path prefix.
	Target string
	// Insecure accepts any certificate. CA holds PEM certificates to trust in
	// addition to the system's.
	Insecure bool
	CA       []byte
	// NoKeepAlive opens a connection for each request and closes it after.
	NoKeepAlive bool
	// MaxHeader bounds the header of an answer (default 64 KiB), MaxBody its
	// body (default 1 TiB); beyond them a request ends as too-large.
	MaxHeader int
	MaxBody   int64
	// Resolve looks a host up. The default asks the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// UserAgent is sent unless a request names its own.
	UserAgent string
	// KeepMost bounds the bytes of body kept for a request that asks for them
	// (default 1 MiB); what is beyond is read and counted, and not kept.
	KeepMost int
	// NoResume makes every TLS handshake a full one; otherwise a connection
	// offers the session the one before it was given.
	NoResume bool
	// MinTLS and MaxTLS bound the version of TLS, as tls.VersionTLS12.
	MinTLS, MaxTLS uint16
	// ServerName is sent in the TLS handshake, and looked for in the
	// certificate, in place of the target's host.
	ServerName string
	// Cert and Key are the PEM text of the client's certificate and its key;
	// both or none.
	Cert, Key []byte

	// ConnectTo is a host:port to which connections are opened in place of the
	// target's, whose name stays in the Host header and in TLS.
	ConnectTo string
	// UnixSocket is the path of a socket to connect to.
	UnixSocket string
	// Source are the addresses of this machine from which connections are
	// opened, used in turn.
	Source []netip.Addr
	// Proxy is the URL of an HTTP proxy, http://user:password@host:port. An
	// https target is reached by CONNECT, an http target by absolute URLs. No
	// error or text of this package shows the user or the password.
	Proxy string

	// MaxRequests and MaxAge are after how many requests, and how long after it
	// was opened, a kept connection is closed by us between two requests. 0 is
	// never.
	MaxRequests int
	MaxAge      time.Duration

	// KernelStamps is the share of connections, from 0 (none) to 1, of whose
	// answers the kernel is asked when it received them: [Result.Kernel]. Only
	// Linux tells. A connection that is not chosen costs nothing more, but while
	// one that is chosen is open the kernel stamps every packet of the machine.
	KernelStamps float64

	// Crashed, if it is not nil, is called on the goroutine of this package that
	// panicked, with the value and the stack, in place of the program's end.
	Crashed func(v any, stack []byte)
}

// Header is one header line, sent as written, in order.
type Header struct{ Name, Value string }

// Spec is a request as the operator wrote it.
type Spec struct {
	Method  string // default GET
	Path    string // path and query, joined to the target's path
	Headers []Header
	Body    []byte
	Keep    Keep // what of the answer Result.Head and Result.Content hold
}

// Keep says what of an answer is kept for its reader.
type Keep uint8

// What may be kept; the values may be combined.
const (
	KeepHead Keep = 1 << iota // the header block of the final answer
	KeepBody                  // the beginning of the body, up to Config.KeepMost, decoded from its chunks and not decompressed
	KeepWait                  // Retry-After, of whatever status; it is always kept from 300 on
)

// Request is a request compiled to bytes. It is immutable and shared by all
// connections.
type Request struct {
	compiled
}

// Transport makes connections to one target. Its methods may be called from
// any goroutine.
type Transport interface {
	// Compile serialises a request once. With a seqHeader, each exchange adds a
	// header line of that name with the running number given to Do.
	Compile(spec Spec, seqHeader string) (*Request, error)
	// Conn returns a closed connection that asks gate before each send.
	Conn(gate Gate) Conn
	// Resolve looks the target up now and keeps the addresses for dials to
	// come, used in turn. It returns them for display.
	Resolve(ctx context.Context) ([]netip.AddrPort, error)
	// Start sets the zero of stamps, in place of Config.Epoch, for connections
	// made from now on.
	Start(epoch time.Time)
	// Protocol names what is spoken: "HTTP/1.1", with TLS version and cipher
	// once a handshake was made.
	Protocol() string
	// Close forgets the target; connections still open are not closed by it.
	Close() error
}

// Gate is asked directly before the first byte of a request is written. Depart
// gets the T4 that will be recorded. If it returns false nothing is written and
// the exchange ends as [Withheld]. It is called on the goroutine that called
// Do, and must not block.
type Gate interface {
	Depart(t4 int64) bool
}

// Conn is the connection of one slot.
type Conn interface {
	// Do sends req and reads the whole answer, opening or replacing the
	// connection if needed, and fills res, whose previous content is
	// overwritten. seq is the running number for the sequence header. Only
	// the owner calls it. It allocates nothing on a kept connection.
	Do(req *Request, seq int64, res *Result)
	// Kill makes a Do that is under way end soon (1 ms) with a fault of the
	// phase it is in and the cause given; a dial is cancelled, a blocked write
	// or read is woken. Between two Dos it closes the connection. Any
	// goroutine may call it, but not while another Do may have begun: the
	// caller sees to it that the owner waits for Kill to return.
	// With abort the connection is reset (linger 0), so that bytes already
	// handed to the kernel do not leave either.
	Kill(cause Cause, abort bool)
	// Nudge looks, without reading, whether a waiting Do has missed an answer
	// or an end of stream, and wakes it if so. Any goroutine may call it.
	Nudge()
	// Close closes the connection if it is open. Only the owner calls it.
	Close()
	// Open reports whether a connection is open. Only the owner calls it.
	Open() bool
}

// Result is what became of one exchange. Stamps are nanoseconds since
// Config.Epoch, 0 if not reached; definitions are those of measure.Sample. T3
// stays 0 on a kept connection, where it is the caller's T2: nothing was
// opened. T5 stays 0 if the answer was complete before the request was wholly
// written. T8 is always set.
type Result struct {
	T3, T4, T5, T6, T7, T8 int64
	DNS, Connect, TLS      int64 // durations of the parts of opening a connection, 0 if kept

	Status     int            // 0 without a complete header
	In, Out    int64          // bytes read and written on the socket for this exchange, TLS included as it is on the wire
	Body       int64          // bytes of body, after chunk decoding
	RetryAfter int32          // seconds, dates converted; -1 if none
	Interim    int            // 1xx answers skipped
	Fault      Fault          // None if the answer is complete
	Detail     string         // the fault in words, for a sample message; empty without a fault
	Head       []byte         // the status and header lines, each with its CR LF, if the request keeps them; valid until the connection's next Do
	Content    []byte         // the beginning of the body if the request keeps it, with a fault what came of it; the same
	Kernel     int64          // how much later T6 is than the kernel's stamp of what was read at T6; 0 if unknown. See [Config.KernelStamps]
	Remote     netip.AddrPort // invalid for a unix socket
	Address    uint8          // index of Remote in [Facts.Addresses]

	Opened      bool // a connection was opened in this exchange
	Reused      bool // the connection had carried a request before
	Reconnected bool // a kept connection was found dead before the send and replaced
	Retired     bool // a kept connection was closed by us before the send: for its age, or by a Kill between two requests
	Early       bool // the answer began before the request was wholly written
	Closed      bool // the connection was closed at the end
	Resumed     bool // the TLS handshake resumed a session
}

// Facts are what a transport knows of its connections so far.
type Facts struct {
	// Full and Resumed count TLS handshakes since Start.
	Full, Resumed int64
	// Addresses are those that were dialled, in the order of their first dial:
	// what Result.Address is an index of. The first, which is invalid, stands
	// for none, and for all beyond [MaxAddresses].
	Addresses []netip.AddrPort
	// Fixed says that the target is at one address for good: it was written as
	// one, or is a unix socket.
	Fixed bool
}

// MaxAddresses is how many addresses of a target are told apart.
const MaxAddresses = 64

// Cause says why a request was killed.
type Cause uint8

// The causes.
const (
	Timeout Cause = iota + 1
	Cancelled
)
