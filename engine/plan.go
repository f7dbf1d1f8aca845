package engine

import (
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"stoke/engine/wire"
	"stoke/profiles"
	"stoke/profiles/answer"
)

// The ceilings that hold when neither the profile nor a flag gives one: ample
// for a target on this machine, careful for any other.
const (
	localRate, localConcurrency   = 100_000, 10_000
	remoteRate, remoteConcurrency = 1_000, 256
)

// defaultRate is the rate of a run whose plan names none, per second.
const defaultRate = 10

// endpoint is one request of the profile, or one step of a scenario, compiled.
type endpoint struct {
	name     string
	path     string // as the profile writes it
	spec     wire.Spec
	req      *wire.Request
	script   *script // that it is part of
	holes    []hole
	expect   []profiles.StatusRange
	checks   []answer.Test
	captures []capture
	think    profiles.Think // before it, in a scenario
	retry    *retries       // nil: never sent again
	job      *job           // nil: the answer is the end of it
}

// expects reports whether a status is one that the profile accepts.
func (e *endpoint) expects(status int) bool {
	if len(e.expect) == 0 {
		return status >= 200 && status < 400
	}
	for _, r := range e.expect {
		if status >= r.From && status <= r.To {
			return true
		}
	}
	return false
}

// Spec is a request of the profile as it goes to the wire: its own headers
// after the profile's, of which it replaces those with the same name, and the
// content type of a JSON body unless one is given.
func Spec(p *profiles.Profile, q *profiles.Request) wire.Spec {
	spec := wire.Spec{Method: q.Method, Path: q.Path, Body: []byte(q.Body)}
	own := map[string]bool{}
	for _, h := range q.Headers {
		own[strings.ToLower(h.Name)] = true
	}
	for _, h := range p.Headers {
		if !own[strings.ToLower(h.Name)] {
			own[strings.ToLower(h.Name)] = true
			spec.Headers = append(spec.Headers, wire.Header(h))
		}
	}
	for _, h := range q.Headers {
		spec.Headers = append(spec.Headers, wire.Header(h))
	}
	if q.JSON != "" {
		spec.Body = []byte(q.JSON)
		if !own["content-type"] {
			spec.Headers = append(spec.Headers, wire.Header{Name: "Content-Type", Value: "application/json"})
		}
	}
	return spec
}

// TransportConfig is how a profile reaches its target, with what its files
// hold.
func TransportConfig(p *profiles.Profile, files profiles.Files) wire.Config {
	return wire.Config{
		Target:      p.Target,
		Insecure:    p.TLS.Insecure,
		CA:          files.CA,
		Cert:        files.Cert,
		Key:         files.Key,
		ServerName:  p.TLS.ServerName,
		MinTLS:      tlsVersions[p.TLS.Min],
		MaxTLS:      tlsVersions[p.TLS.Max],
		NoResume:    p.TLS.Resume != nil && !*p.TLS.Resume,
		NoKeepAlive: p.KeepAlive != nil && !*p.KeepAlive,
		MaxRequests: p.Connections.MaxRequests,
		MaxAge:      p.Connections.MaxAge,
		ConnectTo:   p.ConnectTo,
		UnixSocket:  files.Socket,
		Source:      p.Source,
		Proxy:       p.Proxy,
	}
}

// tlsVersions are the versions as a profile writes them.
var tlsVersions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// Destination is the host that a profile's load reaches, which need not be the
// target's, and whether that is this machine. A proxy is loaded as well: both
// must be this machine.
func Destination(p *profiles.Profile) (host string, local bool) {
	host = hostName(p.Target)
	switch {
	case p.UnixSocket != "":
		return "localhost", true
	case p.ConnectTo != "":
		host = hostName("tcp://" + p.ConnectTo)
	case p.Proxy != "" && isLoopback(host):
		host = hostName(p.Proxy)
	case p.Proxy != "":
		return host, false
	}
	return host, isLoopback(host)
}

func hostName(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// IsLocal reports whether the target's host names this machine: localhost or a
// loopback address. A name that resolves to loopback does not count.
func IsLocal(target string) bool { return isLoopback(hostName(target)) }

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// hostOf is the host and port of an address, without a port that goes without
// saying.
func hostOf(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	if host, port, err := net.SplitHostPort(u.Host); err == nil && (u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443") {
		return host
	}
	return u.Host
}

// ceilingOf is the lowest of what the profile, the flags and the kind of target
// allow.
func ceilingOf(p *profiles.Profile, flags Ceiling) Ceiling {
	c := Ceiling{Rate: remoteRate, Concurrency: remoteConcurrency}
	if _, local := Destination(p); local {
		c = Ceiling{Rate: localRate, Concurrency: localConcurrency}
	}
	// What somebody wrote down replaces the careful default, in either direction.
	switch {
	case p.Limits.Rate > 0 && flags.Rate > 0:
		c.Rate = min(p.Limits.Rate, flags.Rate)
	case p.Limits.Rate > 0 || flags.Rate > 0:
		c.Rate = max(p.Limits.Rate, flags.Rate)
	}
	switch {
	case p.Limits.Concurrency > 0 && flags.Concurrency > 0:
		c.Concurrency = min(p.Limits.Concurrency, flags.Concurrency)
	case p.Limits.Concurrency > 0 || flags.Concurrency > 0:
		c.Concurrency = max(p.Limits.Concurrency, flags.Concurrency)
	}
	return c
}
