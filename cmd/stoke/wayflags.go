package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"stoke/profiles"
)

// wayFlags are the flags about TLS and the way to the target.
type wayFlags struct {
	cert, key, serverName string
	tlsMin, tlsMax        choiceValue
	noResume              bool
	connectTo, unixSocket string
	proxy                 string // may hold a password: not to be shown
	source                sourceValue
	dnsTTL                ttlValue
	connectionRequests    countValue
	connectionAge         timeValue
}

func (f *wayFlags) add(fs *pflag.FlagSet) {
	f.tlsMin.allowed = []string{"1.0", "1.1", "1.2", "1.3"}
	f.tlsMax.allowed = f.tlsMin.allowed
	fs.StringVar(&f.cert, "cert", "", "show the server the client certificate in this PEM FILE; needs --key")
	fs.StringVar(&f.key, "key", "", "the key of the client certificate, a PEM FILE")
	fs.StringVar(&f.serverName, "server-name", "", "send this NAME in the TLS handshake, and look for it in the certificate (default: the target's host)")
	fs.Var(&f.tlsMin, "tls-min", "lowest version of TLS (default: the profile's, else 1.2)")
	fs.Var(&f.tlsMax, "tls-max", "highest version of TLS (default: the profile's, else 1.3)")
	fs.BoolVar(&f.noResume, "no-resume", false, "make every TLS handshake a full one")
	fs.StringVar(&f.connectTo, "connect-to", "", "open connections to this host and port; the Host header and TLS keep the target's name")
	fs.StringVar(&f.unixSocket, "unix-socket", "", "connect to this unix socket, a PATH")
	fs.Var(&f.source, "source", "address of this machine to connect from; may be repeated, used in turn")
	fs.StringVar(&f.proxy, "proxy", "", "go through this HTTP proxy")
	fs.Var(&f.dnsTTL, "dns-ttl", "look the name up so often (default: at each change of setting)")
	fs.Var(&f.connectionRequests, "connection-requests", "close a connection after so many requests")
	fs.Var(&f.connectionAge, "connection-age", "close a connection so long after it was opened")
	placeholder(fs.Lookup("cert"), "FILE")
	placeholder(fs.Lookup("key"), "FILE")
	placeholder(fs.Lookup("server-name"), "NAME")
	placeholder(fs.Lookup("connect-to"), "HOST:PORT")
	placeholder(fs.Lookup("unix-socket"), "PATH")
	placeholder(fs.Lookup("proxy"), "URL")
}

// apply puts the flags over what the profile says. The files that they name are
// read later, see files.
func (f *wayFlags) apply(p *profiles.Profile) error {
	for _, given := range []struct {
		flag, text string
		check      func(string) *profiles.Problem
	}{{"--connect-to", f.connectTo, profiles.CheckConnectTo}, {"--proxy", f.proxy, profiles.CheckProxy}} {
		if given.text == "" {
			continue
		}
		if problem := given.check(given.text); problem != nil {
			return &usageError{msg: given.flag + ": " + problem.Msg, hint: problem.Hint}
		}
	}
	set(&p.TLS.ServerName, f.serverName)
	set(&p.TLS.Min, f.tlsMin.word)
	set(&p.TLS.Max, f.tlsMax.word)
	if f.noResume {
		p.TLS.Resume = new(bool)
	}
	if f.connectTo != "" || f.unixSocket != "" || f.proxy != "" { // one way, so a flag replaces another of the profile
		p.ConnectTo, p.UnixSocket, p.Proxy = f.connectTo, f.unixSocket, f.proxy
	}
	if len(f.source) > 0 {
		p.Source = f.source
	}
	set(&p.DNSTTL, time.Duration(f.dnsTTL.timeValue))
	set(&p.Connections.MaxRequests, int(f.connectionRequests))
	set(&p.Connections.MaxAge, time.Duration(f.connectionAge))
	return nil
}

// ttlValue is a length of time of at least a second.
type ttlValue struct{ timeValue }

// Set implements pflag.Value.
func (v *ttlValue) Set(text string) error {
	if err := v.timeValue.Set(text); err != nil {
		return err
	}
	if time.Duration(v.timeValue) < profiles.MinDNSTTL {
		return errors.New("looking the name up more than once a second would be load on the name server: want 1s or more")
	}
	return nil
}

// sourceValue gathers addresses.
type sourceValue []netip.Addr

// Set implements pflag.Value.
func (v *sourceValue) Set(text string) error {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsUnspecified() || addr.IsMulticast() {
		return fmt.Errorf("%q is no address to connect from: want one of this machine's, like 127.0.0.2", text)
	}
	*v = append(*v, addr.Unmap())
	return nil
}

// String implements pflag.Value.
func (v *sourceValue) String() string {
	var all []string
	for _, a := range *v {
		all = append(all, a.String())
	}
	return strings.Join(all, ", ")
}

// Type implements pflag.Value.
func (v *sourceValue) Type() string { return "ADDRESS" }
