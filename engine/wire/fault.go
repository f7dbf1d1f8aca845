package wire

// Fault is why an exchange has no complete answer: a phase and what happened
// in it. The numbers are not saved; the names, from String, are.
type Fault uint8

// The faults.
const (
	None Fault = iota
	DNSNotFound
	DNSFailed
	DNSTimeout
	DialRefused
	DialUnreachable
	DialTimeout
	DialNoPort // this machine ran out of ports
	DialNoFile // this machine ran out of descriptors
	DialProxy  // the proxy did not open the way
	DialOther
	TLSTimeout
	TLSCertificate
	TLSHostname
	TLSAlert
	TLSProtocol
	WriteReset
	WritePipe
	WriteTimeout
	Stale // a kept connection closed under the request: a race with the server's idle timeout
	WaitTimeout
	WaitReset
	WaitEOF
	HeadTimeout
	HeadReset
	HeadEOF
	HeadMalformed
	HeadTooLarge
	BodyTimeout
	BodyReset
	BodyShort
	BodyChunk
	BodyTooLarge
	Killed   // ended by Kill(Cancelled)
	Withheld // the gate said no; nothing was sent
	Unfilled // a hole of the request had no value, or one that cannot stand there; nothing was sent
	NumFaults
)

var faultNames = [NumFaults]string{
	None: "", DNSNotFound: "dns:nxdomain", DNSFailed: "dns:servfail", DNSTimeout: "dns:timeout",
	DialRefused: "dial:refused", DialUnreachable: "dial:unreachable", DialTimeout: "dial:timeout",
	DialNoPort: "dial:no-port", DialNoFile: "dial:no-fd", DialProxy: "dial:proxy", DialOther: "dial:other",
	TLSTimeout: "tls:timeout", TLSCertificate: "tls:cert", TLSHostname: "tls:hostname", TLSAlert: "tls:alert", TLSProtocol: "tls:protocol",
	WriteReset: "write:reset", WritePipe: "write:pipe", WriteTimeout: "write:timeout", Stale: "stale",
	WaitTimeout: "wait:timeout", WaitReset: "wait:reset", WaitEOF: "wait:eof",
	HeadTimeout: "head:timeout", HeadReset: "head:reset", HeadEOF: "head:eof", HeadMalformed: "head:malformed", HeadTooLarge: "head:too-large",
	BodyTimeout: "body:timeout", BodyReset: "body:reset", BodyShort: "body:short", BodyChunk: "body:chunk-malformed", BodyTooLarge: "body:too-large",
	Killed: "killed", Withheld: "withheld", Unfilled: "request:value",
}

// String is the name in results: "wait:timeout".
func (f Fault) String() string { return faultNames[f] }

// Local reports whether this machine, not the target, caused the fault.
func (f Fault) Local() bool { return f == DialNoPort || f == DialNoFile }

// BeforeSend reports whether the request had not begun to leave.
func (f Fault) BeforeSend() bool {
	return f > None && f <= TLSProtocol || f == Withheld || f == Unfilled
}
